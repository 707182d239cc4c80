"""With whom is a firm connected, who waits for an answer, and what does a connection give to see?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.colleagues import reached_at
from hanse.apps.accounts.policy import not_there
from hanse.apps.connections.models import Connection, Given
from hanse.apps.registry.profile import known_as, reached_by

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
    """The connections of the actor's own firms: the door. The vendor is not told who knows whom."""
    return Connection.objects.filter(Q(asker__in=actor.partners) | Q(asked__in=actor.partners))


def connections(*, actor: Actor, partner: str, over: bool = False, limit: int = 200) -> list[Known]:
    """A firm's connections and requests, those that wait for it first; `over` shows those that have ended.

    At most five statements. Raises NotThere for a firm that is not the actor's.
    """
    _own(actor, partner)
    ended = (State.DECLINED, State.WITHDRAWN)
    found = among(actor).filter(Q(asker=partner) | Q(asked=partner))
    found = found.filter(state__in=ended) if over else found.exclude(state__in=ended)
    listed = list(found.order_by("-pk")[:limit])
    others = [_other(one, partner) for one in listed]
    names = known_as(others)
    contacts = _contacts([_other(one, partner) for one in listed if one.state == State.ACCEPTED])
    known = [_known(one, partner, names, contacts) for one in listed]
    order = (WAITING, CONNECTED, ASKED, OVER)
    return sorted(known, key=lambda one: (order.index(one.stands), one.name.lower() if one.stands == CONNECTED else ""))


def between(*, actor: Actor, partner: str, other: str) -> Known | None:
    """What stands between a firm of the actor's and another, if anything does. Raises NotThere."""
    _own(actor, partner)
    pair = Q(asker=partner, asked=other) | Q(asker=other, asked=partner)
    found = among(actor).filter(pair, state__in=(State.ASKED, State.ACCEPTED)).first()
    if found is None:
        return None
    contacts = _contacts([other]) if found.state == State.ACCEPTED else {}
    return _known(found, partner, known_as([other]), contacts)


def stand_with(*, actor: Actor, partner: str) -> dict[str, str]:
    """How a firm of the actor's stands with those it is connected with, or asked, or is asked by. One statement."""
    _own(actor, partner)
    found = among(actor).filter(Q(asker=partner) | Q(asked=partner), state__in=(State.ASKED, State.ACCEPTED))
    return {
        (asked if asker == partner else asker): CONNECTED
        if state == State.ACCEPTED
        else ASKED
        if asker == partner
        else WAITING
        for asker, asked, state in found.values_list("asker", "asked", "state")
    }


def waiting_for(*, actor: Actor, limit: int = 5) -> list[Known]:
    """Requests that wait for an answer of the firms that the actor may answer for, the newest first."""
    found = among(actor).filter(asked__in=actor.administers, state=State.ASKED).order_by("-pk")[:limit]
    listed = list(found)
    names = known_as([one.asker for one in listed]) if listed else {}
    return [_known(one, one.asked, names, {}) for one in listed]


def given_by(*, actor: Actor, partner: str) -> dict[str, bool]:
    """What a firm gives to its connections. Raises NotThere."""
    _own(actor, partner)
    return _given([partner])[partner]


def _own(actor: Actor, partner: str) -> None:
    if partner not in actor.partners:
        raise not_there("partner", partner, "ask an administrator of that firm")


def _other(one: Connection, partner: str) -> str:
    return one.asked if one.asker == partner else one.asker


def _known(one: Connection, partner: str, names: dict[str, tuple[str, str]], contacts: dict[str, Contact]) -> Known:
    ours = one.asker == partner
    other = _other(one, partner)
    name, country = names.get(other, (other, ""))
    stands = {State.ACCEPTED: CONNECTED, State.ASKED: ASKED if ours else WAITING}.get(State(one.state), OVER)
    on = one.ended_at or one.answered_at or one.asked_at
    return Known(one.pk, other, name, country, stands, one.message, ours, one.state, on, contacts.get(other))


def _contacts(partners: list[str]) -> dict[str, Contact]:
    if not partners:
        return {}
    given, reached, people = _given(partners), reached_by(partners), reached_at(partners)
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
