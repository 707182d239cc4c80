"""The what-if page: what it answers, in both languages, for firms and for the vendor; and what it says of mistakes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.evaluation.test_what_if import ASKED, PEOPLE, STAFF
from apps.quay import BLEU, DAY, NORDLICHT, facts, installed
from database import Installation
from fronts.pages.signed_in import account, browser
from fronts.portal.test_standing import of, words_of
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation import laid_over, services, warm
from hanse.apps.evaluation.supposed import Change
from hanse.apps.evidence.services import record_facts
from hanse.fronts.pages.changes import query, read, written

QUERIES = 18  # committed, with an answer and all forms
UP = "change=sales,amount:60000,currency:EUR&change=certified,people:1,certificate:C-2&change=won,deal:D-7"


@pytest.fixture(autouse=True)
def judged(installation: Installation, tmp_path: Path) -> Iterator[None]:
    """Nordlicht is silver, with two certified people and an open deal."""
    installed(tmp_path / "quay", more={"metrics.yaml": PEOPLE, "levels.yaml": ASKED})
    facts()
    record_facts(actor=operator(), source="test", rows=STAFF)
    services.evaluate(actor=operator(), edition="quay/2026", as_of=DAY)
    yield
    warm.close()
    laid_over.close()


def chief() -> Client:
    return browser(account("eva@vendor.example", "channel_chief"))


def test_two_clicks_lead_from_the_standing_to_an_answer() -> None:
    client = of(NORDLICHT)
    standing = client.get("/standing/").text
    assert "/what-if/" in standing
    page = client.get("/what-if/").text
    assert "What if: nothing here is saved." in words_of(page)
    (first, *_) = re.findall(r'class="grow" href="([^"]+)"', page)
    answer = client.get("/what-if/" + unescape(first).partition("#")[0])
    assert answer.status_code == 200
    assert "1 more sale · €60,000" in words_of(answer.text)


def test_it_answers_with_levels_requirements_and_what_is_gained() -> None:
    said = words_of(of(NORDLICHT).get(f"/what-if/?{UP}").text)
    assert "Gold instead of Silver" in said
    assert "revenue now met €30,000 €90,000 ≥ €90,000" in said
    assert "certified people now met 2 3 ≥ 3" in said
    assert "The deal D-7 is won" in said


def test_it_suggests_what_is_missing_still() -> None:
    client = of(NORDLICHT)
    first, then = (client.get(f"/what-if/{asked}").text for asked in ("", "?change=sales,amount:60000,currency:EUR"))
    offered = re.compile(r'class="grow" href="[^"]+">([^<]+)<')
    assert "1 more sale · €60,000" in offered.findall(first)
    assert not [one for one in offered.findall(then) if "sale" in one]
    assert "The deal D-7 is won" in offered.findall(then)


def test_it_answers_in_french() -> None:
    said = words_of(of(NORDLICHT, "fr").get(f"/what-if/?{UP}").text)
    assert "Et si… Rien n’est enregistré ici." in said
    assert "Gold au lieu de Silver" in said
    assert "1 vente de plus · 60 000 €" in said.replace(" ", " ")


def test_a_fall_says_what_is_no_longer_met() -> None:
    said = words_of(of(NORDLICHT).get("/what-if/?change=leaves,person:A").text)
    assert "Member only, instead of Silver" in said
    assert "certified people no longer met 2 1 ≥ 2 1 more" in said


def test_the_address_is_shared_by_the_firm_and_the_vendor() -> None:
    page = of(NORDLICHT).get(f"/what-if/?{UP}").text
    (link,) = re.findall(r'id="share" readonly value="([^"]+)"', page)
    address = unescape(link).partition("localhost")[2]
    assert f"partner={NORDLICHT}" in address
    assert words_of(chief().get(address).text).count("Gold instead of Silver") == 1


def test_a_form_leads_to_an_address_that_says_it() -> None:
    answer = of(NORDLICHT).get(
        "/what-if/", {"change": "leaves,person:A", "add": "sales", "f-amount": "1 234,50", "f-currency": "EUR"}
    )
    assert answer.status_code == 302
    assert answer["Location"].endswith(
        f"?partner={NORDLICHT}&change=leaves,person:A&change=sales,amount:1234.50,currency:EUR#answer"
    )


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost() -> None:
    typed = {"change": "leaves,person:A", "add": "sales", "f-amount": "much", "f-currency": "EUR", "f-on": "2026-12-24"}
    answer = of(NORDLICHT).get("/what-if/", typed)
    assert answer.status_code == 400
    assert 'value="much"' in answer.text
    assert re.search(r'id="sales-amount"[^>]+aria-invalid="true"', answer.text)
    said = words_of(answer.text)
    assert "much is no number. Write it like 1234.50." in said
    assert "2026-12-24 lies after the day judged." in said
    assert "Member only, instead of Silver" in said  # what is right is answered all the same


def test_a_change_of_the_address_that_means_nothing_is_left_out_and_said() -> None:
    answer = of(NORDLICHT).get(
        "/what-if/?change=lapses,person:A,certificate:C-9&change=leaves,person:A&change=!&on=never"
    )
    assert answer.status_code == 400
    said = words_of(answer.text)
    assert "This person holds no valid certificate C-9 on that day." in said
    assert "! cannot be read" in said or "The programme does not look at this" in said
    assert "never is no day." in said
    assert "Member only, instead of Silver" in said


@pytest.mark.parametrize(
    "address",
    [
        "change=" + "x" * 500,
        "change=sales,amount:1E999999,currency:EUR",
        "change=sales,amount:NaN,currency:EUR",
        "change=sales,amount:%00,currency:EUR",
        "change=certified,people:99999999999999999999,certificate:C-1",
        "change=certified,people:٣,certificate:C-1",
        "&".join(["change=sales,amount:1,currency:EUR"] * 30),
        "on=0001-01-01",
        "on=9999-12-31",
        "add=nothing&f-x=1",
        "edition=%00",
    ],
)
def test_what_makes_no_sense_is_never_an_error_of_ours(address: str) -> None:
    assert of(NORDLICHT).get(f"/what-if/?{address}").status_code in (400, 404)


def test_another_day_is_judged() -> None:
    said = words_of(of(NORDLICHT).get("/what-if/?on=2026-09-01").text)
    assert "judged on 1 Sept 2026 · the standing is of 30 Jun 2026" in said
    assert "Member only, instead of Silver" in said


def test_another_firm_is_not_there() -> None:
    client = of(BLEU)
    for key in (NORDLICHT, "P-404", "%00"):
        assert client.get(f"/what-if/?partner={key}&change=leaves,person:A").status_code == 404
    assert chief().get("/what-if/").status_code == 404


def test_an_edition_that_compares_partners_says_so(tmp_path: Path) -> None:
    ranked = {
        "metrics.yaml": PEOPLE + "place: {type: rank, of: revenue, label: place among all}\n",
        "levels.yaml": "silver: {all_of: [{place: {at_most: 1}}, {revenue: {at_least: 20_000 EUR}}]}\n",
    }
    installed(tmp_path / "ranked", "2027", in_force=False, more=ranked)
    services.evaluate(actor=operator(), edition="quay/2027", as_of=DAY)
    answer = chief().get(f"/what-if/?partner={NORDLICHT}&edition=quay/2027&{UP}")
    said = words_of(answer.text)
    assert "This programme compares partners with one another (place among all)" in said
    assert 'name="add"' not in answer.text


def test_it_reads_a_committed_number_of_times() -> None:
    client = of(NORDLICHT)
    client.get(f"/what-if/?{UP}")
    with CaptureQueriesContext(connection) as seen:
        client.get(f"/what-if/?{UP}")
    assert len(seen) == QUERIES


def test_an_address_says_any_change_and_is_read_back() -> None:
    for change in (
        Change("certified", {"people": "2", "certificate": "C 1,2:3%&#é"}),
        Change("sales", {"amount": "10.5", "currency": "EUR", "product": "a/b"}),
    ):
        assert read(written(change)) == change
    assert query([Change("leaves", {"person": "A-1"})], partner="P-1") == "partner=P-1&change=leaves,person:A-1"
