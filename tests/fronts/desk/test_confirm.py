"""A run is confirmed after a second look: what would be held, then a reason, then a job."""

from __future__ import annotations

import pytest

from fronts.desk.channel import BLEU, ELAN, NORDLICHT, address, answers, seen_by
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation import asked_for
from hanse.apps.evidence.selectors import facts_of
from hanse.apps.standings.selectors import run_list
from hanse.language.problems import CallError

pytestmark = pytest.mark.usefixtures("desk")


def held(partner: str) -> list[str]:
    return [str(row["subject"]) for row in facts_of(operator(), partner, "levels_held")]


def test_what_would_be_held_is_shown_and_then_held() -> None:
    chief = seen_by("chief")
    page = chief.get("/runs/2/confirm/").text
    assert "2 partners would hold another level" in page
    assert f">{NORDLICHT}</a>" in page
    assert f">{BLEU}</a>" in page
    assert f">{ELAN}</a>" not in page
    assert chief.post("/runs/2/confirm/", {"reason": ""}).status_code == 400
    answer = chief.post("/runs/2/confirm/", {"reason": "the letters went out"})
    assert (answer.status_code, answer["Location"]) == (302, "/runs/2/")
    assert "The levels of run 2 are to go on record." in chief.get("/runs/2/").text
    assert held(NORDLICHT) == []
    asked_for.do("confirm", address("chief"), "the letters went out", {"run": 2})
    assert held(NORDLICHT) == ["silver"]
    with pytest.raises(CallError):
        asked_for.do("confirm", address("chief"), " ", {"run": 2})


def test_only_the_run_that_counts_is_confirmed() -> None:
    answer = seen_by("chief").get("/runs/1/confirm/")
    assert answer.status_code == 400
    assert "it is not the run that standings are of" in answer.text
    assert len(run_list(operator())) == 2


def test_it_is_for_the_programme() -> None:
    found = answers("/runs/2/confirm/")
    assert {name for name, status in found.items() if status == 200} == {"chief"}
    assert {status for name, status in found.items() if name != "chief"} == {404}
    assert set(answers("/runs/99/confirm/").values()) == {404}
