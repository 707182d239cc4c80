"""By which terms is an entry found, and to which part of the profile does each belong?

A term is a text: two letters for what it is, then the value. Of a part that a reader may not see no term counts: the
search (search.py) cuts every term of a part with those who show that part to this kind of reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hanse.apps.directory import industries
from hanse.apps.directory.folding import words

COUNTRY, TYPE, REGION, LEVEL, COMPETENCY = "co:", "ty:", "re:", "le:", "cm:"
CERTIFICATE, INDUSTRY, LANGUAGE, SOLUTION = "ce:", "in:", "la:", "so:"
NAME, CITY = "wn:", "wc:"  # a word of the name or key, of the city
NAME_BEGINS, CITY_BEGINS = "pn:", "pc:"  # beginnings of words that very many have
SEEN = "see:"  # see:PART:REACH, who shows a part at least so far
WHERE = "#"  # no term: where each place lies on the earth (postings.py)
BASIC = ""  # shown by whoever shows anything
PARTS = ("contact", "competencies", "level", "people", "references")
PART_OF = {
    COUNTRY: BASIC, TYPE: BASIC, NAME: BASIC, REGION: "contact", CITY: "contact", WHERE: "contact", LEVEL: "level",
    COMPETENCY: "competencies", CERTIFICATE: "people", LANGUAGE: "people", INDUSTRY: "references", SOLUTION: "references",
}  # fmt: skip
VENDOR, PARTNERS, PUBLIC = 0, 1, 2  # the reaches
SEPARATOR = "\x1f"  # between the parts of one value


def of(entry: Mapping[str, Any]) -> Iterator[str]:
    """The terms of an entry (a row of `services.rows`)."""
    yield COUNTRY + entry["country"]
    if entry["type"]:
        yield TYPE + entry["type"]
    for word in words(" ".join((entry["name"], entry["partner"], *entry["called"]))):
        yield NAME + word
    if entry["city"]:
        for word in words(entry["city"]):
            yield CITY + word
    if entry["region"]:
        yield f"{REGION}{entry['country']}{SEPARATOR}{entry['region']}"
    yield from (CERTIFICATE + one for one in entry["certificates"])
    yield from (SOLUTION + one for one in entry["solutions"])
    yield from (LANGUAGE + one for one in entry["languages"])
    for code in {above for one in entry["industries"] for above in industries.with_those_above(one)}:
        yield INDUSTRY + code
    yield from held(entry)
    yield from seen(entry)


def held(entry: Mapping[str, Any]) -> Iterator[str]:
    """The terms of what is held by editions: `held` lists edition, level and competencies."""
    for edition, level, competencies in entry["held"]:
        if level:
            yield f"{LEVEL}{edition}{SEPARATOR}{level}"
        for name in {one.partition("/")[0] for one in competencies}:
            yield f"{COMPETENCY}{edition}{SEPARATOR}{name}"


def seen(entry: Mapping[str, Any]) -> Iterator[str]:
    """Who shows what: each part at each reach that it has, and whether anything is shown at all."""
    reaches = {part: int(entry[f"reach_{part}"]) for part in PARTS}
    yield f"{SEEN}{BASIC}:{VENDOR}"
    for reach in (PARTNERS, PUBLIC):
        shown = [part for part in PARTS if reaches[part] >= reach]
        yield from (f"{SEEN}{part}:{reach}" for part in shown)
        if shown:
            yield f"{SEEN}{BASIC}:{reach}"
