"""On the portal's map a firm sees itself, and of others those that show where they are; their level if they show it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from apps.quay import BLEU, DAY, NORDLICHT, installed
from database import Installation
from fronts.pages.signed_in import account, browser
from hanse.apps.accounts.actors import actor_of, operator
from hanse.apps.directory.showing import visibility_set
from hanse.apps.evaluation.services import evaluate
from hanse.apps.evidence.services import record_facts

ANN, BEN = "ann@bleu.example", "ben@nordlicht.example"
WORLD = "/map/data/?w=-180&s=-80&e=180&n=80&zoom=1"

pytestmark = pytest.mark.usefixtures("installation")
Shows = Callable[..., None]


@pytest.fixture(autouse=True)
def firms(installation: Installation, tmp_path: Path) -> None:
    """Port Bleu in Lyon and Nordlicht in Köln, an administrator each."""
    installed(tmp_path / "quay")
    record_facts(actor=operator(), source="crm", rows={
        "partners": [
            {"partner": BLEU, "name": "Port Bleu", "country": "FR", "city": "Lyon", "joined": "2015-01-01"},
            {"partner": NORDLICHT, "name": "Nordlicht", "country": "DE", "city": "Köln", "joined": "2015-01-01"},
        ],
        "sales": [{"partner": NORDLICHT, "on": "2026-03-01", "amount": "50000", "currency": "EUR"}],
    })  # fmt: skip
    evaluate(actor=operator(), edition="quay/2026", as_of=DAY)
    account(ANN, "partner_administrator", partner=BLEU)
    account(BEN, "partner_administrator", partner=NORDLICHT)


def nordlicht_shows(**parts: str) -> None:
    visibility_set(actor=actor_of(BEN), partner=NORDLICHT, shown=parts)


def test_who_shows_nothing_is_not_there() -> None:
    ann = browser(ANN)
    told = ann.get(WORLD).json()
    assert [[one[3] for one in told[kind]] for kind in ("p", "o")] == [[BLEU], [BLEU]]
    found = ann.get(f"{WORLD}&country=DE").json()
    assert (found["n"], found["p"]) == (0, []), "its own firm is where it is, whatever is looked for"
    assert [one[3] for one in found["o"]] == [BLEU]
    nordlicht_shows(level="partners", people="public")
    page = ann.get("/map/").text
    assert "Lyon" in page
    assert "Köln" not in page
    assert "In this window: 1" in page


@pytest.mark.parametrize("audience", ["partners", "public"])
def test_who_shows_where_it_is(audience: str) -> None:
    nordlicht_shows(contact=audience)
    ann = browser(ANN)
    found = {one[3]: one for one in ann.get(WORLD).json()["p"]}
    assert set(found) == {BLEU, NORDLICHT}
    told = ann.get("/map/").text
    assert "level not shown" in told
    levels = ["gold", "silver", "member", "", "?"]
    assert levels[found[NORDLICHT][2]] == "?"
    assert "Köln" not in ann.get("/map/?level=silver").text, "a filter tells no level that is not shown"
    nordlicht_shows(level="partners")
    found = {one[3]: one for one in ann.get(WORLD).json()["p"]}
    assert levels[found[NORDLICHT][2]] == "silver"
    assert "Köln" in ann.get("/map/?level=silver").text


def test_the_map_and_the_list_are_one_search() -> None:
    nordlicht_shows(contact="partners", level="partners")
    ann = browser(ANN)
    page = ann.get("/map/?country=DE&level=silver").text
    assert '/allies/?country=DE&amp;level=silver"' in page
    assert "/allies/?text=K%C3%B6ln&amp;country=DE&amp;level=silver" in page
    assert '/map/?country=DE&amp;level=silver"' in ann.get("/allies/?country=DE&level=silver").text
    near = ann.get(WORLD + "&near=me&radius=250").json()
    assert [one[3] for one in near["p"]] == [BLEU], "Köln is further than 250 km from Lyon"
    assert ann.get(WORLD + "&town=Atlantis").json()["n"] == 0
    assert "No partner shows that it is in Atlantis" in ann.get("/map/?town=Atlantis").text


def test_filters_of_the_portal() -> None:
    nordlicht_shows(contact="partners")
    ann = browser(ANN, language="fr")
    assert "Lyon" not in ann.get("/map/?country=DE").text
    assert "Köln" in ann.get("/map/?text=nord").text
    assert ann.get("/map/?text=%00&country=%00").status_code == 200
