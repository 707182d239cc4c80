"""Which kept files name a person?

A copy of a file is kept so that an interrupted import can be completed, and so that a fact can be looked up where it
came from. Where a person is erased on legal request, the copies that name the person go.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

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


def _on_sheet(sheet: Sheet, person: str) -> bool:
    if sheet.parquet is not None:
        batches = pq.ParquetFile(sheet.parquet).iter_batches()
        return any(person in pc.cast(column, "string").to_pylist() for batch in batches for column in batch.columns)
    assert sheet.chunks is not None
    return any(
        any((cell or "").strip() == person for cell in column) for chunk in sheet.chunks() for column in chunk.columns
    ) or any(person in (cell or "") for chunk in sheet.chunks() for bad in chunk.malformed for cell in bad.cells)
