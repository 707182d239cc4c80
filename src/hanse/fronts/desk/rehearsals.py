"""Which changes were rehearsed, and what is to be rehearsed now? Two versions, a day, and the rules of a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render

from hanse.apps.accounts.policy import PROGRAMME
from hanse.apps.evaluation import rehearsals as kept
from hanse.apps.programmes.selectors import editions
from hanse.apps.standings import outlook
from hanse.fronts.desk import office_words
from hanse.fronts.pages import asked
from hanse.fronts.pages.days import typed_day
from hanse.language.problems import HanseError, Problem

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest

SHOWN = 50


def rehearsals(request: PageRequest) -> HttpResponse:
    """The form and the newest rehearsals; sent, one is asked for, or found if there is one over the same facts."""
    actor, words = request.actor, request.words
    found = editions(actor=actor, day=office_words.today())
    books = outlook.books(actor=actor)
    typed: dict[str, str] = {
        "before": next((one.key for one in found if one.state == "in_force"), found[-1].key if found else ""),
        "after": asked.text(request, "after"),
        "as_of": str(books[0].as_of if books else office_words.today()),
        "rules_as_of": "",
    }
    problems: tuple[Problem, ...] = ()
    if request.method == "POST" and actor.roles & PROGRAMME:
        typed |= {name: asked.posted(request, name, 2000) for name in typed}
        try:
            number = kept.rehearse(
                actor=actor,
                before=typed["before"],
                after=typed["after"],
                as_of=typed_day(typed["as_of"], words),
                rules_as_of=typed_day(typed["rules_as_of"], words) if typed["rules_as_of"] else None,
            )
            return redirect("rehearsal", number)
        except HanseError as error:
            problems = error.problems
    shown: dict[str, Any] = {
        "rehearsals": kept.of_rules(actor=actor, limit=SHOWN),
        "versions": [(one.key, office_words.title_of(one, words), office_words.STATES[one.state]) for one in found],
        "typed": typed,
        "problems": problems,
        "may": bool(actor.roles & PROGRAMME),
    }
    return render(request, "desk/rehearsals.html", shown, status=400 if problems else 200)
