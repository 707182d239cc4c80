"""Which users are there, a page at a time, whatever their number?

An app above hands in the partners whose people the actor may see too, as a query with their `key`: this app does not
know where a partner is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.fields import BooleanField

from hanse.apps.accounts import roles
from hanse.apps.accounts.actors import Actor, current
from hanse.apps.accounts.models import Membership, User
from hanse.apps.accounts.selectors import Account, account, accounts_of, memberships_visible_to, visible_to
from hanse.apps.audit.refusals import not_there

ACTIVE, CLOSED, NEW = "active", "closed", "new"
STATES = (ACTIVE, CLOSED, NEW)
COUNTED = 200  # more are not counted
Keys = QuerySet[Any, Any]
# the expression of the index accounts_user_words
_WORDS = (
    "to_tsvector('simple', translate(\"accounts_user\".username, '@._+-', '     ') || ' ' || "
    "regexp_replace(normalize(\"accounts_user\".name, NFKD), '[\\u0300-\\u036f]', '', 'g')) @@ to_tsquery('simple', %s)"
)


@dataclass(frozen=True)
class Wanted:
    """Which users. `text` is the beginnings of words of an address or a name; a role, a partner and a country (of a
    partner manager, or of the partner) are those of a role that holds today; `state` is one of STATES.
    """

    text: str = ""
    role: str = ""
    partner: str = ""
    country: str = ""
    state: str = ""


@dataclass(frozen=True)
class Page:
    """Some users by address, whether there are more, and how many are wanted (None: more than COUNTED)."""

    accounts: tuple[Account, ...]
    later: bool
    wanted: int | None


def page(actor: Actor, wanted: Wanted, *, of: Keys | None, inside: Keys | None, after: str, limit: int) -> Page:
    """The users after an address. `of` are further partners whose people are seen, `inside` those of the country."""
    users, memberships = _reach(actor, of)
    found = _wanted(users, memberships, wanted, inside)
    counted = found.values("pk")[: COUNTED + 1].count()
    rows = list(found.filter(username__gt=after).order_by("username").values_list("pk", flat=True)[: limit + 1])
    shown = accounts_of(User.objects.filter(pk__in=rows[:limit]), memberships)
    return Page(tuple(shown), len(rows) > limit, counted if counted <= COUNTED else None)


def named(actor: Actor, text: str, *, of: Keys | None, limit: int) -> list[Account]:
    """Users whose address begins so, then some with words that do, in no order. At most four statements."""
    users, memberships = _reach(actor, of)
    begins = users.filter(username__startswith=text.lower()).order_by("username")
    keys = dict.fromkeys(begins.values_list("pk", flat=True)[:limit])
    if len(keys) < limit and len(text) > 1 and (some := _with_words(users, text)) is not None:
        keys |= dict.fromkeys(some.values_list("pk", flat=True)[:limit])
    shown = {pk: list[Membership]() for pk in list(keys)[:limit]}
    for each in memberships.filter(pk__in=current(), user__in=list(shown)):
        shown[each.user_id].append(each)
    people = User.objects.in_bulk(list(shown))
    return [account(people[pk], held, {one.pk for one in held}) for pk, held in shown.items()]


def one(actor: Actor, uuid: UUID, *, of: Keys | None) -> Account:
    """One user. Raises NotThere where there is none, or none that the actor may see."""
    users, memberships = _reach(actor, of)
    found = accounts_of(users.filter(uuid=uuid), memberships)
    if not found:
        raise not_there("user", uuid, "the list of users says who is there")
    return found[0]


def at(partners: Iterable[str]) -> list[Account]:
    """Those who hold a role at some records of a partner today, with the roles held there; the caller has looked that it may be seen."""
    return _holding(current().filter(partner__in=list(partners)))


def managers() -> list[Account]:
    """The active partner managers of today, with that role alone; the caller has looked who asks. One statement."""
    return _holding(current().filter(role=roles.SCOPED, partner="", user__is_active=True))


def _holding(memberships: QuerySet[Membership]) -> list[Account]:
    held: dict[User, list[Membership]] = {}
    for one in memberships.select_related("user").order_by("user__username", "pk"):
        held.setdefault(one.user, []).append(one)
    return [account(user, found, {one.pk for one in found}) for user, found in held.items()]


def _reach(actor: Actor, of: Keys | None) -> tuple[QuerySet[User], QuerySet[Membership]]:
    """The users seen, asked of each by itself: so that a page of them does not look at everybody."""
    if of is None:
        return visible_to(actor), memberships_visible_to(actor)
    theirs = Q(role__in=roles.VENDOR) | Exists(of.filter(key=OuterRef("partner")))
    seen = Membership.objects.filter(theirs, user=OuterRef("pk"))
    return (
        User.objects.filter(Q(username=actor.name) | Exists(seen)),
        Membership.objects.filter(theirs | Q(user__username=actor.name)),
    )


def _wanted(
    users: QuerySet[User], memberships: QuerySet[Membership], wanted: Wanted, inside: Keys | None
) -> QuerySet[User]:
    held = memberships.filter(pk__in=current(), user=OuterRef("pk"))
    if wanted.role:
        held = held.filter(role=wanted.role)
    if wanted.partner:
        held = held.filter(partner=wanted.partner)
    if wanted.country:
        where = Q(countries__contains=[wanted.country])
        held = held.filter(where if inside is None else where | Exists(inside.filter(key=OuterRef("partner"))))
    if wanted.role or wanted.partner or wanted.country:
        users = users.filter(Exists(held))
    if wanted.state:
        users = users.filter(is_active=wanted.state != CLOSED)
    if wanted.state == NEW:
        users = users.filter(last_login__isnull=True)
    found = _with_words(users, wanted.text)
    return users if found is None else found


def _with_words(users: QuerySet[User], text: str) -> QuerySet[User] | None:
    """Those with words that begin as those of a text do; None where it has none."""
    words = re.findall(r"[^\s&|!():*'\\<>,@._+-]+", _plain(text))
    if not words:
        return None
    query = " & ".join(f"'{word}':*" for word in words)
    return users.filter(RawSQL(_WORDS, [query], output_field=BooleanField()))


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not "\u0300" <= c <= "\u036f")
