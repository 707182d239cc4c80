"""Where is the reader's firm, and which other partners show where they are?

The filters are those of the page *Find allies*; an address of the one is an address of the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hanse.apps.standings import maps_shown
from hanse.apps.standings.maps import Seen
from hanse.apps.standings.selectors import deciding_run, outline_of
from hanse.fronts.pages import asked, mapping, telling
from hanse.fronts.portal.allies import sought
from hanse.fronts.portal.firm import firm_of, others_of

if TYPE_CHECKING:
    from django.http import HttpResponse, JsonResponse

    from hanse.fronts.pages.reader import PageRequest


@require_safe
def firm_map(request: PageRequest) -> HttpResponse:
    """The map of the partners that show themselves, the reader's own among them, and the list that says the same."""
    firm, words = firm_of(request), request.words
    edition, labels = _edition(request, firm)
    seek, nowhere = sought(request, firm, edition, limit=0)
    like = seek.wanted
    window = mapping.window_of(request, lambda: maps_shown.extent_for_partner(actor=request.actor, like=like))
    nobody = seek.found.unknown_town or nowhere
    seen = Seen(0) if nobody else maps_shown.seen_by_partner(actor=request.actor, like=like, window=window)
    levels = _levels(labels)
    filters = {name: value for name, value in seek.said.items() if value}
    shown = {
        "seek": seek,
        "nowhere": nowhere,
        "seen": seen,
        "rows": _rows(seen, seek.said),
        "legend": [(name, _said(name, labels, request)) for name in levels],
        "list": reverse("allies") + seek.query,
        "others": others_of(request, firm),
        "told": {
            **mapping.told(words, window, levels),
            "data": reverse("firm_map_data"),
            "partner": reverse("allies"),
            "list": reverse("allies"),
            "filters": filters,
        },
        "tiles_credit": mapping.credit(),
    }
    return render(request, "portal/map.html", shown)


@require_safe
def firm_map_data(request: PageRequest) -> JsonResponse:
    """What the picture asks for after it was moved."""
    firm = firm_of(request)
    edition, labels = _edition(request, firm)
    seek, nowhere = sought(request, firm, edition, counted=False)
    window = mapping.window_of(request)
    seen = Seen(0) if nowhere else maps_shown.seen_by_partner(actor=request.actor, like=seek.wanted, window=window)
    return mapping.data(seen, _levels(labels))


def _edition(request: PageRequest, firm: str) -> tuple[str, dict[str, str]]:
    """The edition by which the firm is judged, and its levels with what they are called, the highest first."""
    run = deciding_run(request.actor, firm, edition=None, as_of=None)
    labels = telling.level_labels(outline_of(run), request.words)
    return run.edition, dict(reversed(labels.items()))


def _levels(labels: dict[str, str]) -> list[str]:
    return [*labels, "", maps_shown.NOT_SHOWN]


def _said(name: str, labels: dict[str, str], request: PageRequest) -> str:
    if name == maps_shown.NOT_SHOWN:
        return request.words.say("level not shown")
    return labels.get(name) or request.words.say("no level")


def _rows(seen: Seen, said: dict[str, str]) -> list[dict[str, Any]]:
    """Places of the list: where each is seen on the map, and its partners as a list."""
    found, filters = [], {name: value for name, value in said.items() if value}
    for line in mapping.lines_of(seen)[: mapping.ROWS]:
        text = " ".join(one for one in (said["text"], line.city) if one)
        narrower = asked.query(said, country=line.country or said["country"], text=text)
        shown = f"?{mapping.address(filters, line.box)}"
        found.append({"line": line, "map": shown, "list": reverse("allies") + narrower})
    return found
