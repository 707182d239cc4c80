"""How many partners are in each square of the map, by level, country and type?

Counted with the lists, whenever a run settles standings: everybody anew, or for a few the difference that they make. So a
window of any size is answered from few rows, however many partners there are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import connection, transaction
from psycopg import sql

from hanse.apps.places.selectors import as_mapped
from hanse.apps.standings import counts
from hanse.apps.standings.counts import COUNTED, KINDS, SUMS, Counts
from hanse.apps.standings.models import Current
from hanse.apps.standings.turns import one_at_a_time
from hanse.language.plan import literal

COARSEST, FINEST = 3, 10  # the grids that are counted: 8 by 8 squares to 1024 by 1024, which are the cells
_IS = "map_now"
_KIND = ", ".join(KINDS)
_SUMS = ", ".join((*SUMS, "sum_x", "sum_y"))
_COUNTED = f"{COUNTED}, sum(x)::bigint AS sum_x, sum(y)::bigint AS sum_y"
_GRID = f"generate_series({COARSEST}, {FINEST}) AS g(grid)"


def count(edition: str) -> None:
    """Counts everybody anew, after the lists were written."""
    with connection.cursor() as cursor:
        for statement in _everybody(edition):
            cursor.cursor.execute(sql.SQL(statement))


def add(edition: str, difference: Counts) -> None:
    """Adds what a few partners make different, as they are listed now, to what was counted."""
    rows = [(*at, *numbers) for at, numbers in sorted(difference.items(), key=str) if at[0] is not None]
    if rows:
        with connection.cursor() as cursor:
            for statement in _differ(edition):
                cursor.execute(statement, {"rows": json.dumps(rows)})


def follow(partners: Sequence[str] | None) -> None:
    """Brings lists and counts up to places that have changed without a run, such as those that a person has chosen."""
    whose, named = ("TRUE", []) if partners is None else ("l.partner = ANY(%s)", [list(partners)])
    with transaction.atomic(), connection.cursor() as cursor:
        for edition in sorted(Current.objects.values_list("edition", flat=True)):
            one_at_a_time(edition)
            was = counts.of(edition, partners) if partners is not None else {}
            text, values = as_mapped().query.sql_with_params()
            cursor.execute(
                f"UPDATE standings_listed AS l SET x = m.x, y = m.y, cell = m.cell FROM ({text}) AS m WHERE l.edition = %s "
                f"AND {whose} AND m.partner = l.partner AND (l.x, l.y) IS DISTINCT FROM (m.x, m.y)",
                [*values, edition, *named],
            )
            if partners is None:
                count(edition)
            else:
                add(edition, counts.difference(was, counts.of(edition, partners)))


def behind() -> bool:
    """Is somebody listed without the place that is known of the partner?"""
    text, values = as_mapped().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM standings_listed AS l JOIN ({text}) AS m ON m.partner = l.partner "
            "WHERE (l.x, l.y) IS DISTINCT FROM (m.x, m.y))",
            values,
        )
        return bool(cursor.fetchone()[0])


def _squares(table: str) -> str:
    """The rows of a table, once for each grid, with the square in which each lies."""
    shift = f"({FINEST} - g.grid)"
    return f'SELECT t.*, g.grid, (t.cell >> {FINEST}) >> {shift} AS "column", (t.cell & {2**FINEST - 1}) >> {shift} AS "row" FROM {table} AS t, {_GRID}'


def _summed() -> str:
    return ", ".join(f"sum({one})::bigint AS {one}" for one in _SUMS.split(", "))


def _everybody(edition: str) -> list[str]:
    """Counts everybody: the towns first, out of them the finest grid, and each coarser grid out of the one before it.

    What is counted as before is not written: from one night to the next little changes.
    """
    square = 'grid, "column", "row"'
    half = '(grid - 1)::smallint AS grid, "column" >> 1 AS "column", "row" >> 1 AS "row"'
    found = [
        f"DROP TABLE IF EXISTS {_IS}, {_IS}_cells, {_IS}_towns",
        f"CREATE TEMP TABLE {_IS} ON COMMIT DROP AS SELECT cell, COALESCE(city, '') AS city, {_KIND}, {_COUNTED} "
        f"FROM standings_listed WHERE edition = {literal(edition)} AND cell IS NOT NULL GROUP BY cell, COALESCE(city, ''), {_KIND}",
        f"CREATE TEMP TABLE {_IS}_cells ON COMMIT DROP AS SELECT {FINEST}::smallint AS grid, {_at()}, {_KIND}, {_summed()} "
        f"FROM {_IS} GROUP BY cell, {_KIND}",
        f"CREATE TEMP TABLE {_IS}_towns ON COMMIT DROP AS SELECT {FINEST}::smallint AS grid, {_at()}, country, city, "
        f"sum(partners) AS partners FROM {_IS} WHERE city <> '' GROUP BY cell, country, city",
    ]
    for grid in range(FINEST, COARSEST, -1):
        found += [
            f"INSERT INTO {_IS}_cells SELECT {half}, {_KIND}, {_summed()} FROM {_IS}_cells WHERE grid = {grid} GROUP BY 1, 2, 3, {_KIND}",
            f"INSERT INTO {_IS}_towns SELECT {half}, country, city, sum(partners) FROM {_IS}_towns WHERE grid = {grid} "
            "GROUP BY 1, 2, 3, country, city",
        ]
    largest = f"SELECT DISTINCT ON ({square}) {square}, country, city FROM {_IS}_towns ORDER BY {square}, partners DESC, country, city"
    return [
        *found,
        f"ANALYZE {_IS}_cells",
        *_replaced("standings_map_cell", edition, f"{_IS}_cells", f"{square}, {_KIND}", _SUMS),
        *_replaced("standings_map_town", edition, f"({largest})", square, "country, city"),
        f"DROP TABLE {_IS}, {_IS}_cells, {_IS}_towns",
    ]


def _at() -> str:
    return f'cell >> {FINEST} AS "column", cell & {2**FINEST - 1} AS "row"'


def _replaced(table: str, edition: str, source: str, key: str, values: str) -> list[str]:
    """The statements by which a table has, of an edition, the rows of a source and no others."""
    named, said = key.split(", "), values.split(", ")
    same = " AND ".join(f"s.{one} = t.{one}" for one in named)
    was, new = (", ".join(f"{side}.{one}" for one in said) for side in ("t", "s"))
    return [
        f"DELETE FROM {table} AS t WHERE t.edition = {literal(edition)} AND NOT EXISTS (SELECT FROM {source} AS s WHERE {same})",
        f"INSERT INTO {table} AS t (edition, {key}, {values}) SELECT {literal(edition)}, {key}, {values} FROM {source} AS s "
        f"WHERE NOT EXISTS (SELECT FROM {table} AS t WHERE t.edition = {literal(edition)} AND {same} AND ({was}) IS NOT DISTINCT FROM ({new})) "
        f"ON CONFLICT (edition, {key}) DO UPDATE SET {', '.join(f'{one} = EXCLUDED.{one}' for one in said)}",
    ]


def _differ(edition: str) -> list[str]:
    """The statements that add a difference: rows of cell, city, country, type, level and five numbers, as JSON."""
    square = 'grid, "column", "row"'
    names = _SUMS.split(", ")
    texts = ", ".join(f"r ->> {at} AS {name}" for at, name in enumerate(("city", *KINDS), start=1))
    numbers = ", ".join(f"(r ->> {at})::bigint AS {name}" for at, name in enumerate(names, start=5))
    rows = f"(SELECT (r ->> 0)::integer AS cell, {texts}, {numbers} FROM jsonb_array_elements(%(rows)s::jsonb) AS r)"
    squares = _squares(rows)
    added = ", ".join(f"{one} = c.{one} + EXCLUDED.{one}" for one in names)
    same = " AND ".join(f'c."{one}" = s."{one}"' for one in ("grid", "column", "row", *KINDS))
    return [
        f"INSERT INTO standings_map_cell AS c (edition, {square}, {_KIND}, {_SUMS}) SELECT {literal(edition)}, {square}, {_KIND}, {_summed()} "
        f'FROM ({squares}) AS s GROUP BY {square}, {_KIND} ON CONFLICT (edition, grid, "column", "row", {_KIND}) DO UPDATE SET {added}',
        f"DELETE FROM standings_map_cell AS c USING ({squares}) AS s WHERE c.edition = {literal(edition)} AND {same} AND c.partners = 0",
        f"INSERT INTO standings_map_town (edition, {square}, country, city) SELECT DISTINCT ON ({square}) {literal(edition)}, {square}, country, city "
        f"FROM ({squares}) AS s WHERE city <> '' AND partners > 0 ORDER BY {square}, partners DESC, country, city ON CONFLICT DO NOTHING",
    ]
