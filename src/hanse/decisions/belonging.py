"""Who is one firm with whom on a day, who stands above whom, and what was each called?

Pure, and the same rules as the statements of `language.structure`, which judge everybody; pages ask for one group here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from hanse.language.structure import BELONGS, LONGEST, MERGING


@dataclass(frozen=True)
class Told:
    """An event: of several of one day the one with the higher number was said later."""

    number: int
    partner: str
    kind: str
    on: date | None = None
    into: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class Structure:
    """The structure of a day: `merged` leads from a record to the firm that answers for it, `above` from a firm to its parent.

    `groups` has the group of those that stand below nobody, where they have one.
    """

    merged: Mapping[str, str]
    above: Mapping[str, str]
    groups: Mapping[str, str]

    def top(self, partner: str) -> str:
        """The firm at the top of those above; itself where there is none, or they lead round in a circle."""
        end = _end(partner, self.above)
        return partner if end is None else end

    def unit(self, partner: str) -> tuple[str | None, str]:
        """What counts as one group on the day: its name, or None with the firm at the top."""
        top = self.top(partner)
        group = self.groups.get(top)
        return (group, "") if group is not None else (None, top)


def structure(groups: Mapping[str, str | None], told: Iterable[Told], on: date) -> Structure:
    """The structure of a day. `groups` has every firm with the group that its own fact names."""
    listed = [one for one in told if one.on is None or one.on <= on]
    went = {
        key: one.into for key, one in _latest(one for one in listed if one.kind in MERGING and one.into).items() if one.into
    }  # fmt: skip
    merged = {key: end for key in went if (end := _end(key, went)) is not None and end in groups}
    said = _latest(
        one for one in listed
        if one.kind == BELONGS and (one.into is None or (one.into in groups and one.into != one.partner))
    )  # fmt: skip
    above = {
        key: parent for key, one in said.items()
        if one.into is not None and (parent := merged.get(one.into, one.into)) != key
    }  # fmt: skip
    named = {key: said[key].name if key in said else group for key, group in groups.items()}
    return Structure(merged, above, {key: name for key, name in named.items() if name is not None})


def in_a_circle(groups: Mapping[str, str | None], told: Iterable[Told], partner: str) -> date | None:
    """The first day on which a firm would stand above itself; None where it never does."""
    listed = list(told)
    for day in sorted({one.on or date.min for one in listed}):
        above, at, seen = structure(groups, listed, day).above, partner, set[str]()
        while at in above and at not in seen:
            seen.add(at)
            at = above[at]
        if at == partner and seen:
            return day
    return None


def called(name: str, told: Iterable[Told], on: date) -> str:
    """What a firm was called on a day, which is called `name` now; `told` are its own events."""
    later = [one for one in told if one.kind == "renamed" and one.name and one.on is not None and one.on > on]
    return min(later, key=lambda one: (one.on or date.min, one.number)).name or name if later else name


def _latest(told: Iterable[Told]) -> dict[str, Told]:
    found: dict[str, Told] = {}
    for one in sorted(told, key=lambda one: (one.on or date.min, one.number)):
        found[one.partner] = one
    return found


def _end(key: str, leads: Mapping[str, str]) -> str | None:
    """Where a chain ends; None where there is none, it goes round, or is longer than statements follow."""
    at, steps = key, 0
    while at in leads and steps <= LONGEST:
        at, steps = leads[at], steps + 1
    return at if 0 < steps <= LONGEST else None
