"""Where is a place that could not be found?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render

from hanse.apps.places import selectors
from hanse.apps.places.services import Chosen
from hanse.apps.registry.selectors import see_partner
from hanse.apps.standings.placing import place_choose as choose
from hanse.fronts.pages import asked, refusing
from hanse.language.problems import HanseError

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem

_OWN, _NOWHERE = "own", "nowhere"
_FIELDS = {"coordinates": "latitude", "reason": "why"}


class Choose(forms.Form):
    """A town of the list, or coordinates of one's own; and how one knows."""

    where = forms.CharField(max_length=300)
    town = forms.CharField(max_length=200, required=False)
    latitude = forms.FloatField(required=False, min_value=-90, max_value=90)
    longitude = forms.FloatField(required=False, min_value=-180, max_value=180)
    why = forms.CharField(max_length=400)


def place_choose(request: PageRequest) -> HttpResponse:
    """Asks where a town's name is, or one partner; what is said is recorded. Raises NotThere, Refused."""
    actor, words = request.actor, request.words
    partner = asked.text(request, "partner", 300)
    country, city = asked.text(request, "country", 2), asked.text(request, "city", 300)
    known = see_partner(actor, partner) if partner else None
    if known is not None:
        country, city = known.country, known.city or ""
    elif not city or not (actor.everywhere or country in actor.countries):
        raise Http404
    towns = selectors.suggested(actor=actor, country=country, city=asked.text(request, "look") or city, limit=8)
    offered = [(f"{one.latitude},{one.longitude},{one.name}", one) for one in towns]
    form = Choose(request.POST if request.method == "POST" else None)
    problems: list[Problem] = []
    if form.is_bound and form.is_valid():
        try:
            chosen = _chosen(form)
            moved = choose(
                actor=actor, country=country, city=city, partner=partner, chosen=chosen,
                reason=form.cleaned_data["why"],
            )  # fmt: skip
        except HanseError as error:
            problems = refusing.put(form, error, words, _FIELDS)
        else:
            messages.success(
                request,
                words.many("{n} partner has another place now.", "{n} partners have another place now.", len(moved)),
            )
            return redirect("places")
    shown = {
        "partner": known, "country": country, "city": city, "offered": offered, "form": form, "problems": problems,
        "where": form["where"].value() if form.is_bound else (offered[0][0] if offered else _OWN),
        "look": asked.text(request, "look"), "own": _OWN, "nowhere": _NOWHERE,
        "said_before": _said_before(request, country, city, partner),
        "leave": asked.query({"partner": partner} if partner else {"country": country, "city": city}),
    }  # fmt: skip
    return render(request, "desk/place_choose.html", shown, status=400 if form.is_bound else 200)


def _said_before(request: PageRequest, country: str, city: str, partner: str) -> bool:
    """Has somebody said already where this is?"""
    for one in selectors.chosen(actor=request.actor):
        if one.partner == partner and (partner or (one.country, one.city.lower()) == (country, city.lower())):
            return True
    return False


def _chosen(form: Choose) -> Chosen | None:
    """What was chosen. Coordinates that are none are refused where they are recorded."""
    given = form.cleaned_data
    if given["where"] == _NOWHERE:
        return None
    if given["where"] == _OWN:
        nowhere = given["latitude"] is None or given["longitude"] is None
        return (
            Chosen(given["town"], 0.0, 0.0) if nowhere else Chosen(given["town"], given["latitude"], given["longitude"])
        )
    latitude, _, rest = str(given["where"]).partition(",")
    longitude, _, town = rest.partition(",")
    try:
        return Chosen(town, float(latitude), float(longitude))
    except ValueError:
        return Chosen(town, 0.0, 0.0)
