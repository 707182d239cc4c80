"""Which facts count, now or as they had been recorded by a moment?

A fact counts while a batch that says it has not been taken back, no living correction hides it, and, where its table
has a key, no later living fact is about the same thing. The rule stands here once; the views of the schema `facts`
and the runs of any moment are written from it.
"""

from __future__ import annotations

from datetime import datetime

from hanse.language.facts import CONTRACT, SQL_TYPES, FactTable
from hanse.language.plan import literal, quoted

SCHEMA = "facts"


def table_of(name: str) -> str:
    """Where facts of a table are kept."""
    return f"evidence_{name}" if name in CONTRACT else "evidence_declared"


def sql_type(kind: str) -> str:
    """PostgreSQL's type of a column of the contract; texts are compared by their bytes."""
    return {"VARCHAR": 'text COLLATE "C"', "DOUBLE": "double precision"}.get(SQL_TYPES[kind], SQL_TYPES[kind].lower())


def visible_sql(name: str, moment: datetime | None = None) -> str:
    """A SELECT of the facts of one contract table that count: `fact`, `batch`, `line`, its columns, `more`.

    `moment` is when they must have been recorded by; without it, now.
    """
    table = CONTRACT[name]
    columns = ", ".join(_column(c.name, c.type) for c in table.columns)
    return f"SELECT f.fact, f.batch_id AS batch, f.line, {columns}, f.more FROM {table_of(name)} AS f WHERE " + counts(
        "f", table, moment
    )


def declared_sql(name: str, moment: datetime | None = None) -> str:
    """The same for a table that only an edition declares: `fact`, `batch`, `line`, `partner`, `person`, `more`."""
    return (
        "SELECT f.fact, f.batch_id AS batch, f.line, f.partner, f.person, f.more FROM evidence_declared AS f WHERE "
        f"f.tbl = {literal(name)} AND " + counts("f", FactTable(name, ()), moment)
    )


def counts(alias: str, table: FactTable, moment: datetime | None = None) -> str:
    """The condition under which a row counts. `alias` is the row's."""
    found = f"{living(alias, table.name, moment)} AND NOT {_hidden(alias, table.name, moment)}"
    if table.key:
        same = " AND ".join(f"{_key('n', table, c)} = {_key(alias, table, c)}" for c in table.key)
        found += (
            f" AND NOT EXISTS (SELECT FROM {table_of(table.name)} AS n WHERE {same} AND n.fact > {alias}.fact "
            f"AND {living('n', table.name, moment)} AND NOT {_hidden('n', table.name, moment)})"
        )
    return found


def living(alias: str, name: str, moment: datetime | None = None) -> str:
    """The condition under which somebody still says a fact."""
    also = (
        f"EXISTS (SELECT FROM evidence_also_said AS s WHERE s.tbl = {literal(name)} AND s.fact = {alias}.fact "
        f"AND {_said('s', moment)})"
    )
    return f"({_said(alias, moment)} OR {also})"


def key_columns(table: FactTable, alias: str) -> list[str]:
    """The columns of a table's key as they are compared."""
    return [_key(alias, table, c) for c in table.key]


def _said(alias: str, moment: datetime | None) -> str:
    """The batch of a row has not been taken back, and had been recorded by the moment."""
    if moment is None:
        return f"NOT EXISTS (SELECT FROM evidence_withdrawal AS w WHERE w.batch_id = {alias}.batch_id)"
    at = f"CAST({literal(moment.isoformat())} AS timestamptz)"
    # one list of batches, made once: asked for each row, withdrawals would cost as much as reading the rows
    return (
        f"{alias}.batch_id IN (SELECT b.id FROM evidence_batch AS b WHERE b.recorded <= {at} AND NOT EXISTS "
        f"(SELECT FROM evidence_withdrawal AS w WHERE w.batch_id = b.id AND w.at <= {at}))"
    )


def _hidden(alias: str, name: str, moment: datetime | None) -> str:
    return (
        f"EXISTS (SELECT FROM evidence_superseded AS x WHERE x.tbl = {literal(name)} AND x.fact = {alias}.fact "
        f"AND {_said('x', moment)})"
    )


def _key(alias: str, table: FactTable, column: str) -> str:
    read = f"{alias}.{quoted(column)}"
    return read if table.by_name[column].required else f"COALESCE({read}, '')"


def _column(name: str, kind: str) -> str:
    # evaluations know moments without a zone: UTC
    return f"f.{quoted(name)} AT TIME ZONE 'UTC' AS {quoted(name)}" if kind == "moment" else f"f.{quoted(name)}"
