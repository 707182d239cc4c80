"""Whose rules may somebody read: those in force and to come, and those by which they stood before?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import TYPE_CHECKING

from hanse.apps.accounts.actors import SYSTEM
from hanse.apps.accounts.policy import not_there
from hanse.apps.accounts.roles import VENDOR
from hanse.apps.programmes import selectors
from hanse.apps.programmes.models import State

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor
    from hanse.apps.programmes.selectors import Seen
    from hanse.language.edition import Edition

_ORDER = (State.IN_FORCE, State.ANNOUNCED, State.PILOTED, State.DRAFTED, State.RETIRED)


def readable(*, actor: Actor, day: date, lived: Collection[str] = ()) -> list[Seen]:
    """One version of each edition that the actor may read on a day: that in force first, the latest of those alike.

    `lived` names the editions by which the actor's firms have been judged: of these a former one may be read too, as it
    was when it was in force.
    """
    found: dict[str, Seen] = {}
    shown = {one.id for one in selectors.editions(actor=actor, day=day)}
    for one in selectors.editions(actor=SYSTEM, day=day):
        former = one.state == State.RETIRED and _in_force_from(one) is not None
        if one.id not in shown and not (former and one.name in lived):
            continue
        kept = found.get(one.name)
        if kept is None or _rank(one) < _rank(kept):
            found[one.name] = one
    return sorted(found.values(), key=lambda one: (one.programme, _started(one)), reverse=True)


def to_read(*, actor: Actor, name: str, day: date, lived: Collection[str] = ()) -> Seen:
    """The version that `programme/edition` means for this reader; the vendor's people may name one (`@2`). Raises NotThere."""
    plain, _, number = name.partition("@")
    if number and actor.roles & VENDOR and number.isdigit():
        listed = [one for one in selectors.editions(actor=actor, day=day, name=plain) if one.number == int(number)]
    else:
        listed = [one for one in readable(actor=actor, day=day, lived=lived) if one.name == name]
    if not listed:
        raise not_there("programme", name, "the list of programmes says which rules there are to read")
    return listed[0]


def day_of(one: Seen, edition: Edition, today: date) -> date:
    """The day whose rules are read: today; of a programme to come its first day, of a former one its last."""
    if one.state == State.RETIRED and one.since is not None:
        return min(today, one.since - timedelta(days=1))
    first = _in_force_from(one) or edition.programme.in_force
    last = edition.programme.until
    day = max(today, first) if first else today
    return min(day, last) if last and (first is None or last >= first) else day


def _rank(one: Seen) -> tuple[int, int]:
    return _ORDER.index(State(one.state)), -one.number


def _started(one: Seen) -> tuple[date, str]:
    return _in_force_from(one) or one.since or date.min, one.name


def _in_force_from(one: Seen) -> date | None:
    """Since when a version is in force, or was, or will be."""
    came = (e.on for e in one.events if e.state == State.IN_FORCE and not (e.taken_back or e.takes_back))
    return next(came, None)
