"""How does the list leave the house? As CSV, all of what is wanted, in the list's order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hanse.apps.standings import lists, outlook
from hanse.fronts.desk.partners import decides, wanted_of
from hanse.fronts.pages import asked
from hanse.fronts.pages.sheet import sheet

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


def partners_csv(request: PageRequest) -> HttpResponseBase:
    """Every partner that the address wants; read and sent a piece at a time."""
    book = outlook.book(actor=request.actor, edition=asked.text(request, "edition"))
    if book is None:
        return sheet("partners.csv", _COLUMNS, ())
    found = lists.every_partner(actor=request.actor, wanted=wanted_of(request, book))
    name = f"partners-{book.edition.replace('/', '-')}-{book.as_of}.csv"
    return sheet(name, _COLUMNS, (_cells(request.words, book, line) for line in found))


def _cells(words: Words, book: Book, line: lists.Line) -> tuple[object, ...]:
    told = decides(words, book.read, line)[1]
    one = line.fails if line.falling else line.closest
    return (
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
