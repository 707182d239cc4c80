"""Which partners are there, where does each stand, and who is close to another level?

A page at a time, in any order, for whoever may see them: always the same few statements, however many partners there are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Q, QuerySet, Sum, Value
from django.db.models.expressions import RawSQL
from django.db.models.fields import BooleanField

from hanse.apps.accounts.one_look import once
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
    `waiting` for those whose level waits for a person's answer. With `within` and `day` the level
    ends at most so many days after that day.
    """

    edition: str
    country: str = ""
    level: str = ""
    type: str = ""
    group: str = ""
    text: str = ""
    moving: str = ""
    within: int = 0
    day: date | None = None
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


_DECIDES = ("closest", "fails")
_LINE = tuple(name for name in Line.__dataclass_fields__ if name not in _DECIDES)


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

    Three statements, two for the first page; with filters one or two more.
    """
    require(actor, "standings.see_lists")
    few = _few(actor, wanted)
    if few is not None:
        return _page_of(wanted.edition, few, after=after, before=before, limit=limit)
    found = wanted_rows(actor, wanted)
    backwards = bool(before) and not after
    order = _order(wanted)
    place = _place(actor, wanted, after or before) if after or before else None
    up = wanted.descending == backwards
    if place is not None:
        found = found.filter(_beyond(order, place, up=up))
    found = found.order_by(*(column if up else f"-{column}" for column in order))
    lines = _lines(found[: limit + 1])
    more, lines = len(lines) > limit, lines[:limit]
    if backwards and place is not None:
        return Page(tuple(reversed(lines)), more, True)
    return Page(tuple(lines), place is not None, more)


@once
def _few(actor: Actor, wanted: Wanted) -> tuple[str, ...] | None:
    """The keys of all that are wanted, in their order, where filters leave few; None where they leave many, or there is none.

    Few among many are sought out and then sorted: gone through in their order, everybody would be looked at on the way.
    """
    narrowed = (wanted.country, wanted.level, wanted.type, wanted.group, wanted.text, wanted.moving, wanted.within)
    if (actor.everywhere and not any(narrowed)) or (_counted(actor, wanted) or 0) > COUNTED:
        return None
    order = _order(wanted)
    some = wanted_rows(actor, wanted).values("partner", *order)[: COUNTED + 1]
    sorted_ = [column if not wanted.descending else f"-{column}" for column in order]
    keys = some.aggregate(keys=ArrayAgg("partner", order_by=sorted_, default=Value([])))["keys"]
    return None if len(keys) > COUNTED else tuple(keys)


def _page_of(edition: str, keys: Sequence[str], *, after: str, before: str, limit: int) -> Page:
    """The page of a few that follows a key, or comes before one."""
    first = keys.index(after) + 1 if after in keys else 0
    if before in keys and not after:
        first = max(0, keys.index(before) - limit)
        limit = min(limit, keys.index(before))
    chosen = keys[first : first + limit]
    lines = {line.partner: line for line in _lines(Listed.objects.filter(edition=edition, partner__in=chosen))}
    return Page(tuple(lines[key] for key in chosen if key in lines), first > 0, first + limit < len(keys))


def _order(wanted: Wanted) -> tuple[str, ...]:
    """The columns of the order that are not the same for all that are wanted."""
    same = {"height" if wanted.level else "", "country" if wanted.country else ""}
    return tuple(column for column in SORTS[wanted.sort] if column not in same)


def partner_counts(*, actor: Actor, wanted: Wanted) -> Counts:
    """How many are wanted, and how many there are of each kind. One statement, two for a text or a group. Raises Refused."""
    require(actor, "standings.see_lists")
    kinds: tuple[dict[str, int], ...] = ({}, {}, {})
    for among, *kind, partners, _ in _tallied(actor, wanted):
        if among is not None:
            kinds[among][str(kind[among])] = int(partners)
    exact = _counted(actor, wanted)
    if exact is None:
        few = _few(actor, wanted)
        exact = None if few is None else len(few)
    return Counts(exact, *kinds)


def _counted(actor: Actor, wanted: Wanted) -> int | None:
    """How many are wanted, where the tallies can say so."""
    if wanted.text or wanted.group or wanted.moving == WAITING or wanted.within or actor.partners:
        return None
    return next((int(asked or 0) for among, *_, asked in _tallied(actor, wanted) if among is None), 0)


@once
def _tallied(actor: Actor, wanted: Wanted) -> list[tuple[Any, ...]]:
    """Sums of the tallies: by country (0), type (1), level (2), and of all (None), which alone heeds what is wanted."""
    asked = {"country": wanted.country, "type": wanted.type, "stands": wanted.level}
    heeded = " AND ".join(f"{column} = %s" for column, value in asked.items() if value) or "TRUE"
    counted = {RISING: "rising", FALLING: "falling"}.get(wanted.moving, "partners")
    statement = f"""
        SELECT CASE GROUPING(country, type, stands) WHEN 3 THEN 0 WHEN 5 THEN 1 WHEN 6 THEN 2 END, country, type, stands,
            SUM(partners), SUM({counted}) FILTER (WHERE {heeded}) FROM {Tally._meta.db_table}
        WHERE edition = %s AND (%s OR country = ANY (%s)) GROUP BY GROUPING SETS ((country), (type), (stands), ())
    """
    values: list[Any] = [*filter(None, asked.values()), wanted.edition, actor.everywhere, sorted(actor.countries)]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


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
    """Who is about to rise, the nearest first, or about to fall, the soonest first. Two statements. Raises Refused."""
    require(actor, "standings.see_lists")
    found = wanted_rows(actor, Wanted(edition, moving=moving))
    order = ("-nearness", "partner") if moving == RISING else ("until", "partner")
    return _lines(found.order_by(*order)[:limit])


def some_with(*, actor: Actor, edition: str, text: str, limit: int) -> list[str]:
    """The keys of some partners that a text finds, in no order: so nothing is sorted. One statement. Raises Refused."""
    require(actor, "standings.see_lists")
    return list(wanted_rows(actor, Wanted(edition, text=text)).values_list("partner", flat=True)[:limit])


def lines_of(*, actor: Actor, edition: str, partners: Sequence[str]) -> list[Line]:
    """Some partners by key. Two statements. Raises Refused."""
    require(actor, "standings.see_lists")
    return _lines(wanted_rows(actor, Wanted(edition)).filter(partner__in=partners).order_by("partner"))


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


def wanted_rows(actor: Actor, wanted: Wanted) -> QuerySet[Listed]:
    """The rows that are wanted and that the actor may see, in no order: for lists and the map."""
    return wanted_among(Listed.objects.filter(within(actor, partner="partner", country="country")), wanted)


def wanted_among(rows: QuerySet[Listed], wanted: Wanted) -> QuerySet[Listed]:
    """Those of some rows that are wanted."""
    found = rows.filter(edition=wanted.edition)
    for column, value in (
        ("country", wanted.country),
        ("stands", wanted.level),
        ("type", wanted.type),
        ("group", wanted.group),
    ):
        if value:
            found = found.filter(**{column: value})
    if wanted.within and wanted.day:
        found = found.filter(until__lte=wanted.day + timedelta(days=wanted.within))
    if wanted.moving:
        found = found.filter(_MOVES[wanted.moving])
    words = re.findall(r"[^\s&|!():*'\\<>,]+", _plain(wanted.text))
    if words:
        query = " & ".join(f"'{word}':*" for word in words)
        condition = "searched @@ to_tsquery('simple', %s)"
        found = found.filter(RawSQL(condition, [query], output_field=BooleanField()))
    return found


def _plain(text: str) -> str:
    """A text without accents, as `words` are kept; PostgreSQL makes both small."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not "\u0300" <= c <= "\u036f")


