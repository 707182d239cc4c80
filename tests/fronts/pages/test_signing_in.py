"""Signing in: with the right password, the wrong one, too many wrong ones; and what a stranger is shown."""

from __future__ import annotations

import pytest

from fronts.pages.signed_in import PASSWORD, account, browser

pytestmark = pytest.mark.usefixtures("database")


def test_a_stranger_is_asked_to_sign_in_and_led_back() -> None:
    answer = browser().get("/standing/?as-of=2026-06-30")
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/standing/%3Fas-of%3D2026-06-30")


def test_the_right_password_leads_in_whatever_the_case_of_the_address() -> None:
    account("ann@bleu.example", "partner_member", partner="P-2")
    client = browser()
    page = client.get("/login/?next=/standing/")
    assert page.status_code == 200
    assert 'name="next" value="/standing/"' in page.text
    answer = client.post("/login/", {"login": "Ann@Bleu.example", "password": PASSWORD, "next": "/standing/"})
    assert (answer.status_code, answer["Location"]) == (302, "/standing/")
    assert client.session["_auth_user_id"]
    answer = client.post("/logout/")
    assert (answer.status_code, answer["Location"]) == (302, "/login/")
    assert client.get("/standing/").status_code == 302


def test_a_wrong_password_says_so_and_keeps_the_address() -> None:
    account("ann@bleu.example")
    answer = browser().post("/login/", {"login": "ann@bleu.example", "password": "guessed"})
    assert answer.status_code == 200
    assert 'value="ann@bleu.example"' in answer.text
    assert 'role="alert"' in answer.text


def test_after_five_wrong_passwords_the_right_one_does_not_help_either() -> None:
    account("ann@bleu.example")
    account("bea@bleu.example")
    client = browser(language="fr")
    for _ in range(5):
        answer = client.post("/login/", {"login": "ann@bleu.example", "password": "guessed"})
    assert answer.status_code == 429
    answer = client.post("/login/", {"login": "ANN@bleu.example", "password": PASSWORD})
    assert answer.status_code == 429
    assert "Trop de tentatives" in answer.text
    other = client.post("/login/", {"login": "bea@bleu.example", "password": PASSWORD})
    assert other.status_code == 302


def test_nobody_makes_an_account_for_themselves() -> None:
    for path in ("/signup/", "/accounts/signup/", "/email/"):
        assert browser().get(path).status_code == 404


def test_the_address_after_signing_in_stays_on_this_site() -> None:
    account("ann@bleu.example")
    data = {"login": "ann@bleu.example", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert browser().post("/login/", data)["Location"] == "/"


def test_a_form_without_its_key_is_refused_with_a_remedy() -> None:
    client = browser()
    client.handler.enforce_csrf_checks = True
    answer = client.post("/login/", {"login": "ann@bleu.example", "password": "x"})
    assert answer.status_code == 403
    assert "send it once more" in answer.text
