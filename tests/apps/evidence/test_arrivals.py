"""What arrived about a partner, and what of a person a former employer still sees."""

from __future__ import annotations

from database import Installation
from hanse.apps.accounts.actors import operator
from hanse.apps.evidence import selectors
from hanse.apps.evidence.arrivals import arrivals
from hanse.apps.evidence.services import correct, record_facts, withdraw

FIRM, OTHER = "P-1", "P-2"
JOINED = [{"partner": p, "name": p, "country": "DE", "joined": "2015-01-01"} for p in (FIRM, OTHER)]
MOVED = [
    {"person": "T-1", "partner": FIRM, "since": "2016-01-01", "until": "2020-06-30"},
    {"person": "T-1", "partner": OTHER, "since": "2020-07-01"},
]
HELD = [
    {"person": "T-1", "certificate": "C-BEFORE", "earned": "2020-06-30"},
    {"person": "T-1", "certificate": "C-AFTER", "earned": "2020-07-01"},
]


def said(**rows: list[dict[str, str]]) -> int:
    return record_facts(actor=operator(), source="crm", rows=rows).batch


def test_a_former_employer_sees_nothing_later(installation: Installation) -> None:
    said(partners=JOINED, people=MOVED, certifications=HELD)

    def seen(partner: str) -> set[str]:
        return {row["certificate"] for row in selectors.facts_of(operator(), partner, "certifications")}

    assert seen(FIRM) == {"C-BEFORE"}
    assert seen(OTHER) == {"C-BEFORE", "C-AFTER"}
    (one,) = arrivals(actor=operator(), partner=FIRM)
    assert dict(one.facts)["certifications"] == 1


def test_the_newest_come_first_with_what_was_corrected_and_taken_back(installation: Installation) -> None:
    said(partners=JOINED)
    survey = {"partner": FIRM, "on": "2020-01-01", "score": "9"}
    batch = said(surveys=[survey, {**survey, "on": "2020-01-02"}])
    (later, earlier) = selectors.facts_of(operator(), FIRM, "surveys")
    correct(actor=operator(), table="surveys", fact=later["fact"], row=None, reason="no such survey")
    correct(actor=operator(), table="surveys", fact=earlier["fact"], row={**survey, "score": "8"}, reason="misread")
    found = arrivals(actor=operator(), partner=FIRM)
    assert [(one.kind, one.facts, one.removed) for one in found[:2]] == [
        ("correction", (("surveys", 1),), ()),
        ("correction", (), (("surveys", 1),)),
    ]
    assert found[2].batch == batch
    assert found[2].withdrawn is None
    withdraw(actor=operator(), batch=batch, reason="wrong file")
    assert arrivals(actor=operator(), partner=FIRM)[2].withdrawn is not None


def test_of_others_nothing_is_told_and_only_so_much_as_is_asked(installation: Installation) -> None:
    said(partners=JOINED)
    for day in range(1, 6):
        said(surveys=[{"partner": OTHER, "on": f"2020-01-0{day}", "score": "9"}])
    assert len(arrivals(actor=operator(), partner=FIRM)) == 1
    assert len(arrivals(actor=operator(), partner=OTHER, limit=3)) == 3
