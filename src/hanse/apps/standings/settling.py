"""How do the standings of a run take the place of those before, and what is said about each that moves?

A few statements, for a whole channel and for one partner alike; they differ in where the new rows come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from psycopg import sql

from hanse.apps.standings.models import Run
from hanse.apps.standings.tables import STANDING
from hanse.language.plan import literal

ARRIVING = "arriving_standings"
_LEVELS = ("level", "granted", "expected")
_KINDS = {"granted_from": "date", "granted_until": "date"}


def arriving_columns(collation: str = ' COLLATE "C"') -> str:
    """The columns of new standings, with their types."""
    return f"partner text{collation}, " + ", ".join(f"{name} {_KINDS.get(name, 'text')}" for name in STANDING)


def settle(
    run: Run, *, levels: Sequence[str], checks: str, only: Sequence[str] | None = None, rows: str | None = None
) -> int:
    """Puts new standings in the place of the old, notes every level that moved, and returns how many did.

    The new rows are those of the temporary table `arriving_standings`, or of a JSON text. `levels` lists the edition's
    from low to high, `checks` is the table with the run's checks. `only` names those whom the run decides about: who has
    no new row loses the standing there was; None means everybody. What a run of a later day, or of the same day with more
    knowledge, has decided stays.
    """
    source, values = f"SELECT * FROM {ARRIVING}", []
    if rows is not None:
        source, values = f"SELECT * FROM jsonb_to_recordset(%s::jsonb) AS x({arriving_columns('')})", [rows]
    moved = _execute(_changes(run, levels, checks, source, only), values)
    _execute(_replace(run, source), values)
    _execute(_leave(run), [])
    return moved


def _changes(run: Run, levels: Sequence[str], checks: str, source: str, only: Sequence[str] | None) -> str:
    """Appends a row for everybody whose achieved, granted or expected level is another one than before."""
    scale = f"ARRAY[{', '.join(literal(name) for name in levels)}]::text[]"
    rank = {side: f"COALESCE(array_position({scale}, {side}.level), 0)" for side in ("n", "o")}
    new, old = (f"({', '.join(f'{side}.{c}' for c in _LEVELS)})" for side in ("n", "o"))
    whose = "" if only is None else f" AND s.partner = ANY({_array(only)})"
    return (
        "WITH moved AS (SELECT COALESCE(n.partner, o.partner) AS partner, o.run_id AS run_before, "
        f"{', '.join(f'o.{c} AS {c}_before, n.{c} AS {c}_after' for c in _LEVELS)}, CASE WHEN o.partner IS NULL THEN 'appears' "
        f"WHEN n.partner IS NULL THEN 'disappears' WHEN {rank['n']} > {rank['o']} THEN 'up' "
        f"WHEN {rank['n']} < {rank['o']} THEN 'down' ELSE 'same' END AS direction FROM ({source}) AS n FULL JOIN "
        f"(SELECT s.* FROM standings_standing AS s WHERE s.edition = {literal(run.edition)}{whose}) AS o ON o.partner = n.partner "
        f"WHERE (o.partner IS NULL OR n.partner IS NULL OR {new} IS DISTINCT FROM {old}) AND (o.partner IS NULL OR {_knows_more(run, 'o')})) "
        "INSERT INTO standings_level_change (edition, partner, run_id, edition_hash, as_of, known_at, direction, "
        f"{', '.join(f'{c}_before, {c}_after' for c in _LEVELS)}, reason) SELECT {literal(run.edition)}, m.partner, {run.pk}, "
        f"{literal(run.edition_hash)}, {literal(run.as_of)}, {_known_at(run)}, m.direction, "
        f"{', '.join(f'm.{c}_before, m.{c}_after' for c in _LEVELS)}, {_reason()} FROM moved AS m "
        f"LEFT JOIN LATERAL ({_fell(run, checks)}) AS f ON m.direction = 'down' "
        f"LEFT JOIN LATERAL ({_rose(run, checks)}) AS r ON m.direction = 'up' ORDER BY m.partner"
    )


def _reason() -> str:
    """The requirement that decided, with what is and what is needed; else in words what kind of change it is."""
    return (
        "CASE m.direction WHEN 'appears' THEN 'first standing' WHEN 'disappears' THEN 'no longer judged' "
        "WHEN 'down' THEN COALESCE(f.says, 'other rules') WHEN 'up' THEN COALESCE(r.says, 'other rules') "
        "ELSE CASE WHEN m.granted_before IS DISTINCT FROM m.granted_after THEN 'the life of the level' "
        "ELSE 'what the next review would give' END END"
    )


def _says(subject: str) -> str:
    number = "trim(trailing '.' FROM trim(trailing '0' FROM to_char({0}, 'FM999999999999990.0000')))"
    shown = f"COALESCE(' (' || COALESCE({number.format('c.actual')}, 'none') || ' of ' || {number.format('c.needed')} || ')', '')"
    return f"{subject} || ': ' || a.requirement || {shown}"


def _fell(run: Run, checks: str) -> str:
    """The first requirement of the level lost that is not met now."""
    return (
        f"SELECT {_says('a.subject')} AS says FROM {checks} AS c JOIN standings_asked AS a ON a.id = c.asked "
        f"WHERE c.run = {run.pk} AND c.partner = m.partner AND a.subject = m.level_before AND NOT c.met ORDER BY c.asked LIMIT 1"
    )


def _rose(run: Run, checks: str) -> str:
    """The last requirement of the level reached that was not met before."""
    return (
        f"SELECT {_says('a.subject')} AS says FROM {checks} AS c JOIN standings_asked AS a ON a.id = c.asked "
        f"WHERE c.run = {run.pk} AND c.partner = m.partner AND a.subject = m.level_after AND c.met AND NOT EXISTS ("
        "SELECT FROM standings_checks AS b JOIN standings_asked AS q ON q.id = b.asked WHERE b.run = m.run_before "
        "AND b.partner = m.partner AND q.subject = a.subject AND q.requirement = a.requirement AND b.met) "
        "ORDER BY c.asked DESC LIMIT 1"
    )


def _replace(run: Run, source: str) -> str:
    names = ", ".join(STANDING)
    update = ", ".join(f"{c} = EXCLUDED.{c}" for c in ("run_id", "as_of", "known_at", *STANDING))
    return (
        f"INSERT INTO standings_standing AS s (edition, partner, run_id, as_of, known_at, {names}) SELECT {literal(run.edition)}, "
        f"n.partner, {run.pk}, {literal(run.as_of)}, {_known_at(run)}, {names} FROM ({source}) AS n "
        f"ON CONFLICT (edition, partner) DO UPDATE SET {update} WHERE {_knows_more(run, 's')}"
    )


def _leave(run: Run) -> str:
    return (
        f"DELETE FROM standings_standing AS s USING standings_level_change AS c WHERE c.run_id = {run.pk} "
        "AND c.direction = 'disappears' AND c.edition = s.edition AND c.partner = s.partner AND s.run_id < c.run_id"
    )


def _knows_more(run: Run, before: str) -> str:
    """The run judges the same day or a later one, and knows as much or more, than what decided a standing before."""
    return f"({literal(run.as_of)}, {_known_at(run)}) >= ({before}.as_of, {before}.known_at)"


def _known_at(run: Run) -> str:
    assert run.known_at is not None
    return f"CAST({literal(run.known_at.isoformat())} AS timestamptz)"


def _array(keys: Sequence[str]) -> str:
    return f"ARRAY[{', '.join(literal(key) for key in keys)}]::text[]"


def _execute(statement: str, values: list[Any]) -> int:
    """Runs generated SQL, where percent signs stand for values only where there are values."""
    with connection.cursor() as cursor:
        if values:
            text = sql.SQL(statement.replace("%", "%%").replace("%%s::jsonb", "%s::jsonb"))
            cursor.cursor.execute(text, values)
        else:
            cursor.cursor.execute(sql.SQL(statement))
        return max(cursor.rowcount, 0)


__all__ = ["ARRIVING", "arriving_columns", "settle"]
