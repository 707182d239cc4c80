"""What do people's decisions teach about the weights?

The pairs that people decide are the doubtful ones, so that counting what they show would mislead. What each likeness weighs is moved instead, by
as little as makes the weights agree with the decisions: a logistic regression that starts from the weights there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanse.decisions.same_firm_settling import Settled, corrected, level_of
from hanse.decisions.same_firm_weights import Model

Floats = npt.NDArray[np.float64]

LEAST = 30  # decisions from which on they teach
_FREEDOM = 1.0  # how far a weight may move: the standard deviation of what is expected, in nats
_STEPS = 30
_BIT = float(np.log(2))


def teach(db: Any, pairs: str, model: Model, settled: Settled, decided: Sequence[tuple[str, str, bool]]) -> Settled:
    """Moves the weights in the model and in the table `pairs`, and the prior, where enough of these pairs are decided."""
    levels = [level_of(model, number) for number in range(len(model.evidence))]
    answers = {(min(a, b), max(a, b)): same for a, b, same in decided}
    keys = sorted(answers)
    listed = pa.table({"one": [a for a, _ in keys], "other": [b for _, b in keys], "same": [answers[k] for k in keys]})
    db.register("same_firm_said", listed)
    got = db.execute(
        f"SELECT match_weight, same, {', '.join(f'{level} AS level_{n}' for n, level in enumerate(levels))} FROM {pairs} "
        "JOIN same_firm_said ON one = least(unique_id_l, unique_id_r) AND other = greatest(unique_id_l, unique_id_r) ORDER BY one, other"
    ).fetchnumpy()
    db.unregister("same_firm_said")
    if len(got["same"]) < LEAST:
        return settled
    sizes = [len(m) for m in model.m]
    shown = np.concatenate([np.eye(size + 1)[got[f"level_{n}"]][:, :size] for n, size in enumerate(sizes)], axis=1)
    before = _BIT * np.clip(np.asarray(got["match_weight"], np.float64) + settled.shift, -60, 60)
    moved = _fitted(np.c_[np.ones(len(before)), shown], before, np.asarray(got["same"], np.float64)) / _BIT
    bits = np.split(moved[1:], np.cumsum(sizes)[:-1])
    steps = {n: np.round(step, 6) for n, step in enumerate(bits)}
    corrected(db, pairs, model, levels, steps)
    for n, step in steps.items():
        model.m[n] = [float(m * 2.0**bit) for m, bit in zip(model.m[n], step, strict=True)]
    model.learned_from.append("decisions")
    return Settled(round(settled.prior + float(moved[0]), 4), round(settled.shift + float(moved[0]), 4))


def _fitted(shown: Floats, before: Floats, same: Floats) -> Floats:
    """What to add for each column of `shown`, in nats, by Newton's method: the likeliest, given that additions are small."""
    added = np.zeros(shown.shape[1])
    for _ in range(_STEPS):
        probability = 1 / (1 + np.exp(-np.clip(before + shown @ added, -50, 50)))
        slope = shown.T @ (same - probability) - added / _FREEDOM**2
        curve = (shown * (probability * (1 - probability))[:, None]).T @ shown + np.eye(len(added)) / _FREEDOM**2
        step = np.linalg.solve(curve, slope)
        added += np.clip(step, -1, 1)
        if float(np.abs(step).max()) < 1e-9:
            break
    return added
