"""What is said of a partner in the directory: what it shows to this reader, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from hanse.apps.directory import terms
from hanse.apps.directory.around import Point, kilometres

_OF_ENTRY = (
    "place", "partner", "name", "country", "region", "city", "latitude", "longitude", "type", "certificates", "solutions",
    "industries", "languages", *(f"reach_{part}" for part in terms.PARTS),
)  # fmt: skip
_NAMES = (*_OF_ENTRY, "level", "competencies")
_STATEMENT = (
    f"SELECT {', '.join(f'e.{name}' for name in _OF_ENTRY)}, h.level, h.competencies FROM directory_entry AS e "
    "LEFT JOIN directory_held AS h ON h.partner = e.partner AND h.edition = %s"
)
Row = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """A partner as this reader may see it: `parts` are those it is shown; what belongs to others is empty."""

    partner: str
    name: str
    country: str
    type: str
    parts: frozenset[str]
    city: str = ""
    region: str = ""
    latitude: float | None = None
    longitude: float | None = None
    km: float | None = None
    level: str = ""
    competencies: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    solutions: tuple[str, ...] = ()


def of(
    places: Sequence[int], *, reach: int, centre: Point | None, edition: str, own: frozenset[str] = frozenset()
) -> list[Line]:
    """Entries by place, in this order; of those that are the reader's `own` everything. At most one statement."""
    if not places:
        return []
    found = {row["place"]: row for row in _read("e.place = ANY(%s)", [edition, list(places)])}
    listed = [found[place] for place in places if place in found]
    # what has been closed since the index was read is not shown
    shown = [(one, frozenset(terms.PARTS) if one["partner"] in own else _parts(one, reach)) for one in listed]
    return [_line(one, parts, centre) for one, parts in shown if parts]


def one(partner: str, *, parts: frozenset[str], edition: str) -> Line | None:
    """One partner, with the parts that the registry lets the reader see; None where it is in no directory."""
    return next((_line(row, parts, None) for row in _read("e.partner = %s", [edition, partner])), None)


def _read(whose: str, values: list[Any]) -> list[Row]:
    """Entries with what they hold by an edition; rows and no objects, which cost more than to find them."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_STATEMENT} WHERE {whose}", values)
        return [dict(zip(_NAMES, row, strict=True)) for row in cursor.fetchall()]


def _line(row: Row, parts: frozenset[str], centre: Point | None) -> Line:
    said: dict[str, Any] = {}
    if "contact" in parts:
        said |= {"city": row["city"] or "", "region": row["region"] or ""}
        if row["latitude"] is not None and row["longitude"] is not None:
            said |= {"latitude": row["latitude"], "longitude": row["longitude"]}
            if centre is not None:
                said["km"] = kilometres(centre, Point(row["latitude"], row["longitude"]))
    if "level" in parts:
        said["level"] = row["level"] or ""
    if "competencies" in parts:
        said["competencies"] = tuple(row["competencies"] or ())
    if "people" in parts:
        said |= {"certificates": tuple(row["certificates"]), "languages": tuple(row["languages"])}
    if "references" in parts:
        said |= {"industries": tuple(row["industries"]), "solutions": tuple(row["solutions"])}
    return Line(row["partner"], row["name"], row["country"], row["type"] or "", parts, **said)


def _parts(row: Row, reach: int) -> frozenset[str]:
    return frozenset(part for part in terms.PARTS if row[f"reach_{part}"] >= reach)
