"""Metrics that count rows: which rows of which table count on the day, and what is measured of each.

A `Reading` is the one definition of that. `aggregates` makes SQL of it, and an explanation the reasons why rows count
or do not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hanse.language import exact, model, windows
from hanse.language.context import Context, Predicate
from hanse.language.exact import Term
from hanse.language.expressions import ExpressionError, compile_expression
from hanse.language.facts import Column
from hanse.language.metrics import Instance
from hanse.language.money import scale
from hanse.language.plan import literal, quoted
from hanse.language.staging import UNITS
from hanse.language.tables import RowTable, row_table

_TOGETHER = {"sum", "count", "average", "min", "max", "any"}


@dataclass
class Reading:
    """How one metric reads its table."""

    instance: Instance
    metric: model.Simple
    table: RowTable
    judged: date
    key: str | None  # SQL of the grain's column
    source: str  # FROM ... with its joins
    where: list[Predicate]
    measure: Term | None
    money_scale: int | None
    pid: str = "t.pid"
    notes: list[str] = field(default_factory=list)

    @property
    def condition(self) -> str:
        return " AND ".join(p.sql for p in self.where) or "TRUE"

    @property
    def together(self) -> tuple[object, ...] | None:
        """Metrics with the same value share one pass; None reads alone."""
        alone = self.metric.each or self.metric.newest or self.metric.agg not in _TOGETHER
        return None if alone else (self.source, self.key, self.pid)


def read(ctx: Context, instance: Instance) -> Reading:
    """Resolves a simple metric against its table. Raises EditionError with the metric's place."""
    metric: model.Simple = ctx.edition.metrics[instance.name]
    evaluated = instance.shifted(metric.at)
    judged = evaluated.day(ctx.days.as_of)
    try:
        table = row_table(ctx, instance.name, metric.table, judged, evaluated.shift)
        rows = _Rows(ctx, metric, table, judged)
        where = rows.validity() + rows.window(instance.name)
        if metric.filter:
            sql = rows.condition(metric.filter)
            where.append(Predicate(sql, "does not match", metric.filter))
        key = rows.key(metric.per)
        measure = rows.measure()
    except ExpressionError as error:
        raise ctx.metric_error(
            instance.name, str(error), "the metric cannot be computed", "see docs/language.md, metrics.yaml"
        ) from error
    if rows.pid == "t.pid" and table.pid_nullable:
        where.insert(0, Predicate("t.pid IS NOT NULL", "nobody's"))
    source = f"{table.relation} AS t" + rows.joins
    return Reading(instance, metric, table, judged, key, source, where, measure, rows.money_scale, rows.pid)


