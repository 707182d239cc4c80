"""How do those who are found lie over a window of the map?

Counted out of the index as searches read it, so that all who are found are looked at, however many, and a map says what
the list says. Places are known there to a hundredth of a degree; of few the entries themselves say where they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from hanse.apps.directory import lines, search, terms
from hanse.apps.directory.models import Entry
from hanse.apps.directory.postings import NOWHERE
from hanse.apps.places.square import WHOLE, x_of, y_of

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from pyroaring import BitMap

    from hanse.apps.accounts.actors import Actor
    from hanse.apps.directory.index import Index
    from hanse.apps.directory.lines import Line
    from hanse.apps.directory.search import Looked, Reader, Wanted

NOT_SHOWN = "?"  # the level of who does not show it to this reader
_EXACT = 2_000  # so many are read to know better than to a hundredth of a degree where they are
_BLURRED = 13  # from this grid on hundredths of a degree are seen
Parts = NDArray[np.int32]
_UNKNOWN = -1


@dataclass(frozen=True)
class Frame:
    """A window in parts of the world's square, edges included, and the grid (2^n squares each way) that it is cut into.

    `columns` are two pieces, the western one of the square first, where the window lies across the edge of the world.
    """

    columns: tuple[tuple[int, int], ...]
    rows: tuple[int, int]
    grid: int

    @property
    def shift(self) -> int:
        return 24 - self.grid


@dataclass(frozen=True)
class Square:
    """Those of one square: how many, the sums of x and y, how many at each level, and where, if all are at one place."""

    column: int
    row: int
    partners: int
    sum_x: int
    sum_y: int
    levels: dict[str, int]
    spot: tuple[int, int] | None


@dataclass(frozen=True)
class Spread:
    """Those in a window: singly as `lines` where they are few, else in squares."""

    partners: int
    squares: tuple[Square, ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Among:
    """Partners who alone are looked at: what they are called (for as long as the index does not change), and their keys."""

    name: tuple[str, ...]
    keys: Callable[[], QuerySet[Any, Any]]


def spread(*, actor: Actor, wanted: Wanted, frame: Frame, few: int, among: Among | None = None) -> Spread:
    """Those who are like that and whom the actor may see in a window; its own firms too. Two statements or three."""
    looked = search.looked_for(actor, wanted, own=True)
    if looked is None:
        return Spread(0)
    places, x, y = _within(looked, frame, among)
    if len(places) <= few:
        found = lines.of(
            places.tolist(), reach=looked.reader.reach, centre=None, edition=wanted.edition, own=actor.partners
        )
        return Spread(len(found), lines=tuple(found))
    if frame.grid >= _BLURRED and len(places) <= _EXACT:
        x, y = _exactly(places, x, y)
    names, levels = _levels(looked.reader, wanted.edition)
    return Spread(len(places), tuple(_squares(frame, x, y, names, levels.take(places))))


def edges(*, actor: Actor, wanted: Wanted, among: Among | None = None) -> tuple[int, int, int, int] | None:
    """The smallest x, largest x, smallest y and largest y of those who are like that; None where there is nobody."""
    looked = search.looked_for(actor, wanted, own=True)
    everywhere = Frame(((0, WHOLE - 1),), (0, WHOLE - 1), 0)
    places, x, y = _within(looked, everywhere, among) if looked is not None else ((), None, None)
    if x is None or y is None or not len(places):
        return None
    return int(x.min()), int(x.max()), int(y.min()), int(y.max())


def _within(looked: Looked, frame: Frame, among: Among | None) -> tuple[NDArray[np.uint32], Parts, Parts]:
    """The places of those in a window, with x and y."""
    reader = looked.reader
    hits = looked.hits & reader.shown("contact")
    if among is not None:
        hits = hits & reader.index.remembered(("among", among.name), lambda: _those(among))
    east, south = _world(reader.index)
    places = np.frombuffer(hits.to_array(), dtype=np.uint32) if hits else np.zeros(0, dtype=np.uint32)
    x, y = east.take(places, mode="clip"), south.take(places, mode="clip")
    inside = (y >= frame.rows[0]) & (y <= frame.rows[1])
    across = np.zeros(len(places), dtype=bool)
    for first, last in frame.columns:
        across |= (x >= first) & (x <= last)
    inside &= across
    if inside.all():
        return places, x, y
    return places[inside], x[inside], y[inside]


def _those(among: Among) -> BitMap:
    from pyroaring import BitMap

    found = Entry.objects.filter(partner__in=among.keys(), place__isnull=False).values_list("place", flat=True)
    return BitMap([place for place in found if place is not None])


def _world(index: Index) -> tuple[Parts, Parts]:
    """Where each place lies on the world's square; -1 where that is not known."""

    def made() -> tuple[Parts, Parts]:
        east, south = _tables()
        return east.take(index.column("longitude").astype(np.intp) + 32768), south.take(
            index.column("latitude").astype(np.intp) + 32768
        )

    return index.on_earth(made)


