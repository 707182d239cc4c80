"""What does taking an import back take back, and whom does it concern?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render

from hanse.apps.imports import selectors, services
from hanse.apps.registry.selectors import names_of
from hanse.fronts.desk import import_words
from hanse.fronts.desk.moved import followed
from hanse.language.problems import HanseError

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem


class Undo(forms.Form):
    """Why an import is taken back."""

    why = forms.CharField(max_length=400)


def undo(request: PageRequest, number: int) -> HttpResponse:
    """How much and whom it concerns, and the reason asked; sent, the import is taken back. Raises NotThere."""
    one = selectors.import_of(request.actor, number)
    if one["state"] not in ("done", "waiting"):
        return redirect("refused", number)
    form = Undo(request.POST if request.method == "POST" else None)
    problems: list[Problem] = []
    if form.is_bound and form.is_valid():
        try:
            return _undone(request, number, form.cleaned_data["why"])
        except HanseError as error:
            problems = import_words.problems(error.problems, request.words)
    partners, touched = selectors.taken_back(request.actor, number)
    names = names_of(request.actor, partners)
    shown = {
        "one": one,
        "form": form,
        "problems": problems,
        "touched": touched,
        "partners": [(key, names.get(key, "")) for key in partners],
        "more": (touched or 0) - len(partners),
        "mendings": [m for m in selectors.mendings(request.actor, number) if m["state"] == "done"],
    }
    return render(request, "desk/undo.html", shown, status=400 if form.is_bound else 200)


def _undone(request: PageRequest, number: int, why: str) -> HttpResponse:
    done = services.undo(actor=request.actor, number=number, reason=why)
    words = request.words
    if done.batch is None:
        messages.success(request, words.say("Import {n} is given up: nothing of it was recorded.", n=number))
        return redirect("refused", number)
    said = words.many(
        "Import {number} is taken back: {n} fact counts no longer.",
        "Import {number} is taken back: {n} facts count no longer.",
        done.added,
        number=number,
    )
    messages.success(request, followed(request, said, done.batch))
    return redirect("refused", number)
