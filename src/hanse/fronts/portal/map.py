"""Where is the reader's firm, and which other partners show where they are?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hanse.apps.standings import maps_shown
from hanse.apps.standings.lists import Wanted
from hanse.apps.standings.selectors import deciding_run, outline_of
from hanse.fronts.pages import mapping, telling
from hanse.fronts.portal.firm import firm_of, others_of

if TYPE_CHECKING:
    from django.http import HttpResponse, JsonResponse

    from hanse.apps.standings.maps import Seen
    from hanse.fronts.pages.reader import PageRequest


@require_safe
def firm_map(request: PageRequest) -> HttpResponse:
    """The map of the partners that show themselves, the reader's own among them, and the list that says the same."""
    firm, words = firm_of(request), request.words
    edition, labels = _edition(request, firm)
    wanted = _wanted(request, edition)
    window = mapping.window_of(request, lambda: maps_shown.extent_for_partner(actor=request.actor, wanted=wanted))
    seen = maps_shown.seen_by_partner(actor=request.actor, wanted=wanted, window=window)
    levels = _levels(labels)
    said = {
        "partner": request.GET.get("partner", ""),
        "country": wanted.country,
        "level": wanted.level,
        "text": wanted.text,
    }
    kept = {name: value for name, value in said.items() if value}
    shown = {
        "wanted": wanted,
        "seen": seen,
        "rows": _rows(seen, kept),
        "legend": [(name, _said(name, labels, request)) for name in levels],
        "levels": list(labels.items()),
        "countries": sorted(
            ((code, words.country(code)) for code in maps_shown.countries_shown(actor=request.actor, edition=edition)),
            key=lambda one: one[1],
        ),
        "narrowed": bool(wanted.country or wanted.level or wanted.text),
        "others": others_of(request, firm),
        "told": {**mapping.told(words, window, levels), "data": reverse("firm_map_data"), "filters": kept},
        "tiles_credit": mapping.credit(),
    }
    return render(request, "portal/map.html", shown)


@require_safe
def firm_map_data(request: PageRequest) -> JsonResponse:
    """What the picture asks for after it was moved."""
    edition, labels = _edition(request, firm_of(request))
    window = mapping.window_of(request)
    seen = maps_shown.seen_by_partner(actor=request.actor, wanted=_wanted(request, edition), window=window)
    return mapping.data(seen, _levels(labels), request.actor.partners)


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


def _wanted(request: PageRequest, edition: str) -> Wanted:
    country, level, text = (
        request.GET.get(name, "")[:100].replace("\x00", "") for name in ("country", "level", "text")
    )
    return Wanted(edition, country=country, level=level, text=text)


def _rows(seen: Seen, kept: dict[str, str]) -> list[dict[str, Any]]:
    lines = mapping.lines_of(seen)[: mapping.ROWS]
    return [{"line": line, "map": f"?{mapping.address(kept, line.box)}"} for line in lines]
