"""What would a change of the programme do to every partner, before it is published?

A rehearsal is a plan over two plans: the steps of both evaluations under `before__` and `after__`, and on top of them
who moves and why. A step's key is its content, so an engine that has run the evaluations computes none of it again.
See docs/algorithms/rehearsal.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import cast

import pyarrow as pa

from hanse.decisions.level import TREES
from hanse.language.conditions import Leaf, Node, Trees
from hanse.language.plan import RAW, Plan, literal, substitute

BEFORE, AFTER = "before", "after"
UP, DOWN, ACROSS, APPEARS, DISAPPEARS = "up", "down", "across", "appears", "disappears"
# What changed about the requirement that decided; the last four stand where no requirement decided.
THRESHOLD, ACTUAL, BOTH, RULE = "threshold", "actual", "both", "rule"
ASKED, DROPPED = "newly_asked", "no_longer_asked"
LEVEL_NEW, LEVEL_GONE, OTHER = "level_new", "level_gone", "other_rules"
SHOWN_MOVERS = 300  # so many a report lists one by one
_USED = ("standings", "matrix_levels", "competencies_held", "all_partners")


@dataclass(frozen=True)
class Asked:
    """A comparison that a level asks: its leaf, the path it belongs to, and whether meeting it speaks against the level."""

    leaf: Leaf
    path: str = ""
    against: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.leaf.subject, self.leaf.requirement

    def holds(self, side: str) -> str:
        """SQL: true where the comparison speaks for the level."""
        column = f"{side}.{self.leaf.column}"
        return f"(NOT {column})" if self.against else column


@dataclass(frozen=True)
class Reason:
    """A requirement that may decide a move: where it stands before and after (None: it is not asked there)."""

    direction: str
    level: str
    before: Asked | None
    after: Asked | None

    @property
    def shown(self) -> Asked:
        """The requirement as it is read: of the edition that decided."""
        return cast(Asked, self.after or self.before)


def plan_of(before: Plan, after: Plan) -> Plan:
    """The comparison of two evaluations over the same facts. Outputs: `moves`, `shown`, `cells`, `deciding`.

    `moves` has one row per partner whose achieved level differs, or who is a partner in one of the two only, and
    `shown` the first of them, those who move furthest; `cells` counts all partners by country and by level before and after, achieved and granted; `deciding` counts movers by reason.
    """
    plan = Plan()
    _carry(plan, before, BEFORE)
    _carry(plan, after, AFTER)
    order = scale(levels_of(before), levels_of(after))
    plan.add("paired", _paired(), keep=True)
    plan.add("movers", _movers(order), keep=True)
    reasons = reasons_of(trees_of(before), trees_of(after))
    plan.add_rows("reasons", _reason_rows(reasons))
    plan.add("decided", _decided(reasons, trees_of(before), trees_of(after)), keep=True)
    plan.add("lost", _competencies(BEFORE, AFTER), keep=True)
    plan.add("gained", _competencies(AFTER, BEFORE), keep=True)
    plan.add("moves", _moves(), keep=True)
    plan.outputs["moves"] = plan.add("out_moves", f"SELECT {', '.join(COLUMNS)} FROM $moves ORDER BY pid")
    plan.outputs["shown"] = plan.add(
        "out_shown", f"SELECT * FROM $moves ORDER BY ABS(steps) DESC, steps, partner LIMIT {SHOWN_MOVERS}"
    )
    plan.outputs["cells"] = plan.add("out_cells", _cells())
    plan.outputs["deciding"] = plan.add("out_deciding", _deciding())
    return plan


COLUMNS = (
    "partner", "country", "level_before", "level_after", "because", "direction", "because_level", "change", "metric",
    "clause", "actual_before", "actual_after", "needed_before", "needed_after", "granted_before", "granted_after",
    "path_before", "path_after", "competencies_lost", "competencies_gained", "name", "steps",
)  # fmt: skip


def trees_of(plan: Plan) -> Trees:
    """The requirement trees of the levels, as `level.decide` left them."""
    return cast(Trees, plan.details[TREES])


def levels_of(plan: Plan) -> list[str]:
    return trees_of(plan).ctx.edition.level_names


def scale(before: Sequence[str], after: Sequence[str]) -> dict[str, dict[str, int]]:
    """One order for the levels of two editions: `{before: {level: rank}, after: {level: rank}}`.

    Levels of one name are one level and keep the order of the new edition; one that only the old edition has stands
    just above its neighbour there. Editions that share no name are compared place by place from the lowest.
    """
    if not set(before) & set(after):
        return {BEFORE: {n: i for i, n in enumerate(before)}, AFTER: {n: i for i, n in enumerate(after)}}
    merged = list(after)
    below = None
    for name in before:
        if name not in merged:
            merged.insert(merged.index(below) + 1 if below is not None else 0, name)
        below = name
    ranks = {n: i for i, n in enumerate(merged)}
    return {BEFORE: {n: ranks[n] for n in before}, AFTER: {n: ranks[n] for n in after}}


def asked(trees: Trees, level: str) -> list[Asked]:
    """What a level asks, in the edition's order, prerequisites included; nothing where the edition has no such level."""
    found: list[Asked] = []

    def visit(node: Node, path: str, against: bool) -> None:
        if node.leaf is not None:
            found.append(Asked(node.leaf, path, against))
        if node.kind == "level":
            visit(trees.trees.get(node.level, Node("all")), path, against)
        for part in node.parts:
            visit(part, path or part.name, against != (node.kind == "none"))

    visit(trees.trees.get(level, Node("all")), "", False)
    return found


