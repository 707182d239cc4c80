"""All competencies of one partner: equal to what an evaluation keeps, and more; whose certificates count, and which would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.quay import NORDLICHT, facts, installed
from database import Installation
from fronts.portal.guild import BEFORE, BLEU, DAY, YEAR, make
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation import services, warm
from hanse.apps.evaluation.progress import people, progress
from hanse.apps.standings import explained


@pytest.fixture(autouse=True)
def returned(installation: Installation) -> Iterator[None]:
    yield
    warm.close()


def test_the_checks_are_those_of_the_evaluation_and_those_that_it_does_not_keep(tmp_path: Path) -> None:
    make(tmp_path)
    kept = {(r["subject"], r["requirement"]): r for r in explained.outcome(actor=operator(), partner=BLEU).checks}
    found = progress(actor=operator(), partner=BLEU)
    every = {(r["subject"], r["requirement"]): r for r in found.outcome.checks}
    assert found.whole
    assert {key: every[key] for key in kept} == kept
    assert {subject for subject, _ in every if "/" in subject} == {
        f"{name}/{depth}" for name in ("cloud", "data", "security", "robotics") for depth in ("specialist", "expert")
    }
    assert not any(subject.startswith("robotics") for subject, _ in kept)


def test_the_edition_s_own_order_survives_the_database(tmp_path: Path) -> None:
    make(tmp_path)
    for told in (progress(actor=operator(), partner=BLEU).outcome, explained.outcome(actor=operator(), partner=BLEU)):
        assert told.outline["order"] == {
            "depths": ["specialist", "expert"], "competencies": ["security", "cloud", "data", "robotics"],
        }  # fmt: skip


def test_whose_certificates_count_and_which_would(tmp_path: Path) -> None:
    make(tmp_path)
    found = people(actor=operator(), partner=BLEU)
    counting = {(r["metric"], r["competency"], r["person"], r["certificate"]) for r in found.holders if not r["why"]}
    assert counting == {
        ("engineers", "cloud", "T-1", "E-10"), ("engineers", "data", "T-1", "E-10"),
        ("certified_people", None, "T-1", "E-10"), ("certified_people", None, "T-1", "S-30"), ("certified_people", None, "T-2", "X-1"),
    }  # fmt: skip
    assert {(r["person"], r["competency"]) for r in found.holders if r["why"]} == {("T-3", "security"), ("T-3", None)}
    assert found.exams is not None
    assert found.exams["engineers", "cloud"] == ("E-10", "E-11")
    assert found.exams["engineers", "security"] == ("E-30",)


def test_an_edition_that_ranks_partners_shows_what_is_kept(tmp_path: Path) -> None:
    ranked = (
        "revenue: {use: revenue, unit: EUR}\nplace: {type: rank, of: revenue}\n"
        "client_satisfaction: {table: surveys, agg: average, measure: score, window: 12 months, unit: points}\n"
    )
    installed(tmp_path / "quay", more={"metrics.yaml": ranked})
    facts()
    services.evaluate(actor=operator(), edition="quay/2026", as_of=DAY)
    found = progress(actor=operator(), partner=NORDLICHT)
    assert not found.whole
    assert found.holders == ()
    assert found.outcome.standings


def test_days_and_editions_are_kept_apart(tmp_path: Path) -> None:
    make(tmp_path)
    services.evaluate(actor=operator(), edition=f"quay/{YEAR}", as_of=BEFORE)
    assert progress(actor=operator(), partner=BLEU).outcome.as_of in (BEFORE, DAY)
