"""Which competencies does a partner hold, how deep, and which does it nearly hold?

Competencies that ask the same are judged in one statement whose numbers are rows; a competency held needs the whole
tree of a depth. One that asks for another is judged after it. See docs/algorithms/competency.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from hanse.language import compiler, conditions, kinds, matrix, model
from hanse.language.conditions import Leaf, Node, Trees
from hanse.language.context import Context
from hanse.language.metrics import PARTNER, Instance, SourceRelation, united
from hanse.language.plan import literal, quoted
from hanse.language.problems import nearest
from hanse.language.tables import HELD

GRAIN = "competency"
SINGLE = ""  # the only depth where an edition names none


@dataclass
class Group:
    """Competencies that share one requirement tree per depth."""

    name: str
    trees: Trees
    members: dict[int, str]
    overrides: dict[int, dict[str, object]]


def decide(ctx: Context) -> list[matrix.Asked]:
    """Adds the steps up to `competencies_held`; returns what was asked, for `checks`."""
    listed = compiler.competencies_in_force(ctx)
    groups = _groups(ctx, listed)
    wanted = {m for g in groups for m in conditions.metrics_in(g.trees)}
    ctx.minor |= _minor(ctx, groups)
    own = [Instance(m) for m in sorted(wanted) if not _of_competencies(ctx, m)]
    compiler.compute(ctx, own)
    for group in groups:
        conditions.grain_check(ctx, group.trees, GRAIN)
    _grid(ctx, groups)
    checks: list[matrix.Asked] = []
    waves = _waves(ctx, groups)
    held: list[str] = []
    for number, wave in enumerate(waves):
        if number:
            _prerequisites(ctx, wave, held, number)
        for group in wave:
            held.append(_judge(ctx, group))
            checks += _asked_of(ctx, group)
    _held(ctx, held)
    return checks


def _of_competencies(ctx: Context, metric: str) -> bool:
    return HELD in compiler.made_tables(ctx, metric)


def _groups(ctx: Context, listed: list[tuple[int, str, Any]]) -> list[Group]:
    shared = ctx.edition.competencies.requirements if ctx.edition.competencies else None
    together: dict[str, Group] = {}
    for number, name, entry in listed:
        own = entry.requirements is not None
        key = name if own else "all"
        if key not in together:
            trees = Trees(ctx, "competencies")
            path = ("competencies", name, "requirements") if own else ("requirements",)
            _depths(ctx, trees, entry.requirements if own else shared, path)
            together[key] = Group(key, trees, {}, {})
        together[key].members[number] = name
        together[key].overrides[number] = dict(entry.thresholds)
    return list(together.values())


def _depths(ctx: Context, trees: Trees, raw: dict[str, Any] | None, path: tuple[str | int, ...]) -> None:
    """One tree per depth; requirements without depths are those of the only one, or of the lowest."""
    depths = ctx.edition.depths
    stray = [k for k in raw or {} if k not in depths]
    if stray and len(stray) < len(raw or {}):
        raise ctx.edition.source_of("competencies").error(
            (*path, stray[0]), f"{stray[0]!r} is not a depth", "requirements stand by depth, or are those of all",
            nearest(stray[0], depths),
        )  # fmt: skip
    if depths and raw and set(raw) <= set(depths):
        for depth in depths:
            if depth in raw:
                trees.add(depth, raw[depth], (*path, depth))
        return
    trees.add(depths[0] if depths else SINGLE, raw, path)


def _minor(ctx: Context, groups: list[Group]) -> set[Instance]:
    """A metric whose rows alone leave every competency two comparisons short, so that its own keys need no row.

    None where rows are waived or something else reads the metric: then every key of it may matter.
    """
    if "exceptions" in ctx.facts.schema or ctx.every_check:
        return set()
    for name in sorted({leaf.metric for g in groups for leaf in g.trees.leaves}):
        metric = ctx.edition.metrics[name]
        if not isinstance(metric, model.Simple) or (metric.per, metric.agg) != (GRAIN, "count_distinct"):
            continue
        trees = [(g, tree) for g in groups for tree in g.trees.trees.values()]
        if all(_others_fail(ctx, g, tree, name) >= 2 for g, tree in trees) and not _read_elsewhere(ctx, name):
            return {Instance(name)}
    return set()


def _others_fail(ctx: Context, group: Group, tree: Node, metric: str) -> int:
    """How many comparisons are not met where only this metric has rows; 0 for a tree that is not plainly all of them."""
    leaves = conditions.all_of(tree)
    return sum(
        leaf.metric != metric
        and kinds.grain_of(ctx, leaf.metric) == GRAIN
        and matrix.fails_without_rows(ctx, group.trees, leaf, group.overrides)
        for leaf in leaves or []
    )


def _read_elsewhere(ctx: Context, metric: str) -> bool:
    """Does anything but the requirements of competencies mention the metric?"""
    texts = [repr(m) for name, m in ctx.edition.metrics.items() if name != metric]
    texts += [str(read.data) for file, read in ctx.edition.sources.items() if file not in ("metrics", "competencies")]
    return metric in ctx.shown or re.search(rf"\b{re.escape(metric)}\b", " ".join(texts)) is not None


def _grid(ctx: Context, groups: list[Group]) -> None:
    """Competencies that could hold without a single fact of their own are judged for every partner."""
    everywhere: list[int] = []
    for group in groups:
        if ctx.every_check or any(
            conditions.could_hold(tree, lambda leaf: _without_facts(ctx, leaf)) for tree in group.trees.trees.values()
        ):
            everywhere += list(group.members)
    wide = ctx.wide(GRAIN)
    if wide.step and not everywhere:
        return
    numbers = ", ".join(map(str, everywhere)) or "-1"
    sql = f"SELECT a.pid, k.competency FROM $all_partners AS a CROSS JOIN $competencies AS k WHERE a.active AND k.competency IN ({numbers})"
    grid = SourceRelation(sql, {}, {})
    if not wide.step:
        wide.step = ctx.plan.add(wide.next_name(), sql)
        return
    united_sql, _ = united(wide, [grid], f"${wide.step}")
    wide.step = ctx.plan.add(wide.next_name(), united_sql, keep=True)


def _without_facts(ctx: Context, leaf: Leaf) -> bool:
    """Might the comparison hold for a competency without facts? Only then must every partner be judged."""
    metric = ctx.edition.metrics[leaf.metric]
    if kinds.grain_of(ctx, leaf.metric) == PARTNER:
        return True
    if getattr(metric, "type", "") not in ("simple", "cumulative"):
        return False
    at_least = [c for c, _, _ in leaf.tests if c in ("at_least", "above", "is")]
    return not at_least


def _waves(ctx: Context, groups: list[Group]) -> list[list[Group]]:
    """Groups whose requirements ask for no competency first, then those whose prerequisites are judged."""
    waiting, waves = list(groups), []
    done: set[str] = set()
    while waiting:
        ready = [g for g in waiting if _asked(ctx, g) <= done]
        if not ready:
            names = ", ".join(sorted(n for g in waiting for n in g.members.values()))
            raise ctx.edition.source_of("competencies").error(
                ("competencies",), f"competencies ask for one another in a circle: {names}",
                "none of them could be judged first", "remove one of the prerequisites",
            )  # fmt: skip
        waves.append(ready)
        done |= {name for g in ready for name in g.members.values()}
        waiting = [g for g in waiting if g not in ready]
    return waves


def _asked(ctx: Context, group: Group) -> set[str]:
    found = {leaf.requirement for leaf in group.trees.leaves if leaf.kind == "competency"}
    for metric in sorted(conditions.metrics_in(group.trees)):
        if not metric.startswith("holds_") and _of_competencies(ctx, metric):
            raise ctx.edition.source_of("competencies").error(
                ("requirements",), f"{metric!r} counts competencies, and stands in what a competency asks",
                "which are held is still being decided there", "ask for each by `competency: name`",
            )  # fmt: skip
    return found & {name for _, name, _ in compiler.competencies_in_force(ctx)}


def _prerequisites(ctx: Context, wave: list[Group], held: list[str], number: int) -> None:
    """Makes what is held so far readable for the next wave's requirements."""
    name = f"{HELD}_{number}"
    ctx.plan.add(name, _with_names(ctx, held))
    ctx.ready.add(HELD)
    wanted = [m for g in wave for m in sorted(conditions.metrics_in(g.trees)) if _of_competencies(ctx, m)]
    ctx.held_step = name
    compiler.compute(ctx, [Instance(m) for m in wanted])
    ctx.held_step = HELD
    ctx.ready.discard(HELD)


