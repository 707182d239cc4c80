"""What would this file add, to whom, what would be refused, and whose level would move?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render

from hanse.apps.accounts.policy import PROGRAMME
from hanse.apps.imports import looking, selectors, uploads
from hanse.apps.registry.selectors import names_of
from hanse.apps.standings import outlook
from hanse.fronts.desk import alike, column_words, deciding, import_words
from hanse.fronts.pages import asked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.words import Words


def trial(request: PageRequest, number: int) -> HttpResponse:
    """The dry run; sent, the file is imported. Raises NotThere."""
    if request.method == "POST":
        uploads.bring_in(actor=request.actor, upload=number, reason=asked.posted(request, "reason"))
        return _brought(request, number)
    one = selectors.upload_of(request.actor, number)
    if one["state"] != "ready":
        return redirect("upload", number)
    words, seen = request.words, one["seen"]
    found = seen.get("trial")
    shown: dict[str, Any] = {
        "one": one,
        "trial": found,
        "repeated": seen.get("repeated"),
        "read": [_read(sheet, words) for sheet in seen["sheets"] if sheet["table"]],
        "notes": seen["notes"],
        "may": bool(request.actor.roles & PROGRAMME),
    }
    if found:
        named = (
            *found["partners"],
            *(m["partner"] for m in found["moves"] or ()),
            *(one["like"] for one in found.get("alike", ())),
        )
        names = names_of(request.actor, named)
        shown |= {
            "kinds": [(import_words.kind(kind, words), kind["rows"]) for kind in found["kinds"]],
            "refused": [import_words.refused(row, words) for row in found["refused_rows"]],
            "partners": [(key, names.get(key, "")) for key in found["partners"]],
            "more_partners": (found["touched"] or 0) - len(found["partners"]),
            "moves": [_moved(request, move, names) for move in found["moves"] or ()],
            "foreseen": found["moves"] is not None,
            "alike": [_alike(one, names, words) for one in found.get("alike", ())],
            "compared": looking.COMPARED if found.get("newcomers", 0) > looking.COMPARED else 0,
        }
    return render(request, "desk/trial.html", shown)


def _brought(request: PageRequest, number: int) -> HttpResponse:
    one = selectors.upload_of(request.actor, number)
    if one["state"] == "done" and one["made_id"]:
        say = request.words.say
        messages.success(request, say("{file} is imported as import {n}.", file=one["file"], n=one["made_id"]))
    return redirect("upload", number)


def _read(sheet: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """How a sheet is read: its table, and what each heading becomes."""
    forms = sheet["dates"] | sheet["decimals"]
    order = [one["heading"] for one in sheet["headings"]]
    written = {column: words.say(import_words.WRITTEN[form]) for column, form in forms.items() if form}
    rows = [
        (heading, column_words.heading(column, words), written.get(column, ""))
        for heading, column in sorted(
            ((heading, column) for column, heading in sheet["columns"].items()), key=lambda one: order.index(one[0])
        )
    ]
    return {
        "name": sheet["name"],
        "table": column_words.table(str(sheet["table"]), words),
        "rows": rows,
        "constants": [(column_words.heading(column, words), value) for column, value in sheet["constants"].items()],
        "kept": list(sheet["kept"].values()),
        "left_out": sheet["left_out"],
    }


def _alike(one: Mapping[str, Any], names: Mapping[str, str], words: Words) -> dict[str, Any]:
    """A new partner that looks like another one; that one has a page only where it is there already."""
    parts = [{"what": what, "how": how, "bits": 1} for what, how in one["because"]]
    return {**one, "like_name": names.get(str(one["like"]), one["like"]), "percent": alike.percent(one["probability"]),
            "because": alike.because(parts, words)}  # fmt: skip


def _moved(request: PageRequest, move: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    book = outlook.book(actor=request.actor, edition=str(move["edition"]))
    read = book.read if book else {"levels": ()}
    sides = {side: deciding.level_label(request.words, read, move[side]) for side in ("before", "after")}
    return {**move, "name": names.get(str(move["partner"]), move["partner"])} | {
        f"{s}_label": says for s, says in sides.items()
    }
