"""Rows into PostgreSQL and back: Arrow tables by COPY, query results as Arrow with the types that DuckDB would give."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql
from pyarrow import csv

_WIDE = pa.decimal128(38, 0)
_ARROW: dict[int, pa.DataType] = {
    16: pa.bool_(), 20: pa.int64(), 21: pa.int32(), 23: pa.int32(), 700: pa.float32(), 701: pa.float64(),
    1082: pa.date32(), 1114: pa.timestamp("us"), 1184: pa.timestamp("us"),
}  # fmt: skip
_NUMERIC = 1700
_BATCH = 50_000

Connection = psycopg.Connection[Any]


def run(connection: Connection, text: str, values: Sequence[Any] | None = None) -> psycopg.Cursor[Any]:
    """Executes generated SQL; `text` holds no percent signs to be replaced unless there are values."""
    return connection.execute(sql.SQL(text), values)


def put(connection: Connection, name: str, rows: pa.Table, kind: str = "TEMP TABLE") -> None:
    """Makes a table of the rows, texts compared by their bytes, and analyses it."""
    columns = ", ".join(f'"{field.name}" {type_of(field.type)}' for field in rows.schema)
    run(connection, f"CREATE {kind} {name} ({columns})")
    with connection.cursor() as cursor, cursor.copy(sql.SQL(f"COPY {name} FROM STDIN (FORMAT csv)")) as copy:
        for batch in _as_text(rows).to_batches(max_chunksize=_BATCH):
            buffer = io.BytesIO()
            csv.write_csv(batch, buffer, csv.WriteOptions(include_header=False))
            copy.write(buffer.getvalue())
    run(connection, f"ANALYZE {name}")


def _as_text(rows: pa.Table) -> pa.Table:
    """Decimals as text, for CSV; everything else as it is."""
    columns = [
        c.cast(pa.string()) if pa.types.is_decimal(c.type) or pa.types.is_date(c.type) else c for c in rows.columns
    ]
    return pa.table(columns, names=rows.column_names)


def type_of(kind: pa.DataType) -> str:
    """The column type of an Arrow type."""
    if pa.types.is_boolean(kind):
        return "BOOLEAN"
    if pa.types.is_integer(kind):
        return "BIGINT" if kind.bit_width == 64 else "INTEGER"
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision}, {kind.scale})"
    if pa.types.is_floating(kind):
        return "DOUBLE PRECISION"
    if pa.types.is_date(kind):
        return "DATE"
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP"
    return 'TEXT COLLATE "C"'


def schema_of(cursor: psycopg.Cursor[Any]) -> pa.Schema:
    """The Arrow types of a query's columns."""
    fields = []
    for column in cursor.description or ():
        kind = _ARROW.get(column.type_code, pa.string())
        if column.type_code == _NUMERIC:
            kind = pa.decimal128(column.precision, column.scale or 0) if column.precision else _WIDE
        fields.append(pa.field(column.name, kind))
    return pa.schema(fields)


def arrow_of(schema: pa.Schema, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """The rows as an Arrow table."""
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    return pa.table([_column(values, field.type) for values, field in zip(columns, schema, strict=True)], schema=schema)


def _column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_decimal(kind):
        step = Decimal(1).scaleb(-kind.scale)
        values = [None if v is None else v.quantize(step) if kind.scale else v for v in values]
    elif pa.types.is_timestamp(kind):
        values = [v.replace(tzinfo=None) if v is not None else None for v in values]
    return pa.array(values, kind)