class _Rows:
    """Names, conditions and the measure of one metric over the rows of its table."""

    def __init__(self, ctx: Context, metric: model.Simple, table: RowTable, judged: date) -> None:
        self.ctx, self.metric, self.table, self.judged = ctx, metric, table, judged
        self.joins, self.pid = "", "t.pid"
        self.money_scale: int | None = None
        self.currency = metric.currency or ctx.edition.programme.currency
        if metric.over:
            self._over(metric.over)

    # -- names ---------------------------------------------------------------------------------------------

    def name(self, name: str) -> Term:
        column = self.table.columns.get(name)
        if column is not None:
            self.table.use(name)
            return self._column(column)
        if name in self.ctx.edition.classes and "country" in self.table.columns:
            return self.table.row_class(name)
        if name.startswith("partner_"):
            return self._of_partner(name.removeprefix("partner_"))
        found = self.ctx.day_name(name) or self.ctx.parameter(name)
        if found is None:
            raise self.ctx.unknown(name, set(self.table.columns) | set(self.ctx.edition.programme.parameters))
        return found

    def _column(self, column: Column) -> Term:
        sql = f"t.{quoted(column.name)}"
        if column.name in self.table.terms:
            return self.table.terms[column.name]
        if column.type in ("text", "country", "currency"):
            return Term("text", sql=sql)
        if column.type in ("day", "moment"):
            return Term("date", sql=sql)
        if column.type == "integer":
            return exact.integer(sql)
        if column.type == "real":
            raise ExpressionError(f"{column.name!r} is a measurement, not an exact number; it cannot be compared")
        if self._converted(column):
            assert self.table.fact is not None
            use = self.ctx.staging.use(self.table.fact.name)
            use.currencies.add(self.currency)
            self.money_scale = scale(self.currency, self.ctx.facts.rates)
            return exact.integer(f"t.{quoted(f'{column.name}_{self.currency}')}", UNITS * 10**self.money_scale)
        return exact.integer(f"CAST(CAST({sql} AS DECIMAL(22, 4)) * {UNITS} AS BIGINT)", UNITS)

    def _converted(self, column: Column) -> bool:
        if self.table.fact is None or "currency" not in self.table.columns or self.currency == "original":
            return False
        if column.name == "value":
            return self.metric.currency is not None and "currency" in self.ctx.facts.schema.get("series", {})
        return column.type == "amount" and "currency" in self.ctx.facts.schema.get(self.table.fact.name, {})

    def _of_partner(self, name: str) -> Term:
        columns = self.ctx.edition.tables["partners"].by_name
        if name not in columns and name not in self.ctx.edition.classes:
            raise self.ctx.unknown(f"partner_{name}", {f"partner_{c}" for c in columns})
        if " AS tp ON " not in self.joins:
            self.joins += f" JOIN $all_partners AS tp ON tp.pid = {self.pid}"
        sql = f"tp.{quoted(name)}"
        kind = columns[name].type if name in columns else "text"
        if kind == "integer":
            return exact.integer(sql)
        return Term("date" if kind == "day" else "text", sql=sql)

    # -- conditions ----------------------------------------------------------------------------------------

    def validity(self) -> list[Predicate]:
        """The rows valid on the day judged."""
        fact = self.table.fact
        if fact is None:
            return []
        day = literal(self.judged)
        if fact.name in self.ctx.edition.tables and fact.name != "partners":
            elsewhere = self.judged != self.ctx.days.as_of and fact.owner != "person"
            self.ctx.staging.use(fact.name).also_invalid |= self.metric.valid == "any" or elsewhere
        if fact.lasts and self.metric.valid != "any":
            first, last = (f"t.{quoted(c)}" for c in fact.lasts)
            if fact.name == "people":
                last = "t.counts_until"
            return [
                Predicate(f"{first} <= {day}", "not yet", fact.lasts[0]),
                Predicate(f"({last} IS NULL OR {last} >= {day})", "expired", fact.lasts[1]),
            ]
        if fact.day:
            return [Predicate(f"t.{quoted(fact.day)} <= {day}", "not yet", fact.day)]
        return []

    def window(self, metric_name: str) -> list[Predicate]:
        """The rows whose day lies in the window; widens the horizon of what is staged."""
        fact = self.table.fact
        raw = self.metric.window or self.metric.grain_to_date
        day_column = self.metric.day or (fact.day if fact else None)
        staged = fact is not None and fact.name in self.ctx.edition.tables and fact.name != "partners"
        use = self.ctx.staging.use(fact.name) if fact and staged else None
        if raw is None:
            if use:
                use.days_from(None)
            if self.metric.day:
                day = self.name(self.metric.day).sql
                return [Predicate(f"{day} <= {literal(self.judged)}", "not yet", self.metric.day)]
            return []
        window = windows.parse(raw)
        if window is None or day_column is None:
            raise self.ctx.metric_error(
                metric_name, f"{raw!r} is not a window" if window is None else f"{self.metric.table!r} has no day",
                "a window says which days count", f"write one of: {windows.FORMS}", "window",
            )  # fmt: skip
        day = self.name(day_column).sql
        if window.personal:
            if use:
                use.days_from(None)
            self.joins += f" JOIN {anniversary_years(self.ctx, self.judged)} AS ay ON ay.pid = {self.pid}"
            return [Predicate(f"({day} >= ay.first AND {day} <= {literal(self.judged)})", "outside the window")]
        first, last = window.bounds(self.judged, self.ctx.fiscal_start)
        if use:
            other = self.metric.day is not None and fact is not None and self.metric.day != fact.day
            use.days_from(None if other else first)
        shown = f"{first or '...'} to {last}"
        low = f"{day} >= {literal(first)} AND " if first else ""
        return [Predicate(f"({low}{day} <= {literal(last)})", "outside the window", shown)]

    def condition(self, text: str) -> str:
        term = compile_expression(text, self.name)
        if term.kind != "boolean":
            raise ExpressionError(f"{text!r} is a {term.kind}, not a condition")
        return term.sql

    # -- what is measured ----------------------------------------------------------------------------------

    def measure(self) -> Term | None:
        if self.metric.agg in ("count", "any") and not self.metric.weight:
            if self.metric.measure:
                raise ExpressionError(f"`{self.metric.agg}` counts rows and takes no measure; use a filter")
            return None
        if self.metric.agg == "count_distinct" and self.metric.measure == "person" and self._numbered():
            return exact.integer("t.eid")
        if self.metric.measure is None and self.metric.agg != "count":
            raise ExpressionError(f"`agg: {self.metric.agg}` needs a `measure`")
        term = compile_expression(self.metric.measure, self.name) if self.metric.measure else exact.constant(1)
        if self.metric.weight:
            term = exact.times(term, self._weight(self.metric.weight))
        if term.over:
            raise ExpressionError("a measure does not divide by a column; divide one metric by another (type: ratio)")
        if self.metric.agg in ("sum", "average", "median", "percentile") and term.kind != "number":
            raise ExpressionError(f"`agg: {self.metric.agg}` needs a number, {self.metric.measure!r} is a {term.kind}")
        return term

    def _numbered(self) -> bool:
        """Persons may be told apart by the number of their employment, unless firms are counted together."""
        fact = self.table.fact
        return fact is not None and fact.owner == "person" and not self.metric.over and not self.ctx.staging.credits

    def _weight(self, weight: dict[str, Any]) -> Term:
        columns = [k for k in weight if k != "else"]
        if len(columns) != 1 or not isinstance(weight[columns[0]], dict):
            raise ExpressionError("`weight` names one column with a rate for each of its values, and perhaps `else`")
        column = self.name(columns[0])
        path = ("weight",)
        branches = [
            (f"{column.sql} = {literal(str(value))}",
             self.ctx.single(rate, "metrics", (self.table.metric, *path, columns[0], value)))
            for value, rate in weight[columns[0]].items()
        ]  # fmt: skip
        rest = self.ctx.single(weight.get("else", 0), "metrics", (self.table.metric, *path, "else"))
        return exact.choose(branches, rest)

    # -- keys ----------------------------------------------------------------------------------------------

    def key(self, per: str | None) -> str | None:
        if per is None:
            return None
        if per == "competency":
            joins, key = competency_of(self.ctx, self.table)
            self.joins += joins
            return key
        return self.name(per).sql

    def _over(self, over: Any) -> None:
        from hanse.language.enterprise import members

        self.joins += f" JOIN {members(self.ctx, over, self.table.metric)} AS mb ON mb.member = t.pid"
        self.pid = "mb.pid"


