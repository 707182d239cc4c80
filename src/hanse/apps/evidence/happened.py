"""Can this have become of a firm? What is wrong is said by field, with what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from hanse.apps.evidence import groups
from hanse.language.problems import CallError, Problem
from hanse.language.structure import BELONGS
from hanse.language.words import mark

if TYPE_CHECKING:
    from hanse.apps.evidence.structure import Event
    from hanse.apps.registry.models import Partner

LONGEST = 200  # letters of a name


@dataclass(frozen=True)
class Happened:
    """What somebody says became of a firm."""

    partner: str
    kind: str
    on: date
    into: str
    name: str


def require_possible(
    one: Happened, record: Mapping[str, Any], firm: Partner, is_there: bool, before: Sequence[Event]
) -> None:
    """`record` is the firm's own fact, `before` what is on record of it, `is_there` whether `into` is a firm. Raises CallError."""
    if firm.merged_into:
        raise _wrong("event", mark("this record went into another one"), mark("that firm answers for it"),
                     mark("say it of that firm, or take the merger back first"))  # fmt: skip
    if record["joined"] is not None and one.on < record["joined"]:
        raise _wrong("on", mark("the day is before the firm joined"), mark("it was no partner yet"),
                     mark("give a later day, or correct the day of joining first"))  # fmt: skip
    own = [event for event in before if event.partner == one.partner]
    if one.kind == "renamed":
        _renamed(one, record, own)
    elif one.kind == "closed":
        if record["left"] is not None:
            raise _wrong("kind", mark("it has left already"), mark("a day of leaving is on record"),
                         mark("take that event back first, or correct the firm's fact"))  # fmt: skip
    elif one.kind == "split":
        if not one.into:
            raise _wrong("into", mark("the other record is missing"), mark("something came out of the firm"),
                         mark("give the key of what came out of it; record it as a partner first if it is none"))  # fmt: skip
        _other(one, is_there)
    elif one.kind == BELONGS:
        _belongs(one, is_there)


def _renamed(one: Happened, record: Mapping[str, Any], own: Sequence[Event]) -> None:
    if not one.name:
        raise _wrong(
            "name", mark("the new name is missing"), mark("a firm was renamed to something"), mark("give the name")
        )
    if len(one.name) > LONGEST:
        raise _wrong("name", mark("the name is too long"), mark("it may have 200 letters"), mark("shorten it"))
    if one.name == " ".join(str(record["name"]).split()):
        raise _wrong("name", mark("it has this name already"), mark("nothing would be otherwise"),
                     mark("give the new name, or leave it"))  # fmt: skip
    if one.on > timezone.now().date():
        raise _wrong("on", mark("the day has not come yet"), mark("until then the firm has the name that it has"),
                     mark("record it on that day, or give the day of today"))  # fmt: skip
    if any(event.kind == "renamed" and event.on is not None and event.on > one.on for event in own):
        raise _wrong("on", mark("a later change of name is on record"), mark("names follow one another"),
                     mark("take that one back first, or give a later day"))  # fmt: skip


def _belongs(one: Happened, is_there: bool) -> None:
    if one.into and one.name:
        raise _wrong("name", mark("a firm above and a group are both given"), mark("a firm belongs to the group of the firm above it"),
                     mark("give one of the two"))  # fmt: skip
    if len(one.name) > LONGEST:
        raise _wrong("name", mark("the name is too long"), mark("it may have 200 letters"), mark("shorten it"))
    if one.into:
        _other(one, is_there)
        if groups.circle(one.partner, one.into, one.on) is not None:
            raise _wrong("into", mark("this leads round in a circle"), mark("the other firm stands below this one"),
                         mark("have the other one belong elsewhere first, or choose another"))  # fmt: skip
    above, group = groups.belongs_to(one.partner, one.on)
    if (one.into or None, one.name or None) == (above, None if above else group):
        raise _wrong("into", mark("it belongs there already on that day"), mark("nothing would be otherwise"),
                     mark("choose another, or leave it"))  # fmt: skip


def _other(one: Happened, is_there: bool) -> None:
    if one.into == one.partner:
        raise _wrong(
            "into", mark("this is the firm itself"), mark("it takes two"), mark("give the key of the other record")
        )
    if not is_there:
        raise _wrong("into", mark("there is no such partner"), mark("none that you see has this key"),
                     mark("look its key up in the list of partners"))  # fmt: skip


def _wrong(place: str, what: str, why: str, remedy: str) -> CallError:
    return CallError(Problem(place, what, why, remedy))
