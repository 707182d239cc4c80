"""Seeing as somebody of a partner: the page that asks why, and the portal's pages behind it."""

from __future__ import annotations

import pytest

from fronts.desk.channel import BLEU, address, seen_by
from fronts.pages.signed_in import browser
from hanse.apps.accounts.models import User

pytestmark = pytest.mark.usefixtures("desk")


def page_of(name: str) -> str:
    return f"/users/{User.objects.get(username=address(name)).uuid}/see-as/"


def test_the_portal_is_seen_as_its_user_sees_it() -> None:
    client = seen_by("manager")
    asks = client.get(page_of("member")).text
    assert "The trail keeps that you looked" in asks
    assert client.post(page_of("member"), {"why": "a question"}).status_code == 302
    theirs = browser(address("member")).get("/standing/")
    seen = client.get("/standing/")
    assert theirs.status_code == seen.status_code == 200
    body = seen.text.partition("<h1")[2]
    assert body == theirs.text.partition("<h1")[2]
    assert "You see what member@vendor.example sees" in seen.text
    assert client.get(f"/partners/{BLEU}/").status_code == 404
    assert client.post("/seen-as/end/").status_code == 302
    assert client.get(f"/partners/{BLEU}/").status_code == 200


def test_the_partner_page_leads_there() -> None:
    page = seen_by("manager").get(f"/partners/{BLEU}/").text
    assert page_of("member") in page
    assert "/see-as/" not in seen_by("finance").get(f"/partners/{BLEU}/").text


def test_it_takes_a_reason() -> None:
    answer = seen_by("chief", "fr").post(page_of("member"), {"why": " "})
    assert answer.status_code == 400
    assert "Ce champ est obligatoire" in answer.text
