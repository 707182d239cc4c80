"""Which words does a text mean: those that begin so, or where none does, those that are spelt nearly so?

A typing error leaves the first half of a word as it is or the second; so the words to compare with are those that begin
like the first half or end like the second, out of two indexes. One error is allowed from four letters, two from eight.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection
from pyroaring import BitMap
from rapidfuzz import process
from rapidfuzz.distance import OSA

from hanse.apps.directory import index, terms
from hanse.apps.directory.index import Index

_NEAREST = 5  # words taken instead of one
_COMPARED = 4_000
_SIMILAR = """
(SELECT substr(term, 4) FROM directory_posting WHERE term >= %s AND term < %s AND chunk <= 0 LIMIT %s) UNION
(SELECT substr(term, 4) FROM directory_posting WHERE reverse(term) >= %s AND reverse(term) < %s AND chunk <= 0
    AND term LIKE %s LIMIT %s)
"""


@dataclass(frozen=True)
class Spelt:
    """A word of a text, where it is found, and which words were taken instead of it."""

    word: str
    places: BitMap
    instead: tuple[str, ...] = ()


def of(found: Index, there: BitMap, placed: BitMap, asked: Sequence[str]) -> list[Spelt]:
    """Each word: in names and keys among those who are `there`, in towns among those who show theirs (`placed`)."""
    return [_spelt(found, there, placed, word) for word in asked]


def _spelt(found: Index, there: BitMap, placed: BitMap, word: str) -> Spelt:
    places = _here(found, there, placed, word)
    if places or len(word) < 4:
        return Spelt(word, places)
    taken: list[str] = []
    for near in _near(word):
        more = _here(found, there, placed, near)  # a word that only hidden firms have is not told
        if more:
            places, taken = places | more, [*taken, near]
        if len(taken) == _NEAREST:
            break
    return Spelt(word, places, tuple(taken))


def _here(found: Index, there: BitMap, placed: BitMap, word: str) -> BitMap:
    named = found.beginning(terms.NAME, terms.NAME_BEGINS, word) & there
    return named | (found.beginning(terms.CITY, terms.CITY_BEGINS, word) & placed)


def _near(word: str) -> Iterator[str]:
    """Words that differ by a letter or two, the nearest first."""
    most = 1 if len(word) < 8 else 2
    half = len(word) // 2
    listed: set[str] = set()
    with connection.cursor() as cursor:
        for kind in (terms.NAME, terms.CITY):
            begins, ends = kind + word[:half], word[half + (len(word) > 5) :][::-1]
            cursor.execute(
                _SIMILAR,
                [begins, begins + index.LAST, _COMPARED, ends, ends + index.LAST, kind + "%", _COMPARED],
            )
            listed |= {str(row[0]) for row in cursor.fetchall()}
    whole = process.extract(word, list(listed), scorer=OSA.distance, score_cutoff=most, limit=None)
    begun = process.extract(
        word, {one: one[: len(word)] for one in listed}, scorer=OSA.distance, score_cutoff=most, limit=None
    )
    best: dict[str, float] = {}
    for near, far, _ in whole:
        best[near] = far
    for _, far, near in begun:
        best[near] = min(best.get(near, 9.0), far + 0.5)
    yield from sorted(best, key=lambda one: (best[one], one))
