"""Which competencies have too few holders: how many hold each, nearly hold it, and have people certified for it?

Counted out of the folders of the latest two runs of all, which never change, and kept for the life of the process.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from django.db import connection

from hanse.apps.accounts.policy import require
from hanse.apps.programmes.selectors import loaded, version_of_hash
from hanse.apps.standings.outlook import days_judged
from hanse.apps.standings.selectors import run_of
from hanse.language import values
from hanse.language.plan import literal

if TYPE_CHECKING:
    from pathlib import Path

    from hanse.apps.accounts.actors import Actor

# a competency that a partner does not hold, and for which one requirement of its first depth is missing
_NEAR = """
SELECT competency, count(*) FROM (
    SELECT split_part(subject, '/', 1) AS competency, partner, subject, count(*) FILTER (WHERE NOT met) AS missing
    FROM {checks} WHERE split_part(subject, '/', 1) IN ({names}) GROUP BY ALL) AS c
WHERE missing = 1 AND NOT EXISTS (FROM {held} AS h WHERE h.held AND h.partner = c.partner AND h.competency = c.competency)
GROUP BY ALL
"""
_PEOPLE = """
SELECT c.competency, count(DISTINCT f.person) FROM facts.certifications AS f
JOIN unnest(%s::text[], %s::text[]) AS c (certificate, competency) ON c.certificate = f.certificate
WHERE f.earned <= %s AND (f.expires IS NULL OR f.expires >= %s) GROUP BY 1
"""


@dataclass(frozen=True)
class Holders:
    """A competency in force on the day of the books: its holders now and on the day judged before (None: there is none)."""

    competency: str
    label: dict[str, str] | None
    area: str
    holders: int
    near: int
    people: int
    before: int | None


@dataclass(frozen=True)
class Day:
    """The days that `of_edition` compares; `before` is None where only one has been judged."""

    as_of: date
    before: date | None


def of_edition(*, actor: Actor, edition: str) -> list[Holders]:
    """The competencies of an edition, those with the fewest holders first. Raises Refused."""
    require(actor, "evaluation.see_holders")
    days = days_judged(actor=actor, edition=edition, limit=2)
    if not days:
        return []
    last = run_of(actor, days[-1].run)
    read = loaded(version_of_hash(last.edition, last.edition_hash).id)
    listed = read.competencies.competencies if read.competencies else {}
    names = tuple(listed)
    held, near = _counted(last.pk, last.place, names)
    earlier = run_of(actor, days[-2].run) if len(days) > 1 else None
    before = _counted(earlier.pk, earlier.place, names)[0] if earlier else {}
    counts = tuple((c, name) for name, one in listed.items() for c in one.counts.get("certificate", ()))
    people = _people(last.pk, counts, last.as_of)
    found = [
        Holders(
            name, one.name, one.area or "", held.get(name, 0), near.get(name, 0), people.get(name, 0),
            before.get(name, 0) if earlier else None,
        )
        for name, one in listed.items()
        if values.in_force({"from": one.from_, "until": one.until}, last.rules_as_of)
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.holders, one.near, one.competency))


def days_of(*, actor: Actor, edition: str) -> Day | None:
    """The days behind the numbers; None where nobody was judged. Raises Refused."""
    require(actor, "evaluation.see_holders")
    days = days_judged(actor=actor, edition=edition, limit=2)
    return Day(days[-1].as_of, days[-2].as_of if len(days) > 1 else None) if days else None


@lru_cache(maxsize=16)
def _counted(_run: int, folder: Path, names: tuple[str, ...]) -> tuple[dict[str, int], dict[str, int]]:
    """How many hold each competency by a run, and how many nearly do."""
    import duckdb

    held, checks = (f"read_parquet({literal(str(folder / f'{name}.parquet'))})" for name in ("competencies", "checks"))
    with duckdb.connect(config={"memory_limit": "600MB", "threads": 2}) as db:
        holders = db.sql(f"SELECT competency, count(DISTINCT partner) FROM {held} WHERE held GROUP BY ALL").fetchall()
        if not names:
            return dict(holders), {}
        known = ", ".join(literal(name) for name in names)
        return dict(holders), dict(db.sql(_NEAR.format(checks=checks, held=held, names=known)).fetchall())


@lru_cache(maxsize=16)
def _people(_run: int, counts: tuple[tuple[str, str], ...], on: date) -> dict[str, int]:
    """How many people hold a certificate that counts for each competency on a day."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [[c for c, _ in counts], [name for _, name in counts], on, on])
        return {str(name): int(n) for name, n in cursor.fetchall()}
