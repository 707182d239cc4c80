"""Which partners are like this: of a name, in a place, with a competency, a level, an industry, a language?

Each reader searches in what each partner shows to it, and in nothing else (`Reader`): a partner that hides its level is
not found by it, and is not counted under it. See docs/algorithms/directory-search.md.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from pyroaring import BitMap

from hanse.apps.accounts.roles import PARTNER, VENDOR
from hanse.apps.directory import around, index, industries, lines, spelling, terms
from hanse.apps.directory.around import Far, Near, Point
from hanse.apps.directory.facets import FACETS, facets
from hanse.apps.directory.folding import words
from hanse.apps.directory.index import NOTHING, Index
from hanse.apps.directory.lines import Line
from hanse.apps.directory.models import Entry

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor
    from hanse.apps.directory.spelling import Spelt

PAGE = 20
WORDS = 6  # of a text that count


@dataclass(frozen=True)
class Wanted:
    """What is looked for; what is empty does not matter. `edition` is whose levels and competencies are meant.

    `industry` is a code of ISIC, NACE or NAICS as in industries.py; `town` or `centre` with `radius` (km) say where.
    """

    text: str = ""
    country: str = ""
    region: str = ""
    type: str = ""
    level: str = ""
    competency: str = ""
    certificate: str = ""
    industry: str = ""
    language: str = ""
    solution: str = ""
    town: str = ""
    centre: Point | None = None
    radius: float = 50.0
    edition: str = ""


@dataclass(frozen=True)
class Found:
    """A page of those who are like that: how many there are in all, and of each kind were that kind not asked for.

    There are others before the key `earlier` and after the key `later`, where these say one. `instead` says for a word
    that nothing begins with which words were taken. `unknown_town` says that nobody is there.
    """

    total: int
    lines: tuple[Line, ...] = ()
    earlier: str = ""
    later: str = ""
    facets: dict[str, dict[str, int]] = field(default_factory=dict)
    instead: dict[str, tuple[str, ...]] = field(default_factory=dict)
    centre: Point | None = None
    unknown_town: bool = False


@dataclass(frozen=True)
class Reader:
    """Who asks: how far partners must show a part, and which entries are there at all."""

    index: Index
    reach: int
    there: BitMap
    scope: Hashable = ()
    own: BitMap = NOTHING  # those of them that show everything, for they are the reader's

    def shown(self, part: str) -> BitMap:
        """The entries that show this reader a part."""
        if self.reach == terms.VENDOR or part == terms.BASIC:
            return self.there
        term = f"{terms.SEEN}{part}:{self.reach}"
        found: BitMap = self.index.remembered(
            (self.scope, term), lambda: (self.there & self.index.one(term)) | self.own
        )
        return found


@dataclass(frozen=True)
class Looked:
    """Who is like that: all that neither kind nor level takes away (`common`), what each kind leaves (`cuts`), and both."""

    reader: Reader
    common: BitMap
    cuts: dict[str, BitMap]
    near: Near | None
    centre: Point | None
    spelt: tuple[Spelt, ...]

    @cached_property
    def hits(self) -> BitMap:
        return self.those()

    def those(self, without: str = "") -> BitMap:
        """Those whom all kinds leave; with `without` as if that one were not asked for."""
        found = self.common
        for cut in sorted((cut for name, cut in self.cuts.items() if name != without), key=len):
            found = found & cut
        return found


def search(*, actor: Actor | None, wanted: Wanted, after: str = "", before: str = "", limit: int = PAGE) -> Found:
    """Those who are like that, by name (the nearest first where a place is given); those after, or before, a key.

    None is somebody who has not signed in. The same few statements, however many there are.
    """
    looked = looked_for(actor, wanted)
    if looked is None:
        return Found(0, unknown_town=True)
    reader, hits, near, centre = looked.reader, looked.hits, looked.near, looked.centre
    order = _by_distance(reader.index, near, hits) if near is not None else None
    places, earlier, later = _page(hits, order, after, before, limit)
    counted = reader.index.remembered(
        (reader.scope, replace(wanted, centre=centre)),
        lambda: dict(facets(looked, wanted)),
    )
    page = lines.of(places, reach=reader.reach, centre=centre, edition=wanted.edition)
    ends = (page[0].partner if page and earlier else "", page[-1].partner if page and later else "")
    if order is not None:  # who is on a page is told by places to a hundredth of a degree; the page itself knows better
        page.sort(key=lambda line: line.km if line.km is not None else math.inf)
    instead = {one.word: one.instead for one in looked.spelt if one.instead}
    return Found(len(hits), tuple(page), *ends, counted, instead, centre)


def looked_for(actor: Actor | None, wanted: Wanted, *, own: bool = False) -> Looked | None:
    """Those who are like that, for lists and the map; None where nobody is known to be in the town that is named.

    With `own` the actor's own firms are among them, with all that is said of them.
    """
    reader = _reader(actor, own=own)
    centre = wanted.centre or (_town(reader, wanted.town) if wanted.town else None)
    if wanted.town and centre is None:
        return None
    near = around.near(reader.index, centre, min(wanted.radius, around.FURTHEST)) if centre else None
    spelt = spelling.of(reader.index, reader.there, reader.shown("contact"), words(wanted.text)[:WORDS])
    cuts = dict(_cuts(reader, wanted))
    common = reader.there
    if near is not None:
        common = common & near.all & reader.shown("contact")
    for one in spelt:
        common = common & one.places
    return Looked(reader, common, cuts, near, centre, tuple(spelt))


def editions() -> list[str]:
    """The editions by which levels and competencies can be looked for."""
    found = {
        term[3:].partition(terms.SEPARATOR)[0]
        for kind in (terms.LEVEL, terms.COMPETENCY)
        for term in index.current().kind(kind)
    }
    return sorted(found)


def _reader(actor: Actor | None, *, own: bool = False) -> Reader:
    found = index.current()
    if actor is not None and actor.roles & VENDOR:
        if actor.everywhere:
            return Reader(found, terms.VENDOR, found.everybody, (0,))
        sets = found.kind(terms.COUNTRY)
        of_countries = [sets[term] for code in sorted(actor.countries) if (term := terms.COUNTRY + code) in sets]
        there = index.together([*of_countries, _own(found, actor)])
        return Reader(found, terms.VENDOR, there, (0, actor.countries, actor.partners))
    if actor is not None and actor.roles & PARTNER:
        there, theirs = found.one(f"{terms.SEEN}{terms.BASIC}:{terms.PARTNERS}"), _own(found, actor)
        if own:
            return Reader(found, terms.PARTNERS, there | theirs, (1, actor.partners, "own"), theirs)
        return Reader(found, terms.PARTNERS, there - theirs, (1, actor.partners))
    return Reader(found, terms.PUBLIC, found.one(f"{terms.SEEN}{terms.BASIC}:{terms.PUBLIC}"), (2,))


def _own(found: Index, actor: Actor) -> BitMap:
    """The entries of the actor's own firms: a partner does not look for itself."""

    def places() -> BitMap:
        entries = Entry.objects.filter(partner__in=actor.partners, place__isnull=False)
        return BitMap([place for place in entries.values_list("place", flat=True) if place is not None])

    own: BitMap = found.remembered(("own", actor.partners), places)
    return own


