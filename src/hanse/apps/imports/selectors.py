"""What was imported, what was refused, and how each source is read."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Q

from hanse.apps.accounts import policy
from hanse.apps.accounts.actors import Actor
from hanse.apps.imports.models import Import, Refused
from hanse.apps.imports.recognition import REMEDY_HEADINGS
from hanse.apps.imports.refusals import in_words
from hanse.language.problems import CallError, Problem

_AT_ONCE = 2_000
_SHOWN = (
    "id", "state", "file", "source", "author", "created", "finished", "ended", "rows", "added", "already", "refused", "batch_id",
)  # fmt: skip


@dataclass(frozen=True)
class RefusedRow:
    """A refused row in words."""

    sheet: str
    line: int
    table: str
    what: str
    why: str
    remedy: str
    cells: tuple[str | None, ...]


def import_list(actor: Actor, *, limit: int = 100) -> list[dict[str, Any]]:
    """The imports, the newest first. Raises Refused."""
    policy.require(actor, "imports.see")
    return list(Import.objects.order_by("-id").values(*_SHOWN)[:limit])


def unsettled(actor: Actor, *, limit: int = 5) -> list[dict[str, Any]]:
    """The newest imports that still wait, or that refused rows and were not undone. Raises Refused."""
    policy.require(actor, "imports.see")
    open_ = Q(state=Import.State.WAITING) | Q(state=Import.State.DONE, refused__gt=0)
    columns = ("id", "state", "file", "created", "rows", "refused")
    return list(Import.objects.filter(open_).order_by("-id").values(*columns)[:limit])


def import_of(actor: Actor, number: int) -> dict[str, Any]:
    """One import. Raises Refused, NotThere."""
    policy.require(actor, "imports.see")
    found = Import.objects.filter(pk=number).values(*_SHOWN, "reason", "size", "sha256", "mapping", "kinds").first()
    if found is None:
        raise policy.not_there("import", number, "hanse import --list shows them")
    return found


def refused_rows(actor: Actor, number: int, *, limit: int | None = None) -> Iterator[RefusedRow]:
    """The refused rows of an import in the order of the file. Raises Refused, CallError."""
    policy.require(actor, "imports.see")
    _import(number)
    rows = Refused.objects.filter(of_id=number).order_by("id")
    for row in rows[:limit] if limit else rows.iterator(chunk_size=_AT_ONCE):
        yield RefusedRow(row.sheet, row.line, row.tbl, *in_words(row.codes, row.tbl), tuple(row.cells))


def write_refused(actor: Actor, number: int, path: Path) -> list[tuple[Path, int]]:
    """Writes the refused rows of an import as they were given, each with what is wrong, why, and how to mend it.

    One CSV file per sheet; such a file can be mended and imported again as it is. Returns the files with their rows.
    Raises Refused, CallError.
    """
    policy.require(actor, "imports.see")
    found = _import(number)
    written: list[tuple[Path, int]] = []
    sheets = list(Refused.objects.filter(of_id=number).order_by("sheet").values_list("sheet", flat=True).distinct())
    for sheet in sheets:
        target = path if len(sheets) == 1 else path.with_name(f"{path.stem}-{sheet or 'sheet'}{path.suffix}")
        headings = found.headings[sheet]
        count = 0
        with target.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*headings, *REMEDY_HEADINGS])
            for row in refused_rows(actor, number):
                if row.sheet == sheet:
                    cells = _fitting(row.cells, len(headings))
                    writer.writerow([*cells, row.what, row.why, row.remedy])
                    count += 1
        written.append((target, count))
    return written


def _fitting(cells: Sequence[str | None], width: int) -> list[str | None]:
    """So many cells; of a line that was cut into too many, the last one holds the rest."""
    if len(cells) <= width:
        return [*cells, *[None] * (width - len(cells))]
    return [*cells[: width - 1], " ".join(c for c in cells[width - 1 :] if c)]


def _import(number: int) -> Import:
    found = Import.objects.filter(pk=number).first()
    if found is None:
        raise CallError(
            Problem(
                f"import {number}",
                "there is no such import",
                "no import has that number",
                "hanse import --list shows them",
            )
        )
    return found
