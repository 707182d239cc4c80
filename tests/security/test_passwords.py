"""Passwords: what may be one, who changes one, and how it is typed."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from fronts.pages.signed_in import PASSWORD, account, browser

pytestmark = pytest.mark.usefixtures("database")
ANN = "ann@bleu.example"
ACCOUNT = "/account/"


def changed(client: Client, old: str, new: str) -> int:
    """What the page of the account answers to a wish for another password."""
    sent = {"act": "password", "old": old, "password": new, "again": new}
    return client.post(ACCOUNT, sent).status_code


def signs_in(password: str) -> bool:
    return browser().post("/login/", {"login": ANN, "password": password}).status_code == 302


@pytest.mark.parametrize(
    "password",
    ["éàü ñ £ ☃ long enough", "x" * 64 + " of words", "only lower case letters", "739105826443", "  blanks around  "],
)
def test_a_password_of_any_letters_is_taken_as_it_was_typed(password: str) -> None:
    account(ANN, "finance")
    assert changed(browser(ANN), PASSWORD, password) == 302
    assert signs_in(password)
    assert not signs_in(password.strip() if password != password.strip() else password.upper() + "x")


@pytest.mark.parametrize("password", ["password1", "iloveyou", "1234567890", "short", "ann@bleu.example"])
def test_a_usual_password_is_refused(password: str) -> None:
    account(ANN, "finance")
    assert changed(browser(ANN), PASSWORD, password) == 400
    assert signs_in(PASSWORD)


def test_a_new_password_takes_the_old_one() -> None:
    account(ANN, "finance")
    client = browser(ANN)
    assert changed(client, "not the old one", "four other words now") == 400
    assert signs_in(PASSWORD)
    assert changed(client, PASSWORD, "four other words now") == 302
    assert client.get("/partners/").status_code == 200  # this session goes on
    assert signs_in("four other words now")


def test_fields_of_passwords_are_masked_and_may_be_filled() -> None:
    account(ANN, "finance")
    for path, client in (("/login/", browser()), (ACCOUNT, browser(ANN))):
        fields = re.findall(r"<input[^>]*name=\"(?:password|old|again)\"[^>]*>", client.get(path).text)
        assert fields, path
        for field in fields:
            assert 'type="password"' in field, field
            assert re.search(r'autocomplete="(?:current|new)-password"', field), field
            assert "value=" not in field, field
            assert "onpaste" not in field, field
