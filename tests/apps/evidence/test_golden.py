"""Is there one record per firm, whose every field says where it comes from?"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection

from apps.conftest import Installation
from hanse.apps.accounts.actors import operator
from hanse.apps.evidence import golden, structure
from hanse.apps.evidence.services import correct, record_facts, withdraw
from hanse.apps.registry.selectors import see_partner
from hanse.language.problems import CallError

ME = operator()
pytestmark = pytest.mark.usefixtures("installation")


def says(source: str, key: str = "P-1", **values: Any) -> int:
    row = {"partner": key, "name": "Acme", "country": "FR", "joined": "2020-01-01", **values}
    return record_facts(actor=ME, source=source, rows={"partners": [row]}).batch


def fact(key: str = "P-1") -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT fact FROM facts.partners WHERE partner = %s", [key])
        return int(cursor.fetchone()[0])


def firm(key: str = "P-1") -> tuple[Any, ...]:
    found = see_partner(ME, key)
    return found.name, found.city, found.website


def because(key: str = "P-1") -> dict[str, tuple[Any, str, str]]:
    return {
        one.choice.field: (one.choice.value, one.choice.source, one.choice.because)
        for one in golden.lineage(actor=ME, partner=key)
    }


def test_one_source_alone_is_left_as_it_is() -> None:
    says("crm", city="Lyon")
    says("crm", city="Bron")
    assert firm() == ("Acme", "Bron", None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM evidence_batch WHERE source = %s", [golden.SOURCE])
        assert cursor.fetchone() == (0,)


def test_fields_of_several_sources_are_chosen_and_say_where_they_come_from() -> None:
    says("crm", city="Lyon", website="https://acme.example")
    says("orders", name="Acme SA")
    assert firm() == ("Acme SA", "Lyon", "https://acme.example"), "what nobody else says is not lost"
    found = because()
    assert found["name"] == ("Acme SA", "orders", "freshest")
    assert found["website"] == ("https://acme.example", "crm", "alone")
    assert found["country"] == ("FR", "orders", "agreement")
    says("training", name="Acme")
    assert firm()[0] == "Acme", "two of three say so"


def test_what_a_source_said_is_taken_back_with_it() -> None:
    says("crm", city="Lyon")
    batch = says("orders", name="Acme SA", city="Bron")
    assert firm() == ("Acme SA", "Bron", None)
    withdraw(actor=ME, batch=batch, reason="a wrong file")
    assert firm() == ("Acme", "Lyon", None)


def test_a_choice_by_hand_stays_whatever_is_said_later() -> None:
    says("crm", city="Lyon")
    says("orders", city="Bron")
    row = {"partner": "P-1", "name": "Acme", "country": "FR", "joined": date(2020, 1, 1), "city": "Villeurbanne"}
    said = correct(actor=ME, table="partners", fact=fact(), row=row, reason="they told us")
    says("orders", city="Bron", name="Acme SA")
    assert firm() == ("Acme SA", "Villeurbanne", None)
    assert because()["city"] == ("Villeurbanne", "correction", "hand")
    withdraw(actor=ME, batch=said.batch, reason="they did not")
    assert firm()[1] == "Bron"


def test_trust_is_heeded_from_now_on_and_for_what_is_there() -> None:
    says("crm", city="Lyon")
    says("orders", name="Acme SA", city="Bron")
    assert golden.trust(actor=ME, field="*", sources=["crm"], reason="it is well kept").firms == ("P-1",)
    assert golden.trust(actor=ME, field="name", sources=["orders", "crm"], reason="invoices").firms == ("P-1",)
    assert firm() == ("Acme SA", "Lyon", None)
    assert because()["city"] == ("Lyon", "crm", "rank")
    assert golden.sources() == ["crm", "orders"]
    assert golden.trust(actor=ME, field="*", sources=[], reason="no longer").firms == ("P-1",)
    assert firm() == ("Acme SA", "Bron", None)
    with pytest.raises(CallError, match="no firm has a field"):
        golden.trust(actor=ME, field="mood", sources=[], reason="")


def test_many_firms_are_chosen_at_once() -> None:
    keys = [f"P-{n:03}" for n in range(golden._FEW + 5)]
    for source, city in (("crm", "Lyon"), ("orders", None)):
        rows = [{"partner": key, "name": key, "country": "FR", "joined": "2020-01-01", "city": city} for key in keys]
        record_facts(actor=ME, source=source, rows={"partners": rows})
    assert {firm(key)[1] for key in keys} == {"Lyon"}


def test_twins_speak_of_one_firm_and_an_acquired_one_does_not() -> None:
    says("crm", city="Lyon")
    says("orders", key="P-2", website="https://acme.example", name="Acme SA")
    says("orders", key="P-3", name="Other", website="https://other.example")
    structure.merge(actor=ME, partner="P-2", into="P-1", reason="one firm")
    structure.merge(actor=ME, partner="P-3", into="P-1", kind="acquired", on=date(2021, 1, 1), reason="bought")
    assert firm() == ("Acme", "Lyon", "https://acme.example")
    assert because()["name"] == ("Acme", "crm", "stays")
    assert [(s.source, s.value) for one in golden.lineage(actor=ME, partner="P-1") if one.choice.field == "name" for s in one.said] == [
        ("orders", "Acme SA"), ("crm", "Acme"),
    ]  # fmt: skip
    structure.unmerge(actor=ME, partner="P-2", reason="two")
    assert firm() == ("Acme", "Lyon", None)
    assert firm("P-2") == ("Acme SA", None, "https://acme.example")


def test_a_new_name_stays_when_a_source_still_has_the_old_one() -> None:
    says("crm")
    structure.became(actor=ME, partner="P-1", kind="renamed", on=date(2026, 1, 1), name="Acme Next", reason="rebranded")
    says("crm", city="Lyon")
    assert firm() == ("Acme Next", "Lyon", None)


def test_an_installation_starts_without_orders(installation: Installation) -> None:
    assert golden.ranks() == {}


def test_a_value_that_a_source_says_is_chosen_by_hand() -> None:
    says("crm", city="Lyon")
    says("orders", city="Bron")
    (city,) = (one for one in golden.lineage(actor=ME, partner="P-1") if one.choice.field == "city")
    (lyon,) = (one for one in city.said if one.value == "Lyon")
    golden.choose(actor=ME, partner="P-1", field="city", fact=lyon.fact, reason="they moved back")
    says("training", city="Bron")
    assert firm()[1] == "Lyon"
    with pytest.raises(CallError, match="no source says this now"):
        golden.choose(actor=ME, partner="P-1", field="city", fact=0, reason="")