def competency_of(ctx: Context, table: RowTable) -> tuple[str, str]:
    """Joins and the SQL of the competency's number to which a row belongs.

    A row's own column `competency` comes first, then the lists under `counts`.
    """
    if "competency" in table.terms:
        return "", 't."competency"'
    columns = counting_columns(ctx, table)
    if not columns:
        raise ExpressionError(f"no competency says under `counts` which rows of {table.metric_table!r} are its own")
    names = [f"t.{quoted(table.use(c))}" for c in columns]
    if len(columns) == 1:
        on = f'kc1."column" = {literal(columns[0])} AND kc1.item = {names[0]}'
    elif len(columns) == 2 and columns[0] == "competency":
        which = f"CASE WHEN {names[0]} IS NOT NULL THEN 'competency' ELSE {literal(columns[1])} END"
        on = f'kc1.item = COALESCE({names[0]}, {names[1]}) AND kc1."column" = {which}'
    else:
        tests = [f'(kc1."column" = {literal(c)} AND kc1.item = {n})' for c, n in zip(columns, names, strict=True)]
        inner = f"SELECT 1 FROM $counts AS kc1 WHERE kc1.competency = kc2.competency AND ({' OR '.join(tests)})"
        return f" JOIN $competencies AS kc2 ON EXISTS ({inner})", "kc2.competency"
    return f" JOIN $counts AS kc1 ON {on}", "kc1.competency"


def counting_columns(ctx: Context, table: RowTable) -> list[str]:
    """The columns of a table that say to which competencies a row belongs, its own column `competency` first."""
    listed = ctx.edition.competencies.competencies.values() if ctx.edition.competencies else ()
    columns = sorted({c for entry in listed for c in entry.counts if c in table.columns})
    has = ctx.facts.schema.get(table.fact.name, {}) if table.fact else {}
    if "competency" in table.columns and (not columns or "competency" in has):
        columns = ["competency", *[c for c in columns if c in has]]
    return columns


def anniversary_years(ctx: Context, judged: date) -> str:
    """The year since each partner's last anniversary: pid, first, last. The anniversary is the held level's, else the day of joining."""
    import pyarrow as pa

    days = [(m, d) for m in range(1, 13) for d in range(1, 32) if d <= (29, 31, 30)[(m != 2) + (m in (4, 6, 9, 11))]]
    years = [windows.year_around(judged, m, d) for m, d in days]
    suffix = f"{judged:%Y%m%d}"
    ctx.plan.add_rows(
        f"year_days_{suffix}",
        pa.table({
            "month": pa.array([m for m, _ in days], pa.int64()),
            "day": pa.array([d for _, d in days], pa.int64()),
            "first": pa.array([f for f, _ in years], pa.date32()),
            "last": pa.array([last for _, last in years], pa.date32()),
        }),
    )  # fmt: skip
    held = ctx.staging.use("levels_held")
    held.columns |= {"anniversary", "subject", "programme"}
    held.days_from(None)
    name = ctx.plan.add(
        f"anniversary_years_{suffix}",
        "SELECT a.pid, a.anniversary, y.first, y.last FROM (SELECT p.pid, COALESCE(h.anniversary, p.joined) AS anniversary "
        "FROM $all_partners AS p LEFT JOIN (SELECT pid, MAX(anniversary) AS anniversary FROM $levels_held "
        f'WHERE "from" <= {literal(judged)} GROUP BY pid) AS h ON h.pid = p.pid) AS a '
        f"JOIN $year_days_{suffix} AS y ON y.month = EXTRACT(MONTH FROM a.anniversary) AND y.day = EXTRACT(DAY FROM a.anniversary)",
    )
    return f"${name}"
