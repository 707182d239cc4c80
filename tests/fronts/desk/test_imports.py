"""The list of imports, and what one of them refused."""

from __future__ import annotations

import pytest

from fronts.desk.channel import answers, queries, seen_by

pytestmark = pytest.mark.usefixtures("desk")
IMPORTERS = {"chief": 200, "finance": 404, "auditor": 200, "manager": 404, "member": 404, "nobody": 404}


def test_each_import_says_what_became_of_its_rows() -> None:
    page = seen_by("chief").get("/imports/").text
    assert "sales.csv" in page
    assert '<a class="unmet" href="/imports/1/">1</a>' in page
    assert "enregistré" in seen_by("chief", "fr").get("/imports/").text


def test_whoever_imports_nothing_finds_no_such_page() -> None:
    assert answers("/imports/") == IMPORTERS
    assert answers("/imports/1/") == IMPORTERS
    assert set(answers("/imports/99/").values()) == {404}
    assert set(answers(f"/imports/{10**30}/").values()) == {404}


def test_so_many_queries() -> None:
    assert queries(seen_by("chief"), "/imports/") == 4
