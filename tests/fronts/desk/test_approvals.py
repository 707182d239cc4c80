"""What waits for somebody; a level is let go with a reason."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from apps import quay
from database import TEMPLATE, administered, connect, database_url
from fronts.desk.channel import ROLES, address, answers, queries, seen_by
from fronts.desk.dropping import csv, on_its_way
from fronts.pages.signed_in import account
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation.services import evaluate

EDITION = "quay/2026"


@pytest.fixture(scope="module", autouse=True)
def quay_side(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Three partners, one of whom waits for an executive's word."""
    name = f"hanse_{os.getpid()}_approvals"
    connect(None)
    administered(server_url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    connect(database_url(server_url, name))
    try:
        _made(tmp_path_factory.mktemp("quay"))
        yield
    finally:
        connect(None)
        administered(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def _made(folder: Path) -> None:
    quay.installed(folder)
    quay.facts()
    evaluate(actor=operator(), edition=EDITION, as_of=date(2026, 6, 30), reason="test")
    for name, held in ROLES.items():
        account(
            address(name),
            **{k: v for k, v in held.items() if k != "countries"},
            **({"countries": ["FR"]} if name == "manager" else {}),
        )  # type: ignore[arg-type]


def test_everything_that_waits_stands_in_one_place() -> None:
    client = seen_by("chief")
    on_its_way(
        client, "question.csv", csv([(quay.BLEU, "2026-04-02", "7", "U-1")], ("partner", "on", "amount", "customer"))
    )
    page = client.get("/approvals/").text
    for said in ("1 level waits for a person&#x27;s answer", "executive review", "Gold", "question.csv",
                 "asks something", "Levels not on record yet"):  # fmt: skip
        assert said in page, said
    assert "Rien" not in seen_by("chief", "fr").get("/approvals/").text
    assert "question.csv" not in seen_by("finance").get("/approvals/").text
    assert "Nothing waits for anybody." in seen_by("manager").get("/approvals/").text


def test_who_enters_and_who_approves() -> None:
    seen = {"chief": 200, "finance": 200, "auditor": 200, "manager": 200, "member": 404, "nobody": 404}
    assert answers("/approvals/") == seen
    assert 'name="why"' not in seen_by("finance").get("/approvals/").text
    yes = {"partner": quay.SALT, "edition": EDITION, "subject": "gold: executive_review", "why": "x"}
    assert seen_by("finance").post("/approvals/", yes).status_code == 403
    assert seen_by("manager").post("/approvals/", yes).status_code == 404


def test_so_many_queries() -> None:
    assert queries(seen_by("chief"), "/approvals/") <= 16


def test_without_a_reason_nothing_is_approved() -> None:
    yes = {"partner": quay.SALT, "edition": EDITION, "subject": "gold: executive_review", "why": " "}
    answer = seen_by("chief").post("/approvals/", yes)
    assert answer.status_code == 400
    assert "give a reason: it stays on record" in answer.text


def test_what_does_not_wait_is_not_approved() -> None:
    no = {"partner": quay.BLEU, "edition": EDITION, "subject": "gold: executive_review", "why": "a gift"}
    answer = seen_by("chief").post("/approvals/", no)
    assert answer.status_code == 400
    assert "no level waits for" in answer.text


def test_a_level_is_let_go_with_a_reason() -> None:
    yes = {"partner": quay.SALT, "edition": EDITION, "subject": "gold: executive_review", "why": "seen on 3 July"}
    answer = seen_by("chief").post("/approvals/", yes, follow=True)
    assert f"{quay.SALT} is approved: Silver → Gold." in answer.text
    assert "executive review" not in answer.text
