"""Would every metric of an edition compute? Each is compiled, and its SQL bound, over facts that have no rows.

An evaluation computes only what its levels, competencies, benefits and results ask for. Here everything declared is
tried, so that a metric which nobody uses yet is not found wrong on the day somebody does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb
import pyarrow as pa

from hanse.decisions.evaluate import plan_of
from hanse.engines.duck import DuckEngine
from hanse.language import compiler, sql_metrics
from hanse.language.context import Days
from hanse.language.edition import Edition
from hanse.language.facts import SQL_TYPES, FactTable
from hanse.language.problems import EditionError, Problem

_ARROW = {"DATE": pa.date32(), "TIMESTAMP": pa.timestamp("us"), "DECIMAL(18, 4)": pa.decimal128(18, 4), "BIGINT": pa.int64(),
          "DOUBLE": pa.float64(), "DECIMAL(38, 12)": pa.decimal128(38, 12)}  # fmt: skip


def problems_of(edition: Edition, day: date) -> list[Problem]:
    """What is wrong with the rules in force on a day, each thing once; nothing: all of it would compute."""
    found: dict[Problem, None] = {}
    with DuckEngine(_empty(edition.tables), edition.tables, memory="1GB", threads=1) as engine:
        for key in edition.sql:
            found |= dict.fromkeys(_sql_problems(edition, engine, key, day))
        if found:
            return list(found)
        late = []
        for name in edition.metrics:
            try:
                if compiler.depends_on_outcome(edition, name, Days(day, day), engine.info):
                    late.append(name)
                else:
                    compiler.metric_plan(edition, [name], Days(day, day), engine.info)
            except EditionError as error:
                found |= dict.fromkeys(error.problems)
        try:
            plan_of(edition, Days(day, day), engine.info, show=late)
        except EditionError as error:
            found |= dict.fromkeys(error.problems)
    return list(found)


def _is_exact(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_decimal(kind))


def _empty(tables: Mapping[str, FactTable]) -> dict[str, pa.Table]:
    """Every table with all of its columns and no rows; exchange rates as they come with Hanse."""
    return {
        name: pa.table({c.name: pa.array([], _ARROW.get(SQL_TYPES[c.type], pa.string())) for c in table.columns})
        for name, table in tables.items()
        if name != "rates"
    }


def _sql_problems(edition: Edition, engine: DuckEngine, key: str, day: date) -> tuple[Problem, ...]:
    """A metrics/NAME.sql or tables/NAME.sql by itself: may it stand there, and do its columns and types fit?"""
    ctx = compiler.context(edition, Days(day, day), engine.info)
    try:
        sql = sql_metrics.bound(ctx, key)
    except EditionError as error:
        return error.problems
    if "competencies_held" in sql_metrics.tables_used(ctx, key):
        return ()  # bound with the competencies, when they are judged
    ctx.plan.outputs["trial"] = ctx.plan.add("trial", sql)
    compiler.finish(ctx)
    try:
        kind = edition.metrics[key.removeprefix("metrics/")].kind if key.startswith("metrics/") else ""
        given = engine.arrow(ctx.plan, "trial").schema
        if kind == "number" and "value" in given.names and not _is_exact(given.field("value").type):
            what = f"`value` is {given.field('value').type}, and the metric a number"
            remedy = "give an integer or a decimal (and `over` for a fraction), or say the metric's `kind`"
            return (Problem(f"{sql_metrics.place(ctx, key)}:1", what, "numbers are kept exactly", remedy),)
    except duckdb.Error as error:
        first, _, rest = str(error).partition("\n")
        why = first.partition("Error: ")[2] or first
        text = edition.sql[key]
        word = next((w for w in why.split('"')[1::2] if w in text), "")
        line = text.count("\n", 0, text.find(word)) + 1 if word else 1
        near = next((part for part in rest.splitlines() if part.startswith("Candidate")), "")
        remedy = near or "compare it with the columns and types of the tables"
        return (Problem(f"{sql_metrics.place(ctx, key)}:{line}", "the SELECT does not fit the tables", why, remedy),)
    return ()
