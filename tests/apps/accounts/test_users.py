"""May each role do what it should with users and roles, and nothing more; with a reason for every refusal?"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.test import RequestFactory
from django.utils import timezone

from hanse.apps.accounts import roles, services
from hanse.apps.accounts.actors import SYSTEM, Actor, actor_of, operator
from hanse.apps.accounts.policy import NotThere, Refused
from hanse.apps.accounts.selectors import Account, user, users
from hanse.apps.audit import selectors as audit
from hanse.language.problems import CallError, HanseError

CHIEF, MANAGER, SCOPED = "chief@vendor.example", "manager@vendor.example", "scoped@vendor.example"
ADMIN, MEMBER, RIVAL = "admin@p1.example", "member@p1.example", "admin@p2.example"
PASSWORD = "four words in a row"
REQUEST = RequestFactory().post("/login/")  # the locks ask where an attempt comes from

pytestmark = pytest.mark.usefixtures("database")


def added(username: str, *held: dict[str, Any]) -> str:
    services.user_add(actor=operator(), username=username)
    for role in held:
        services.role_grant(actor=operator(), username=username, **role)
    return username


@pytest.fixture(autouse=True)
def cast(database: None) -> None:
    """The vendor's people, and two firms."""
    added(CHIEF, {"role": "channel_chief"})
    added(MANAGER, {"role": "programme_manager"})
    added(SCOPED, {"role": "partner_manager", "countries": ["FR", "BE"]})
    added(ADMIN, {"role": "partner_administrator", "partner": "P-1"})
    added(MEMBER, {"role": "partner_member", "partner": "P-1"})
    added(RIVAL, {"role": "partner_administrator", "partner": "P-2"})


def held(username: str) -> list[tuple[str, str]]:
    return [(role.role, role.partner) for role in user(operator(), username).roles if role.holds]


def today() -> date:
    return timezone.now().date()


def test_actors() -> None:
    assert actor_of(CHIEF) == Actor(CHIEF, frozenset({"channel_chief"}), everywhere=True)
    assert actor_of(SCOPED) == Actor(SCOPED, frozenset({"partner_manager"}), countries=frozenset({"FR", "BE"}))
    firm = frozenset({"P-1"})
    assert actor_of(ADMIN) == Actor(ADMIN, frozenset({"partner_administrator"}), partners=firm, administers=firm)
    assert actor_of(f" {MEMBER.upper()} ") == Actor(MEMBER, frozenset({"partner_member"}), partners=firm)
    assert operator().name.startswith("operator:")
    for everybody in (operator(), SYSTEM):
        assert (everybody.roles, everybody.everywhere) == (roles.VENDOR, True)


def test_an_actor_has_the_roles_of_the_day() -> None:
    first, last = today() + timedelta(days=10), today() + timedelta(days=20)
    services.role_grant(actor=operator(), username=MEMBER, role="finance", since=first, until=last)
    days = [(first - timedelta(days=1), False), (first, True), (last, True), (last + timedelta(days=1), False)]
    for day, holds in days:
        actor = actor_of(MEMBER, on=day)
        assert ("finance" in actor.roles, actor.everywhere) == (holds, holds), day


def test_a_firm_one_belongs_to_is_not_one_that_one_administers() -> None:
    services.role_grant(actor=operator(), username=ADMIN, role="partner_member", partner="P-2")
    actor = actor_of(ADMIN)
    assert (actor.partners, actor.administers) == ({"P-1", "P-2"}, {"P-1"})
    with pytest.raises(Refused):
        services.role_grant(actor=actor, username=MEMBER, role="partner_member", partner="P-2")


def test_whoever_is_not_there_may_not_act() -> None:
    services.user_deactivate(actor=operator(), username=MEMBER, why="left the firm")
    for username in (MEMBER, "nobody@nowhere.example", "", "operator:root", "system"):
        with pytest.raises(Refused, match="no such user"):
            actor_of(username)
    services.user_reactivate(actor=operator(), username=MEMBER, why="came back")
    assert actor_of(MEMBER).partners == {"P-1"}


