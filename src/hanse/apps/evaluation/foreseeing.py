"""Whose level would move, if what is being recorded counted?

Asked within a transaction that will be taken back: the facts are read as it sees them, and judged as they always are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from hanse.apps.evaluation import alone, facts
from hanse.apps.evaluation.services import FEW
from hanse.apps.programmes.selectors import judged_on, loaded
from hanse.apps.standings.selectors import books_of, levels_now
from hanse.decisions.evaluate import plan_of
from hanse.language.context import Days

MEMORY = "300MB"


@dataclass(frozen=True)
class Move:
    """A partner's level by an edition, now and as it would be; None is none."""

    partner: str
    edition: str
    before: str | None
    after: str | None


def moves(partners: Sequence[str]) -> list[Move] | None:
    """The levels of these partners that would be others, by the editions in use; None where more than a few must be judged.

    The day judged is that of the books.
    """
    from hanse.engines.duck import DuckEngine

    found: list[Move] = []
    for version in judged_on(timezone.now().date()):
        books = books_of(version.name)
        if books is None:
            continue
        edition = loaded(version.id)
        if alone.needs_everybody(edition):
            return None
        near = facts.tied(partners, around=alone.looks_around(edition))
        if len(near) > FEW:
            return None
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            moment = cursor.fetchone()[0]
        days = Days(books.as_of, books.rules_as_of)
        tables = facts.tables_of(edition, days, moment, partners=near)
        with DuckEngine(tables, edition.tables, memory=MEMORY, threads=1) as engine:
            rows = (
                engine.arrow(plan_of(edition, days, engine.info), "standings").select(["partner", "level"]).to_pylist()
            )
        after = {str(row["partner"]): row["level"] for row in rows}
        before = levels_now(version.name, near)
        found += [
            Move(partner, version.name, before.get(partner), after.get(partner))
            for partner in near
            if before.get(partner) != after.get(partner)
        ]
    return found
