"""How does somebody come in who has no password yet, or has forgotten it? By a link that works once and runs out.

A link carries a signed text and nothing is stored: it is bound to the password and to the roles that the account had
when the link was made, so that it is worth nothing once it was used, or once the account may more (or less) than the
one who made the link could give. Who may make one for whom is said by `reach.may_let_in`; the pages that follow a link are
open to everybody, and trust nothing but the link.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from hanse.apps.accounts import passwords, services
from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.models import User
from hanse.apps.accounts.policy import require
from hanse.apps.accounts.reach import locked, may_let_in, open_memberships
from hanse.apps.accounts.selectors import visible_to
from hanse.apps.audit import services as audit
from hanse.apps.audit.selectors import entries
from hanse.language.problems import CallError, Problem
from hanse.language.words import mark

INVITED, FORGOTTEN = timedelta(days=7), timedelta(hours=1)
A_DAY = 3  # so many links a day are sent to somebody who says that the password is forgotten
_SALT = "hanse.accounts.invitations"
_LASTS = {"invitation": INVITED, "password": FORGOTTEN}
_GONE = (
    mark("this link does not work (any more)"),
    mark("a link works once, and runs out: an invitation after 7 days, a link for a new password after one hour"),
    mark("ask whoever sent it to send it again, or ask for a new password where one signs in"),
)


@dataclass(frozen=True)
class Link:
    """A link that lets one account in: for whom, the signed text, its end; `purpose` is invitation or password."""

    username: str
    name: str
    language: str
    purpose: str
    token: str
    until: datetime


@dataclass(frozen=True)
class Opened:
    """What a link says that still works."""

    username: str
    name: str
    language: str
    purpose: str


@transaction.atomic
def invite(
    *, actor: Actor, username: str, role: str, partner: str = "", countries: Sequence[str] = (), name: str = "",
    language: str = "en", why: str = "",
) -> Link | None:  # fmt: skip
    """Adds somebody with a role, and returns the link to let them in; None where they can sign in already.

    Raises what `user_add` and `role_grant` do: Refused, NotThere, CallError.
    """
    found = visible_to(actor).filter(username=username.strip().lower()).first()
    if found is None:
        username = services.user_add(actor=actor, username=username, name=name, language=language, why=why)
    else:
        _open_account(found)
    services.role_grant(actor=actor, username=username, role=role, partner=partner, countries=countries, why=why)
    if found is not None and found.has_usable_password():
        return None
    return invite_again(actor=actor, username=username)


@transaction.atomic
def invite_again(*, actor: Actor, username: str) -> Link:
    """A new link for somebody who was invited and has no password yet, or has forgotten it.

    A role that is given or ends afterwards makes the link worthless. Raises Refused, NotThere, CallError.
    """
    require(actor, "accounts.invite_again")
    found = locked(actor, username)
    _open_account(found)
    may_let_in(actor, found, "accounts.invite_again")
    link = _link(found, "invitation")
    audit.record(
        actor=actor.name, action="accounts.invite_again", subject=f"user:{found.username}", after={"until": link.until}
    )
    return link


@transaction.atomic
def forgotten(*, username: str) -> Link | None:
    """The link for somebody who says that the password is forgotten: to be sent to that address, and shown to nobody.

    None where there is no such account, where it is closed, or where enough links were sent for a day. Whoever asks is
    told the same either way.
    """
    found = User.objects.select_for_update().filter(username=username.strip().lower(), is_active=True).first()
    if found is None:
        return None
    themselves = Actor(found.username, frozenset())
    since = timezone.now() - timedelta(days=1)
    if len(entries(themselves, action="accounts.forgotten", by=found.username, since=since, limit=A_DAY)) >= A_DAY:
        return None
    audit.record(actor=found.username, action="accounts.forgotten", subject=f"user:{found.username}")
    return _link(found, "password")


def opened(*, token: str) -> Opened:
    """Whom a link lets in. Raises CallError where it does not work any more, whatever the reason."""
    found, purpose = _found(token)
    return Opened(found.username, found.name, found.language, purpose)


@transaction.atomic
def accept(*, token: str, password: str, name: str | None = None, language: str | None = None) -> str:
    """Takes the password that whoever followed a link chose (and a name and a language); returns the username.

    Sessions that there were end, and so does the link. Raises CallError for a link that does not work any more, a weak
    password, an unknown language.
    """
    found, purpose = _found(token, lock=True)
    passwords.take(found, password)
    audit.record(
        actor=found.username,
        action="accounts.password_set",
        subject=f"user:{found.username}",
        why=f"by a link: {purpose}",
    )
    themselves = Actor(found.username, frozenset())
    services.profile_set(
        actor=themselves, username=found.username, name=found.name if name is None else name,
        language=language or found.language, time_zone=found.time_zone,
    )  # fmt: skip
    return found.username


def _link(found: User, purpose: str) -> Link:
    token = signing.dumps([str(found.uuid), purpose, _state(found)], salt=_SALT, compress=True)
    until = timezone.now() + _LASTS[purpose]
    return Link(found.username, found.name, found.language, purpose, token, until)


def _found(token: str, *, lock: bool = False) -> tuple[User, str]:
    try:
        uuid, purpose, state = signing.loads(token, salt=_SALT, max_age=max(_LASTS.values()))
        signing.loads(token, salt=_SALT, max_age=_LASTS[purpose])
    except (signing.BadSignature, ValueError, KeyError) as error:
        raise CallError(Problem("link", *_GONE)) from error
    everybody = User.objects.select_for_update(of=("self",)) if lock else User.objects
    found = everybody.filter(uuid=uuid, is_active=True).first()
    if found is None or not constant_time_compare(_state(found), state):
        raise CallError(Problem("link", *_GONE))
    return found, purpose


def _state(found: User) -> str:
    """What a link is bound to: another password, another sign-in or other roles, and it is worth nothing."""
    held = sorted(open_memberships(found).values_list("pk", flat=True))
    text = f"{found.password} {found.last_login} {held}"
    return salted_hmac(_SALT, text, algorithm="sha256").hexdigest()[:32]


def _open_account(found: User) -> None:
    if not found.is_active:
        raise CallError(Problem(
            found.username, mark("this account is closed"), mark("it was deactivated, and nobody can sign in with it"),
            mark("have a channel chief open it again"),
        ))  # fmt: skip