PARTNER_ROLE = {"role": "partner_member", "partner": "P-1"}
GRANTS: list[tuple[str, dict[str, Any], type[HanseError] | None]] = [
    (CHIEF, {"role": "auditor"}, None),
    (CHIEF, PARTNER_ROLE | {"partner": "P-2"}, None),
    (MANAGER, {"role": "finance"}, Refused),
    (MANAGER, {"role": "partner_administrator", "partner": "P-1"}, None),
    (SCOPED, PARTNER_ROLE, Refused),
    (ADMIN, {"role": "partner_administrator", "partner": "P-1"}, None),
    (ADMIN, PARTNER_ROLE | {"partner": "P-2"}, Refused),
    (ADMIN, {"role": "channel_chief"}, Refused),
    (ADMIN, {"role": "partner_manager", "countries": ["FR"]}, Refused),
    (RIVAL, PARTNER_ROLE | {"partner": "P-2"}, NotThere),
    (MEMBER, PARTNER_ROLE, Refused),
]


@pytest.mark.parametrize(("by", "role", "answer"), GRANTS)
def test_who_grants_what(by: str, role: dict[str, Any], answer: type[HanseError] | None) -> None:
    whose = services.user_add(actor=actor_of(ADMIN), username="new@p1.example")
    before = audit.verify().entries
    if answer is None:
        services.role_grant(actor=actor_of(by), username=whose, **role)
        assert held(whose) == [(role["role"], role.get("partner", ""))]
        services.role_end(actor=actor_of(by), username=whose, role=role["role"], partner=role.get("partner", ""))
        assert held(whose) == []
        assert audit.verify().entries == before + 2
        return
    for act in (services.role_grant, services.role_end):
        ended = {name: value for name, value in role.items() if name != "countries"}
        with pytest.raises((Refused, NotThere)) as said:
            act(actor=actor_of(by), username=whose, **(role if act is services.role_grant else ended))  # type: ignore[operator]
        (problem,) = said.value.problems
        assert problem.place
        assert problem.what
        assert problem.why
        assert problem.remedy
    assert held(whose) == []
    assert audit.verify().entries == before


@pytest.mark.parametrize("username", [CHIEF, ADMIN])
def test_nobody_grants_to_themselves(username: str) -> None:
    with pytest.raises(Refused, match="to themselves"):
        services.role_grant(actor=actor_of(username), username=username, role="partner_member", partner="P-1")


def test_everybody_may_give_back_their_own_role() -> None:
    services.role_end(actor=actor_of(MEMBER), username=MEMBER, role="partner_member", partner="P-1")
    assert held(MEMBER) == []
    with pytest.raises(NotThere):
        services.role_end(actor=actor_of(MEMBER), username=MEMBER, role="partner_member", partner="P-1")


def test_a_role_ends_at_once_or_after_a_day_to_come() -> None:
    last = today() + timedelta(days=3)
    services.role_end(actor=operator(), username=MANAGER, role="programme_manager", until=last)
    assert actor_of(MANAGER, on=last).roles == {"programme_manager"}
    assert actor_of(MANAGER, on=last + timedelta(days=1)).roles == frozenset()
    with pytest.raises(NotThere):  # it has this last day already
        services.role_end(actor=operator(), username=MANAGER, role="programme_manager", until=last)
    services.role_end(actor=operator(), username=MANAGER, role="programme_manager")
    assert actor_of(MANAGER).roles == frozenset()
    (ended,) = user(operator(), MANAGER).roles
    assert (ended.ended_by, ended.until, ended.holds) == (operator().name, last, False)


