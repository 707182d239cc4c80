"""Killed at any moment, is nothing half done, and does a second start complete it?

Imports and undos run in children that are killed with SIGKILL at random moments. After each kill every row of every table
that they write is compared with a twin database in which nothing is ever killed: it is as before, or as before with the
import waiting, or as after. Then the same is started once more, and must end as the twin's did.

At least 200 kills; HANSE_KILLS says how many instead.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from apps.conftest import Installation, administered, database_url
from apps.imports import zygote
from apps.imports.channel import PARTNERS, content, csv_file, sale
from apps.imports.orders import Zygote, settled

ITEMS = 4
KILLS = -(-int(os.environ.get("HANSE_KILLS", "208")) // ITEMS)
ROWS = 40


@dataclass
class Side:
    """One of the two databases."""

    url: str
    connection: psycopg.Connection[Any]
    done: list[int] = field(default_factory=list)  # imports that can be undone, in the order in which they were made

    def content(self) -> dict[str, list[str]]:
        with self.connection.cursor() as cursor:
            return content(cursor)

    def living(self) -> list[int]:
        rows = self.connection.execute("SELECT id FROM imports_import WHERE state = 'done' ORDER BY id").fetchall()
        return [int(row[0]) for row in rows]


@dataclass
class Pair:
    """The database that is tormented, its twin, and the process that does both's work."""

    victim: Side
    twin: Side
    zygote: Zygote
    kills: int = 0
    interrupted: int = 0  # kills that left something between before and after: an import waiting
    finished: int = 0  # kills that came too late

    def both(self, do: str, chance: random.Random, usual: float, *, path: Path | None = None, place: int = 0) -> float:
        """Does one thing in the twin, then kills it in the victim once, looks, and completes it."""
        before = self.twin.content()
        orders = [
            {"path": str(path)} if path else {"number": side.living()[place]} for side in (self.victim, self.twin)
        ]
        took = self.zygote(self.twin.url, do, **orders[1])
        assert took["exit"] == 0
        after = self.twin.content()
        hit = self.zygote(self.victim.url, do, kill_after=chance.uniform(0, 1.1 * usual), **orders[0])
        assert hit["killed"] or hit["exit"] == 0
        self.kills += hit["killed"]
        settled(self.victim.connection)
        self._look(self.victim.content(), before, after, path)
        waits = any('"state": "waiting"' in row for row in self.victim.content()["imports_import"])
        again = self.zygote(self.victim.url, "resume" if waits and self.kills % 2 else do, **orders[0])
        assert again["exit"] == 0 or (do == "undo" and again["exit"] == zygote.EXPECTED_ERROR)  # it was undone already
        assert self.victim.content() == after
        return float(took["seconds"])

    def _look(
        self, found: dict[str, list[str]], before: dict[str, list[str]], after: dict[str, list[str]], path: Path | None
    ) -> None:
        if found == before:
            return
        if found == after:
            self.finished += 1
            return
        others = [table for table in found if table != "imports_import"]
        assert {t: found[t] for t in others} == {t: before[t] for t in others}
        assert path is not None, "an undo is done or it is not"
        (new,) = [json.loads(row) for row in found["imports_import"] if row not in before["imports_import"]]
        assert sorted(row for row in found["imports_import"] if json.loads(row) != new) == before["imports_import"]
        assert (new["state"], new["file"], new["rows"], new["added"]) == ("waiting", path.name, 0, 0)
        self.interrupted += 1


@pytest.fixture
def pair(installation: Installation, server_url: str) -> Iterator[Pair]:
    name = str(conninfo_to_dict(installation.url)["dbname"]) + "_twin"
    administered(server_url, f"CREATE DATABASE {name} TEMPLATE hanse_template")
    urls = [installation.url, database_url(server_url, name)]
    with (
        Zygote(installation.home) as process,
        psycopg.connect(urls[0], autocommit=True) as one,
        psycopg.connect(urls[1], autocommit=True) as other,
    ):
        yield Pair(Side(urls[0], one), Side(urls[1], other), process)
    administered(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def some_file(folder: Path, chance: random.Random, number: int) -> Path:
    """Sales that overlap with those of other files, or partners that say again who somebody is; some rows are wrong."""
    if number % 4 == 3:
        rows = [
            (f"P-{chance.randrange(9)}", f"Name {chance.randrange(3)}", chance.choice(["DE", "FR", "?"]))
            for _ in range(3)
        ]
        return csv_file(folder, rows, name=f"partners{number}.csv", columns=PARTNERS)
    sales = [
        sale(f"P-{chance.randrange(9)}", chance.randrange(60), day=chance.choice(["2017-03-01", "2017-03-02", "soon"]))
        for _ in range(ROWS)
    ]
    return csv_file(folder, [sale("P-0", 1000 + number), *sales], name=f"sales{number}.csv")


@pytest.mark.parametrize("item", range(ITEMS))
def test_killed_at_any_moment_nothing_is_half_done(pair: Pair, tmp_path: Path, item: int) -> None:
    chance = random.Random(f"kills {item}")
    usual = {"import": 0.3, "undo": 0.1}
    number = 0
    while pair.kills < KILLS:
        number += 1
        assert number < 20 * KILLS, "hardly any kill comes in time"
        if pair.twin.living() and chance.random() < 0.3:
            place = chance.randrange(len(pair.twin.living()))
            usual["undo"] = pair.both("undo", chance, usual["undo"], place=place)
        else:
            usual["import"] = pair.both("import", chance, usual["import"], path=some_file(tmp_path, chance, number))
    from hanse.apps.audit import selectors

    assert selectors.verify().first_wrong is None
