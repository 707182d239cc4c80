"""Who else of the firm has access, and whom does the vendor have for its country?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from hanse.apps.accounts import roles
from hanse.apps.accounts.actors import Actor, current
from hanse.apps.accounts.policy import not_there


@dataclass(frozen=True)
class Colleague:
    """Somebody of the firm, with the role held there today. `entered` is false as long as no password was chosen.

    `record` is that at which the role was given: the firm itself, or one that went into it.
    """

    username: str
    name: str
    role: str
    since: datetime
    last_login: datetime | None
    entered: bool
    elsewhere: bool
    record: str


@dataclass(frozen=True)
class Contact:
    """One of the vendor's people who look after partners."""

    name: str
    username: str


def colleagues(*, actor: Actor, partner: str, records: Collection[str] = ()) -> list[Colleague]:
    """Those who have access to a firm today, administrators first; also through `records` that went into it. Two statements.

    Members see who they are; when somebody signed in last, administrators see. Raises NotThere for a strangers' firm.
    """
    if partner not in actor.partners:
        raise not_there("partner", partner, "ask an administrator of that firm")
    own = {partner, *records}
    held = current().filter(partner__in=own, user__is_active=True).select_related("user")
    # of several roles the one at the firm itself is shown, and that of an administrator before that of a member
    least = sorted(held, key=lambda one: (one.partner == partner, one.role == roles.ADMINISTRATOR, one.pk))
    listed = {one.user_id: one for one in least}
    others = current().exclude(partner__in=own).filter(user__in=listed)
    elsewhere = set(others.values_list("user", flat=True))
    runs_it = partner in actor.administers
    found = [
        Colleague(
            one.user.username, one.user.name, one.role, one.granted_at, one.user.last_login if runs_it else None,
            one.user.has_usable_password(), one.user_id in elsewhere, one.partner,
        )
        for one in listed.values()
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.role != roles.ADMINISTRATOR, one.name or one.username))


def looked_after_by(*, actor: Actor, country: str) -> list[Contact]:
    """The vendor's partner managers for a country, for whoever has a role: whom to ask. One statement."""
    if not actor.roles:
        return []
    managers = current().filter(Q(role=roles.SCOPED), countries__contains=[country], user__is_active=True)
    found = {one.user.username: one.user.name for one in managers.select_related("user")}
    return [Contact(name or username, username) for username, name in sorted(found.items())]


def in_firm(*, actor: Actor, partner: str, username: str) -> Colleague:
    """One colleague. Raises NotThere for somebody who has no access to this firm."""
    found = next((one for one in colleagues(actor=actor, partner=partner) if one.username == username), None)
    if found is None:
        raise not_there("user", username, "the list of colleagues says who is there")
    return found


def roles_at(*, actor: Actor, partner: str, username: str) -> list[str]:
    """The roles that a colleague holds at the firm today. Raises NotThere."""
    in_firm(actor=actor, partner=partner, username=username)
    held = current().filter(user__username=username, partner=partner).order_by("role")
    return list(dict.fromkeys(held.values_list("role", flat=True)))


def reached_at(partners: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Name and address of the administrators of firms, for the connections of those firms. One statement."""
    held = current().filter(partner__in=set(partners), role=roles.ADMINISTRATOR, user__is_active=True)
    found: dict[str, list[tuple[str, str]]] = {}
    for one in held.select_related("user").order_by("user__username"):
        found.setdefault(one.partner, []).append((one.user.name or one.user.username, one.user.username))
    return found