def test_a_role_that_would_begin_later_can_be_called_off() -> None:
    first = today() + timedelta(days=10)
    services.role_grant(actor=operator(), username=MEMBER, role="finance", since=first)
    services.role_end(actor=operator(), username=MEMBER, role="finance", until=today())
    assert actor_of(MEMBER, on=first).roles == {"partner_member"}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"role": "chanel_chief"}, "did you mean 'channel_chief'"),
    ({"role": "finance", "partner": "P-1"}, "leave the partner out"),
    ({"role": "partner_member"}, "name the partner"),
    ({"role": "partner_manager"}, "name the countries"),
    ({"role": "finance", "countries": ["FR"]}, "leave the countries out"),
    ({"role": "partner_manager", "countries": ["FR", "fr"]}, "'fr' is no country"),
    ({"role": "partner_manager", "countries": ["FRA"]}, "'FRA' is no country"),
    ({"role": "finance", "since": date(2026, 2, 2), "until": date(2026, 2, 1)}, "before its first"),
    ({"role": "partner_member", "partner": "P-1"}, "already"),
]


@pytest.mark.parametrize(("role", "says"), WRONG)
def test_a_role_that_is_not_whole_is_answered(role: dict[str, Any], says: str) -> None:
    with pytest.raises(CallError) as said:
        services.role_grant(actor=operator(), username=MEMBER, **role)
    assert says in str(said.value)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"username": "ann"}, "no e-mail address"),
        ({"username": "a:b@firm.example"}, "no e-mail address"),
        ({"username": '"a b"@firm.example'}, "no e-mail address"),
        ({"username": f"  {MEMBER.upper()}"}, "there is an account with this address"),
        ({"username": "new@firm.example", "language": "de"}, "there is no language 'de'"),
        ({"username": "new@firm.example", "time_zone": "Europe/Pariss"}, "Europe/Paris"),
    ],
)
def test_a_user_that_cannot_be_is_answered(given: dict[str, str], says: str) -> None:
    with pytest.raises(CallError) as said:
        services.user_add(actor=operator(), **given)
    assert says in str(said.value)


def test_a_user_is_known_by_the_address_in_lower_case() -> None:
    assert services.user_add(actor=operator(), username=" New.One@Firm.Example ") == "new.one@firm.example"
    assert user(operator(), "NEW.ONE@firm.example").username == "new.one@firm.example"


@pytest.mark.parametrize(
    ("by", "whose", "answer"),
    [
        (CHIEF, MANAGER, None),
        (ADMIN, MEMBER, None),
        (MANAGER, MEMBER, Refused),
        (MEMBER, ADMIN, Refused),
        (ADMIN, RIVAL, NotThere),
        (ADMIN, CHIEF, NotThere),
        (ADMIN, "both@p1.example", Refused),
        (ADMIN, "gone@p1.example", Refused),
    ],
)
@pytest.mark.parametrize("act", ["deactivate", "password"])
def test_who_shuts_out_and_sets_passwords(by: str, whose: str, answer: type[HanseError] | None, act: str) -> None:
    firms = [{"role": "partner_member", "partner": partner} for partner in ("P-1", "P-2")]
    added("both@p1.example", *firms)
    added("gone@p1.example", firms[0])
    services.role_end(actor=operator(), username="gone@p1.example", role="partner_member", partner="P-1")
    actor = actor_of(by)

    def do() -> None:
        if act == "deactivate":
            services.user_deactivate(actor=actor, username=whose, why="asked to")
        else:
            services.password_set(actor=actor, username=whose, password=PASSWORD)

    if answer is None:
        do()
        assert (user(operator(), whose).active, authenticate(REQUEST, username=whose, password=PASSWORD) is None) == (
            act == "password",
            act == "deactivate",
        )
    else:
        with pytest.raises(
            (answer, NotThere) if by == MEMBER else answer
        ):  # may not at all; does not see whom it would
            do()
        assert user(operator(), whose).active
        assert authenticate(REQUEST, username=whose, password=PASSWORD) is None


def test_passwords() -> None:
    services.password_set(actor=actor_of(MEMBER), username=MEMBER, password=PASSWORD)
    found = authenticate(REQUEST, username=MEMBER.upper(), password=PASSWORD)
    assert found is not None
    assert found.password.startswith("scrypt$")
    assert authenticate(REQUEST, username=MEMBER, password=PASSWORD + "!") is None
    for weak in ("short", "password123", MEMBER, ""):
        with pytest.raises(CallError, match="too weak"):
            services.password_set(actor=operator(), username=MEMBER, password=weak)
    (entry,) = audit.entries(operator(), action="accounts.password_set")
    assert (entry.actor, entry.subject, entry.before, entry.after) == (MEMBER, f"user:{MEMBER}", None, None)


