"""Where does each field of a firm come from: which source said what and when, which one won, and why?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render

from hanse.apps.accounts import policy
from hanse.apps.evaluation import mergers
from hanse.apps.evidence import golden
from hanse.apps.registry.selectors import see_partner
from hanse.decisions.golden_record import SAYS
from hanse.fronts.desk import column_words
from hanse.fronts.desk.moved import followed
from hanse.fronts.pages import asked
from hanse.language.problems import HanseError

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.apps.evidence.golden import Lineage
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem
    from hanse.language.words import Words


def record(request: PageRequest, key: str) -> HttpResponse:
    """Every field with what is said of it; sent, a value is chosen by hand. Raises NotThere."""
    known, words = see_partner(request.actor, asked.key(key)), request.words
    may = policy.may(request.actor, "evidence.correct")
    problems: tuple[Problem, ...] = ()
    if request.method == "POST" and may:
        field, fact = asked.posted(request, "field"), asked.posted(request, "fact", 18)
        try:
            batch = mergers.chosen(
                actor=request.actor, partner=known.key, field=field, fact=int(fact) if fact.isdecimal() else 0,
                reason=asked.posted(request, "why"),
            )  # fmt: skip
        except HanseError as error:
            problems = error.problems
        else:
            say = words.say(
                "{field} is chosen by hand now, whatever sources say later.", field=column_words.heading(field, words)
            )
            messages.success(request, followed(request, say, batch))
            return redirect("record", known.key)
    lines = [_line(one, words) for one in golden.lineage(actor=request.actor, partner=known.key)]
    shown: dict[str, Any] = {
        "partner": known, "lines": [one for one in lines if one["differ"]], "problems": problems, "may": may,
        "agreed": [one for one in lines if one["said"] and not one["differ"]],
        "silent": [one["heading"] for one in lines if not one["said"]], "why": asked.posted(request, "why"),
    }  # fmt: skip
    return render(request, "desk/record.html", shown, status=400 if problems else 200)


def _line(one: Lineage, words: Words) -> dict[str, Any]:
    choice = one.choice
    value = column_words.value(choice.field, choice.value, words)
    said = [
        {
            "value": column_words.value(choice.field, said.value, words),
            "source": said.source, "learned": said.learned,
            "fact": said.fact, "by_hand": said.by_hand, "wins": said.fact == choice.fact,
            "differs": column_words.value(choice.field, said.value, words) != value,
        }
        for said in one.said
    ]  # fmt: skip
    return {
        "field": choice.field,
        "heading": column_words.heading(choice.field, words),
        "value": value,
        "because": words.say(SAYS[choice.because]),
        "source": choice.source,
        "said": said,
        "differ": any(one["differs"] for one in said),
    }
