"""Who belongs to one group on a day: the tree of its companies, with their locations?

Derived from the events and facts on record, as evaluations follow them; nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from unicodedata import normalize

from django.db import connection

from hanse.apps.accounts.actors import Actor
from hanse.apps.registry.profile import named_to
from hanse.apps.registry.selectors import see_partner, visible_partners
from hanse.apps.statements import rows
from hanse.decisions.belonging import Structure, Told, called, in_a_circle, structure
from hanse.language.structure import BELONGS, EVENTS, MERGING

MOST = 300  # companies of a tree that are shown


@dataclass(frozen=True)
class Company:
    """One company of a group on the day: `depth` below the group, `name` as of the day, its locations where they may be seen.

    `counts` says that it was a partner on the day, so that its facts count where a programme rolls up.
    """

    partner: str
    name: str
    country: str
    depth: int
    locations: tuple[str, ...]
    counts: bool


@dataclass(frozen=True)
class GroupTree:
    """A group on a day; without a name it is what stands below the first company. `hidden` are those not shown to this reader."""

    group: str | None
    on: date
    companies: tuple[Company, ...]
    hidden: int


@dataclass(frozen=True)
class _Firm:
    name: str
    country: str
    group: str | None
    joined: date | None
    left: date | None

    def is_there(self, on: date) -> bool:
        return (self.joined is None or self.joined <= on) and (self.left is None or self.left > on)


def group_of(*, actor: Actor, partner: str, on: date) -> GroupTree:
    """The group of a firm on a day, from the top down. Eight statements at most. Raises NotThere.

    A reader is shown the companies that it may see, and those that show something of themselves to it.
    """
    see_partner(actor, partner)
    if (alone := _alone(partner)) is not None:  # as most firms are: no more is read for them
        return GroupTree(None, on, (Company(partner, alone.name, alone.country, 1, (), alone.is_there(on)),), 0)
    firms, told = _near([partner])
    found = structure({key: firm.group for key, firm in firms.items()}, told, on)
    own = found.merged.get(partner, partner)
    unit = found.unit(own)
    members = [key for key in firms if key not in found.merged and found.unit(key) == unit]
    seen = named_to(actor=actor, partners=members)
    of = {key: [one for one in told if one.partner == key] for key in members}
    named = {key: replace(firms[key], name=called(firms[key].name, of[key], on)) for key in members if key in seen}
    places = _locations(actor, list(named))
    listed = [
        Company(key, named[key].name, named[key].country, depth, places.get(key, ()), named[key].is_there(on))
        for key, depth in _in_order(named, found)
    ]
    shown = listed[:MOST]
    return GroupTree(unit[0], on, tuple(shown), len(members) - len(shown))


def circle(partner: str, into: str, on: date) -> date | None:
    """The first day on which a firm would stand above itself if it belonged to another from a day on: for the service."""
    firms, told = _near([partner, into])
    number = max((one.number for one in told), default=0) + 1
    said = [*told, Told(number, partner, BELONGS, on, into)]
    return in_a_circle({key: firm.group for key, firm in firms.items()}, said, partner)


def belongs_to(partner: str, on: date) -> tuple[str | None, str | None]:
    """The firm that stands above a firm on a day, and the group that it names itself: for the service."""
    firms, told = _near([partner])
    found = structure({key: firm.group for key, firm in firms.items()}, told, on)
    return found.above.get(partner), found.groups.get(partner)


def _in_order(named: Mapping[str, _Firm], found: Structure) -> Iterable[tuple[str, int]]:
    """The companies with their depths, each before those below it; sisters by name."""
    below: dict[str | None, list[str]] = {}
    for key in sorted(named, key=lambda key: (normalize("NFKD", named[key].name).casefold(), key)):
        above = found.above.get(key) if found.top(key) != key else None
        while above is not None and above not in named:  # of what is not shown, what is below it stands in its place
            above = found.above.get(above)
        below.setdefault(above, []).append(key)
    waiting = [(key, 1) for key in reversed(below.get(None, ()))]
    while waiting:
        key, depth = waiting.pop()
        yield key, depth
        waiting += [(child, depth + 1) for child in reversed(below.get(key, ()))]


def _alone(partner: str) -> _Firm | None:
    """A firm that names no group and of which no event was ever told; None for any other. One statement."""
    found = rows(
        'SELECT p.name, p.country, NULL, p.joined, p."left" FROM registry_partner AS p WHERE p.key = %(key)s AND p.present '
        "AND p.group_id IS NULL AND NOT EXISTS (SELECT FROM evidence_events AS e WHERE e.partner = p.key) "
        'AND NOT EXISTS (SELECT FROM evidence_events AS e WHERE e."into" = p.key)',
        {"key": partner},
    )
    return _Firm(*found[0]) if found else None


def _near(partners: list[str]) -> tuple[dict[str, _Firm], list[Told]]:
    """All firms that any day ties to these by a merger or a group, and what is told of them. Two statements."""
    kinds = [*MERGING, BELONGS]
    told = f"facts.{EVENTS} AS e WHERE e.kind = '{BELONGS}'"
    own = f"SELECT e.name FROM {told} AND e.partner = n.partner"
    tied = (
        f'SELECT e."into" AS partner FROM facts.{EVENTS} AS e WHERE e.partner = n.partner AND e.kind = ANY (%(kinds)s) UNION ALL '
        f'SELECT e.partner FROM facts.{EVENTS} AS e WHERE e."into" = n.partner AND e.kind = ANY (%(kinds)s) UNION ALL '
        "SELECT q.key FROM registry_partner AS p JOIN registry_partner AS q ON q.group_id = p.group_id WHERE p.key = n.partner AND p.present "
        "AND q.present UNION ALL SELECT q.key FROM registry_group AS g JOIN registry_partner AS q ON q.group_id = g.id AND q.present "
        f"WHERE g.key IN ({own}) UNION ALL SELECT e.partner FROM {told} AND e.name IN (SELECT g.key FROM registry_partner AS p "
        f"JOIN registry_group AS g ON g.id = p.group_id WHERE p.key = n.partner AND p.present UNION ALL {own.replace('e.', 'o.').replace(' AS e', ' AS o')})"
    )
    near = (
        'WITH RECURSIVE near(partner) AS (SELECT unnest(%(keys)s::text[]) COLLATE "C" UNION SELECT t.partner FROM near AS n '
        f"CROSS JOIN LATERAL ({tied}) AS t WHERE t.partner IS NOT NULL) "
    )
    values = {"keys": partners, "kinds": kinds}
    with connection.cursor() as cursor:
        cursor.execute(
            # keys as an array: of a recursive statement the planner expects millions, and would read everybody
            near
            + 'SELECT p.key, p.name, p.country, g.key, p.joined, p."left" FROM registry_partner AS p LEFT JOIN registry_group AS g '
            "ON g.id = p.group_id WHERE p.key = ANY (ARRAY(SELECT partner FROM near)) AND p.present ORDER BY p.key",
            values,
        )
        firms = {str(row[0]): _Firm(*row[1:]) for row in cursor.fetchall()}
        cursor.execute(
            f'SELECT e.fact, e.partner, e.kind, e."on", e."into", e.name FROM facts.{EVENTS} AS e WHERE e.partner = ANY (%(all)s) '
            "ORDER BY e.fact",
            {"all": [*firms]},
        )
        return firms, [Told(*row) for row in cursor.fetchall()]


def _locations(actor: Actor, partners: list[str]) -> dict[str, tuple[str, ...]]:
    """What the locations of firms are called, of those that the reader may see all of. One statement."""
    found: dict[str, list[str]] = {}
    seen = visible_partners(actor).filter(key__in=partners, locations__isnull=False)
    for key, *said in seen.order_by("key", "locations__key").values_list(
        "key", "locations__name", "locations__city", "locations__key"
    ):
        name, city, number = said
        found.setdefault(key, []).append(", ".join(dict.fromkeys(part for part in (name or number, city) if part)))
    return {key: tuple(dict.fromkeys(listed)) for key, listed in found.items()}
