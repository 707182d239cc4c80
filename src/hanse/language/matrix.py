"""One statement judges all comparisons of a group of subjects: metrics beside the numbers they are held against.

The numbers stand in rows keyed by competency and by class; the statement only knows their columns. For leaf i the
result has `met_i`, `need_i` and `act_j`, j the first leaf of the same metric (doubles, for people), and, where facts
bring waivers, `waived_i`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import lcm

import pyarrow as pa

from hanse.language import exact, model, values
from hanse.language.compiler import term_reader
from hanse.language.conditions import OPERATORS, Leaf, Trees, needed_rows, needed_value, sql_of, when_error
from hanse.language.context import Context
from hanse.language.exact import Term
from hanse.language.expressions import ExpressionError
from hanse.language.kinds import condition, resolver
from hanse.language.metrics import PARTNER, Instance
from hanse.language.plan import literal, quoted
from hanse.language.values import Number

REST = "*"  # the class key of everybody else


@dataclass
class Threshold:
    """The numbers of one comparison: by competency (None for levels), then by class."""

    leaf: Leaf
    position: int
    operator: str
    numbers: dict[int | None, dict[str | None, Number | None]]
    classification: str | None
    den: int

    @property
    def column(self) -> str:
        return f"n_{self.leaf.index}_{self.position}"


@dataclass
class Judged:
    """Select items, joins, the truth of each subject's tree, and the column of a `when`."""

    items: list[str]
    joins: str
    truths: dict[str, str]
    column_of: Callable[[str], str]


def judge(
    ctx: Context, trees: Trees, name: str, grain: str, overrides: dict[int, dict[str, object]] | None = None
) -> Judged:
    """The comparisons of a group of trees over the grain's wide row `m` (the partner's is `p`, or `m` itself).

    `overrides` gives, per competency number, other numbers by metric (`thresholds` of competencies.yaml).
    """
    alias = "m" if grain == PARTNER else "p"
    thresholds = [t for leaf in trees.leaves for t in _thresholds(ctx, trees, leaf, overrides)]
    joins = _number_tables(ctx, name, thresholds, overrides is not None, alias)
    waived = "exceptions" in ctx.facts.schema
    if waived:
        joins += f" LEFT JOIN {_waivers(ctx, trees, name)} AS w ON w.pid = m.pid"
    items = []
    by_leaf: dict[int, list[Threshold]] = {}
    for threshold in thresholds:
        by_leaf.setdefault(threshold.leaf.index, []).append(threshold)
    read = term_reader(ctx, grain)
    for leaf in trees.leaves:
        term = read(Instance(leaf.metric))
        _comparable(ctx, trees, leaf, term)
        items += _leaf_items(leaf, term, by_leaf.get(leaf.index, []), alias, waived)

    whens: dict[str, str] = {}

    def tested(text: str) -> str:
        if text not in whens:
            try:
                sql = condition(text, resolver(ctx, (0, 0), read, alias))
            except ExpressionError as error:
                raise when_error(trees, text, error) from error
            whens[text] = f"when_{len(whens)}"
            items.append(f"COALESCE({sql}, FALSE) AS {whens[text]}")
        return whens[text]

    truths = {subject: sql_of(tree, trees, tested) for subject, tree in trees.trees.items()}
    return Judged(items, joins, truths, tested)


def fails_without_rows(ctx: Context, trees: Trees, leaf: Leaf, overrides: dict[int, dict[str, object]]) -> bool:
    """Is the comparison certainly not met where no row of its metric counts, whatever the class and the competency?"""
    metric = ctx.edition.metrics[leaf.metric]
    if not isinstance(metric, model.Simple) or metric.fill_nulls_with is not None or metric.kind != "number":
        return False
    for threshold in _thresholds(ctx, trees, leaf, overrides):
        numbers = [n.value for by in threshold.numbers.values() for n in by.values() if n is not None]
        above_none = threshold.operator == ">=" and all(n > 0 for n in numbers)
        if (
            numbers
            and not leaf.suspended
            and (above_none or (threshold.operator == ">" and all(n >= 0 for n in numbers)))
        ):
            return True
    return False


