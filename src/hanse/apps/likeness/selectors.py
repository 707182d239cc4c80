"""Which existing firms does a record look like?"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.policy import require
from hanse.apps.likeness import learned
from hanse.apps.likeness.models import Record
from hanse.apps.registry.selectors import count_of_firms, visible_partners

if TYPE_CHECKING:
    from hanse.decisions import same_firm_one as one_by_one

MOST_READ = 400  # candidates that are weighed, those first that share most keys


def behind() -> bool:
    """Are there more records, or fewer, than are kept ready to be compared?"""
    return Record.objects.count() != count_of_firms()


@dataclass(frozen=True)
class Lookalike:
    """An existing firm that a record looks like, and what speaks for and against it, in bits."""

    partner: str
    name: str
    country: str
    city: str
    bits: float
    probability: float
    because: tuple[dict[str, Any], ...]

    @property
    def spoke_for(self) -> tuple[str, ...]:
        """What spoke for it, the weightiest first, in the words of the decision `same_firm`."""
        parts = sorted((part for part in self.because if part["bits"] > 0), key=lambda part: -part["bits"])
        return tuple(f"{part['what']}: {part['how']}" for part in parts)


def looks_like(
    *, actor: Actor, record: Mapping[str, Any], but: Collection[str] = (), limit: int = 5
) -> list[Lookalike]:
    """The existing firms that a record is taken for, the likeliest first, of those that the actor may see.

    `record` has columns of the decision `same_firm` (name, address, postcode, city, country, phone, website, registration ...); `but` are
    partners that it is not compared with. Raises Refused.
    """
    require(actor, "likeness.see")
    found = weighed([{"id": "", **record}], but=but)[0]
    shown = {p.key: p for p in visible_partners(actor).filter(key__in=[key for key, _ in found])}
    return [
        Lookalike(
            key, shown[key].name, shown[key].country, shown[key].city or "", one.bits, one.probability, one.because
        )
        for key, one in found
        if key in shown
    ][:limit]


def weighed(
    records: Sequence[Mapping[str, Any]], *, but: Collection[str] = (), least: float | None = None
) -> list[list[tuple[str, one_by_one.Weighed]]]:
    """For each record the partners that it is taken for, with their weights; itself, by `id`, is none of them. For the system.

    `least` are the bits from which on it is: as in the last comparison of all, where nothing is said.
    """
    from hanse.decisions import same_firm_one as one_by_one

    number, known = learned.latest()
    scales = learned.scales(number)
    least = max(known.cut, 0.0) if least is None else least
    table = learned.table_of(records)
    found = []
    for row, record in zip(one_by_one.read(table, known, learned.vocabulary(table)), records, strict=True):
        kept = _sharing(row["keys"], {*but, str(record["id"])})
        others = [(key, scales.record(json.loads(said))) for key, said in kept]
        found.append(scales.likely(scales.record(row), others, least=least))
    return found


def _sharing(keys: Sequence[int], but: set[str]) -> list[tuple[str, str]]:
    """The records that share a key that is not too common. Two statements."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM likeness_toocommon WHERE key = ANY(%s)", [list(keys)])
        common = {key for (key,) in cursor.fetchall()}
        telling = [key for key in keys if key not in common]
        cursor.execute(
            "SELECT partner, said FROM likeness_record WHERE keys && %s::bigint[] AND partner <> ALL(%s) "
            "ORDER BY (SELECT count(*) FROM unnest(keys) AS k WHERE k = ANY(%s::bigint[])) DESC, partner LIMIT %s",
            [telling, sorted(but), telling, MOST_READ],
        )
        return list(cursor.fetchall())
