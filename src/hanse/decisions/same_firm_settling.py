"""What does the list as a whole say: how many of its pairs are matches, and how do these look where nothing else has taught it?

How likely chance shows a likeness is known, so that whatever likely pairs show beyond it are matches: expectation maximisation over all of
them finds their number, and for comparisons that no group of records taught also how often matches show each level.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hanse.decisions.same_firm_weights import Model

Floats = npt.NDArray[np.float64]

_STRENGTH = 40  # matches that what is usual counts as
_FARTHEST = 3.0  # times that m may be from what is usual: fields are not independent, and what looks like a class of matches may be a language
_ROUNDS = 60
_NEAR = 1e-7  # how far a weight may be from its level's


@dataclass(frozen=True)
class Settled:
    """`prior` in bits, and how far it is from the one that the pairs were weighed with."""

    prior: float
    shift: float


def settle(db: Any, pairs: str, model: Model, taught: Collection[str], rows: int) -> Settled:
    """Finds the prior, corrects the m of comparisons that are not `taught`, and the weights in the table `pairs`."""
    first = float(np.log2((1 / max(rows, 2)) / (1 - 1 / max(rows, 2)))) if rows > 2 else 0.0
    learning = [n for n, one in enumerate(model.evidence) if one.name not in taught and not one.chance]
    levels = [level_of(model, n) for n in learning]
    got = db.execute(
        f"SELECT match_weight{''.join(f', {level} AS level_{n}' for n, level in zip(learning, levels, strict=True))} "
        f"FROM {pairs} ORDER BY ALL"
    ).fetchnumpy()
    bits = np.asarray(got["match_weight"], np.float64) - first
    at = {n: np.asarray(got[f"level_{n}"], np.int64) for n in learning}
    possible = rows * (rows - 1) / 2
    usual = {n: np.array(model.m[n]) for n in learning}
    share = share_of_matches(bits, possible)
    for _ in range(_ROUNDS if learning else 0):
        odds = share / (1 - share)
        factors = np.exp2(np.clip(bits, -60, 60))
        likely = factors * odds / (1 + factors * odds)
        moved = 0.0
        for n in learning:
            now, m = np.array(model.m[n]), _learned(model, n, at[n], likely, usual[n])
            step = np.log2(m / now)
            bits += np.append(step, 0.0)[at[n]]
            moved = max(moved, float(np.abs(step).max()))
            model.m[n] = [float(value) for value in m]
        share = share_of_matches(bits, possible)
        if moved < 0.01:
            break
    steps = {n: np.log2(np.array(model.m[n]) / usual[n]) for n in learning}
    if learning:
        corrected(db, pairs, model, levels, steps)
    prior = float(np.log2(share / (1 - share)))
    return Settled(round(prior, 4), round(prior - first, 4))


def level_of(model: Model, number: int) -> str:
    """SQL: which level of a comparison a pair shows, best first; one more than there are where nothing was said."""
    name = model.evidence[number].name.replace(" ", "_")
    bits = np.log2(np.array(model.m[number]) / np.array(model.u[number]))
    cases = " ".join(f"WHEN abs(mw_{name} - ({float(b)!r})) < {_NEAR} THEN {level}" for level, b in enumerate(bits))
    return f"CASE {cases} ELSE {len(bits)} END"


def _learned(model: Model, number: int, at: npt.NDArray[np.int64], likely: Floats, usual: Floats) -> Floats:
    """m of each level as the likely matches show it, beside what is usual; fixed levels stay as they are."""
    seen = np.bincount(at, weights=likely, minlength=len(usual) + 1)[: len(usual)]
    fixed = np.array([*(level.fixed is not None for level in model.evidence[number].levels), False])
    free = ~fixed
    m = usual.copy()
    m[free] = np.maximum(
        (seen[free] + _STRENGTH * usual[free]) / (seen[free].sum() + _STRENGTH * usual[free].sum()), 1e-4
    )
    m[free] = np.clip(m[free], usual[free] / _FARTHEST, usual[free] * _FARTHEST)
    m[free] *= usual[free].sum() / m[free].sum()
    m = np.round(m, 6) + 1e-7 * np.arange(len(m))
    return np.where(fixed, usual, m)


def corrected(db: Any, pairs: str, model: Model, levels: Sequence[str], steps: Mapping[int, Floats]) -> None:
    """Adds to the table of pairs what each level of a comparison, by its number, weighs more than before. `levels` are as of before."""
    changed, total = [], ["match_weight"]
    for (n, step), level in zip(steps.items(), levels, strict=True):
        name = model.evidence[n].name.replace(" ", "_")
        by_level = f"[{', '.join(repr(float(s)) for s in (*step, 0.0))}][{level} + 1]"
        changed.append(f"mw_{name} + {by_level} AS mw_{name}")
        total.append(by_level)
    db.execute(
        f"CREATE OR REPLACE TABLE {pairs} AS SELECT * REPLACE ({', '.join(changed)}, {' + '.join(total)} AS match_weight) FROM {pairs}"
    )


def share_of_matches(bits: Floats, possible: float) -> float:
    """The probability that two records of the list are one firm, such that the weights and it agree.

    `bits` are the weights of all likely pairs without a prior; `possible` is the number of pairs of the list.
    """
    share: float = 0.2 / max(possible, 1) ** 0.5
    factors = np.exp2(np.clip(bits, -60, 60))
    for _ in range(60):
        odds = share / (1 - share)
        agreed = float((factors * odds / (1 + factors * odds)).sum()) / max(possible, 1)
        agreed = min(max(agreed, 0.1 / max(possible, 10)), 0.5)
        if abs(agreed - share) < 1e-6 * share:
            break
        share = agreed
    return share
