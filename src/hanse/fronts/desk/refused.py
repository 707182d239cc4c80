"""Which rows of an import were refused, why, and how are they mended?"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from hanse.apps.imports.selectors import import_of, refused_rows
from hanse.decisions.mistakes import SENTENCES
from hanse.fronts.desk.imports import STATES

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.apps.imports.selectors import RefusedRow
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.words import Words

SHOWN = 200


def refused(request: PageRequest, number: int) -> HttpResponse:
    """One import and the rows that could not be read, each with what is wrong. Raises NotThere."""
    found = import_of(request.actor, number)
    rows = [_in_words(row, request.words) for row in islice(refused_rows(request.actor, number, limit=SHOWN), SHOWN)]
    shown = {"one": found, "says": STATES[str(found["state"])], "rows": rows, "more": found["refused"] - len(rows)}
    return render(request, "desk/refused.html", shown)


def _in_words(row: RefusedRow, words: Words) -> dict[str, Any]:
    whats, whys = ([pair[at] for pair in SENTENCES.values()] for at in (0, 1))
    return {
        "line": row.line,
        "sheet": row.sheet,
        "table": row.table,
        "what": words.sentence(row.what, whats),
        "why": words.sentence(row.why, whys),
        "remedy": row.remedy,
        "cells": " · ".join(cell for cell in row.cells if cell),
    }
