"""Which kept files name a person?

A copy of a file is kept so that an interrupted import can be completed, and so that a fact can be looked up where it
came from. Where a person is erased on legal request, the copies that name the person go.
"""

from __future__ import annotations

import mmap
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db import transaction

from hanse.apps.imports import keeping
from hanse.apps.imports.mapping import SheetMapping, from_json
from hanse.apps.imports.models import Import, Refused
from hanse.apps.imports.reading import Sheet, sheets_of
from hanse.installation import home
from hanse.language.problems import CallError

_ENCODINGS = ("utf-8", "cp1252", "utf-16-le", "utf-16-be")
_BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1")


def files_naming(person: str) -> Iterator[Path]:
    """The kept files in which a cell is the person's key, however it is written around."""
    for path in sorted(home.room("files").iterdir()):
        if path.stat().st_size and _may_name(path, person) and _names(path, person):
            yield path


def forget_file(sha256: str) -> None:
    """Takes a copy away once what is being recorded is: it names a person who was erased before. Doctor sees to one left."""
    transaction.on_commit(partial(keeping.kept(sha256).unlink, missing_ok=True))


def is_said_of_a_person(person: str, files: Collection[Path]) -> bool:
    """Does a key that no fact names stand where a file names persons: in a refused row, or in one of these kept files?

    Elsewhere it may be a country or an amount, and nobody's data is to be lost for a slip of the pen.
    """
    for found in Import.objects.order_by("id"):
        path = keeping.kept(found.sha256)
        for mapping in from_json(found.mapping):
            if mapping.constants.get("person") == person:
                return True
            headings = found.headings.get(mapping.sheet, [])
            if mapping.columns.get("person") not in headings:
                continue
            place = headings.index(mapping.columns["person"])
            refused = Refused.objects.filter(of=found, sheet=mapping.sheet).values_list("cells", flat=True)
            if any(len(cells) > place and (cells[place] or "").strip() == person for cells in refused.iterator()):
                return True
            if path in files and _in_column(path, mapping, place, person):
                return True
    return False


def _in_column(path: Path, mapping: SheetMapping, place: int, person: str) -> bool:
    try:
        sheets = [sheet for sheet in sheets_of(path, path.name) if sheet.name == mapping.sheet]
        return any(_on_sheet(sheet, person, only=place) for sheet in sheets)
    except CallError:
        return False


def _may_name(path: Path, person: str) -> bool:
    """A quick look at the bytes of a text file; a compressed one has to be read."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content[:4] in _BINARY:
            return True
        return any(content.find(encoded) >= 0 for encoded in _encoded(person))


def _encoded(person: str) -> set[bytes]:
    found = set()
    for encoding in _ENCODINGS:
        try:
            found.add(person.encode(encoding))
        except UnicodeEncodeError:  # no file in that encoding can name the person
            continue
    return found


def _names(path: Path, person: str) -> bool:
    try:
        return any(_on_sheet(sheet, person) for sheet in sheets_of(path, path.name))
    except CallError:  # it cannot be read to its end: better one copy too few
        return True


def _on_sheet(sheet: Sheet, person: str, only: int | None = None) -> bool:
    """Is a cell of a sheet the key; in one column only, or in any, and then a line that is no row may hold it somewhere?"""
    columns = slice(None) if only is None else slice(only, only + 1)
    if sheet.parquet is not None:
        batches = pq.ParquetFile(sheet.parquet).iter_batches()
        return any(
            person in pc.cast(column, "string").to_pylist() for batch in batches for column in batch.columns[columns]
        )
    assert sheet.chunks is not None
    if any(
        any((cell or "").strip() == person for cell in column)
        for chunk in sheet.chunks()
        for column in chunk.columns[columns]
    ):
        return True
    return only is None and any(
        person in (cell or "") for chunk in sheet.chunks() for bad in chunk.malformed for cell in bad.cells
    )
