"""Which runs judged partners, by which rules, and what came of them? Another one is asked for here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from hanse.apps.accounts import policy
from hanse.apps.evaluation import asked_for
from hanse.apps.programmes.selectors import editions
from hanse.apps.standings.selectors import run_list
from hanse.fronts.pages import asked, refusing
from hanse.fronts.pages.waiting import Waiting, looked
from hanse.language.problems import HanseError
from hanse.language.words import mark

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.apps.evaluation.asked_for import Asked
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem
    from hanse.language.words import Words

SHOWN = 100
STATES = {"running": mark("going on"), "done": mark("done"), "failed": mark("failed")}
_IN_HAND = {
    "evaluate": mark("{edition} is being judged as of {day}"),
    "confirm": mark("the levels of run {run} are going on record"),
    "repeat": mark("run {run} is being repeated"),
}
_TO_COME = {
    "evaluate": mark("{edition} is to be judged as of {day}"),
    "confirm": mark("the levels of run {run} are to go on record"),
    "repeat": mark("run {run} is to be repeated"),
}


class Start(forms.Form):
    """An evaluation to start."""

    edition = forms.ChoiceField()
    as_of = forms.DateField(widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    reason = forms.CharField(max_length=400)


def runs(request: PageRequest) -> HttpResponse:
    """The latest runs, those of a few partners only where they are asked for; and the form that starts another."""
    in_hand = asked_for.in_hand(actor=request.actor)
    waiting = waiting_for(in_hand, request.words, reverse("runs"))
    if answer := looked(request, waiting):
        return answer
    every = asked.one_of(request, "every", ("1",)) == "1"
    shown: dict[str, Any] = {"every": every, "at_most": SHOWN, "waiting": waiting, "failed": _failed(request, in_hand)}
    status = 200
    if policy.may(request.actor, "evaluation.evaluate"):
        form, problems = _start(request)
        if form is None:
            return redirect("runs")
        shown |= {"form": form, "problems": problems}
        status = 400 if form.is_bound else 200
    found = run_list(request.actor, edition=asked.text(request, "edition") or None, every=every, limit=SHOWN)
    rows = [{**one, "says": STATES[str(one["state"])], "judged": (one["rows"] or {}).get("standings")} for one in found]
    return render(request, "desk/runs.html", shown | {"rows": rows}, status=status)


def waiting_for(in_hand: list[Asked], words: Words, address: str) -> Waiting:
    """What is going on and what is to come, in one line."""
    going = [_says(one, words) for one in in_hand if one.state != "failed"]
    says = "; ".join(going) + "." if going else ""
    return Waiting(says[:1].upper() + says[1:], address, going_on=bool(going))


def _start(request: PageRequest) -> tuple[Start | None, list[Problem]]:
    """The form, with what is wrong with it; None once an evaluation has been asked for."""
    today = timezone.now().date()
    form = Start(request.POST if request.method == "POST" else None, initial={"as_of": today})
    choice = form.fields["edition"]
    assert isinstance(choice, forms.ChoiceField)
    choice.choices = [
        (one.key, f"{one.name} ({one.number}) · {request.words.label(one.title, one.programme)}")
        for one in sorted(editions(actor=request.actor, day=today), key=lambda e: e.state != "in_force")
    ]
    if not form.is_valid():
        return form, []
    given = form.cleaned_data
    try:
        asked_for.evaluate_later(
            actor=request.actor, edition=given["edition"], as_of=given["as_of"], reason=given["reason"]
        )
    except HanseError as error:
        return form, refusing.put(form, error, request.words)
    messages.success(request, request.words.say("The evaluation was asked for. You may leave this page: it goes on."))
    return None, []


def _says(one: Asked, words: Words) -> str:
    text = (_IN_HAND if one.state == "doing" else _TO_COME)[one.act]
    return words.say(text, edition=one.edition, day=words.day(one.as_of) if one.as_of else "", run=one.run or "")


def _failed(request: PageRequest, in_hand: list[Asked]) -> list[dict[str, Any]]:
    words = request.words
    return [{"job": one.job, "by": one.by, "says": _says(one, words)} for one in in_hand if one.state == "failed"][:3]
