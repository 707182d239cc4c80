"""Which levels would be held from now on, if this run were confirmed? A second look, then a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render

from hanse.apps.evaluation import asked_for
from hanse.apps.standings import outlook
from hanse.fronts.desk import deciding
from hanse.fronts.desk.run import LARGEST
from hanse.fronts.pages import refusing
from hanse.language.problems import HanseError

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem


class Reason(forms.Form):
    """Why the levels are held from now on: what partners were told."""

    reason = forms.CharField(max_length=400)


def confirm(request: PageRequest, number: int) -> HttpResponse:
    """What would go on record, by level and by partner; with a reason it is put there by a job. Raises NotThere."""
    if number > LARGEST:
        raise Http404
    found = asked_for.preview(actor=request.actor, run=number)
    form = Reason(request.POST if request.method == "POST" else None)
    problems: list[Problem] = []
    if form.is_valid():
        try:
            asked_for.confirm_later(actor=request.actor, run=number, reason=form.cleaned_data["reason"])
        except HanseError as error:
            problems = refusing.put(form, error, request.words)
        else:
            told = request.words.say("The levels are going on record. You may leave this page: it goes on.")
            messages.success(request, told)
            return redirect("run", number=number)
    words, read = request.words, outlook.read_of(actor=request.actor, run=number)

    def label(name: str) -> str:
        return deciding.level_label(words, read, name)

    shown: dict[str, Any] = {
        "number": number,
        "form": form,
        "problems": problems,
        "total": found.total,
        "levels": [(held, label(held), granted, label(granted), n) for (held, granted), n in found.levels.items()],
        "partners": [(key, held, label(held), granted, label(granted)) for key, held, granted in found.partners],
        "more": found.total - len(found.partners),
    }
    return render(request, "desk/confirm.html", shown, status=400 if form.is_bound else 200)
