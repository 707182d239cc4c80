"""Where are the partners, and at which level is who?

The filters are those of the page *Find partners* and, of the list, who is on the move: an address of the one is an
address of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hanse.apps.places import selectors as places
from hanse.apps.standings import lists, maps, outlook
from hanse.fronts.desk import deciding
from hanse.fronts.desk.find import sought
from hanse.fronts.desk.partners import moving
from hanse.fronts.pages import asked, mapping

if TYPE_CHECKING:
    from django.http import HttpResponse, JsonResponse

    from hanse.apps.standings.lists import Wanted
    from hanse.apps.standings.outlook import Book
    from hanse.fronts.pages.mapping import Line
    from hanse.fronts.pages.reader import PageRequest
    from hanse.fronts.pages.seeking import Seeking

_NONE = ""  # partners without a level
_LISTED = ("text", "country", "level", "type")  # filters that the list by standing has as well


@dataclass(frozen=True)
class _Asked:
    """What an address wants to see: by what partners show of themselves, and by where they stand."""

    book: Book
    seek: Seeking
    wanted: Wanted

    @property
    def said(self) -> dict[str, str]:
        return {**self.seek.said, "moving": self.wanted.moving, "group": self.wanted.group}

    @property
    def list(self) -> str:
        """The list that has these filters: that by standing where it has them all."""
        profile = any(v for k, v in self.seek.said.items() if k not in (*_LISTED, "edition", "radius"))
        return reverse("find") if profile else reverse("partners")


@require_safe
def partner_map(request: PageRequest) -> HttpResponse:
    """The map, its filters and legend, and the list of the largest places that says the same."""
    book = outlook.book(actor=request.actor, edition=asked.text(request, "edition"))
    if book is None:
        return render(request, "desk/map.html", {"book": None})
    of = _asked(request, book)
    like, wanted = of.seek.wanted, of.wanted
    nobody = of.seek.found.unknown_town
    window = mapping.window_of(request, lambda: maps.extent(actor=request.actor, wanted=wanted, like=like))
    seen = maps.Seen(0) if nobody else maps.seen(actor=request.actor, wanted=wanted, window=window, like=like)
    levels = _levels(book)
    shown = {
        "book": book,
        "seek": of.seek,
        "query": asked.query(of.said),
        "moving": moving(request.words),
        "moving_now": wanted.moving,
        "everything": asked.query({"edition": book.edition}),
        "seen": seen,
        "rows": [_row(request, of, line) for line in mapping.lines_of(seen)[: mapping.ROWS]],
        "legend": [(name, deciding.level_label(request.words, book.read, name)) for name in levels],
        "unknown": places.coverage(actor=request.actor).unknown,
        "told": {
            **mapping.told(request.words, window, levels),
            "data": reverse("map_data"),
            "partner": reverse("partners"),
            "list": of.list,
            "filters": {name: value for name, value in of.said.items() if value},
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
    of = _asked(request, book, counted=False)
    seen = maps.seen(actor=request.actor, wanted=of.wanted, window=mapping.window_of(request), like=of.seek.wanted)
    return mapping.data(seen, _levels(book))


def _asked(request: PageRequest, book: Book, *, counted: bool = True) -> _Asked:
    group = asked.text(request, "group")
    kept = {"edition": book.edition, **({"group": group} if group else {})}
    seek = sought(request, book.edition, limit=0, kept=kept, counted=counted)
    like = seek.wanted
    moving_now = asked.one_of(request, "moving", lists.MOVING)
    wanted = lists.Wanted(
        book.edition, like.country, like.level, like.type, group=group, text=like.text, moving=moving_now
    )
    return _Asked(book, seek, wanted)


def _levels(book: Book) -> list[str]:
    """The levels as the legend has them, the highest first."""
    return [*(str(entry["level"]) for entry in reversed(book.read["levels"])), _NONE]


def _row(request: PageRequest, of: _Asked, line: Line) -> dict[str, Any]:
    """A place of the list: where it is seen on the map, and its partners as a list."""
    order = [(name, line.levels[name]) for name in _levels(of.book) if line.levels.get(name)]
    text = " ".join(one for one in (of.wanted.text, line.city) if one)
    return {
        "line": line,
        "map": f"?{mapping.address({name: value for name, value in of.said.items() if value}, line.box)}",
        "list": of.list + asked.query(of.said, country=line.country or of.wanted.country, text=text),
        "levels": [(name, deciding.level_label(request.words, of.book.read, name), n) for name, n in order],
    }
