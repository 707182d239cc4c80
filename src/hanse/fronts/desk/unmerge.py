"""Why is a record a firm of its own again? A reason, and the merger is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render

from hanse.apps.evaluation import mergers
from hanse.apps.registry.selectors import see_partner
from hanse.fronts.desk.moved import followed
from hanse.fronts.pages import asked, refusing
from hanse.language.problems import HanseError

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem


class Reason(forms.Form):
    """Why they are two."""

    why = forms.CharField(max_length=400)


def unmerge(request: PageRequest, key: str) -> HttpResponse:
    """Asks for the reason; sent, the latest merger of the record is taken back. Raises NotThere."""
    known = see_partner(request.actor, asked.key(key))
    if not known.merged_into:
        raise Http404
    form = Reason(request.POST if request.method == "POST" else None)
    problems: list[Problem] = []
    if form.is_valid():
        try:
            batch = mergers.unmerge(actor=request.actor, partner=known.key, reason=form.cleaned_data["why"])
        except HanseError as error:
            problems = refusing.put(form, error, request.words)
        else:
            say = request.words.say("{name} is a firm of its own again, with all that was said of it.", name=known.name)
            messages.success(request, followed(request, say, batch))
            return redirect("partner", known.key)
    other = see_partner(request.actor, known.merged_into)
    shown = {"partner": known, "other": other, "form": form, "problems": problems}
    return render(request, "desk/unmerge.html", shown, status=400 if form.is_bound else 200)
