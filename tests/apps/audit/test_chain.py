"""Is a trail that somebody changed found out, wherever and however; and does the database keep others from changing it?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.db.utils import IntegrityError, InternalError, ProgrammingError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanse.apps.audit import chain
from hanse.apps.audit.selectors import verify
from hanse.apps.audit.services import record
from hanse.language.problems import CallError

ROWS = 9
Tampering = Callable[[psycopg.Connection[Any]], object]


def wrote(n: int = ROWS, actor: str = "ann@vendor.example") -> list[int]:
    """So many entries, a transaction each."""

    numbers = []
    for one in range(n):
        with transaction.atomic():
            numbers.append(record(
                actor=actor, action="evidence.correct", subject=f"partner:P-{one}", why="typed wrongly",
                before={"amount": one}, after={"amount": one + 1},
            ))  # fmt: skip
    return numbers


def rewritten(owner: psycopg.Connection[Any], number: int, **changed: Any) -> None:
    """What an attacker with all rights does: changes an entry and chains everything after it anew."""

    columns = "number, at, actor, action, subject, why, before::text, after::text, previous"
    rows = owner.execute(f"SELECT {columns} FROM audit_entry WHERE number >= %s ORDER BY number", [number]).fetchall()
    previous = bytes(rows[0][-1])
    for row in rows:
        link = replace(chain.Link(*row), previous=previous, **(changed if row[0] == number else {}))
        previous = chain.hash_of(link)
        owner.execute(
            "UPDATE audit_entry SET actor = %s, why = %s, previous = %s, hash = %s WHERE number = %s",
            [link.actor, link.why, link.previous, previous, link.number],
        )


@pytest.fixture
def owner(committed: str) -> Iterator[psycopg.Connection[Any]]:
    """The owner of a database with some entries, with the triggers that protect them switched off."""
    wrote()
    with psycopg.connect(committed, autocommit=True) as connection:
        connection.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        yield connection


def test_an_untouched_trail_holds(database: None) -> None:

    assert (verify().entries, verify().head) == (0, "0:" + "00" * 32)
    wrote()
    found = verify()
    assert (found.entries, found.first_wrong) == (ROWS, None)
    assert found.head.startswith(f"{ROWS}:")
    wrote(3)
    assert verify(expect=found.head).first_wrong is None


@pytest.mark.parametrize(
    ("tampered", "where", "says"),
    [
        ("UPDATE audit_entry SET at = at - interval '1 microsecond' WHERE number = 4", 4, "changed"),
        ("UPDATE audit_entry SET actor = 'bob@vendor.example' WHERE number = 1", 1, "changed"),
        ("UPDATE audit_entry SET action = 'evidence.withdraw' WHERE number = 9", 9, "changed"),
        ("UPDATE audit_entry SET subject = 'partner:P-99' WHERE number = 4", 4, "changed"),
        ("UPDATE audit_entry SET why = '' WHERE number = 4", 4, "changed"),
        ("UPDATE audit_entry SET before = NULL WHERE number = 4", 4, "changed"),
        ("""UPDATE audit_entry SET before = '{"amount": 3}' WHERE number = 4""", 4, "changed"),
        ("UPDATE audit_entry SET after = before, before = after WHERE number = 4", 4, "changed"),
        ("UPDATE audit_entry SET previous = hash WHERE number = 4", 4, "changed"),
        ("UPDATE audit_entry SET hash = previous WHERE number = 4", 4, "changed"),
        ("UPDATE audit_entry SET hash = ''::bytea WHERE number = 4", 4, "changed"),
        ("DELETE FROM audit_entry WHERE number = 1", 1, "missing"),
        ("DELETE FROM audit_entry WHERE number = 4", 4, "missing"),
        ("DELETE FROM audit_entry WHERE number BETWEEN 4 AND 6", 4, "entries 4 to 6 are missing"),
        ("UPDATE audit_entry SET number = 99 WHERE number = 4", 4, "missing"),
        (
            "DELETE FROM audit_entry WHERE number = 4; UPDATE audit_entry SET number = number - 1 WHERE number > 4",
            4,
            "moved",
        ),
        (
            "UPDATE audit_entry SET number = -4 WHERE number = 4; UPDATE audit_entry SET number = 4 WHERE number = 5;"
            "UPDATE audit_entry SET number = 5 WHERE number = -4",
            4,
            "moved",
        ),
        (
            "INSERT INTO audit_entry SELECT 10, at, actor, action, subject, why, before, after, previous, hash "
            "FROM audit_entry WHERE number = 9",
            10,
            "changed or moved",
        ),
        (
            "INSERT INTO audit_entry SELECT 0, at, actor, action, subject, why, before, after, previous, hash "
            "FROM audit_entry WHERE number = 9",
            0,
            "put in",
        ),
    ],
)
def test_tampering_is_found(owner: psycopg.Connection[Any], tampered: str, where: int, says: str) -> None:

    owner.execute("ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_numbered_from_one")
    owner.execute(tampered)  # type: ignore[arg-type]
    found = verify()
    assert found.first_wrong is not None
    assert found.first_wrong.number == where
    assert says in f"{found.first_wrong.problem.what} {found.first_wrong.problem.why}"
    assert found.first_wrong.problem.remedy
    assert found.entries == max(0, where - 1)


def test_an_entry_replaced_by_one_that_holds_in_itself_is_found(owner: psycopg.Connection[Any]) -> None:

    last = owner.execute("SELECT previous, hash FROM audit_entry WHERE number = 5").fetchone()
    rewritten(owner, 4, why="another reason")
    owner.execute("UPDATE audit_entry SET previous = %s, hash = %s WHERE number = 5", last)
    wrong = verify().first_wrong
    assert wrong is not None
    assert (wrong.number, wrong.problem.what) == (5, "entry 5 does not follow entry 4")


def test_a_cut_off_end_shows_against_a_head_noted_down(owner: psycopg.Connection[Any]) -> None:

    head = verify().head
    owner.execute("DELETE FROM audit_entry WHERE number > 6")
    assert verify().first_wrong is None
    wrong = verify(expect=head).first_wrong
    assert wrong is not None
    assert wrong.number == 7
    assert "cut off" in wrong.problem.why


def test_a_trail_written_anew_shows_against_a_head_noted_down(owner: psycopg.Connection[Any]) -> None:

    head = verify().head
    rewritten(owner, 4, actor="bob@vendor.example")
    assert verify().first_wrong is None
    wrong = verify(expect=head).first_wrong
    assert wrong is not None
    assert wrong.number == ROWS
    assert "written anew" in wrong.problem.why


@pytest.mark.parametrize("head", ["9", "9:abc", "9:" + "0" * 63, "x:" + "0" * 64, "-"])
def test_what_is_no_head_is_answered(database: None, head: str) -> None:

    with pytest.raises(CallError, match="is no head"):
        verify(expect=head)


def test_writers_at_once_chain_without_a_gap(committed: str) -> None:

    def write(writer: int) -> list[int]:
        try:
            for one in range(20):  # every fourth act fails after its entry was written, and leaves none
                with transaction.atomic():
                    record(actor=f"writer{writer}", action="evidence.correct", subject=str(one))
                    transaction.set_rollback(one % 4 == 3)
            return wrote(5, actor=f"writer{writer}")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        written = sorted(number for numbers in pool.map(write, range(8)) for number in numbers)
    assert len(set(written)) == 8 * 5
    assert max(written) <= 8 * 20
    found = verify()
    assert (found.entries, found.first_wrong) == (8 * 20, None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET why = 'none'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "ALTER TABLE audit_entry DISABLE TRIGGER USER",
        "DROP TRIGGER audit_chain ON audit_entry",
        "CREATE OR REPLACE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    ],
)
def test_the_application_cannot_change_the_trail(database: None, statement: str) -> None:
    wrote(2)
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET why = 'none'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
def test_neither_can_the_owner(committed: str, statement: str) -> None:
    wrote(2)
    with psycopg.connect(committed) as owner, pytest.raises(psycopg.errors.IntegrityError, match="append-only"):
        owner.execute(statement)  # type: ignore[arg-type]


def test_nobody_chooses_number_moment_or_hash(database: None) -> None:

    wrote(2)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_entry (number, at, actor, action, subject, why, previous, hash) "
            "VALUES (77, '2001-01-01Z', 'a', 'a.b', 's', '', 'x', 'y') RETURNING number, at > '2020-01-01Z'"
        )
        assert cursor.fetchone() == (3, True)
    assert (verify().entries, verify().first_wrong) == (3, None)


def test_a_table_of_the_same_name_in_front_does_not_mislead_the_chain(database: None) -> None:

    wrote(2)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE audit_entry (LIKE public.audit_entry) ON COMMIT DROP")
        assert wrote(1) == [3]
        cursor.execute("DROP TABLE pg_temp.audit_entry")
    assert verify().first_wrong is None


def test_a_snapshot_is_no_place_to_write(committed: str) -> None:

    def act() -> None:
        with transaction.atomic():
            connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            record(actor="a", action="a.b", subject="s")

    with pytest.raises(InternalError, match="read committed"):
        act()


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("audit_entry_numbered_from_one", {"number": 0}),
        ("audit_entry_has_an_actor", {"actor": ""}),
        ("audit_entry_action_is_app_and_verb", {"action": "undo"}),
        ("audit_entry_action_is_app_and_verb", {"action": "Imports.undo it"}),
        ("audit_entry_pkey", {"number": 1}),
    ],
)
def test_constraints(owner: psycopg.Connection[Any], constraint: str, values: dict[str, Any]) -> None:
    row = {"number": 50, "at": "2026-01-01Z", "actor": "a", "action": "a.b", "subject": "s", "why": ""} | values
    names, holes = ", ".join(row), ", ".join(f"%({name})s" for name in row)
    with pytest.raises(psycopg.errors.IntegrityError, match=constraint):
        owner.execute(f"INSERT INTO audit_entry ({names}, previous, hash) VALUES ({holes}, '', '')", row)


def test_json_that_is_none_is_refused(database: None) -> None:
    with pytest.raises(Exception, match="invalid input syntax for type json"), transaction.atomic():
        connection.cursor().execute(
            "INSERT INTO audit_entry (actor, action, subject, why, before) VALUES ('a', 'a.b', 's', '', '{')"
        )


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.dates() | st.datetimes() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actor=TEXT.filter(bool), subject=TEXT, why=TEXT, before=JSON, after=JSON)
def test_the_database_and_python_hash_alike(
    database: None, actor: str, subject: str, why: str, before: object, after: object
) -> None:

    with transaction.atomic():
        point = transaction.savepoint()
        number = record(actor=actor, action="a.b", subject=subject, why=why, before=before, after=after)
        assert (verify().entries, verify().first_wrong) == (number, None)
        transaction.savepoint_rollback(point)


def test_texts_cannot_be_moved_between_fields(database: None) -> None:

    link = chain.Link(1, datetime(2026, 1, 1, tzinfo=UTC), "ab", "a.b", "c", "", None, "null", chain.NOTHING)
    moved = replace(link, actor="a", subject="bc")
    gone = replace(link, after=None)
    swapped = replace(link, before="null", after=None)
    assert len({chain.hash_of(one) for one in (link, moved, gone, swapped)}) == 4


def test_an_entry_needs_the_transaction_of_its_act(committed: str) -> None:

    with pytest.raises(RuntimeError, match="transaction"):
        record(actor="a", action="a.b", subject="s")
    assert verify().entries == 0


def test_an_act_that_fails_leaves_no_entry(committed: str) -> None:
    def act() -> None:
        with transaction.atomic():
            record(actor="a", action="a.b", subject="s")
            record(actor="", action="a.b", subject="s")

    with pytest.raises(IntegrityError, match="has_an_actor"):
        act()
    assert verify().entries == 0
