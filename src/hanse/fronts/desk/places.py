"""Of which partners is it not known where they are, and which town may be meant?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from hanse.apps.accounts.policy import may
from hanse.apps.places import selectors
from hanse.apps.registry.selectors import names_of
from hanse.fronts.pages import asked

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest

AT_ONCE = 25
_FEW = 3  # suggestions to a name


@require_safe
def places(request: PageRequest) -> HttpResponse:
    """The names that no list of towns has, with near ones; and what people have said about such names."""
    actor = request.actor
    country = asked.text(request, "country", 2)
    after = (country, asked.text(request, "city", 300)) if country else None
    found = selectors.unknown(actor=actor, limit=AT_ONCE + 1, after=after)
    page = found[:AT_ONCE]
    chosen = selectors.chosen(actor=actor)
    names = names_of(actor, [*(one.partner for one in page), *(one.partner for one in chosen)])
    rows = [
        {
            "one": one,
            "name": names.get(one.partner, one.partner),
            "towns": selectors.suggested(actor=actor, country=one.country, city=one.city, limit=_FEW)
            if one.city
            else [],
            "choose": asked.query({"country": one.country, "city": one.city} if one.city else {"partner": one.partner}),
        }
        for one in page
    ]
    shown = {
        "rows": rows,
        "known": selectors.coverage(actor=actor),
        "later": asked.query({"country": page[-1].country, "city": page[-1].city}) if len(found) > AT_ONCE else "",
        "first": after is not None,
        "may": may(actor, "places.choose"),
        "chosen": [
            {"one": one, "name": names.get(one.partner, one.partner),
             "change": _about(one.country, "" if one.partner else one.city, one.partner)}
            for one in chosen
        ],
    }  # fmt: skip
    return render(request, "desk/places.html", shown)


def _about(country: str, city: str, partner: str) -> str:
    """What a choice is about: a town's name, or where there is none a partner."""
    return asked.query({"country": country, "city": city} if city else {"partner": partner})
