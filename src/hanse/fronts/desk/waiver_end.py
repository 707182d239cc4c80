"""When does a waiver end that was to last longer, and why?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone

from hanse.apps.evaluation.services import correct_fact
from hanse.apps.evidence import selectors
from hanse.apps.standings import outlook
from hanse.fronts.desk import fact_form, waiver_words
from hanse.fronts.desk.moved import followed
from hanse.fronts.pages import refusing
from hanse.language.problems import HanseError

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpResponse

    from hanse.apps.evidence.selectors import Row
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem

_COLUMNS = ("partner", "subject", "from", "until", "reason", "by")


class End(forms.Form):
    """The last day of a waiver, and why it ends then."""

    until = fact_form.day_field()
    why = forms.CharField(max_length=400)


def waiver_end(request: PageRequest, fact: int) -> HttpResponse:
    """Asks for the last day; before the first day it takes the waiver back altogether. Raises NotThere."""
    one = next((row for row in selectors.waivers(request.actor) if row["fact"] == fact), None)
    if one is None:
        raise Http404
    yesterday = timezone.localdate() - timedelta(days=1)
    form = End(request.POST if request.method == "POST" else None, initial={"until": yesterday})
    problems: list[Problem] = []
    if form.is_bound and form.is_valid():
        last: date = form.cleaned_data["until"]
        if last >= one["until"]:
            form.add_error("until", request.words.say("it ends on {day} as it is", day=request.words.day(one["until"])))
        else:
            try:
                return _ended(request, one, last, form.cleaned_data["why"])
            except HanseError as error:
                problems = refusing.put(form, error, request.words, waiver_words.FIELDS)
    books = outlook.books(actor=request.actor)
    shown = {
        "one": one | {"since": one["from"]},
        "says": waiver_words.subject(str(one["subject"]), books, request.words),
        "form": form,
        "problems": problems,
    }
    return render(request, "desk/waiver_end.html", shown, status=400 if form.is_bound else 200)


def _ended(request: PageRequest, one: Row, last: date, why: str) -> HttpResponse:
    """Says anew until when the waiver lasts; one that would end before it begins is taken back."""
    row = {name: one[name] for name in _COLUMNS} | {"until": last} if last >= one["from"] else None
    done = correct_fact(actor=request.actor, table="exceptions", fact=one["fact"], row=row, reason=why)
    words = request.words
    if row is None:
        said = words.say("{name}: the waiver is taken back.", name=one["name"])
    else:
        said = words.say("{name}: the waiver ends on {day}.", name=one["name"], day=words.day(last))
    messages.success(request, followed(request, said, done.batch))
    return redirect("waivers")
