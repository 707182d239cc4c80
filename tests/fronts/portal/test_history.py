"""History: each move with what decided, a picture that the table repeats, what arrived, and what was taken back."""

from __future__ import annotations

import json
import re

import pytest

from fronts.portal.guild import queries, said_to, seen_by

QUERIES = 16
pytestmark = pytest.mark.usefixtures("guild")


def test_it_says_how_the_level_moved_and_why() -> None:
    said = said_to("ann", "/history/")
    assert "30 Jun 2025" in said
    assert "first standing" in said
    page = seen_by("ann").get("/history/").text
    assert "/standing/?as-of=2025-06-30&amp;edition=quay/2025" in page


def test_the_picture_says_what_the_table_says() -> None:
    moved = seen_by("bob").get("/history/").text
    assert "data-chart" in moved
    found = re.search(r'<script id="levels" type="application/json">(.*?)</script>', moved)
    assert found is not None
    option = json.loads(found[1])
    assert option["yAxis"]["data"] == ["no level", "Member", "Silver", "Gold"]
    assert [one["name"] for one in option["series"]] == ["In force", "Achieved"]
    assert option["series"][1]["data"][0][0] == "2025-06-30"


def test_it_says_what_arrived_and_what_counts_no_more() -> None:
    said = said_to("ann", "/history/")
    assert "Entered: 1 use of a benefit, 2 sales" in said
    assert "Entered: 1 survey taken back on" in said
    assert "Corrected struck out: 1 reference" in said
    assert "it was no reference" not in said
    assert "operator" not in said


def test_of_who_has_left_only_what_happened_until_then_is_told() -> None:
    said = said_to("ann", "/history/")
    assert "5 certificates" in said
    assert "6 certificates" not in said


def test_french_and_strangers() -> None:
    assert "Ce qui a été enregistré récemment" in said_to("ann", "/history/", "fr")
    assert seen_by("ann").get("/history/?partner=P-2").status_code == 404


def test_it_reads_the_same_number_of_times_whoever_asks() -> None:
    assert {queries(seen_by(name), "/history/") for name in ("ann", "bob", "zoe")} == {QUERIES}
