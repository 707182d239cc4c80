"""The standing page: where one stands, what is missing, the facts behind, earlier days; and never another firm's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.quay import BLEU, DAY, NORDLICHT, SALT, facts, installed
from database import Installation
from fronts.pages.signed_in import account, browser
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation import services, warm

QUERIES = 14  # committed: a page that reads more often says so here


@pytest.fixture(autouse=True)
def judged(installation: Installation, tmp_path: Path) -> Iterator[None]:
    """Nordlicht is silver, Port Bleu a member, Salt waits for a review; judged on two days."""
    installed(tmp_path / "quay")
    facts()
    for day in (date(2026, 4, 30), DAY):
        services.evaluate(actor=operator(), edition="quay/2026", as_of=day)
    yield
    warm.close()


def of(partner: str, language: str = "en") -> Client:
    """The browser of somebody at a partner."""
    name = f"ann@{partner.lower()}.example"
    return browser(account(name, "partner_member", partner=partner), language=language)


def words_of(page: str) -> str:
    """What a page says, without its marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2])))


def test_it_says_where_one_stands_and_what_is_missing() -> None:
    answer = of(NORDLICHT).get("/standing/")
    assert answer.status_code == 200
    said = words_of(answer.text)
    assert "Silver" in said
    assert "as of 30 Jun 2026" in said
    assert "For Gold: 2 of 2 requirements are missing." in said
    assert "revenue €30,000 ≥ €100,000 €70,000 more 4.1" in said
    assert "What Silver asks" in said


def test_it_says_the_same_in_french() -> None:
    said = words_of(of(NORDLICHT, "fr").get("/standing/").text)
    assert "Pour Gold, il manque 2 exigences sur 2." in said
    assert "chiffre d'affaires 30 000 € ≥ 100 000 € encore 70 000 €" in said
    assert "au 30 juin 2026" in said


def test_what_waits_for_a_person_is_said() -> None:
    said = words_of(of(SALT).get("/standing/").text)
    assert "All is met but what a person answers: executive review." in said


def test_the_facts_behind_a_number_stand_under_it_when_asked_for() -> None:
    client = of(BLEU)
    assert "1 sale" not in words_of(client.get("/standing/").text)
    page = client.get("/standing/?behind=revenue").text
    said = words_of(page)
    assert 'id="facts-revenue"' in page
    assert "revenue: 1 sale" in said
    assert "1 May 2026 · €500" in said
    assert "test" in said


def test_an_earlier_day_is_shown_as_it_was_judged() -> None:
    said = words_of(of(NORDLICHT).get("/standing/?as-of=2026-04-30").text)
    assert "as of 30 Apr 2026" in said
    assert "revenue none" in said or "revenue €0" in said


def test_a_day_that_nobody_judged_is_answered_with_those_that_were() -> None:
    answer = of(NORDLICHT).get("/standing/?as-of=2026-05-15")
    assert answer.status_code == 400
    assert "2026-06-30" in words_of(answer.text)
    answer = of(BLEU).get("/standing/?as-of=soon")
    assert answer.status_code == 400
    assert "'soon' is no day" in words_of(answer.text)


def test_another_firm_is_not_there() -> None:
    client = of(BLEU)
    strange, absent = client.get(f"/standing/?partner={NORDLICHT}"), client.get("/standing/?partner=P-404")
    assert strange.status_code == absent.status_code == 404
    assert words_of(strange.text) == words_of(absent.text)


def test_it_reads_the_same_number_of_times_whatever_the_partner() -> None:
    counts = set()
    for partner in (NORDLICHT, BLEU, SALT):
        client = of(partner)
        client.get("/standing/")
        with CaptureQueriesContext(connection) as seen:
            client.get("/standing/")
        counts.add(len(seen))
    assert counts == {QUERIES}
