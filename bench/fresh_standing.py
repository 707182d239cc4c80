"""After one new fact, how soon is its partner's standing right, and what does that cost?

    python bench/fresh_standing.py [--partners N] [--facts K] [--json]

The installation of bench/batch_from_database.py, evaluated once, and a worker (`hanse work`) beside it. Facts are
recorded one after the other; each is waited for. Processor time is that of everybody but the one who waits: this
process while it records, the worker, and the server's processes for both.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, sleep
from typing import Any

import psycopg

import _installation as installation
from _measure import Figure, call, child, report
from generate import AS_OF, channel

PARTNERS, FACTS = 100_000, 100
WALL_MS, PROCESSOR_MS, COLD = 1000.0, 50.0, 2.5
COMMAND = "from hanse.fronts.cli.main import app_main; app_main()"
WAIT, PATIENCE = 0.01, 60.0
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """The command."""
    parser = call("After one new fact, how soon is its partner's standing right?", partners=PARTNERS)
    parser.add_argument("--facts", type=int, default=FACTS, help=f"facts recorded ({FACTS})")
    asked = parser.parse_args()
    home = asked.data / f"{asked.partners}-installation"
    installation.ready(home)
    installation.filled(channel(asked.partners, asked.data))
    edition = installation.in_force("2016-01-01")
    _evaluated(edition)
    with _worker() as worker, psycopg.connect(_url(), autocommit=True) as watch:
        keys = _partners(watch, asked.facts + 5)
        for key in keys[:5]:  # the worker is warm after these
            _judged(watch, edition, key)
        waits, processor = _measured(watch, edition, keys[5:], worker)
    cold = _cold(keys[5:10])
    large = asked.partners >= PARTNERS
    waits.sort()
    figures = [
        Figure("partners", asked.partners, "partners"),
        Figure("facts", len(waits), "facts"),
        Figure("standing right after, middle", round(median(waits), 1), "ms"),
        Figure("standing right after, slowest", round(waits[-1], 1), "ms", WALL_MS),
        *(
            Figure(
                f"processor, {who}", round(spent, 1), "ms a fact", PROCESSOR_MS if large and who == "together" else None
            )
            for who, spent in processor.items()
        ),
        Figure("explain, cold, middle", round(median(cold), 2), "seconds", COLD),
        Figure("explain, cold, longest", round(max(cold), 2), "seconds", COLD),
    ]
    report("fresh_standing", figures, as_json=asked.json)


def _measured(
    watch: psycopg.Connection[Any], edition: str, keys: list[str], worker: int
) -> tuple[list[float], dict[str, float]]:
    """Milliseconds until each standing was right; processor milliseconds a fact, by who spent them."""
    before = _spent(watch, worker)
    waits, recording = [], 0.0
    for key in keys:
        began, own = perf_counter(), process_time()
        batch = _recorded(key)
        recording += process_time() - own
        _await(watch, edition, key, batch)
        waits.append((perf_counter() - began) * 1000)
    after = _spent(watch, worker)
    n = len(keys) / 1000
    found = {"recording": recording / n, **{who: (after[who] - before[who]) / n for who in ("worker", "server")}}
    return waits, found | {"together": sum(found.values())}


def _cold(keys: list[str]) -> list[float]:
    """Seconds of `hanse explain PARTNER` where it has to start the embedded server first."""
    from django.db import connections

    from hanse.installation import server

    connections.close_all()
    server.stop()
    return [child("-c", COMMAND, "explain", key).wall for key in keys]


def _recorded(key: str) -> int:
    from hanse.apps.accounts.actors import operator
    from hanse.apps.evaluation import services

    row = {"partner": key, "on": AS_OF, "amount": "1500.00", "currency": "EUR", "kind": "one_off", "role": "sold"}
    return services.new_fact(actor=operator(), table="sales", row=row, source="benchmark").batch


def _judged(watch: psycopg.Connection[Any], edition: str, key: str) -> None:
    _await(watch, edition, key, _recorded(key))


def _await(watch: psycopg.Connection[Any], edition: str, key: str, batch: int) -> None:
    """Waits until the partner's standing knows the batch. Raises SystemExit where it never does."""
    known = (
        "SELECT s.known_at >= b.recorded FROM standings_standing AS s, evidence_batch AS b "
        "WHERE s.edition = %s AND s.partner = %s AND b.id = %s"
    )
    until = perf_counter() + PATIENCE
    while not watch.execute(known, [edition, key, batch]).fetchone()[0]:  # type: ignore[index]
        if perf_counter() > until:
            raise SystemExit(f"{key} was not judged within {PATIENCE:.0f} s")
        sleep(WAIT)


def _spent(watch: psycopg.Connection[Any], worker: int) -> dict[str, float]:
    """Processor seconds of the worker, and of the server's processes but the one that is asked here."""
    rows = watch.execute("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()").fetchall()
    return {"worker": _processor(worker), "server": sum(_processor(int(row[0])) for row in rows)}


def _processor(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _partners(watch: psycopg.Connection[Any], n: int) -> list[str]:
    """Partners from all over the channel."""
    every = [str(row[0]) for row in watch.execute("SELECT partner FROM standings_standing ORDER BY partner").fetchall()]
    return every[:: max(1, len(every) // n)][:n]


def _evaluated(edition: str) -> None:
    """Standings for everybody, unless there are."""
    from hanse.apps.accounts.actors import operator
    from hanse.apps.evaluation import services
    from hanse.apps.standings.selectors import books_of

    if books_of(edition) is None:
        services.evaluate(actor=operator(), edition=edition, as_of=AS_OF, reason="benchmark")


def _url() -> str:
    from hanse.installation.address import url

    return url() or ""


@contextmanager
def _worker() -> Iterator[int]:
    """A worker beside this process; gives its number."""
    process = subprocess.Popen(
        [sys.executable, "-m", "hanse.fronts.cli.main", "work"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


if __name__ == "__main__":
    main()
