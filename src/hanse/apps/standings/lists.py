"""Which partners are there, where does each stand, and who is close to another level?

A page at a time, in any order, for whoever may see them: always the same few statements, however many partners there are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.expressions import RawSQL
from django.db.models.fields import BooleanField

from hanse.apps.accounts.policy import require
from hanse.apps.registry.selectors import within
from hanse.apps.standings.listing import NEVER
from hanse.apps.standings.models import Asked, Listed, Tally

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor

SORTS = {
    "name": ("folded", "partner"),
    "level": ("height", "folded", "partner"),
    "country": ("country", "folded", "partner"),
    "until": ("until", "folded", "partner"),
}
RISING, FALLING, WAITING = "rising", "falling", "waiting"
MOVING = (RISING, FALLING, WAITING)
COUNTED = 1000  # of a search more are not counted
_MOVES = {RISING: Q(lacking=1, falling=False), FALLING: Q(falling=True), WAITING: Q(awaiting__isnull=False)}
_NEVER = date.fromisoformat(NEVER)


@dataclass(frozen=True)
class Wanted:
    """Which partners, and in which order. `text` is the beginnings of words of a name, key, city or group.

    `moving` is `rising` for those who lack one requirement for the level above, `falling` for those who would lose theirs,
    `waiting` for those whose level waits for a person's answer.
    """

    edition: str
    country: str = ""
    level: str = ""
    type: str = ""
    group: str = ""
    text: str = ""
    moving: str = ""
    sort: str = "name"
    descending: bool = False


@dataclass(frozen=True)
class Deciding:
    """The one requirement that decides, as its check has it."""

    subject: str
    requirement: str
    metric: str
    comparison: str
    clause: str | None
    actual: float | None
    needed: float | None


@dataclass(frozen=True)
class Line:
    """A partner in a list. `closest` is what alone is missing for `next`, `fails` what the level held no longer has."""

    partner: str
    name: str
    country: str
    city: str | None
    type: str
    group: str | None
    stands: str
    level: str | None
    expected: str | None
    awaiting: str | None
    until: date | None
    next: str | None
    lacking: int | None
    closest: Deciding | None
    falling: bool
    fails: Deciding | None


@dataclass(frozen=True)
class Page:
    """Some partners, and whether there are others before and after."""

    lines: tuple[Line, ...]
    earlier: bool
    later: bool


@dataclass(frozen=True)
class Counts:
    """How many partners are wanted (None: more than COUNTED), and how many there are of each country, type, level."""

    wanted: int | None
    countries: dict[str, int]
    types: dict[str, int]
    levels: dict[str, int]

    @property
    def all(self) -> int:
        """Everybody in the edition whom the actor may see."""
        return sum(self.levels.values())


def partner_page(*, actor: Actor, wanted: Wanted, after: str = "", before: str = "", limit: int = 50) -> Page:
    """The partners that follow the key `after`, or come before the key `before`; else the first ones. Raises Refused.

    Two statements, one for the first page.
    """
    require(actor, "standings.see_lists")
    found = _wanted(actor, wanted)
    backwards = bool(before) and not after
    order = SORTS[wanted.sort]
    place = _place(actor, wanted, after or before) if after or before else None
    up = wanted.descending == backwards
    if place is not None:
        found = found.filter(_beyond(order, place, up=up))
    found = found.order_by(*(column if up else f"-{column}" for column in order))
    rows = list(found.select_related("closest", "fails")[: limit + 1])
    more, rows = len(rows) > limit, rows[:limit]
    if backwards and place is not None:
        return Page(tuple(_line(one) for one in reversed(rows)), more, True)
    return Page(tuple(_line(one) for one in rows), place is not None, more)


def partner_counts(*, actor: Actor, wanted: Wanted) -> Counts:
    """How many are wanted, and how many there are of each kind. One statement, two for a text or a group. Raises Refused."""
    require(actor, "standings.see_lists")
    kinds: tuple[dict[str, int], ...] = ({}, {}, {})
    exact = 0
    tally = Tally.objects.filter(_mine(actor), edition=wanted.edition)
    named = (wanted.country, wanted.type, wanted.level)
    for *kind, partners, rising, falling in tally.values_list(
        "country", "type", "stands", "partners", "rising", "falling"
    ):
        for counted, value in zip(kinds, kind, strict=True):
            counted[value] = counted.get(value, 0) + partners
        if all(not asked or asked == value for asked, value in zip(named, kind, strict=True)):
            exact += {RISING: rising, FALLING: falling}.get(wanted.moving, partners)
    if wanted.text or wanted.group or wanted.moving == WAITING or actor.partners:
        some = _wanted(actor, wanted).values("partner")[: COUNTED + 1].count()
        return Counts(some if some <= COUNTED else None, *kinds)
    return Counts(exact, *kinds)


def every_partner(*, actor: Actor, wanted: Wanted, at_once: int = 2000) -> Iterator[Line]:
    """All that are wanted, in their order, read so many at a time. Raises Refused."""
    require(actor, "standings.see_lists")
    return _every(actor, wanted, at_once)


def _every(actor: Actor, wanted: Wanted, at_once: int) -> Iterator[Line]:
    page = partner_page(actor=actor, wanted=wanted, limit=at_once)
    yield from page.lines
    while page.later:
        page = partner_page(actor=actor, wanted=wanted, after=page.lines[-1].partner, limit=at_once)
        yield from page.lines


def moving_list(*, actor: Actor, edition: str, moving: str, limit: int = 8) -> list[Line]:
    """Who is about to rise, the nearest first, or about to fall, the soonest first. One statement. Raises Refused."""
    require(actor, "standings.see_lists")
    found = _wanted(actor, Wanted(edition, moving=moving)).select_related("closest", "fails")
    order = ("-nearness", "partner") if moving == RISING else ("until", "partner")
    return [_line(one) for one in found.order_by(*order)[:limit]]


def by_country(*, actor: Actor, edition: str) -> dict[str, dict[str, int]]:
    """How many partners stand at each level, by country; about to rise and fall under those names. Raises Refused."""
    require(actor, "standings.see_lists")
    found: dict[str, dict[str, int]] = {}
    rows = Tally.objects.filter(_mine(actor), edition=edition).values_list("country", "stands")
    for country, level, partners, rising, falling in rows.annotate(Sum("partners"), Sum("rising"), Sum("falling")):
        counted = found.setdefault(country, {RISING: 0, FALLING: 0})
        counted[level] = partners
        counted[RISING] += rising
        counted[FALLING] += falling
    return found


def _mine(actor: Actor) -> Q:
    """The door of tallies, which name no partner: whole countries, and for who has single partners what lists hold."""
    if actor.everywhere:
        return Q()
    return Q(country__in=actor.countries)


def _wanted(actor: Actor, wanted: Wanted) -> QuerySet[Listed]:
    found = Listed.objects.filter(within(actor, partner="partner", country="country"), edition=wanted.edition)
    for column, value in (
        ("country", wanted.country),
        ("stands", wanted.level),
        ("type", wanted.type),
        ("group", wanted.group),
    ):
        if value:
            found = found.filter(**{column: value})
    if wanted.moving:
        found = found.filter(_MOVES[wanted.moving])
    words = re.findall(r"[^\s&|!():*'\\<>,]+", _plain(wanted.text))
    if words:
        query = " & ".join(f"'{word}':*" for word in words)
        condition = "to_tsvector('simple', words) @@ to_tsquery('simple', %s)"
        found = found.filter(RawSQL(condition, [query], output_field=BooleanField()))
    return found


def _plain(text: str) -> str:
    """A text without accents, as `words` are kept; PostgreSQL makes both small."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not "\u0300" <= c <= "\u036f")


