"""Which runs judged partners, by which rules, and what came of them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from hanse.apps.standings.selectors import run_list
from hanse.fronts.desk import asked
from hanse.language.words import mark

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest

SHOWN = 100
STATES = {"running": mark("going on"), "done": mark("done"), "failed": mark("failed")}


def runs(request: PageRequest) -> HttpResponse:
    """The latest runs; those of a few partners only where they are asked for."""
    every = asked.one_of(request, "every", ("1",)) == "1"
    found = run_list(request.actor, edition=asked.text(request, "edition") or None, every=every, limit=SHOWN)
    rows = [{**one, "says": STATES[str(one["state"])], "judged": (one["rows"] or {}).get("standings")} for one in found]
    return render(request, "desk/runs.html", {"rows": rows, "every": every, "at_most": SHOWN})
