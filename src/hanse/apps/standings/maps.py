"""Which partners are in a window of the map: singly where they are few, else in clusters that open as one comes nearer?

The filters and the door are those of the lists. A window of coarse squares is added up from what is counted already; nearer,
and for what is not counted (a text, a group), the partners themselves are read, up to a number that is said.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import F, Max, Min, Q, QuerySet

from hanse.apps.accounts.policy import require
from hanse.apps.standings.lists import FALLING, RISING, WAITING, Wanted, wanted_rows
from hanse.apps.standings.mapped import COARSEST, FINEST
from hanse.apps.standings.models import Listed, MapCell, MapTown

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor

WHOLE = 1 << 24  # parts of the world's square
SINGLES = 250  # so many partners are shown one by one
READ = 5_000  # of what is not counted so many partners are looked at
CLUSTERS = 1500  # the largest are shown
_DEEPEST = 21  # a square of 2^21 is some metres wide
_SQUARES = 5_000  # of a window at most are looked at
_FEW = 6  # squares within which it is looked closer where everybody is
_PER_SCREEN = 3  # grids finer than the zoom: a square is 64 points wide on a screen


@dataclass(frozen=True)
class Window:
    """What is seen of the map: degrees of its edges, and how near (the world is 512 points wide at zoom 0)."""

    west: float = -180.0
    south: float = -85.0
    east: float = 180.0
    north: float = 85.0
    zoom: float = 1.0

    @property
    def grid(self) -> int:
        """The finest grid of which a screen shows squares of 64 points; coarser where the window is larger than any screen."""
        wide, high = sum(last - first + 1 for first, last in self.columns), self.rows[1] - self.rows[0] + 1
        found = max(COARSEST, min(_DEEPEST, math.floor(self.zoom) + _PER_SCREEN))
        while found > COARSEST and (wide >> (24 - found)) * (high >> (24 - found)) > _SQUARES:
            found -= 1
        return found

    @property
    def columns(self) -> list[tuple[int, int]]:
        """From which x to which, both included: two pieces where the window lies across the edge of the world."""
        if self.east - self.west >= 360:
            return [(0, WHOLE - 1)]
        first, last = x_of(self.west), x_of(self.east)
        return [(first, last)] if first <= last else [(0, last), (first, WHOLE - 1)]

    @property
    def rows(self) -> tuple[int, int]:
        return y_of(self.north), y_of(self.south)


@dataclass(frozen=True)
class Cluster:
    """Partners of one square: where their middle is, how many stand at each level, and the town that most of them name.

    `box` is the square itself; `together` says that they are all at one place, so that coming nearer parts none of them.
    """

    longitude: float
    latitude: float
    partners: int
    levels: dict[str, int]
    city: str
    country: str
    box: tuple[float, float, float, float]
    together: bool = False

    @property
    def mostly(self) -> str:
        """The level at which most of them stand."""
        return max(sorted(self.levels), key=lambda name: self.levels[name])


@dataclass(frozen=True)
class Spot:
    """One partner."""

    partner: str
    name: str
    longitude: float
    latitude: float
    stands: str
    city: str
    country: str


@dataclass(frozen=True)
class Seen:
    """What a window shows. `partners` are all in it; with `more` only READ of them were looked at, or CLUSTERS shown."""

    partners: int
    clusters: tuple[Cluster, ...] = ()
    spots: tuple[Spot, ...] = ()
    more: bool = False


_Squares = dict[
    tuple[int, int], list[Any]
]  # by column and row: partners, sum of x, sum of y, partners by level, extent


def seen(*, actor: Actor, wanted: Wanted, window: Window) -> Seen:
    """What the map shows of the partners wanted. Two or three statements. Raises Refused."""
    require(actor, "standings.see_lists")
    rows = wanted_rows(actor, wanted)
    if _is_counted(actor, wanted) and window.grid <= FINEST:
        return _told(
            wanted.edition, window, _counted(actor, wanted, window), rows.filter(_peopled(wanted.edition, window))
        )
    there = _counted(actor, Wanted(wanted.edition, country=wanted.country), window) if window.grid <= FINEST else None
    if there is not None and not there:
        return Seen(0)
    return seen_among(
        wanted.edition, rows, window, near=there is None or sum(one[0] for one in there.values()) <= 2 * READ
    )


def seen_among(edition: str, rows: QuerySet[Listed], window: Window, *, near: bool | None = None) -> Seen:
    """The same out of the rows themselves: near, all in the window; from afar, those of the first READ rows that are in it."""
    near = window.grid > FINEST if near is None else near
    some = rows.filter(_inside(window)).order_by() if near else rows.filter(cell__isnull=False).order_by()[:READ]
    squares, keys, looked_at = _squares(some, window)
    return _told(edition, window, squares, rows.filter(partner__in=keys), more=not near and looked_at >= READ)


def extent(*, actor: Actor, wanted: Wanted) -> Window:
    """The window in which all that are wanted are; the whole world where there is none. One statement or two. Raises Refused."""
    require(actor, "standings.see_lists")
    if _is_counted(actor, wanted):
        whole = Window(zoom=FINEST)
        squares = _counted(actor, wanted, whole)
        found = _around(whole.grid, squares)
        if not 0 < len(squares) <= _FEW:
            return found
        closer = replace(found, zoom=FINEST - _PER_SCREEN)
        return _around(closer.grid, _counted(actor, wanted, closer))
    return around_all(wanted_rows(actor, wanted))


def around_all(rows: QuerySet[Listed]) -> Window:
    """The window around rows, READ of them at most. One statement."""
    some = rows.filter(cell__isnull=False).order_by().values("x", "y")[:READ]
    edges = some.aggregate(west=Min("x"), east=Max("x"), north=Min("y"), south=Max("y"))
    if edges["west"] is None:
        return Window()
    shift = 24 - _DEEPEST
    corners = ((edges["west"] >> shift, edges["north"] >> shift), (edges["east"] >> shift, edges["south"] >> shift))
    return _around(_DEEPEST, {corner: [] for corner in corners})


def _is_counted(actor: Actor, wanted: Wanted) -> bool:
    """Do the counted squares say how many are wanted?"""
    if wanted.text or wanted.group or wanted.within or wanted.moving == WAITING:
        return False
    return actor.everywhere or not actor.partners


def _around(grid: int, squares: _Squares) -> Window:
    """The window around some squares, with a little air."""
    if not squares:
        return Window()
    shift = 24 - grid
    columns, rows = [column for column, _ in squares], [row for _, row in squares]
    west, north = degrees(min(columns) << shift, min(rows) << shift)
    east, south = degrees((max(columns) + 1) << shift, (max(rows) + 1) << shift)
    air = max(0.2, (east - west) / 40)
    found = Window(max(-180.0, west - air), max(-85.0, south - air), min(180.0, east + air), min(85.0, north + air))
    return replace(found, zoom=zoom_of(found))


def zoom_of(window: Window) -> float:
    """How near one is where a window fills a screen of about a thousand points."""
    wide = (window.east - window.west) or 360.0
    high = max(1, y_of(window.south) - y_of(window.north)) / WHOLE
    return max(0.0, min(18.0, math.log2(min(2 * 360 / wide, 1.2 / high))))


def _told(edition: str, window: Window, squares: _Squares, rows: QuerySet[Listed], *, more: bool = False) -> Seen:
    """What is shown of squares: clusters, or where they hold few partners these, out of the rows."""
    partners = sum(one[0] for one in squares.values())
    if not partners:
        return Seen(0, more=more)
    if partners <= SINGLES:
        return Seen(partners, more=more, spots=_spots(rows, window))
    largest = sorted(squares, key=lambda at: (-squares[at][0], at))[: CLUSTERS + 1]
    towns = _towns(edition, window.grid, largest[:CLUSTERS])
    clusters = tuple(_cluster(window.grid, at, squares[at], towns) for at in largest[:CLUSTERS])
    return Seen(partners, clusters, more=more or len(largest) > CLUSTERS)


def x_of(longitude: float) -> int:
    """A longitude in degrees as it lies on the world's square; those beyond an edge come in from the other."""
    turned = (longitude + 180) % 360
    return min(WHOLE - 1, int(turned / 360 * WHOLE)) if longitude != 180 else WHOLE - 1


