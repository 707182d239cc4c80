"""One run: its days, what it concluded, the sums that prove it."""

from __future__ import annotations

import pytest

from fronts.desk.channel import answers, queries, seen_by

pytestmark = pytest.mark.usefixtures("desk")
EVERYWHERE = {"chief": 200, "finance": 200, "auditor": 200, "manager": 404, "member": 404, "nobody": 404}


def test_a_run_shows_levels_moves_and_sums() -> None:
    page = seen_by("chief").get("/runs/1/").text
    assert "31 Dec 2025" in page
    assert "hanse runs repeat 1" in page
    assert "What it moved" in page  # everybody was new
    assert "66.7%" in page  # two of three were silver


def test_runs_are_for_those_who_see_every_partner() -> None:
    assert answers("/runs/1/") == EVERYWHERE
    assert set(answers("/runs/99/").values()) == {404}
    assert set(answers(f"/runs/{10**30}/").values()) == {404}


def test_so_many_queries() -> None:
    assert queries(seen_by("chief"), "/runs/1/") == 7
