"""The first page of a partner: one line, what to do next, what runs out, what changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from apps.quay import BLEU, DAY, NORDLICHT, facts, installed
from database import Installation
from fronts.portal.test_standing import of, words_of
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation import services, warm
from hanse.apps.evidence.services import record_facts


@pytest.fixture(autouse=True)
def judged(installation: Installation, tmp_path: Path) -> Iterator[None]:
    """Judged once; one of Port Bleu's certificates runs out in ten days, one in a year, one belongs to who has left."""
    installed(tmp_path / "quay")
    facts()
    people = [
        {"person": "T-1", "partner": BLEU, "since": "2020-01-01"},
        {"person": "T-2", "partner": BLEU, "since": "2020-01-01", "until": "2026-01-31"},
    ]
    certificates = [
        {"person": "T-1", "certificate": "C-SOON", "earned": "2024-07-10", "expires": DAY + timedelta(days=10)},
        {"person": "T-1", "certificate": "C-LATE", "earned": "2025-07-10", "expires": DAY + timedelta(days=365)},
        {"person": "T-2", "certificate": "C-GONE", "earned": "2024-07-10", "expires": DAY + timedelta(days=10)},
    ]
    record_facts(actor=operator(), source="test", rows={"people": people, "certifications": certificates})
    services.evaluate(actor=operator(), edition="quay/2026", as_of=DAY)
    yield
    warm.close()


def test_it_says_what_to_do_next() -> None:
    said = words_of(of(NORDLICHT).get("/").text)
    assert "What to do next for Gold" in said
    assert "Revenue €70,000 more" in said
    assert "First standing: Silver" in said


def test_it_says_what_runs_out_of_those_who_are_there() -> None:
    said = words_of(of(BLEU).get("/").text)
    assert "10 Jul 2026 in 10 days 1 certificate: C-SOON (T-1)" in said
    assert "C-LATE" not in said
    assert "C-GONE" not in said


def test_where_nothing_runs_out_it_says_so() -> None:
    assert "Aucun certificat ni avantage n’expire dans cette période." in words_of(of(NORDLICHT, "fr").get("/").text)
