"""Which existing firm is a new record: how soon is that told among a million, and is as much found as by comparing all?

    python bench/one_record.py [--records N] [--asked K] [--seed S] [--json]

The made-up records of bench/match.py, compared once as the desk's job does, which leaves every record with its keys in
PostgreSQL. Then new records, half of them firms that are there, said otherwise, and half of them firms that are not,
are asked about one by one.
"""

from __future__ import annotations

import json
import pickle
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from statistics import mean, median, quantiles
from time import perf_counter, process_time
from typing import Any

import duckdb
import psutil
import pyarrow as pa
import pyarrow.compute as pc

import _installation as installation
from _firms import records
from _measure import Figure, call, report

RECORDS, ASKED = 1_000_000, 1_000
SLOWEST, OVERLOOKED = 20.0, 0.005
DONE = "compared.pickle"
FIRST = "list 0"  # where every firm stands once; the other lists say some of them again


def main() -> None:
    """The command."""
    parser = call("Which existing firm is a new record?", partners=0)
    parser.add_argument("--records", type=int, default=RECORDS, help=f"how many records are there ({RECORDS:,})")
    parser.add_argument("--asked", type=int, default=ASKED, help=f"how many new ones are asked about ({ASKED:,})")
    parser.add_argument("--seed", type=int, default=1, help="of the made-up firms (1)")
    asked = parser.parse_args()
    home = asked.data / f"{asked.records}-records-{asked.asked}-{asked.seed}"
    installation.ready(home)
    if not (home / DONE).is_file():
        there, new, truth = split(asked.records, asked.asked, asked.seed)
        compared(home, there, new, truth)
    with (home / DONE).open("rb") as kept:
        found = pickle.load(kept)  # the benchmark's own
    report("one_record", measured(asked.records, **found), as_json=asked.json)


def split(rows: int, asked: int, seed: int) -> tuple[pa.Table, pa.Table, dict[str, str]]:
    """The records that are there, the new ones, and which firm each is of."""
    table, truth = records(rows + asked, seed)
    table = table.rename_columns(["registration" if name == "vat" else name for name in table.column_names])
    sizes = Counter(truth.values())
    again, alone = [], []
    for one, source in zip(table["id"].to_pylist(), table["source"].to_pylist(), strict=True):
        if source == FIRST and sizes[truth[one]] == 1:
            alone.append(one)
        elif source != FIRST and len(again) < asked // 2 and sizes[truth[one]] > 1:
            sizes[truth[one]] -= 1
            again.append(one)
    new = pc.is_in(table["id"], pa.array([*again, *alone[: asked - len(again)]]))
    return table.filter(pc.invert(new)), table.filter(new), truth


def compared(home: Path, there: pa.Table, new: pa.Table, truth: Mapping[str, str]) -> None:
    """Compares all records that are there, keeps what was learned, and how much was found."""
    from hanse.decisions.same_firm import same_firm

    with tempfile.TemporaryDirectory(prefix="hanse-bench-") as folder, duckdb.connect(f"{folder}/records.duckdb") as db:
        db.execute("SET memory_limit = '3GB'; SET threads = 2")
        firms = same_firm(there, db)
        kept(home, firms, db, there, new, truth)


def kept(home: Path, firms: Any, db: Any, there: pa.Table, new: pa.Table, truth: Mapping[str, str]) -> None:
    """Puts into the database what a comparison has left, and the partners; beside it what is asked afterwards."""
    from django.db import connections

    from hanse.apps.likeness import services

    began, own = perf_counter(), process_time()
    services.rebuild(there.select(["id"]), firms, db)
    took = {"wall": perf_counter() - began, "processor": process_time() - own}
    columns = ("id", "name", "country", "city")
    with connections["default"].cursor() as cursor:
        statement = "COPY registry_partner (uuid, key, name, country, city, present) FROM STDIN"
        with cursor.copy(statement) as copy:
            for number, row in enumerate(zip(*(there[name].to_pylist() for name in columns), strict=True)):
                key, name, country, city = row
                copy.write_row(
                    (f"00000000-0000-4000-8000-{number:012x}", key, name or "?", country or "ZZ", city, True)
                )
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    found = {"new": new.to_pylist(), "truth": dict(truth), "batch": _missed_by_all(firms, there, truth), "took": took}
    (home / f"{DONE}.part").write_bytes(pickle.dumps(found))
    (home / f"{DONE}.part").rename(home / DONE)


