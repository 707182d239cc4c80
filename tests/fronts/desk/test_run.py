"""One run: its days, what it concluded, the sums that prove it."""

from __future__ import annotations

import pytest

from fronts.desk.channel import address, answers, queries, seen_by
from hanse.apps.evaluation import asked_for

pytestmark = pytest.mark.usefixtures("desk")
EVERYWHERE = {"chief": 200, "finance": 200, "auditor": 200, "manager": 404, "member": 404, "nobody": 404}


def test_a_run_shows_levels_moves_and_sums() -> None:
    page = seen_by("chief").get("/runs/1/").text
    assert "31 Dec 2025" in page
    assert "hanse runs repeat 1" in page
    assert "What it moved" in page  # everybody was new
    assert "66.7%" in page  # two of three were silver


def test_a_run_is_repeated_by_a_job_and_says_how_it_came_out() -> None:
    chief = seen_by("chief")
    assert chief.post("/runs/2/").status_code == 302
    assert "Run 2 is to be repeated." in chief.get("/runs/2/").text
    assert "is to be repeated" not in chief.get("/runs/1/").text
    asked_for.do("repeat", address("chief"), "", {"run": 2})
    page = chief.get("/runs/2/").text
    assert "every output came out the same, byte for byte" in page
    assert "octet pour octet" in seen_by("auditor", "fr").get("/runs/2/").text
    assert seen_by("finance").post("/runs/2/").status_code == 403


def test_the_run_that_counts_leads_to_its_standings() -> None:
    assert 'href="/partners/?edition=quay/2025&amp;level=silver"' in seen_by("chief").get("/runs/2/").text
    assert "level=silver" not in seen_by("chief").get("/runs/1/").text


def test_runs_are_for_those_who_see_every_partner() -> None:
    assert answers("/runs/1/") == EVERYWHERE
    assert set(answers("/runs/99/").values()) == {404}
    assert set(answers(f"/runs/{10**30}/").values()) == {404}


def test_so_many_queries() -> None:
    assert queries(seen_by("chief"), "/runs/1/") == 11
