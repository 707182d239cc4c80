"""The transition page: what old certificates and levels count for, until when; both editions side by side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from apps.quay import BLEU, DAY, NORDLICHT, SECOND, facts, installed
from database import Installation
from fronts.portal.test_standing import of, words_of
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation import laid_over, services, warm
from hanse.apps.evidence.services import record_facts
from hanse.apps.programmes import services as programmes

MORE = {
    "metrics.yaml": "revenue: {use: revenue, unit: EUR}\n"
    "certified_people: {use: certified_people, filter: \"certificate like 'N-%'\"}\n",
    "levels.yaml": "silver: {all_of: [{revenue: {at_least: 20_000 EUR}}, {certified_people: {at_least: 1}}]}\n",
    "competencies.yaml": "requirements: {all_of: [{revenue: {at_least: 1_000_000 EUR}}]}\n"
    "competencies: {security: {name: {en: Security, fr: Sécurité}, counts: {certificate: [N-1]}}}\n",
    "transition.yaml": "until: 2026-09-30\ncredits: [{certificate: [OLD-1, OLD-2], counts_as: N-1, clause: '9.1'}]\n"
    "levels: [{programme: wharf, level: master, gives: silver, clause: '9.2'}]\n",
}


@pytest.fixture(autouse=True)
def judged(installation: Installation, tmp_path: Path) -> Iterator[None]:
    """Nordlicht has an old certificate that counts, one that has expired, one replaced by the new; and an old level."""
    installed(tmp_path / "quay", more=MORE)
    facts()
    record_facts(actor=operator(), source="test", rows={
        "people": [{"person": p, "partner": NORDLICHT, "since": "2020-01-01"} for p in ("A", "B", "C")],
        "certifications": [
            {"person": "A", "certificate": "OLD-1", "earned": "2022-01-01"},
            {"person": "B", "certificate": "OLD-2", "earned": "2022-01-01", "expires": "2026-01-01"},
            {"person": "C", "certificate": "OLD-2", "earned": "2022-01-01", "expires": "2026-08-31"},
            {"person": "C", "certificate": "N-1", "earned": "2026-01-01"},
        ],
        "levels_held": [{"partner": NORDLICHT, "subject": "master", "from": "2018-01-01", "programme": "wharf"}],
    })  # fmt: skip
    services.evaluate(actor=operator(), edition="quay/2026", as_of=DAY)
    yield
    warm.close()
    laid_over.close()


def test_it_says_what_counts_until_when_and_what_is_left() -> None:
    page = of(NORDLICHT).get("/transition/")
    assert page.status_code == 200
    said = words_of(page.text)
    assert "Until 30 Sept 2026 92 days left" in said
    assert "2 old certificates count as new ones. 1 exam is left to pass." in said
    assert "A OLD-1 N-1 Security 30 Sept 2026 pass N-1" in said
    assert "C OLD-2 N-1 Security 31 Aug 2026 the new one is held too" in said
    assert " B " not in said
    assert "master of wharf → counts as Silver counts · until 30 Sept 2026 · 9.2" in said
    assert "/what-if/?partner=P-1&amp;edition=quay/2026&amp;on=2026-10-01" in page.text


def test_it_says_so_in_french() -> None:
    said = words_of(of(NORDLICHT, "fr").get("/transition/").text)
    assert "Jusqu’au 30 sept. 2026 encore 92 jours" in said
    assert "obtenir N-1" in said


def test_what_is_over_is_said_to_be_over() -> None:
    services.evaluate(actor=operator(), edition="quay/2026", as_of=date(2026, 10, 15))
    said = words_of(of(NORDLICHT).get("/transition/").text)
    assert "The transition is over." in said
    assert "counts no more" in said
    assert "left to pass" not in said


def test_whom_no_transition_concerns_is_told() -> None:
    assert "No transition concerns the firm" in words_of(of(BLEU).get("/transition/").text)


def test_an_announced_edition_stands_beside_the_one_in_force(tmp_path: Path) -> None:
    coming = MORE | {"levels.yaml": "silver: {all_of: [{revenue: {at_least: 40_000 EUR}}]}\n"}
    new = installed(tmp_path / "new", "2027", in_force=False, more=coming)
    programmes.announce(actor=SECOND, name=new.key, on=date(2026, 5, 1), reason="it comes")
    services.evaluate(actor=operator(), edition="quay/2027", as_of=DAY)
    said = words_of(of(BLEU).get("/transition/").text)
    assert "Quay and Quay, side by side" in said
    assert "Silver" in said
    assert "revenue €500 ≥ €20,000 ≥ €40,000 €39,500 more" in said
    assert "certified people (no longer asked)" in said


def test_another_firm_is_not_there() -> None:
    assert of(BLEU).get(f"/transition/?partner={NORDLICHT}").status_code == 404
