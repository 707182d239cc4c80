"""Reads users and their roles, each as far as the actor may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable

from hanse.apps.accounts import roles
from hanse.apps.accounts.actors import Actor, current
from hanse.apps.accounts.models import Membership, User
from hanse.apps.audit.refusals import not_there


@dataclass(frozen=True)
class Role:
    """A membership: the role, what it is for, its days, and who gave it and took it back, and why."""

    role: str
    partner: str
    countries: tuple[str, ...]
    since: date
    until: date | None
    granted_by: str
    ended_by: str
    ended_at: datetime | None
    holds: bool
    why: str = ""
    ended_why: str = ""
    granted_at: datetime | None = None


@dataclass(frozen=True)
class Account:
    """A user as people and programs see one; `roles` with those that have ended."""

    username: str
    uuid: UUID
    name: str
    language: str
    time_zone: str
    active: bool
    last_login: datetime | None
    roles: tuple[Role, ...]
    added_by: str
    added_at: datetime
    has_password: bool


def visible_to(actor: Actor) -> QuerySet[User]:
    """The users an actor may see.

    Those who see the whole channel see all; a partner manager the vendor's people; a partner administrator those who
    hold, or held, a role in its firm, and those it added itself; everybody themselves.
    """
    if actor.everywhere:
        return User.objects.all()
    seen: Combinable | Q = Q(username=actor.name)
    if roles.SCOPED in actor.roles:
        seen |= Exists(Membership.objects.filter(user=OuterRef("pk"), role__in=roles.VENDOR))
    if actor.administers:
        colleagues = Membership.objects.filter(user=OuterRef("pk"), partner__in=actor.administers)
        seen |= Q(added_by=actor.name) | Exists(colleagues)
    return User.objects.filter(seen)


def memberships_visible_to(actor: Actor) -> QuerySet[Membership]:
    """The memberships an actor may see: of visible users, but of a stranger firm's roles a partner sees none."""
    found = Membership.objects.filter(user__in=visible_to(actor))
    if actor.roles & roles.VENDOR:
        return found
    return found.filter(Q(user__username=actor.name) | Q(partner__in=actor.administers))


def users(
    actor: Actor, *, role: str | None = None, partner: str | None = None, on: date | None = None
) -> list[Account]:
    """Users by name; with `role` or `partner` those who hold such a role on a day (today, unless said)."""
    found = visible_to(actor)
    if role or partner:
        held = memberships_visible_to(actor).filter(pk__in=current(on))
        held = held.filter(role=role) if role else held
        held = held.filter(partner=partner) if partner else held
        found = found.filter(pk__in=held.values("user"))
    return accounts_of(found, memberships_visible_to(actor), on)


def user(actor: Actor, username: str, *, on: date | None = None) -> Account:
    """One user. Raises NotThere where there is none, or none that the actor may see."""
    named = visible_to(actor).filter(username=username.strip().lower())
    found = accounts_of(named, memberships_visible_to(actor), on)
    if not found:
        raise not_there("user", username, "hanse users list says who is there")
    return found[0]


def anybody() -> bool:
    """Is there an account that could sign in?"""
    return User.objects.filter(is_active=True).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).exists()


def accounts_of(found: QuerySet[User], memberships: QuerySet[Membership], on: date | None = None) -> list[Account]:
    """Users by name, each with those of these memberships that are its own. Three statements."""
    holding = set(current(on).filter(user__in=found).values_list("pk", flat=True))
    by_user: dict[int, list[Membership]] = {}
    for one in memberships.filter(user__in=found).order_by("pk"):
        by_user.setdefault(one.user_id, []).append(one)
    return [account(one, by_user.get(one.pk, ()), holding) for one in found.order_by("username")]


def account(one: User, held: Iterable[Membership], holding: set[int]) -> Account:
    """A user with some memberships, those that hold among them by number."""
    shown = tuple(
        Role(
            role=each.role,
            partner=each.partner,
            countries=tuple(each.countries),
            since=each.since,
            until=each.until,
            granted_by=each.granted_by,
            ended_by=each.ended_by,
            ended_at=each.ended_at,
            holds=one.is_active and each.pk in holding,
            why=each.why,
            ended_why=each.ended_why,
            granted_at=each.granted_at,
        )
        for each in held
    )
    return Account(
        one.username, one.uuid, one.name, one.language, one.time_zone, one.is_active, one.last_login, shown,
        one.added_by, one.added_at, one.has_usable_password(),
    )  # fmt: skip
