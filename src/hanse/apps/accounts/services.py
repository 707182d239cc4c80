"""Writes users and roles: who is added, who may what, until when. One transaction and one audit entry each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from hanse.apps.accounts import passwords, roles
from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.models import LANGUAGES, Membership, User
from hanse.apps.accounts.policy import not_there, require
from hanse.apps.accounts.reach import locked, may_give, not_the_last, open_memberships, own_people_only, refused
from hanse.apps.audit import services as audit
from hanse.language.problems import CallError, Problem, nearest
from hanse.language.words import mark

# as the constraint of the table has it
_ADDRESS = re.compile(r"[^\s@:]+@[^\s@:]+")
_COUNTRY = re.compile(r"[A-Z]{2}")


@transaction.atomic
def user_add(
    *, actor: Actor, username: str, name: str = "", language: str = "en", time_zone: str = "UTC", why: str = ""
) -> str:
    """Adds a user without a password and without a role, and returns the username: the address in lower case.

    Raises Refused, and CallError for an address, language or time zone that is none, or an address that is taken.
    """
    require(actor, "accounts.user_add")
    address = _address(username)
    _known_reading(language, time_zone)
    made = User(
        username=address, name=name, language=language, time_zone=time_zone,
        added_by=actor.name, added_at=timezone.now(),
    )  # fmt: skip
    made.set_unusable_password()
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        why_not = mark("an address belongs to one account, and accounts are never deleted")
        remedy = "grant a role to the one that is there (hanse users grant), or reactivate it (hanse users reactivate)"
        raise CallError(
            Problem(f"user {address}", mark("there is an account with this address"), why_not, remedy)
        ) from error
    after = {"language": language, "time_zone": time_zone}
    audit.record(actor=actor.name, action="accounts.user_add", subject=f"user:{address}", why=why, after=after)
    return address


@transaction.atomic
def user_deactivate(*, actor: Actor, username: str, why: str) -> None:
    """Lets a user act no more; the account, its roles and its trail stay.

    A partner administrator may do so with those whose every role is in its own firm. Raises Refused, NotThere, and
    CallError without a reason or for a user that is not active.
    """
    require(actor, "accounts.user_deactivate")
    found = locked(actor, username)
    if found.username == actor.name:
        raise refused(
            "accounts.user_deactivate", actor, "nobody shuts themselves out", mark("ask another administrator")
        )
    own_people_only(actor, found, "accounts.user_deactivate")
    _set_active(actor, found, False, why)


@transaction.atomic
def user_reactivate(*, actor: Actor, username: str, why: str) -> None:
    """Lets a deactivated user act again, with the roles that still hold. Raises Refused, NotThere, CallError."""
    require(actor, "accounts.user_reactivate")
    _set_active(actor, locked(actor, username), True, why)


@transaction.atomic
def role_grant(
    *,
    actor: Actor,
    username: str,
    role: str,
    partner: str = "",
    countries: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    why: str = "",
) -> None:
    """Gives a user a role from a day (today in UTC, unless said), and perhaps until one, both included.

    `partner` belongs to the partner roles, `countries` to the partner manager. A channel chief grants every role, a
    programme manager those of partners, a partner administrator those of its own firm, and nobody grants to themselves.
    Raises Refused, NotThere, and CallError for a role that is not whole or is held already.
    """
    require(actor, "accounts.role_grant")
    _whole_role(role, partner, countries)
    may_give(actor, role, partner, "accounts.role_grant")
    found = locked(actor, username)
    if found.username == actor.name:
        raise refused(
            "accounts.role_grant", actor, mark("nobody grants a role to themselves"), mark("ask another administrator")
        )
    now = timezone.now()
    first = since or now.date()
    if until is not None and until < first:
        why_not = f"its last day, {until}, is before its first, {first}"
        raise CallError(Problem("until", "the role would never hold", why_not, "give a later last day, or none"))
    _not_held_already(found, role, partner)
    before = _roles_of(found)
    Membership.objects.create(
        user=found, role=role, partner=partner, countries=sorted(set(countries)), since=first, until=until,
        granted_by=actor.name, granted_at=now, why=why,
    )  # fmt: skip
    audit.record(
        actor=actor.name, action="accounts.role_grant", subject=f"user:{found.username}", why=why,
        before=before, after=_roles_of(found),
    )  # fmt: skip


@transaction.atomic
def role_end(
    *, actor: Actor, username: str, role: str, partner: str = "", until: date | None = None, why: str = ""
) -> None:
    """Takes a role back at once, or after a last day still to come; the row stays, with who ended it.

    Whoever may grant a role may end it, and everybody may give back their own. Raises Refused, NotThere, and CallError
    for a last day in the past or after the one the role has.
    """
    require(actor, "accounts.role_end")
    found = locked(actor, username)
    if found.username != actor.name:
        may_give(actor, role, partner, "accounts.role_end")
    today = timezone.now().date()
    if until is not None and until < today:
        remedy = "leave the day out to end the role at once"
        raise CallError(Problem("until", f"{until} has passed", "what a role allowed then was allowed", remedy))
    if role == roles.ADMINISTRATOR and not actor.roles & roles.VENDOR:
        not_the_last(actor, found, partner, until)
    held = found.memberships.filter(role=role, partner=partner, ended_at__isnull=True).exclude(until__lt=today)
    before = _roles_of(found)
    ended = [_end(one, until, actor, why) for one in held.order_by("pk") if until is None or not _over_by(one, until)]
    if not ended:
        what = f"{role} {partner} of {found.username}" if partner else f"{role} of {found.username}"
        raise not_there("role", what, "hanse users list shows the roles of everybody")
    audit.record(
        actor=actor.name, action="accounts.role_end", subject=f"user:{found.username}", why=why,
        before=before, after=_roles_of(found),
    )  # fmt: skip


@transaction.atomic
def password_set(*, actor: Actor, username: str, password: str, why: str = "") -> None:
    """Sets a password, which ends the user's sessions; the trail says that it was set and by whom.

    Everybody may set their own; a channel chief everybody's; a partner administrator that of those whose every role
    is in its own firm. Raises Refused, NotThere, and CallError for a password that is too weak.
    """
    require(actor, "accounts.password_set")
    found = locked(actor, username)
    if found.username != actor.name:
        own_people_only(actor, found, "accounts.password_set")
    passwords.take(found, password)
    audit.record(actor=actor.name, action="accounts.password_set", subject=f"user:{found.username}", why=why)


@transaction.atomic
def profile_set(*, actor: Actor, username: str, name: str, language: str, time_zone: str) -> None:
    """Says how a user is called, and in which language and time zone they read.

    Everybody says it of themselves; of others whoever may set their password. Raises Refused, NotThere, CallError.
    """
    require(actor, "accounts.profile_set")
    found = locked(actor, username)
    if found.username != actor.name:
        own_people_only(actor, found, "accounts.profile_set")
    _known_reading(language, time_zone)
    before = {"name": found.name, "language": found.language, "time_zone": found.time_zone}
    after = {"name": name.strip(), "language": language, "time_zone": time_zone}
    if before == after:
        return
    found.name, found.language, found.time_zone = after["name"], language, time_zone
    found.save(update_fields=["name", "language", "time_zone"])
    audit.record(
        actor=actor.name, action="accounts.profile_set", subject=f"user:{found.username}", before=before, after=after
    )


def _known_reading(language: str, time_zone: str) -> None:
    if language not in LANGUAGES:
        raise _unknown("language", language, "nothing is translated into it", LANGUAGES)
    if time_zone not in available_timezones():
        raise _unknown("time zone", time_zone, "the time zone database does not know it", available_timezones())


def _set_active(actor: Actor, found: User, active: bool, why: str) -> None:
    verb = "reactivate" if active else "deactivate"
    if found.is_active == active:
        state = "active" if active else "deactivated"
        remedy = "hanse users list shows who is active"
        raise CallError(Problem(f"user {found.username}", f"the account is {state} already", "nothing to do", remedy))
    if not why.strip():
        reason = "who reads the trail later wants to know it"
        raise CallError(Problem("why", f"to {verb} a user takes a reason", reason, "say it in a few words"))
    found.is_active = active
    found.save(update_fields=["is_active"])
    audit.record(
        actor=actor.name, action=f"accounts.user_{verb}", subject=f"user:{found.username}", why=why,
        before={"active": not active}, after={"active": active},
    )  # fmt: skip


def _end(one: Membership, until: date | None, actor: Actor, why: str) -> Membership:
    """At once where no day is given, or where the role would not have begun by then; else after that day."""
    if until is None or until < one.since:
        one.ended_at, one.ended_by = timezone.now(), actor.name
    else:
        one.until = until
    one.ended_why = why
    one.save(update_fields=["until", "ended_at", "ended_by", "ended_why"])
    return one


def _over_by(one: Membership, until: date) -> bool:
    return one.until is not None and one.until <= until


def _address(username: str) -> str:
    address = username.strip().lower()
    try:
        validate_email(address)
        if not _ADDRESS.fullmatch(address):
            raise ValidationError("it holds a blank or a colon")
    except ValidationError as error:
        why = "a user signs in with an e-mail address, and is told there what concerns them"
        raise CallError(
            Problem("username", f"{username!r} is no e-mail address", why, "write ann@firm.example")
        ) from error
    return address


def _whole_role(role: str, partner: str, countries: Sequence[str]) -> None:
    """Raises CallError for a role that is none, or whose partner or countries are missing or too many."""
    if role not in roles.ALL:
        raise _unknown("role", role, "roles are few, and the same everywhere", roles.ALL)
    if bool(partner) != (role in roles.PARTNER):
        why = "a role at a partner is for one partner; the vendor's roles are for none"
        remedy = "leave the partner out" if partner else "name the partner by its key"
        raise CallError(Problem("partner", f"{role} and partner {partner!r} do not go together", why, remedy))
    if bool(countries) != (role == roles.SCOPED):
        why = f"a {roles.SCOPED} looks after the partners of countries; no other role has countries"
        remedy = "leave the countries out" if countries else "name the countries: FR, DE"
        raise CallError(Problem("countries", f"{role} and countries {list(countries)} do not go together", why, remedy))
    wrong = next((country for country in countries if not _COUNTRY.fullmatch(country)), None)
    if wrong is not None:
        why = "a country is written as the two capital letters of ISO 3166-1"
        raise CallError(Problem("countries", f"{wrong!r} is no country", why, "write FR, DE"))


def _not_held_already(found: User, role: str, partner: str) -> None:
    held = open_memberships(found).filter(role=role, partner=partner, until__isnull=True).first()
    if held is None:
        return
    what = f"{found.username} is {role} already, since {held.since}"
    remedy = "end the role first (hanse users end) to grant it anew with other days or countries"
    raise CallError(Problem(f"user {found.username}", what, "a role is held once", remedy))


def _roles_of(found: User) -> list[dict[str, object]]:
    """The roles that hold now or will, as the trail keeps them."""
    return [
        dict(one)
        for one in open_memberships(found).order_by("pk").values("role", "partner", "countries", "since", "until")
    ]


def _unknown(place: str, word: str, why: str, known: Iterable[str]) -> CallError:
    return CallError(Problem(place, f"there is no {place} {word!r}", why, nearest(word, known)))
