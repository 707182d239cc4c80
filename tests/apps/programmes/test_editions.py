"""Editions: installed once per content, published by two people, one in force, never changed afterwards."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from apps.quay import SECOND, edition, installed
from hanse.apps.accounts.actors import Actor, operator
from hanse.apps.accounts.policy import Refused
from hanse.apps.audit.models import Entry
from hanse.apps.programmes import content, selectors, services
from hanse.apps.programmes.models import Event, File, PilotPartner, Version
from hanse.language.edition import content_hash, shipped
from hanse.language.problems import CallError, EditionError

TODAY, LATER = date(2026, 7, 1), date(2026, 10, 1)
PARTNER = Actor("p@bleu.example", frozenset({"partner_member"}), partners=frozenset({"P-2"}))
pytestmark = pytest.mark.usefixtures("database")


def install(folder: Path, actor: Actor | None = None) -> services.Installed:
    return services.install(actor=actor or operator(), name=str(folder))


def test_the_same_content_is_one_version(tmp_path: Path) -> None:
    folder = edition(tmp_path)
    first, again = install(folder), install(folder)
    assert (first.new, again.new) == (True, False)
    assert first.version.key == again.version.key == "quay/2026@1"
    assert first.version.content_hash == content_hash(folder)
    (folder / "levels.yaml").write_text((folder / "levels.yaml").read_text().replace("20_000", "25_000"))
    assert install(folder).version.key == "quay/2026@2"


def test_other_cases_are_another_version_of_the_same_rules(tmp_path: Path) -> None:
    folder = edition(tmp_path)
    before = install(folder).version
    (folder / "cases" / "plain.yaml").write_text((folder / "cases" / "plain.yaml").read_text() + "\n# more\n")
    after = install(folder).version
    assert after.number == 2
    assert after.content_hash == before.content_hash


def test_an_edition_whose_case_fails_is_not_installed(tmp_path: Path) -> None:
    folder = edition(tmp_path, more={"cases/plain.yaml": """