def reasons_of(before: Trees, after: Trees) -> list[Reason]:
    """Every requirement that may decide a move, in the order in which it is asked whether it did.

    A fall from a level is decided by the first of its requirements that fails now; a rise to a level by the last of its
    requirements that failed before.
    """
    found = []
    for level in before.trees:
        old, new = _by_key(asked(before, level)), _by_key(asked(after, level))
        found += [Reason(DOWN, level, old.get(key), now) for key, now in new.items()]
    for level in after.trees:
        old, new = _by_key(asked(before, level)), _by_key(asked(after, level))
        found += [Reason(UP, level, then, new.get(key)) for key, then in reversed(old.items())]
    return found


def _by_key(listed: Iterable[Asked]) -> dict[tuple[str, str], Asked]:
    return {a.key: a for a in listed}


def _carry(plan: Plan, other: Plan, side: str) -> None:
    """The steps of an evaluation that a comparison needs, under names of their own and with their contents unchanged."""

    def named(name: str) -> str:
        return name if name.startswith(RAW) else f"{side}__{name}"

    for step in other.ordered([n for n in _USED if n in other.steps]):
        sql = substitute(step.sql, lambda name: f"${named(name)}")
        plan.steps[named(step.name)] = replace(
            step, name=named(step.name), sql=sql, inputs=tuple(named(n) for n in step.inputs)
        )


def _paired() -> str:
    columns = ", ".join(f"{s[0]}.{c} AS {c}_{s}" for c in ("level", "granted") for s in (BEFORE, AFTER))
    return (
        "SELECT COALESCE(b.pid, a.pid) AS pid, b.pid IS NOT NULL AS was, a.pid IS NOT NULL AS stays, "
        f"COALESCE(a.country, b.country) AS country, {columns} "
        f"FROM $before__standings AS b FULL JOIN $after__standings AS a ON a.pid = b.pid"
    )


