"""Aggregates: from how metrics read their tables to grouped SELECTs, as few as the facts allow.

Metrics that read the same rows in the same way share a pass: sums, counts, averages and extremes become aggregates with
a FILTER. Distinct counts, medians, latest values and capped sums need their own.
"""

from __future__ import annotations

from hanse.language import exact
from hanse.language.context import Context
from hanse.language.exact import Term
from hanse.language.expressions import ExpressionError
from hanse.language.metrics import PARTNER, Instance, Made, SourceRelation
from hanse.language.money import PLACES, rounded, rounded_columns
from hanse.language.persons import counted_already, counted_by_bits
from hanse.language.plan import quoted
from hanse.language.simple import Reading, read
from hanse.language.staging import UNITS

_FILL_ZERO = {"sum", "count", "count_distinct"}


def sources(ctx: Context, ready: list[Instance]) -> list[SourceRelation]:
    """The relations of simple metrics that can be read now, those of one pass together."""
    shared: dict[tuple[object, ...], list[Reading]] = {}
    found = []
    for instance in ready:
        reading = read(ctx, instance)
        if reading.together is None:
            try:
                found.append(_alone(ctx, reading))
            except ExpressionError as error:
                raise ctx.metric_error(
                    instance.name, str(error), "the metric cannot be computed", "name a column of the table"
                ) from error
        else:
            shared.setdefault(reading.together, []).append(reading)
    return found + [_shared(ctx, readings) for readings in shared.values()]


def _keys(reading: Reading, grain: str) -> tuple[list[str], str]:
    """Select items and GROUP BY of the key."""
    items = [f"{reading.pid} AS pid"]
    if reading.key:
        items.append(f"{reading.key} AS {quoted(grain)}")
    return items, ", ".join(["pid"] + ([quoted(grain)] if reading.key else []))


def _shared(ctx: Context, readings: list[Reading]) -> SourceRelation:
    first = readings[0]
    grain = first.metric.per or PARTNER
    items, _ = _keys(first, grain)
    group = ", ".join([first.pid] + ([first.key] if first.key else []))
    several = len(readings) > 1
    made: dict[Instance, Made] = {}
    fills: dict[Instance, Term | None] = {}
    for reading in readings:
        kept = f" FILTER (WHERE {reading.condition})" if several else ""
        columns, how = _aggregates(reading, kept)
        items += columns
        made[reading.instance], fills[reading.instance] = how, fill_of(ctx, reading)
    rounding = {f"x_{r.instance.column}": r.money_scale for r in readings if _is_money(r)}
    conditions = list(dict.fromkeys(r.condition for r in readings))
    where = " OR ".join(f"({c})" for c in conditions)
    if first.key:
        where = f"({where}) AND {first.key} IS NOT NULL"
    sql = f"SELECT {', '.join(items)} FROM {first.source} WHERE {where} GROUP BY {group}"
    keys = ["pid"] + ([quoted(grain)] if first.key else [])
    others = [quoted(c) for i, how in made.items() for c in how.columns(i) if c not in rounding]
    return SourceRelation(rounded_columns(sql, rounding, [*keys, *others]), made, fills)


def _aggregates(reading: Reading, kept: str) -> tuple[list[str], Made]:
    """The aggregate columns of one metric in a shared pass."""
    agg, measure, instance = reading.metric.agg, reading.measure, reading.instance
    x, o = quoted(f"x_{instance.column}"), quoted(f"o_{instance.column}")
    count = f"COUNT(*){kept}"
    least = reading.metric.min_count

    def gate(sql: str) -> str:
        return f"CASE WHEN {count} >= {least} THEN {sql} END" if least else sql

    if agg == "any":
        return [f"({count} >= {least or 1}) AS {x}"], Made("boolean")
    if measure is None:
        return [f"{gate(count)} AS {x}"], Made("number")
    if agg in ("min", "max"):
        sql = gate(f"{agg.upper()}({measure.num if measure.kind == 'number' else measure.sql}){kept}")
        if measure.kind != "number":
            return [f"{sql} AS {x}"], Made(measure.kind)
        return [f"{sql} AS {x}"], Made("number", _rounded_den(reading))
    total, den = f"SUM({measure.num}){kept}", _rounded_den(reading)
    if agg == "average":
        answers = f"COUNT({measure.num}){kept}"
        over = f"CASE WHEN {answers} >= {max(1, least or 1)} THEN {answers} END"
        return [f"{total} AS {x}", f"{over} AS {o}"], Made("number", den, True)
    return [f"{gate(total)} AS {x}"], Made("number", den)


