"""Metrics read from rows in a way of their own: rank, time held, conversion, replay."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import date, timedelta

import pyarrow as pa

from hanse.language import exact, model, windows
from hanse.language.context import Context, Days, FactsInfo
from hanse.language.edition import Edition
from hanse.language.exact import Term
from hanse.language.expressions import ExpressionError
from hanse.language.metrics import PARTNER, Instance, Made, SourceRelation
from hanse.language.plan import Plan, Tables, literal, quoted
from hanse.language.problems import nearest
from hanse.language.simple import _Rows
from hanse.language.sql_metrics import sql_files
from hanse.language.tables import row_table
from hanse.language.windows import parse

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_STEADY = (
    model.Simple,
    model.SqlMetric,
    model.Ratio,
    model.Derived,
    model.Growth,
    model.Points,
    model.WeightedMean,
    model.Assignment,
)


def rank(ctx: Context, instance: Instance) -> SourceRelation:
    """The place (1 is best) or the percentile of a partner among those of its country, class or all."""
    metric: model.Rank = ctx.edition.metrics[instance.name]
    of = Instance(metric.of, instance.shift)
    grain = ctx.grains[of]
    term = ctx.how(of).term(of, "w")
    value = term.num if term.over is None else exact.shown(term)
    column = (metric.within or "").removeprefix("partner_")
    known = {*ctx.edition.tables["partners"].by_name, *ctx.edition.classes}
    if metric.within and column not in known:
        raise ctx.metric_error(
            instance.name, f"{metric.within!r} is no column of partners", "partners are ranked among those alike in it",
            nearest(column, known), "within",
        )  # fmt: skip
    if term.kind not in ("number", "date"):
        raise ctx.metric_error(
            instance.name, f"{metric.of!r} is a {term.kind}", "a rank orders numbers or days", "rank a number", "of"
        )
    part = [f"p.{quoted(column)}"] if metric.within else []
    part += [f"w.{quoted(grain)}"] if grain else []
    within = f"PARTITION BY {', '.join(part)} " if part else ""
    order = "DESC" if metric.order == "descending" else "ASC"
    x, o = quoted(f"x_{instance.column}"), quoted(f"o_{instance.column}")
    keys = ["w.pid"] + ([f"w.{quoted(grain)}"] if grain else [])
    source = f"FROM ${ctx.wides[grain].step} AS w JOIN $all_partners AS p ON p.pid = w.pid WHERE {exact.known(term)} AND p.active"
    if metric.as_ == "rank":
        sql = f"SELECT {', '.join(keys)}, RANK() OVER ({within}ORDER BY {value} {order}) AS {x} {source}"
        return SourceRelation(sql, {instance: Made("number")}, {instance: None})
    backwards = "ASC" if order == "DESC" else "DESC"
    below = (
        f"COUNT(*) OVER ({within}ORDER BY {value} {backwards} RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - 1"
    )
    sql = f"SELECT {', '.join(keys)}, ({below}) * 100 AS {x}, NULLIF(COUNT(*) OVER ({within.strip()}) - 1, 0) AS {o} {source}"
    return SourceRelation(sql, {instance: Made("number", 1, True)}, {instance: None})


def held_for(ctx: Context, instance: Instance) -> SourceRelation:
    """How long a level, competency or designation is held without a break: days, or months and years with 31sts of a month."""
    metric: model.HeldFor = ctx.edition.metrics[instance.name]
    judged = instance.day(ctx.days.as_of)
    use = ctx.staging.use("levels_held")
    use.columns |= {"subject", "programme"}
    use.days_from(None)
    programme = f" AND programme = {literal(metric.programme)}" if metric.programme else ""
    day = literal(judged)
    far = literal(judged + timedelta(days=1))
    rows = (
        f'SELECT pid, "from" AS f, COALESCE("until", {far}) AS u FROM $levels_held '
        f'WHERE subject = {literal(metric.subject)} AND "from" <= {day}{programme}'
    )
    gaps = (
        f"SELECT *, CASE WHEN f <= CAST(MAX(u) OVER (PARTITION BY pid ORDER BY f, u ROWS BETWEEN UNBOUNDED PRECEDING "
        f"AND 1 PRECEDING) + INTERVAL '1' DAY AS DATE) THEN 0 ELSE 1 END AS fresh FROM ({rows}) AS r"
    )
    islands = f"SELECT pid, f, u, SUM(fresh) OVER (PARTITION BY pid ORDER BY f, u) AS island FROM ({gaps}) AS g"
    since = f"SELECT pid, MIN(f) AS f FROM ({islands}) AS i GROUP BY pid, island HAVING MAX(u) >= {day}"
    x = quoted(f"x_{instance.column}")
    if metric.unit == "days":
        sql = f"SELECT pid, DATE_DIFF('day', f, {day}) AS {x} FROM ({since}) AS s"
        return SourceRelation(sql, {instance: Made("number")}, {instance: exact.constant(0)})
    apart = (
        f"(({judged.year} - EXTRACT(YEAR FROM f)) * 12 + {judged.month} - EXTRACT(MONTH FROM f)) * 31 "
        f"+ {judged.day} - EXTRACT(DAY FROM f)"
    )
    sql = f"SELECT pid, CAST({apart} AS BIGINT) AS {x} FROM ({since}) AS s"
    den = 31 if metric.unit == "months" else 31 * 12
    return SourceRelation(sql, {instance: Made("number", den)}, {instance: exact.constant(0)})


def conversion(ctx: Context, instance: Instance) -> SourceRelation:
    """Of the entities with a base event in the window, how many (or what share) converted in time."""
    metric: model.Conversion = ctx.edition.metrics[instance.name]
    within = parse(metric.within)
    if within is None or within.kind != "trailing":
        raise ctx.metric_error(instance.name, f"{metric.within!r} is not a length of time", "a conversion has so long",
                               "write 90 days or 12 months", "within")  # fmt: skip
    interval = f"INTERVAL '{within.count}' {'DAY' if within.unit == 'days' else 'MONTH'}"
    parts = {}
    for name, step, window in (("base", metric.base, metric.window), ("conversion", metric.conversion, None)):
        as_simple = model.Simple(table=step.table, filter=step.filter, day=step.day, window=window)
        try:
            if step.table not in ctx.edition.tables and f"tables/{step.table}" not in ctx.edition.sql:
                raise ctx.unknown(
                    step.table, {*ctx.edition.tables, *(k[7:] for k in ctx.edition.sql if k.startswith("tables/"))}
                )
            table = row_table(ctx, instance.name, step.table, instance.day(ctx.days.as_of))
            rows = _Rows(ctx, as_simple, table, instance.day(ctx.days.as_of))
            tests = [p.sql for p in rows.validity() + rows.window(instance.name)]
            tests += [rows.condition(step.filter)] if step.filter else []
            own_day = table.fact.day if table.fact and table.fact.day else "on"
            entity, day = rows.name(metric.entity).sql, rows.name(step.day or own_day).sql
        except ExpressionError as error:
            raise ctx.metric_error(
                instance.name, str(error), "the event cannot be found", "see docs/language.md", name
            ) from error
        tests.append(f"{entity} IS NOT NULL")
        parts[name] = (
            f"SELECT {rows.pid} AS pid, {entity} AS entity, {day} AS day FROM {table.relation} AS t{rows.joins} WHERE {' AND '.join(tests)}"
        )
    base = f"SELECT pid, entity, MIN(day) AS day FROM ({parts['base']}) AS e GROUP BY pid, entity"
    done = (
        f"SELECT DISTINCT b.pid, b.entity FROM ({base}) AS b JOIN ({parts['conversion']}) AS c ON c.pid = b.pid "
        f"AND c.entity = b.entity AND c.day > b.day AND c.day <= CAST(b.day + {interval} AS DATE)"
    )
    x, o = quoted(f"x_{instance.column}"), quoted(f"o_{instance.column}")
    joined = f"FROM ({base}) AS b LEFT JOIN ({done}) AS d ON d.pid = b.pid AND d.entity = b.entity GROUP BY b.pid"
    if metric.as_ == "count":
        return SourceRelation(f"SELECT b.pid, COUNT(d.entity) AS {x} {joined}", {instance: Made("number")},
                              {instance: exact.constant(0)})  # fmt: skip
    sql = f"SELECT b.pid, COUNT(d.entity) * 100 AS {x}, COUNT(*) AS {o} {joined}"
    return SourceRelation(sql, {instance: Made("number", 1, True)}, {instance: None})


def replay(ctx: Context, instance: Instance) -> SourceRelation:
    """Whether a boolean metric held on any (or every) day of a window: the metric's whole plan, day by day.

    Each day is judged by that day's rules, unless other rules were asked for. Days between which nothing can differ
    are judged once.
    """
    from hanse.language.kinds import grain_of

    metric: model.Replay = ctx.edition.metrics[instance.name]
    if ctx.edition.metrics[metric.of].kind != "boolean" and getattr(ctx.edition.metrics[metric.of], "agg", "") != "any":
        raise ctx.metric_error(
            instance.name, f"{metric.of!r} is a {ctx.edition.metrics[metric.of].kind}", "a replay asks whether something was so",
            "replay a boolean metric: compare the number in a `derived` one first", "of",
        )  # fmt: skip
    window = windows.parse(metric.window)
    if window is None or window.personal:
        raise ctx.metric_error(
            instance.name, f"{metric.window!r} is not a window to replay", "every day is judged anew",
            f"write one of: {windows.FORMS}", "window",
        )  # fmt: skip
    first, last = window.bounds(instance.day(ctx.days.as_of), ctx.fiscal_start)
    if first is None:
        raise ctx.metric_error(
            instance.name, "the window has no first day", "each day is judged", "add `from`", "window"
        )
    edition, facts, asked = ctx.edition, ctx.facts, ctx.days
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    name, output = f"replay_{instance.column}", f"metric_{metric.of}"

    def call(tables: Tables) -> pa.Table:
        counted: dict[tuple[str, str | None], int] = {}
        runs = same_outcome(edition, metric.of, asked, facts, days, tables.days())
        plans = []
        for day, _ in runs:
            rules = day if asked.rules_as_of == asked.as_of else asked.rules_as_of
            plans.append(_remembered_plan(edition, metric.of, Days(day, rules, asked.known_at), facts))
        for rows, (_, length) in zip(tables.answers(plans, output), runs, strict=True):
            for row in rows.to_pylist():
                if row["value"]:
                    key = (row["partner"], row["key"])
                    counted[key] = counted.get(key, 0) + length
        least = 1 if metric.how == "any" else len(days)
        held = sorted((k for k, n in counted.items() if n >= least), key=str)
        return pa.table({
            "partner": pa.array([p for p, _ in held], pa.string()), "key": pa.array([k for _, k in held], pa.string()),
        })  # fmt: skip

    content = f"replay {edition.content_hash} {metric.of} {metric.how} {first} {last} {asked}"
    ctx.plan.add_call(name, call, ("raw_partners",), content)
    return _by_key(instance, grain_of(ctx, metric.of), name)


def _remembered_plan(edition: Edition, metric: str, days: Days, facts: FactsInfo) -> Plan:
    """The plan of one day; windows of two replays overlap, so the plans over the latest facts are kept."""
    from hanse.language.compiler import metric_plan

    memory = edition.remembered
    if memory.replayed_over is not facts.schema:
        memory.replayed_over, memory.replayed = facts.schema, {}
    key = (metric, days)
    if key not in memory.replayed:
        memory.replayed[key] = metric_plan(edition, [metric], days, facts, whole_years=True)
    plan: Plan = memory.replayed[key]
    return plan


def same_outcome(
    edition: Edition, metric: str, asked: Days, facts: FactsInfo, days: list[date], dates: set[date]
) -> list[tuple[date, int]]:
    """The last day of each run of days with the same outcome, and how many days it stands for.

    A metric compares the days of facts with a few days that only move forward: the day judged and the bounds of
    windows. While none of them passes a day of the facts (or one written in the edition), nothing can differ.
    """
    from hanse.language import compiler

    texts = [str(read.data) for read in edition.sources.values()] + list(edition.sql.values())
    lag = edition.programme.people.counted_after_leaving
    written = {date.fromisoformat(d) for text in texts for d in _DAY.findall(text)}
    left = {windows.leaving_day(d, lag.months, lag.days, lag.day) for d in dates} if lag else set()
    known = sorted(dates | written | left)
    ctx = compiler.context(edition, asked, facts)
    instances = compiler.needed(ctx, [Instance(metric)])
    moving = _moving_days(ctx, instances)
    if moving is None:
        return [(day, 1) for day in days]
    runs: list[tuple[date, int]] = []
    before: object = None
    for day in days:
        mark = [(bisect_left(known, d), bisect_right(known, d)) for d in moving(day)]
        if mark == before:
            runs[-1] = (day, runs[-1][1] + 1)
        else:
            runs.append((day, 1))
        before = mark
    return runs


def _moving_days(ctx: Context, instances: list[Instance]) -> Callable[[date], list[date]] | None:
    """For a day, the days that facts are compared with on it; None where each day may differ from the next."""
    ways: set[tuple[Instance, windows.Window | None]] = set()
    for instance in instances:
        metric = ctx.edition.metrics[instance.name]
        texts = [getattr(metric, k, None) or "" for k in ("expr", "when", "filter", "measure")]
        texts += [ctx.edition.sql[key] for key in sql_files(ctx, instance.name)]
        if not isinstance(metric, _STEADY) or any("interval" in text.lower() for text in texts):
            return None
        if isinstance(metric, model.Simple):
            raw = metric.window or metric.grain_to_date
            window = windows.parse(raw) if raw else None
            if window is not None and window.personal:
                return None
            ways.add((Instance("", instance.shifted(metric.at).shift), window))
    listed = sorted(ways, key=str)

    def moving(day: date) -> list[date]:
        found = [day]
        for shifted, window in listed:
            judged = shifted.day(day)
            found += [judged, *(d for d in (window.bounds(judged, ctx.fiscal_start) if window else ()) if d)]
        return found

    return moving


def _by_key(instance: Instance, grain: str, step: str) -> SourceRelation:
    items, join = ["p.pid"], ""
    if grain == "competency":
        items.append("k.competency")
        join = " JOIN $competencies AS k ON k.name = q.key"
    elif grain != PARTNER:
        items.append(f"q.key AS {quoted(grain)}")
    x = quoted(f"x_{instance.column}")
    sql = f"SELECT {', '.join(items)}, TRUE AS {x} FROM ${step} AS q JOIN $all_partners AS p ON p.partner = q.partner{join}"
    return SourceRelation(sql, {instance: Made("boolean")}, {instance: Term("boolean", sql="FALSE")})
