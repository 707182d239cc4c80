"""Has a firm a new name, has it closed or split, or to whom does it belong? Said with a day and a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone

from hanse.apps.evaluation import mergers
from hanse.apps.registry.selectors import see_partner
from hanse.fronts.desk import event_words
from hanse.fronts.desk.moved import followed
from hanse.fronts.pages import asked, refusing
from hanse.language.problems import HanseError

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem


class Event(forms.Form):
    """The day, the other record or the name where the kind has one, a note, and why it is said."""

    on = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    into = forms.CharField(required=False, max_length=300)
    name = forms.CharField(required=False, max_length=300)
    note = forms.CharField(required=False, max_length=400)
    why = forms.CharField(max_length=400)


def became(request: PageRequest, key: str) -> HttpResponse:
    """The form of one kind of event; sent, the event is on record. Raises NotThere."""
    words, known = request.words, see_partner(request.actor, asked.key(key))
    kind = asked.one_of(request, "kind", tuple(event_words.OTHERS)) or "renamed"
    form = Event(request.POST if request.method == "POST" else None, initial={"on": timezone.now().date()})
    problems: list[Problem] = []
    if form.is_valid():
        given = form.cleaned_data
        try:
            batch = mergers.became(
                actor=request.actor, partner=known.key, kind=kind, on=given["on"], note=given["note"],
                reason=given["why"],
                into=given["into"] if kind in ("split", "belongs") else "",
                name=given["name"] if kind in ("renamed", "belongs") else "",
            )  # fmt: skip
        except HanseError as error:
            problems = refusing.put(form, error, words)
        else:
            say = words.say("It is on record. It can be taken back below at any time.")
            messages.success(request, followed(request, say, batch))
            return redirect("partner", known.key)
    kinds = [(name, words.say(says)) for name, says in event_words.OTHERS.items()]
    shown: dict[str, Any] = {"partner": known, "form": form, "problems": problems, "kind": kind, "kinds": kinds}
    return render(request, "desk/became.html", shown, status=400 if form.is_bound else 200)