def _comparable(ctx: Context, trees: Trees, leaf: Leaf, term: Term) -> None:
    """Numbers are compared with numbers, a truth `is` one, a text or a day `equals` another."""
    for comparison, raw, path in leaf.tests:
        if comparison == "is":
            fits, remedy = (
                term.kind == "boolean" and isinstance(raw, bool),
                "write `at_least: ...`, or `is: true` of a boolean metric",
            )
        elif term.kind == "number":
            continue
        else:
            fits = comparison == "equals" and term.kind != "boolean"
            remedy = (
                "write `is: true`"
                if term.kind == "boolean"
                else f"write `equals: ...`, or compare a number made of the {term.kind}"
            )
        if not fits:
            raise ctx.edition.source_of(trees.file).error(
                path, f"{leaf.metric!r} is a {term.kind}, and `{comparison}: {raw}` does not compare one",
                "only alike things can be compared", remedy,
            )  # fmt: skip


def _thresholds(
    ctx: Context, trees: Trees, leaf: Leaf, overrides: dict[int, dict[str, object]] | None
) -> list[Threshold]:
    found = []
    for position, (comparison, raw, path) in enumerate(leaf.tests):
        if comparison == "is" or (comparison == "equals" and ctx.edition.metrics[leaf.metric].kind != "number"):
            continue
        resolved: dict[int | None, values.Resolved] = {}
        base = needed_value(ctx, leaf, trees.file, raw, path)
        for competency in overrides if overrides is not None else [None]:
            other = (overrides or {}).get(competency, {}).get(leaf.metric) if competency is not None else None
            resolved[competency] = base if other is None else needed_value(ctx, leaf, trees.file, other, path)
        classified = {v.classification for v in resolved.values() if isinstance(v, values.ByClass)} - {"competency"}
        if len(classified) > 1:
            raise ctx.edition.source_of(trees.file).error(
                path, "thresholds by two classifications", "one comparison has one table", "use one classification"
            )
        classification = classified.pop() if classified else None
        if classification == "level":
            raise ctx.edition.source_of(trees.file).error(
                path, "a threshold by level", "a level cannot depend on the level", "write the number under each level"
            )
        _all_classes(ctx, trees, path, resolved, classification)
        numbers = {c: _for_competency(ctx, c, v) for c, v in resolved.items()}
        den = lcm(*(n.value.denominator for by in numbers.values() for n in by.values() if n is not None), 1)
        found.append(Threshold(leaf, position, OPERATORS[comparison], numbers, classification, den))
    return found


def _for_competency(ctx: Context, competency: int | None, value: values.Resolved) -> dict[str | None, Number | None]:
    """A table by competency is that competency's number."""
    if isinstance(value, values.ByClass) and value.classification == "competency":
        listed = ctx.edition.competencies
        name = list(listed.competencies)[competency] if listed and competency is not None else ""
        return {None: value.of(name)}
    return needed_rows(value)


def _all_classes(
    ctx: Context,
    trees: Trees,
    path: tuple[str | int, ...],
    resolved: dict[int | None, values.Resolved],
    name: str | None,
) -> None:
    """A table by country class names every class, or says `else`."""
    if name not in ctx.edition.classes:
        return
    for value in resolved.values():
        if isinstance(value, values.ByClass) and value.otherwise is None:
            missing = ctx.classifications[name] - {c for c, _ in value.numbers}
            if missing:
                raise ctx.edition.source_of(trees.file).error(
                    path, f"no number for the class {sorted(missing)[0]!r}",
                    "partners of that class could never be judged", f"add `{sorted(missing)[0]}: ...` or `else: ...`",
                )  # fmt: skip


def _number_tables(ctx: Context, name: str, thresholds: list[Threshold], keyed: bool, alias: str) -> str:
    """Adds the tables of numbers, one per classification, and gives the joins to them."""
    joins = ""
    for classification in sorted({t.classification for t in thresholds}, key=str):
        group = [t for t in thresholds if t.classification == classification]
        competencies = list(group[0].numbers)
        classes = sorted({c for t in group for by in t.numbers.values() for c in by if c is not None})
        rows = [(k, c) for k in competencies for c in ([*classes, None] if classification else [None])]
        columns: dict[str, pa.Array] = {}
        if keyed:
            columns["competency"] = pa.array([k for k, _ in rows], pa.int32())
        if classification:
            columns["class"] = pa.array([REST if c is None else c for _, c in rows], pa.string())
        for t in group:
            numbers = [t.numbers[k].get(c, t.numbers[k].get(None)) for k, c in rows]
            columns[t.column] = pa.array([None if n is None else int(n.value * t.den) for n in numbers], pa.int64())
            columns["d" + t.column] = pa.array([None if n is None else float(n.value) for n in numbers], pa.float64())
        step = f"numbers_{name}" + (f"_{classification}" if classification else "")
        ctx.plan.add_rows(step, pa.table(columns))
        table = f"n_{classification or 'all'}"
        on = ["m.competency = " + table + ".competency"] if keyed else []
        if classification:
            on.append(f"{table}.class = {_class_key(ctx, classification, classes, alias)}")
        joins += f" LEFT JOIN ${step} AS {table} ON {' AND '.join(on) or 'TRUE'}"
    return joins