def y_of(latitude: float) -> int:
    """A latitude in degrees as it lies on the world's square, from the north."""
    angle = math.radians(max(-85.0511, min(85.0511, latitude)))
    share = (1 - math.log(math.tan(angle) + 1 / math.cos(angle)) / math.pi) / 2
    return max(0, min(WHOLE - 1, int(share * WHOLE)))


def degrees(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of a place on the world's square, to a metre."""
    latitude = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / WHOLE))))
    return round(x / WHOLE * 360 - 180, 5), round(latitude, 5)


def _counted(actor: Actor, wanted: Wanted, window: Window) -> _Squares:
    """The squares of a window, added up from those that are counted."""
    shift = 24 - window.grid
    north, south = window.rows
    pieces = " OR ".join(['"column" BETWEEN %s AND %s'] * len(window.columns))
    edges = [edge >> shift for piece in window.columns for edge in piece]
    kinds = {"country": wanted.country, "type": wanted.type, "stands": wanted.level}
    heeded = "".join(f" AND {column} = %s" for column, value in kinds.items() if value)
    number = {RISING: "rising", FALLING: "falling"}.get(wanted.moving, "partners")
    statement = f"""
        SELECT "column", "row", stands, sum({number})::bigint, sum(sum_x)::bigint, sum(sum_y)::bigint, sum(partners)::bigint
        FROM standings_map_cell WHERE edition = %s AND grid = %s AND ({pieces}) AND "row" BETWEEN %s AND %s{heeded}
            AND (%s OR country = ANY (%s)) GROUP BY "column", "row", stands HAVING sum({number}) > 0
    """
    values: list[Any] = [
        wanted.edition, window.grid, *edges, north >> shift, south >> shift, *filter(None, kinds.values()),
        actor.everywhere, sorted(actor.countries),
    ]  # fmt: skip
    found: _Squares = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        for column, row, stands, partners, sum_x, sum_y, of in cursor.fetchall():
            # the middle is that of all of a kind, though fewer may be on the move
            _add(found, (column, row), stands, partners, sum_x * partners // of, sum_y * partners // of, None)
    return found


def _squares(some: QuerySet[Listed], window: Window) -> tuple[_Squares, list[str], int]:
    """The squares of a window out of some rows; the keys of those in it, if few; how many rows there are, in it or not."""
    shift = 24 - window.grid
    level = _level(some)
    inner, values = some.values("partner", "x", "y", level).query.sql_with_params()
    pieces = " OR ".join(["x BETWEEN %s AND %s"] * len(window.columns))
    statement = f"""
        WITH r AS MATERIALIZED ({inner}), v AS MATERIALIZED (SELECT * FROM r WHERE ({pieces}) AND y BETWEEN %s AND %s), g AS (
            SELECT x >> %s, y >> %s, {level}, count(*), sum(x)::bigint, sum(y)::bigint, min(x), max(x), min(y), max(y)
            FROM v GROUP BY 1, 2, 3
        ) SELECT (SELECT count(*) FROM r), (SELECT array_agg(partner) FROM (SELECT partner FROM v LIMIT {SINGLES}) AS k), g.*
        FROM (SELECT) AS one LEFT JOIN g ON TRUE
    """
    edges = [edge for piece in window.columns for edge in piece]
    found: _Squares = {}
    keys: list[str] = []
    looked_at = 0
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *edges, *window.rows, shift, shift])
        for of_all, some_keys, column, row, stands, n, sum_x, sum_y, *extent in cursor.fetchall():
            looked_at, keys = of_all, some_keys or []
            if n is not None:
                spot = (extent[0], extent[2]) if extent[0] == extent[1] and extent[2] == extent[3] else None
                _add(found, (column, row), stands, n, sum_x, sum_y, spot)
    return found, keys, looked_at


