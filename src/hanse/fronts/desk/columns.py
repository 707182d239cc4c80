"""Which table is in a file, and what does each of its columns become? Asked is only what the file does not tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render

from hanse.apps.accounts.policy import PROGRAMME
from hanse.apps.imports import selectors, uploads
from hanse.apps.imports.mapping import NOTHING, Answers, SheetMapping
from hanse.fronts.desk import column_words, import_words
from hanse.language.facts import CONTRACT
from hanse.language.problems import HanseError, Problem

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.words import Words

BESIDE = "+"  # a heading that is kept beside the columns
_OPEN = ("asked", "ready", "failed")
_NUMBERS = ("amount", "number", "rate", "integer", "real")
Posted = Mapping[str, str]
Sheet = dict[str, Any]


def columns(request: PageRequest, number: int) -> HttpResponse:
    """How each sheet of a file is read, to be confirmed or said otherwise. Raises NotThere."""
    one = selectors.upload_of(request.actor, number)
    sheets = one["seen"].get("sheets")
    if one["state"] not in _OPEN or not sheets:
        return redirect("upload", number)
    posted: Posted | None = None
    problems: list[Problem] = []
    if request.method == "POST":
        posted = {name: str(value) for name, value in request.POST.items()}
        problems = _doubled(sheets, posted, request.words)
        if not problems:
            try:
                answers = answers_of(sheets, posted)
                uploads.answer(
                    actor=request.actor, upload=number, answers=answers, remember=posted.get("remember") == "1"
                )
                return redirect("upload", number)
            except HanseError as error:
                problems = import_words.problems(error.problems, request.words)
    shown = {
        "one": one,
        "sheets": [_shown(at, sheet, posted, request.words) for at, sheet in enumerate(sheets)],
        "asks": any(sheet["questions"] for sheet in sheets),
        "problems": problems or import_words.problems(one["problems"], request.words),
        "remember": posted.get("remember") == "1" if posted is not None else one["remember"],
        "notes": one["seen"].get("notes", ()),
        "may": bool(request.actor.roles & PROGRAMME),
    }
    return render(request, "desk/columns.html", shown, status=400 if posted is not None else 200)


def answers_of(sheets: list[Sheet], posted: Posted) -> Answers:
    """What was said on the page: a table to be looked at anew, or a whole mapping, for each sheet."""
    tables: dict[str, str] = {}
    settled: dict[str, SheetMapping] = {}
    for at, sheet in enumerate(sheets):
        name, table = str(sheet["name"]), posted.get(f"table-{at}", "")
        if table == NOTHING or (table and table != sheet["table"]):
            tables[name] = table
        elif table:
            settled[name] = _settled(at, sheet, table, posted)
    return Answers(tables=tables, settled=settled)


def _settled(at: int, sheet: Sheet, table: str, posted: Posted) -> SheetMapping:
    said = _said(at, sheet, posted)
    named = {heading: name for name, heading in sheet["kept"].items()}
    own = {c: h for h, c in said.items() if c and c != BESIDE}
    forms = {
        column: form
        for j, one in enumerate(sheet["headings"])
        for column in [said.get(one["heading"], "")]
        if (form := posted.get(f"form-{at}-{j}", "")) and column in own
    }
    kinds = {column: CONTRACT[table].by_name[column].type for column in own if column in CONTRACT[table].by_name}
    constants = {
        column: value
        for column in CONTRACT[table].by_name
        if (value := posted.get(f"value-{at}-{column}", "").strip()) and column not in own
    }
    return SheetMapping(
        str(sheet["name"]), table, own, constants,
        kept={named.get(h, h): h for h, c in said.items() if c == BESIDE},
        left_out=tuple(h for h, c in said.items() if not c),
        dates={c: form for c, form in forms.items() if kinds.get(c) == "day"},
        decimals={c: form for c, form in forms.items() if kinds.get(c) in _NUMBERS},
    )  # fmt: skip


def _said(at: int, sheet: Sheet, posted: Posted) -> dict[str, str]:
    """What each heading becomes: a column, BESIDE, or nothing; an answer to a question goes before what stood there."""
    said = {one["heading"]: posted.get(f"as-{at}-{j}", "") for j, one in enumerate(sheet["headings"])}
    for question in sheet["questions"]:
        heading = posted.get(f"ask-{at}-{question['subject']}", "")
        if question["kind"] == "column" and heading in said:
            said[heading] = question["subject"]
    return said


def _doubled(sheets: list[Sheet], posted: Posted, words: Words) -> list[Problem]:
    """Columns that were given to two headings."""
    found = []
    for at, sheet in enumerate(sheets):
        if posted.get(f"table-{at}") != sheet["table"] or not sheet["table"]:
            continue
        for column, times in Counter(_said(at, sheet, posted).values()).items():
            if times > 1 and column not in ("", BESIDE):
                found.append(Problem(
                    sheet["name"] or words.say("Columns"),
                    words.say(
                        "{column} is chosen for {n} headings", column=column_words.column(column, words), n=times
                    ),
                    words.say("a column is read from one heading"), words.say("leave all but one of them out"),
                ))  # fmt: skip
    return found


# -- what the page shows ---------------------------------------------------------------------------------------------


def _shown(at: int, sheet: Sheet, posted: Posted | None, words: Words) -> dict[str, Any]:
    table = str(sheet["table"])
    chosen = posted.get(f"table-{at}", "") if posted is not None else table
    return {
        "at": at,
        "name": sheet["name"],
        "rows": sheet["rows"],
        "table": table,
        "tables": [(name, column_words.table(name, words), name == chosen) for name in CONTRACT],
        "left_out": chosen == NOTHING,
        "asks_table": next((q for q in sheet["questions"] if q["kind"] == "table"), None),
        "questions": [
            _question(at, q, sheet, posted, words) for q in sheet["questions"] if q["kind"] in ("column", "value")
        ],
        "headings": _headings(at, sheet, posted, words) if table in CONTRACT else [],
        "constants": [
            (column, column_words.heading(column, words), value) for column, value in sheet["constants"].items()
        ],
        "columns": [(c.name, column_words.heading(c.name, words), c.required) for c in CONTRACT[table].columns]
        if table in CONTRACT
        else [],
    }


def _headings(at: int, sheet: Sheet, posted: Posted | None, words: Words) -> list[dict[str, Any]]:
    read = {heading: column for column, heading in sheet["columns"].items()}
    read |= dict.fromkeys(sheet["kept"].values(), BESIDE)
    asked = {q["subject"]: q for q in sheet["questions"] if q["kind"] in import_words.FORMS}
    table = CONTRACT[str(sheet["table"])]
    found = []
    for j, one in enumerate(sheet["headings"]):
        heading = one["heading"]
        column = posted.get(f"as-{at}-{j}", "") if posted is not None else read.get(heading, "")
        kind = table.by_name[column].type if column in table.by_name else ""
        kind = "dates" if kind == "day" else "decimals" if kind in _NUMBERS else ""
        form = posted.get(f"form-{at}-{j}", "") if posted is not None else ""
        found.append({
            "j": j,
            "heading": heading,
            "samples": one["samples"],
            "chosen": column,
            "forms": import_words.FORMS.get(kind, ()),
            "form": form,
            "written": _written(sheet, column, words),
            "asked": import_words.why(asked[heading]["why"], words) if heading in asked else "",
        })  # fmt: skip
    return found


def _written(sheet: Sheet, column: str, words: Words) -> str:
    """How its days or numbers were found to be written."""
    form = sheet.get("dates", {}).get(column) or sheet.get("decimals", {}).get(column)
    return words.say(import_words.WRITTEN[form]) if form in import_words.WRITTEN else ""


def _may_be_constant(table: str, column: str) -> bool:
    """May every row say the same there: no key, no day, no number?"""
    known = CONTRACT[table]
    return (
        column not in known.key
        and known.by_name[column].type in ("text", "country", "currency")
        and column != "partner"
    )


def _question(at: int, asked: Sheet, sheet: Sheet, posted: Posted | None, words: Words) -> dict[str, Any]:
    column, given = str(asked["subject"]), posted or {}
    samples = {one["heading"]: one["samples"] for one in sheet["headings"]}
    return {
        "column": column,
        "kind": asked["kind"],
        "constant": asked["kind"] == "value" or _may_be_constant(str(sheet["table"]), column),
        "says": column_words.column(column, words),
        "why": import_words.why(asked["why"], words),
        "choices": [(h, ", ".join(samples.get(h, ())), h == given.get(f"ask-{at}-{column}")) for h in asked["choices"]],
        "value": given.get(f"value-{at}-{column}", ""),
    }
