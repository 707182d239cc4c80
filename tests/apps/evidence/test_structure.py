"""What do merging and taking that back do to an installation? Nothing is lost, and all follows."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.conftest import Installation
from apps.quay import BLEU, DAY, NORDLICHT, SALT, facts, installed, sale
from hanse.apps.accounts.actors import Actor, operator
from hanse.apps.evaluation.facts import tied
from hanse.apps.evaluation.services import evaluate, evaluate_touched
from hanse.apps.evidence import structure
from hanse.apps.evidence.selectors import facts_of
from hanse.apps.evidence.services import record_facts
from hanse.apps.registry.selectors import followed, keys_of, partner_list, people_of
from hanse.apps.registry.services import refresh
from hanse.apps.standings.selectors import standing_list
from hanse.language.problems import CallError

ME = operator()
_REGISTRY = ("registry_partner", "registry_employment", "registry_location", "registry_group", "registry_agreement")


@pytest.fixture(autouse=True)
def quay(installation: Installation, tmp_path: Path) -> None:
    """The quay, evaluated; somebody works at Port Bleu."""
    installed(tmp_path / "quay")
    facts()
    record_facts(actor=ME, source="test", rows={
        "people": [{"person": "pia", "partner": BLEU, "since": "2020-01-01"}],
        "certifications": [{"person": "pia", "certificate": "C-1", "earned": "2025-01-01"}],
    })  # fmt: skip
    evaluate(actor=ME, edition="quay/2026", as_of=DAY)


def levels() -> dict[str, str | None]:
    return {row["partner"]: row["level"] for row in standing_list(ME, "quay/2026")}


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """The rows of the registry, and the standings without the run that said them."""
    found = {}
    with connection.cursor() as cursor:
        for table in _REGISTRY:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            found[table] = cursor.fetchall()
        cursor.execute("SELECT partner, level, granted, expected, held FROM standings_standing ORDER BY partner")
        found["standings"] = cursor.fetchall()
    return found


def test_facts_people_and_standings_follow_and_come_back(tmp_path: Path) -> None:
    before = everything()
    batch = structure.merge(actor=ME, partner=BLEU, into=NORDLICHT, reason="two registrations of one firm")
    evaluate_touched(batch=batch)
    assert keys_of(ME, NORDLICHT) == (NORDLICHT, BLEU)
    assert {row["amount"] for row in facts_of(ME, NORDLICHT, "sales")} == {30000, 500}
    assert [row["certificate"] for row in facts_of(ME, NORDLICHT, "certifications")] == ["C-1"]
    assert [one.person.key for one in people_of(ME, NORDLICHT)] == ["pia"]
    assert [one.key for one in partner_list(ME)] == [NORDLICHT, SALT]
    assert set(levels()) == {NORDLICHT, SALT}
    member = Actor("pia@bleu.example", frozenset({"partner_member"}), partners=frozenset({BLEU}))
    assert followed(member).partners == {NORDLICHT}
    structure.unmerge(actor=ME, partner=BLEU, reason="they are two after all")
    evaluate_touched(batch=batch)
    assert everything() == before
    assert followed(member).partners == {BLEU}


def test_what_came_after_stays_where_it_belongs() -> None:
    structure.merge(actor=ME, partner=BLEU, into=NORDLICHT, reason="one firm")
    record_facts(actor=ME, source="test", rows={"sales": [sale(BLEU, "40000"), sale(NORDLICHT, "1000")]})
    evaluate(actor=ME, edition="quay/2026", as_of=DAY)
    assert sum(row["amount"] for row in facts_of(ME, NORDLICHT, "sales")) == 71_500
    structure.unmerge(actor=ME, partner=BLEU, reason="two")
    evaluate(actor=ME, edition="quay/2026", as_of=DAY)
    assert {row["amount"] for row in facts_of(ME, BLEU, "sales")} == {500, 40_000}
    assert {row["amount"] for row in facts_of(ME, NORDLICHT, "sales")} == {30_000, 1_000}
    assert levels()[BLEU] == "silver"


def test_the_standing_follows_the_structure_of_its_day() -> None:
    structure.merge(
        actor=ME, partner=SALT, into=BLEU, kind="acquired", on=date(2026, 3, 1), reason="announced in the press"
    )
    evaluate(actor=ME, edition="quay/2026", as_of=date(2026, 2, 28))
    assert set(levels()) == {NORDLICHT, BLEU, SALT}
    evaluate(actor=ME, edition="quay/2026", as_of=DAY)
    assert levels() == {NORDLICHT: "silver", BLEU: "silver"}


def test_chains_are_followed_and_refreshing_everything_changes_nothing() -> None:
    structure.merge(actor=ME, partner=BLEU, into=NORDLICHT, reason="one firm")
    structure.merge(actor=ME, partner=NORDLICHT, into=SALT, reason="one firm")
    assert keys_of(ME, SALT) == (SALT, NORDLICHT, BLEU)
    before = everything()
    refresh(None)
    assert everything() == before
    structure.unmerge(actor=ME, partner=NORDLICHT, reason="two")
    assert keys_of(ME, NORDLICHT) == (NORDLICHT, BLEU)
    assert keys_of(ME, SALT) == (SALT,)


def test_what_cannot_be_merged_is_refused() -> None:
    structure.merge(actor=ME, partner=BLEU, into=NORDLICHT, reason="one firm")
    for partner, into, what in (
        (SALT, SALT, "does not go into itself"), (NORDLICHT, BLEU, "it went into P-1"), (BLEU, SALT, "it went into P-1"),
    ):  # fmt: skip
        with pytest.raises(CallError, match=what):
            structure.merge(actor=ME, partner=partner, into=into, reason="one firm")
    with pytest.raises(CallError, match="the day is missing"):
        structure.merge(actor=ME, partner=SALT, into=NORDLICHT, kind="acquired", reason="bought")
    with pytest.raises(CallError, match="it went into no other firm"):
        structure.unmerge(actor=ME, partner=SALT, reason="two")


def test_a_preview_says_what_would_count_for_whom() -> None:
    seen = structure.merging(actor=ME, partner=BLEU, into=NORDLICHT)
    assert seen.facts == {"people": 1, "certifications": 1, "sales": 1}
    assert ("name", BLEU, NORDLICHT) in seen.fields


def test_a_firm_is_renamed_and_closes() -> None:
    structure.became(actor=ME, partner=BLEU, kind="renamed", on=DAY, name="Port Azur", reason="new owner")
    structure.became(actor=ME, partner=BLEU, kind="closed", on=DAY, reason="bankrupt")
    told = structure.events_of(actor=ME, partner=BLEU)
    assert [(one.kind, one.name) for one in told] == [("closed", None), ("renamed", BLEU)]
    evaluate(actor=ME, edition="quay/2026", as_of=DAY)
    assert set(levels()) == {NORDLICHT, SALT}
    (firm,) = (one for one in partner_list(ME) if one.key == BLEU)
    assert (firm.name, firm.left) == ("Port Azur", DAY)


def test_a_merger_said_for_a_day_to_come_is_followed_in_the_night_of_that_day(installation: Installation) -> None:
    today = timezone.now().date()
    tomorrow = today + timedelta(days=1)
    structure.merge(actor=ME, partner=BLEU, into=NORDLICHT, kind="acquired", on=tomorrow, reason="announced")
    assert structure.come_due(today) == []
    assert keys_of(ME, NORDLICHT) == (NORDLICHT,)
    with installation.connect() as database:  # as the owner, past every rule: the day has come
        database.execute("ALTER TABLE evidence_events DISABLE TRIGGER USER")
        database.execute('UPDATE evidence_events SET "on" = %s', [today])
        database.execute("ALTER TABLE evidence_events ENABLE TRIGGER USER")
    assert keys_of(ME, NORDLICHT) == (NORDLICHT,), "nothing has followed it yet"
    assert structure.come_due(today) == [BLEU]
    assert keys_of(ME, NORDLICHT) == (NORDLICHT, BLEU)
    assert [one.key for one in partner_list(ME)] == [NORDLICHT, SALT]
    assert structure.come_due(today + timedelta(days=8)) == [], "what was followed long ago is not looked at again"


def test_who_is_judged_with_a_partner() -> None:
    """Mergers in both directions and in chains always; groups, by facts and by events, and holdings where they matter."""
    structure.merge(actor=ME, partner=BLEU, into=NORDLICHT, reason="one firm")
    record_facts(actor=ME, source="test", rows={
        "partners": [
            {"partner": key, "name": key, "country": "DE", "joined": "2015-01-01", "group": group}
            for key, group in (("P-4", "Hansa"), ("P-5", "Hansa"), ("P-6", None), ("P-7", None), ("P-8", None))
        ],
        "events": [
            {"partner": "P-6", "kind": "belongs", "name": "Hansa"},
            {"partner": "P-7", "kind": "belongs", "into": "P-4"},
        ],
        "ownership": [{"owner": "P-8", "owned": BLEU, "percent": "30", "from": "2020-01-01"}],
    })  # fmt: skip
    assert tied([BLEU], around=False) == tied([NORDLICHT], around=False) == [NORDLICHT, BLEU]
    assert tied([NORDLICHT], around=True) == [NORDLICHT, BLEU, "P-8"]
    assert tied(["P-8"], around=True) == [NORDLICHT, BLEU, "P-8"]
    for key in ("P-4", "P-5", "P-6", "P-7"):
        assert tied([key], around=True) == ["P-4", "P-5", "P-6", "P-7"], key
        assert tied([key], around=False) == [key]