def _place(actor: Actor, wanted: Wanted, partner: str) -> Sequence[Any] | None:
    """Where in the order a partner stands; None where it is not listed (any more)."""
    seen = Listed.objects.filter(within(actor, partner="partner", country="country"), edition=wanted.edition)
    return seen.filter(partner=partner).values_list(*SORTS[wanted.sort]).first()


def _beyond(order: Sequence[str], place: Sequence[Any], *, up: bool) -> RawSQL:
    """Rows that come later: compared as a whole, so that the index of the order leads there."""
    columns = ", ".join(f'"standings_listed"."{column}"' for column in order)
    values = ", ".join(["%s"] * len(order))
    return RawSQL(f"(({columns}) {'>' if up else '<'} ({values}))", list(place), output_field=BooleanField())


def _line(one: Listed) -> Line:
    plain = {
        name: getattr(one, name) for name in Line.__dataclass_fields__ if name not in ("closest", "fails", "until")
    }
    closest = fails = None
    if one.closest is not None:
        closest = _deciding(one.closest, one.closest_actual, one.closest_needed)
    if one.fails is not None:
        fails = _deciding(one.fails, one.fails_actual, one.fails_needed)
    return Line(**plain, closest=closest, fails=fails, until=None if one.until == _NEVER else one.until)


def _deciding(asked: Asked, actual: float | None, needed: float | None) -> Deciding:
    return Deciding(
        asked.subject, asked.requirement, asked.metric, asked.comparison, asked.clause, actual, needed
    )  # fmt: skip
