"""Who does this, and what may be seen?

An actor is handed into every service and every selector. A user's actor is read anew for each call, so a role that has
ended is gone with the next one.
"""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from hanse.apps.accounts import roles
from hanse.apps.accounts.models import Membership, User
from hanse.apps.audit.refusals import Refused
from hanse.language.problems import Problem


@dataclass(frozen=True)
class Actor:
    """Whoever acts: the name that the trail gets, the roles held today, and how far they reach.

    `partners` are the firms the actor belongs to, `administers` those of them that it may act for; `countries` those of
    a partner manager; `everywhere` says that the whole channel is seen.
    """

    name: str
    roles: frozenset[str]
    partners: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    everywhere: bool = False
    administers: frozenset[str] = frozenset()


SYSTEM = Actor(name="system", roles=roles.VENDOR, everywhere=True)  # jobs, on behalf of nobody in particular


def operator() -> Actor:
    """Whoever runs commands on the machine of the installation, and so could open the database anyway."""
    return Actor(name=f"operator:{_user_of_the_machine()}", roles=roles.VENDOR, everywhere=True)


def actor_of(username: str, *, on: date | None = None) -> Actor:
    """The actor of a user, with the roles held on a day (today in UTC, unless said). Two queries.

    Raises Refused where there is no such user, or one that has been deactivated.
    """
    user = User.objects.filter(username=username.strip().lower(), is_active=True).first()
    if user is None:
        why = "there is no such user, or the account has been deactivated"
        remedy = "ask a channel chief; hanse users list shows who is there"
        raise Refused(Problem(f"user {username}", "this user may not act", why, remedy))
    return actor_with(user.username, list(current(on).filter(user=user)))


def actor_signed_in(user: User, *, on: date | None = None) -> Actor:
    """The actor of an active user who has signed in, with the roles held on a day (today in UTC). One query."""
    return actor_with(user.username, list(current(on).filter(user=user)))


def actor_with(name: str, held: list[Membership]) -> Actor:
    """The actor that these memberships make."""
    return Actor(
        name=name,
        roles=frozenset(one.role for one in held),
        partners=frozenset(one.partner for one in held if one.partner),
        countries=frozenset(country for one in held for country in one.countries),
        everywhere=any(one.role in roles.EVERYWHERE for one in held),
        administers=frozenset(one.partner for one in held if one.role == roles.ADMINISTRATOR),
    )


def current(on: date | None = None) -> QuerySet[Membership]:
    """The memberships that hold on a day: not taken back, and within their days, both included."""
    day = on or timezone.now().date()
    within = Q(since__lte=day) & (Q(until__isnull=True) | Q(until__gte=day))
    return Membership.objects.filter(within, ended_at__isnull=True)


def _user_of_the_machine() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no name for this number: a container with a user of its own
        return str(os.getuid())
