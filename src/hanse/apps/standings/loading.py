"""How do the rows of a run's Parquet folder come into the database?

DuckDB writes them as CSV in order of partner, and they are copied into tables of the run's own before these are
indexed and attached. What checks say about their requirement is kept once and named by number.
"""

from __future__ import annotations

import hashlib
import tempfile
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection
from psycopg import sql

from hanse.apps.standings.models import Asked
from hanse.apps.standings.settling import ARRIVING, arriving_columns
from hanse.apps.standings.tables import ALONE, OUTPUTS, STANDING, columns_of, table_of
from hanse.language.plan import literal, quoted

if TYPE_CHECKING:
    import duckdb

_PIECE = 1 << 20
_ASKS = ("subject", "requirement", "metric", "clause", "comparison")
Row = Mapping[str, Any]


def load(run: int, folder: Path, *, memory: str = "600MB") -> None:
    """Opens the tables of a run and fills them; the standings go to the temporary table `arriving_standings`."""
    import duckdb

    with connection.cursor() as cursor:
        cursor.execute("SELECT standings_open(%s)", [run])
    with (
        tempfile.TemporaryDirectory(prefix="hanse-") as spill,
        duckdb.connect(config={"memory_limit": memory, "temp_directory": spill}) as db,
    ):
        for output in OUTPUTS:
            selected = _selected_checks(db, run, folder) if output == "checks" else _selected(run, folder, output)
            columns = ", ".join(quoted(c) for c in columns_of(output))
            _copy(db, Path(spill), selected, f"{table_of(output, run)} ({columns})")
        load_standings(db, Path(spill), folder)


def load_standings(db: duckdb.DuckDBPyConnection, spill: Path, folder: Path) -> None:
    """Puts the standings of a folder into the temporary table `arriving_standings`."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {ARRIVING}")
        cursor.execute(f"CREATE TEMP TABLE {ARRIVING} ({arriving_columns()}, PRIMARY KEY (partner)) ON COMMIT DROP")
    names = ", ".join(("partner", *STANDING))
    _copy(db, spill, f"SELECT {names} FROM {_parquet(folder, 'standings')} ORDER BY partner", f"{ARRIVING} ({names})")
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {ARRIVING}")


def attach(run: int) -> None:
    """Indexes the tables of a run and makes them part of what is asked; from here on nobody adds to them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT standings_attach(%s)", [run])


def drop(run: int) -> bool:
    """Takes the rows of a run that decides no standing any more out of the database; whether there were any."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT standings_drop(%s)", [run])
        return bool(cursor.fetchone()[0])


def drop_earlier(edition: str, but: int) -> None:
    """Takes the rows of an edition's earlier runs out of the database, where they decide no standing any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id FROM standings_run AS r WHERE r.edition = %s AND r.id <> %s AND r.kind = 'all' "
            "AND to_regclass('standings_checks_run_' || r.id) IS NOT NULL "
            "AND NOT EXISTS (SELECT FROM standings_standing AS s WHERE s.edition = r.edition AND s.run_id = r.id)",
            [edition, but],
        )
        for (run,) in cursor.fetchall():
            drop(run)


def replace_alone(run: int, edition: str, partners: Sequence[str], rows: Mapping[str, Sequence[Row]]) -> None:
    """Puts the rows of partners judged one by one in the place of their own earlier ones."""
    numbers = asked_numbers([tuple(r[c] for c in _ASKS) for r in rows["checks"]])
    given = {**rows, "checks": [{**r, "asked": numbers[tuple(r[c] for c in _ASKS)]} for r in rows["checks"]]}
    with connection.cursor() as cursor:
        for output in OUTPUTS:
            table = f"{table_of(output)}_{ALONE}"
            cursor.execute(
                f"DELETE FROM {table} AS a USING standings_run AS r WHERE a.partner = ANY(%s) AND r.id = a.run AND r.edition = %s",
                [list(partners), edition],
            )
            listed = given.get(output) or ()
            if listed:
                columns = columns_of(output)
                one = "(" + ", ".join(["%s"] * len(columns)) + ")"
                values = [run if c == "run" else row.get(c) for row in listed for c in columns]
                cursor.execute(
                    f"INSERT INTO {table} ({', '.join(map(quoted, columns))}) VALUES {', '.join([one] * len(listed))}",
                    values,
                )


