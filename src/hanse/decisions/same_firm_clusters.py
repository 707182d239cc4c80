"""Which pairs make which firms?

Average linkage inside connected components: two groups become one firm as long as their records, pair by pair, on
average speak for it. One wrong pair does not tie two firms together. What people decided holds whatever the weights say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

CLIP = 15.0  # bits beyond which a pair says no more for or against a group
APART = (
    -500.0
)  # what a pair weighs that is known to be two firms, and is looked at only because a third record is like both
VETO = -20.0  # bits under which a pair stands for two firms, whatever else its group has in common
MISSING = -15.0  # what a pair weighs that no key brought together, or that was far below all others
LARGEST = 2_000  # records of a component; larger ones are cut at higher weights first


def clusters(
    rows: int,
    left: Ints,
    right: Ints,
    weight: Floats,
    together: Sequence[tuple[int, int]] = (),
    apart: Sequence[tuple[int, int]] = (),
    *,
    cut: float = 0.0,
) -> Ints:
    """For each record the smallest position of a record of the same firm. `cut` are the bits from which on average a group is one."""
    decided = tied(rows, together)
    label = np.arange(rows, dtype=np.int64)
    vetoes = {(min(decided[a], decided[b]), max(decided[a], decided[b])) for a, b in apart}
    bound: dict[int, list[int]] = {}
    if together:
        for record, group in enumerate(decided):
            bound.setdefault(int(group), []).append(record)
    _split(left, right, weight, cut, decided, vetoes, label, cut)
    return label if not together else _merged(label, bound)


def _merged(label: Ints, bound: Mapping[int, Sequence[int]]) -> Ints:
    """Records that people put together, whose group was only one of them so far."""
    rows = len(label)
    pairs = [(members[0], other) for members in bound.values() for other in members[1:]]
    pairs += [(record, int(label[record])) for record in range(rows)]
    return tied(rows, pairs)


def tied(rows: int, pairs: Iterable[tuple[int, int]]) -> Ints:
    """For each record the smallest one that the pairs tie it to."""
    listed = list(pairs)
    if not listed:
        return np.arange(rows, dtype=np.int64)
    a, b = np.array(listed, dtype=np.int64).T
    return _smallest(connected_components(coo_matrix((np.ones(len(a)), (a, b)), shape=(rows, rows)), directed=False)[1])


def _smallest(label: Ints) -> Ints:
    first = np.full(int(label.max()) + 1, len(label), dtype=np.int64)
    np.minimum.at(first, label, np.arange(len(label)))
    return first[label]


def _split(
    left: Ints,
    right: Ints,
    weight: Floats,
    least: float,
    decided: Ints,
    vetoes: set[tuple[int, int]],
    label: Ints,
    cut: float,
) -> None:
    """Finds the firms among the records of these pairs, and writes them into `label`."""
    a, b = decided[left], decided[right]
    strong = weight >= least
    rows = len(label)
    graph = coo_matrix((np.ones(int(strong.sum())), (a[strong], b[strong])), shape=(rows, rows))
    component = connected_components(graph, directed=False)[1].astype(np.int64)
    inside = (component[a] == component[b]) & (a != b)
    a, b, weight = a[inside], b[inside], weight[inside]
    order = np.lexsort((b, a, component[a]))
    a, b, weight = a[order], b[order], weight[order]
    of = component[a]
    edges = np.flatnonzero(np.r_[True, of[1:] != of[:-1], True]) if len(of) else np.array([0], dtype=np.int64)
    for start, end in pairwise(edges):
        x, y, w = a[start:end], b[start:end], weight[start:end]
        members = np.unique(np.concatenate((x, y)))
        if len(members) > LARGEST and least < CLIP:
            _split(x, y, w, least + 3.0, decided, vetoes, label, cut)
        elif len(members) > LARGEST:
            label[members] = members.min() if not vetoes else members
        else:
            _component(members, x, y, w, vetoes, label, cut)


def _component(
    members: Ints, x: Ints, y: Ints, weight: Floats, vetoes: set[tuple[int, int]], label: Ints, cut: float
) -> None:
    """The firms of one component."""
    size = len(members)
    i, j = np.searchsorted(members, x), np.searchsorted(members, y)
    if size == 2 and not vetoes:
        if weight.mean() >= cut:
            label[members] = members[0]
        return
    total, count = np.zeros((size, size)), np.zeros((size, size))
    np.add.at(total, (i, j), weight)
    np.add.at(count, (i, j), 1)
    total, count = total + total.T, count + count.T
    matrix = np.where(count > 0, total / np.maximum(count, 1), MISSING)
    matrix = _contested(matrix)
    clipped = np.where(matrix < VETO, 4 * VETO, np.clip(matrix, -CLIP, CLIP)) - cut
    matrix = np.where(count == 0, MISSING, np.minimum(clipped, CLIP))
    forbidden = (
        [(p, q) for p in range(size) for q in range(p) if (int(members[q]), int(members[p])) in vetoes]
        if vetoes
        else []
    )
    if forbidden:
        groups = _with_vetoes(matrix, forbidden)
    else:
        upper = np.triu_indices(size, 1)
        groups = fcluster(linkage(np.round(CLIP - matrix[upper], 6), "average"), CLIP, "distance")
    for group in np.unique(groups):
        one = members[groups == group]
        label[one] = one.min()


def _contested(matrix: Floats) -> Floats:
    """What two records weigh where one of them may as well be a third one's firm, which is known not to be the other's.

    A record that leaves its trade out is no more like one sister than like the other: it is neither's, unless something else tells.
    """
    chances = np.exp2(np.clip(matrix, -60, 60))
    np.fill_diagonal(chances, 0)
    against = (matrix < VETO).astype(np.float64)
    if not against.any():
        return matrix
    lost = np.log2(1 + chances @ against)  # row b, column a: what b has in common with those that are not a's firm
    return np.where(matrix > 0, matrix - np.maximum(lost, lost.T), matrix)


def _with_vetoes(matrix: Floats, forbidden: Sequence[tuple[int, int]]) -> Ints:
    """Average linkage that never puts two records together of which people said that they are not the same."""
    size = len(matrix)
    group = np.arange(size, dtype=np.int64)
    mean, members = matrix.copy(), np.ones(size)
    np.fill_diagonal(mean, -np.inf)
    for p, q in forbidden:
        mean[p, q] = mean[q, p] = -np.inf
    while True:
        p, q = (int(at) for at in np.unravel_index(int(mean.argmax()), mean.shape))
        if mean[p, q] < 0:
            return group
        p, q = min(p, q), max(p, q)
        joined = (mean[p] * members[p] + mean[q] * members[q]) / (members[p] + members[q])
        mean[p], mean[:, p] = joined, joined
        mean[p, p] = -np.inf
        mean[q], mean[:, q] = -np.inf, -np.inf
        members[p] += members[q]
        group[group == group[q]] = group[p]