def _movers(order: dict[str, dict[str, int]]) -> str:
    ranks = {side: _rank(f"level_{side}", order[side]) for side in (BEFORE, AFTER)}
    steps = f"{ranks[AFTER]} - {ranks[BEFORE]}"
    return (
        f"SELECT *, CASE WHEN NOT was THEN {literal(APPEARS)} WHEN NOT stays THEN {literal(DISAPPEARS)} "
        f"WHEN steps > 0 THEN {literal(UP)} WHEN steps < 0 THEN {literal(DOWN)} ELSE {literal(ACROSS)} END AS direction "
        f"FROM (SELECT *, {steps} AS steps FROM $paired "
        "WHERE NOT was OR NOT stays OR level_before IS DISTINCT FROM level_after) AS p"
    )


def _rank(column: str, ranks: dict[str, int]) -> str:
    whens = " ".join(f"WHEN {literal(n)} THEN {i}" for n, i in ranks.items())
    return f"(CASE {column} {whens} ELSE -1 END)" if whens else "(-1)"


def _reason_rows(reasons: list[Reason]) -> pa.Table:
    shown = [r.shown for r in reasons]
    fixed = [ASKED if r.before is None else DROPPED if r.after is None else None for r in reasons]
    return pa.table({
        "code": pa.array(range(len(reasons)), pa.int64()),
        "because_level": pa.array([r.level for r in reasons], pa.string()),
        "because": pa.array([a.leaf.requirement for a in shown], pa.string()),
        "metric": pa.array([a.leaf.metric if a.leaf.kind == "metric" else f"{a.leaf.kind}:{a.leaf.requirement}" for a in shown], pa.string()),
        "clause": pa.array([a.leaf.clause for a in shown], pa.string()),
        "fixed": pa.array(fixed, pa.string()),
    })  # fmt: skip


def _decided(reasons: list[Reason], before: Trees, after: Trees) -> str:
    """Per mover the code of the requirement that decided, and its numbers on both sides."""
    whens = [_when(code, reason, tier) for tier in range(3) for code, reason in enumerate(reasons)]
    code = f"CASE {' '.join(whens)} END" if whens else "CAST(NULL AS BIGINT)"
    picks = ", ".join(
        f"{_pick(reasons, side, column)} AS {name}_{side}"
        for name, column in (("actual", lambda leaf: leaf.actual), ("needed", lambda leaf: leaf.needed))
        for side in (BEFORE, AFTER)
    )
    known = {BEFORE: _listed(before), AFTER: _listed(after)}
    return (
        f"SELECT d.pid, d.code, d.path_before, d.path_after, {picks}, "
        f"CASE WHEN d.direction = {literal(DOWN)} AND NOT COALESCE(d.level_before IN ({known[AFTER]}), FALSE) THEN {literal(LEVEL_GONE)} "
        f"WHEN d.direction = {literal(UP)} AND NOT COALESCE(d.level_after IN ({known[BEFORE]}), FALSE) THEN {literal(LEVEL_NEW)} "
        f"WHEN d.direction IN ({literal(UP)}, {literal(DOWN)}) THEN {literal(OTHER)} END AS otherwise "
        f"FROM (SELECT m.pid, m.direction, m.level_before, m.level_after, {code} AS code, bs.path AS path_before, "
        f"ns.path AS path_after{_numbers(reasons)} FROM $movers AS m "
        "LEFT JOIN $before__standings AS bs ON bs.pid = m.pid LEFT JOIN $after__standings AS ns ON ns.pid = m.pid "
        "LEFT JOIN $before__matrix_levels AS before ON before.pid = m.pid "
        "LEFT JOIN $after__matrix_levels AS after ON after.pid = m.pid) AS d"
    )


def _listed(trees: Trees) -> str:
    return ", ".join(literal(n) for n in trees.ctx.edition.level_names) or "NULL"


