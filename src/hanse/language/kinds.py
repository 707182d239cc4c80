"""Metrics made of other metrics: what each kind needs, and what it is as an exact expression."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from hanse.language import exact, expressions, model, values, windows
from hanse.language.context import Context
from hanse.language.exact import Term
from hanse.language.expressions import ExpressionError
from hanse.language.metrics import PARTNER, Instance
from hanse.language.plan import literal, quoted
from hanse.language.problems import nearest
from hanse.language.source import Path_
from hanse.language.tables import MADE_TABLES, STANDINGS

STANDING_NAMES = {
    "level": "text", "granted": "text", "expected": "text", "level_rank": "number", "granted_rank": "number",
    "expected_rank": "number", "path": "text", "awaiting": "text", "granted_from": "date", "granted_until": "date",
}  # fmt: skip
_EXPRESSIONS = (model.Ratio, model.Derived, model.Growth, model.Points, model.WeightedMean, model.WindowDay)
Terms = Callable[[Instance], Term]


def is_expression(metric: object) -> bool:
    """Is the metric computed from columns that are there, rather than read from rows?"""
    return isinstance(metric, _EXPRESSIONS)


def needs(ctx: Context, instance: Instance) -> tuple[set[Instance], set[str]]:
    """The metrics that must be there first, and the tables made on the way that it reads."""
    if instance not in ctx.edition.remembered.needs:
        ctx.edition.remembered.needs[instance] = _needs(ctx, instance)
    found: tuple[set[Instance], set[str]] = ctx.edition.remembered.needs[instance]
    return found


def _needs(ctx: Context, instance: Instance) -> tuple[set[Instance], set[str]]:
    metric = ctx.edition.metrics[instance.name]
    if isinstance(metric, model.Simple):
        return _table_needs(ctx, metric, instance)
    if isinstance(metric, model.SqlMetric):
        from hanse.language.sql_metrics import tables_used

        key = f"metrics/{instance.name}"
        used = tables_used(ctx, key) if key in ctx.edition.sql else set()
        return set(), used & set(MADE_TABLES)
    if isinstance(metric, model.Growth):
        now = Instance(metric.of, instance.shift)
        segments = {Instance(n, instance.shift) for n in _segments(ctx, metric)}
        return {now, now.earlier(metric.before.months, metric.before.days)} | segments, set()
    if isinstance(metric, model.Conversion):
        return set(), set()
    names = _names(metric)
    names |= _segments(ctx, metric)
    found = {Instance(n, instance.shift) for n in names if n in ctx.edition.metrics}
    made = {STANDINGS} if names & set(STANDING_NAMES) - set(ctx.edition.metrics) else set()
    if isinstance(metric, model.Replay):
        return set(), set()
    return found, made


def _table_needs(ctx: Context, metric: model.Simple, instance: Instance) -> tuple[set[Instance], set[str]]:
    table = metric.table
    if table in MADE_TABLES:
        return set(), {table}
    if table in ctx.edition.metrics and table != instance.name:
        return {Instance(table, instance.shifted(metric.at).shift)}, set()
    if f"tables/{table}" in ctx.edition.sql:
        from hanse.language.sql_metrics import tables_used

        return set(), tables_used(ctx, f"tables/{table}") & set(MADE_TABLES)
    return set(), set()


def _segments(ctx: Context, metric: Any) -> set[str]:
    """The text metrics by whose classes the numbers of a metric are given."""
    tables = [getattr(metric, key, None) for key in ("each", "full", "at", "at_most", "floor")]
    keys = {str(k) for table in tables if isinstance(table, dict) for k in table if k != values.ELSE}
    return {n for n, m in ctx.edition.metrics.items() if m.kind == "text" and keys and keys <= ctx.texts_of(n)}


def _names(metric: Any) -> set[str]:
    """The names of metrics and parameters that a metric's own words mention."""
    texts = [getattr(metric, "expr", None), getattr(metric, "when", None)]
    found = {name for text in texts if text for name in expressions.names(text)}
    if isinstance(metric, model.Ratio):
        found |= {metric.numerator, metric.denominator}
    if isinstance(metric, model.WeightedMean):
        found |= set(metric.of)
    elif isinstance(getattr(metric, "of", None), str):
        found.add(metric.of)
    return found


def grain_of(ctx: Context, name: str, seen: tuple[str, ...] = ()) -> str:
    """The grain of a metric: its `per`, or that of what it is made of. Raises EditionError on a circle or a mix."""
    if name not in ctx.edition.remembered.grains:
        ctx.edition.remembered.grains[name] = _grain_of(ctx, name, seen)
    return ctx.edition.remembered.grains[name]


