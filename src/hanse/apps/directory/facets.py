"""How many of those who are found have each country, level, competency …, were that kind not asked for?

Counting is most of what a search of a million partners costs, so it is done in the cheaper of two ways, and once for
each question. See docs/algorithms/directory-search.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from hanse.apps.directory import terms

if TYPE_CHECKING:
    from pyroaring import BitMap

    from hanse.apps.directory.index import Index
    from hanse.apps.directory.search import Looked, Wanted

FACETS = {
    "country": terms.COUNTRY, "type": terms.TYPE, "level": terms.LEVEL, "competency": terms.COMPETENCY,
    "certificate": terms.CERTIFICATE, "industry": terms.INDUSTRY, "language": terms.LANGUAGE, "solution": terms.SOLUTION,
}  # fmt: skip
_DIVISION = len(terms.INDUSTRY) + 2  # industries are counted by section and division, and the one that is asked for
_MOST = 300  # values of a facet, those that most have
_FEW, _MANY = 1 / 64, 1 / 16  # of everybody: between them a set is a list of places, and a long one
_BY_EDITION = (terms.LEVEL, terms.COMPETENCY)
_Counting = Callable[["BitMap"], int]


def facets(looked: Looked, wanted: Wanted) -> Iterator[tuple[str, dict[str, int]]]:
    """How many there are of each kind, by value, the most frequent first.

    A kind that is asked for has a question of its own, the same whatever is asked for of it: whoever goes from country
    to country has the countries counted once.
    """
    index, reader = looked.reader.index, looked.reader
    shown: dict[str, _Counting] = {}  # of each part, for the kinds that belong to it
    for name, kind in FACETS.items():
        part = terms.PART_OF[kind]
        if name in looked.cuts:
            question = (reader.scope, name, _without(replace(wanted, centre=looked.centre), name))
            yield name, index.remembered(question, partial(_of_others, looked, wanted, name))
            continue
        if part not in shown:
            shown[part] = _counting(index, looked.hits & reader.shown(part))
        yield name, _facet(index, kind, wanted, shown[part])


def _without(wanted: Wanted, name: str) -> Wanted:
    """The same question, whatever is asked for of a kind; of an industry, because it is told besides what is counted."""
    emptied: dict[str, Any] = {} if FACETS[name] == terms.INDUSTRY else {name: ""}
    return replace(wanted, **emptied)


def _of_others(looked: Looked, wanted: Wanted, name: str) -> dict[str, int]:
    kind = FACETS[name]
    here = looked.those(without=name) & looked.reader.shown(terms.PART_OF[kind])
    return _facet(looked.reader.index, kind, wanted, _counting(looked.reader.index, here))


def _counting(index: Index, here: BitMap) -> _Counting:
    """How many of some places a set holds.

    Two long lists of places take long to compare, a list and a row of bits do not. Where those who are here are too few
    to be kept as bits, all others are not: they are counted, and taken from the whole.
    """
    n = len(index.everybody)
    if not n * _FEW < len(here) < n * _MANY:
        return here.intersection_cardinality
    others = index.everybody - here
    return lambda places: len(places) - others.intersection_cardinality(places)


def _facet(index: Index, kind: str, wanted: Wanted, counting: _Counting) -> dict[str, int]:
    begins = kind + (f"{wanted.edition}{terms.SEPARATOR}" if kind in _BY_EDITION else "")
    asked = terms.INDUSTRY + wanted.industry
    counted = {}
    for term, places in index.kind(kind).items():
        if kind == terms.INDUSTRY and len(term) > _DIVISION and term != asked:
            continue
        if term.startswith(begins) and (n := counting(places)):
            counted[term[len(begins) :]] = n
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:_MOST])
