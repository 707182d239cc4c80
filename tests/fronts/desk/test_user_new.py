"""Somebody is invited: an account, a role, a link; what is refused stays typed."""

from __future__ import annotations

import pytest

from fronts.desk.channel import BLEU, answers, seen_by
from hanse.apps.accounts.actors import actor_of
from hanse.apps.accounts.models import User

pytestmark = pytest.mark.usefixtures("desk")
ANN = {
    "username": "Ann@Bleu.example", "name": "Ann Bleu", "language": "fr", "role": "partner_administrator",
    "partner": BLEU, "why": "the firm asked",
}  # fmt: skip


def test_who_is_invited_has_the_role_and_a_link_that_is_shown_once() -> None:
    chief = seen_by("chief")
    answer = chief.post("/users/new/", ANN)
    assert answer.status_code == 302
    page = chief.get(answer["Location"]).text
    assert "Hand this link on to ann@bleu.example" in page
    assert "Ann Bleu" in page
    assert "Hand this link on" not in chief.get("/users/").text
    assert actor_of("ann@bleu.example").administers == {BLEU}
    assert User.objects.get(username="ann@bleu.example").language == "fr"


def test_what_is_refused_stays_typed() -> None:
    answer = seen_by("chief").post("/users/new/", ANN | {"username": "zoe@bleu.example", "partner": "P-99"})
    assert answer.status_code == 400
    assert "there is no partner &#x27;P-99&#x27;" in answer.text
    assert 'value="zoe@bleu.example"' in answer.text
    assert not User.objects.filter(username="zoe@bleu.example").exists()


def test_the_address_fills_the_form_in() -> None:
    page = seen_by("chief").get(f"/users/new/?partner={BLEU}&role=partner_administrator").text
    assert f'value="{BLEU}"' in page
    assert '<option value="partner_administrator" selected>' in page


def test_it_is_for_the_programme() -> None:
    expected = {"chief": 200, "finance": 404, "auditor": 404, "manager": 404, "member": 404, "nobody": 404}
    assert answers("/users/new/") == expected


def test_it_speaks_french() -> None:
    assert "Inviter quelqu’un" in seen_by("chief", "fr").get("/users/new/").text
