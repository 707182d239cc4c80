"""Where are the partners, and at which level is who?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hanse.apps.places import selectors as places
from hanse.apps.standings import lists, maps, outlook
from hanse.fronts.desk import asked, deciding
from hanse.fronts.desk.partners import filters, parameters, wanted_of
from hanse.fronts.pages import mapping

if TYPE_CHECKING:
    from django.http import HttpResponse, JsonResponse

    from hanse.apps.standings.outlook import Book
    from hanse.fronts.pages.mapping import Line
    from hanse.fronts.pages.reader import PageRequest

_NONE = ""  # partners without a level


@require_safe
def partner_map(request: PageRequest) -> HttpResponse:
    """The map, its filters and legend, and the list of the largest places that says the same."""
    book = outlook.book(actor=request.actor, edition=asked.text(request, "edition"))
    if book is None:
        return render(request, "desk/map.html", {"book": None})
    wanted = wanted_of(request, book)
    window = mapping.window_of(request, lambda: maps.extent(actor=request.actor, wanted=wanted))
    seen = maps.seen(actor=request.actor, wanted=wanted, window=window)
    counts = lists.partner_counts(actor=request.actor, wanted=wanted)
    said = {name: value for name, value in parameters(wanted).items() if name not in ("sort", "down", "within")}
    levels = _levels(book)
    known = places.coverage(actor=request.actor)
    shown = {
        "book": book,
        "wanted": wanted,
        "filters": filters(counts, book, request.words),
        "seen": seen,
        "rows": [_row(request, book, line, said) for line in mapping.lines_of(seen)[: mapping.ROWS]],
        "legend": [(name, deciding.level_label(request.words, book.read, name)) for name in levels],
        "unknown": known.unknown,
        "all": asked.query({"edition": book.edition}),
        "narrowed": any((wanted.country, wanted.level, wanted.type, wanted.group, wanted.text, wanted.moving)),
        "told": {
            **mapping.told(request.words, window, levels),
            "data": reverse("map_data"),
            "partner": reverse("partners"),
            "list": reverse("partners"),
            "filters": {name: value for name, value in said.items() if value},
        },
        "tiles_credit": mapping.credit(),
    }
    return render(request, "desk/map.html", shown)


@require_safe
def map_data(request: PageRequest) -> JsonResponse:
    """What the picture asks for after it was moved."""
    book = outlook.book(actor=request.actor, edition=asked.text(request, "edition"))
    if book is None:
        return mapping.data(maps.Seen(0), [])
    seen = maps.seen(actor=request.actor, wanted=wanted_of(request, book), window=mapping.window_of(request))
    return mapping.data(seen, _levels(book))


def _levels(book: Book) -> list[str]:
    """The levels as the legend has them, the highest first."""
    return [*(str(entry["level"]) for entry in reversed(book.read["levels"])), _NONE]


def _row(request: PageRequest, book: Book, line: Line, said: dict[str, object]) -> dict[str, Any]:
    """A place of the list: where it is seen on the map, and its partners as a list."""
    order = [(name, line.levels[name]) for name in _levels(book) if line.levels.get(name)]
    narrower = {"country": line.country or said["country"], "text": line.city or said["text"]}
    return {
        "line": line,
        "map": f"?{mapping.address({name: value for name, value in said.items() if value}, line.box)}",
        "list": reverse("partners") + asked.query(said, **narrower),
        "levels": [(name, deciding.level_label(request.words, book.read, name), n) for name, n in order],
    }
