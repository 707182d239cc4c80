"""How does the list leave the house? As CSV, all of what is wanted, in the list's order."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.encoding import escape_uri_path

from hanse.apps.standings import lists, outlook
from hanse.fronts.desk import asked
from hanse.fronts.desk.partners import decides, wanted_of

if TYPE_CHECKING:
    from django.http import HttpResponseBase

    from hanse.apps.standings.outlook import Book
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.words import Words

_COLUMNS = (
    "partner",
    "name",
    "country",
    "city",
    "type",
    "group",
    "level",
    "achieved",
    "expected",
    "until",
    "next_level",
    "missing",
    "decides",
    "actual",
    "needed",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """A file of one line: what is written is handed on."""

    def write(self, text: str) -> str:
        return text


def partners_csv(request: PageRequest) -> HttpResponseBase:
    """Every partner that the address wants; read and sent a piece at a time."""
    book = outlook.book(actor=request.actor, edition=asked.text(request, "edition"))
    if book is None:
        return HttpResponse(",".join(_COLUMNS) + "\r\n", content_type="text/csv; charset=utf-8")
    found = lists.every_partner(actor=request.actor, wanted=wanted_of(request, book))
    response = StreamingHttpResponse(_rows(request.words, book, found), content_type="text/csv; charset=utf-8")
    name = f"partners-{book.edition.replace('/', '-')}-{book.as_of}.csv"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{escape_uri_path(name)}"
    return response


def _rows(words: Words, book: Book, found: Iterator[lists.Line]) -> Iterator[str]:
    write = csv.writer(_Line()).writerow
    yield "\ufeff" + str(write(_COLUMNS))
    for line in found:
        told = decides(words, book.read, line)[1]
        one = line.fails if line.falling else line.closest
        cells = (
            line.partner,
            line.name,
            line.country,
            line.city,
            line.type,
            line.group,
            line.stands,
            line.level,
            line.expected,
            line.until,
            line.next,
            line.lacking,
            told.label if told else None,
            one.actual if one else None,
            one.needed if one else None,
        )
        yield str(write([_harmless(cell) for cell in cells]))


def _harmless(cell: object) -> object:
    """A text that a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
