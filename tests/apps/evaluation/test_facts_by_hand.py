"""Facts recorded, corrected, waived, approved and erased at the command line, and what became of the levels."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from apps.conftest import Installation
from apps.quay import BLEU, NORDLICHT, SALT, facts, installed, sale
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation.services import evaluate


@pytest.fixture
def quay(installation: Installation, tmp_path: Path) -> Installation:
    """The programme in force, its partners on record, everybody judged on the last day of two months."""
    installed(tmp_path / "quay")
    facts()
    for day in (date(2026, 5, 31), date(2026, 6, 30)):
        evaluate(actor=operator(), edition="quay/2026", as_of=day)
    return installation


def told(quay: Installation, *call: object) -> Any:
    return json.loads(quay.run(*call, "--json"))


def level(quay: Installation, partner: str) -> str:
    return str(told(quay, "explain", partner)["level"])


def test_a_fact_recorded_and_corrected_moves_the_level_and_leaves_its_history(quay: Installation) -> None:
    assert level(quay, BLEU) == "member"
    words = [f"{column}={value}" for column, value in sale(BLEU, "25000").items()]
    made = told(quay, "facts", "record", "sales", *words, "--source", "phone call")
    assert level(quay, BLEU) == "silver"
    (fact,) = made["facts"]["sales"]
    quay.run("facts", "correct", "sales", fact, "amount=2500", "--why", "typed wrong")
    assert level(quay, BLEU) == "member"
    listed = {row["amount"] for row in told(quay, "facts", "list", BLEU, "sales")}
    assert listed == {"500.0000", "2500.0000"}
    quay.run("facts", "correct", "sales", fact, "--hide", "--why", "again", fails=2)  # it counts no longer
    moves = told(quay, "history", BLEU)
    assert [(m["level_before"], m["level_after"]) for m in moves] == [
        (None, "member"),
        ("member", "silver"),
        ("silver", "member"),
    ]
    assert "Member → Silver" in quay.run("history", BLEU)


def test_the_history_of_a_thing_names_all_that_was_said(quay: Installation) -> None:
    quay.run("facts", "record", "partners", f"partner={BLEU}", "name=Port Bleu", "country=FR", "--why", "moved")
    (now,) = told(quay, "facts", "list", BLEU, "partners")
    # what only the file knew of the firm is kept: so the golden record says the new name with it
    assert (now["name"], now["country"], now["source"]) == ("Port Bleu", "FR", "golden record")
    said = told(quay, "facts", "history", "partners", now["fact"])
    assert [(row["name"], row["source"], row["counts"]) for row in said] == [
        (BLEU, "test", False), ("Port Bleu", "command line", False), ("Port Bleu", "golden record", True),
    ]  # fmt: skip


def test_a_waiver_grants_what_the_numbers_do_not(quay: Installation) -> None:
    period = ("--since", "2026-06-01", "--until", "2026-12-31")
    quay.run("facts", "waive", BLEU, "level:silver", *period, "--why", "board decision")
    explained = told(quay, "explain", BLEU, "--behind")
    assert (explained["level"], explained["granted"]) == ("member", "silver")
    assert [(e["subject"], e["reason"]) for e in explained["exceptions"]] == [("level:silver", "board decision")]
    quay.run("facts", "waive", BLEU, "silver:revenue", *period, "--why", "a hard year")
    assert level(quay, BLEU) == "silver"
    assert "did you mean 'silver:revenue'" in quay.run(
        "facts", "waive", BLEU, "silver:revenu", *period, "--why", "x", fails=2
    )


def test_an_approval_lets_a_level_go_that_waits(quay: Installation) -> None:
    assert told(quay, "explain", SALT)["awaiting"] == "gold: executive_review"
    quay.run("facts", "approve", SALT, "gold: executive_review", "--why", "read and agreed")
    assert level(quay, SALT) == "gold"
    refused = quay.run("facts", "approve", NORDLICHT, "gold: executive_review", "--why", "why not", fails=2)
    assert "no level waits" in refused


def test_the_facts_behind_a_number_name_their_source_and_those_not_counted(quay: Installation, tmp_path: Path) -> None:
    file = tmp_path / "old sales.csv"
    file.write_text(f"partner,on,amount,currency\n{BLEU},2020-01-05,9000,EUR\n{BLEU},2026-02-01,700,EUR\n")
    quay.run("import", file)
    behind = told(quay, "explain", BLEU, "--behind")
    (revenue,) = [view for view in behind["facts"] if view["metric"] == "revenue"]
    assert {(row["values"]["amount"], row["file"], row["line"]) for row in revenue["first"]} == {
        (500, "test", 2), (700, "old sales.csv", 3),
    }  # fmt: skip
    (old,) = revenue["not_counted"]
    assert (old["reason"], old["first"][0]["file"], old["first"][0]["line"]) == (
        "outside the window",
        "old sales.csv",
        2,
    )


def test_levels_over_time(quay: Installation) -> None:
    days = told(quay, "levels", "quay/2026")
    assert [(d["as_of"], d["granted"]) for d in days] == [
        ("2026-05-31", {"silver": 2, "member": 1}), ("2026-06-30", {"silver": 2, "member": 1}),
    ]  # fmt: skip
    assert "2026-05-31   2026-06-30" in quay.run("levels", "quay/2026")


def test_a_person_is_erased_and_does_not_come_back(quay: Installation, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("person,partner,since\nanna@salt.example,P-3,2020-01-01\nben@salt.example,P-3,2021-01-01\n")
    quay.run("import", file)
    assert told(quay, "facts", "erase", "anna@salt.example", "--why", "request", "--yes")["people"] == 1
    people = {row["person"] for row in told(quay, "facts", "list", SALT, "people")}
    assert "anna@salt.example" not in people
    assert len(people) == 2
    assert "anna@salt.example" not in quay.run("audit", "list", "--json")
    other = tmp_path / "again.csv"
    other.write_text("person,partner,since,role\nanna@salt.example,P-3,2020-01-01,sales\n")
    (again,) = told(quay, "import", other)
    assert (again["added"], again["erased"]) == (0, 1)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (("list", BLEU, "sale"), "there is no fact table 'sale'"),
        (("record", "sales", "partner"), "'partner' has no ="),
        (("record", "sales", f"partner={BLEU}", "on=2026-13-01", "amount=x", "currency=EURO"), "'EURO' cannot be read"),
        (("correct", "sales", "1", "--why", "x"), "give what should read otherwise, or --hide"),
        (("correct", "sales", "999999", "amount=1", "--why", "x"), "there is no sales 999999"),
        (("waive", BLEU, "level:gold", "--since", "2026-06-30", "--until", "2026-06-01", "--why", "x"), "lies before the beginning"),
        (("erase", "nobody@example.com", "--why", "x", "--yes"), "no fact names this person"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(quay: Installation, call: tuple[str, ...], says: str) -> None:
    assert says in quay.run("facts", *call, fails=2)
