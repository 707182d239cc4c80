"""Who moves, one by one? As CSV: all that are wanted, among the partners that the reader sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hanse.apps.evaluation import rehearsals
from hanse.fronts.desk.rehearsal import wanted_of
from hanse.fronts.pages.sheet import sheet

if TYPE_CHECKING:
    from django.http import HttpResponseBase

    from hanse.fronts.pages.reader import PageRequest

_COLUMNS = (
    "partner",
    "name",
    "country",
    "level_before",
    "level_after",
    "granted_before",
    "granted_after",
    "direction",
    "steps",
    "because_level",
    "because",
    "change",
    "clause",
    "actual_before",
    "actual_after",
    "needed_before",
    "needed_after",
    "competencies_lost",
    "competencies_gained",
)


def movers_csv(request: PageRequest, number: int) -> HttpResponseBase:
    """The movers of a rehearsal, read and sent a piece at a time. Raises NotThere."""
    one = rehearsals.rehearsed(actor=request.actor, number=number)
    found = rehearsals.every_mover(actor=request.actor, number=one.number, wanted=wanted_of(request))
    return sheet(f"movers-{one.number}.csv", _COLUMNS, ([row[column] for column in _COLUMNS] for row in found))
