"""How many partners are in each square of the map, by level, country and type?

Counted with the lists, whenever a run settles standings: everybody anew, or for a few the difference that they make. So a
window of any size is answered from few rows, however many partners there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from hanse.apps.places.selectors import as_mapped
from hanse.apps.standings.models import Current
from hanse.apps.standings.turns import one_at_a_time
from hanse.language.plan import literal

COARSEST, FINEST = 3, 10  # the grids that are counted: 8 by 8 squares to 1024 by 1024, which are the cells
_WAS, _IS = "map_before", "map_after"
_KIND = "country, type, stands"
_SUMS = "partners, rising, falling, sum_x, sum_y"
_GRID = f"generate_series({COARSEST}, {FINEST}) AS g(grid)"


def before(cursor: Any, edition: str, only: Sequence[str] | None) -> None:
    """Notes what a few partners count for now, before they are listed anew. Of everybody nothing is noted."""
    if only is not None:
        _note(cursor, _WAS, edition, only)


def count(cursor: Any, edition: str, only: Sequence[str] | None) -> None:
    """Counts anew after the lists were written: everybody, or what `before` noted against what is there now."""
    execute = cursor.cursor.execute
    if only is None:
        for statement in _everybody(edition):
            execute(sql.SQL(statement))
        return
    _note(cursor, _IS, edition, only)
    for statement in _difference(edition):
        execute(sql.SQL(statement))


def follow(partners: Sequence[str] | None) -> None:
    """Brings lists and counts up to places that have changed without a run, such as those that a person has chosen."""
    whose, named = ("TRUE", []) if partners is None else ("l.partner = ANY(%s)", [list(partners)])
    with transaction.atomic(), connection.cursor() as cursor:
        for edition in sorted(Current.objects.values_list("edition", flat=True)):
            one_at_a_time(edition)
            before(cursor, edition, partners)
            text, values = as_mapped().query.sql_with_params()
            cursor.execute(
                f"UPDATE standings_listed AS l SET x = m.x, y = m.y, cell = m.cell FROM ({text}) AS m WHERE l.edition = %s "
                f"AND {whose} AND m.partner = l.partner AND (l.x, l.y) IS DISTINCT FROM (m.x, m.y)",
                [*values, edition, *named],
            )
            count(cursor, edition, partners)


def _note(cursor: Any, table: str, edition: str, only: Sequence[str]) -> None:
    cursor.cursor.execute(sql.SQL(f"DROP TABLE IF EXISTS {table}"))
    whose = ", ".join(literal(one) for one in only)
    cursor.cursor.execute(sql.SQL(
        f"CREATE TEMP TABLE {table} ON COMMIT DROP AS SELECT cell, COALESCE(city, '') AS city, {_KIND}, {_counted()} "
        f"FROM standings_listed WHERE edition = {literal(edition)} AND partner = ANY(ARRAY[{whose}]::text[]) AND cell IS NOT NULL "
        f"GROUP BY cell, COALESCE(city, ''), {_KIND}"
    ))  # fmt: skip


def _counted() -> str:
    return (
        "count(*) AS partners, count(*) FILTER (WHERE lacking = 1 AND NOT falling) AS rising, "
        "count(*) FILTER (WHERE falling) AS falling, sum(x)::bigint AS sum_x, sum(y)::bigint AS sum_y"
    )


def _squares(table: str) -> str:
    """The rows of a table, once for each grid, with the square in which each lies."""
    shift = f"({FINEST} - g.grid)"
    return f'SELECT t.*, g.grid, (t.cell >> {FINEST}) >> {shift} AS "column", (t.cell & {2**FINEST - 1}) >> {shift} AS "row" FROM {table} AS t, {_GRID}'


def _summed(sign: str = "") -> str:
    return ", ".join(f"sum({sign}{one})" for one in _SUMS.split(", "))


def _everybody(edition: str) -> list[str]:
    whose = f"edition = {literal(edition)}"
    square = 'grid, "column", "row"'
    return [
        f"DROP TABLE IF EXISTS {_IS}",
        f"CREATE TEMP TABLE {_IS} ON COMMIT DROP AS SELECT cell, COALESCE(city, '') AS city, {_KIND}, {_counted()} "
        f"FROM standings_listed WHERE {whose} AND cell IS NOT NULL GROUP BY cell, COALESCE(city, ''), {_KIND}",
        f"ANALYZE {_IS}",
        f"DELETE FROM standings_map_cell WHERE {whose}",
        f"INSERT INTO standings_map_cell (edition, {square}, {_KIND}, {_SUMS}) SELECT {literal(edition)}, {square}, {_KIND}, {_summed()} "
        f"FROM ({_squares(_IS)}) AS s GROUP BY {square}, {_KIND}",
        f"DELETE FROM standings_map_town WHERE {whose}",
        f"INSERT INTO standings_map_town (edition, {square}, country, city) SELECT DISTINCT ON ({square}) {literal(edition)}, {square}, country, "
        f"city FROM (SELECT {square}, country, city, sum(partners) AS partners FROM ({_squares(_IS)}) AS s WHERE city <> '' "
        f"GROUP BY {square}, country, city) AS t ORDER BY {square}, partners DESC, country, city",
        f"DROP TABLE {_IS}",
    ]


def _difference(edition: str) -> list[str]:
    square = 'grid, "column", "row"'
    added = ", ".join(f"{one} = c.{one} + EXCLUDED.{one}" for one in _SUMS.split(", "))
    names = _SUMS.split(", ")
    both = (
        f"SELECT {square}, {_KIND}, {', '.join(names)} FROM ({_squares(_IS)}) AS a UNION ALL "
        f"SELECT {square}, {_KIND}, {', '.join(f'-{one}' for one in names)} FROM ({_squares(_WAS)}) AS b"
    )
    some = " OR ".join(f"sum({one}) <> 0" for one in names)
    return [
        f"INSERT INTO standings_map_cell AS c (edition, {square}, {_KIND}, {_SUMS}) SELECT {literal(edition)}, {square}, {_KIND}, {_summed()} "
        f"FROM ({both}) AS d GROUP BY {square}, {_KIND} HAVING {some} "
        f'ON CONFLICT (edition, grid, "column", "row", {_KIND}) DO UPDATE SET {added}',
        f"DELETE FROM standings_map_cell AS c USING ({_squares(_WAS)}) AS w WHERE c.edition = {literal(edition)} AND c.grid = w.grid "
        'AND c."column" = w."column" AND c."row" = w."row" AND c.country = w.country AND c.type = w.type AND c.stands = w.stands '
        "AND c.partners = 0",
        f"INSERT INTO standings_map_town (edition, {square}, country, city) SELECT DISTINCT ON ({square}) {literal(edition)}, {square}, country, city "
        f"FROM ({_squares(_IS)}) AS s WHERE city <> '' ORDER BY {square}, partners DESC, country, city ON CONFLICT DO NOTHING",
        f"DROP TABLE {_WAS}, {_IS}",
    ]
