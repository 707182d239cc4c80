"""A forgotten password: one answer for everybody, a letter for whom there is, a limit; without mail whom to ask."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import override_settings

from fronts.pages.signed_in import account, browser

ANN = "ann@bleu.example"

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def ann(database: None) -> None:
    cache.clear()
    account(ANN, "partner_member", partner="P-2")


@pytest.fixture
def mails() -> Iterator[None]:
    with override_settings(HANSE_SENDS_MAIL=True):
        yield


def jobs() -> list[dict[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT args::text FROM procrastinate_jobs WHERE task_name LIKE '%send_forgotten' ORDER BY id")
        return [json.loads(row[0]) for row in cursor.fetchall()]


@pytest.mark.usefixtures("mails")
def test_everybody_is_answered_alike() -> None:
    answers = [browser().post("/forgotten/", {"username": who}) for who in (ANN, "nobody@bleu.example")]
    pages = [re.sub(r'value="\w{64}"', "", answer.text) for answer in answers]  # but for the key of the form
    assert pages[0] == pages[1]
    assert "If there is an account" in pages[0]
    assert [job["username"] for job in jobs()] == [ANN, "nobody@bleu.example"]
    assert jobs()[0]["address"] == "http://localhost/invitation/{token}/"


@pytest.mark.usefixtures("mails")
def test_one_place_asks_so_often_and_no_more() -> None:
    client = browser()
    answers = [client.post("/forgotten/", {"username": f"n{n}@bleu.example"}).status_code for n in range(12)]
    assert answers == [200] * 10 + [429] * 2
    assert len(jobs()) == 10


@pytest.mark.usefixtures("mails")
def test_what_is_no_address_is_said_to_be_none() -> None:
    answer = browser(language="fr").post("/forgotten/", {"username": "nobody"})
    assert answer.status_code == 400
    assert jobs() == []


def test_without_mail_the_page_says_whom_to_ask() -> None:
    assert "Ask an administrator of your firm" in browser().get("/forgotten/").text
    browser().post("/forgotten/", {"username": ANN})
    assert jobs() == []


def test_a_link_that_does_not_work_says_what_to_do() -> None:
    for language, says in (("en", "This link does not work"), ("fr", "Ce lien ne fonctionne pas")):
        answer = browser(language=language).get("/invitation/made-up/")
        assert answer.status_code == 404
        assert says in answer.text
