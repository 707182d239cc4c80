"""The list as a file: all of what is wanted, in order, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io

import pytest

from fronts.desk.channel import EDITION, answers, seen_by
from hanse.apps.accounts.actors import operator
from hanse.apps.standings import lists
from hanse.apps.standings.lists import Wanted
from hanse.fronts.pages.sheet import harmless

pytestmark = pytest.mark.usefixtures("desk")


def exported(path: str, name: str = "chief") -> list[dict[str, str]]:
    answer = seen_by(name).get(path)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "partners-quay-2025-2026-06-30.csv" in answer["Content-Disposition"]
    text = answer.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_all_that_is_wanted_in_order() -> None:
    rows = exported("/partners.csv?sort=level&down=1")
    assert [row["partner"] for row in rows] == ["P-2", "P-1", "P-3"]
    bleu = rows[0]
    assert (bleu["name"], bleu["level"], bleu["next_level"], bleu["decides"]) == (
        "Port Bleu",
        "member",
        "silver",
        "revenue",
    )
    assert (float(bleu["actual"]), float(bleu["needed"])) == (19010, 20000)
    assert [row["partner"] for row in exported("/partners.csv?country=DE")] == ["P-1"]
    assert [row["partner"] for row in exported("/partners.csv", "manager")] == ["P-3", "P-2"]


def test_it_is_read_a_piece_at_a_time() -> None:
    whole = list(lists.every_partner(actor=operator(), wanted=Wanted(EDITION)))
    assert list(lists.every_partner(actor=operator(), wanted=Wanted(EDITION), at_once=1)) == whole


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert (harmless("a=b"), harmless(-1.5), harmless(None)) == ("a=b", -1.5, None)


def test_a_stranger_gets_no_file() -> None:
    found = answers("/partners.csv")
    assert {name for name, status in found.items() if status == 404} == {"member", "nobody"}