def _judge(ctx: Context, group: Group) -> str:
    """The rows that are held, or lack one thing only; `depth_rank` is null where nothing is held."""
    judged = matrix.judge(ctx, group.trees, f"competency_{group.name}", GRAIN, group.overrides)
    numbers = ", ".join(map(str, group.members))
    depths = list(group.trees.trees)
    ranks = {d: (ctx.edition.depths.index(d) if d else 0) for d in depths}
    judged_step = ctx.plan.add(
        f"judged_{group.name}",
        f"SELECT m.pid, p.partner, m.competency, {', '.join(judged.items) or 'TRUE AS nothing'} FROM ${ctx.wides[GRAIN].step} AS m "
        f"JOIN ${ctx.wides[PARTNER].step} AS p ON p.pid = m.pid{judged.joins} WHERE m.competency IN ({numbers})",
    )
    truths = [f"{judged.truths[d]} AS {quoted(f'held_{ranks[d]}')}" for d in depths]
    near = [f"{_unmet(group.trees.trees[d], group.trees)} AS {quoted(f'unmet_{ranks[d]}')}" for d in depths]
    case = " ".join(f"WHEN held_{ranks[d]} THEN {ranks[d]}" for d in reversed(depths))
    kept = "TRUE" if ctx.every_check else " OR ".join(f"held_{ranks[d]} OR unmet_{ranks[d]} = 1" for d in depths)
    return ctx.plan.add(
        f"near_{group.name}",
        f"SELECT *, CASE {case} END AS depth_rank FROM (SELECT j.*, {', '.join(truths + near)} FROM ${judged_step} AS j) AS t WHERE {kept} "
        "ORDER BY pid, competency",
        keep=True,
    )


