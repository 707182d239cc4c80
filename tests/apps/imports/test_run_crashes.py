"""Killed while partners are judged, does nothing show of it, and does the next run say what an undisturbed one would?"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import psycopg

from apps.conftest import Installation, connect
from apps.imports.orders import Zygote, settled
from apps.quay import BLEU, DAY, SECOND, facts, installed, sale
from hanse.apps.accounts.actors import operator
from hanse.apps.evidence.services import record_facts, withdraw

KILLS = -(-int(os.environ.get("HANSE_KILLS", "208")) // 16)
# what two runs over the same facts do not share
_PASSING = [
    "id",
    "run",
    "run_id",
    "known_at",
    "started",
    "finished",
    "processor_seconds",
    "uuid",
    "folder",
    "outline_id",
]


def shown(connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """Every row of every table of standings but the list of runs and what each added up to."""
    tables = connection.execute(
        "SELECT relname FROM pg_class WHERE relname LIKE 'standings\\_%' AND relname NOT LIKE 'standings\\_run%' AND NOT relispartition "
        "AND relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY 1"
    ).fetchall()
    found = {}
    for (table,) in tables:
        rows = connection.execute(f"SELECT (to_jsonb(t) - %s::text[])::text FROM {table} AS t", [_PASSING]).fetchall()
        found[table] = sorted(row[0] for row in rows)
    return found


def runs(connection: psycopg.Connection[Any]) -> list[str]:
    return [row[0] for row in connection.execute("SELECT state FROM standings_run ORDER BY id").fetchall()]


def added_up(connection: psycopg.Connection[Any]) -> int:
    """Of how many runs there are totals."""
    return int(connection.execute("SELECT count(DISTINCT run_id) FROM standings_run_level").fetchall()[0][0])


def test_a_run_that_is_killed_shows_nothing_and_the_next_one_all(installation: Installation, tmp_path: Path) -> None:
    installed(tmp_path / "quay")
    facts()
    connect(None)
    chance, kills, usual = random.Random("runs"), 0, 2.0
    judge = {"edition": "quay", "as_of": DAY.isoformat()}
    with Zygote(installation.home) as process, psycopg.connect(installation.url, autocommit=True) as connection:
        assert process(installation.url, "evaluate", **judge)["exit"] == 0
        batch = 0
        for number in range(20 * KILLS):
            if kills == KILLS:
                break
            connect(installation.url)
            if number % 2:
                withdraw(actor=SECOND, batch=batch, reason="a crash test")
            else:
                batch = record_facts(actor=operator(), source="test", rows={"sales": [sale(BLEU, "40000")]}).batch
            connect(None)
            before = shown(connection)
            hit = process(installation.url, "evaluate", kill_after=chance.uniform(0, 1.1 * usual), **judge)
            assert hit["killed"] or hit["exit"] == 0
            kills += hit["killed"]
            settled(connection)
            found = shown(connection)
            again = process(installation.url, "evaluate", **judge)
            assert again["exit"] == 0
            usual = again["seconds"]
            after = shown(connection)
            assert before["standings_standing"] != after["standings_standing"]  # the level of one partner has moved
            assert found in (before, after)
            assert "running" not in runs(connection)
            folders = [path for path in (installation.home / "runs").iterdir() if not path.name.startswith(".")]
            assert len(folders) == runs(connection).count("done") == added_up(connection)
    assert kills == KILLS
