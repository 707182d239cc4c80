"""What is in a window of the map? The picture's data, the list that says the same, the window that an address asks for.

Desk and portal show the same page; each hands in what its readers may see.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import JsonResponse

from hanse.apps.standings.maps import Seen, Window, zoom_of
from hanse.fronts.pages.assets import address_of

if TYPE_CHECKING:
    from django.http import HttpRequest

    from hanse.apps.standings.maps import Spot
    from hanse.language.words import Words

ROWS = 12  # of the list beside the map
_EDGES = ("w", "s", "e", "n")
_FAR = 1000.0  # degrees that no window has


@dataclass
class Line:
    """One place in the list: the town that is named, how many partners, how many of each level, and where to look."""

    city: str
    country: str
    partners: int = 0
    levels: dict[str, int] = field(default_factory=dict)
    near: bool = False  # other places around belong to it
    firm: str = ""  # the one partner of the place
    name: str = ""
    box: tuple[float, float, float, float] = (180.0, 90.0, -180.0, -90.0)

    def add(self, levels: Mapping[str, int], box: tuple[float, float, float, float]) -> None:
        for level, n in levels.items():
            self.levels[level] = self.levels.get(level, 0) + n
            self.partners += n
        west, south, east, north = self.box
        self.box = (min(west, box[0]), min(south, box[1]), max(east, box[2]), max(north, box[3]))


def window_of(request: HttpRequest, otherwise: Callable[[], Window] = Window) -> Window:
    """The window that an address asks for (w, s, e, n in degrees, zoom); else the other one."""
    edges = [_number(request, name, _FAR) for name in _EDGES]
    if any(edge is None for edge in edges):
        return otherwise()
    west, south, east, north = (edge or 0.0 for edge in edges)
    if south > north or west > east:
        return otherwise()
    zoom = _number(request, "zoom", 24.0)
    window = Window(west, max(-85.0, south), east, min(85.0, north))
    return Window(*_edges(window), zoom=max(0.0, zoom) if zoom is not None else zoom_of(window))


def lines_of(seen: Seen) -> list[Line]:
    """The largest places of a window, by the town that partners name; the list beside the map."""
    found: dict[tuple[str, str], Line] = {}
    for one in seen.clusters:
        line = found.setdefault((one.city, one.country), Line(one.city, one.country, near=not one.together))
        line.add(one.levels, one.box)
    for spot in seen.spots:
        line = found.setdefault(
            (spot.city, spot.country), Line(spot.city, spot.country, firm=spot.partner, name=spot.name)
        )
        line.firm = spot.partner if not line.partners else ""
        line.add({spot.stands: 1}, _about(spot.longitude, spot.latitude))
    return sorted(found.values(), key=lambda line: (-line.partners, line.city, line.country))


def address(kept: Mapping[str, object], box: tuple[float, float, float, float]) -> str:
    """A window as the parameters of an address, besides others that are kept."""
    return urlencode({**kept, **dict(zip(_EDGES, (round(edge, 4) for edge in box), strict=True))})


def data(seen: Seen, levels: list[str]) -> JsonResponse:
    """The picture's data, short: `c` clusters, `p` partners and `o` the reader's own; each level by its number.

    A cluster is longitude, latitude, partners, level of most, west, south, east, north, all at one place, town,
    country; a partner is longitude, latitude, level, key, name, town, country.
    """
    number = {name: at for at, name in enumerate(levels)}

    def said(spots: Sequence[Spot]) -> list[list[object]]:
        return [
            [one.longitude, one.latitude, number.get(one.stands, -1), one.partner, one.name, one.city, one.country]
            for one in spots
        ]

    clusters = [
        [one.longitude, one.latitude, one.partners, number.get(one.mostly, -1), *(round(e, 4) for e in one.box),
         int(one.together), one.city, one.country]
        for one in seen.clusters
    ]  # fmt: skip
    return JsonResponse(
        {"n": seen.partners, "more": seen.more, "c": clusters, "p": said(seen.spots), "o": said(seen.own)},
        json_dumps_params={"separators": (",", ":"), "ensure_ascii": False},
    )


def told(words: Words, window: Window, levels: list[str]) -> dict[str, Any]:
    """What the picture is told, whatever it shows: where its parts are, the window it opens with, what it says."""
    return {
        "language": words.language,
        "levels": levels,
        "window": ",".join(f"{edge:.4f}" for edge in _edges(window)),
        "worker": address_of("map-worker.js"),
        "coarse": address_of("world-110.json"),
        "fine": address_of("world-50.json"),
        "tiles": getattr(settings, "HANSE_MAP_TILES", ""),
        "partner": "",
        "list": "",
        "within": words.say("In this window: {n}"),
        "around": words.say("{city} and around"),
        "nowhere": words.say("no town is named"),
        "all": words.say("All of them as a list ({n})"),
        "locale": {
            "Map.Title": words.say("Map of the partners"),
            "NavigationControl.ZoomIn": words.say("Nearer"),
            "NavigationControl.ZoomOut": words.say("Farther"),
            "Popup.Close": words.say("Close"),
        },
    }


def credit() -> str:
    """Whom to credit for the pictures below the map, where there are any."""
    return str(getattr(settings, "HANSE_MAP_CREDIT", ""))


def _edges(window: Window) -> tuple[float, float, float, float]:
    return window.west, window.south, window.east, window.north


def _about(longitude: float, latitude: float) -> tuple[float, float, float, float]:
    return longitude - 0.2, max(-85.0, latitude - 0.15), longitude + 0.2, min(85.0, latitude + 0.15)


def _number(request: HttpRequest, name: str, most: float) -> float | None:
    try:
        found = float(request.GET.get(name, ""))
    except ValueError:
        return None
    return found if math.isfinite(found) and abs(found) <= most else None
