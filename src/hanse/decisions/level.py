"""Which level do the facts say a partner has achieved?

The highest level whose own requirements hold; levels are not nested unless they say so. See docs/algorithms/level.md.
"""

from __future__ import annotations

from hanse.language import compiler, conditions, matrix
from hanse.language.conditions import Node, Trees
from hanse.language.context import Context
from hanse.language.metrics import PARTNER, Instance
from hanse.language.plan import literal, quoted

NONE = -1  # the rank of having no level
TREES = "level_trees"  # a plan's details keep what each level asks, for those who compare two plans


def decide(ctx: Context) -> list[matrix.Asked]:
    """Adds the step `achieved` (pid, partner, achieved_rank, path, awaiting); returns what was asked, for `checks`."""
    trees = Trees(ctx, "levels")
    for name in ctx.edition.level_names:
        trees.add(name, ctx.edition.levels.get(name), (name,))
    ctx.plan.details[TREES] = trees
    _extra_metrics(ctx)
    compiler.compute(ctx, [Instance(m) for m in sorted(conditions.metrics_in(trees))])
    conditions.grain_check(ctx, trees, PARTNER)
    judged = matrix.judge(ctx, trees, "levels", PARTNER)
    ctx.plan.add(
        "matrix_levels",
        f"SELECT {', '.join([*_kept(ctx), *judged.items])} FROM (SELECT * FROM ${ctx.wides[PARTNER].step} ORDER BY pid) AS m"
        f"{judged.joins}",
        keep=True,
    )
    truths = {name: _truth(ctx, name, judged.truths[name]) for name in ctx.edition.level_names}
    columns = [f"{sql} AS {quoted(f'is_{i}')}" for i, sql in enumerate(truths.values())]
    retired = _retired(ctx)
    ctx.plan.add("level_truths", f"SELECT {', '.join(['j.*', *columns])} FROM $matrix_levels AS j")
    allowed = {i: f"(is_{i} AND {retired[name]})" if name in retired else f"is_{i}" for i, name in enumerate(truths)}
    rank = " ".join(f"WHEN {allowed[i]} THEN {i}" for i in reversed(range(len(truths))))
    rank_sql = f"CASE {rank} ELSE {NONE} END" if truths else str(NONE)
    ctx.plan.add(
        "achieved",
        f"SELECT j.pid, j.partner, j.joined, j.country, j.achieved_rank, {_path(ctx, trees, judged)} AS path, "
        f"{_awaiting(ctx, trees, judged)} AS awaiting FROM (SELECT l.*, {rank_sql} AS achieved_rank FROM $level_truths AS l) AS j",
        keep=True,
    )
    return [matrix.Asked("matrix_levels", leaf, leaf.subject) for leaf in trees.leaves]


def _extra_metrics(ctx: Context) -> None:
    """Metrics that the life of a level asks for: ceilings."""
    compiler.compute(ctx, [Instance(c.metric) for c in ctx.edition.programme.life.ceiling])


def _kept(ctx: Context) -> list[str]:
    """What is carried beside the comparisons: who it is, and the metrics that ceilings look at."""
    ceilings = {Instance(c.metric) for c in ctx.edition.programme.life.ceiling}
    columns = [c for i in sorted(ceilings, key=str) for c in ctx.how(i).columns(i)]
    return ["m.pid", "m.partner", "m.country", "m.joined", *(f"m.{quoted(c)}" for c in columns)]


def _truth(ctx: Context, name: str, sql: str) -> str:
    """Only the lowest level may be everybody's without a word; a level nobody describes is reached in other ways."""
    if name in ctx.edition.levels or name == ctx.edition.level_names[0]:
        return sql
    return "FALSE"


def _retired(ctx: Context) -> dict[str, str]:
    """Levels that take no new holders: the condition under which a partner may still have them."""
    found = {}
    for rule in ctx.edition.programme.life.retired:
        if ctx.days.as_of < rule.no_new_from:
            continue
        holder = "FALSE"
        if "levels_held" in ctx.facts.schema:
            use = ctx.staging.use("levels_held")
            use.columns |= {"subject", "anniversary"}
            use.days_from(None)
            last = f"COALESCE(h.anniversary, {literal(ctx.days.as_of)})"
            if rule.last_anniversary:
                last = f"LEAST(COALESCE(h.anniversary, {literal(rule.last_anniversary)}), {literal(rule.last_anniversary)})"
            day = literal(ctx.days.as_of)
            holder = (
                f"l.pid IN (SELECT h.pid FROM $levels_held AS h WHERE h.subject = {literal(rule.level)} "
                f'AND h."from" < {literal(rule.no_new_from)} AND (h."until" IS NULL OR h."until" >= {day}) AND {day} <= {last})'
            )
        if rule.countries:
            listed = ", ".join(literal(c) for c in rule.countries)
            holder = f"({holder} OR l.country NOT IN ({listed}))"
        found[rule.level] = holder
    return found


def _path(ctx: Context, trees: Trees, judged: matrix.Judged) -> str:
    """The name of the first path that carries the achieved level."""
    whens = []
    for i, name in enumerate(ctx.edition.level_names):
        for path in _paths(trees.trees[name]):
            sql = conditions.sql_of(path, trees, judged.column_of)
            whens.append(f"WHEN j.achieved_rank = {i} AND {sql} THEN {literal(path.name)}")
    return f"CASE {' '.join(whens)} END" if whens else "CAST(NULL AS VARCHAR)"


def _paths(node: Node) -> list[Node]:
    own = [node] if node.name else []
    return own + [path for part in node.parts for path in _paths(part)]


def _awaiting(ctx: Context, trees: Trees, judged: matrix.Judged) -> str:
    """`level: answers` for the highest level that lacks nothing but answers people give."""
    whens = []
    for i, name in reversed(list(enumerate(ctx.edition.level_names))):
        human = [leaf for leaf in conditions.leaves_of(trees.trees[name], trees) if leaf.kind == "human"]
        if not human or name not in ctx.edition.levels:
            continue
        supposed = _supposing(trees.trees[name], trees, judged)
        listed = " || ".join(
            f"CASE WHEN {leaf.column} THEN '' ELSE {literal(', ' + leaf.requirement)} END" for leaf in human
        )
        whens.append(
            f"WHEN j.achieved_rank < {i} AND NOT is_{i} AND {supposed} THEN {literal(name + ': ')} || SUBSTRING({listed}, 3)"
        )
    return f"CASE {' '.join(whens)} END" if whens else "CAST(NULL AS VARCHAR)"


def _supposing(tree: Node, trees: Trees, judged: matrix.Judged) -> str:
    """The truth of a tree if every person asked had said yes."""

    def rebuilt(node: Node) -> Node:
        if node.leaf is not None and node.leaf.kind == "human":
            return Node("all")
        if node.kind == "level":
            return rebuilt(trees.trees.get(node.level, Node("all")))
        return Node(node.kind, [rebuilt(p) for p in node.parts], node.n, node.leaf, node.level, node.test, node.name)

    return conditions.sql_of(rebuilt(tree), trees, judged.column_of)
