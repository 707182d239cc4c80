"""One account: a role is given and ended, the account closed and opened, a link made; what is refused stays typed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from fronts.desk.channel import BLEU, address, answers, seen_by
from fronts.pages.signed_in import account, browser
from hanse.apps.accounts.actors import actor_of, operator
from hanse.apps.accounts.models import Membership, User
from hanse.apps.accounts.services import role_grant, user_add
from hanse.apps.audit import selectors as trail

pytestmark = pytest.mark.usefixtures("desk")


def page_of(username: str) -> str:
    return f"/users/{User.objects.get(username=username).uuid}/"


def sent(client: Client, username: str, act: str, **given: Any) -> Any:
    return client.post(page_of(username), {"act": act, **{f"{act}-{name}": value for name, value in given.items()}})


def test_a_role_is_given_and_ended_and_both_say_why() -> None:
    name = user_add(actor=operator(), username="ann@bleu.example")
    chief = seen_by("chief")
    answer = sent(chief, name, "grant", role="partner_member", partner=BLEU, why="works at Port Bleu")
    assert (answer.status_code, answer["Location"]) == (302, page_of(name))
    assert actor_of(name).partners == {BLEU}
    page = chief.get(page_of(name)).text
    assert "The role was given." in page
    assert "given by chief@vendor.example" in page
    assert "works at Port Bleu" in page
    assert sent(chief, name, "end", role="partner_member", partner=BLEU, why="left").status_code == 302
    assert actor_of(name).roles == frozenset()
    assert "left" in chief.get(page_of(name)).text
    (held,) = Membership.objects.filter(user__username=name)
    assert (held.why, held.ended_why) == ("works at Port Bleu", "left")
    assert [e.action for e in trail.entries(operator(), subject=f"user:{name}")][:2] == [
        "accounts.role_end",
        "accounts.role_grant",
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"role": "partner_member", "partner": "", "why": "x"}, "do not go together"),
        ({"role": "partner_member", "partner": "P-22", "why": "x"}, "there is no partner &#x27;P-22&#x27;"),
        ({"role": "partner_manager", "countries": "France", "why": "x"}, "is no country"),
        ({"role": "finance", "since": "2026-05-01", "until": "2026-04-01", "why": "x"}, "the role would never hold"),
        ({"role": "finance", "since": "31.12.", "why": "x"}, "Enter a valid date"),
        ({"role": "finance"}, "This field is required"),
        ({"role": "king", "why": "x"}, "is not one of the available choices"),
    ],
)
def test_what_is_refused_is_said_beside_its_field_and_stays_typed(given: dict[str, str], said: str) -> None:
    answer = sent(seen_by("chief"), address("nobody"), "grant", **given)
    assert answer.status_code == 400
    assert said in answer.text
    assert "aria-invalid" in answer.text
    for value in set(given.values()) - {"king"}:
        assert f'value="{value}"' in answer.text
    assert actor_of(address("nobody")).roles == frozenset()


def test_an_account_is_closed_and_opened_again() -> None:
    name = account("bob@bleu.example", "partner_member", partner=BLEU)
    chief = seen_by("chief")
    assert sent(chief, name, "close", why="").status_code == 400
    assert sent(chief, name, "close", why="left").status_code == 302
    assert browser(name).get("/")["Location"].startswith("/login/")
    assert "Open this account again" in chief.get(page_of(name)).text
    assert sent(chief, name, "open", why="is back").status_code == 302
    assert User.objects.get(username=name).is_active


def test_a_link_is_shown_once() -> None:
    name = user_add(actor=operator(), username="eve@bleu.example")
    role_grant(actor=operator(), username=name, role="partner_member", partner=BLEU)
    chief = seen_by("chief")
    assert chief.post(page_of(name), {"act": "link"}).status_code == 302
    first = chief.get(page_of(name)).text
    assert "Hand this link on to eve@bleu.example" in first
    assert "http://localhost/" in first
    assert "Hand this link on" not in chief.get(page_of(name)).text


def test_nobody_does_what_they_may_not() -> None:
    for name in ("finance", "auditor", "manager"):
        client = seen_by(name)
        page = client.get(page_of(address("member"))).text
        assert "Give a role" not in page
        assert "Close this account" not in page
        assert sent(client, address("member"), "grant", role="finance", why="x").status_code == 400
        assert sent(client, address("member"), "close", why="x").status_code == 400
        assert client.post(page_of(address("member")), {"act": "link"}).status_code == 403
    own = seen_by("chief").get(page_of(address("chief"))).text
    assert "Give a role" not in own
    assert actor_of(address("member")).roles == {"partner_member"}


def test_a_strangers_user_is_not_there() -> None:
    expected = {"chief": 200, "finance": 200, "auditor": 200, "manager": 404, "member": 404, "nobody": 404}
    assert answers(page_of(address("nobody"))) == expected
    assert set(answers("/users/00000000-0000-0000-0000-000000000000/").values()) == {404}


def test_it_speaks_french() -> None:
    page = seen_by("chief", "fr").get(page_of(address("manager"))).text
    assert "Mettre fin à ce rôle" in page
    assert "France" in page