def _is_money(reading: Reading) -> bool:
    """Converted amounts are rounded to ten decimals once they are summed, and nothing else ever is."""
    scale_of = reading.money_scale
    return scale_of is not None and reading.measure is not None and reading.measure.den % (UNITS * 10**scale_of) == 0


def _rounded_den(reading: Reading) -> int:
    """The denominator once converted amounts are rounded."""
    if reading.measure is None:
        return 1
    if reading.money_scale is None or not _is_money(reading):
        return reading.measure.den
    return reading.measure.den // int(UNITS * 10**reading.money_scale) * int(10**PLACES)


def _rounded(reading: Reading, sql: str) -> tuple[str, int]:
    """An amount of one row rounded where it stands."""
    if reading.money_scale is None or not _is_money(reading):
        return sql, _rounded_den(reading)
    return rounded(sql, reading.money_scale), _rounded_den(reading)


def fill_of(ctx: Context, reading: Reading) -> Term | None:
    """The value of a metric where no row counts."""
    metric = reading.metric
    if metric.fill_nulls_with is not None:
        return ctx.single(metric.fill_nulls_with, "metrics", (reading.instance.name, "fill_nulls_with"))
    if metric.agg == "any":
        return Term("boolean", sql="FALSE")
    if metric.agg in _FILL_ZERO and not metric.min_count:
        return exact.constant(0)
    return None


def _alone(ctx: Context, reading: Reading) -> SourceRelation:
    """Aggregates that need more than one level of grouping."""
    metric, instance = reading.metric, reading.instance
    grain = metric.per or PARTNER
    keys, group = _keys(reading, grain)
    where = reading.condition + (f" AND {reading.key} IS NOT NULL" if reading.key else "")
    source = f"FROM {reading.source} WHERE {where}"
    if metric.newest:
        source = _newest(reading, source)
    x = quoted(f"x_{instance.column}")
    made = Made("number")
    if metric.agg == "count_distinct":
        sql = _distinct(ctx, reading, keys, group, source, x)
    elif metric.each:
        sql, made = _capped(ctx, reading, keys, group, source, x)
    elif metric.agg in ("median", "percentile"):
        sql, made = _ranked(ctx, reading, keys, group, source)
    elif metric.agg in ("latest", "first"):
        sql, made = _outermost(reading, keys, group, source)
    else:
        columns, made = _aggregates(reading, "")
        group = ", ".join([reading.pid] + ([reading.key] if reading.key else []))
        sql = f"SELECT {', '.join([*keys, *columns])} {source} GROUP BY {group}"
        kept = ["pid", *([quoted(grain)] if reading.key else []), *(quoted(c) for c in made.columns(instance)[1:])]
        sql = rounded_columns(sql, {f"x_{instance.column}": reading.money_scale} if _is_money(reading) else {}, kept)
    among = counted_by_bits(ctx, reading, x) if instance in ctx.minor else None
    return SourceRelation(sql, {instance: made}, {instance: fill_of(ctx, reading)}, among)


def _distinct(ctx: Context, reading: Reading, keys: list[str], group: str, source: str, x: str) -> str:
    assert reading.measure is not None
    value = reading.measure.num if reading.measure.kind == "number" else reading.measure.sql
    inner = f"SELECT DISTINCT {', '.join(keys)}, {value} AS v {source} AND {value} IS NOT NULL"
    least = reading.metric.min_count
    count = f"CASE WHEN COUNT(*) >= {least} THEN COUNT(*) END" if least else "COUNT(*)"
    persons = counted_already(ctx, reading)
    if persons:
        return f"SELECT pid, {count} AS {x} FROM {persons} AS d GROUP BY pid"
    return f"SELECT {group}, {count} AS {x} FROM ({inner}) AS d GROUP BY {group}"


