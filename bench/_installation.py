"""An installation of the benchmarks' own: a home with the embedded server, and a channel as facts in its database."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from generate import DONE, EDITION

ORDER = ("partners", "people", "certifications", "surveys", "references", "sales")
_CODES = {"country": "^[A-Z]{2}$", "currency": "^[A-Z]{3}$"}


def ready(home: Path) -> None:
    """Makes this process ready to use the installation whose home is given, and makes the installation if need be."""
    os.environ["HANSE_HOME"] = str(home)
    os.environ.pop("HANSE_DATABASE_URL", None)
    from hanse.installation import start

    start.ready(must_be_initialised=False)
    start.migrate()


def filled(facts: Path) -> None:
    """Records a channel as facts, unless it is there, and installs and puts in force the benchmarks' edition."""
    from django.db import connections, transaction

    from hanse.apps.accounts.actors import operator
    from hanse.apps.evidence import services

    made = json.loads((facts / DONE).read_text(encoding="utf-8"))
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM evidence_batch WHERE source = %s", [f"bench {json.dumps(made)}"])
        if cursor.fetchone()[0]:
            return
    actor = operator()
    with transaction.atomic():
        batch = services.open_batch(actor=actor, kind="import", source=f"bench {json.dumps(made)}", reason="benchmark")
        for table in ORDER:
            services.create_staging(table)
            _stage(table, facts / f"{table}.parquet")
            services.add_staged(batch=batch, table=table)
        services.settle(batch)
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connections["owner"].close()


def in_force(day: str) -> str:
    """Installs the benchmarks' edition and puts it in force from a day on; its name."""
    from datetime import date

    from hanse.apps.accounts.actors import operator
    from hanse.apps.programmes import services
    from hanse.apps.programmes.models import State

    found = services.install(actor=operator(), name=str(EDITION)).version
    if found.state != State.IN_FORCE:
        services.put_in_force(
            actor=operator(), name=found.key, on=date.fromisoformat(day), reason="benchmark", alone=True
        )
    return found.name


def _stage(table: str, file: Path) -> None:
    """Copies the rows that a fact table can hold into the staging table."""
    import duckdb
    from django.db import connection
    from psycopg import sql

    from hanse.apps.evidence.services import STAGING, columns_of
    from hanse.language.facts import CONTRACT

    with duckdb.connect() as db, tempfile.TemporaryDirectory(prefix="hanse-bench-") as folder:
        source = f"read_parquet('{file}')"
        there = {str(row[0]) for row in db.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
        columns = CONTRACT[table].by_name
        wanted = [c for c in columns_of(table) if c in there]
        where = " AND ".join(
            ["TRUE", *(_fits(c, columns[c].type, columns[c].required) for c in wanted), *_lasts(table, there)]
        )
        listed = ", ".join(f'"{c}"' for c in wanted)
        path = Path(folder) / "rows.csv"
        rows = f"SELECT row_number() OVER () AS line, {listed} FROM {source} WHERE {where}"
        db.execute(f"COPY ({rows}) TO '{path}' (FORMAT csv, HEADER false)")
        copied = sql.SQL(f"COPY {STAGING} (line, {listed}) FROM STDIN (FORMAT csv)")
        with connection.cursor() as cursor, path.open("rb") as rows, cursor.cursor.copy(copied) as copy:
            while piece := rows.read(1 << 20):
                copy.write(piece)


def _fits(column: str, kind: str, required: bool) -> str:
    name = f'"{column}"'
    tests = [f"{name} IS NOT NULL AND CAST({name} AS VARCHAR) <> ''"] if required else []
    if kind in _CODES:
        tests.append(f"({name} IS NULL OR regexp_matches({name}, '{_CODES[kind]}'))")
    return "(" + " AND ".join(tests or ["TRUE"]) + ")"


def _lasts(table: str, there: set[str]) -> list[str]:
    from hanse.language.facts import CONTRACT

    lasts = CONTRACT[table].lasts
    if lasts is None or not set(lasts) <= there:
        return []
    return [f'("{lasts[1]}" IS NULL OR "{lasts[1]}" >= "{lasts[0]}")']
