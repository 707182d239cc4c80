"""From the workbench into the database: first into temporary tables, so that the transaction that records is short."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from django.db import DatabaseError, InterfaceError, connection
from psycopg import errors, sql
from pyarrow import csv as arrow_csv

from hanse.apps.evidence import services as evidence
from hanse.apps.imports.mapping import SheetMapping
from hanse.apps.imports.refusals import REPEATED, kind_of
from hanse.apps.imports.workbench import Workbench
from hanse.language.facts import CONTRACT
from hanse.language.plan import quoted
from hanse.language.problems import CallError, Problem

REFUSED = "staged_refused"
_BLOCK = 1 << 18
_ORDER = {name: number for number, name in enumerate(CONTRACT)}  # partners before people before their facts
_FORM = arrow_csv.WriteOptions(include_header=False, quoting_style="needed")
Progress = Callable[[str, int, int], None]


@dataclass
class Staged:
    """What lies in the temporary tables: rows read, rows that repeat a key word for word, refused ones by kind."""

    tables: list[str] = field(default_factory=list)
    rows: int = 0
    repeated: int = 0
    refused: int = 0
    kinds: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # table, kind, column


def staging_of(table: str) -> str:
    return f"staged_{table}"


def stage(bench: Workbench, mappings: tuple[SheetMapping, ...], progress: Progress) -> Staged:
    """Copies the good rows of every sheet into the staging table of its table, and the refused ones into another."""
    staged = Staged(sorted({m.table for m in mappings}, key=_ORDER.__getitem__))
    for table in staged.tables:
        evidence.create_staging(table, staging_of(table))
    with connection.cursor() as cursor:
        cursor.execute(
            f"DROP TABLE IF EXISTS {REFUSED}; CREATE TEMP TABLE {REFUSED} (sheet text, line bigint, tbl text, codes jsonb, cells jsonb)"
        )
    total = sum(bench.loaded(m).rows for m in mappings)
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as aside:
        refused = csv.writer(aside)
        for mapping in mappings:
            for bad in bench.loaded(mapping).malformed:
                _set_aside(refused, staged, mapping, bad.line, [bad.code], list(bad.cells))
            with _copying(_columns(mapping.table)) as write:
                for batch in bench.typed(mapping):
                    write(_good(batch, mapping, staged, refused))
                    progress("checking", staged.rows, total)
            staged.rows += len(bench.loaded(mapping).malformed)
        if staged.refused:
            aside.flush()
            aside.seek(0)
            with _copying(f"{REFUSED} (sheet, line, tbl, codes, cells)") as write:
                _pour(aside, write)
    return staged


def _columns(table: str) -> str:
    return f"{staging_of(table)} ({', '.join(quoted(c) for c in evidence.columns_of(table))})"


@contextmanager
def _copying(target: str) -> Iterator[Callable[[bytes], None]]:
    statement = sql.SQL(f"COPY {target} FROM STDIN (FORMAT csv)")
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        yield copy.write


def _pour(file: IO[str], write: Callable[[bytes], None]) -> None:
    while block := file.read(_BLOCK):
        write(block.encode())


def _good(batch: pa.RecordBatch, mapping: SheetMapping, staged: Staged, refused: Any) -> bytes:
    """The good rows of a batch as CSV; the others are counted and set aside."""
    staged.rows += batch.num_rows
    fine = pc.is_null(batch.column("codes"))
    if batch.column("codes").null_count < batch.num_rows:
        for row in batch.filter(pc.invert(fine)).select(["line", "codes", "cells"]).to_pylist():
            if row["codes"] == [REPEATED]:
                staged.repeated += 1
            else:
                _set_aside(refused, staged, mapping, row["line"], row["codes"], row["cells"])
        batch = batch.filter(fine)
    out = io.BytesIO()
    arrow_csv.write_csv(batch.select(evidence.columns_of(mapping.table)), out, _FORM)
    return out.getvalue()


def _set_aside(
    refused: Any, staged: Staged, mapping: SheetMapping, line: int, codes: list[str], cells: list[str | None]
) -> None:
    staged.refused += 1
    staged.kinds[(mapping.table, *kind_of(codes[0]))] += 1
    refused.writerow([
        mapping.sheet, line, mapping.table, json.dumps(codes, ensure_ascii=False), json.dumps(cells, ensure_ascii=False),
    ])  # fmt: skip


def first_refused(limit: int) -> list[tuple[str, int, str, list[str], list[str | None]]]:
    """Of the rows that were set aside the first: sheet, line, table, codes and cells."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COALESCE(sheet, ''), line, tbl, codes, cells FROM {REFUSED} ORDER BY sheet, line LIMIT %s", [limit]
        )
        return [(s, n, t, _listed(codes), _listed(cells)) for s, n, t, codes, cells in cursor.fetchall()]


def _listed(given: Any) -> list[Any]:
    """JSON as a list, whether the driver has read it or not."""
    found: list[Any] = json.loads(given) if isinstance(given, str) else given
    return found


def keep_refused(number: int) -> bool:
    """Turns what was set aside into rows of an import, inside its transaction; did one name a person who was erased?

    Such a row is kept without what stood in it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO imports_refused (of_id, sheet, line, tbl, codes, cells) SELECT %s, COALESCE(r.sheet, ''), r.line, r.tbl, "
            "CASE WHEN e.erased THEN '[\"erased\"]' ELSE r.codes END, CASE WHEN e.erased THEN '[]' ELSE r.cells END "
            f"FROM {REFUSED} AS r CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM evidence_erasure AS e "
            "CROSS JOIN jsonb_array_elements_text(r.cells) AS c(cell) "
            "WHERE e.key_hash = sha256(e.salt || convert_to(btrim(c.cell), 'UTF8'))) AS erased) AS e ORDER BY r.sheet, r.line",
            [number],
        )
        cursor.execute(
            "SELECT EXISTS (SELECT FROM imports_refused WHERE of_id = %s AND codes = '[\"erased\"]')", [number]
        )
        return bool(cursor.fetchone()[0])


def clear(staged: Staged) -> None:
    """Takes the temporary tables away; a session may import many files."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join([REFUSED, *map(staging_of, staged.tables)])}")


@contextmanager
def database_trouble(place: str, *, waiting: bool) -> Iterator[None]:
    """Says what a lost connection or a full disk means for whoever waits. `waiting`: the import can be resumed."""
    try:
        yield
    except (DatabaseError, InterfaceError, psycopg.Error) as error:
        cause = error if isinstance(error, psycopg.Error) else error.__cause__
        what = _trouble(cause)
        if what is None:
            raise
        after = "; nothing was recorded" + (": run hanse import --resume, or the same command again" if waiting else "")
        said = str(error).strip().splitlines()
        raise CallError(Problem(place, what[0], said[0] if said else type(error).__name__, what[1] + after)) from error


def _trouble(cause: BaseException | None) -> tuple[str, str] | None:
    """What went wrong outside our statements, and what helps; None for a mistake of ours."""
    if isinstance(cause, errors.DiskFull | errors.ConfigurationLimitExceeded | errors.OutOfMemory):
        return "the database has no room for the rows", "make room on the disk of the database"
    if isinstance(cause, errors.IoError):
        return "the database cannot write", "look at its disk and its log"
    if isinstance(cause, errors.AdminShutdown | errors.CrashShutdown | errors.CannotConnectNow):
        return "the database was stopped", "start it again"
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return "the connection to the database was lost", "see that it runs and can be reached"
    return None