def _class_key(ctx: Context, classification: str, classes: list[str], alias: str) -> str:
    """The partner's class, or the key of the rest."""
    if classification in ctx.edition.classes:
        column = f"{alias}.{quoted(classification)}"
    else:
        instance = Instance(classification)
        grain = ctx.grains[instance]
        column = ctx.how(instance).term(instance, alias if grain == PARTNER else "m").sql
    listed = ", ".join(literal(c) for c in classes)
    return f"(CASE WHEN {column} IN ({listed}) THEN {column} ELSE {literal(REST)} END)"


def _leaf_items(leaf: Leaf, term: Term, thresholds: list[Threshold], alias: str, waived: bool) -> list[str]:
    tests, needs = [], []
    for threshold in thresholds:
        table = f"n_{threshold.classification or 'all'}"
        number = Term("number", num=f"{table}.{quoted(threshold.column)}", den=threshold.den)
        tests.append(exact.compare(term, threshold.operator, number).sql)
        needs.append(f"{table}.{quoted('d' + threshold.column)}")
    for comparison, raw, _ in leaf.tests:
        if comparison == "is":
            tests.append(term.sql if raw is True else f"(NOT {term.sql})")
            needs.append("CAST(1 AS DOUBLE)" if raw is True else "CAST(0 AS DOUBLE)")
        elif comparison == "equals" and term.kind != "number":
            tests.append(f"({term.sql} = {literal(raw)})")
    met = f"COALESCE({' AND '.join(tests)}, FALSE)"
    if leaf.suspended:
        where = "TRUE"
        if leaf.suspended_in:
            where = f"{alias}.country IN ({', '.join(literal(c) for c in leaf.suspended_in)})"
        met = f"({met} OR {where})"
    if waived:
        met = f"({met} OR COALESCE(w.{quoted(f'w_{leaf.index}')}, FALSE))"
    actual = exact.shown(term)
    if term.kind == "boolean":
        actual = f"CASE WHEN {term.sql} THEN 1.0 WHEN NOT {term.sql} THEN 0.0 END"
        actual = f"CAST({actual} AS DOUBLE)"
    elif term.kind != "number":
        actual = "CAST(NULL AS DOUBLE)"
    items = [
        f"{met} AS {quoted(leaf.column)}",
        f"{needs[0] if needs else 'CAST(NULL AS DOUBLE)'} AS {quoted(leaf.needed)}",
    ]
    if leaf.actual == f"act_{leaf.index}":  # what several comparisons look at stands there once
        items.append(f"{actual} AS {quoted(leaf.actual)}")
    return items + (
        [f"COALESCE(w.{quoted(f'w_{leaf.index}')}, FALSE) AS {quoted(f'waived_{leaf.index}')}"] if waived else []
    )


def _waivers(ctx: Context, trees: Trees, name: str) -> str:
    """Per partner, which leaves are waived on the day: exceptions whose subject is the requirement or `subject:requirement`."""
    use = ctx.staging.use("exceptions")
    use.columns |= {"subject", "reason", "by"}
    use.days_from(None)
    columns = [
        f"BOOL_OR(subject IN ({literal(leaf.requirement)}, {literal(f'{leaf.subject}:{leaf.requirement}')})) AS {quoted(f'w_{leaf.index}')}"
        for leaf in trees.leaves
    ]
    day = literal(ctx.days.as_of)
    listed = ", ".join(columns) or "TRUE AS none"
    step = ctx.plan.add(
        f"waivers_{name}",
        f'SELECT pid, {listed} FROM $exceptions WHERE "from" <= {day} AND "until" >= {day} GROUP BY pid',
        keep=True,
    )
    return f"${step}"


