"""Which files were imported, and what became of their rows?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from hanse.apps.imports.selectors import import_list
from hanse.language.words import mark

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest

SHOWN = 100
STATES = {
    "waiting": mark("waits to be recorded"),
    "done": mark("recorded"),
    "undone": mark("undone"),
    "dropped": mark("given up"),
}


def imports(request: PageRequest) -> HttpResponse:
    """The imports, the newest first, each with its counts; what was refused is a page of its own."""
    found = import_list(request.actor, limit=SHOWN)
    rows = [{**one, "says": STATES[str(one["state"])]} for one in found]
    return render(request, "desk/imports.html", {"rows": rows, "at_most": SHOWN})