def _level(rows: QuerySet[Listed]) -> str:
    """Where a level is: rows that do not tell it to everybody have another column for it."""
    return "shown" if "shown" in rows.query.annotations else "stands"


def _add(
    found: _Squares, at: tuple[int, int], stands: str, n: int, x: int, y: int, spot: tuple[int, int] | None
) -> None:
    square = found.setdefault(at, [0, 0, 0, {}, spot])
    square[0] += n
    square[1] += x
    square[2] += y
    square[3][stands] = square[3].get(stands, 0) + n
    if square[4] != spot:
        square[4] = None


def _inside(window: Window) -> Q:
    north, south = window.rows
    pieces = Q()
    for first, last in window.columns:
        pieces |= Q(x__range=(first, last))
    inside = pieces & Q(y__range=(north, south), cell__isnull=False)
    cells = _cells(window)
    return inside if cells is None else inside & Q(cell__in=cells)


def _cells(window: Window, most: int = 600) -> list[int] | None:
    """The cells that a window touches, by which its partners are found; None where they are many."""
    shift = 24 - FINEST
    north, south = (edge >> shift for edge in window.rows)
    columns = [column for first, last in window.columns for column in range(first >> shift, (last >> shift) + 1)]
    if len(columns) * (south - north + 1) > most:
        return None
    return [(column << FINEST) + row for column in columns for row in range(north, south + 1)]


