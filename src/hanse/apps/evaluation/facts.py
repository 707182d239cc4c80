"""How do facts leave the database? Tables to columns: what counts at a moment, by COPY, as Arrow.

Every row carries `fact`, its number, by which a bad row is found again. Columns and tables that only an edition declares
come out of `more`, typed as the edition says; what does not fit there is no value.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from psycopg import sql
from pyarrow import csv

from hanse.apps.evidence.visible import declared_sql, visible_sql
from hanse.decisions.evaluate import plan_of
from hanse.language.context import Days, FactsInfo
from hanse.language.edition import Edition
from hanse.language.facts import CONTRACT, SQL_TYPES, Column, FactTable
from hanse.language.money import ecb_rates
from hanse.language.plan import RAW, literal, quoted
from hanse.language.structure import BELONGS, EVENTS, MERGING

FACT = "fact"
_PIECE = 16 << 20  # bytes of CSV that are parsed at once
_SETTINGS = ("work_mem = '192MB'", "jit = off", "max_parallel_workers_per_gather = 0", "synchronize_seqscans = off",
             "datestyle = 'ISO'", "timezone = 'UTC'")  # fmt: skip
_ARROW = {
    "day": pa.date32(), "amount": pa.decimal128(18, 4), "number": pa.decimal128(18, 4), "integer": pa.int64(),
    "real": pa.float64(), "moment": pa.timestamp("us"), "rate": pa.decimal128(38, 12),
}  # fmt: skip
Progress = Callable[[str, int, int], None]


def tables_of(
    edition: Edition,
    days: Days,
    moment: datetime,
    *,
    partners: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> dict[str, pa.Table]:
    """The tables that an edition reads, as they counted at a moment; the others are there without rows.

    `partners` narrows them to what belongs to these. To be called in the transaction that holds the snapshot.
    """
    with connection.cursor() as cursor:
        for setting in (*_SETTINGS, f"enable_nestloop = {'off' if partners is None else 'on'}"):
            cursor.execute(f"SET LOCAL {setting}")
    given = _has_rates(moment)
    read = read_by(edition, days) | ({"rates"} if given else set())
    found: dict[str, pa.Table] = {}
    for done, (name, table) in enumerate(edition.tables.items()):
        if name == "rates" and not given:
            continue  # without rates of one's own those of the European Central Bank count
        if progress:
            progress(f"reading {name}", done, len(edition.tables))
        found[name] = (
            _copied(table, _narrowed(table, moment, partners)) if name in read else schema_of(table).empty_table()
        )
    return found


def of_both(
    editions: Sequence[Edition], tables: Mapping[str, FactTable], days: Days, moment: datetime, *,
    progress: Progress | None = None,
) -> dict[str, pa.Table]:  # fmt: skip
    """The tables that any of these editions reads, as `tables_of` gives them. `tables` is what they declare together."""
    with connection.cursor() as cursor:
        for setting in (*_SETTINGS, "enable_nestloop = off"):
            cursor.execute(f"SET LOCAL {setting}")
    given = _has_rates(moment)
    read = set().union(*(read_by(edition, days) for edition in editions)) | ({"rates"} if given else set())
    found: dict[str, pa.Table] = {}
    for done, (name, table) in enumerate(tables.items()):
        if name == "rates" and not given:
            continue
        if progress:
            progress(f"reading {name}", done, len(tables))
        found[name] = _copied(table, select_of(table, moment)) if name in read else schema_of(table).empty_table()
    return found


def read_by(edition: Edition, days: Days) -> set[str]:
    """The fact tables that an evaluation looks at."""
    schema = {n: {c.name: SQL_TYPES[c.type] for c in t.columns} for n, t in edition.tables.items() if n != "rates"}
    plan = plan_of(edition, days, FactsInfo(schema, ecb_rates()))
    return {i.removeprefix(RAW) for step in plan.ordered() for i in step.inputs if i.startswith(RAW)}


def schema_of(table: FactTable) -> pa.Schema:
    """The columns of a table as they leave the database."""
    columns = [pa.field(c.name, _ARROW.get(c.type, pa.string())) for c in table.columns]
    return pa.schema([pa.field(FACT, pa.int64()), *columns])


def select_of(table: FactTable, moment: datetime | None = None) -> str:
    """A SELECT of what counts of a table as an edition declares it: `fact` and its columns, typed."""
    contract = CONTRACT.get(table.name)
    source = visible_sql(table.name, moment) if contract else declared_sql(table.name, moment)
    own = set(contract.by_name) if contract else {"partner", "person"}
    items = [f"v.{quoted(c.name)}" if c.name in own else f"{_typed(c)} AS {quoted(c.name)}" for c in table.columns]
    return f"SELECT v.{FACT}, {', '.join(items)} FROM ({source}) AS v"


def tied(partners: Sequence[str], moment: datetime | None = None, *, around: bool) -> list[str]:
    """The partners, and all that were merged with them; with `around` also those tied to them by group, or by ownership of
    whatever share and day.
    """
    told, owned, grouped = (f"({visible_sql(name, moment)})" for name in (EVENTS, "ownership", "partners"))
    named = (
        f"SELECT e.partner, e.name FROM {told} AS e WHERE e.kind = {literal(BELONGS)} "
        f'UNION ALL SELECT q.partner, q."group" FROM {grouped} AS q'
    )
    if not around:  # who belongs to whom matters to nobody then, and a group may be large
        told = f"(SELECT * FROM {told} AS e WHERE e.kind IN ({', '.join(map(literal, MERGING))}))"
    ties = [
        f'SELECT e."into" AS partner FROM {told} AS e WHERE e.partner = n.partner',
        f'SELECT e.partner FROM {told} AS e WHERE e."into" = n.partner',
    ]
    if around:
        ties += [
            f"SELECT o.owned FROM {owned} AS o WHERE o.owner = n.partner",
            f"SELECT o.owner FROM {owned} AS o WHERE o.owned = n.partner",
            f"SELECT q.partner FROM ({named}) AS p JOIN ({named}) AS q ON q.name = p.name WHERE p.partner = n.partner",
        ]
    statement = (
        'WITH RECURSIVE near(partner) AS (SELECT unnest(%s::text[]) COLLATE "C" UNION SELECT t.partner FROM near AS n '
        f"CROSS JOIN LATERAL ({' UNION ALL '.join(ties)}) AS t WHERE t.partner IS NOT NULL) SELECT partner FROM near ORDER BY 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(partners)])
        return [str(row[0]) for row in cursor.fetchall()]


def _narrowed(table: FactTable, moment: datetime, partners: Sequence[str] | None) -> str:
    selected = select_of(table, moment)
    if partners is None or not table.of_partners:
        return selected
    keys = f"ANY(ARRAY[{', '.join(literal(p) for p in partners)}]::text[])"
    if table.name == "ownership":
        where = f"v.owner = {keys} OR v.owned = {keys}"
    elif table.owner == "person":
        people = f"SELECT e.person FROM ({visible_sql('people', moment)}) AS e WHERE e.partner = {keys}"
        where = f"v.person = ANY(ARRAY({people}))"  # read first, so that the index of persons leads to the rest
    else:
        where = f"v.partner = {keys}"
    return f"{selected} WHERE {where}"


def _copied(table: FactTable, selected: str) -> pa.Table:
    """The rows of a statement in order of their number."""
    schema = schema_of(table)
    read = csv.ReadOptions(column_names=schema.names, use_threads=True)
    convert = csv.ConvertOptions(
        column_types={f.name: f.type for f in schema}, null_values=[""], strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )  # fmt: skip
    parse = csv.ParseOptions(newlines_in_values=True)
    pieces: list[pa.Table] = []
    buffer = io.BytesIO()

    def flush() -> None:
        if buffer.tell():
            buffer.seek(0)
            pieces.append(csv.read_csv(buffer, read, parse, convert))
            buffer.seek(0)
            buffer.truncate()

    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(sql.SQL(f"COPY ({selected}) TO STDOUT (FORMAT csv)")) as rows,
    ):
        for row in rows:
            buffer.write(row)
            if buffer.tell() >= _PIECE:
                flush()
    flush()
    found = pa.concat_tables(pieces) if pieces else schema.empty_table()
    return found if _in_order(found[FACT]) else found.sort_by(FACT)


def _in_order(numbers: pa.ChunkedArray) -> bool:
    flat = numbers.combine_chunks()
    return len(flat) < 2 or bool(pc.all(pc.greater(flat.slice(1), flat.slice(0, len(flat) - 1))).as_py())


def _has_rates(moment: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({visible_sql('rates', moment)})")
        return bool(cursor.fetchone()[0])


def _typed(column: Column) -> str:
    """A value out of `more` as its column's type; null where it is none."""
    text = f"(v.more ->> {literal(column.name)})"
    match column.type:
        case "day" | "moment":
            pattern = '"YYYY-MM-DD"' if column.type == "day" else ""
            kind = "date" if column.type == "day" else "timestamp"
            return f"CAST(jsonb_path_query_first(v.more -> {literal(column.name)}, '$.datetime({pattern})', '{{}}', true) #>> '{{}}' AS {kind})"
        case "amount" | "number" | "rate" | "integer" | "real":
            kind = {"integer": "bigint", "real": "double precision"}.get(column.type, SQL_TYPES[column.type].lower())
            whole = r"^-?\d{1,18}$" if column.type == "integer" else r"^-?\d{1,14}(\.\d+)?$"
            return f"CAST(CASE WHEN {text} ~ {literal(whole)} THEN {text} END AS {kind})"
        case _:
            return f'{text} COLLATE "C"'