def _cuts(reader: Reader, wanted: Wanted) -> Iterator[tuple[str, BitMap]]:
    """For each thing that is asked for, those who have it and show it."""
    values = {
        "country": (wanted.country,), "type": (wanted.type,), "certificate": (wanted.certificate,),
        "language": (wanted.language,), "solution": (wanted.solution,),
        "level": (_of_edition(wanted, wanted.level),), "competency": (_of_edition(wanted, wanted.competency),),
        "industry": tuple(industries.isic_of(wanted.industry)) or (wanted.industry,),
    }  # fmt: skip
    for name, kind in FACETS.items():
        asked = [kind + value for value in values[name] if value]
        if asked:
            yield name, index.together(reader.index.of(asked)) & reader.shown(terms.PART_OF[kind])
    if wanted.region:
        term = f"{terms.REGION}{wanted.country}{terms.SEPARATOR}{wanted.region}"
        yield "region", reader.index.one(term) & reader.shown("contact")


def _of_edition(wanted: Wanted, value: str) -> str:
    return f"{wanted.edition}{terms.SEPARATOR}{value}" if value else ""


def _town(reader: Reader, town: str) -> Point | None:
    """Where a town is, by those who are there and show it."""
    asked = words(town)
    here = reader.shown("contact")
    exact = reader.index.of([terms.CITY + word for word in asked])
    for one in exact:
        here = here & one
    return around.middle(reader.index, here) if asked and here else None


def _by_distance(index: Index, near: Near, hits: BitMap) -> tuple[NDArray[np.uint32], Far]:
    places = np.asarray(hits.to_array(), dtype=np.uint32)
    return places, near.far_of(index, places)


def _page(
    hits: BitMap, order: tuple[NDArray[np.uint32], Far] | None, after: str, before: str, limit: int
) -> tuple[list[int], bool, bool]:
    """The places of a page, and whether there are others before and after."""
    if not limit:
        return [], False, bool(hits)
    place = _place_of(after or before)
    backwards = bool(before) and not after and place is not None
    if order is None:
        start = 0 if place is None else hits.rank(place) if not backwards else 0
        end = min(start + limit, len(hits))
        if backwards and place is not None:
            end = hits.rank(place) - (1 if place in hits else 0)
            start = max(0, end - limit)
        return list(hits[start:end]), start > 0, end < len(hits)
    return _nearest(*order, place, backwards, limit)


def _nearest(
    places: NDArray[np.uint32], km: Far, place: int | None, backwards: bool, limit: int
) -> tuple[list[int], bool, bool]:
    """The page in the order of distance, then place; only what lies near the cut is put in order."""
    beyond = np.ones(len(places), dtype=bool)
    at = np.searchsorted(places, place) if place is not None else len(places)
    if place is not None and at < len(places) and places[at] == place:
        there = km[at]
        later = (km > there) | ((km == there) & (places > place))
        beyond = ~later & (places != place) if backwards else later
    chosen, far = places[beyond], -km[beyond] if backwards else km[beyond]
    if len(chosen) > limit:
        cut = np.partition(far, limit - 1)[limit - 1]
        few = far <= cut
        few_places, few_far = chosen[few], far[few]
    else:
        few_places, few_far = chosen, far
    sorted_ = np.lexsort((-few_places.astype(np.int64) if backwards else few_places, few_far))[:limit]
    page = [int(one) for one in few_places[sorted_]]
    others, rest = len(places) - len(chosen), len(chosen) - len(page)
    return (page[::-1], rest > 0, others > 0) if backwards else (page, others > 0, rest > 0)


def _place_of(key: str) -> int | None:
    if not key:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT place FROM directory_entry WHERE partner = %s", [key])
        found = cursor.fetchone()
    return None if found is None or found[0] is None else int(found[0])


__all__ = ["PAGE", "Found", "Line", "Point", "Wanted", "editions", "search"]
