"""How are the refused rows of an import mended? In the page, a bounded number at a time, or in a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse

from hanse.apps.imports import selectors, uploads
from hanse.fronts.desk import import_words
from hanse.fronts.desk.imports import sent_on, taken_in
from hanse.fronts.pages import asked
from hanse.fronts.pages.uploads import MEGABYTE, bound
from hanse.language.problems import HanseError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from hanse.apps.imports.selectors import ToMend
    from hanse.fronts.pages.reader import PageRequest

ROWS, CELLS = 50, 400  # of rows and of cells, so many stand on the page
_FIELD = re.compile(r"cell-([0-9]{1,18})-([0-9]{1,3})")


def mend(request: PageRequest, number: int) -> HttpResponse:
    """The rows still to be mended, a field for each cell; sent, those that changed are imported. Raises NotThere."""
    one = selectors.import_of(request.actor, number)
    if one["state"] != "done":
        return redirect("refused", number)
    if request.method == "POST" and request.FILES.getlist("files"):
        return _from_file(request, one)
    typed = _typed(request)
    wanted = _wanted(request, number)
    if request.method != "POST":
        return _page(request, one, wanted)
    cells = {
        row: [typed.get((row, at), cell or "") for at, cell in enumerate(given.cells)] for row, given, _ in wanted.rows
    }
    try:
        upload = uploads.mend(actor=request.actor, number=number, rows=cells)
    except HanseError as error:
        return _page(request, one, wanted, typed, import_words.problems(error.problems, request.words))
    made = selectors.upload_of(request.actor, upload)
    if made["state"] == "done" and made["made_id"]:
        _told(request, int(made["made_id"]))
    return redirect("upload", upload)


def _told(request: PageRequest, made: int) -> None:
    done = selectors.import_of(request.actor, made)
    many = request.words.many
    said = many(
        "{n} row was mended and imported.", "{n} rows were mended and imported.", done["rows"] - done["refused"]
    )
    if done["refused"]:
        said += " " + many("{n} is still refused.", "{n} are still refused.", done["refused"])
    messages.success(request, said)


def _from_file(request: PageRequest, one: dict[str, Any]) -> HttpResponse:
    numbers, problems = taken_in(request, request.FILES.getlist("files")[:1], one["source"], one["id"])
    if problems:
        return _page(request, one, _wanted(request, one["id"]), problems=problems)
    return sent_on(request, reverse("upload", args=[numbers[0]]))


def _wanted(request: PageRequest, number: int) -> ToMend:
    """The rows of the sheet asked for, as many as there is room for."""
    sheet = request.POST.get("sheet") if request.method == "POST" else asked.text(request, "sheet") or None
    first = selectors.to_mend(request.actor, number, sheet=sheet, limit=1)
    room = max(1, min(ROWS, CELLS // max(len(first.headings), 1)))
    return selectors.to_mend(request.actor, number, sheet=first.sheet, limit=room)


def _typed(request: PageRequest) -> dict[tuple[int, int], str]:
    """The cells as they were sent, by row and place."""
    found = {}
    for name, value in request.POST.items():
        match = _FIELD.fullmatch(name)
        if match:
            found[int(match[1]), int(match[2])] = str(value).replace("\0", "").strip()
    return found


def _page(
    request: PageRequest, one: dict[str, Any], wanted: ToMend, typed: dict[tuple[int, int], str] | None = None,
    problems: Sequence[Problem] = (),
) -> HttpResponse:  # fmt: skip
    given = typed or {}
    rows = []
    for number, row, wrong in wanted.rows if one["taken"] < one["refused"] else ():
        read = {"line": row.line, "table": row.table, "what": row.what, "why": row.why, "remedy": row.remedy}
        cells = [
            (f"cell-{number}-{at}", heading, given.get((number, at), cell or ""), heading in wrong)
            for at, (heading, cell) in enumerate(zip(wanted.headings, row.cells, strict=True))
        ]
        rows.append(import_words.refused(read, request.words) | {"cells": cells, "number": number})
    shown = {
        "one": one,
        "wanted": wanted,
        "rows": rows,
        "more": wanted.of - len(rows),
        "problems": problems,
        "megabytes": bound(request) // MEGABYTE,
    }
    return render(request, "desk/mend.html", shown, status=400 if problems else 200)
