"""Which value of each field does a firm have, of all that is said of it?

Pure: it takes what every source says now and what was chosen by hand, and says field by field which value wins, why, and
who says otherwise. An empty value never wins over one that is there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hanse.language.words import mark

HAND, ALONE, RANK, AGREEMENT, STAYS, FRESHEST = "hand", "alone", "rank", "agreement", "stays", "freshest"
SAYS = {
    HAND: mark("chosen by hand"),
    ALONE: mark("only one source says anything"),
    RANK: mark("this source comes first"),
    AGREEMENT: mark("most sources say so"),
    STAYS: mark("the record that stays says so"),
    FRESHEST: mark("it was said last"),
}
EVERY = "*"  # of ranks: for all fields that have none of their own


@dataclass(frozen=True)
class Said:
    """What one source says of a firm: the number of its fact, when it was learned, and the values of its fields.

    `by_hand` marks what somebody put right: `values` then holds the fields that were meant, and no others. `own` is false for
    what is said of a record that was found to be the same firm.
    """

    fact: int
    source: str
    learned: datetime
    values: Mapping[str, Any]
    by_hand: bool = False
    own: bool = True


@dataclass(frozen=True)
class Choice:
    """The value of a field: which fact says it, why it wins (a key of SAYS), and what the others say, by source."""

    field: str
    value: Any
    fact: int | None
    source: str
    because: str
    others: tuple[tuple[str, Any], ...]


def golden(
    said: Sequence[Said], fields: Sequence[str], ranks: Mapping[str, Sequence[str]] | None = None
) -> list[Choice]:
    """The choice for each field, in their order. `ranks` lists sources by field, the most trusted first (EVERY: for the rest).

    The order of `said` does not matter. A field of which nobody says anything has the value None.
    """
    return [_chosen(field, said, ranks or {}) for field in fields]


def _chosen(field: str, said: Sequence[Said], ranks: Mapping[str, Sequence[str]]) -> Choice:
    there = [one for one in said if one.values.get(field) not in (None, "")]
    hands = [one for one in said if one.by_hand and field in one.values]
    if hands:
        last = max(hands, key=_age)
        return _choice(field, last, HAND, there)
    if not there:
        return Choice(field, None, None, "", ALONE, ())
    order = ranks.get(field) or ranks.get(EVERY) or ()
    place = {source: at for at, source in enumerate(order)}
    best = min(place.get(one.source, len(order)) for one in there)
    first = [one for one in there if place.get(one.source, len(order)) == best]
    if len({_plain(one.values[field]) for one in there}) == 1:
        because = ALONE if len({one.source for one in there}) == 1 else AGREEMENT
        return _choice(field, max(first, key=_age), because, there)
    if len({_plain(one.values[field]) for one in first}) == 1:
        return _choice(field, max(first, key=_age), RANK, there)
    sources: dict[str, set[str]] = {}
    for one in first:
        sources.setdefault(_plain(one.values[field]), set()).add(one.source)
    most = max(len(names) for names in sources.values())
    agreed = [one for one in first if len(sources[_plain(one.values[field])]) == most]
    if len({_plain(one.values[field]) for one in agreed}) == 1:
        return _choice(field, max(agreed, key=_age), AGREEMENT, there)
    own = [one for one in agreed if one.own]
    because = STAYS if len(own) < len(agreed) and len({_plain(one.values[field]) for one in own}) == 1 else FRESHEST
    return _choice(field, max(own or agreed, key=_age), because, there)


def _choice(field: str, one: Said, because: str, there: Sequence[Said]) -> Choice:
    value = one.values.get(field)
    others = sorted(
        {
            (other.source, other.values[field])
            for other in there
            if not other.by_hand and _plain(other.values[field]) != _plain(value)
        },
        key=repr,
    )
    return Choice(field, value, one.fact, one.source, because, tuple(others))


def _age(one: Said) -> tuple[datetime, int]:
    return one.learned, one.fact


def _plain(value: Any) -> str:
    """A value as it is compared: without case, accents and outer blanks."""
    text = unicodedata.normalize("NFKD", str(value)).casefold()
    return "".join(c for c in text if not unicodedata.combining(c)).strip()
