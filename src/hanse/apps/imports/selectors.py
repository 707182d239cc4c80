"""What was imported, what was refused, and how each source is read."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import F, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from hanse.apps.accounts import policy
from hanse.apps.accounts.actors import Actor
from hanse.apps.evidence.selectors import touched_partners
from hanse.apps.imports import working
from hanse.apps.imports.mapping import from_json
from hanse.apps.imports.models import Import, Refused, Upload
from hanse.apps.imports.recognition import REMEDY_HEADINGS
from hanse.apps.imports.refusals import in_words, kind_of
from hanse.language.problems import CallError, Problem

_AT_ONCE = 2_000
_SHOWN = (
    "id", "state", "file", "source", "author", "created", "finished", "ended", "rows", "added", "already", "refused", "batch_id",
    "mends_id",
)  # fmt: skip
_UPLOADED = ("id", "state", "file", "size", "source", "author", "created", "changed", "progress", "mends_id", "made_id")
_JUST_BEGUN = 10  # seconds in which whoever is to work on an upload takes it up


@dataclass(frozen=True)
class ToMend:
    """Refused rows of one sheet that nobody has mended yet: its headings, the first rows, how many there are.

    Each row has its number and the headings under which something is wrong. `sheets` are those that have such rows.
    """

    sheet: str
    headings: tuple[str, ...]
    rows: tuple[tuple[int, RefusedRow, frozenset[str]], ...]
    of: int
    sheets: tuple[str, ...]


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
    """The newest imports that still wait, or that refused rows which nobody has mended and were not undone. Raises Refused."""
    policy.require(actor, "imports.see")
    open_ = Q(state=Import.State.WAITING) | Q(state=Import.State.DONE, refused__gt=F("taken"))
    columns = ("id", "state", "file", "created", "rows", "refused", "taken")
    return [dict(one) for one in _with_mended().filter(open_).order_by("-id").values(*columns)[:limit]]


def _with_mended() -> QuerySet[Import]:
    """Imports with `taken`, the number of their refused rows that were mended and imported."""
    done = Q(mended_by__state=Import.State.DONE)
    return Import.objects.annotate(taken=Coalesce(Sum("mended_by__rows", filter=done), Value(0)))


def files_named(actor: Actor, text: str, *, limit: int = 8) -> list[dict[str, Any]]:
    """The newest imports of files with this in their name. Raises Refused."""
    policy.require(actor, "imports.see")
    found = Import.objects.filter(file__icontains=text).order_by("-id")
    return [dict(one) for one in found.values("id", "file", "state", "created")[:limit]]


def import_of(actor: Actor, number: int) -> dict[str, Any]:
    """One import. Raises Refused, NotThere."""
    policy.require(actor, "imports.see")
    columns = (*_SHOWN, "reason", "size", "sha256", "mapping", "kinds", "taken", "file_erased")
    found = _with_mended().filter(pk=number).values(*columns).first()
    if found is None:
        raise policy.not_there("import", number, "hanse import --list shows them")
    return dict(found)


def mendings(actor: Actor, number: int) -> list[dict[str, Any]]:
    """The imports that mended rows of one, the oldest first. Raises Refused."""
    policy.require(actor, "imports.see")
    found = Import.objects.filter(mends=number).order_by("id").values("id", "state", "rows", "refused")
    return [dict(one) for one in found]


def taken_back(actor: Actor, number: int, *, limit: int = 10) -> tuple[list[str], int | None]:
    """Whom an undo of an import would concern: the first partners, and how many there are (None: it may be any).

    Raises Refused, CallError.
    """
    policy.require(actor, "imports.see")
    found = _import(number)
    partners = touched_partners(found.batch_id) if found.batch_id is not None else []
    return ([], None) if partners is None else (partners[:limit], len(partners))


def to_mend(actor: Actor, number: int, *, sheet: str | None = None, limit: int = 50) -> ToMend:
    """The refused rows of an import that are still to be mended, a sheet at a time. Raises Refused, NotThere."""
    policy.require(actor, "imports.see")
    found = Import.objects.filter(pk=number).first()
    if found is None:
        raise policy.not_there("import", number, "hanse import --list shows them")
    taken = Import.objects.filter(mends=number, state=Import.State.DONE, mended__isnull=False)
    done = [row for rows in taken.values_list("mended", flat=True) for row in rows or ()]
    rows = Refused.objects.filter(of=number).exclude(pk__in=done).exclude(cells=[])
    sheets = tuple(rows.order_by("sheet").values_list("sheet", flat=True).distinct())
    chosen = sheet if sheet in sheets else next(iter(sheets), "")
    headings = tuple(found.headings.get(chosen, ()))
    rows = rows.filter(sheet=chosen).order_by("id")
    mapping = next((m for m in from_json(found.mapping) if m.sheet == chosen), None)
    columns = mapping.columns if mapping else {}
    shown = []
    for row in rows[:limit]:
        cells = tuple(_fitting(row.cells, len(headings)))
        wrong = {columns.get(name) for code in row.codes for name in kind_of(code)[1].split(" ")} - {None}
        given = RefusedRow(row.sheet, row.line, row.tbl, *in_words(row.codes, row.tbl), cells)
        shown.append((row.pk, given, frozenset(str(heading) for heading in wrong)))
    return ToMend(chosen, headings, tuple(shown), rows.count(), sheets)


def upload_list(actor: Actor, *, limit: int = 50) -> list[dict[str, Any]]:
    """The uploads that are no imports yet, the newest first; `going_on` says whether somebody works on one. Raises Refused."""
    policy.require(actor, "imports.see")
    found = list(Upload.objects.exclude(state=Upload.State.DONE).order_by("-id").values(*_UPLOADED)[:limit])
    busy = working.worked_on() if any(one["state"] in _WORKED for one in found) else set()
    return [one | {"going_on": _goes_on(one, busy)} for one in found]


def upload_of(actor: Actor, number: int) -> dict[str, Any]:
    """One upload, with what was said about it and seen in it; `going_on` as in the list. Raises Refused, NotThere."""
    policy.require(actor, "imports.see")
    more = ("sha256", "answers", "seen", "problems", "remember", "reason")
    found = Upload.objects.filter(pk=number).values(*_UPLOADED, *more).first()
    if found is None:
        raise policy.not_there("upload", number, "the list of imports names those there are")
    busy = working.worked_on() if found["state"] in _WORKED else set()
    return dict(found) | {"going_on": _goes_on(found, busy)}


def sources(actor: Actor, *, limit: int = 30) -> list[str]:
    """The sources that files came from lately, by name. Raises Refused."""
    policy.require(actor, "imports.see")
    lately = Import.objects.order_by("-id").values_list("source", flat=True)[:500]
    return sorted(set(list(dict.fromkeys(lately))[:limit]))


_WORKED = (Upload.State.LOOKING, Upload.State.IMPORTING)


def _goes_on(one: Mapping[str, Any], busy: set[int]) -> bool:
    """Somebody works on it, or is just about to."""
    just = (timezone.now() - one["changed"]).total_seconds() < _JUST_BEGUN
    return one["state"] in _WORKED and (one["id"] in busy or just)


def refused_rows(actor: Actor, number: int, *, limit: int | None = None) -> Iterator[RefusedRow]:
    """The refused rows of an import in the order of the file. Raises Refused, CallError."""
    policy.require(actor, "imports.see")
    _import(number)
    rows = Refused.objects.filter(of_id=number).order_by("id")
    for row in rows[:limit] if limit else rows.iterator(chunk_size=_AT_ONCE):
        yield RefusedRow(row.sheet, row.line, row.tbl, *in_words(row.codes, row.tbl), tuple(row.cells))


def write_refused(actor: Actor, number: int, path: Path, sheet: str | None = None) -> list[tuple[Path, int]]:
    """Writes the refused rows of an import as they were given, each with what is wrong, why, and how to mend it.

    One CSV file per sheet (or of one sheet alone); such a file can be mended and imported again as it is. Returns the
    files with their rows. Raises Refused, CallError.
    """
    policy.require(actor, "imports.see")
    found = _import(number)
    written: list[tuple[Path, int]] = []
    sheets = list(Refused.objects.filter(of_id=number).order_by("sheet").values_list("sheet", flat=True).distinct())
    chosen = sheets if sheet is None else [one for one in sheets if one == sheet]
    for at, name in enumerate(chosen):
        target = path if len(chosen) == 1 else path.with_name(f"{path.stem}-{_plain_name(name, at)}{path.suffix}")
        headings = found.headings[name]
        count = 0
        with target.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*headings, *REMEDY_HEADINGS])
            for row in refused_rows(actor, number):
                if row.sheet == name:
                    cells = _fitting(row.cells, len(headings))
                    writer.writerow([*cells, row.what, row.why, row.remedy])
                    count += 1
        written.append((target, count))
    return written


def _plain_name(sheet: str, at: int) -> str:
    """The name of a sheet as part of a file's name; anybody may have given it."""
    return re.sub(r"[^\w -]", "_", sheet)[:60] or f"sheet{at + 1}"


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
