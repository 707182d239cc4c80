"""What a file would do before it does it: counts, refused rows, partners, levels that would move; then it is done."""

from __future__ import annotations

import pytest

from fronts.desk.channel import BLEU, answers, queries, seen_by
from fronts.desk.dropping import csv, imported, on_its_way, sold, with_errors, workbook
from hanse.apps.accounts.actors import operator
from hanse.apps.evidence.selectors import facts_of

pytestmark = pytest.mark.usefixtures("desk")


def customers(partner: str = BLEU) -> set[str]:
    return {str(row["customer"]) for row in facts_of(operator(), partner, "sales")}


def test_a_file_with_errors_is_tried_and_then_imported() -> None:
    client = seen_by("chief")
    where = on_its_way(client, "april.csv", with_errors("T"))
    assert client.get(where)["Location"] == f"{where}trial/"
    page = client.get(f"{where}trial/").text
    assert "Nothing is recorded yet." in page
    assert "2 rows would be refused" in page
    assert "write an existing day like 2017-06-30" in page
    assert "2 partners are touched" in page
    assert "Port Bleu" in page
    assert not {"T-1", "T-2"} & customers()
    page = seen_by("chief", "fr").get(f"{where}trial/").text
    assert "2 lignes seraient refusées" in page
    answer = client.post(f"{where}trial/", {"reason": "the figures of April"})
    assert answer["Location"] == where
    done = client.get(where)["Location"]
    page = client.get(done).text
    assert "april.csv is imported as import" in page
    assert "the figures of April" in page
    assert "T-1" in customers()


def test_a_level_that_would_move_is_foreseen_and_moves() -> None:
    client = seen_by("chief")
    content = workbook([sold("R-1", amount="90000", on="2026-06-01")])
    where = on_its_way(client, "june.xlsx", content)
    page = client.get(f"{where}trial/").text
    assert "Levels that would move" in page
    assert "Port Bleu" in page
    assert "Member" in page
    assert "Silver" in page
    client.post(f"{where}trial/")
    client.get(where)
    assert "Silver" in client.get(f"/partners/{BLEU}/").text.partition("What")[0]


def test_the_same_file_again_would_change_nothing() -> None:
    client = seen_by("chief")
    content = csv([sold("S-1")])
    first = imported(client, "same.csv", content)
    where = on_its_way(client, "same again.csv", content)
    page = client.get(f"{where}trial/").text
    assert "importing it again would change nothing" in page
    assert f'href="{first}"' in page


def test_only_who_imports_sees_it() -> None:
    where = on_its_way(seen_by("chief"), "seen.csv", csv([sold("V-1")]))
    seen = {"chief": 200, "finance": 404, "auditor": 200, "manager": 404, "member": 404, "nobody": 404}
    assert answers(f"{where}trial/") == seen
    assert seen_by("auditor").post(f"{where}trial/").status_code == 403
    assert set(answers("/imports/files/999999/trial/").values()) == {404}
    assert set(answers(f"/imports/files/{10**30}/trial/").values()) == {404}


def test_so_many_queries() -> None:
    client = seen_by("chief")
    where = on_its_way(client, "count.csv", with_errors("Q"))
    assert queries(client, f"{where}trial/") <= 8
