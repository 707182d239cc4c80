"""The commands around editions, evaluations, runs and jobs, as their user has them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from apps.conftest import Installation
from apps.quay import BLEU, NORDLICHT, edition, facts, installed, sale
from hanse.apps.accounts.actors import operator
from hanse.apps.evidence.services import record_facts
from hanse.apps.standings.models import Run

DAY = ("--as-of", "2026-06-30")


@pytest.fixture
def quay(installation: Installation, tmp_path: Path) -> Installation:
    """The programme in force and its partners on record."""
    installed(tmp_path / "quay")
    facts()
    return installation


def test_an_edition_goes_its_way(installation: Installation, tmp_path: Path) -> None:
    folder = edition(tmp_path / "quay")
    assert "quay/2026@1: installed; it is drafted (1 cases hold)" in installation.run("editions", "install", folder)
    assert "is installed already" in installation.run("editions", "install", folder)
    refused = installation.run("editions", "announce", "quay/2026", "--reason", "now", fails=2)
    assert "cannot publish it as well" in refused
    assert "--alone" in refused
    group = tmp_path / "pilots.txt"
    group.write_text("P-1\nP-2\n")
    installation.run("editions", "pilot", "quay/2026", "--partners", group, "--reason", "try it")
    installation.run("editions", "announce", "quay/2026", "--reason", "read twice", "--alone")
    shown = json.loads(installation.run("editions", "show", "quay/2026", "--json"))
    assert [e["state"] for e in shown["events"]] == ["drafted", "piloted", "announced"]
    assert shown["files"] == ["cases/plain.yaml", "levels.yaml", "metrics.yaml", "programme.yaml"]
    installation.run("editions", "unpack", "quay/2026", tmp_path / "out")
    assert (tmp_path / "out" / "levels.yaml").read_bytes() == (folder / "levels.yaml").read_bytes()
    assert "announced" in installation.run("editions", "list")
    installation.run("editions", "in-force", "quay", "--on", "2026-01-01", "--alone", "--reason", "too early", fails=2)
    assert "is in force from" in installation.run("editions", "in-force", "quay", "--alone", "--reason", "it is time")


def test_an_evaluation_is_made_explained_and_repeated(quay: Installation) -> None:
    summary = json.loads(quay.run("evaluate", *DAY, "--json"))[0]
    assert summary["levels"]["level"] == {"silver": 2, "member": 1}
    assert summary["moved"] == {"appears": 3}
    told = json.loads(quay.run("explain", BLEU, "--json"))
    assert (told["level"], told["next"][0]["missing"]) == ("member", ["revenue"])
    assert "Silver" in quay.run("explain", NORDLICHT, *DAY)
    assert "Argent" in quay.run("explain", NORDLICHT, "--language", "fr") or "Silver" in quay.run("explain", NORDLICHT)
    assert "silver" in quay.run("evaluate", "quay", *DAY)
    assert [r["run"] for r in json.loads(quay.run("runs", "list", "--json"))] == [2, 1]
    assert json.loads(quay.run("runs", "show", 1, "--json"))["digests"]["standings"]
    assert "comes out again, byte for byte" in quay.run("runs", "repeat", 1)


def test_a_run_that_does_not_come_out_again_is_told_with_its_rows(quay: Installation) -> None:
    number = json.loads(quay.run("evaluate", "quay", *DAY, "--json"))["run"]
    with quay.connect() as database:  # as the owner, past every rule: a fact changed under the run
        database.execute("ALTER TABLE evidence_sales DISABLE TRIGGER USER")
        database.execute("UPDATE evidence_sales SET amount = 1 WHERE partner = %s", [NORDLICHT])
        database.execute("ALTER TABLE evidence_sales ENABLE TRIGGER USER")
    told = json.loads(quay.run("runs", "repeat", number, "--json", fails=1))
    assert told["differs"] == ["checks", "standings"]
    assert told["rows"]["standings"] == [1, 1]


def test_the_worker_does_what_is_waiting(quay: Installation) -> None:
    quay.run("evaluate", "quay", *DAY)
    from hanse.apps.evaluation.services import new_fact

    new_fact(actor=operator(), table="sales", row=sale(BLEU, "40000"), source="test")
    assert json.loads(quay.run("work", "--once", "--json")) == {"done": 1, "waiting": 0, "failed": []}
    assert json.loads(quay.run("explain", BLEU, "--json"))["level"] == "silver"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("evaluate", "quay", *DAY, "--out", "somewhere"), "leave it out, or add --facts"),
        (("evaluate", "nothing/1", *DAY), "is not installed"),
        (("evaluate", "--as-of", "2020-01-01"), "no edition is in force on 2020-01-01"),
        (("evaluate", "quay", *DAY, "--facts", "."), "it is missing beside --facts"),
        (("explain", "P-77"), "P-77"),
        (("explain", "quay", "--facts", "."), "--partner"),
        (("explain", BLEU, "--known-at", "2020-01-01"), "--known-at"),
        (("runs", "repeat", 99), "no run 99"),
        (("editions", "show", "quay/2030"), "is not installed"),
        (("editions", "retire", "quay", "--reason", ""), "no reason"),
    ],
)
def test_what_cannot_be_done_is_answered_with_a_remedy(
    arguments: tuple[object, ...], says: str, quay: Installation
) -> None:
    told = json.loads(quay.run(*arguments, "--json", fails=2))["problems"][0]
    assert says in " ".join(told.values())
    assert all(told.values())


def test_a_run_that_is_killed_shows_nothing_and_the_next_one_clears_away(quay: Installation) -> None:
    quay.run("evaluate", "quay", *DAY)
    record_facts(actor=operator(), source="test", rows={"sales": [sale(BLEU, "40000")]})
    before = _everything(quay)
    with psycopg.connect(quay.url) as holding:  # the run can write its folder, but not its standings
        holding.execute("LOCK TABLE standings_current IN ACCESS EXCLUSIVE MODE")
        process = subprocess.Popen(
            [sys.executable, "-m", "hanse.fronts.cli.main", "evaluate", "quay", *DAY],
            env=quay.environment | {"PATH": "/usr/bin:/bin"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _until(lambda: len(list((quay.home / "runs").glob("*/run.json"))) == 2)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
    assert _everything(quay) == before
    _until(lambda: _left(quay) == 0)
    quay.run("evaluate", "quay", *DAY)
    assert [r.state for r in Run.objects.order_by("pk")] == ["done", "failed", "done"]
    assert len(list((quay.home / "runs").iterdir())) == 2
    assert json.loads(quay.run("explain", BLEU, "--json"))["level"] == "silver"


def _everything(installation: Installation) -> list[object]:
    """All standings and level changes."""
    with installation.connect() as database:
        return [
            database.execute("SELECT * FROM standings_standing ORDER BY partner").fetchall(),
            database.execute("SELECT * FROM standings_level_change ORDER BY id").fetchall(),
            database.execute(
                "SELECT relname FROM pg_class WHERE relname LIKE 'standings_checks%' ORDER BY 1"
            ).fetchall(),
        ]


def _left(installation: Installation) -> int:
    """Connections of the killed process that the server has not yet given up."""
    with installation.connect() as database:
        row = database.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = x'52554E'::int"
        ).fetchone()
    return int(row[0]) if row else 0


def _until(holds: object, patience: float = 60) -> None:
    assert callable(holds)
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, "it did not come to it"
        time.sleep(0.02)
