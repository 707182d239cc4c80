"""Why did this not become of the firm after all? A reason, and the event is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render

from hanse.apps.evaluation import mergers
from hanse.apps.evidence.structure import events_of
from hanse.apps.registry.selectors import names_of, see_partner
from hanse.fronts.desk import event_words
from hanse.fronts.desk.moved import followed
from hanse.fronts.pages import asked, refusing
from hanse.language.problems import HanseError
from hanse.language.structure import MERGING

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem


class Reason(forms.Form):
    """Why it was not so."""

    why = forms.CharField(max_length=400)


def event_undo(request: PageRequest, key: str, number: int) -> HttpResponse:
    """Asks for the reason; sent, the event is taken back with what it changed of the firm. Raises NotThere."""
    known = see_partner(request.actor, asked.key(key))
    listed = events_of(actor=request.actor, partner=known.key)
    one = next((event for event in listed if event.fact == number and event.kind not in MERGING), None)
    if one is None:
        raise Http404
    form = Reason(request.POST if request.method == "POST" else None)
    problems: list[Problem] = []
    if form.is_valid():
        try:
            batch = mergers.unbecame(
                actor=request.actor, partner=known.key, fact=number, reason=form.cleaned_data["why"]
            )
        except HanseError as error:
            problems = refusing.put(form, error, request.words)
        else:
            say = request.words.say("It is taken back: what was there before counts again.")
            messages.success(request, followed(request, say, batch))
            return redirect("partner", known.key)
    names = names_of(request.actor, [one.partner, one.into or ""])
    shown = {
        "partner": known, "event": event_words.told(one, names, request.words), "form": form, "problems": problems,
    }  # fmt: skip
    return render(request, "desk/event_undo.html", shown, status=400 if form.is_bound else 200)
