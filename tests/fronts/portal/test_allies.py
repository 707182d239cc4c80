"""The search for allies, a firm's page, connections: what a partner sees of others, and does."""

from __future__ import annotations

import re

import pytest

from fronts.pages.signed_in import account, browser
from hanse.apps.accounts.actors import actor_of, operator
from hanse.apps.connections.selectors import waiting_for
from hanse.apps.directory.showing import visibility_set
from hanse.apps.evidence.services import record_facts
from hanse.apps.registry.profile import PARTS

BLEU, NORD, OST = "P-1", "P-2", "P-3"
ANN, BEN, EVE = "ann@firm.example", "ben@firm.example", "eve@firm.example"


@pytest.fixture(autouse=True)
def firms(database: None) -> None:
    """Ann is of Port Bleu, Ben of Nordlicht, which shows all but its level; Eve's firm shows nothing."""
    at = {"joined": "2015-01-01", "latitude": 53.5, "longitude": 10.0}
    record_facts(actor=operator(), source="test", rows={
        "partners": [
            {"partner": BLEU, "name": "Port Bleu", "country": "FR", "city": "Brest", **at},
            {"partner": NORD, "name": "Nordlicht Systeme", "country": "DE", "city": "Hamburg",
             "website": "https://n.example", **at},
            {"partner": OST, "name": "Ostsee", "country": "DE", "city": "Kiel", **at},
        ],
        "people": [{"person": "T-1", "partner": NORD, "since": "2020-01-01"}],
        "certifications": [{"person": "T-1", "certificate": "C-1", "earned": "2025-01-01"}],
    })  # fmt: skip
    for who, partner in ((ANN, BLEU), (BEN, NORD), (EVE, OST)):
        account(who, "partner_administrator", partner=partner)
    shown = dict.fromkeys(PARTS, "partners") | {"level": "vendor"}
    visibility_set(actor=actor_of(BEN), partner=NORD, shown=shown)


def test_a_partner_finds_another_by_what_it_shows() -> None:
    ann = browser(ANN)
    page = ann.get("/allies/").text
    assert "1 partner" in page
    assert "Nordlicht Systeme" in page
    assert "Ostsee" not in page
    assert '<option value="C-1">C-1 (1)</option>' in page
    near = ann.get("/allies/?near=me&radius=50&certificate=C-1").text
    assert "the nearest first" in near
    assert re.search(r'<option value="C-1" selected>', near)
    chosen = ann.get("/allies/?town=hamburg&radius=10&certificate=C-1").text
    assert re.search(r'<a href="\?certificate=C-1" class="chip">Near the town: hamburg', chosen)
    assert "Nothing begins with “nordlihct”. Shown instead: nordlicht." in ann.get("/allies/?text=nordlihct").text
    assert "No partner that shows itself is like that." in ann.get("/allies/?country=FR").text
    assert "<h1>Trouver des alliés</h1>" in browser(ANN, language="fr").get("/allies/?text=nord&radius=7&after=X").text


def test_a_firms_page_shows_its_parts_and_asks() -> None:
    ann = browser(ANN)
    page = ann.get(f"/allies/{NORD}/").text
    assert "Hamburg" in page
    assert "C-1" in page
    assert "https://n.example" not in page
    assert ann.get(f"/allies/{OST}/").status_code == 404
    assert ann.get("/allies/P-none/").status_code == 404
    assert "This is your own firm" in ann.get(f"/allies/{BLEU}/").text
    assert ann.post(f"/allies/{NORD}/", {"message": "x" * 501}).status_code == 400
    assert ann.post(f"/allies/{NORD}/", {"message": "Shall we?"}).status_code == 302
    assert "no answer yet" in ann.get(f"/allies/{NORD}/").text
    again = ann.post(f"/allies/{NORD}/", {"message": ""})
    assert again.status_code == 400
    assert "there is a request or a connection already" in again.text


def test_a_request_is_answered_and_contact_data_follows() -> None:
    ann, ben = browser(ANN), browser(BEN)
    ann.post(f"/allies/{NORD}/", {"message": "Shall we?"})
    page = ben.get("/connections/").text
    assert "Shall we?" in page
    number = re.search(r'name="number" value="(\d+)"', page)
    assert number
    assert ann.post("/connections/", {"act": "accept", "number": number[1]}).status_code == 404
    assert browser(EVE).post("/connections/", {"act": "accept", "number": number[1]}).status_code == 404
    assert ben.post("/connections/", {"act": "accept", "number": number[1]}).status_code == 302
    for path in ("/connections/", f"/allies/{NORD}/"):
        assert "https://n.example" in ann.get(path).text
    assert "connected" in ann.get("/allies/").text
    assert ben.post("/connections/", {"act": "give", "phone": "on"}).status_code == 302
    assert "https://n.example" not in ann.get("/connections/").text
    assert ann.post("/connections/", {"act": "withdraw", "number": number[1]}).status_code == 302
    assert "taken back" in ben.get("/connections/?over=1").text
    assert ann.post("/connections/", {"act": "nonsense"}).status_code == 404


def test_who_asks_is_told_to_who_may_answer() -> None:
    browser(ANN).post(f"/allies/{NORD}/", {})

    assert [one.name for one in waiting_for(actor=actor_of(BEN))] == ["Port Bleu"]
    assert waiting_for(actor=actor_of(EVE)) == []
