"""Which entries lie within some kilometres of a point, and how far is each?

Places are known in hundredths of a degree, in two columns in memory. A box is cut out first; for what lies in it the way
over the sphere (the haversine) is put together from tables, for there are only so many hundredths.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from hanse.apps.directory.index import Column, Index
from hanse.apps.directory.postings import CHUNK, NOWHERE

FURTHEST = 250  # kilometres
EARTH = 6371.0088  # mean radius, km
_PER_DEGREE = EARTH * math.pi / 180
_BLUR = 0.01  # degrees by which a place that is rounded may lie outside
_NORTH = np.arange(-9000, 9001) / 100
_EAST = np.arange(-18000, 18001) / 100
_NARROW = np.cos(np.radians(_NORTH)).astype(np.float32)
Far = NDArray[np.float32]


@dataclass(frozen=True)
class Point:
    """Degrees north and east."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Near:
    """Those within reach, and how far each of them is (the haversine, which grows with the kilometres)."""

    all: BitMap
    centre: Point
    far: Far

    def far_of(self, index: Index, places: NDArray[np.uint32]) -> Far:
        """How far some of them are."""
        if len(places) == len(self.far):
            return self.far
        return _far(self.centre, *(index.column(name).take(places) for name in ("latitude", "longitude")))


def near(index: Index, centre: Point, radius: float) -> Near:
    """The entries within a radius (km); kept a while, for whoever looks near a place turns pages and changes filters."""
    found: Near = index.remembered((centre, radius), lambda: _near(index, centre, radius), large=True)
    return found


def _near(index: Index, centre: Point, radius: float) -> Near:
    north, east = index.column("latitude"), index.column("longitude")
    reach = radius / _PER_DEGREE + _BLUR
    low, high = (round((centre.latitude + side * reach) * 100) for side in (-1, 1))
    narrow = math.cos(math.radians(min(89.9, abs(centre.latitude) + reach)))
    west, last = centre.longitude - reach / narrow, centre.longitude + reach / narrow
    first, end = round(_turned(west) * 100), round(_turned(last) * 100)
    over = west < -180 or last > 180  # the date line
    furthest = np.float32(math.sin(radius / (2 * EARTH)) ** 2)
    found, far = [np.zeros(0, dtype=np.uint32)], [np.zeros(0, dtype=np.float32)]
    for begin in range(0, len(north), CHUNK):  # a piece at a time stays in the processor's cache
        here = slice(begin, begin + CHUNK)
        inside = _between(north[here], max(low, NOWHERE + 1), min(high, 9000))
        if reach / narrow < 180:
            inside &= ((east[here] >= first) | (east[here] <= end)) if over else _between(east[here], first, end)
        box = np.flatnonzero(inside)
        way = _far(centre, north[here].take(box), east[here].take(box))
        within = np.flatnonzero(way <= furthest)
        found.append(box.take(within).astype(np.uint32) + np.uint32(begin))
        far.append(way.take(within))
    return Near(BitMap(array("I", np.concatenate(found).tobytes())), centre, np.concatenate(far))


def _between(column: Column, low: int, high: int) -> NDArray[np.bool_]:
    """Where a column is between two numbers, both included: one comparison, for what lies below turns very large."""
    if low > high:
        return np.zeros(len(column), dtype=bool)
    return (column - np.int16(low)).view(np.uint16) <= np.uint16(high - low)


def _far(centre: Point, north: Column, east: Column) -> Far:
    up, narrow, across = _tables(centre)
    at, to = north.astype(np.intp) + 9000, east.astype(np.intp) + 18000
    way: Far = across.take(to)
    way *= narrow.take(at)
    way += up.take(at)
    return way


def kilometres(one: Point, other: Point) -> float:
    """The way over the sphere between two points."""
    up, across = math.radians(other.latitude - one.latitude), math.radians(other.longitude - one.longitude)
    narrow = math.cos(math.radians(one.latitude)) * math.cos(math.radians(other.latitude))
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(math.sin(up / 2) ** 2 + narrow * math.sin(across / 2) ** 2)))


def middle(index: Index, places: BitMap) -> Point | None:
    """The point in the middle of some entries, by medians; None where none of them has a place on earth."""
    chosen = np.asarray(places.to_array(), dtype=np.uint32)
    north, east = index.column("latitude")[chosen], index.column("longitude")[chosen]
    known = north > NOWHERE
    if not known.any():
        return None
    return Point(float(np.median(north[known])) / 100, float(np.median(east[known])) / 100)


@lru_cache(maxsize=64)
def _tables(centre: Point) -> tuple[Far, Far, Far]:
    """What each hundredth of a degree north adds, and by how much it narrows what each hundredth east adds."""
    up = np.sin(np.radians(_NORTH - centre.latitude) / 2) ** 2
    across = np.sin(np.radians(_EAST - centre.longitude) / 2) ** 2
    narrow = _NARROW * np.float32(math.cos(math.radians(centre.latitude)))
    return up.astype(np.float32), narrow, across.astype(np.float32)


def _turned(degrees: float) -> float:
    return (degrees + 180) % 360 - 180
