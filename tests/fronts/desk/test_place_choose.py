"""A person says where a name is: for all that use it, for one partner, and takes it back."""

from __future__ import annotations

import pytest

from fronts.pages.signed_in import account, browser
from hanse.apps.accounts.actors import operator
from hanse.apps.audit.selectors import entries
from hanse.apps.evidence.services import record_facts
from hanse.apps.places.selectors import place_of

CHIEF, MANAGER, AUDITOR = "c@vendor.example", "m@vendor.example", "a@vendor.example"
NAME = "/places/choose/?country=FR&city=Marseile"

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def partners(database: None) -> None:
    """Two partners in a town that is mistyped."""
    firms = [
        {"partner": key, "name": f"Firm {key}", "country": "FR", "city": "Marseile", "joined": "2015-01-01"}
        for key in ("P-1", "P-2")
    ]
    record_facts(actor=operator(), source="crm", rows={"partners": firms})
    account(CHIEF, "channel_chief")
    account(MANAGER, "partner_manager", countries=["DE"])
    account(AUDITOR, "auditor")


def where(partner: str) -> tuple[str, str | None]:
    found = place_of(actor=operator(), partner=partner)
    assert found is not None
    return found.source, found.town


def test_all_that_name_it_so_and_back_again() -> None:
    chief = browser(CHIEF)
    page = chief.get(NAME).text
    assert "Marseille" in page
    value = page.partition('name="where" id="where-1" value="')[2].partition('"')[0]
    answer = chief.post(NAME, {"where": value, "why": "a typing error"})
    assert answer.status_code == 302
    assert where("P-1") == where("P-2") == ("hand", "Marseille")
    assert any(one.action == "places.choose" and one.why == "a typing error" for one in entries(operator()))
    listed = chief.get("/places/").text
    assert "2 partners have another place now." in listed
    assert "a typing error" in listed
    assert "take back what was said before" in chief.get(NAME).text
    chief.post(NAME, {"where": "nowhere", "why": "it was wrong"})
    assert where("P-1") == ("", None)


def test_one_partner_at_coordinates() -> None:
    chief = browser(CHIEF)
    given = {"where": "own", "town": "Le Rove", "latitude": "43.37", "longitude": "5.25", "why": "they said so"}
    assert chief.post("/places/choose/?partner=P-2", given).status_code == 302
    assert (where("P-1"), where("P-2")) == (("", None), ("hand", "Le Rove"))


@pytest.mark.parametrize("wrong", [{"latitude": "", "longitude": ""}, {"latitude": "0", "longitude": "0"}, {"why": ""},
                                   {"latitude": "91"}, {"where": "x,y,z"}])  # fmt: skip
def test_what_is_nowhere_is_refused(wrong: dict[str, str]) -> None:
    given = {"where": "own", "town": "T", "latitude": "43.37", "longitude": "5.25", "why": "x"} | wrong
    assert browser(CHIEF).post(NAME, given).status_code == 400
    assert where("P-1") == ("", None)


def test_another_name_is_looked_for() -> None:
    page = browser(CHIEF).get(f"{NAME}&look=Toulon").text
    assert "Toulon" in page.partition('id="where-1"')[2].partition("</label>")[0]


def test_who_may_not() -> None:
    assert browser(AUDITOR).get(NAME).status_code == 404
    assert browser(MANAGER).get(NAME).status_code == 404
    assert browser(MANAGER).get("/places/choose/?partner=P-1").status_code == 404
    assert (
        browser(MANAGER).post(NAME, {"where": "own", "latitude": "1", "longitude": "1", "why": "x"}).status_code == 404
    )
