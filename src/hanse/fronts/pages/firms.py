"""How is a partner of the directory told on a page: its level, competencies, industries, languages in words?

For the portal's search for allies and for the public directory alike. `Wanted` is what an address asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe

from hanse.apps.directory import industries
from hanse.apps.directory.search import Point, Wanted
from hanse.fronts.pages import asked
from hanse.language.words import mark

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from hanse.apps.directory.lines import Line
    from hanse.apps.directory.search import Found
    from hanse.apps.places.models import Place
    from hanse.language.words import Words

Says = Mapping[str, Any]
RADII = (10, 25, 50, 100, 250)  # kilometres
_FIELDS = ("text", "country", "type", "level", "competency", "certificate", "industry", "language", "solution", "town")
TYPES = {
    "reseller": mark("reseller"), "distributor": mark("distributor"), "system_integrator": mark("system integrator"),
    "consultancy": mark("consultancy"), "software_house": mark("software house"),
    "service_provider": mark("service provider"),
}  # fmt: skip
_KINDS = {
    "competency": mark("Competency"), "certificate": mark("Certificate"), "level": mark("Level"),
    "country": mark("Country"), "industry": mark("Industry"), "language": mark("Language"),
    "solution": mark("Solution"), "type": mark("Type"),
}  # fmt: skip
_ALL_CODES = 3  # letters of a code of ISIC from which on it is not offered as a facet


@dataclass(frozen=True)
class Card:
    """A firm in a list, in words."""

    line: Line
    level: str
    type: str
    place: str
    says: str  # where it is, what it is, what is spoken there
    km: str
    competencies: tuple[tuple[str, str], ...]  # label and depth
    certificates: tuple[str, ...]
    languages: tuple[str, ...]
    industries: tuple[str, ...]
    solutions: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """The value that is chosen: what it is called, how many have it, and where a press leads that takes it away."""

    value: str
    says: str
    n: int
    link: str


@dataclass(frozen=True)
class Facet:
    """One kind of thing to choose by: all values as `options` of a field, and as `links` those that most have."""

    name: str
    says: str
    options: SafeString
    links: SafeString
    chosen: Choice | None


def point_of(place: Place | None) -> Point | None:
    """Where a place is, if that is known."""
    if place is None or place.latitude is None or place.longitude is None:
        return None
    return Point(place.latitude, place.longitude)


def wanted_of(request: HttpRequest, edition: str, centre: Point | None = None) -> Wanted:
    """What an address asks for; near a `centre`, where it names one by other means than a town."""
    said = {name: asked.text(request, name) for name in _FIELDS}
    said["country"] = said["country"].upper()[:2]
    radius = asked.text(request, "radius", 4)
    return Wanted(
        **said, edition=edition, centre=centre, radius=float(radius) if radius in {str(one) for one in RADII} else 50.0
    )


def parameters(wanted: Wanted, *, near: str = "") -> dict[str, str]:
    """The same as the parameters of an address."""
    said = {name: str(getattr(wanted, name)) for name in _FIELDS}
    return said | {"near": near, "radius": str(int(wanted.radius)) if near or wanted.town else ""}


def card(line: Line, says: Says, words: Words) -> Card:
    """A firm in the reader's language."""
    kind = type_label(line.type, words)
    place = ", ".join(part for part in (line.city, _told("country", line.country, words)) if part)
    languages = tuple(language_label(one, words) for one in line.languages)
    return Card(
        line, label_of(says, "levels", line.level, words) if line.level else "", kind, place,
        " · ".join(part for part in (place, kind, words.listed(languages) if languages else "") if part),
        words.say("{n} km", n=words.number(line.km, 0 if line.km >= 10 else 1)) if line.km is not None else "",
        tuple(_competency(one, says, words) for one in line.competencies), line.certificates,
        languages,
        tuple(dict.fromkeys(industries.name_of(one, words.language) for one in line.industries)),
        tuple(one.replace("_", " ") for one in line.solutions),
    )  # fmt: skip