def test_nobody_shuts_themselves_out_and_a_reason_is_asked_for() -> None:
    with pytest.raises(Refused, match="shuts themselves out"):
        services.user_deactivate(actor=actor_of(CHIEF), username=CHIEF, why="tired")
    with pytest.raises(CallError, match="takes a reason"):
        services.user_deactivate(actor=actor_of(CHIEF), username=MANAGER, why=" ")
    with pytest.raises(CallError, match="active already"):
        services.user_reactivate(actor=actor_of(CHIEF), username=MANAGER, why="x")


ACTS: list[tuple[Callable[..., object], dict[str, Any]]] = [
    (services.user_add, {"username": "new@firm.example"}),
    (services.role_grant, {"username": MEMBER, "role": "finance"}),
    (services.role_end, {"username": MEMBER, "role": "partner_member", "partner": "P-1"}),
    (services.password_set, {"username": MEMBER, "password": PASSWORD}),
    (services.user_deactivate, {"username": MEMBER}),
]


@pytest.mark.parametrize(("act", "given"), ACTS, ids=lambda one: getattr(one, "__name__", ""))
def test_each_act_leaves_one_entry(act: Callable[..., object], given: dict[str, Any]) -> None:
    before = audit.verify().entries
    act(actor=actor_of(CHIEF), why="because", **given)
    found = audit.verify()
    entry = audit.entry(operator(), found.entries)
    assert (found.entries, found.first_wrong) == (before + 1, None)
    assert (entry.actor, entry.action) == (CHIEF, f"accounts.{act.__name__}")
    assert (entry.subject, entry.why) == (f"user:{given['username']}", "because")


def test_the_trail_says_what_was_so_before_and_after() -> None:
    services.role_grant(actor=actor_of(CHIEF), username=MEMBER, role="finance", since=date(2026, 1, 2))
    entry = audit.entries(operator(), action="accounts.role_grant", limit=1)[0]
    before, after = json.loads(entry.before or ""), json.loads(entry.after or "")
    assert [role["role"] for role in before] == ["partner_member"]
    assert after[1] == {"role": "finance", "partner": "", "countries": [], "since": "2026-01-02", "until": None}


SEES = {
    CHIEF: {CHIEF, MANAGER, SCOPED, ADMIN, MEMBER, RIVAL},
    MANAGER: {CHIEF, MANAGER, SCOPED, ADMIN, MEMBER, RIVAL},
    SCOPED: {CHIEF, MANAGER, SCOPED},
    ADMIN: {ADMIN, MEMBER},
    MEMBER: {MEMBER},
    RIVAL: {RIVAL},
}


@pytest.mark.parametrize(("by", "seen"), SEES.items())
def test_who_sees_whom(by: str, seen: set[str]) -> None:
    actor = actor_of(by)
    assert {one.username for one in users(actor)} == seen
    for username in SEES:
        if username in seen:
            assert user(actor, username).username == username
        else:
            with pytest.raises(NotThere):
                user(actor, username)


def test_a_firm_does_not_see_what_its_people_are_elsewhere() -> None:
    services.role_grant(actor=operator(), username=MEMBER, role="partner_member", partner="P-2")
    both = user(actor_of(MEMBER), MEMBER)
    seen = user(actor_of(ADMIN), MEMBER)
    assert [role.partner for role in both.roles] == ["P-1", "P-2"]
    assert [role.partner for role in seen.roles] == ["P-1"]
    assert [one.username for one in users(actor_of(ADMIN), partner="P-2")] == []


def test_users_by_role() -> None:
    def named(found: list[Account]) -> list[str]:
        return [one.username for one in found]

    assert named(users(operator(), role="partner_administrator")) == [ADMIN, RIVAL]
    assert named(users(operator(), partner="P-1")) == [ADMIN, MEMBER]
    assert named(users(operator(), role="partner_member", partner="P-2")) == []
