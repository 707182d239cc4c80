"""Whose account may an actor touch, and which roles may it give?"""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from hanse.apps.accounts import roles
from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.models import Membership, User
from hanse.apps.accounts.policy import CHIEF, PROGRAMME, Refused, not_there
from hanse.apps.accounts.selectors import visible_to
from hanse.language.problems import CallError, Problem
from hanse.language.words import mark


def locked(actor: Actor, username: str) -> User:
    """The user, to be changed by nobody else meanwhile. Raises NotThere where the actor sees none."""
    seen = visible_to(actor).filter(username=username.strip().lower())
    found = seen.select_for_update(of=("self",)).first()
    if found is None:
        raise not_there("user", username, "hanse users list says who is there")
    return found


def may_give(actor: Actor, role: str, partner: str, action: str) -> None:
    """Lets the actor give (or end) a role, or raises Refused."""
    if actor.roles & CHIEF:
        return
    if role in roles.PARTNER and (actor.roles & PROGRAMME or partner in actor.administers):
        return
    if actor.roles & roles.VENDOR:
        why, remedy = "the vendor's roles are given by a channel chief", "ask a channel chief"
    else:
        why = "a partner administrator gives the roles of its own firm, and no others"
        remedy = "ask an administrator of that firm, or the vendor"
    raise refused(action, actor, why, remedy)


def own_people_only(actor: Actor, found: User, action: str) -> None:
    """Lets a channel chief, and administrators where every role of the user is in their firms, or raises Refused."""
    if actor.roles & CHIEF:
        return
    elsewhere = open_memberships(found).exclude(partner__in=actor.administers).exists()
    if elsewhere or not (open_memberships(found).exists() or found.added_by == actor.name):
        why = f"{found.username} has a role that {actor.name} does not administer, or none"
        raise refused(action, actor, why, "ask a channel chief")


def open_memberships(found: User) -> QuerySet[Membership]:
    """The memberships that hold now or will."""
    today = timezone.now().date()
    return found.memberships.filter(ended_at__isnull=True).exclude(until__lt=today)


def may_let_in(actor: Actor, found: User, action: str) -> None:
    """Who may hold a link that opens an account? Raises Refused.

    As long as nobody has ever signed in with it, whoever may give every role that it has; later, whoever may set its
    password.
    """
    held = list(open_memberships(found))
    if found.has_usable_password() or not held:
        own_people_only(actor, found, action)
    for one in held:
        may_give(actor, one.role, one.partner, action)


def not_the_last(actor: Actor, found: User, partner: str, until: date | None) -> None:
    """Keeps a firm from losing its last administrator by its own hand. Raises CallError.

    Another administrator is one who can sign in (the actor has), and is so today (or on the last day that is given).
    """
    there = Membership.objects.select_for_update().filter(
        role=roles.ADMINISTRATOR, partner=partner, ended_at__isnull=True
    )
    day = until or timezone.now().date()
    others = [
        one for one in there.select_related("user")
        if one.user_id != found.pk and one.user.is_active
        and (one.user.has_usable_password() or one.user.username == actor.name)
        and one.since <= day and (one.until is None or one.until > day)
    ]  # fmt: skip
    if not others:
        raise CallError(Problem(
            f"user {found.username}", mark("this is the firm's last administrator"),
            mark("nobody of the firm could let anybody in any more"), mark("make somebody else an administrator first, who has signed in"),
        ))  # fmt: skip


def refused(action: str, actor: Actor, why: str, remedy: str) -> Refused:
    return Refused(Problem(action, f"{actor.name} may not do this", why, remedy))
