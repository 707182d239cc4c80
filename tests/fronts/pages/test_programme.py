"""The rules as pages: who reads which edition, in both languages, with the numbers of one's own country pointed out."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.quay import installed
from fronts.pages.signed_in import account, browser
from hanse.apps.accounts.actors import operator
from hanse.apps.evidence.services import record_facts
from hanse.apps.programmes import services as editions
from hanse.fronts.pages import programme

pytestmark = pytest.mark.usefixtures("database")

RAW = re.compile(r"[a-z]_[a-z]")
LEVELS = """
silver: {{all_of: [{{revenue: {{at_least: {{rich: {rich} EUR, others: 10_000 EUR}}, clause: "guide 3.1"}}}}]}}
gold:
  all_of:
    - {{revenue: {{at_least: 500_000 EUR, clause: "guide 3.2"}}}}
    - {{client_satisfaction: {{at_least: 8}}}}
"""
PROGRAMME = """
programme: quay
edition: "{year}"
title: {{en: Quay {year}, fr: Le quai {year}}}
currency: EUR
levels: {{member: {{en: Member, fr: Membre}}, silver: {{en: Silver, fr: Argent}}, gold: {{en: Gold, fr: Or}}}}
"""


def edition(folder: Path, year: str, rich: str) -> str:
    installed(folder / year, year, in_force=False, more={
        "programme.yaml": PROGRAMME.format(year=year), "levels.yaml": LEVELS.format(rich=rich),
        "countries.yaml": "wealth: {rich: [FR, DE], others: else}\n",
    })  # fmt: skip
    return f"quay/{year}"


@pytest.fixture
def quay(database: None, tmp_path: Path) -> None:
    """An edition in force, one to come and a draft; a partner in France and its member."""
    today = date.today()  # noqa: DTZ011 (the day of the tests)
    edition(tmp_path, "2025", "20_000")
    editions.put_in_force(actor=operator(), name="quay/2025", on=date(2025, 1, 1), reason="it is time", alone=True)
    edition(tmp_path, "2026", "25_000")
    editions.announce(actor=operator(), name="quay/2026", on=today - timedelta(days=1), reason="next year", alone=True)
    edition(tmp_path, "2027", "30_000")
    record_facts(actor=operator(), source="test", rows={
        "partners": [{"partner": "P-2", "name": "Port Bleu", "country": "FR", "joined": "2015-01-01"}]
    })  # fmt: skip
    account("ann@bleu.example", "partner_member", partner="P-2")
    account("chief@vendor.example", "channel_chief")


@pytest.mark.usefixtures("quay")
def test_a_partner_reads_what_is_in_force_and_what_comes_and_no_draft() -> None:
    ann = browser("ann@bleu.example")
    page = ann.get("/programmes/").text
    assert "Quay 2025" in page
    assert "Quay 2026" in page
    assert "Quay 2027" not in page
    assert ann.get("/programmes/quay/2025/").status_code == 200
    for hidden in ("quay/2027", "quay/2025@1", "nowhere/2020"):
        assert ann.get(f"/programmes/{hidden}/").status_code == 404
    assert ann.get("/programmes/quay/2027/against/quay/2025/").status_code == 404
    chief = browser("chief@vendor.example")
    for there in ("quay/2027", "quay/2025@1"):
        assert chief.get(f"/programmes/{there}/").status_code == 200
    assert chief.get("/programmes/quay/2025@7/").status_code == 404


@pytest.mark.usefixtures("quay")
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_rules_are_read_in_words(language: str) -> None:
    page = browser("ann@bleu.example", language=language).get("/programmes/quay/2025/").text
    shown = re.sub(r"<[^>]*>", " ", page.partition("<main")[2])
    assert not RAW.search(shown.partition("quay/2025")[0])
    assert ("at the rate of its own day" if language == "en" else "au cours de son jour") in shown
    assert 'id="clause-guide-3-1"' in page
    assert 'id="ask-revenue"' in page
    assert ("the country chosen" if language == "en" else "le pays choisi") in shown


@pytest.mark.usefixtures("quay")
def test_another_country_can_be_pointed_out() -> None:
    ann = browser("ann@bleu.example")
    own = ann.get("/programmes/quay/2025/").text
    other = ann.get("/programmes/quay/2025/?country=PL").text
    assert own.count('class="of-class own"') == other.count('class="of-class own"') == 1
    assert own.partition('of-class own"')[2][:60] != other.partition('of-class own"')[2][:60]
    assert ann.get("/programmes/quay/2025/?country=%3Cscript").status_code == 200


@pytest.mark.usefixtures("quay")
def test_the_difference_says_by_how_much() -> None:
    page = browser("ann@bleu.example").get("/programmes/quay/2026/against/quay/2025/").text
    assert "+25%" in page
    assert "€20,000" in page
    assert "€25,000" in page
    french = browser("ann@bleu.example", language="fr").get("/programmes/quay/2026/against/quay/2025/").text
    assert "Dans l&#x27;autre sens" in french


@pytest.mark.usefixtures("quay")
def test_a_page_of_rules_takes_few_statements_and_is_made_once() -> None:
    ann = browser("ann@bleu.example")
    ann.get("/programmes/quay/2025/")
    made = programme._body.cache_info().misses
    with CaptureQueriesContext(connection) as caught:
        ann.get("/programmes/quay/2025/")
    assert len(caught) <= 12, [one["sql"] for one in caught]
    assert programme._body.cache_info().misses == made


def test_without_a_programme_the_page_says_what_will_stand_there() -> None:
    account("ann@bleu.example", "partner_member", partner="P-2")
    assert "No programme has been announced yet" in browser("ann@bleu.example").get("/programmes/").text
