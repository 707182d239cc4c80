"""The tables that a metric may read: facts, derived tables in SQL, competencies held, and other metrics."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from hanse.language import exact
from hanse.language.context import Context
from hanse.language.exact import Term
from hanse.language.expressions import ExpressionError
from hanse.language.facts import CONTRACT, FROM_EMPLOYMENT, Column, FactTable
from hanse.language.metrics import NOW, PARTNER, Instance, Shift
from hanse.language.plan import quoted

HELD = "competencies_held"
STANDINGS = "standings"
MADE_TABLES = {
    HELD: {c: Column(c, t) for c, t in
           {"competency": "text", "depth": "text", "depth_rank": "integer", "area": "text", "since": "day"}.items()},
    STANDINGS: {c: Column(c) for c in ("level", "granted", "expected", "path", "awaiting")},
}  # fmt: skip
_KNOWN_TYPES = {c.name: c.type for table in CONTRACT.values() for c in table.columns}


@dataclass
class RowTable:
    """A table as a metric reads it: `relation` in FROM (alias t), its columns, and how some of them read."""

    ctx: Context
    metric: str
    metric_table: str
    relation: str
    columns: dict[str, Column]
    fact: FactTable | None = None
    terms: dict[str, Term] = field(default_factory=dict)
    pid_nullable: bool = False

    def use(self, name: str) -> str:
        """Marks a column as needed; raises ExpressionError if there is none of that name."""
        if name not in self.columns:
            raise ExpressionError(f"the table {self.metric_table!r} has no column {name!r}")
        if self.fact is not None and self.fact.name in self.ctx.edition.tables and self.fact.name != "partners":
            self.ctx.staging.use(self.fact.name).columns.add(name)
        return name

    def row_class(self, classification: str) -> Term:
        """The class of the row's own country."""
        if self.fact is None:
            raise ExpressionError(f"the table {self.metric_table!r} has no country of its own")
        if self.fact.name == "partners":
            return Term("text", sql=f"t.{quoted(classification)}")
        use = self.ctx.staging.use(self.fact.name)
        use.classes.add(classification)
        use.columns.add("country")
        return Term("text", sql=f"t.{quoted('row_' + classification)}")


def row_table(ctx: Context, metric: str, name: str, judged: date, shift: Shift = NOW) -> RowTable:
    """The table of that name. Raises ExpressionError when nothing is called so, or it is not there yet."""
    if name in MADE_TABLES:
        step = ctx.held_step if name == HELD else name
        return RowTable(ctx, metric, name, f"${step}", dict(MADE_TABLES[name]))
    if name in ctx.edition.metrics and name != metric:
        return _metric_table(ctx, metric, Instance(name, shift))
    if f"tables/{name}" in ctx.edition.sql:
        return _sql_table(ctx, metric, name)
    fact = ctx.edition.tables.get(name)
    if fact is None:
        known = set(ctx.edition.tables) | set(MADE_TABLES) | set(ctx.edition.metrics)
        raise ctx.unknown(name, known)
    columns = dict(fact.by_name)
    if fact.owner == "person":
        for column in FROM_EMPLOYMENT:
            columns.setdefault(column.name, column)
    if name == "partners":
        columns |= {c: Column(c) for c in ctx.edition.classes}
        return RowTable(ctx, metric, name, "$all_partners", columns, fact)
    if fact.owner == "none":
        raise ExpressionError(f"{name!r} belongs to no partner; join it in a tables/*.sql")
    ctx.staging.use(name)
    return RowTable(ctx, metric, name, f"${ctx.staging.good(name, judged)}", columns, fact)


def _metric_table(ctx: Context, metric: str, instance: Instance) -> RowTable:
    """A metric with a `per` as a table: pid, the `per` column, value."""
    name = instance.name
    grain = ctx.grains[instance]
    if grain == PARTNER:
        raise ExpressionError(f"{name!r} is one number per partner; use it in an expression instead of as a table")
    made = ctx.how(instance)
    relation = f"${ctx.wides[grain].step}"
    terms = {"value": made.term(instance, "t")}
    if grain == "competency":
        relation = f"(SELECT w.*, k.name AS competency_name FROM ${ctx.wides[grain].step} AS w JOIN $competencies AS k ON k.competency = w.competency)"
        terms["competency"] = Term("text", sql="t.competency_name")
    columns = {grain: Column(grain, "text"), "value": Column("value")}
    return RowTable(ctx, metric, name, relation, columns, terms=terms)


def _sql_table(ctx: Context, metric: str, name: str) -> RowTable:
    from hanse.language.sql_metrics import own_table

    relation, names = own_table(ctx, name)
    columns, terms = {}, {}
    for column in names:
        kind = _KNOWN_TYPES.get(column, "number")
        columns[column] = Column(column, kind)
        if kind in ("number", "amount", "integer"):
            terms[column] = exact.integer(
                f"CAST(CAST(t.{quoted(column)} AS DECIMAL(28, 10)) * 10000000000 AS {exact.INT})", 10**10
            )
    fact = FactTable(name, tuple(columns.values()), day="on" if "on" in columns else None)
    table = RowTable(ctx, metric, name, relation, columns, None, terms)
    table.fact = fact if fact.day else None
    return table
