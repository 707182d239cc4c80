"""What is said of a partner in the directory: what it shows to this reader, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hanse.apps.directory import terms
from hanse.apps.directory.around import Point, kilometres
from hanse.apps.directory.models import Entry, Held


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


def of(places: Sequence[int], *, reach: int, centre: Point | None, edition: str) -> list[Line]:
    """Entries by place, in this order. Two statements."""
    found = {entry.place: entry for entry in Entry.objects.filter(place__in=list(places))}
    listed = [found[place] for place in places if place in found]
    # what has been closed since the index was read is not shown
    shown = [(one, _parts(one, reach)) for one in listed]
    return _lines([(one, parts) for one, parts in shown if parts], centre, edition)


def one(partner: str, *, parts: frozenset[str], edition: str) -> Line | None:
    """One partner, with the parts that the registry lets the reader see; None where it is in no directory."""
    found = Entry.objects.filter(partner=partner).first()
    return None if found is None else _lines([(found, parts)], None, edition)[0]


def _lines(listed: Sequence[tuple[Entry, frozenset[str]]], centre: Point | None, edition: str) -> list[Line]:
    keys = [entry.partner for entry, parts in listed if parts & {"level", "competencies"}]
    holds = {held.partner: held for held in Held.objects.filter(partner__in=keys, edition=edition)} if keys else {}
    return [_line(entry, parts, holds.get(entry.partner), centre) for entry, parts in listed]


def _line(entry: Entry, parts: frozenset[str], held: Held | None, centre: Point | None) -> Line:
    said: dict[str, Any] = {}
    if "contact" in parts:
        said |= {"city": entry.city or "", "region": entry.region or ""}
        if entry.latitude is not None and entry.longitude is not None:
            said |= {"latitude": entry.latitude, "longitude": entry.longitude}
            if centre is not None:
                said["km"] = kilometres(centre, Point(entry.latitude, entry.longitude))
    if "level" in parts and held is not None:
        said["level"] = held.level
    if "competencies" in parts and held is not None:
        said["competencies"] = tuple(held.competencies)
    if "people" in parts:
        said |= {"certificates": tuple(entry.certificates), "languages": tuple(entry.languages)}
    if "references" in parts:
        said |= {"industries": tuple(entry.industries), "solutions": tuple(entry.solutions)}
    return Line(entry.partner, entry.name, entry.country, entry.type or "", parts, **said)


def _parts(entry: Entry, reach: int) -> frozenset[str]:
    return frozenset(part for part in terms.PARTS if getattr(entry, f"reach_{part}") >= reach)
