"""What became of an import: what did it add, which rows were refused, and how are they mended?"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render

from hanse.apps.accounts.policy import PROGRAMME
from hanse.apps.imports import selectors, services, uploads
from hanse.fronts.desk import column_words, import_words

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.apps.imports.selectors import RefusedRow
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.words import Words

SHOWN = 200


def refused(request: PageRequest, number: int) -> HttpResponse:
    """One import and the rows that could not be read, each with what is wrong. Raises NotThere."""
    if request.method == "POST":
        return _act(request, number)
    actor, words = request.actor, request.words
    found = selectors.import_of(actor, number)
    rows = [_in_words(row, words) for row in islice(selectors.refused_rows(actor, number, limit=SHOWN), SHOWN)]
    state, may = str(found["state"]), bool(actor.roles & PROGRAMME)
    shown = {
        "one": found,
        "says": import_words.STATES[state],
        "kinds": [(_kind(text, words), n) for text, n in sorted(found["kinds"].items(), key=lambda one: -one[1])],
        "tables": list(dict.fromkeys(column_words.table(m["table"], words) for m in found["mapping"])),
        "rows": rows,
        "more": found["refused"] - len(rows),
        "left": found["refused"] - min(found["taken"], found["refused"]),
        "mendings": selectors.mendings(actor, number) if found["taken"] or found["refused"] else [],
        "may_undo": may and state in ("done", "waiting"),
        "may_complete": may and state == "waiting",
        "may_again": may and state in ("undone", "dropped") and found["file_erased"] is None,
        "may": may,
    }
    return render(request, "desk/refused.html", shown)


def _act(request: PageRequest, number: int) -> HttpResponse:
    """Completes an import that was interrupted, or takes the file of one that was taken back up again."""
    if request.POST.get("act") == "again":
        return redirect("upload", uploads.again(actor=request.actor, number=number))
    selectors.import_of(request.actor, number)
    done = services.resume(actor=request.actor, number=number)
    if done:
        messages.success(request, request.words.say("Import {n} is complete.", n=number))
    return redirect("refused", number)


def _in_words(row: RefusedRow, words: Words) -> dict[str, Any]:
    given = {
        "line": row.line,
        "sheet": row.sheet,
        "table": row.table,
        "what": row.what,
        "why": row.why,
        "remedy": row.remedy,
    }
    return import_words.refused(given, words) | {"cells": " · ".join(cell for cell in row.cells if cell)}


def _kind(text: str, words: Words) -> str:
    table, kind, column = [*text.split(" ", 2), "", ""][:3]
    return f"{column_words.table(table, words)}, {import_words.kind({'kind': kind, 'column': column}, words)}"