def facets(found: Found, said: Mapping[str, str], says: Says, words: Words) -> list[Facet]:
    """What can be chosen next, each with how many there are; `said` are the parameters of the address."""
    return [_facet(name, found.facets.get(name, {}), said, says, words) for name in _KINDS]


def _facet(name: str, counted: Mapping[str, int], said: Mapping[str, str], says: Says, words: Words) -> Facet:
    sought = said[name]
    values = {
        value: n for value, n in counted.items() if name != "industry" or len(value) < _ALL_CODES or value == sought
    }
    if sought and sought not in values:
        values[sought] = 0
    labels = {value: told(name, value, says, words) for value in values}
    if name == "level":
        order = [level for level, _ in says.get("levels", ())]
        listed = sorted(values, key=lambda value: -order.index(value) if value in order else 1)
    elif name == "industry":
        listed = sorted(values, key=lambda value: (industries.section_of(value), value.isdigit(), value))
    else:
        listed = sorted(values, key=lambda value: labels[value].lower())
    others = asked.query(said, **{name: ""})  # the address without this kind
    joint = escape(f"{others}&{name}=" if len(others) > 1 else f"?{name}=")
    divisions = name == "industry"  # a section is too wide to begin with
    most = sorted((v for v in values if v != sought and (v.isdigit() or not divisions)), key=lambda v: -values[v])[:5]
    if sought:
        listed = [sought, *(value for value in listed if value != sought)]
    # values and labels are escaped when they are first seen, and a number needs no escaping
    begun = ((_option(value, labels[value], value == sought), words.number(values[value], 0)) for value in listed)
    options = "".join(f"{option}{n})</option>" for option, n in begun)
    ends = ((_link(value, labels[value]), words.number(values[value], 0)) for value in most)
    links = "".join(f'<li><a href="{joint}{link}{n}</span></li>' for link, n in ends)
    chosen = Choice(sought, labels[sought], values[sought], others) if sought else None
    return Facet(name, words.say(_KINDS[name]), mark_safe(options), mark_safe(links), chosen)


@lru_cache(maxsize=10_000)
def _option(value: str, label: str, chosen: bool) -> str:
    """The beginning of an option, up to how many there are: the same on every page."""
    return format_html('<option value="{}"{}>{} (', value, mark_safe(" selected") if chosen else "", label)


@lru_cache(maxsize=10_000)
def _link(value: str, label: str) -> str:
    """The end of an address, what it is called, and the beginning of how many there are."""
    return format_html('{}">{}</a> <span class="soft">', quote_plus(value), label)


def told(name: str, value: str, says: Says, words: Words) -> str:
    """What a value of a facet is called."""
    if name == "level":
        return label_of(says, "levels", value, words)
    if name == "competency":
        return label_of(says, "competencies", value, words)
    return _told(name, value, words)


@lru_cache(maxsize=10_000)
def _told(name: str, value: str, words: Words) -> str:
    if name == "country":
        return words.country(value)
    if name == "type":
        return type_label(value, words)
    if name == "language":
        return language_label(value, words)
    if name == "solution":
        return value.replace("_", " ")
    if name == "industry":
        return f"{value} {industries.name_of(value, words.language)}"
    return value


def label_of(says: Says, kind: str, name: str, words: Words) -> str:
    """What a level, competency or depth is called in the edition."""
    labels = dict(says.get(kind) or {})
    return words.label(labels.get(name), name)


def type_label(kind: str, words: Words) -> str:
    """What a kind of partner is called."""
    return words.say(TYPES[kind]) if kind in TYPES else kind.replace("_", " ")


@lru_cache(maxsize=1_000)
def language_label(code: str, words: Words) -> str:
    """What a language is called; the code where it is none."""
    return str(words.locale.languages.get(code.replace("-", "_"), code))


def _competency(held: str, says: Says, words: Words) -> tuple[str, str]:
    name, _, depth = held.partition("/")
    return label_of(says, "competencies", name, words), label_of(says, "depths", depth, words) if depth else ""
