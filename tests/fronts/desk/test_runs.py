"""The list of runs, and one of them with the sums that prove it."""

from __future__ import annotations

import pytest

from fronts.desk.channel import answers, queries, seen_by

pytestmark = pytest.mark.usefixtures("desk")
EVERYWHERE = {"chief": 200, "finance": 200, "auditor": 200, "manager": 404, "member": 404, "nobody": 404}


def test_each_run_says_what_it_judged() -> None:
    page = seen_by("chief").get("/runs/").text
    assert "31 Dec 2025" in page
    assert "30 Jun 2026" in page
    assert "quay/2025" in page
    assert "terminée" in seen_by("chief", "fr").get("/runs/?every=1").text


def test_runs_are_for_those_who_see_every_partner() -> None:
    assert answers("/runs/") == EVERYWHERE
    assert answers("/runs/?every=x&edition=%00") == EVERYWHERE


def test_so_many_queries() -> None:
    assert queries(seen_by("chief"), "/runs/") == 4
