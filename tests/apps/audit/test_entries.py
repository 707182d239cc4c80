"""Does an entry say what was done, exactly; and who may read it?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from apps.conftest import Installation
from hanse.apps.accounts.actors import Actor, operator
from hanse.apps.accounts.policy import NotThere
from hanse.apps.audit.canonical import canonical
from hanse.apps.audit.selectors import entries, entry
from hanse.apps.audit.services import record
from hanse.language.problems import HanseError


class Colour(Enum):
    RED = "red"


@dataclass
class Rule:
    needs: Decimal
    since: date


def wrote(actor: str, action: str, subject: str, **more: Any) -> int:

    with transaction.atomic():
        return record(actor=actor, action=action, subject=subject, **more)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, None),
        ({"b": 1, "a": [True, None]}, '{"a":[true,null],"b":1}'),
        ({"amount": Decimal("10.50"), "big": Decimal("1E+3")}, '{"amount":"10.50","big":"1000"}'),
        ({date(2026, 1, 2): "day"}, '{"2026-01-02":"day"}'),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), '"2026-01-02T03:04:05+00:00"'),
        ({"c", "a", "b"}, '["a","b","c"]'),
        (Rule(Decimal("0.1"), date(2026, 1, 2)), '{"needs":"0.1","since":"2026-01-02"}'),
        (Colour.RED, '"red"'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (Path("a/b.csv"), '"a/b.csv"'),
        (b"\x01\xff", '"01ff"'),
        (float("nan"), '"nan"'),
        (Decimal("NaN"), '"NaN"'),
        ("Société\n", '"Société\\n"'),
        ("\x00", '"\\u0000"'),
        ("caf\udce9.csv", '"caf\\udce9.csv"'),  # a file whose name is no UTF-8
    ],
)
def test_a_value_has_one_form(value: object, written: str | None) -> None:

    assert canonical(value) == written


def test_a_value_without_a_form_is_a_mistake() -> None:

    with pytest.raises(TypeError, match="object has no form"):
        canonical({"x": object()})


def test_an_entry_reads_as_it_was_written(database: None) -> None:

    number = wrote(
        "ann@vendor.example",
        "imports.undo",
        "file:caf\udce9\x00.csv",
        why="wrong\nfile",
        before={"a": "é\x00"},
        after=[],
    )
    found = entry(operator(), number)
    assert (found.actor, found.action, found.why) == ("ann@vendor.example", "imports.undo", "wrong\nfile")
    assert found.subject == "file:caf\\udce9\\x00.csv"
    assert (found.before, found.after) == ('{"a":"é\\u0000"}', "[]")
    assert len(bytes.fromhex(found.hash)) == 32


def test_search(database: None) -> None:

    first = wrote("ann@vendor.example", "imports.undo", "import:1")
    second = wrote("bob@vendor.example", "imports.import_file", "import:2")
    third = wrote("ann@vendor.example", "importsx.undo", "partner:P%")
    at = entries(operator())[1].at

    def found(**by: Any) -> list[int]:
        return [one.number for one in entries(operator(), **by)]

    assert found() == [third, second, first]
    assert found(by="ann@vendor.example") == [third, first]
    assert found(action="imports") == [second, first]
    assert found(action="imports.undo") == [first]
    assert found(subject="import:") == [second, first]
    assert found(subject="import:2") == [second]
    assert found(subject="partner:P") == []
    assert found(since=at) == [third, second]
    assert found(until=at) == [second, first]
    assert found(before=third, limit=1) == [second]


@pytest.mark.parametrize("role", ["channel_chief", "auditor"])
def test_readers_see_everything(database: None, role: str) -> None:

    number = wrote("ann@vendor.example", "imports.undo", "import:1")
    reader = Actor("eve@vendor.example", frozenset({role}), everywhere=True)
    assert [one.number for one in entries(reader)] == [number]
    assert entry(reader, number).number == number


@pytest.mark.parametrize("role", ["programme_manager", "partner_manager", "finance", "partner_administrator", ""])
def test_others_see_their_own_acts(database: None, role: str) -> None:

    strangers = wrote("ann@vendor.example", "imports.undo", "import:1")
    own = wrote("eve@p.example", "accounts.role_grant", "user:x")
    eve = Actor("eve@p.example", frozenset({role} - {""}))
    assert [one.number for one in entries(eve)] == [own]
    with pytest.raises(NotThere) as hidden:
        entry(eve, strangers)
    with pytest.raises(NotThere) as missing:
        entry(eve, strangers + 1_000)
    assert str(hidden.value) == str(missing.value).replace(str(strangers + 1_000), str(strangers))
    assert isinstance(hidden.value, HanseError)


def test_the_command(installation: Installation) -> None:

    number = wrote("ann@vendor.example", "imports.undo", "import:1", why="wrong file", before={"rows": 1_000})
    wrote("bob@vendor.example", "imports.import_file", "import:2")
    shown = json.loads(installation.run("audit", "show", number, "--json"))
    assert (shown["actor"], shown["before"], shown["after"]) == ("ann@vendor.example", {"rows": 1_000}, None)
    listed = json.loads(installation.run("audit", "list", "--by", "ann@vendor.example", "--json"))
    assert [one["number"] for one in listed] == [number]
    assert "import:2" in installation.run("audit", "list", "--limit", 1)

    holds = json.loads(installation.run("audit", "verify", "--json"))
    assert (holds["holds"], holds["entries"], holds["first_wrong"]) == (True, 2, None)
    assert holds["head"] in installation.run("audit", "verify", "--expect", holds["head"])
    with installation.connect() as owner:
        owner.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        owner.execute("DELETE FROM audit_entry WHERE number = 2")
    assert "The trail holds: 1 entries" in installation.run("audit", "verify")
    assert "cut off" in installation.run("audit", "verify", "--expect", holds["head"], fails=1)
    with installation.connect() as owner:
        owner.execute("UPDATE audit_entry SET why = 'right file'")
    broken = json.loads(installation.run("audit", "verify", "--json", fails=1))
    assert broken["first_wrong"]["entry"] == 1
    assert {"place", "what", "why", "remedy"} < set(broken["first_wrong"])
    assert "audit entry 9" in installation.run("audit", "show", 9, fails=2)