def _grain_of(ctx: Context, name: str, seen: tuple[str, ...]) -> str:
    metric = ctx.edition.metrics.get(name)
    if metric is None:
        raise ctx.metric_error(
            seen[-1] if seen else name, f"{name!r} is not a metric", "a metric is made of metrics that are declared",
            nearest(name, ctx.edition.metrics),
        )  # fmt: skip
    if name in seen:
        circle = " -> ".join([*seen[seen.index(name) :], name])
        raise ctx.metric_error(name, f"the metric needs itself: {circle}", "it would never end", "break the circle")
    if isinstance(metric, model.Simple | model.SqlMetric | model.Assignment):
        if isinstance(metric, model.Simple) and metric.table in set(ctx.edition.metrics) - {name, *MADE_TABLES}:
            grain_of(ctx, metric.table, (*seen, name))
        return metric.per or PARTNER
    if isinstance(metric, model.Conversion | model.HeldFor | model.WindowDay):
        return PARTNER
    grains = {grain_of(ctx, n, (*seen, name)) for n in _names(metric) if n in ctx.edition.metrics} - {PARTNER}
    if len(grains) > 1:
        raise ctx.metric_error(
            name, f"it mixes metrics per {' and per '.join(sorted(grains))}", "there is no row that has both",
            "take one of them as a table first (`table: <metric>`, with an `agg`)",
        )  # fmt: skip
    return grains.pop() if grains else PARTNER


def expression(ctx: Context, instance: Instance, term_of: Terms, alias: str) -> Term:
    """The metric as a term over the columns that are there. `alias` is that of the partner's wide row."""
    metric = ctx.edition.metrics[instance.name]
    try:
        term = _term(ctx, instance, metric, term_of, alias)
    except ExpressionError as error:
        raise ctx.metric_error(
            instance.name, str(error), "the metric cannot be computed", "see docs/language.md, metrics.yaml", "expr"
        ) from error
    if term.kind not in (metric.kind, "null"):
        raise ctx.metric_error(
            instance.name, f"the metric gives a {term.kind}, but is declared a {metric.kind}",
            "a requirement must know what it compares", f"add `kind: {term.kind}`",
        )  # fmt: skip
    percent = metric.unit == "percent" and isinstance(metric, model.Ratio)
    return exact.times(term, exact.constant(100)) if percent else term


def _numbers(term_of: Terms) -> Terms:
    """As `term_of`, but refuses what is no number."""

    def number(instance: Instance) -> Term:
        term = term_of(instance)
        if term.kind != "number":
            raise ExpressionError(f"{instance.name!r} is a {term.kind}, and a number is needed")
        return term

    return number


def _term(ctx: Context, instance: Instance, metric: Any, term_of: Terms, alias: str) -> Term:
    name, shift = instance.name, instance.shift
    every, term_of = term_of, _numbers(term_of)
    if isinstance(metric, model.Ratio):
        return exact.ratio(term_of(Instance(metric.numerator, shift)), term_of(Instance(metric.denominator, shift)))
    if isinstance(metric, model.Derived):
        return expressions.compile_expression(metric.expr, resolver(ctx, shift, every, alias))
    if isinstance(metric, model.Growth):
        term_of(Instance(metric.of, shift))
        return _growth(ctx, instance, metric, every, alias)
    if isinstance(metric, model.Points):
        term_of(Instance(metric.of, shift))
        return _points(ctx, instance, metric, every, alias)
    if isinstance(metric, model.WeightedMean):
        weights = {n: ctx.single(w, "metrics", (name, "of", n)) for n, w in metric.of.items()}
        total = sum((w.constant or Fraction(0) for w in weights.values()), Fraction(0))
        if not total:
            raise ExpressionError("all weights are zero")
        result = exact.constant(0)
        for n, weight in weights.items():
            if weight.constant:
                result = exact.plus(result, exact.times(term_of(Instance(n, shift)), weight))
        return exact.times(result, exact.constant(1 / total))
    return _window_day(ctx, instance, metric)


def _growth(ctx: Context, instance: Instance, metric: model.Growth, term_of: Terms, alias: str) -> Term:
    now = term_of(Instance(metric.of, instance.shift))
    base = term_of(Instance(metric.of, instance.shift).earlier(metric.before.months, metric.before.days))
    grown = exact.plus(now, base, "-")
    if metric.as_ == "percent":
        grown = exact.times(exact.ratio(grown, base), exact.constant(100))
    if metric.floor is None:
        return grown
    unit = ctx.edition.metrics[metric.of].unit or ctx.edition.programme.currency
    floor = by_class(ctx, metric.floor, "metrics", (instance.name, "floor"), unit, term_of, alias, instance.shift)
    return exact.choose([(exact.compare(base, ">=", floor).sql, grown)], exact.constant(0))


