"""What did one run judge, by which rules, knowing what, what did it conclude, and does it come out again?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse

from hanse.apps.accounts import policy
from hanse.apps.audit.selectors import entries
from hanse.apps.evaluation import asked_for
from hanse.apps.standings import outlook
from hanse.apps.standings.selectors import run_as_row, run_of
from hanse.fronts.desk import pictures
from hanse.fronts.desk.runs import STATES, waiting_for
from hanse.fronts.pages.waiting import looked

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest

LARGEST = 2**63 - 1
PARTNERS = 50  # of a run of a few, so many are named


def run(request: PageRequest, number: int) -> HttpResponse:
    """One run, with the sums by which it is proved that it comes out again; a POST has it repeated. Raises NotThere."""
    if number > LARGEST:
        raise Http404
    found = run_of(request.actor, number)
    if request.method == "POST":
        asked_for.repeat_later(actor=request.actor, run=number)
        messages.success(
            request, request.words.say("The repetition was asked for. You may leave this page: it goes on.")
        )
        return redirect("run", number=number)
    in_hand = [one for one in asked_for.in_hand(actor=request.actor) if one.run == number]
    waiting = waiting_for(in_hand, request.words, reverse("run", args=[number]))
    if answer := looked(request, waiting):
        return answer
    row = run_as_row(found)
    shown: dict[str, Any] = {
        "one": row,
        "says": STATES[str(row["state"])],
        "partners": (row["partners"] or [])[:PARTNERS],
        "waiting": waiting,
        "repeated": _repeated(request, number),
        "may_repeat": policy.may(request.actor, "evaluation.repeat") and row["state"] == "done",
    }
    if found.outline_id is not None:
        shown |= _concluded(request, number, found.as_of)
    return render(request, "desk/run.html", shown)


def _concluded(request: PageRequest, number: int, as_of: date) -> dict[str, Any]:
    """The levels that the run gave, what it moved, and whether its levels may go on record."""
    actor = request.actor
    read = outlook.read_of(actor=actor, run=number)
    levels = outlook.levels_of(actor=actor, run=number)
    book = next((one for one in outlook.books(actor=actor) if one.run == number), None)
    day = outlook.JudgedDay(as_of, number, levels)
    return {
        "traces": pictures.traces([day], read, request.words) if levels else [],
        "flows": pictures.flows(outlook.flows_of(actor=actor, run=number), read, request.words),
        "book": book,  # where the standings are of this run
        "may_confirm": book is not None and policy.may(actor, "evaluation.confirm"),
    }


def _repeated(request: PageRequest, number: int) -> dict[str, Any] | None:
    """The last repetition that the reader may know of: by whom, when, and which outputs were not the same."""
    found = entries(request.actor, action="evaluation.repeat", subject=f"run {number}", limit=1)
    if not found:
        return None
    differs = json.loads(found[0].after or "{}").get("differs", [])
    return {"by": found[0].actor, "at": found[0].at, "differs": differs}
