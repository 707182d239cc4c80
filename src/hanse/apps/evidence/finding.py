"""Which facts does somebody mean who types their number?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.db import connection

from hanse.apps.accounts.actors import Actor
from hanse.apps.evidence.visible import table_of
from hanse.apps.registry.selectors import visible_partners
from hanse.language.facts import CONTRACT

LARGEST = 2**63 - 1


@dataclass(frozen=True)
class FoundFact:
    """A fact: its table and number, the partner that it concerns, and where it was said."""

    table: str
    fact: int
    partner: str
    place: str


def facts_numbered(*, actor: Actor, number: int) -> list[FoundFact]:
    """The facts of that number, one a table, of partners that the actor may see. One statement, two for some partners."""
    if not 0 < number <= LARGEST:
        return []
    statement, tables = _statement()
    with connection.cursor() as cursor:
        cursor.execute(statement, [number] * tables)
        found = [FoundFact(*row) for row in cursor.fetchall()]
    if actor.everywhere or not found:
        return found
    keys = {one.partner for one in found}
    seen = set(visible_partners(actor).filter(key__in=keys).values_list("key", flat=True))
    return [one for one in found if one.partner in seen]


@cache
def _statement() -> tuple[str, int]:
    """What asks every table that says whose its facts are, and how many these are."""
    parts = []
    for name, table in CONTRACT.items():
        if table.owner == "none":
            continue
        whose = "f.partner"
        if table.owner == "person" and not any(c.name == "partner" for c in table.columns):
            whose = "(SELECT min(p.partner) FROM evidence_people AS p WHERE p.person = f.person)"
        parts.append(
            f"SELECT '{name}', f.fact, {whose} AS partner, COALESCE(NULLIF(b.file, ''), b.source) || ':' || f.line "
            f"FROM {table_of(name)} AS f JOIN evidence_batch AS b ON b.id = f.batch_id WHERE f.fact = %s"
        )
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS found WHERE partner IS NOT NULL ORDER BY 1", len(parts)
