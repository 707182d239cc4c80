"""What has been said about a partner lately, by which source, and what of it was put right or taken back?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

from hanse.apps.evidence.visible import table_of
from hanse.apps.registry.selectors import keys_of
from hanse.language.facts import CONTRACT, FactTable
from hanse.language.plan import literal, quoted

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor


@dataclass(frozen=True)
class Arrival:
    """A batch as far as it is about one partner: how many facts of which table, and those that it only took away.

    `withdrawn` is the moment at which the batch was taken back as a whole.
    """

    batch: int
    kind: str
    source: str
    file: str
    recorded: datetime
    withdrawn: datetime | None
    facts: tuple[tuple[str, int], ...] = ()
    removed: tuple[tuple[str, int], ...] = ()


def arrivals(*, actor: Actor, partner: str, limit: int = 30) -> list[Arrival]:
    """The latest batches that say something about a partner, the newest first; who wrote them and why is the vendor's own.

    Of a person who has left only what happened until then is told. Raises NotThere.
    """
    keys = list(keys_of(actor, partner))
    owned = [table for table in CONTRACT.values() if table.owner != "none"]
    corrected = _corrected()
    pieces = [_said(table) for table in owned] + [_taken(table) for table in owned if table.name in corrected]
    statement = (
        f"SELECT b.id, b.kind, b.source, b.file, b.recorded, w.at, s.tbl, s.n, s.taken FROM ({' UNION ALL '.join(pieces)}) AS s "
        "JOIN evidence_batch AS b ON b.id = s.batch_id LEFT JOIN evidence_withdrawal AS w ON w.batch_id = b.id "
        "ORDER BY b.recorded DESC, b.id DESC, s.tbl"
    )
    found: dict[int, tuple[Arrival, list[tuple[str, int]], list[tuple[str, int]]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, {"keys": keys})
        for *batch, table, n, taken in cursor.fetchall():
            _, said, removed = found.setdefault(batch[0], (Arrival(*batch), [], []))
            (removed if taken else said).append((table, n))
    return [
        replace(one, facts=tuple(said), removed=tuple(removed)) for one, said, removed in list(found.values())[:limit]
    ]


def _corrected() -> set[str]:
    """The tables of which corrections have taken something away."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tbl FROM evidence_superseded WHERE by_fact IS NULL")
        return {str(row[0]) for row in cursor.fetchall()}


def _said(table: FactTable) -> str:
    kept = f"{table_of(table.name)} AS f"
    return f"SELECT {literal(table.name)} AS tbl, f.batch_id, count(*) AS n, FALSE AS taken FROM {kept} WHERE {_own(table)} GROUP BY 2"


def _taken(table: FactTable) -> str:
    kept = f"evidence_superseded AS x JOIN {table_of(table.name)} AS f ON f.fact = x.fact"
    name = literal(table.name)
    return (
        f"SELECT {name} AS tbl, x.batch_id, count(*) AS n, TRUE AS taken FROM {kept} "
        f"WHERE x.tbl = {name} AND x.by_fact IS NULL AND {_own(table)} GROUP BY 2"
    )


def _own(table: FactTable) -> str:
    """The rows about the partner; of a person's facts those from before the person left."""
    if table.owner != "person":
        return "f.partner = ANY (%(keys)s)"
    day = quoted(table.day or "from")
    return (
        "f.person = ANY (ARRAY(SELECT person FROM facts.people WHERE partner = ANY (%(keys)s))) AND EXISTS (SELECT FROM "
        f"facts.people AS e WHERE e.person = f.person AND e.partner = ANY (%(keys)s) AND (e.until IS NULL OR f.{day} <= e.until))"
    )
