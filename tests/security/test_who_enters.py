"""Every route, asked for by everybody: its roles find it, a stranger is asked to sign in, others find nothing."""

from __future__ import annotations

import pytest

from fronts import addresses, world
from fronts.addresses import ADDRESSES, CHIEF, PARTNER, VARIANTS, Address
from fronts.pages.signed_in import browser
from hanse.apps.accounts import roles
from hanse.apps.accounts.policy import ANYBODY
from hanse.apps.audit import selectors as trail
from hanse.config.urls import ROUTES
from hanse.fronts.pages.routes import PUBLIC, Route

pytestmark = pytest.mark.usefixtures("two_firms")
EVERYBODY = ["", *world.HELD]
ANSWERS = {"page": {200}, "file": {200}, "act": {405}, "signal": {200}}


def test_every_route_has_an_example_address() -> None:
    assert addresses.missing() == set(), "add them to tests/fronts/addresses.py"
    assert addresses.stale() == set()


def test_every_role_is_somebody() -> None:
    assert {held.get("role") for held in world.HELD.values()} == roles.ALL | {None}


def test_every_kind_of_fact_is_there() -> None:
    assert world.every_kind_of_fact() == set()


@pytest.mark.parametrize("name", EVERYBODY, ids=lambda name: name or "stranger")
def test_each_route_answers_as_the_table_says(name: str) -> None:
    client = browser(world.address(name) if name else "")
    client.raise_request_exception = False
    wrong = []
    for route in ROUTES:
        one = ADDRESSES[route.name]
        answer = client.get(one.path)
        if answer.status_code not in expected(route, one, name):
            wrong.append(f"{route.name}: {one.path} is answered with {answer.status_code}")
        if not name and route.roles != PUBLIC and not answer.headers.get("Location", "").startswith("/login/?next="):
            wrong.append(f"{route.name}: a stranger is not asked to sign in")
    assert wrong == []


@pytest.mark.parametrize("name", ["", "channel_chief", "administrator.zephyr"], ids=lambda name: name or "stranger")
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "INVENTED"])
def test_other_methods_are_refused(method: str, name: str) -> None:
    client = browser(world.address(name) if name else "")
    for one in ADDRESSES.values():
        answer = client.generic(method, one.path)
        assert answer.status_code in (302, 404, 405), (one.path, answer.status_code)
        if answer.status_code == 302:
            assert answer["Location"].startswith("/login/"), one.path


def test_looking_changes_nothing() -> None:
    before = trail.verify().head
    for name, one in ADDRESSES.items():
        if name != "account_logout":
            client = browser(world.address(one.by) if one.by else "")
            client.get(one.path)
            client.head(one.path)
    assert trail.verify().head == before


def test_who_sees_as_a_partner_sees_every_page_of_it_and_no_other_firm() -> None:
    client = browser(world.address(CHIEF))
    assert client.post(ADDRESSES["see_as"].path, {"why": "they asked for help"}).status_code == 302
    for one in (*ADDRESSES.values(), *VARIANTS.values()):
        if one.by == PARTNER:
            answer = client.get(one.path)
            assert answer.status_code == one.status, one.path
            assert world.strange(PARTNER, answer.getvalue().decode("utf-8", "replace"), one.path) == set(), one.path
    assert client.get("/partners/").status_code == 404
    assert client.post("/colleagues/", {"act": "invite"}).status_code == 403


def expected(route: Route, one: Address, name: str) -> set[int]:
    """What may be answered, by the table of routes and by whom the address is about."""
    if route.roles == PUBLIC:
        return ANSWERS[one.kind] | {302, one.status}
    if not name:
        return {302}
    role = world.HELD[name].get("role", "")
    hidden = one.status == 404 or name in one.but_not or (one.about and one.about not in world.SEES[name])
    found = {404} if hidden else ANSWERS[one.kind]
    if route.roles == ANYBODY or role in route.roles:
        return found
    # another route of the same path may let this role in; its own example says to what
    others = [other for other in ROUTES if other.path == route.path and role in other.roles]
    return found | {404} if others else {404}
