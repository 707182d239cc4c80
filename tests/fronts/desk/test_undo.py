"""Taking an import back: what it takes back, the reason, and the standings that follow."""

from __future__ import annotations

import pytest

from fronts.desk.channel import BLEU, answers, seen_by
from fronts.desk.dropping import csv, imported, sold

pytestmark = pytest.mark.usefixtures("desk")


def test_an_import_is_taken_back_with_a_reason_and_the_level_follows() -> None:
    client = seen_by("chief")
    where = imported(client, "big.csv", csv([sold("U-1", amount="90000", on="2026-06-01")]))
    assert "Silver" in client.get(f"/partners/{BLEU}/").text.partition("<h2>")[0]
    page = client.get(f"{where}undo/").text
    assert "Facts that count no longer" in page
    assert "Port Bleu" in page
    answer = client.post(f"{where}undo/", {"why": " "})
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.text
    answer = client.post(f"{where}undo/", {"why": "the wrong month"}, follow=True)
    assert "is taken back: 1 fact counts no longer." in answer.text
    assert "Port Bleu: Silver → Member" in answer.text
    assert (
        "Silver"
        not in client.get(f"/partners/{BLEU}/")
        .text.partition("<h2>")[0]
        .partition("panel")[2]
        .partition("For Silver")[0]
    )
    assert client.get(f"{where}undo/")["Location"] == where


def test_only_who_imports_takes_back() -> None:
    where = imported(seen_by("chief"), "who.csv", csv([sold("W-1")]))
    seen = {"chief": 200, "finance": 404, "auditor": 404, "manager": 404, "member": 404, "nobody": 404}
    assert answers(f"{where}undo/") == seen
    assert set(answers("/imports/999/undo/").values()) == {404}
