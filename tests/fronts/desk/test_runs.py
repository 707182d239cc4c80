"""The list of runs, and one of them with the sums that prove it."""

from __future__ import annotations

import pytest
from django.db import connection

from fronts.desk.channel import DAY, EDITION, address, answers, queries, seen_by
from hanse.apps.accounts.actors import actor_of, operator
from hanse.apps.accounts.policy import Refused
from hanse.apps.evaluation import asked_for
from hanse.apps.standings.selectors import run_list

pytestmark = pytest.mark.usefixtures("desk")
EVERYWHERE = {"chief": 200, "finance": 200, "auditor": 200, "manager": 404, "member": 404, "nobody": 404}


def forget_jobs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name LIKE '%do_asked'")


def test_each_run_says_what_it_judged() -> None:
    page = seen_by("chief").get("/runs/").text
    assert "31 Dec 2025" in page
    assert "30 Jun 2026" in page
    assert "quay/2025" in page
    assert "terminée" in seen_by("chief", "fr").get("/runs/?every=1").text


def waiting() -> list[tuple[str, str]]:
    return [(one.act, one.state) for one in asked_for.in_hand(actor=operator())]


def test_an_evaluation_is_asked_for_done_by_a_job_and_looked_at_meanwhile() -> None:
    chief = seen_by("chief")
    given = {"edition": f"{EDITION}@1", "as_of": "2026-03-31", "reason": "the quarter"}
    answer = chief.post("/runs/", given)
    assert (answer.status_code, answer["Location"]) == (302, "/runs/")
    page = chief.get("/runs/").text
    assert "The evaluation was asked for" in page
    assert "Quay/2025@1 is to be judged as of 31 Mar 2026." in page
    line = chief.get("/runs/", headers={"HX-Request": "true"})
    assert (line.status_code, "is to be judged" in line.text, "<h1" in line.text) == (200, True, False)
    asked_for.do("evaluate", address("chief"), "the quarter", {"edition": f"{EDITION}@1", "as_of": "2026-03-31"})
    found = run_list(operator())[0]
    assert (str(found["as_of"]), found["actor"], found["reason"]) == ("2026-03-31", address("chief"), "the quarter")
    forget_jobs()
    line = chief.get("/runs/", headers={"HX-Request": "true"})
    assert (line.status_code, line["HX-Refresh"]) == (204, "true")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"as_of": "2999-01-01"}, "has not come yet"),
        ({"as_of": "31.12."}, "Enter a valid date"),
        ({"reason": "  "}, "This field is required"),
        ({"edition": "lagoon/1"}, "is not one of the available choices"),
    ],
)
def test_what_is_refused_stays_typed(changed: dict[str, str], said: str) -> None:
    given = {"edition": f"{EDITION}@1", "as_of": "2026-03-31", "reason": "the quarter"} | changed
    answer = seen_by("chief").post("/runs/", given)
    assert answer.status_code == 400
    assert said in answer.text
    assert f'value="{given["as_of"]}"' in answer.text
    assert waiting() == []


def test_who_may_not_evaluate_has_no_form_and_starts_nothing() -> None:
    given = {"edition": f"{EDITION}@1", "as_of": "2026-03-31", "reason": "x"}
    assert "Start an evaluation" not in seen_by("finance").get("/runs/").text
    seen_by("finance").post("/runs/", given)
    assert waiting() == []
    with pytest.raises(Refused):
        asked_for.evaluate_later(actor=actor_of(address("finance")), edition=EDITION, as_of=DAY, reason="x")
    with pytest.raises(Refused):
        asked_for.do("evaluate", address("finance"), "x", {"edition": EDITION, "as_of": "2026-03-31"})


def test_runs_are_for_those_who_see_every_partner() -> None:
    assert answers("/runs/") == EVERYWHERE
    assert answers("/runs/?every=x&edition=%00") == EVERYWHERE


def test_so_many_queries() -> None:
    assert queries(seen_by("chief"), "/runs/") == 8
