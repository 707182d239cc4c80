"""What could not be found is listed with near names, for whoever may see it."""

from __future__ import annotations

import pytest

from fronts.pages.signed_in import account, browser
from hanse.apps.accounts.actors import operator
from hanse.apps.evidence.services import record_facts

CHIEF, MANAGER, AUDITOR = "c@vendor.example", "m@vendor.example", "a@vendor.example"

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def partners(database: None) -> None:
    """Two in a town that is mistyped, one in Germany that names none, many in towns of nowhere."""
    told = [("P-1", "FR", "Marseile"), ("P-2", "FR", "Marseile"), ("P-3", "DE", None), ("P-4", "DE", "Köln")]
    told += [(f"Q-{n:02}", "PL", f"Nigdzie {chr(65 + n)}") for n in range(26)]
    firms = [
        {"partner": key, "name": f"Firm {key}", "country": country, "city": city, "joined": "2015-01-01"}
        for key, country, city in told
    ]
    record_facts(actor=operator(), source="crm", rows={"partners": firms})
    account(CHIEF, "channel_chief")
    account(MANAGER, "partner_manager", countries=["DE"])
    account(AUDITOR, "auditor")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_names_with_what_may_be_meant(language: str) -> None:
    page = browser(CHIEF, language=language).get("/places/?country=FR").text
    assert "Marseile" in page
    assert "Marseille" in page, "it is suggested"
    assert "/places/choose/?country=FR&amp;city=Marseile" in page


def test_the_list_goes_on() -> None:
    first = browser(CHIEF).get("/places/").text
    assert "Of 29 partners it is not known where they are" in first
    assert "1 places are known" in first
    assert "country=PL&amp;city=Nigdzie" in first
    assert "Nigdzie Z" not in first
    assert "Nigdzie Z" in browser(CHIEF).get("/places/?country=PL&city=Nigdzie+W").text


def test_each_sees_its_own() -> None:
    page = browser(MANAGER).get("/places/").text
    assert "Firm P-3" in page
    assert "Marseile" not in page
    assert "/places/choose/" not in browser(AUDITOR).get("/places/").text