def forget_alone(edition: str) -> None:
    """Takes out the rows of partners judged one by one whose standing a later run has decided."""
    with connection.cursor() as cursor:
        for output in OUTPUTS:
            cursor.execute(
                f"DELETE FROM {table_of(output)}_{ALONE} AS a USING standings_run AS r WHERE r.id = a.run AND r.edition = %s "
                "AND NOT EXISTS (SELECT FROM standings_standing AS s WHERE s.edition = r.edition AND s.partner = a.partner "
                "AND s.run_id = a.run)",
                [edition],
            )


def asked_numbers(asks: Iterable[tuple[Any, ...]]) -> dict[tuple[Any, ...], int]:
    """The number of every requirement asked; those not seen before are added."""
    wanted = {_digest(ask): ask for ask in dict.fromkeys(asks)}
    known = _known(list(wanted))
    missing = [digest for digest in wanted if digest not in known]
    if missing:
        Asked.objects.bulk_create(
            [Asked(digest=d, **dict(zip(_ASKS, wanted[d], strict=True))) for d in missing], ignore_conflicts=True
        )
        known |= _known(missing)
    return {ask: known[digest] for digest, ask in wanted.items()}


def _known(digests: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    return dict(Asked.objects.filter(digest__in=digests).values_list("digest", "id"))


def _digest(ask: tuple[Any, ...]) -> uuid.UUID:
    text = "\x1f".join("\x1e" if part is None else str(part) for part in ask)
    return uuid.UUID(bytes=hashlib.sha256(text.encode()).digest()[:16])


def _selected_checks(db: duckdb.DuckDBPyConnection, run: int, folder: Path) -> str:
    """The checks of a folder with their requirements by number, which a table of the connection gives."""
    file, listed = _parquet(folder, "checks"), ", ".join(_ASKS)
    asks = db.execute(f"SELECT {listed} FROM {file} GROUP BY ALL ORDER BY ALL").fetchall()
    numbers = asked_numbers(asks)
    types = ", ".join(f"{c} VARCHAR" for c in _ASKS)
    db.execute(f"CREATE OR REPLACE TEMP TABLE asked (id BIGINT, {types})")
    if numbers:
        db.executemany("INSERT INTO asked VALUES (?, ?, ?, ?, ?, ?)", [[n, *ask] for ask, n in numbers.items()])
    same = " AND ".join(f"a.{c} IS NOT DISTINCT FROM c.{c}" for c in _ASKS)
    return (
        f"SELECT {run}, c.partner, a.id, c.actual, c.needed, c.met, c.note FROM {file} AS c JOIN asked AS a ON {same} "
        "ORDER BY c.partner"
    )


def _selected(run: int, folder: Path, output: str) -> str:
    columns = ", ".join(str(run) if c == "run" else quoted(c) for c in columns_of(output))
    return f"SELECT {columns} FROM {_parquet(folder, output)} ORDER BY partner"


def _parquet(folder: Path, output: str) -> str:
    return f"read_parquet({literal(str(folder / f'{output}.parquet'))})"


def _copy(db: duckdb.DuckDBPyConnection, spill: Path, selected: str, into: str) -> None:
    """Copies the rows of a DuckDB statement into a table of the database."""
    file = spill / "rows.csv"
    db.execute(f"COPY ({selected}) TO {literal(str(file))} (FORMAT csv, HEADER false)")
    statement = sql.SQL(f"COPY {into} FROM STDIN (FORMAT csv)")
    with connection.cursor() as cursor, file.open("rb") as rows, cursor.cursor.copy(statement) as copy:
        while piece := rows.read(_PIECE):
            copy.write(piece)
    file.unlink()