- {id: wrong, says: Everybody is gold., as_of: 2026-06-30, facts: {partners: [{partner: P}]}, expect: {P: {level: gold}}}
"""})  # fmt: skip
    with pytest.raises(EditionError, match="level is member, expected gold"):
        install(folder)
    assert not Version.objects.exists()


def test_an_edition_without_cases_is_compiled(tmp_path: Path) -> None:
    folder = edition(tmp_path, more={"levels.yaml": "silver: {unheard_of: {at_least: 3}}\n"})
    shutil.rmtree(folder / "cases")
    with pytest.raises(EditionError, match="unheard_of"):
        install(folder)


def test_an_edition_is_read_from_the_database_and_not_from_its_folder(tmp_path: Path) -> None:
    folder = edition(tmp_path)
    version = install(folder).version
    shutil.rmtree(folder)
    read = selectors.edition("quay")
    assert (read.name, read.content_hash) == ("quay/2026", version.content_hash)
    assert read.folder.parent.name == "editions"
    assert read.folder != folder


def test_what_somebody_touched_in_the_room_is_written_anew(tmp_path: Path) -> None:
    version = install(edition(tmp_path)).version
    folder = selectors.unpacked(version.id)
    (folder / "levels.yaml").write_text("silver: {}\n")
    assert content_hash(selectors.unpacked(version.id)) == version.content_hash


def test_a_shipped_edition_with_sql_keeps_its_hash_in_the_database() -> None:
    name = next(n for n in shipped() if n == "odoo/2024") if "odoo/2024" in shipped() else shipped()[0]
    found = services.install(actor=operator(), name=name).version
    assert content.rules_hash(selectors.files_of(found.id)) == found.content_hash


def test_publishing_wants_a_second_person(tmp_path: Path) -> None:
    version = install(edition(tmp_path), SECOND).version
    with pytest.raises(CallError, match="cannot publish it as well"):
        services.announce(actor=SECOND, name=version.key, on=TODAY, reason="it is time")
    with pytest.raises(CallError, match="only the operator"):
        services.announce(actor=SECOND, name=version.key, on=TODAY, reason="it is time", alone=True)
    assert services.announce(actor=operator(), name=version.key, on=TODAY, reason="read it").state == "announced"


def test_the_operator_may_publish_alone_with_a_reason(tmp_path: Path) -> None:
    version = install(edition(tmp_path)).version
    with pytest.raises(CallError, match="no reason"):
        services.announce(actor=operator(), name=version.key, on=TODAY, reason=" ", alone=True)
    done = services.announce(actor=operator(), name=version.key, on=TODAY, reason="one-person firm", alone=True)
    assert done.events[-1].alone
    entry = Entry.objects.order_by("-number").first()
    assert entry is not None
    assert (entry.action, entry.why) == ("programmes.announce", "one-person firm")


def test_others_may_not(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        install(edition(tmp_path), PARTNER)


def test_a_pilot_is_shown_to_its_group_alone(tmp_path: Path) -> None:
    version = install(edition(tmp_path)).version
    stranger = Actor("q@salt.example", frozenset({"partner_member"}), partners=frozenset({"P-3"}))
    assert selectors.editions(actor=PARTNER, day=TODAY) == []
    services.pilot(actor=operator(), name=version.key, partners=["P-2", "P-1", "P-2"], on=TODAY, reason="try it")
    assert [v.key for v in selectors.editions(actor=PARTNER, day=TODAY)] == [version.key]
    assert selectors.editions(actor=stranger, day=TODAY) == []
    assert selectors.pilots_of(version.id, TODAY) == ["P-1", "P-2"]
    services.announce(actor=SECOND, name=version.key, on=LATER, reason="they liked it")
    assert selectors.editions(actor=stranger, day=TODAY) == []
    assert [v.state for v in selectors.editions(actor=stranger, day=LATER)] == ["announced"]


def test_two_editions_stand_side_by_side_until_the_new_one_is_in_force(tmp_path: Path) -> None:
    old = installed(tmp_path)
    new = installed(tmp_path, "2027", in_force=False)
    services.announce(actor=SECOND, name=new.key, on=TODAY, reason="next year's")
    services.put_in_force(actor=SECOND, name=new.key, on=date(2027, 1, 1), reason="the year begins")
    assert [(v.name, v.state) for v in selectors.judged_on(TODAY)] == [
        ("quay/2026", "in_force"),
        ("quay/2027", "announced"),
    ]
    assert [(v.name, v.state) for v in selectors.judged_on(date(2027, 1, 1))] == [("quay/2027", "in_force")]
    assert selectors.version_named("quay", date(2026, 12, 31)).id == old.id
    assert selectors.version_named("quay", date(2027, 1, 1)).id == new.id


def test_a_life_goes_forward(tmp_path: Path) -> None:
    version = installed(tmp_path)
    with pytest.raises(CallError, match="cannot become announced"):
        services.announce(actor=SECOND, name=version.key, on=LATER, reason="again")
    with pytest.raises(CallError, match="cannot have come before"):
        services.retire(actor=SECOND, name=version.key, on=date(2020, 1, 1), reason="never was")
    services.retire(actor=SECOND, name=version.key, on=LATER, reason="it ends")
    with pytest.raises(CallError, match="is retired"):
        services.put_in_force(actor=SECOND, name=version.key, on=LATER, reason="once more")


def test_an_unknown_edition_is_answered_with_those_there_are(tmp_path: Path) -> None:
    install(edition(tmp_path))
    with pytest.raises(CallError, match="did you mean 'quay/2026'"):
        selectors.version_named("quai/2026", TODAY)
    with pytest.raises(CallError, match="not installed"):
        selectors.version_named("quay/2026@7", TODAY)


# -- what the database refuses ----------------------------------------------------------------------------------------


def refused(statement: str, alias: str = "default") -> str:
    """What the database says to a statement."""
    with pytest.raises(DatabaseError) as error, transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute(statement)
    return str(error.value)


@pytest.mark.parametrize("table", ["version", "file", "event", "pilot_partner"])
@pytest.mark.parametrize(
    "statement", ["UPDATE programmes_{} SET id = id", "DELETE FROM programmes_{}", "TRUNCATE programmes_{} CASCADE"]
)
def test_the_application_may_change_nothing(table: str, statement: str, tmp_path: Path) -> None:
    installed(tmp_path)
    assert "permission denied" in refused(statement.format(table))


@pytest.mark.parametrize(
    "statement",
    ["UPDATE programmes_file SET content = 'x'", "DELETE FROM programmes_file", "TRUNCATE programmes_pilot_partner"],
)
def test_nor_may_the_owner(statement: str, tmp_path: Path) -> None:
    installed(tmp_path)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
    try:
        assert "append-only" in refused(statement)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE hanse_app")


def test_a_file_is_not_added_to_a_version_afterwards(tmp_path: Path) -> None:
    version = install(edition(tmp_path)).version
    with pytest.raises(IntegrityError, match="is complete"), transaction.atomic():
        File.objects.create(version_id=version.id, path="transition.yaml", content=b"{}")


def test_files_must_be_what_the_hash_says(tmp_path: Path) -> None:
    version = Version.objects.get(pk=install(edition(tmp_path)).version.id)
    forged = Version.objects.create(
        name="quay/2026", programme="quay", edition="2026", number=9, title={}, content_hash="0" * 64,
        cases_hash=version.cases_hash, cases=0, author="somebody", installed=version.installed, source="nowhere",
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="not what its hash says"), transaction.atomic():
        Event.objects.create(version=forged, state="drafted", on=TODAY, at=version.installed, actor="x", reason="y")


@pytest.mark.parametrize(
    ("state", "on", "actor", "says"),
    [
        ("announced", LATER, "eva", "cannot become announced"),
        ("retired", date(2000, 1, 1), "eva", "cannot have come before"),
        ("nonsense", LATER, "eva", "cannot become nonsense"),
    ],
)
def test_the_database_knows_the_life_of_an_edition(state: str, on: date, actor: str, says: str, tmp_path: Path) -> None:
    version = installed(tmp_path)
    with pytest.raises(IntegrityError, match=says), transaction.atomic():
        Event.objects.create(version_id=version.id, state=state, on=on, at=version.installed, actor=actor, reason="y")


def test_the_database_wants_a_second_person_too(tmp_path: Path) -> None:
    version = install(edition(tmp_path)).version
    with pytest.raises(IntegrityError, match="by another person"), transaction.atomic():
        Event.objects.create(
            version_id=version.id, state="announced", on=TODAY, at=version.installed, actor=version.author, reason="y"
        )


def test_one_edition_of_a_programme_is_in_force(tmp_path: Path) -> None:
    installed(tmp_path)
    new = installed(tmp_path, "2027", in_force=False)
    with pytest.raises(IntegrityError, match="one edition in force"), transaction.atomic():
        Event.objects.create(version_id=new.id, state="in_force", on=LATER, at=new.installed, actor="eva", reason="y")


def test_a_pilot_group_is_not_enlarged_afterwards(tmp_path: Path) -> None:
    version = installed(tmp_path)
    event = Event.objects.get(version_id=version.id, state="in_force")
    with pytest.raises(IntegrityError, match="belongs to the event"), transaction.atomic():
        PilotPartner.objects.create(event=event, partner="P-9")


@pytest.mark.parametrize("path", ["../outside.yaml", "/etc/passwd", "a/../../b.yaml", ""])
def test_a_path_stays_inside(path: str, tmp_path: Path) -> None:
    made = Version.objects.get(pk=install(edition(tmp_path)).version.id)
    fresh = Version.objects.create(
        name="quay/2026", programme="quay", edition="2026", number=9, title={}, content_hash="0" * 64,
        cases_hash=made.cases_hash, cases=0, author="somebody", installed=made.installed, source="nowhere",
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="file_path_stays_inside"), transaction.atomic():
        File.objects.create(version=fresh, path=path, content=b"")
