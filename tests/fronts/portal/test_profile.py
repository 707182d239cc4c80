"""The firm's page: what is known and from where; what the firm may say itself; who may see which part."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from fronts.pages.signed_in import account, browser
from hanse.apps.accounts.actors import actor_of, operator
from hanse.apps.accounts.policy import NotThere
from hanse.apps.audit import selectors as audit
from hanse.apps.evidence.selectors import facts_of
from hanse.apps.evidence.services import record_facts
from hanse.apps.registry.ageing import ASKED_AGAIN, age_of
from hanse.apps.registry.models import Confirmation
from hanse.apps.registry.profile import PARTS, profile_shown
from hanse.apps.registry.selectors import see_partner

ANN, BEN, EVE = "ann@bleu.example", "ben@bleu.example", "eve@salt.example"
SAID = {"act": "describe", "website": "bleu.example", "city": "Brest", "employees": "42", "reason": "we moved"}

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def firms(database: None) -> None:
    """Port Bleu in Lyon, with an administrator and a member; a stranger's firm; a manager for France."""
    record_facts(actor=operator(), source="crm", rows={
        "partners": [
            {"partner": "P-2", "name": "Port Bleu", "country": "FR", "city": "Lyon", "joined": "2015-01-01"},
            {"partner": "P-3", "name": "Salt", "country": "DE", "joined": "2015-01-01"},
        ],
        "attestations": [
            {"partner": "P-2", "name": "business_partner_agreement", "kind": "agreement", "granted": "2020-01-01"}
        ],
        "locations": [{"partner": "P-2", "location": "L-1", "name": "Siège", "city": "Lyon", "phone": "+33 1"}],
    })  # fmt: skip
    account(ANN, "partner_administrator", partner="P-2")
    account(BEN, "partner_member", partner="P-2")
    account(EVE, "partner_administrator", partner="P-3")
    account("max@vendor.example", "partner_manager", countries=["FR"])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_says_what_is_known_and_whom_to_ask(language: str) -> None:
    page = browser(BEN, language=language).get("/firm/").text
    for there in ("Port Bleu", "Lyon", "Siège", "business partner agreement", "max@vendor.example", "crm"):
        assert there in page
    assert 'name="act"' not in page


def test_a_firm_says_something_of_itself() -> None:
    ann = browser(ANN)
    answer = ann.post("/firm/", SAID)
    assert (answer.status_code, answer["Location"]) == (302, "/firm/")
    page = ann.get("/firm/").text
    assert "as said by your firm" in page
    assert "your firm, on this page" in page
    known = see_partner(operator(), "P-2")
    assert (known.website, known.city, known.employees, known.name) == (
        "https://bleu.example",
        "Brest",
        42,
        "Port Bleu",
    )
    (fact,) = facts_of(operator(), "P-2", "partners")
    assert (fact["source"], fact["author"], fact["reason"]) == ("portal", ANN, "we moved")
    (entry,) = audit.entries(actor_of(ANN), action="evidence.describe")
    assert '"city":"Lyon"' in (entry.before or "")
    assert "name" not in (entry.after or "")


def test_a_mistake_keeps_what_was_typed_and_records_nothing() -> None:
    answer = browser(ANN, language="fr").post("/firm/", SAID | {"employees": "many", "website": "javascript:alert(1)"})
    assert answer.status_code == 400
    assert 'value="many"' in answer.text
    assert 'value="we moved"' in answer.text
    assert answer.text.count('aria-invalid="true"') == 2
    assert see_partner(operator(), "P-2").city == "Lyon"
    nothing = browser(ANN, language="fr").post("/firm/", {"act": "describe", "city": "Lyon"})
    assert nothing.status_code == 400
    assert "rien n&#x27;est différent" in nothing.text


def test_members_and_strangers_say_nothing() -> None:
    assert browser(BEN).post("/firm/", SAID).status_code == 404
    eve = browser(EVE)
    assert eve.get("/firm/?partner=P-2").status_code == 404
    assert eve.post("/firm/?partner=P-2", SAID).status_code == 404
    assert see_partner(operator(), "P-2").city == "Lyon"


def parts_for(username: str | None) -> frozenset[str]:
    try:
        return profile_shown(actor=actor_of(username) if username else None, partner="P-2").parts
    except NotThere:
        return frozenset()


def test_nobody_else_sees_what_the_firm_has_not_opened() -> None:
    everything = frozenset(PARTS)
    assert [parts_for(who) for who in (ANN, BEN, "max@vendor.example", EVE, None)] == [
        everything, everything, everything, frozenset(), frozenset(),
    ]  # fmt: skip
    shown = dict.fromkeys(PARTS, "vendor") | {"act": "show", "level": "public", "contact": "partners"}
    assert browser(ANN).post("/firm/", shown).status_code == 302
    assert parts_for(EVE) == {"level", "contact"}
    assert parts_for(None) == {"level"}
    assert profile_shown(actor=None, partner="P-2").city == ""
    assert profile_shown(actor=actor_of(EVE), partner="P-2").phones == ("+33 1",)
    with pytest.raises(NotThere):
        profile_shown(actor=None, partner="P-9")
    (entry,) = audit.entries(actor_of(ANN), action="registry.visibility_set")
    assert '"level":"public"' in (entry.after or "")
    assert browser(ANN).post("/firm/", shown).status_code == 302
    assert len(audit.entries(actor_of(ANN), action="registry.visibility_set")) == 1


def test_an_audience_that_is_none_is_refused() -> None:
    shown = dict.fromkeys(PARTS, "vendor") | {"act": "show", "level": "martians"}
    assert browser(ANN).post("/firm/", shown).status_code == 400
    assert browser(BEN).post("/firm/", shown).status_code == 404


def test_a_firm_confirms_what_is_known_and_is_asked_again_in_time() -> None:
    client = browser(ANN)
    page = client.get("/firm/").text
    assert "17 % of your profile is filled in" in page
    assert "Your firm has not confirmed it yet" in page
    after = client.post("/firm/", {"act": "confirm"}, follow=True).text
    assert "Thank you. You are asked again in nine months." in after
    assert "All of this is right" not in after
    long_ago = timezone.now() - ASKED_AGAIN - timedelta(days=1)
    Confirmation.objects.update(at=long_ago)
    assert "All of this is right" in client.get("/firm/").text
    assert age_of(actor=operator(), partner="P-2").due


def test_who_says_something_of_the_firm_has_confirmed_it() -> None:
    browser(ANN).post("/firm/", SAID)
    assert not age_of(actor=operator(), partner="P-2").due


def test_a_member_confirms_nothing() -> None:
    assert browser(BEN).post("/firm/", {"act": "confirm"}).status_code == 404
    assert "All of this is right" not in browser(BEN).get("/firm/").text


def test_a_later_file_does_not_undo_what_the_firm_said() -> None:
    browser(ANN).post("/firm/", SAID)
    row = {"partner": "P-2", "name": "Port Bleu", "country": "FR", "city": "Lyon", "joined": "2015-01-01"}
    record_facts(actor=operator(), source="crm", rows={"partners": [row | {"type": "reseller"}]})
    firm = see_partner(operator(), "P-2")
    assert (firm.city, firm.type) == ("Brest", "reseller")
