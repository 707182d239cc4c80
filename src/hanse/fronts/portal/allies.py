"""Which other partners could the firm work with: near, with a competency, a certificate, a level, an industry?

Every filter is in the address, the page works without scripts. Found is only what each partner shows to others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.views.decorators.http import require_safe

from hanse.apps.connections.selectors import stand_with
from hanse.apps.directory.search import Point, search
from hanse.apps.directory.selectors import books
from hanse.apps.registry.selectors import see_partner
from hanse.fronts.pages import firms
from hanse.fronts.portal.firm import firm_of, others_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest


@require_safe
def allies(request: PageRequest) -> HttpResponse:
    """A page of those who are like that."""
    own = see_partner(request.actor, firm_of(request))
    listed = books(actor=request.actor)
    edition = next(iter(listed), "")
    says = listed.get(edition, {})
    at = Point(own.latitude, own.longitude) if own.latitude is not None and own.longitude is not None else None
    near = firms.text(request, "near", 2) == "me"
    wanted = firms.wanted_of(request, edition, at)
    found = search(
        actor=request.actor, wanted=wanted, after=firms.text(request, "after", 300),
        before=firms.text(request, "before", 300),
    )  # fmt: skip
    said = firms.parameters(wanted, near=near and at is not None)
    if request.GET.get("partner"):
        said["partner"] = own.key
    known = stand_with(actor=request.actor, partner=own.key)
    facets = firms.facets(found, wanted, says, request.words, near=near and at is not None)
    shown: dict[str, Any] = {
        "wanted": wanted, "found": found, "near": near, "nowhere": near and at is None, "radii": firms.RADII,
        "cards": [(firms.card(line, says, request.words), known.get(line.partner, "")) for line in found.lines],
        "facets": facets, "chosen": [(facet, facet.chosen) for facet in facets if facet.chosen],
        "narrowed": any(value for name, value in said.items() if name not in ("partner", "radius")),
        "first": firms.query(said) if found.earlier else "",
        "earlier": firms.query(said, before=found.lines[0].partner) if found.earlier and found.lines else "",
        "later": firms.query(said, after=found.lines[-1].partner) if found.later and found.lines else "",
        "asked": firms.query({"partner": said.get("partner", "")}) if said.get("partner") else "",
        "firm": own, "others": others_of(request, own.key),
    }  # fmt: skip
    return render(request, "portal/allies.html", shown)
