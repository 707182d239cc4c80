"""How is a partner of the directory told on a page: its level, competencies, industries, languages in words?

For the portal's search for allies and for the public directory alike. `Wanted` is what an address asks for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.utils.html import format_html, format_html_join

from hanse.apps.directory import industries
from hanse.apps.directory.search import Point, Wanted
from hanse.language.words import mark

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from hanse.apps.directory.lines import Line
    from hanse.apps.directory.search import Found
    from hanse.language.words import Words

Says = Mapping[str, Any]
RADII = (10, 25, 50, 100, 250)  # kilometres
_FIELDS = ("text", "country", "type", "level", "competency", "certificate", "industry", "language", "solution", "town")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
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
    km: str
    competencies: tuple[tuple[str, str], ...]  # label and depth
    certificates: tuple[str, ...]
    languages: tuple[str, ...]
    industries: tuple[str, ...]
    solutions: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """A value that can be chosen: what it is called, how many have it, and where a press leads."""

    value: str
    says: str
    n: int
    link: str
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """One kind of thing to choose by: all values as `options` of a field, and `first` those that most have."""

    name: str
    says: str
    options: SafeString
    first: tuple[Choice, ...]
    chosen: Choice | None


def text(request: HttpRequest, name: str, at_most: int = 100) -> str:
    """A parameter without what no database keeps; empty where it is not there."""
    return _UNPRINTABLE.sub("", request.GET.get(name, "")).strip()[:at_most]


def wanted_of(request: HttpRequest, edition: str, own: Point | None = None) -> Wanted:
    """What an address asks for. `near=me` is the place of one's own firm."""
    asked = {name: text(request, name) for name in _FIELDS}
    asked["country"] = asked["country"].upper()[:2]
    radius = text(request, "radius", 4)
    near = own if text(request, "near", 2) == "me" else None
    return Wanted(
        **asked, edition=edition, centre=near, radius=float(radius) if radius in {str(one) for one in RADII} else 50.0
    )


def parameters(wanted: Wanted, *, near: bool = False) -> dict[str, str]:
    """The same as the parameters of an address."""
    said = {name: str(getattr(wanted, name)) for name in _FIELDS}
    placed = near or bool(wanted.town)
    return said | {"near": "me" if near else "", "radius": str(int(wanted.radius)) if placed else ""}


def query(values: Mapping[str, str], **changes: str) -> str:
    """Parameters with some changed; those that say nothing are left out."""
    return "?" + urlencode({name: value for name, value in {**values, **changes}.items() if value})


def card(line: Line, says: Says, words: Words) -> Card:
    """A firm in the reader's language."""
    return Card(
        line, label_of(says, "levels", line.level, words) if line.level else "", type_label(line.type, words),
        ", ".join(part for part in (line.city, words.country(line.country)) if part),
        words.say("{n} km", n=words.number(line.km, 0 if line.km >= 10 else 1)) if line.km is not None else "",
        tuple(_competency(one, says, words) for one in line.competencies), line.certificates,
        tuple(language_label(one, words) for one in line.languages),
        tuple(dict.fromkeys(industries.name_of(one, words.language) for one in line.industries)),
        tuple(one.replace("_", " ") for one in line.solutions),
    )  # fmt: skip


def facets(found: Found, wanted: Wanted, says: Says, words: Words, *, near: bool = False) -> list[Facet]:
    """What can be chosen next, each with how many there are."""
    said = parameters(wanted, near=near)
    return [_facet(name, found.facets.get(name, {}), said, says, words) for name in _KINDS]


def _facet(name: str, counted: Mapping[str, int], said: dict[str, str], says: Says, words: Words) -> Facet:
    asked = said[name]
    values = {
        value: n for value, n in counted.items() if name != "industry" or len(value) < _ALL_CODES or value == asked
    }
    if asked and asked not in values:
        values[asked] = 0
    labels = {value: told(name, value, says, words) for value in values}
    if name == "level":
        order = [level for level, _ in says.get("levels", ())]
        listed = sorted(values, key=lambda value: -order.index(value) if value in order else 1)
    elif name == "industry":
        listed = sorted(values, key=lambda value: (industries.section_of(value), value.isdigit(), value))
    else:
        listed = sorted(values, key=lambda value: labels[value].lower())

    def choice(value: str) -> Choice:
        again = query(said, **{name: "" if value == asked else value})
        return Choice(value, labels[value], values[value], again, value == asked)

    divisions = name == "industry"  # a section is too wide to begin with
    most = sorted((v for v in values if v != asked and (v.isdigit() or not divisions)), key=lambda v: -values[v])[:5]
    rest = ((value, labels[value], words.number(values[value], 0)) for value in listed if value != asked)
    options = format_html_join("", '<option value="{}">{} ({})</option>', rest)
    if asked:
        said_now = asked, labels[asked], words.number(values[asked], 0)
        options = format_html('<option value="{}" selected>{} ({})</option>{}', *said_now, options)
    return Facet(name, words.say(_KINDS[name]), options, tuple(map(choice, most)), choice(asked) if asked else None)


def told(name: str, value: str, says: Says, words: Words) -> str:
    """What a value of a facet is called."""
    if name == "country":
        return words.country(value)
    if name == "type":
        return type_label(value, words)
    if name == "level":
        return label_of(says, "levels", value, words)
    if name == "competency":
        return label_of(says, "competencies", value, words)
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


def language_label(code: str, words: Words) -> str:
    """What a language is called; the code where it is none."""
    return str(words.locale.languages.get(code.replace("-", "_"), code))


def _competency(held: str, says: Says, words: Words) -> tuple[str, str]:
    name, _, depth = held.partition("/")
    return label_of(says, "competencies", name, words), label_of(says, "depths", depth, words) if depth else ""
