"""How a file is read: what it does not tell is asked, what is chosen holds, and nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from fronts.desk.channel import BLEU, answers, seen_by
from fronts.desk.dropping import csv, on_its_way, sold, workbook
from hanse.apps.accounts.actors import operator
from hanse.apps.evidence.selectors import facts_of

pytestmark = pytest.mark.usefixtures("desk")
TWO_AMOUNTS = ("Händler-Nr.", "Datum", "Umsatz netto", "Umsatz brutto", "Währung", "Kunde")


def chosen(page: str) -> dict[str, str]:
    """The form as a browser would send it untouched."""
    found = {}
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        marked = re.search(r'<option value="([^"]*)" selected', inside)
        found[name] = marked[1] if marked else re.findall(r'<option value="([^"]*)"', inside)[0]
    return found


def sales(customer: str) -> list[dict[str, object]]:
    return [row for row in facts_of(operator(), BLEU, "sales") if row["customer"] == customer]


def test_what_the_file_does_not_tell_is_asked_and_remembered() -> None:
    client = seen_by("chief")
    content = csv([(BLEU, "2026-04-02", "100", "119", "EUR", "M-1")], TWO_AMOUNTS)
    where = on_its_way(client, "umsatz.csv", content, source="the shop in Kiel")
    assert client.get(where)["Location"] == f"{where}columns/"
    page = client.get(f"{where}columns/").text
    assert "Which column is it: amount?" in page
    assert "could be it alike" in page
    assert "Umsatz brutto (119)" in page
    assert "Quelle colonne est-ce" in seen_by("chief", "fr").get(f"{where}columns/").text
    form = chosen(page) | {"ask-0-amount": "Umsatz netto", "remember": "1"}
    assert client.post(f"{where}columns/", form)["Location"] == where
    assert client.get(where)["Location"] == f"{where}trial/"
    client.post(f"{where}trial/")
    assert [row["amount"] for row in sales("M-1")] == [100]
    again = csv([(BLEU, "2026-05-02", "200", "238", "EUR", "M-2")], TWO_AMOUNTS)
    where = on_its_way(client, "umsatz mai.csv", again, source="the shop in Kiel")
    assert client.get(where)["Location"] == f"{where}trial/"


def test_a_question_may_be_answered_by_one_value_for_every_row() -> None:
    client = seen_by("chief")
    where = on_its_way(
        client, "usd.csv", csv([(BLEU, "2026-04-02", "7", "U-1")], ("partner", "on", "amount", "customer"))
    )
    page = client.get(f"{where}columns/").text
    assert "In which currency are the amounts?" in page
    wrong = client.post(f"{where}columns/", chosen(page) | {"value-0-currency": "XXL"})
    page = client.get(wrong["Location"]).text
    assert "XXL" in page
    client.post(f"{where}columns/", chosen(client.get(f"{where}columns/").text) | {"value-0-currency": "USD"})
    client.post(f"{where}trial/")
    assert [row["currency"] for row in sales("U-1")] == ["USD"]


def test_how_days_are_written_is_asked_where_no_row_tells() -> None:
    client = seen_by("chief")
    where = on_its_way(client, "days.csv", csv([sold("D-1", on="03/04/2026")]))
    page = client.get(f"{where}columns/").text
    assert "could be read both ways" in page
    column = next(name for name, value in chosen(page).items() if value == "on").replace("as-", "form-")
    client.post(f"{where}columns/", chosen(page) | {column: "dmy"})
    client.post(f"{where}trial/")
    assert [f"{row['on']}" for row in sales("D-1")] == ["2026-04-03"]


def test_another_table_is_recognised_anew() -> None:
    client = seen_by("chief")
    where = on_its_way(client, "board.csv", csv([(BLEU, "2026-04-02", "x")], ("partner", "on", "note")))
    page = client.get(f"{where}columns/").text
    assert "which table it is" in page
    client.post(f"{where}columns/", chosen(page) | {"table-0": "references"})
    page = client.get(f"{where}trial/").text
    assert "read as client references" in page


def test_a_sheet_may_be_left_out() -> None:
    client = seen_by("chief")
    where = on_its_way(client, "all.xlsx", workbook([sold("W-1")]))
    form = chosen(client.get(f"{where}columns/").text) | {"table-0": "none"}
    client.post(f"{where}columns/", form)
    page = client.get(where)
    assert "nothing is left to import" in page.text
    assert "Read it once more" in page.text


def test_a_column_is_read_from_one_heading_and_what_was_chosen_stays() -> None:
    client = seen_by("chief")
    where = on_its_way(client, "twice.csv", csv([sold("Z-1")]))
    form = chosen(client.get(f"{where}columns/").text) | {"as-0-4": "amount"}
    answer = client.post(f"{where}columns/", form)
    assert answer.status_code == 400
    assert "amount is chosen for 2 headings" in answer.text
    assert chosen(answer.text)["as-0-4"] == "amount"


def test_what_is_left_out_or_kept_beside_is_not_read_as_recognised() -> None:
    client = seen_by("chief")
    where = on_its_way(client, "beside.csv", csv([sold("K-1")]))
    form = chosen(client.get(f"{where}columns/").text) | {"as-0-4": "+"}
    client.post(f"{where}columns/", form)
    page = client.get(f"{where}trial/").text
    assert "Kept beside, as it is: customer" in page
    client.post(f"{where}trial/")
    assert sales("K-1") == []


def test_only_who_imports_answers() -> None:
    where = on_its_way(seen_by("chief"), "who.csv", csv([sold("Y-1")]))
    seen = {"chief": 200, "finance": 404, "auditor": 200, "manager": 404, "member": 404, "nobody": 404}
    assert answers(f"{where}columns/") == seen
    client: Client = seen_by("auditor")
    assert client.post(f"{where}columns/", chosen(client.get(f"{where}columns/").text)).status_code in (400, 403)
