"""What the database refuses about runs and standings, whoever asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from apps.conftest import Installation
from apps.quay import DAY, facts, installed
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation.services import evaluate
from hanse.apps.standings.models import Run


@pytest.fixture
def run(installation: Installation, tmp_path: Path) -> int:
    """A run of all partners of the quay."""
    installed(tmp_path / "quay")
    facts()
    return evaluate(actor=operator(), edition="quay/2026", as_of=DAY)


def refused(statement: str, *, owner: bool = False) -> str:
    """What the database says to a statement, of the application or of the owner."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE" if owner else "SELECT 1")
        with pytest.raises(DatabaseError) as error, transaction.atomic():
            cursor.execute(statement)
    return str(error.value)


def test_nobody_edits_a_standing(run: int) -> None:
    for owner in (False, True):
        assert "is replaced only by a run" in refused("UPDATE standings_standing SET level = 'gold'", owner=owner)
        assert "ends only with a run" in refused("DELETE FROM standings_standing", owner=owner)
    assert "permission denied" in refused("TRUNCATE standings_standing")
    assert "append-only" in refused("TRUNCATE standings_standing", owner=True)


def test_a_standing_is_what_a_run_of_its_edition_says(run: int) -> None:
    insert = (
        "INSERT INTO standings_standing (edition, partner, run_id, as_of, known_at) "
        "SELECT {}, 'P-9', id, {}, known_at FROM standings_run"
    )
    assert "what a run says" in refused(insert.format("'other/1'", "as_of"))
    assert "what a run says" in refused(insert.format("edition", "as_of + 1"))


def test_a_standing_does_not_go_back_to_an_earlier_run(run: int) -> None:
    evaluate(actor=operator(), edition="quay/2026", as_of=DAY)
    assert "is replaced only by a run" in refused(
        f"UPDATE standings_standing SET run_id = {run}, known_at = (SELECT known_at FROM standings_run WHERE id = {run})"
    )


@pytest.mark.parametrize("output", ["checks", "competencies", "benefits", "results", "problems"])
def test_what_a_run_left_is_closed(output: str, run: int) -> None:
    table = f"standings_{output}_run_{run}"
    assert "permission denied" in refused(f"INSERT INTO {table} (run) VALUES ({run})")
    assert "permission denied" in refused(f"UPDATE {table} SET run = run")
    assert "permission denied" in refused(f"DELETE FROM standings_{output}")
    assert "permission denied" in refused(f"DROP TABLE {table}").replace("must be owner of", "permission denied")


def test_rows_of_a_run_that_decides_stay(run: int) -> None:
    assert "its rows stay" in refused(f"SELECT standings_drop({run})")
    assert "is not going on" in refused(f"SELECT standings_open({run})")
    assert "is not going on" in refused(f"SELECT standings_attach({run})")


def test_a_run_that_is_over_says_what_it_says(run: int) -> None:
    for owner in (False, True):
        assert "is over" in refused(f"UPDATE standings_run SET reason = 'another' WHERE id = {run}", owner=owner)
    assert "permission denied" in refused("DELETE FROM standings_run")
    assert "append-only" in refused("DELETE FROM standings_run", owner=True)


def test_a_run_is_not_done_without_its_digests(run: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO standings_run (uuid, version_id, edition, edition_hash, as_of, rules_as_of, kind, reason, actor, state, "
            "started, folder, failure) SELECT gen_random_uuid(), version_id, edition, edition_hash, as_of, rules_as_of, kind, "
            "reason, actor, 'running', started, '', '' FROM standings_run RETURNING id"
        )
        (number,) = cursor.fetchone()
    assert "run_done_is_whole" in refused(f"UPDATE standings_run SET state = 'done' WHERE id = {number}")
    assert "is over" in refused(f"UPDATE standings_run SET as_of = as_of + 1, state = 'failed' WHERE id = {number}")


@pytest.mark.parametrize("table", ["level_change", "outline", "asked"])
def test_what_was_said_stays(table: str, run: int) -> None:
    for statement in (f"UPDATE standings_{table} SET id = id", f"DELETE FROM standings_{table}"):
        assert "permission denied" in refused(statement)
        assert "append-only" in refused(statement, owner=True)


def test_the_books_do_not_go_back(run: int) -> None:
    later = evaluate(actor=operator(), edition="quay/2026", as_of=DAY)
    assert Run.objects.get(pk=later).state == "done"
    assert "of a later day" in refused(f"UPDATE standings_current SET run_id = {run}")


def test_what_counts_the_rows_of_a_statement_is_planned_for_so_many(installation: Installation) -> None:
    """Else the plan made for the first statement of a connection, of no rows, serves one of a whole channel."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.proname, p.prosrc FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid "
            "WHERE t.tgnewtable IS NOT NULL OR t.tgoldtable IS NOT NULL"
        )
        found = dict(cursor.fetchall())
    assert {"standings_decided", "standings_moved", "standings_gone"} <= set(found)
    assert [name for name, source in found.items() if "EXECUTE '" not in source] == []