def _newest(reading: Reading, source: str) -> str:
    """Of rows alike in `per` only the highest versions: by the number a version begins with, then by its text."""
    newest = reading.metric.newest
    assert newest is not None
    names = [reading.table.use(n) for n in [*newest.per, newest.by]]
    alike = ", ".join([reading.pid, *(f"t.{quoted(n)}" for n in names[:-1])])
    version = f"t.{quoted(names[-1])}"
    number = f"CAST(NULLIF(REGEXP_EXTRACT({version}, '^[0-9]+'), '') AS BIGINT)"
    rank = f"DENSE_RANK() OVER (PARTITION BY {alike} ORDER BY {number} DESC NULLS LAST, {version} DESC NULLS LAST)"
    keyed = "" if reading.key is None else f", {reading.key} AS newest_key"
    reading.key = None if reading.key is None else "t.newest_key"
    inner = f"SELECT t.*, {reading.pid} AS newest_pid{keyed}, {rank} AS newest_rank {source}"
    reading.source, old = f"({inner}) AS t", reading.pid
    reading.pid = "t.newest_pid" if old != "t.pid" else "t.pid"
    return f"FROM {reading.source} WHERE t.newest_rank <= {newest.keep}"


def _capped(ctx: Context, reading: Reading, keys: list[str], group: str, source: str, x: str) -> tuple[str, Made]:
    each = reading.metric.each
    assert each is not None
    part = reading.table.use(each.per)
    cap = ctx.single(each.at_most, "metrics", (reading.instance.name, "each", "at_most"))
    inner_value = exact.integer("COUNT(*)") if reading.measure is None else None
    if inner_value is None:
        assert reading.measure is not None
        total, den = _rounded(reading, f"SUM({reading.measure.num})")
        inner_value = Term("number", num=total, den=den)
    inner = f"SELECT {', '.join(keys)}, t.{quoted(part)} AS part, {inner_value.num} AS v {source} GROUP BY ALL_KEYS"
    inner = inner.replace(
        "ALL_KEYS", ", ".join([reading.pid, *([reading.key] if reading.key else []), f"t.{quoted(part)}"])
    )
    capped = exact.extreme([Term("number", num="v", den=inner_value.den), cap], largest=False)
    return f"SELECT {group}, SUM({capped.num}) AS {x} FROM ({inner}) AS e GROUP BY {group}", Made("number", capped.den)


def _ranked(ctx: Context, reading: Reading, keys: list[str], group: str, source: str) -> tuple[str, Made]:
    """Median (the mean of the two middle values) or percentile (the nearest rank), exactly."""
    assert reading.measure is not None
    x, o = quoted(f"x_{reading.instance.column}"), quoted(f"o_{reading.instance.column}")
    value, den = _rounded(reading, reading.measure.num)
    ranked = (
        f"SELECT *, ROW_NUMBER() OVER (PARTITION BY {group} ORDER BY v) AS rn, COUNT(*) OVER (PARTITION BY {group}) AS n "
        f"FROM (SELECT {', '.join(keys)}, {value} AS v {source}) AS v WHERE v IS NOT NULL"
    )
    if reading.metric.agg == "median":
        chosen = "rn = (n + 1) // 2 OR rn = (n + 2) // 2"
    else:
        p = ctx.single(reading.metric.percentile, "metrics", (reading.instance.name, "percentile")).constant
        assert p is not None
        top, bottom = p.numerator, p.denominator * 100
        chosen = f"rn = GREATEST(1, (n * {top} + {bottom - 1}) // {bottom})"
    least = reading.metric.min_count or 1
    sql = (
        f"SELECT {group}, SUM(v) AS {x}, CASE WHEN MAX(n) >= {least} THEN COUNT(*) END AS {o} "
        f"FROM ({ranked}) AS r WHERE {chosen} GROUP BY {group}"
    )
    return sql, Made("number", den, True)


def _outermost(reading: Reading, keys: list[str], group: str, source: str) -> tuple[str, Made]:
    """The value of the latest (or first) row; of several on that day the highest."""
    assert reading.measure is not None
    x = quoted(f"x_{reading.instance.column}")
    measure = reading.measure
    value, den = (_rounded(reading, measure.num)) if measure.kind == "number" else (measure.sql, 1)
    fact = reading.table.fact
    day = quoted(reading.metric.day or (fact.day if fact and fact.day else "on"))
    order = "DESC" if reading.metric.agg == "latest" else "ASC"
    inner = f"SELECT {', '.join(keys)}, {value} AS v, t.{day} AS d {source}"
    ranked = f"SELECT *, ROW_NUMBER() OVER (PARTITION BY {group} ORDER BY d {order}, v DESC) AS rn FROM ({inner}) AS i WHERE v IS NOT NULL"
    return f"SELECT {group}, v AS {x} FROM ({ranked}) AS r WHERE rn = 1", Made(measure.kind, den)