@dataclass(frozen=True)
class Asked:
    """One row of what is asked: a leaf as it stands in `checks`, of which rows of the matrix it is true."""

    matrix: str
    leaf: Leaf
    subject: str
    competency: int | None = None
    depth_rank: int | None = None


def check_selects(ctx: Context, asked: list[Asked]) -> list[str]:
    """The rows of `checks`: each row of a matrix beside what was asked of it, one SELECT per matrix.

    What is asked stands in one table of rows, its texts as dictionaries: fifteen million checks are fifteen million
    small numbers until they are read.
    """
    waived = "exceptions" in ctx.facts.schema
    rows = [_described(a) for a in asked]
    texts = ("matrix", "subject", "requirement", "metric", "clause", "comparison", "note")
    columns: dict[str, pa.Array] = {t: pa.array([r[t] for r in rows], pa.string()).dictionary_encode() for t in texts}
    columns |= {n: pa.array([r[n] for r in rows], pa.int32()) for n in ("leaf", "competency", "depth_rank")}
    ctx.plan.add_rows("asked", pa.table(columns))
    return [
        _joined(name, [a.leaf for a in asked if a.matrix == name], waived, asked, every=ctx.every_check)
        for name in dict.fromkeys(a.matrix for a in asked)
    ]


def _described(asked: Asked) -> dict[str, object]:
    leaf = asked.leaf
    return {
        "matrix": asked.matrix, "leaf": leaf.index, "subject": asked.subject, "requirement": leaf.requirement,
        "metric": leaf.metric if leaf.kind == "metric" else f"{leaf.kind}:{leaf.requirement}",
        "clause": leaf.clause, "comparison": " and ".join(c for c, _, _ in leaf.tests), "note": leaf.suspended,
        "competency": asked.competency, "depth_rank": asked.depth_rank,
    }  # fmt: skip


def _joined(name: str, leaves: list[Leaf], waived: bool, asked: list[Asked], *, every: bool) -> str:
    of = {leaf.index: leaf for leaf in leaves}

    def picked(column: Callable[[Leaf], str]) -> str:
        by_column: dict[str, list[int]] = {}
        for index in sorted(of):
            by_column.setdefault(column(of[index]), []).append(index)
        if len(by_column) == 1:
            return f"j.{next(iter(by_column))}"
        whens = " ".join(f"WHEN {i} THEN j.{name}" for name, indexes in by_column.items() for i in indexes)
        return f"CASE a.leaf {whens} END"

    on = [f"a.matrix = {literal(name)}"]
    mine = [a for a in asked if a.matrix == name]
    if mine[0].competency is not None:
        on.append("a.competency = j.competency")
        ranks = sorted({a.depth_rank for a in mine if a.depth_rank is not None})
        shown = " ".join(f"WHEN {r} THEN j.held_{r} OR j.unmet_{r} = 1" for r in ranks)
        on += [] if every else [f"CASE a.depth_rank {shown} END"]
    note = (
        f"CASE WHEN {picked(lambda leaf: f'waived_{leaf.index}')} THEN 'waived' ELSE CAST(a.note AS VARCHAR) END"
        if waived
        else "a.note"
    )
    return (
        f"SELECT j.partner, a.subject, a.requirement, a.metric, {picked(lambda leaf: leaf.actual)} AS actual, "
        f"{picked(lambda leaf: leaf.needed)} AS needed, {picked(lambda leaf: leaf.column)} AS met, a.clause, a.comparison, {note} AS note FROM ${name} AS j JOIN $asked AS a ON {' AND '.join(on)}"
    )


def small_table(ctx: Context, name: str, numbers: dict[str, Number], otherwise: Number | None) -> tuple[str, int]:
    """Numbers by class as rows (class, n), `*` for everybody else; returns the step and the common denominator."""
    rows: dict[str, Number] = dict(numbers)
    if otherwise is not None:
        rows[REST] = otherwise
    den = lcm(*(n.value.denominator for n in rows.values()), 1)
    step = ctx.plan.add_rows(
        name,
        pa.table({
            "class": pa.array(list(rows), pa.string()),
            "n": pa.array([int(n.value * den) for n in rows.values()], pa.int64()),
        }),
    )  # fmt: skip
    return step, den
