"""Refused rows mended in the page or in a file, and imported under the same source."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fronts.desk.channel import BLEU, answers, seen_by
from fronts.desk.dropping import csv, imported, sold, with_errors
from hanse.apps.accounts.actors import operator
from hanse.apps.evidence.selectors import facts_of
from hanse.apps.imports import selectors

pytestmark = pytest.mark.usefixtures("desk")


def cells(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(cell-\d+-\d+)" value="([^"]*)"', page))


def customers() -> set[str]:
    return {str(row["customer"]) for row in facts_of(operator(), BLEU, "sales")}


def test_mended_rows_are_imported_and_the_others_stay() -> None:
    client = seen_by("chief")
    where = imported(client, "april.csv", with_errors("M"), source="the shop")
    page = client.get(f"{where}mend/").text
    assert "Line 4" in page
    form = cells(page)
    day = next(name for name, value in form.items() if value == "2026-04-31")
    answer = client.post(f"{where}mend/", form | {day: "2026-04-30", "sheet": ""})
    mended = client.get(answer["Location"])["Location"]
    page = client.get(mended).text
    assert "1 row was mended and imported." in page
    assert f'href="{where}"' in page
    assert "M-3" in customers()
    assert "M-4" not in customers()
    number = int(mended.strip("/").rpartition("/")[2])
    assert selectors.import_of(operator(), number)["source"] == "the shop"
    page = client.get(f"{where}mend/").text
    assert "Line 4" not in page
    assert "Line 5" in page
    assert "mended 1 row" in client.get(where).text
    client.post(f"{mended}undo/", {"why": "no"})
    assert "Line 4" in client.get(f"{where}mend/").text


def test_a_row_mended_wrongly_is_refused_again() -> None:
    client = seen_by("chief")
    where = imported(client, "wrong.csv", csv([sold("W-1", on="2026-02-30"), sold("W-2", amount="x")]))
    form = cells(client.get(f"{where}mend/").text)
    day = next(name for name, value in form.items() if value == "2026-02-30")
    amount = next(name for name, value in form.items() if value == "x")
    answer = client.post(f"{where}mend/", form | {day: "2026-02-29", amount: "5", "sheet": ""})
    page = client.get(client.get(answer["Location"])["Location"]).text
    assert "1 row was mended and imported." in page
    assert "1 is still refused." in page


def test_nothing_changed_is_said_and_what_was_typed_stays() -> None:
    client = seen_by("chief")
    where = imported(client, "same.csv", with_errors("S"))
    form = cells(client.get(f"{where}mend/").text)
    answer = client.post(f"{where}mend/", form | {"sheet": ""})
    assert answer.status_code == 400
    assert "no row has been changed" in answer.text
    assert cells(answer.text) == form
    assert set(form) == set(cells(client.post(f"{where}mend/", {"cell-999-0": "x"}).text))


def test_in_a_file() -> None:
    client = seen_by("chief")
    where = imported(client, "file.csv", with_errors("F"), source="the shop")
    given = client.get(f"{where}refused.csv").content.decode("utf-8-sig")
    assert given.splitlines()[0] == "partner,on,amount,currency,customer,what is wrong,why,remedy"
    mended = given.replace("2026-04-31", "2026-04-30").replace(",ten,", ",10,")
    answer = client.post(f"{where}mend/", {"files": SimpleUploadedFile("mended.csv", mended.encode())})
    upload = answer["Location"]
    assert client.get(upload)["Location"] == f"{upload}trial/"
    client.post(f"{upload}trial/")
    assert {"F-3", "F-4"} <= customers()
    assert "There is nothing left to mend." in client.get(f"{where}mend/").text


def test_only_who_imports_mends() -> None:
    where = imported(seen_by("chief"), "who.csv", with_errors("O"))
    seen = {"chief": 200, "finance": 404, "auditor": 404, "manager": 404, "member": 404, "nobody": 404}
    assert answers(f"{where}mend/") == seen
    assert set(answers(f"/imports/{10**30}/mend/").values()) == {404}
