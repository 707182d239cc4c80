"""May somebody of the vendor see the portal as a partner's user sees it, and who did so, when and why?

It stands above the accounts, for only here is known whose partner a partner is. Looking is asked for anew with every
page, and so ends with the role or the account; nothing can be changed while it lasts (fronts/pages/seen_as.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from hanse.apps.accounts import roles
from hanse.apps.accounts.actors import Actor, actor_of
from hanse.apps.accounts.policy import Refused, not_there, require
from hanse.apps.audit import services as audit
from hanse.apps.registry.selectors import visible_partners
from hanse.language.problems import CallError, Problem

LASTS = timedelta(minutes=30)
ACTION = "accounts.see_as"


@dataclass(frozen=True)
class Begun:
    """As whom somebody sees, and until when."""

    username: str
    until: datetime


@transaction.atomic
def begin(*, actor: Actor, username: str, why: str) -> Begun:
    """Lets the actor see as somebody, for half an hour. Raises Refused, NotThere, and CallError without a reason."""
    require(actor, ACTION)
    if not why.strip():
        reason = "who reads the trail later wants to know it"
        raise CallError(Problem("why", "to see as somebody else takes a reason", reason, "say it in a few words"))
    seen = seen_by(actor=actor, username=username)
    until = timezone.now() + LASTS
    after = {"until": until, "partners": sorted(seen.partners)}
    audit.record(actor=actor.name, action=ACTION, subject=f"user:{seen.name}", why=why.strip(), after=after)
    return Begun(seen.name, until)


def seen_by(*, actor: Actor, username: str) -> Actor:
    """The actor of a partner's user, for whoever may see as it: nobody with a role of the vendor, nobody further-reaching.

    Raises Refused, NotThere.
    """
    require(actor, ACTION)
    missing = not_there("user", username, "the list of users says who is there")
    try:
        seen = actor_of(username)
    except Refused as error:  # no such account, or a closed one
        raise missing from error
    if not seen.roles or seen.roles & roles.VENDOR:
        why = "only who holds roles at partners, and no other, is seen as"
        raise Refused(Problem(ACTION, f"{seen.name} cannot be seen as", why, "ask the person what they see"))
    within = visible_partners(actor).filter(key__in=seen.partners)
    if not actor.everywhere:  # a firm that one belongs to is not one that one looks after
        within = within.filter(country__in=actor.countries)
    reached = set(within.values_list("key", flat=True))
    if not reached:
        raise missing
    if reached != seen.partners:
        why = "that account reaches partners that are not yours to see"
        raise Refused(Problem(ACTION, f"{seen.name} cannot be seen as", why, "ask a programme manager"))
    return seen


@transaction.atomic
def end(*, actor: Actor, username: str, why: str) -> None:
    """Puts on record that the actor no longer sees as somebody, and how it came to an end. Raises Refused."""
    require(actor, "accounts.see_as_end")
    audit.record(actor=actor.name, action="accounts.see_as_end", subject=f"user:{username}", why=why)