def _peopled(edition: str, window: Window) -> Q:
    """The cells of a window in which somebody is: few, where there are few partners."""
    shift = 24 - FINEST
    north, south = (edge >> shift for edge in window.rows)
    pieces = Q()
    for first, last in window.columns:
        pieces |= Q(column__range=(first >> shift, last >> shift))
    cells = MapCell.objects.filter(pieces, edition=edition, grid=FINEST, row__range=(north, south), partners__gt=0)
    return Q(cell__in=cells.values(cell=F("column") * (1 << FINEST) + F("row")))


def _spots(rows: QuerySet[Listed], window: Window) -> tuple[Spot, ...]:
    columns = ("partner", "name", "x", "y", _level(rows), "city", "country")
    found: Iterable[Any] = rows.filter(_inside(window)).order_by().values_list("folded", *columns)[:SINGLES]
    return tuple(
        Spot(partner, name, *degrees(x + 0.5, y + 0.5), stands, city or "", country)
        for _, partner, name, x, y, stands, city, country in sorted(found, key=lambda row: row[:2])
    )


def _towns(edition: str, grid: int, squares: list[tuple[int, int]]) -> dict[tuple[int, int], tuple[str, str]]:
    """What squares are called: as counted for their grid, nearer by the cell in which they lie."""
    shift = max(0, grid - FINEST)
    wanted = {(column >> shift, row >> shift) for column, row in squares}
    rows = MapTown.objects.filter(
        edition=edition, grid=min(grid, FINEST), column__in={c for c, _ in wanted}, row__in={r for _, r in wanted}
    )
    named = {(c, r): (city, country) for c, r, city, country in rows.values_list("column", "row", "city", "country")}
    return {(column, row): named.get((column >> shift, row >> shift), ("", "")) for column, row in squares}


def _cluster(
    grid: int, at: tuple[int, int], square: list[Any], towns: dict[tuple[int, int], tuple[str, str]]
) -> Cluster:
    partners, sum_x, sum_y, levels, spot = square
    shift = 24 - grid
    west, north = degrees(at[0] << shift, at[1] << shift)
    east, south = degrees((at[0] + 1) << shift, (at[1] + 1) << shift)
    longitude, latitude = degrees(sum_x / partners + 0.5, sum_y / partners + 0.5)
    city, country = towns[at]
    box = (west, south, east, north)
    return Cluster(longitude, latitude, partners, dict(levels), city, country, box, together=spot is not None)
