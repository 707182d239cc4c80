"""Which partners are in a window of the map: singly where they are few, else in clusters that open as one comes nearer?

The filters and the door are those of the search. A window of coarse squares is added up from what is counted already; nearer,
and for what is not counted (a text, a competency, what is near), out of the directory's index (`directory/spread.py`), which
looks at all who are found. Only by an edition that is not in force, of which the directory does not know who stands where,
the rows of the lists are read, up to a number that is said.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import F, Max, Min, Q, QuerySet

from hanse.apps.accounts.policy import require
from hanse.apps.directory import spread
from hanse.apps.directory.search import Wanted as Like
from hanse.apps.directory.search import editions
from hanse.apps.directory.spread import Among, Frame, Spread
from hanse.apps.places.square import WHOLE, degrees, x_of, y_of
from hanse.apps.standings.lists import FALLING, RISING, WAITING, Wanted, wanted_rows
from hanse.apps.standings.mapped import COARSEST, FINEST
from hanse.apps.standings.models import Listed, MapCell, MapTown

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor

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
    """What a window shows. `partners` are all in it; with `more` only the CLUSTERS largest are shown, or READ were looked at.

    `own` are the reader's firms in it, whether they are among the partners or not.
    """

    partners: int
    clusters: tuple[Cluster, ...] = ()
    spots: tuple[Spot, ...] = ()
    more: bool = False
    own: tuple[Spot, ...] = ()


_Squares = dict[
    tuple[int, int], list[Any]
]  # by column and row: partners, sum of x, sum of y, partners by level, extent


def seen(*, actor: Actor, wanted: Wanted, window: Window, like: Like | None = None) -> Seen:
    """What the map shows of the partners wanted. Two to four statements. Raises Refused.

    `like` is what else is looked for, as the search has it; without it that is what is `wanted`.
    """
    require(actor, "standings.see_lists")
    like = like_of(wanted) if like is None else like
    if _is_counted(actor, wanted, like) and window.grid <= FINEST:
        rows = wanted_rows(actor, wanted).filter(_peopled(wanted.edition, window))
        return _told(wanted.edition, window, _counted(actor, wanted, window), rows)
    if is_searched(like):
        return seen_like(actor=actor, like=like, window=window, among=_among(actor, wanted))
    return seen_among(wanted.edition, wanted_rows(actor, wanted), window)


def like_of(wanted: Wanted) -> Like:
    """What is wanted, as the search has it."""
    return Like(wanted.text, wanted.country, type=wanted.type, level=wanted.level, edition=wanted.edition)


def is_searched(like: Like) -> bool:
    """Does the directory know who stands where by this edition?"""
    return like.edition in editions()


def seen_like(*, actor: Actor, like: Like, window: Window, among: Among | None = None) -> Seen:
    """What the map shows of those who are found, all of them looked at. Two to four statements."""
    frame = Frame(tuple(window.columns), window.rows, window.grid)
    return _shown(like.edition, window, spread.spread(actor=actor, wanted=like, frame=frame, few=SINGLES, among=among))


def _shown(edition: str, window: Window, found: Spread) -> Seen:
    if found.lines:
        singly = [
            Spot(
                one.partner,
                one.name,
                round(one.longitude, 5),
                round(one.latitude, 5),
                one.level if "level" in one.parts else spread.NOT_SHOWN,
                one.city,
                one.country,
            )
            for one in found.lines
            if one.latitude is not None and one.longitude is not None
        ]
        return Seen(found.partners, spots=tuple(singly))
    squares: _Squares = {
        (one.column, one.row): [one.partners, one.sum_x, one.sum_y, one.levels, one.spot] for one in found.squares
    }
    return _clustered(edition, window, squares, found.partners)


def _among(actor: Actor, wanted: Wanted) -> Among | None:
    """Who is on the move, or of the group; None where neither is asked for."""
    asked = Wanted(wanted.edition, moving=wanted.moving, group=wanted.group)
    if not asked.moving and not asked.group:
        return None
    return Among(("listed", *(str(one) for one in (actor.everywhere, sorted(actor.countries), sorted(actor.partners), asked))),
                 lambda: wanted_rows(actor, asked).values("partner"))  # fmt: skip


def seen_among(edition: str, rows: QuerySet[Listed], window: Window) -> Seen:
    """The same out of the rows themselves: near, all in the window; from afar, those of the first READ rows that are in it."""
    near = window.grid > FINEST
    some = rows.filter(_inside(window)).order_by() if near else rows.filter(cell__isnull=False).order_by()[:READ]
    squares, keys, looked_at = _squares(some, window)
    return _told(edition, window, squares, rows.filter(partner__in=keys), more=not near and looked_at >= READ)


def extent(*, actor: Actor, wanted: Wanted, like: Like | None = None) -> Window:
    """The window in which all that are wanted are; the whole world where there is none. One statement or two. Raises Refused."""
    require(actor, "standings.see_lists")
    like = like_of(wanted) if like is None else like
    if _is_counted(actor, wanted, like):
        whole = Window(zoom=FINEST)
        squares = _counted(actor, wanted, whole)
        found = _around(whole.grid, squares)
        if not 0 < len(squares) <= _FEW:
            return found
        closer = replace(found, zoom=FINEST - _PER_SCREEN)
        return _around(closer.grid, _counted(actor, wanted, closer))
    if is_searched(like):
        return extent_like(actor=actor, like=like, among=_among(actor, wanted))
    return around_all(wanted_rows(actor, wanted))


def extent_like(*, actor: Actor, like: Like, among: Among | None = None) -> Window:
    """The window in which all are who are found. One statement or two."""
    found = spread.edges(actor=actor, wanted=like, among=among)
    if found is None:
        return Window()
    west, east, north, south = found
    return _between(west, east, north, south)


def around_all(rows: QuerySet[Listed]) -> Window:
    """The window around rows, READ of them at most. One statement."""
    some = rows.filter(cell__isnull=False).order_by().values("x", "y")[:READ]
    edges = some.aggregate(west=Min("x"), east=Max("x"), north=Min("y"), south=Max("y"))
    if edges["west"] is None:
        return Window()
    return _between(edges["west"], edges["east"], edges["north"], edges["south"])


def _between(west: int, east: int, north: int, south: int) -> Window:
    shift = 24 - _DEEPEST
    corners = ((west >> shift, north >> shift), (east >> shift, south >> shift))
    return _around(_DEEPEST, {corner: [] for corner in corners})


def _is_counted(actor: Actor, wanted: Wanted, like: Like) -> bool:
    """Do the counted squares say how many are wanted?"""
    if wanted.group or wanted.within or wanted.moving == WAITING:
        return False
    if like != Like(
        country=wanted.country, type=wanted.type, level=wanted.level, edition=wanted.edition, radius=like.radius
    ):
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
        return Seen(partners, more=more, spots=spots(rows, window))
    return _clustered(edition, window, squares, partners, more=more)


def _clustered(edition: str, window: Window, squares: _Squares, partners: int, *, more: bool = False) -> Seen:
    largest = sorted(squares, key=lambda at: (-squares[at][0], at))[: CLUSTERS + 1]
    towns = _towns(edition, window.grid, largest[:CLUSTERS])
    clusters = tuple(_cluster(window.grid, at, squares[at], towns) for at in largest[:CLUSTERS])
    return Seen(partners, clusters, more=more or len(largest) > CLUSTERS)


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


def spots(rows: QuerySet[Listed], window: Window) -> tuple[Spot, ...]:
    """The partners of some rows that are in a window, by name, SINGLES at most. One statement."""
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