def _place(actor: Actor, wanted: Wanted, partner: str) -> Sequence[Any] | None:
    """Where in the order a partner stands; None where it is not listed (any more)."""
    seen = Listed.objects.filter(within(actor, partner="partner", country="country"), edition=wanted.edition)
    return seen.filter(partner=partner).values_list(*_order(wanted)).first()


def _beyond(order: Sequence[str], place: Sequence[Any], *, up: bool) -> RawSQL:
    """Rows that come later: compared as a whole, so that the index of the order leads there."""
    columns = ", ".join(f'"standings_listed"."{column}"' for column in order)
    values = ", ".join(["%s"] * len(order))
    return RawSQL(f"(({columns}) {'>' if up else '<'} ({values}))", list(place), output_field=BooleanField())


def _lines(found: QuerySet[Listed]) -> list[Line]:
    """The rows of a page. What decides is looked up for them alone: joined, everybody would be, and sorted, before the cut."""
    rows = list(found.values(*_LINE, *(f"{one}{part}" for one in _DECIDES for part in ("", "_actual", "_needed"))))
    asked = Asked.objects.in_bulk([number for row in rows for one in _DECIDES if (number := row[one]) is not None])
    return [_line(row, asked) for row in rows]


def _line(row: dict[str, Any], asked: dict[int, Asked]) -> Line:
    found = {name: row[name] for name in _LINE}
    found["until"] = None if row["until"] == _NEVER else row["until"]
    for one in _DECIDES:
        found[one] = None
        if row[one] is not None:
            of = asked[row[one]]
            found[one] = Deciding(
                of.subject,
                of.requirement,
                of.metric,
                of.comparison,
                of.clause,
                row[f"{one}_actual"],
                row[f"{one}_needed"],
            )
    return Line(**found)
