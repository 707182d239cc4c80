"""How many partners stand where, by country and type; who of them is about to rise or to fall? For lists, pictures and filters."""

from __future__ import annotations

from typing import Any

from hanse.apps.standings import counts
from hanse.apps.standings.counts import COUNTED, KINDS, SUMS, Counts

_KIND = ", ".join(KINDS)


def count(cursor: Any, edition: str) -> None:
    """Counts everybody anew."""
    cursor.execute("DELETE FROM standings_tally WHERE edition = %s", [edition])
    cursor.execute(
        f"INSERT INTO standings_tally (edition, {_KIND}, {', '.join(SUMS)}) SELECT edition, {_KIND}, {COUNTED} "
        f"FROM standings_listed WHERE edition = %s GROUP BY edition, {_KIND}",
        [edition],
    )


def add(cursor: Any, edition: str, difference: Counts) -> None:
    """Adds a difference to what was counted. A statement for each kind that it touches: two, where a partner has moved."""
    added = ", ".join(f"{one} = t.{one} + EXCLUDED.{one}" for one in SUMS)
    for kind, numbers in counts.by_kind(difference).items():
        cursor.execute(
            f"INSERT INTO standings_tally AS t (edition, {_KIND}, {', '.join(SUMS)}) VALUES (%s, %s, %s, %s, %s, %s, %s) "
            f"ON CONFLICT (edition, {_KIND}) DO UPDATE SET {added}",
            [edition, *kind, *numbers],
        )
    cursor.execute("DELETE FROM standings_tally WHERE edition = %s AND partners = 0", [edition])
