"""What does the firm think of the rules that it is shown before others are?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone

from hanse.apps.programmes import voices
from hanse.apps.programmes.selectors import loaded
from hanse.language.problems import CallError, HanseError, Problem
from hanse.language.words import mark

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.apps.programmes.selectors import Seen
    from hanse.fronts.pages.reader import PageRequest

OPINIONS = (("fair", mark("Fair")), ("partly", mark("Fair in part")), ("unfair", mark("Not fair")))
SAYS = dict(OPINIONS)


def feedback(request: PageRequest) -> HttpResponse:
    """The drafts that the reader's firm pilots, each with a form and what the firm has said so far."""
    actor, words = request.actor, request.words
    shown_to = voices.piloted_for(actor=actor, day=timezone.now().date())
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        try:
            _given(request, shown_to)
        except HanseError as error:
            problems = error.problems
        else:
            messages.success(
                request, words.say("Thank you: the programme office reads it. Only they and your firm see it.")
            )
            return redirect("feedback")
    shown = {
        "pilots": [_pilot(request, one) for one in shown_to],
        "problems": problems,
        "typed": request.POST,
        "opinions": OPINIONS,
        "firms": sorted(actor.partners),
    }
    return render(request, "portal/feedback.html", shown, status=400 if problems else 200)


def _given(request: PageRequest, shown_to: list[Seen]) -> None:
    say = request.words.say
    one = next((v for v in shown_to if str(v.id) == request.POST.get("version", "")), None)
    if one is None:
        raise CallError(
            Problem(
                say("the edition"),
                say("it is not shown to your firm any more"),
                say("the pilot has ended"),
                say("load the page again"),
            )
        )
    requirement = request.POST.get("requirement", "")
    if requirement not in dict(_requirements(request, one)):
        requirement = ""
    voices.give_feedback(
        actor=request.actor,
        version=one.id,
        partner=request.POST.get("partner", ""),
        opinion=request.POST.get("opinion", ""),
        text=request.POST.get("text", ""),
        requirement=requirement,
    )


def _pilot(request: PageRequest, one: Seen) -> dict[str, Any]:
    heard = voices.feedback(actor=request.actor, version=one.id)
    names = dict(_requirements(request, one))
    return {
        "one": one,
        "title": request.words.label(one.title, one.name),
        "requirements": list(names.items()),
        "heard": [
            {"one": h, "says": SAYS[h.opinion], "requirement": names.get(h.requirement, h.requirement)} for h in heard
        ],
    }


def _requirements(request: PageRequest, one: Seen) -> list[tuple[str, str]]:
    """What the levels of an edition ask, each once, as its metric is called."""
    from hanse.language.dials import dials_of

    edition = loaded(one.id)
    day = edition.programme.in_force or timezone.now().date()
    names = dict.fromkeys(dial.subject for dial in dials_of(edition, day) if dial.file == "levels")
    return [(n, request.words.label(edition.metrics[n].label if n in edition.metrics else None, n)) for n in names]
