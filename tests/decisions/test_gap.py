"""Who could close a gap: a renewal first, then the same competency, then any certificate; never who counts."""

from __future__ import annotations

from datetime import date
from typing import Any

from hanse.decisions.gap import ANY, NONE, RENEW, SAME, Candidate, candidates

METRIC, HERE = "engineers", "security"


def held(
    person: str, *, metric: str = METRIC, competency: str | None = HERE, why: str = "", expires: date | None = None
) -> dict[str, Any]:
    return {
        "person": person,
        "metric": metric,
        "competency": competency,
        "certificate": "E-1",
        "expires": expires,
        "why": why,
    }


def test_who_counts_is_no_candidate() -> None:
    assert candidates(METRIC, HERE, [held("A")], ["A", "B"]) == (Candidate("B", NONE),)


def test_the_nearest_come_first() -> None:
    late = date(2026, 3, 31)
    rows = [
        held("C", competency="data"),
        held("B", metric="sellers"),
        held("D", why="expired", expires=late),
        held("D", why="expired", expires=date(2025, 3, 31)),
    ]
    assert candidates(METRIC, HERE, rows, ["A", "B", "C", "D"]) == (
        Candidate("D", RENEW, "E-1", late),
        Candidate("B", SAME),
        Candidate("C", ANY),
        Candidate("A", NONE),
    )


def test_who_renewed_counts_and_who_has_left_is_not_asked() -> None:
    rows = [
        held("A", why="expired", expires=date(2025, 1, 1)),
        held("A"),
        held("Z", why="expired", expires=date(2025, 1, 1)),
    ]
    assert candidates(METRIC, HERE, rows, ["A"]) == ()


def test_a_number_of_the_firm_as_a_whole_has_no_competency() -> None:
    rows = [held("A", competency=None, metric="people"), held("B")]
    assert candidates("people", None, rows, ["A", "B"]) == (Candidate("B", ANY),)