def _points(ctx: Context, instance: Instance, metric: model.Points, term_of: Terms, alias: str) -> Term:
    """Gate, then points (per unit, linear or by bands), then the cap."""

    def number(key: str) -> Term:
        raw = getattr(metric, key)
        unit = ctx.edition.programme.currency
        return by_class(ctx, raw, "metrics", (instance.name, key), unit, term_of, alias, instance.shift)

    of = term_of(Instance(metric.of, instance.shift))
    if metric.bands:
        rows = [
            (number_of(ctx, b.from_, instance, i, "from"), number_of(ctx, b.is_, instance, i, "is"))
            for i, b in enumerate(metric.bands)
        ]
        rows.sort(key=lambda pair: pair[0].constant or Fraction(0), reverse=True)
        points = exact.choose([(exact.compare(of, ">=", low).sql, gives) for low, gives in rows], exact.constant(0))
    elif metric.full is not None and metric.at is not None:
        points = exact.times(of, exact.ratio(number("full"), number("at")))
    elif metric.each is not None:
        points = exact.times(of, number("each"))
    else:
        points = of
    if metric.at_most is not None:
        points = exact.extreme([number("at_most"), points], largest=False)
    if metric.when:
        gate = condition(metric.when, resolver(ctx, instance.shift, term_of, alias))
        points = exact.choose([(gate, points)], exact.constant(0))
    return points


def number_of(ctx: Context, raw: object, instance: Instance, index: int, key: str) -> Term:
    return ctx.single(raw, "metrics", (instance.name, "bands", index, key), ctx.edition.programme.currency)


def condition(text: str, resolve: expressions.Resolver) -> str:
    """An SQL condition. Raises ExpressionError if the text is not one."""
    term = expressions.compile_expression(text, resolve)
    if term.kind != "boolean":
        raise ExpressionError(f"{text!r} is a {term.kind}, not a condition")
    return term.sql


def _window_day(ctx: Context, instance: Instance, metric: model.WindowDay) -> Term:
    window = windows.parse(metric.window)
    if window is None:
        raise ExpressionError(f"{metric.window!r} is not a window; write one of: {windows.FORMS}")
    if window.personal:
        raise ExpressionError("an anniversary year differs from partner to partner; compute its days in SQL")
    first, last = window.bounds(instance.day(ctx.days.as_of), ctx.fiscal_start)
    return Term("date", sql=literal(first if metric.day == "first" else last))


def resolver(ctx: Context, shift: tuple[int, int], term_of: Terms, alias: str) -> expressions.Resolver:
    """Names in an expression over metrics: metrics, parameters, the partner's own columns, standings, days."""
    partner_columns = {"country", "region", "type", "joined", "city", "group", "employees"}

    def resolve(name: str) -> Term:
        if name in ctx.edition.metrics:
            return term_of(Instance(name, shift))
        if name in STANDING_NAMES:
            return term_of(Instance(name))
        if name in ctx.edition.programme.parameters:
            raw, unit = ctx.edition.programme.parameters[name], ctx.edition.programme.currency
            return by_class(ctx, raw, "programme", ("parameters", name), unit, term_of, alias, shift)
        bare = name.removeprefix("partner_")
        if bare in ctx.edition.classes:
            return Term("text", sql=f"{alias}.{quoted(bare)}")
        if bare in partner_columns:
            sql = f"{alias}.{quoted(bare)}"
            if bare == "employees":
                return exact.integer(sql)
            return Term("date" if bare == "joined" else "text", sql=sql)
        day = ctx.day_name(name)
        if day is None:
            known = {*ctx.edition.metrics, *ctx.edition.programme.parameters, *ctx.edition.classes, *STANDING_NAMES}
            raise ctx.unknown(name, known)
        return day

    return resolve


def by_class(
    ctx: Context, raw: object, file: str, path: Path_, unit: str | None, term_of: Terms, alias: str, shift: tuple[int, int]
) -> Term:  # fmt: skip
    """A number in an expression; a table by class becomes a choice by the partner's class (or a text metric)."""
    found = ctx.value(raw, file, path, unit)
    if isinstance(found, values.Number):
        return exact.constant(found.value)
    if found.classification in ctx.edition.metrics:
        column = term_of(Instance(found.classification, shift)).sql
    elif found.classification in ctx.edition.classes:
        column = f"{alias}.{quoted(found.classification)}"
    else:
        raise ctx.edition.source_of(file).error(
            path, f"a table by {found.classification} stands here", "an expression knows the partner's classes",
            "key the table by a classification of countries.yaml or a text metric",
        )  # fmt: skip
    branches = [(f"{column} = {literal(c)}", exact.constant(n.value)) for c, n in found.numbers]
    return exact.choose(branches, exact.constant(found.otherwise.value) if found.otherwise else None)