def _when(code: int, reason: Reason, tier: int) -> str:
    """Did this requirement decide? Tier 0: it changed sides on the path that carried the level; 1: on any path;
    2: it only fails now, or failed before (the tree around it changed, not it).
    """
    held, column = (BEFORE, "level_before") if reason.direction == DOWN else (AFTER, "level_after")
    tests = [f"m.direction = {literal(reason.direction)}", f"m.{column} = {literal(reason.level)}"]
    failing, other = (reason.after, reason.before) if reason.direction == DOWN else (reason.before, reason.after)
    fails = AFTER if reason.direction == DOWN else BEFORE
    tests.append(f"NOT {cast(Asked, failing).holds(fails)}")
    if tier < 2 and other is not None:
        tests.append(other.holds(held))
        if tier == 0 and other.path:
            tests.append(f"{'bs' if held == BEFORE else 'ns'}.path = {literal(other.path)}")
    return f"WHEN {' AND '.join(tests)} THEN {code}"


def _numbers(reasons: list[Reason]) -> str:
    """The actual and needed numbers that any reason reads, once each."""
    wanted = {
        (side, column)
        for r in reasons for side, a in ((BEFORE, r.before), (AFTER, r.after)) if a is not None
        for column in (a.leaf.actual, a.leaf.needed)
    }  # fmt: skip
    return "".join(f", {side}.{column} AS {side}_{column}" for side, column in sorted(wanted))


def _pick(reasons: list[Reason], side: str, column: Callable[[Leaf], str]) -> str:
    whens = [
        f"WHEN {code} THEN d.{side}_{column(a.leaf)}"
        for code, r in enumerate(reasons)
        if (a := r.before if side == BEFORE else r.after) is not None
    ]
    return f"CASE d.code {' '.join(whens)} END" if whens else "CAST(NULL AS DOUBLE)"


def _competencies(has: str, lacks: str) -> str:
    """Per mover the competencies held on one side and not on the other, by name."""
    return (
        "SELECT h.pid, STRING_AGG(h.competency, ', ' ORDER BY h.competency) AS names "
        f"FROM $movers AS m JOIN ${has}__competencies_held AS h ON h.pid = m.pid "
        f"LEFT JOIN ${lacks}__competencies_held AS o ON o.pid = h.pid AND o.competency = h.competency "
        "WHERE m.was AND m.stays AND o.pid IS NULL GROUP BY h.pid"
    )


def _moves() -> str:
    needed, actual = (f"d.{c}_before IS DISTINCT FROM d.{c}_after" for c in ("needed", "actual"))
    change = (
        f"CASE WHEN d.code IS NULL THEN d.otherwise WHEN r.fixed IS NOT NULL THEN r.fixed "
        f"WHEN {needed} AND {actual} THEN {literal(BOTH)} WHEN {needed} THEN {literal(THRESHOLD)} "
        f"WHEN {actual} THEN {literal(ACTUAL)} ELSE {literal(RULE)} END"
    )
    return (
        "SELECT m.pid, p.partner, m.country, m.level_before, m.level_after, r.because, m.direction, r.because_level, "
        f"{change} AS change, r.metric, r.clause, d.actual_before, d.actual_after, d.needed_before, d.needed_after, "
        "m.granted_before, m.granted_after, d.path_before, d.path_after, l.names AS competencies_lost, "
        "g.names AS competencies_gained, p.name, m.steps FROM $movers AS m JOIN $after__all_partners AS p ON p.pid = m.pid "
        "JOIN $decided AS d ON d.pid = m.pid LEFT JOIN $reasons AS r ON r.code = d.code "
        "LEFT JOIN $lost AS l ON l.pid = m.pid LEFT JOIN $gained AS g ON g.pid = m.pid"
    )


def _cells() -> str:
    columns = "country, was, stays, level_before, level_after, granted_before, granted_after"
    return f"SELECT {columns}, COUNT(*) AS partners FROM $paired GROUP BY {columns} ORDER BY {columns}"


def _deciding() -> str:
    columns = "direction, because_level, because, metric, change"
    return (
        f"SELECT {columns}, COUNT(*) AS partners, MIN(needed_before) AS needed_before, MIN(needed_after) AS needed_after "
        f"FROM $moves GROUP BY {columns} ORDER BY partners DESC, {columns}"
    )
