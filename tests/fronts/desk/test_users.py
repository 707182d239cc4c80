"""The list of users: who is in it, its filters, and for whom."""

from __future__ import annotations

import re

import pytest

from fronts.desk.channel import BLEU, address, answers, queries, seen_by
from hanse.apps.accounts.actors import actor_of, operator
from hanse.apps.accounts.listing import Wanted
from hanse.apps.registry import members

pytestmark = pytest.mark.usefixtures("desk")
EVERYBODY = ["auditor", "chief", "finance", "manager", "member", "nobody"]


def listed(path: str, name: str = "chief") -> list[str]:
    """Who is on a page, by the first part of the address."""
    page = seen_by(name).get(path)
    assert page.status_code == 200
    return re.findall(r'<a href="/users/[-0-9a-f]{36}/">(\w+)@vendor.example</a>', page.text)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", EVERYBODY),
        ("?role=partner_manager", ["manager"]),
        ("?role=partner_member", ["member"]),
        ("?role=king", EVERYBODY),
        (f"?partner={BLEU}", ["member"]),
        ("?country=FR", ["manager", "member"]),
        ("?country=fr&role=partner_member", ["member"]),
        ("?country=DE", []),
        ("?state=new", ["auditor", "finance", "manager", "member", "nobody"]),
        ("?state=closed", []),
        ("?text=fin", ["finance"]),
        ("?text=vendor+mem", ["member"]),
        ("?text=%27%29%7C%26%3A*", EVERYBODY),
        ("?text=%00&after=%00", EVERYBODY),
        (f"?after={address('finance')}", ["manager", "member", "nobody"]),
    ],
)
def test_filters(asked: str, found: list[str]) -> None:
    assert listed(f"/users/{asked}") == found


def test_a_manager_sees_the_vendors_people_and_those_of_its_partners() -> None:
    assert listed("/users/", "manager") == ["auditor", "chief", "finance", "manager", "member"]
    assert listed("/users/?role=partner_member", "manager") == ["member"]


def test_pages_follow_one_another() -> None:
    found: list[str] = []
    page = members.user_page(actor=operator(), wanted=Wanted(), limit=4)
    assert (len(page.accounts), page.later, page.wanted) == (4, True, 6)
    found += [one.username for one in page.accounts]
    page = members.user_page(actor=operator(), wanted=Wanted(), after=found[-1], limit=4)
    assert not page.later
    assert [*found, *(one.username for one in page.accounts)] == [address(name) for name in EVERYBODY]


def test_a_partners_people_are_those_who_may_know() -> None:
    for name in ("chief", "manager", "finance"):
        (one,) = members.accounts_at(actor=actor_of(address(name)), partner=BLEU)
        assert one.username == address("member")
    assert members.accounts_at(actor=actor_of(address("member")), partner=BLEU) == []


def test_roles_are_said_in_both_languages() -> None:
    assert "partner manager" in seen_by("chief").get("/users/").text
    assert "responsable partenaires" in seen_by("chief", "fr").get("/users/").text
    assert "Invite somebody" not in seen_by("finance").get("/users/").text


def test_it_is_for_the_vendor() -> None:
    assert answers("/users/") == {
        "chief": 200,
        "finance": 200,
        "auditor": 200,
        "manager": 200,
        "member": 404,
        "nobody": 404,
    }


def test_so_many_queries() -> None:
    assert queries(seen_by("chief"), "/users/") == 8
    assert queries(seen_by("manager"), "/users/?text=a&country=FR") == 5