def _missed_by_all(firms: Any, there: pa.Table, truth: Mapping[str, str]) -> float:
    """Of the records that say a firm again, the share that comparing all pairs with none of theirs above the cut."""
    likely = firms.pairs.filter(pc.greater_equal(firms.pairs["weight"], max(firms.cut, 0.0)))
    found: set[str] = set()
    for one, other in zip(likely["id1"].to_pylist(), likely["id2"].to_pylist(), strict=True):
        if truth[one] == truth[other]:
            found |= {one, other}
    sizes = Counter(truth[one] for one in there["id"].to_pylist())
    again = [one for one, source in zip(there["id"].to_pylist(), there["source"].to_pylist(), strict=True)
             if source != FIRST and sizes[truth[one]] > 1]  # fmt: skip
    return 1 - sum(one in found for one in again) / max(len(again), 1)


def measured(
    rows: int, new: list[dict[str, Any]], truth: Mapping[str, str], batch: float, took: Mapping[str, float]
) -> list[Figure]:
    """Asks about each new record, and what that costs and finds."""
    from hanse.apps.accounts.actors import operator
    from hanse.apps.likeness.selectors import looks_like

    me, session = operator(), _session()
    fresh = {str(row["id"]) for row in new}
    there: dict[str, list[str]] = {}
    for one, firm in truth.items():
        if one not in fresh:
            there.setdefault(firm, []).append(one)
    for row in new[:20]:
        looks_like(actor=me, record=row)
    walls, own, missed, wrong = [], [], [], 0
    before = _spent(session)
    for row in new:
        began, used = perf_counter(), process_time()
        found = looks_like(actor=me, record=row)
        walls.append((perf_counter() - began) * 1000)
        own.append((process_time() - used) * 1000)
        same = there.get(truth[str(row["id"])])
        if same is None:
            wrong += bool(found)
        elif not {one.partner for one in found} & set(same):
            missed.append((row, same))
    database = (_spent(session) - before) * 1000 / len(new)
    again = max(sum(truth[one] in there for one in fresh), 1)
    overlooked = sum(_above_the_cut(row, same) for row, same in missed)
    must = SLOWEST if rows >= RECORDS else None
    return [
        Figure("records", rows, "records"),
        Figure("new records", len(new), "records"),
        Figure("half of the answers within", round(median(walls), 1), "ms"),
        Figure("95 of 100 within", round(quantiles(walls, n=20)[-1], 1), "ms", must),
        Figure("processor time of the process that asks", round(mean(own), 1), "ms"),
        Figure("the same, 95 of 100 within", round(quantiles(own, n=20)[-1], 1), "ms", must),
        Figure("processor time of the database", round(database, 1), "ms"),
        Figure("alike enough, yet not found", round(overlooked / again, 4), "of those there", OVERLOOKED),
        Figure("firms that are there, not found", round(len(missed) / again, 4), "of them"),
        Figure("the same, by comparing all", round(batch, 4), "of the records said again"),
        Figure("new firms taken for another", round(wrong / max(len(new) - again, 1), 4), "of them"),
        Figure("keeping what a comparison has left", round(took["wall"], 1), "seconds"),
        Figure("the same, processor time of the process", round(took["processor"], 1), "seconds"),
    ]


def _above_the_cut(row: dict[str, Any], same: list[str]) -> bool:
    """Does the record weigh enough with one of its own firm, had it been looked up? So comparing all would say."""
    from hanse.apps.likeness import learned
    from hanse.apps.likeness.models import Record
    from hanse.decisions import same_firm_one as one_by_one

    number, known = learned.latest()
    scales, table = learned.scales(number), learned.table_of([row])
    (read,) = one_by_one.read(table, known, learned.vocabulary(table))
    kept = Record.objects.filter(pk__in=same).values_list("partner", "said")
    others = [(key, scales.record(json.loads(said))) for key, said in kept]
    return bool(scales.likely(scales.record(read), others, least=max(known.cut, 0.0)))


def _session() -> psutil.Process:
    """The process of the database that answers this one."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return psutil.Process(int(cursor.fetchone()[0]))


def _spent(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


if __name__ == "__main__":
    main()
