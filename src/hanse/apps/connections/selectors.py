"""With whom is a firm connected, who waits for an answer, and what does a connection give to see?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.colleagues import reached_at
from hanse.apps.accounts.policy import not_there
from hanse.apps.connections.models import Connection, Given
from hanse.apps.registry.profile import known_as, reached_by
from hanse.apps.registry.selectors import firms_of, records_of

State = Connection.State
WAITING, ASKED, CONNECTED, OVER = "waiting", "asked", "connected", "over"  # as a firm sees it


@dataclass(frozen=True)
class Contact:
    """How a firm is reached, as it gives it to its connections."""

    website: str
    phones: tuple[str, ...]
    emails: tuple[tuple[str, str], ...]  # name and address of its administrators


@dataclass(frozen=True)
class Known:
    """A connection as one of the two sees it: `stands` is waiting (for us), asked (by us), connected, over."""

    number: int
    partner: str
    name: str
    country: str
    stands: str
    message: str
    ours: bool  # we asked
    state: str
    on: datetime
    contact: Contact | None = None


def among(actor: Actor) -> QuerySet[Connection]:
    """The connections of the actor's own firms, and of what went into them: the door. The vendor is not told who knows whom."""
    return of_records(records_of(actor.partners))


def of_records(records: Iterable[str]) -> QuerySet[Connection]:
    """The connections of some records with others; of two that are one firm now there is none."""
    own = list(records)
    return Connection.objects.filter(Q(asker__in=own) ^ Q(asked__in=own))


def connections(*, actor: Actor, partner: str, over: bool = False, limit: int = 200) -> list[Known]:
    """A firm's connections and requests, those that wait for it first; `over` shows those that have ended.

    What went into another firm follows it, on either side: of two with one firm the one that stands is told. At most eight
    statements. Raises NotThere for a firm that is not the actor's.
    """
    _own(actor, partner)
    ended = (State.DECLINED, State.WITHDRAWN)
    own = records_of([partner])
    found = of_records(own)
    found = found.filter(state__in=ended) if over else found.exclude(state__in=ended)
    listed = _one_each(list(found.order_by("-pk")[:limit]), own, each=over)
    names = known_as([other for _, other in listed])
    contacts = _contacts([other for one, other in listed if one.state == State.ACCEPTED])
    known = [_known(one, one.asker in own, other, names, contacts) for one, other in listed]
    order = (WAITING, CONNECTED, ASKED, OVER)
    return sorted(known, key=lambda one: (order.index(one.stands), one.name.lower() if one.stands == CONNECTED else ""))


def between(*, actor: Actor, partner: str, other: str) -> Known | None:
    """What stands between a firm of the actor's and another, if anything does. Raises NotThere."""
    _own(actor, partner)
    own = records_of([partner])
    found = standing_between(own, records_of([other]))
    if not found:
        return None
    contacts = _contacts([other]) if found[0].state == State.ACCEPTED else {}
    return _known(found[0], found[0].asker in own, other, known_as([other]), contacts)


def standing_between(one: Iterable[str], other: Iterable[str]) -> list[Connection]:
    """What stands between the records of two firms, a connection before a request: for the services. One statement."""
    first, second = list(one), list(other)
    pair = Q(asker__in=first, asked__in=second) | Q(asker__in=second, asked__in=first)
    return list(Connection.objects.filter(pair, state__in=(State.ACCEPTED, State.ASKED)).order_by("state", "-pk"))


def stand_with(*, actor: Actor, partner: str) -> dict[str, str]:
    """How a firm of the actor's stands with those it is connected with, or asked, or is asked by. One statement."""
    _own(actor, partner)
    own = records_of([partner])
    found = of_records(own).filter(state__in=(State.ASKED, State.ACCEPTED))
    return {other: _stands(one, one.asker in own) for one, other in _one_each(list(found.order_by("-pk")), own)}


def waiting_for(*, actor: Actor, limit: int = 5) -> list[Known]:
    """Requests that wait for an answer of the firms that the actor may answer for, the newest first."""
    own = records_of(actor.administers)
    listed = list(of_records(own).filter(asked__in=list(own), state=State.ASKED).order_by("-pk")[:limit])
    firms = firms_of([one.asker for one in listed]) if listed else {}
    names = known_as(firms.values()) if listed else {}
    newest = {(own[one.asked], firms[one.asker]): one for one in reversed(listed)}
    return [_known(one, False, firms[one.asker], names, {}) for one in listed if one in newest.values()]


def given_by(*, actor: Actor, partner: str) -> dict[str, bool]:
    """What a firm gives to its connections. Raises NotThere."""
    _own(actor, partner)
    return _given([partner])[partner]


def _own(actor: Actor, partner: str) -> None:
    if partner not in actor.partners:
        raise not_there("partner", partner, "ask an administrator of that firm")


def _one_each(listed: list[Connection], own: Mapping[str, str], *, each: bool = False) -> list[tuple[Connection, str]]:
    """Connections with the firm at the other end; with one firm the one that is accepted, else the newest (`each`: all)."""
    ends = [one.asked if one.asker in own else one.asker for one in listed]
    firms = firms_of(ends) if ends else {}
    pairs = [(one, firms[end]) for one, end in zip(listed, ends, strict=True)]
    if each:
        return pairs
    first: dict[str, Connection] = {}
    for one, other in sorted(pairs, key=lambda pair: pair[0].state != State.ACCEPTED):
        first.setdefault(other, one)
    return [(one, other) for one, other in pairs if first[other] is one]


def _stands(one: Connection, ours: bool) -> str:
    return {State.ACCEPTED: CONNECTED, State.ASKED: ASKED if ours else WAITING}.get(State(one.state), OVER)


def _known(
    one: Connection, ours: bool, other: str, names: dict[str, tuple[str, str]], contacts: dict[str, Contact]
) -> Known:
    name, country = names.get(other, (other, ""))
    stands = _stands(one, ours)
    on = one.ended_at or one.answered_at or one.asked_at
    return Known(one.pk, other, name, country, stands, one.message, ours, one.state, on, contacts.get(other))


def _contacts(partners: list[str]) -> dict[str, Contact]:
    if not partners:
        return {}
    given, reached, records = _given(partners), reached_by(partners), records_of(partners)
    people: dict[str, list[tuple[str, str]]] = {}
    for record, listed in sorted(reached_at(records).items()):  # administrators of what went into a firm are its own
        people.setdefault(records[record], []).extend(
            one for one in listed if one not in people.get(records[record], ())
        )
    found = {}
    for key in partners:
        website, phones = reached.get(key, ("", ()))
        says = given[key]
        found[key] = Contact(
            website if says["website"] else "", phones if says["phone"] else (),
            tuple(people.get(key, ())) if says["email"] else (),
        )  # fmt: skip
    return found


def _given(partners: list[str]) -> dict[str, dict[str, bool]]:
    said = {one.partner: one for one in Given.objects.filter(partner__in=partners)}
    kinds = ("website", "phone", "email")
    return {key: {kind: getattr(said.get(key), kind, True) for kind in kinds} for key in partners}
