"""What became of an import: what was refused, the line, what is wrong, how it is mended, the row as it was given."""

from __future__ import annotations

import pytest

from fronts.desk.channel import queries, seen_by
from fronts.desk.dropping import csv, imported, sold

pytestmark = pytest.mark.usefixtures("desk")


def test_a_refused_row_says_what_is_wrong_and_how_it_is_mended() -> None:
    page = seen_by("chief").get("/imports/1/").text
    assert "1 row was refused" in page
    assert "2026-04-31" in page
    assert "write an existing day" in page
    french = seen_by("chief", "fr").get("/imports/1/").text
    assert "1 ligne a été refusée" in french
    assert "écrivez un jour qui existe" in french


def test_what_may_be_done_stands_on_the_page() -> None:
    page = seen_by("chief").get("/imports/1/").text
    for link in ("/imports/1/mend/", "/imports/1/undo/", "/imports/1/refused.csv"):
        assert f'href="{link}"' in page
    page = seen_by("auditor").get("/imports/1/").text
    assert "/undo/" not in page
    assert seen_by("auditor").post("/imports/1/", {"act": "again"}).status_code == 403


def test_an_import_that_was_taken_back_is_taken_up_again() -> None:
    client = seen_by("chief")
    content = csv([sold("A-1")])
    where = imported(client, "again.csv", content)
    assert "cannot be imported again" in client.post(where, {"act": "again"}).text
    client.post(f"{where}undo/", {"why": "too early"})
    page = client.get(where).text
    assert "Import it again" in page
    upload = client.post(where, {"act": "again"})["Location"]
    assert client.get(upload)["Location"] == f"{upload}trial/"
    client.post(f"{upload}trial/")
    assert client.get(upload)["Location"] != where


def test_so_many_queries() -> None:
    assert queries(seen_by("chief"), "/imports/1/") == 7
