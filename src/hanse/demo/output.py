"""How does a table reach the disk? Piece by piece, as Parquet or CSV: the same rows, the same bytes.

Parquet: zstd, row groups of 122,880 rows. CSV: UTF-8, a header, ISO days, texts in quotes, an empty field
where there is no value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

ROW_GROUP = 122_880
Row = Mapping[str, str | None]


class TableFile(Protocol):
    """A table being written. `rows` counts what was written so far."""

    rows: int

    def write(self, piece: pa.Table) -> None:
        """Append rows; every piece has the same columns."""

    def write_texts(self, rows: Sequence[Row]) -> None:
        """Append rows given as texts by column; a column left out has no value."""

    def close(self) -> None:
        """Write what is pending and close the file."""


class ParquetFile:
    """Typed columns; texts that cannot be read as their column's type raise pyarrow.ArrowInvalid."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.rows = 0
        self._schema = schema
        self._pending: list[pa.Table] = []
        self._writer = pa.parquet.ParquetWriter(
            path, schema, compression="zstd", store_schema=False, store_decimal_as_integer=True
        )

    def write(self, piece: pa.Table) -> None:
        """Keeps rows back until a row group is full."""
        self.rows += piece.num_rows
        self._pending.append(piece)
        if sum(one.num_rows for one in self._pending) >= ROW_GROUP:
            whole = pa.concat_tables(self._pending)
            full = whole.num_rows // ROW_GROUP * ROW_GROUP
            self._writer.write_table(whole.slice(0, full), row_group_size=ROW_GROUP)
            self._pending = [whole.slice(full)]

    def write_texts(self, rows: Sequence[Row]) -> None:
        """Reads the texts as the types of their columns."""
        columns = [pa.array([row.get(f.name) for row in rows], pa.string()).cast(f.type) for f in self._schema]
        self.write(pa.table(columns, schema=self._schema))

    def close(self) -> None:
        """Writes the last, shorter row group."""
        self._writer.write_table(pa.concat_tables(self._pending), row_group_size=ROW_GROUP)
        self._writer.close()


class CsvFile:
    """Plain text; rows given as texts are written as they are."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.rows = 0
        self._schema = schema
        self._file = path.open("wb")
        self._options = pa.csv.WriteOptions(include_header=False, quoting_style="needed")
        self._file.write((",".join(schema.names) + "\n").encode())

    def write(self, piece: pa.Table) -> None:
        """Appends rows."""
        self.rows += piece.num_rows
        pa.csv.write_csv(piece, self._file, self._options)

    def write_texts(self, rows: Sequence[Row]) -> None:
        """Appends rows as they are."""
        self.rows += len(rows)
        lines = (",".join(map(self._field, self._schema, map(row.get, self._schema.names))) for row in rows)
        self._file.write("".join(f"{line}\n" for line in lines).encode())

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    @staticmethod
    def _field(column: pa.Field, value: str | None) -> str:
        """A value as the other rows of the column have theirs, with quotes around a stray comma."""
        if value is None:
            return ""
        if pa.types.is_string(column.type) or "," in value:
            return '"' + value.replace('"', '""') + '"'
        return value


def open_table(folder: Path, table: str, schema: pa.Schema, *, format: str) -> TableFile:
    """A new file for a table; an older one of the same table, in either format, is taken away."""
    for ending in ("parquet", "csv"):
        (folder / f"{table}.{ending}").unlink(missing_ok=True)
    path = folder / f"{table}.{format}"
    return ParquetFile(path, schema) if format == "parquet" else CsvFile(path, schema)