@cache
def _tables() -> tuple[Parts, Parts]:
    """What each hundredth of a degree is on the square, by what a column may hold."""
    east, south = (np.full(65536, _UNKNOWN, dtype=np.int32) for _ in range(2))
    for hundredth in range(-18000, 18001):
        east[hundredth + 32768] = x_of(hundredth / 100)
    for hundredth in range(-9000, 9001):
        south[hundredth + 32768] = y_of(hundredth / 100)
    assert NOWHERE == -32768
    return east, south


def _exactly(places: NDArray[np.uint32], x: Parts, y: Parts) -> tuple[Parts, Parts]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place, latitude, longitude FROM directory_entry WHERE place = ANY(%s) AND latitude IS NOT NULL "
            "AND longitude IS NOT NULL",
            [places.tolist()],
        )
        known = {place: (x_of(east), y_of(north)) for place, north, east in cursor.fetchall()}
    exact = [known.get(place, blurred) for place, *blurred in zip(places.tolist(), x.tolist(), y.tolist(), strict=True)]
    both = np.array(exact, dtype=np.int32).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _levels(reader: Reader, edition: str) -> tuple[list[str], NDArray[np.uint8]]:
    """The levels' names, and for each place the number of its own, as this reader is shown it."""

    def made() -> tuple[list[str], NDArray[np.uint8]]:
        begins = f"{terms.LEVEL}{edition}{terms.SEPARATOR}"
        sets = {term: one for term, one in reader.index.kind(terms.LEVEL).items() if term.startswith(begins)}
        found = np.full(len(reader.index.column("latitude")), 1, dtype=np.uint8)
        told = reader.shown("level")
        found[_array(told)] = 0
        for number, one in enumerate(sets.values(), start=2):
            found[_array(one & told)] = number
        return ["", NOT_SHOWN, *(term.removeprefix(begins) for term in sets)], found

    known: tuple[list[str], NDArray[np.uint8]] = reader.index.remembered((reader.scope, "levels", edition), made)
    return known


def _array(places: BitMap) -> NDArray[np.uint32]:
    return np.frombuffer(places.to_array(), dtype=np.uint32) if places else np.zeros(0, dtype=np.uint32)


def _squares(frame: Frame, x: Parts, y: Parts, names: list[str], levels: NDArray[np.uint8]) -> list[Square]:
    """The squares in which somebody is."""
    shift, turn = frame.shift, (1 << frame.grid) - 1
    west = frame.columns[-1][0] >> shift  # the eastern piece of the square is the western one of the window
    north = frame.rows[0] >> shift
    high = (frame.rows[1] >> shift) - north + 1
    # numbered down and then to the east; a square that both pieces touch is one
    at = (((x >> shift) - west) & turn) * high + ((y >> shift) - north)
    kinds = len(names)
    counted = np.bincount(at * kinds + levels, minlength=kinds)
    counted = np.pad(counted, (0, -len(counted) % kinds)).reshape(-1, kinds)
    sum_x, sum_y = (np.bincount(at, weights=one, minlength=len(counted)) for one in (x, y))
    some_x, some_y = (np.empty(len(counted), dtype=np.int32) for _ in range(2))
    some_x[at], some_y[at] = x, y
    apart = np.zeros(len(counted), dtype=bool)
    apart[at[(some_x.take(at) != x) | (some_y.take(at) != y)]] = True
    found = []
    for one in np.flatnonzero(counted.sum(axis=1)).tolist():
        column, row = divmod(one, high)
        of = {name: n for name, n in zip(names, counted[one].tolist(), strict=True) if n}
        spot = None if apart[one] else (int(some_x[one]), int(some_y[one]))
        found.append(
            Square((column + west) & turn, row + north, sum(of.values()), int(sum_x[one]), int(sum_y[one]), of, spot)
        )
    return found
