"""Which other partners could the firm work with: near, with a competency, a certificate, a level, an industry?

Every filter is in the address, the page works without scripts. Found is only what each partner shows to others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hanse.apps.connections.selectors import stand_with
from hanse.apps.directory.search import PAGE, Found, Point, search
from hanse.apps.directory.selectors import books
from hanse.apps.places.selectors import place_of
from hanse.fronts.pages import asked, firms
from hanse.fronts.pages.seeking import Near, Seeking
from hanse.fronts.portal.firm import firm_of, keeping, kept, others_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest


@require_safe
def allies(request: PageRequest) -> HttpResponse:
    """A page of those who are like that."""
    own = firm_of(request)
    seek, nowhere = sought(request, own)
    suffix = keeping(request, own)
    known = stand_with(actor=request.actor, partner=own)
    shown: dict[str, Any] = {
        "seek": seek, "items": seek.items(reverse("allies"), suffix, known), "asked": suffix,
        "nowhere": nowhere, "firm": own, "others": others_of(request, own),
    }  # fmt: skip
    return render(request, "portal/allies.html", shown)


def sought(
    request: PageRequest, own: str, edition: str = "", *, limit: int = PAGE, counted: bool = True
) -> tuple[Seeking, bool]:
    """What an address looks for, by an edition (the first, unless named), and a page of those who are found.

    And whether that is near the reader's own firm, of which nobody knows where it lies. Also for the form beside the
    map, and for its data alone, where nobody need be `counted`.
    """
    listed = books(actor=request.actor)
    edition = edition or next(iter(listed), "")
    near, at = _near_own(request, own)
    wanted = firms.wanted_of(request, edition, at)
    found = Found(0)
    if counted:
        found = search(
            actor=request.actor, wanted=wanted, after=asked.text(request, "after", 300),
            before=asked.text(request, "before", 300), limit=limit,
        )  # fmt: skip
    says = listed.get(edition, {})
    return Seeking(wanted, found, says, request.words, kept(request, own), near), near.chosen and at is None


def _near_own(request: PageRequest, firm: str) -> tuple[Near, Point | None]:
    """Is it asked for what is near the reader's own firm, and where does that lie? None where nobody knows."""
    near = Near("me", request.words.say("near our firm"), asked.text(request, "near", 2) == "me")
    return near, firms.point_of(place_of(actor=request.actor, partner=firm)) if near.chosen else None
