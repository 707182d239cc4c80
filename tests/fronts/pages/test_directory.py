"""The public directory: what a firm shows to everybody, in both languages, for people and for search engines."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from django.test import Client

from fronts.pages.signed_in import account, browser
from hanse.apps.accounts.actors import actor_of, operator
from hanse.apps.directory.showing import visibility_set
from hanse.apps.evidence.services import record_facts
from hanse.fronts.pages import directory

BLEU, NORD = "P-1", "P 2/ü"
ANN, BEN = "ann@firm.example", "ben@firm.example"


@pytest.fixture(autouse=True)
def firms(database: None) -> None:
    """Port Bleu shows how it is reached to everybody, Nordlicht nothing but to partners."""
    record_facts(actor=operator(), source="test", rows={"partners": [
        {"partner": BLEU, "name": "Port <Bleu>", "country": "FR", "city": "Brest", "website": "https://b.example",
         "joined": "2015-01-01"},
        {"partner": NORD, "name": "Nordlicht", "country": "DE", "joined": "2015-01-01"},
    ]})  # fmt: skip
    account(ANN, "partner_administrator", partner=BLEU)
    account(BEN, "partner_administrator", partner=NORD)
    visibility_set(actor=actor_of(ANN), partner=BLEU, shown={"contact": "public"})
    visibility_set(actor=actor_of(BEN), partner=NORD, shown={"contact": "partners"})


def stranger() -> Client:
    return Client(SERVER_NAME="localhost")


def test_everybody_sees_who_chose_it_in_their_language() -> None:
    page = stranger().get("/directory/?lang=fr")
    assert page.headers["Content-Language"] == "fr"
    assert "Trouver un partenaire" in page.text
    assert "Allemagne" not in page.text
    listed = stranger().get("/directory/?country=FR&lang=en").text
    assert "Port &lt;Bleu&gt;" in listed
    assert "Nordlicht" not in stranger().get("/directory/?text=nordlicht").text
    assert stranger().get(f"/directory/{NORD}/").status_code == 404
    assert stranger().get("/directory/P-9/").status_code == 404


def test_a_firms_page_tells_search_engines_what_it_is() -> None:
    answer = stranger().get(f"/directory/{BLEU}/?lang=fr")
    for said in (
        'itemtype="https://schema.org/Organization"', '<span itemprop="addressLocality">Brest</span>',
        'itemprop="url"',
        'href="https://b.example"', f'hreflang="en" href="http://localhost/directory/{BLEU}/?lang=en"',
        '<html lang="fr">',
        f'<link rel="canonical" href="http://localhost/directory/{BLEU}/">',
    ):  # fmt: skip
        assert said in answer.text, said


def test_pages_for_everybody_hold_nothing_of_one_reader() -> None:
    for path in ("/directory/", f"/directory/{BLEU}/", "/sitemap.xml", "/robots.txt"):
        answer = stranger().get(path)
        assert "public" in answer.headers["Cache-Control"], path
        assert answer.cookies == {}, path
        assert "csrfmiddlewaretoken" not in answer.text, path
    assert "no-store" in browser(ANN).get("/directory/").headers["Cache-Control"]


def test_the_sitemap_lists_who_chose_it(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [
        one.text
        for one in ElementTree.fromstring(stranger().get("/sitemap.xml").text).iter()
        if one.tag.endswith("loc")
    ]
    assert names == [f"http://localhost/directory/{BLEU}/"]
    assert "Sitemap: http://localhost/sitemap.xml" in stranger().get("/robots.txt").text
    visibility_set(actor=actor_of(BEN), partner=NORD, shown={"contact": "public"})
    assert "Nordlicht" in stranger().get(f"/directory/{NORD}/").text
    assert "/directory/P%202/%C3%BC/" in stranger().get("/sitemap.xml").text
    monkeypatch.setattr(directory, "SITEMAP", 1)
    assert stranger().get("/sitemap.xml").text.count("<sitemap>") == 2
    assert stranger().get("/sitemap.xml?part=2").text.count("<loc>") == 1
