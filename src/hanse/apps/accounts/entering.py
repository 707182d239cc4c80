"""Who signed in and out, and who tried to? The trail has it.

An attempt for an address that nobody has is not there: what is typed in such a field may be anything, a password too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.models import User
from hanse.apps.audit import services as audit
from hanse.apps.audit.selectors import entries

SIGNED_IN, SIGNED_OUT, FAILED = "accounts.signed_in", "accounts.signed_out", "accounts.sign_in_failed"
AN_HOUR = 20  # so many failed attempts an hour are written down for an account: the trail is not to be flooded


@dataclass(frozen=True)
class Entered:
    """Somebody signed in with an account, or tried to; `where` is the network address it came from."""

    at: datetime
    failed: bool
    where: str


@transaction.atomic
def signed_in(*, username: str, where: str) -> None:
    """Somebody has signed in."""
    audit.record(actor=username, action=SIGNED_IN, subject=f"user:{username}", after={"from": where})


@transaction.atomic
def signed_out(*, username: str) -> None:
    """Somebody has signed out."""
    audit.record(actor=username, action=SIGNED_OUT, subject=f"user:{username}")


@transaction.atomic
def sign_in_failed(*, username: str, where: str) -> None:
    """Somebody could not sign in with an account that is there."""
    found = User.objects.filter(username=username.strip().lower()).first()
    if found is None:
        return
    themselves = Actor(found.username, frozenset())
    since = timezone.now() - timedelta(hours=1)
    if len(entries(themselves, action=FAILED, by=found.username, since=since, limit=AN_HOUR)) < AN_HOUR:
        audit.record(actor=found.username, action=FAILED, subject=f"user:{found.username}", after={"from": where})


def lately(*, actor: Actor, limit: int = 8) -> list[Entered]:
    """The latest sign-ins with the actor's own account, and the attempts at it. Two statements."""
    found = [
        Entered(one.at, action == FAILED, _where(one.after))
        for action in (SIGNED_IN, FAILED)
        for one in entries(actor, action=action, by=actor.name, limit=limit)
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)[:limit]


def _where(after: str | None) -> str:
    import json

    return str((json.loads(after) if after else {}).get("from", ""))
