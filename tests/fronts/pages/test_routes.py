"""The table of routes: every page stands in it with its roles, and nobody else enters."""

from __future__ import annotations

import pytest
from django.urls import get_resolver

from fronts.pages.signed_in import account, browser
from hanse.apps.accounts import roles
from hanse.apps.accounts.policy import ANYBODY
from hanse.config.urls import ROUTES
from hanse.fronts.pages.routes import PUBLIC, Route, loaded, patterns

PLAIN = [route for route in ROUTES if "<" not in route.path]
HELD = {role: {"countries": ["FR"]} if role == roles.SCOPED else {} for role in roles.VENDOR}
HELD |= {role: {"partner": "P-2"} for role in roles.PARTNER}


def test_every_address_stands_in_the_table() -> None:
    listed = {(route.path, route.name) for route in ROUTES}
    served = {(str(one.pattern), getattr(one, "name", None)) for one in get_resolver().url_patterns}
    assert served == listed


def test_every_route_has_roles_that_exist_a_name_of_its_own_and_a_view() -> None:
    names = [route.name for route in ROUTES]
    assert len(names) == len(set(names))
    for route in ROUTES:
        assert route.roles, f"{route.name} names no role"
        assert route.roles in (PUBLIC, ANYBODY) or route.roles <= roles.ALL, route.name
        assert callable(loaded(route.view)), route.name


def test_a_path_in_both_tables_leads_each_role_to_one_page() -> None:
    for path in {route.path for route in ROUTES}:
        listed = [route for route in ROUTES if route.path == path]
        for one in listed:
            for other in listed:
                assert one is other or not (one.roles & other.roles), f"{one.name} and {other.name}"


def test_a_route_without_roles_is_refused() -> None:
    with pytest.raises(ValueError, match="names no role"):
        patterns([Route("secret/", "secret", "hanse.fronts.pages.alive.alive", frozenset())])


@pytest.mark.usefixtures("database")
def test_a_stranger_is_asked_to_sign_in_whatever_the_page() -> None:
    client = browser()
    for route in PLAIN:
        if route.roles != PUBLIC:
            answer = client.get(f"/{route.path}")
            assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/login/"), route.name


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("role", sorted(roles.ALL))
def test_a_role_that_may_not_enter_finds_no_page(role: str) -> None:
    client = browser(account("ann@bleu.example", role, **HELD[role]))
    for path in {route.path for route in PLAIN}:
        allowed = [r for r in PLAIN if r.path == path and (r.roles in (PUBLIC, ANYBODY) or role in r.roles)]
        if not allowed:
            assert client.get(f"/{path}").status_code == 404, path


@pytest.mark.usefixtures("database")
def test_who_has_no_role_any_more_finds_nothing() -> None:
    client = browser(account("ann@bleu.example"))
    for path in ("/", "/standing/"):
        assert client.get(path).status_code == 404
