"""What is in an uploaded file, as a page shows it: the sheets as they are read, what must be asked, what an import would do?

`look` gives plain JSON: `sheets` (name, rows, headings with samples, table, columns, constants, kept, left_out, dates,
decimals, questions), `notes`, and where nothing is left to ask `trial` (counts, kinds of refusals, the first refused rows
and partners, levels that would move) or `repeated`, the number of the import that has said the same.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from hanse.apps.accounts.actors import Actor
from hanse.apps.evaluation import foreseeing
from hanse.apps.evaluation.services import FEW
from hanse.apps.imports import keeping, loading, recording
from hanse.apps.imports.mapping import Question, SheetMapping, answers_from_data, recipe_of
from hanse.apps.imports.models import Import, Upload
from hanse.apps.imports.recording import Progress
from hanse.apps.imports.refusals import in_words
from hanse.apps.imports.workbench import Loaded, Workbench
from hanse.apps.likeness.selectors import weighed
from hanse.apps.registry.selectors import newcomers, newest, records_of_firms
from hanse.language.problems import CallError, Problem

_SAMPLES, _LONGEST = 3, 60
_REFUSED, _PARTNERS, _MOVES = 20, 20, 20
_SAMPLED = 200  # rows
COMPARED = (
    200  # new partners that are compared with those there are; what comes with an import is all compared after it
)
Seen = dict[str, Any]


def look(actor: Actor, upload: Upload, progress: Progress) -> Seen:
    """Reads the file and finds out. Raises CallError where it cannot be read, or an answer does not fit."""
    answers = answers_from_data(upload.answers)
    remembered = recording.remembered(upload.source)
    sheets, notes, mappings = [], [], []
    with Workbench(kept(upload), upload.file, progress=progress) as bench:
        bench.load()
        for loaded in bench.sheets:
            found = bench.recognise_sheet(loaded, answers, remembered)
            sheets.append(_sheet(bench, loaded, found.mapping, found.questions))
            notes += found.notes
            mappings += [found.mapping] if found.mapping else []
        seen: Seen = {"sheets": sheets, "notes": notes}
        if any(sheet["questions"] for sheet in sheets):
            return seen
        if not mappings:
            raise CallError(Problem(upload.file, "nothing is left to import", "every sheet is left out or empty",
                                    "choose a table for one"))  # fmt: skip
        return seen | _tried(actor, upload, bench, tuple(mappings), progress)


def kept(upload: Upload) -> Path:
    """Where the file is. Raises CallError where it is gone."""
    path = keeping.kept(upload.sha256)
    if not path.is_file():
        raise CallError(Problem(upload.file, "the file is no longer kept", "it was cleared away, or named an erased person",
                                "drop it once more"))  # fmt: skip
    return path


def _tried(
    actor: Actor, upload: Upload, bench: Workbench, mappings: tuple[SheetMapping, ...], progress: Progress
) -> Seen:
    """What an import would do; everything is recorded, looked at, and taken back."""
    before = Import.objects.filter(sha256=upload.sha256, recipe=recipe_of(mappings), state=Import.State.DONE).first()
    if before is not None:
        return {"repeated": before.pk}
    found: Seen = {"partners": [], "moves": None, "refused_rows": [], "alike": [], "newcomers": 0}
    last = newest()

    def around(touched: list[str] | None) -> None:
        found["refused_rows"] = [_refused(*row) for row in loading.first_refused(_REFUSED)]
        if touched is None:
            return
        found["partners"] = touched[:_PARTNERS]
        found.update(_alike(last))
        if len(touched) <= FEW:
            moves = foreseeing.moves(touched)
            found["moves"] = None if moves is None else [asdict(move) for move in moves[:_MOVES]]

    with loading.database_trouble(upload.file, waiting=False):
        outcome = recording.preview(actor, bench, mappings, upload.file, upload.source, progress, around)
    counts = ("rows", "added", "already", "refused", "erased", "touched")
    kinds = [
        {"table": table, "kind": kind, "column": column, "rows": rows}
        for (table, kind, column), rows in sorted(outcome.kinds.items(), key=lambda one: -one[1])
    ]
    return {"trial": found | {name: getattr(outcome, name) for name in counts} | {"kinds": kinds}}


def _alike(last: int) -> Seen:
    """Of the partners that would be new, which look like another one, already there or of the same file? Of many, the first."""
    new = newcomers(since=last, limit=COMPARED + 1)
    rows = records_of_firms(new[:COMPARED])
    listed: list[Seen] = []
    for row, others in zip(rows, weighed(rows) if rows else (), strict=True):
        told = {
            str(one["partner"]) for one in listed if one["like"] == row["id"]
        }  # of two in the file the first is told
        for key, one in [(key, one) for key, one in others if key not in told][:1]:
            spoke = sorted((part for part in one.because if part["bits"] > 0), key=lambda part: -part["bits"])
            listed.append({
                "partner": row["id"], "name": row["name"], "like": key, "new": key in new, "probability": one.probability,
                "because": [[part["what"], part["how"]] for part in spoke],
            })  # fmt: skip
    return {"alike": listed, "newcomers": len(new)}


def _sheet(bench: Workbench, loaded: Loaded, mapping: SheetMapping | None, questions: list[Question]) -> Seen:
    samples = bench.sample(loaded, _SAMPLED)
    headings = [
        {"heading": heading, "samples": _some(cells)}
        for heading, cells in zip(loaded.sheet.headings, samples, strict=True)
    ]
    read = asdict(mapping) if mapping else {"table": "", "columns": {}, "constants": {}, "kept": {}, "left_out": []}
    return {
        "name": loaded.sheet.name,
        "rows": loaded.rows + len(loaded.malformed),
        "headings": headings,
        **{name: value for name, value in read.items() if name != "sheet"},
        "questions": [
            {"kind": q.kind, "subject": q.subject, "why": q.why, "choices": list(q.choices)} for q in questions
        ],
    }


def _some(cells: tuple[str | None, ...]) -> list[str]:
    """A few different values, cut short."""
    return [cell[:_LONGEST] for cell in list(dict.fromkeys(cell for cell in cells if cell))[:_SAMPLES]]


def _refused(sheet: str, line: int, table: str, codes: list[str], cells: list[str | None]) -> Seen:
    what, why, remedy = in_words(codes, table)
    return {
        "sheet": sheet, "line": line, "table": table, "what": what, "why": why, "remedy": remedy,
        "cells": [(cell or "")[:_LONGEST] for cell in cells],
    }  # fmt: skip
