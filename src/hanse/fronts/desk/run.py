"""What did one run judge, by which rules, knowing what, and what did it conclude?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render

from hanse.apps.standings import outlook
from hanse.apps.standings.selectors import run_as_row, run_of
from hanse.fronts.desk import pictures
from hanse.fronts.desk.runs import STATES

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest

LARGEST = 2**63 - 1
PARTNERS = 50  # of a run of a few, so many are named


def run(request: PageRequest, number: int) -> HttpResponse:
    """One run, with the sums by which it can be proved that it comes out again. Raises NotThere."""
    if number > LARGEST:
        raise Http404
    found = run_of(request.actor, number)
    row = run_as_row(found)
    shown = {"one": row, "says": STATES[str(row["state"])], "partners": (row["partners"] or [])[:PARTNERS]}
    if found.outline_id is not None:
        read = outlook.read_of(actor=request.actor, run=number)
        levels = outlook.levels_of(actor=request.actor, run=number)
        day = outlook.JudgedDay(found.as_of, number, levels)
        shown["traces"] = pictures.traces([day], read, request.words) if levels else []
        shown["flows"] = pictures.flows(outlook.flows_of(actor=request.actor, run=number), read, request.words)
    return render(request, "desk/run.html", shown)
