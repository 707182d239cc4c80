"""Sessions: begun anew at sign-in, ended for good at sign-out, and by a new password, a lost account, a lost role."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from fronts.pages.signed_in import PASSWORD, account, browser
from hanse.apps.accounts.actors import operator
from hanse.apps.accounts.services import password_set, role_end, user_deactivate

pytestmark = pytest.mark.usefixtures("database")
ANN = "ann@bleu.example"
STANDING = "/partners/"  # of the vendor alone


def signed_in(client: Client, password: str = PASSWORD) -> Client:
    answer = client.post("/login/", {"login": ANN, "password": password})
    assert answer.status_code == 302, answer.text
    return client


def key_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def test_a_session_from_before_signing_in_is_not_the_one_after() -> None:
    account(ANN, "finance")
    client = browser()
    client.cookies[settings.SESSION_COOKIE_NAME] = "k" * 32  # as somebody else might have planted it
    client.get("/login/")
    signed_in(client)
    assert key_of(client) != "k" * 32
    assert not Session.objects.filter(session_key="k" * 32).exists()
    other = browser()
    other.cookies[settings.SESSION_COOKIE_NAME] = "k" * 32
    assert other.get(STANDING).status_code == 302


def test_signing_in_again_begins_another_session() -> None:
    account(ANN, "finance")
    client = signed_in(browser())
    first = key_of(client)
    client.post("/logout/")
    assert not Session.objects.filter(session_key=first).exists()
    signed_in(client)
    assert key_of(client) != first
    stolen = browser()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = first
    assert stolen.get(STANDING).status_code == 302


def test_a_new_password_ends_every_session() -> None:
    account(ANN, "finance")
    client, elsewhere = signed_in(browser()), signed_in(browser())
    password_set(actor=operator(), username=ANN, password="four other words now")
    assert client.get(STANDING).status_code == elsewhere.get(STANDING).status_code == 302
    assert browser().post("/login/", {"login": ANN, "password": PASSWORD}).status_code == 200
    assert signed_in(browser(), "four other words now").get(STANDING).status_code == 200


def test_who_is_deactivated_is_out_at_once() -> None:
    account(ANN, "finance")
    client = signed_in(browser())
    assert client.get(STANDING).status_code == 200
    user_deactivate(actor=operator(), username=ANN, why="has left")
    assert client.get(STANDING).status_code == 302
    refused = browser()
    assert refused.post("/login/", {"login": ANN, "password": PASSWORD})["Location"] == "/inactive/"
    assert refused.get(STANDING).status_code == 302


def test_a_role_that_ends_is_gone_with_the_next_page() -> None:
    account(ANN, "finance")
    client = signed_in(browser())
    role_end(actor=operator(), username=ANN, role="finance", why="has changed teams")
    assert client.get(STANDING).status_code == 404


def test_a_session_ends_by_itself() -> None:
    account(ANN, "finance")
    client = signed_in(browser())
    kept = Session.objects.get(session_key=key_of(client))
    assert kept.expire_date <= timezone.now() + timedelta(hours=12)
    assert client.cookies[settings.SESSION_COOKIE_NAME]["expires"] == ""  # the browser's end is the session's
    kept.expire_date = timezone.now() - timedelta(seconds=1)
    kept.save()
    assert client.get(STANDING).status_code == 302


def test_cookies_are_kept_from_scripts_and_from_other_sites() -> None:
    account(ANN, "finance")
    client = browser()
    client.get("/login/")
    signed_in(client)
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        cookie = client.cookies[name]
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name
        assert cookie["path"] == "/", name
        assert not cookie["domain"], name


def test_a_key_of_a_session_is_long_and_says_nothing() -> None:
    account(ANN, "finance")
    keys = {key_of(signed_in(browser())) for _ in range(3)}
    assert len(keys) == 3
    assert all(len(key) >= 32 and key.isalnum() and "ann" not in key for key in keys)


def test_nobody_learns_who_has_an_account() -> None:
    account(ANN, "finance")
    said = []
    for name in (ANN, "eve@bleu.example"):
        answer = browser().post("/login/", {"login": name, "password": "guessed at random"})
        page = re.sub(r'value="\w{64}"', "", answer.text.replace(name, "NAME"))
        said.append((answer.status_code, page))
    assert said[0] == said[1]


def test_passwords_are_kept_as_scrypt() -> None:
    from hanse.apps.accounts.models import User

    account(ANN)
    assert User.objects.get(username=ANN).password.startswith("scrypt$")