def _unmet(tree: Node, trees: Trees) -> str:
    """How many comparisons of a tree are not met."""
    leaves = conditions.leaves_of(tree, trees)
    return "(" + (" + ".join(f"CASE WHEN {leaf.column} THEN 0 ELSE 1 END" for leaf in leaves) or "0") + ")"


def _asked_of(ctx: Context, group: Group) -> list[matrix.Asked]:
    """What each competency of a group asks at each depth."""
    found = []
    for depth, tree in group.trees.trees.items():
        rank = ctx.edition.depths.index(depth) if depth else 0
        for number, name in group.members.items():
            subject = f"{name}/{depth}" if depth else name
            leaves = conditions.leaves_of(tree, group.trees)
            found += [matrix.Asked(f"near_{group.name}", leaf, subject, number, rank) for leaf in leaves]
    return found


def _with_names(ctx: Context, steps: list[str]) -> str:
    depths = " ".join(f"WHEN h.depth_rank = {i} THEN {literal(d)}" for i, d in enumerate(ctx.edition.depths))
    depth = f"CASE {depths} END" if depths else "CAST(NULL AS VARCHAR)"
    rows = " UNION ALL ".join(
        f"SELECT pid, competency, depth_rank FROM ${s} WHERE depth_rank IS NOT NULL" for s in steps
    )
    rows = rows or "SELECT pid, 0 AS competency, 0 AS depth_rank FROM $all_partners WHERE FALSE"
    return (
        f"SELECT h.pid, k.name AS competency, h.competency AS number, h.depth_rank, {depth} AS depth, k.area, "
        f"{literal(ctx.days.as_of)} AS since FROM ({rows}) AS h JOIN $competencies AS k ON k.competency = h.competency"
    )


def _held(ctx: Context, steps: list[str]) -> None:
    """`competencies_held`: since when is what levels_held says of the competency, else the day judged."""
    sql = _with_names(ctx, steps)
    if "levels_held" in ctx.facts.schema:
        use = ctx.staging.use("levels_held")
        use.columns.add("subject")
        use.days_from(None)
        day = literal(ctx.days.as_of)
        since = (
            f'SELECT pid, subject, MIN("from") AS f FROM $levels_held WHERE "from" <= {day} '
            f'AND ("until" IS NULL OR "until" >= {day}) GROUP BY pid, subject'
        )
        sql = (
            "SELECT h.pid, h.competency, h.number, h.depth_rank, h.depth, h.area, COALESCE(s.f, h.since) AS since "
            f"FROM ({sql}) AS h LEFT JOIN ({since}) AS s ON s.pid = h.pid AND s.subject = h.competency"
        )
    ctx.plan.add(HELD, sql, keep=True)
    ctx.ready.add(HELD)
