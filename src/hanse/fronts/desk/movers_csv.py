"""Who moves, one by one? As CSV: all that are wanted, among the partners that the reader sees."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.http import StreamingHttpResponse

from hanse.apps.evaluation import rehearsals
from hanse.fronts.desk.rehearsal import wanted_of

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
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """A file of one line: what is written is handed on."""

    def write(self, text: str) -> str:
        return text


def movers_csv(request: PageRequest, number: int) -> HttpResponseBase:
    """The movers of a rehearsal, read and sent a piece at a time. Raises NotThere."""
    one = rehearsals.rehearsed(actor=request.actor, number=number)
    found = rehearsals.every_mover(actor=request.actor, number=one.number, wanted=wanted_of(request))
    response = StreamingHttpResponse(_rows(found), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="movers-{one.number}.csv"'
    return response


def _rows(found: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    write = csv.writer(_Line()).writerow
    yield "\ufeff" + str(write(_COLUMNS))
    for row in found:
        yield str(write([_harmless(row[column]) for column in _COLUMNS]))


def _harmless(cell: object) -> object:
    """A text that a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
