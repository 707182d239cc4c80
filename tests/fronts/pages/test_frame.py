"""The frame of every page: language, headers, errors."""

from __future__ import annotations

import re

import pytest
from django.test import RequestFactory

from fronts.pages.signed_in import account, browser
from hanse.fronts.pages import assets, errors

pytestmark = pytest.mark.usefixtures("database")


def test_the_language_is_the_chosen_one_else_the_account_s_else_the_browser_s() -> None:
    client = browser(language="fr")
    del client.cookies["hanse-language"]
    assert '<html lang="fr">' in client.get("/login/").text
    client = browser(account("ann@bleu.example"), language="fr")
    del client.cookies["hanse-language"]
    assert '<html lang="en">' in client.get("/nothing/").text
    answer = client.post("/language/", {"language": "fr", "next": "/nothing/?a=1"})
    assert (answer.status_code, answer["Location"]) == (302, "/nothing/?a=1")
    page = client.get("/nothing/?a=1")
    assert page["Content-Language"] == "fr"
    assert "Cette page n’existe pas" in page.text
    assert 'name="next" value="/nothing/?a=1"' in page.text


def test_choosing_a_language_leads_nowhere_else_and_to_no_other_language() -> None:
    client = browser()
    del client.cookies["hanse-language"]
    answer = client.post("/language/", {"language": "xx", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"
    assert "hanse-language" not in answer.cookies
    assert client.get("/language/").status_code == 405


def test_nothing_runs_in_a_page_but_our_own_files() -> None:
    answer = browser().get("/login/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|style=|<script(?![^>]* src=)|\son\w+=", answer.text)
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_what_is_shown_to_who_has_signed_in_is_kept_by_no_cache() -> None:
    answer = browser(account("ann@bleu.example", "partner_member", partner="P-2")).get("/standing/")
    assert "no-store" in answer["Cache-Control"]


def test_built_files_are_served_compressed_and_for_ever() -> None:
    for name in ("pages.css", "pages.js", "charts.js"):
        answer = browser().get(assets.address_of(name), HTTP_ACCEPT_ENCODING="br")
        assert answer.status_code == 200
        assert answer["Content-Encoding"] == "br"
        assert "immutable" in answer["Cache-Control"]
        answer.close()


def test_an_error_of_ours_says_what_to_do_and_gives_nothing_away() -> None:
    request = RequestFactory(SERVER_NAME="localhost").get("/")
    page = errors.broken(request)
    assert page.status_code == 500
    assert "Something broke on our side" in page.text
    assert "Traceback" not in page.text


def test_watchers_are_answered() -> None:
    assert browser().get("/alive/").text == "alive\n"
