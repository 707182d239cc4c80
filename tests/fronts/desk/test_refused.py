"""What one import refused: the line, what is wrong, how it is mended, the row as it was given."""

from __future__ import annotations

import pytest

from fronts.desk.channel import queries, seen_by

pytestmark = pytest.mark.usefixtures("desk")


def test_a_refused_row_says_what_is_wrong_and_how_it_is_mended() -> None:
    page = seen_by("chief").get("/imports/1/").text
    assert "1 row was refused" in page
    assert "2026-04-31" in page
    assert "write an existing day" in page
    assert "1 ligne a été refusée" in seen_by("chief", "fr").get("/imports/1/").text


def test_so_many_queries() -> None:
    assert queries(seen_by("chief"), "/imports/1/") == 6
