"""Which partners are like this: near a place, with a competency, a certificate, an industry, a language, of a name?

All that the reader may see, whatever partners show to one another. The same search, with the same form, stands beside
the map.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hanse.apps.accounts.policy import NotThere
from hanse.apps.directory.search import PAGE, Found, search
from hanse.apps.directory.selectors import books
from hanse.apps.places.selectors import place_of
from hanse.apps.registry.selectors import see_partner
from hanse.fronts.pages import asked, firms
from hanse.fronts.pages.seeking import Near, Seeking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse

    from hanse.apps.directory.search import Point
    from hanse.fronts.pages.reader import PageRequest


@require_safe
def find(request: PageRequest) -> HttpResponse:
    """A page of those who are like that."""
    seek = sought(request, asked.text(request, "edition"))
    shown: dict[str, Any] = {
        "seek": seek,
        "items": seek.items(reverse("partners")),
        "query": seek.query,
        "nowhere": seek.near is not None and seek.wanted.centre is None,
    }
    return render(request, "desk/find.html", shown)


def sought(
    request: PageRequest,
    edition: str,
    limit: int = PAGE,
    kept: Mapping[str, str] | None = None,
    counted: bool = True,
) -> Seeking:
    """What an address looks for, and a page of those who are found; also for the form beside the map, and for its data
    alone, where nobody need be `counted`."""
    listed = books(actor=request.actor)
    edition = edition if edition in listed or kept is not None else next(iter(listed), "")
    near, at = _near(request)
    wanted = firms.wanted_of(request, edition, at)
    after, before = asked.text(request, "after", 300), asked.text(request, "before", 300)
    found = Found(0)
    if counted:
        found = search(actor=request.actor, wanted=wanted, after=after, before=before, limit=limit)
    kept = {"edition": edition} if kept is None and edition != next(iter(listed), "") else kept or {}
    return Seeking(wanted, found, listed.get(edition, {}), request.words, kept, near)


def _near(request: PageRequest) -> tuple[Near | None, Point | None]:
    """The partner near which it is looked, where the address names one, and where it lies, if that is known."""
    key = asked.text(request, "near", 300)
    if not key:
        return None, None
    try:
        partner = see_partner(request.actor, key)
    except NotThere:
        return None, None
    at = firms.point_of(place_of(actor=request.actor, partner=key))
    return Near(key, request.words.say("near {name}", name=partner.name), chosen=True), at
