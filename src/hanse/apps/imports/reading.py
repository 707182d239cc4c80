"""What stands in a file, line by line?

A file is one or more sheets: a CSV or Parquet file is one, a workbook has many. Each sheet has headings and gives its rows
in chunks of texts, with the line on which each stands, so that a file of any size passes through little memory.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import cast

from hanse.apps.imports.encoding import TextForm, text_form
from hanse.apps.imports.names import headings_of, is_usual
from hanse.language.problems import CallError, Problem

CHUNK = 20_000
_LONGEST_FIELD = 1 << 20  # a longer one is a quote that was never closed
_HEADINGS_WITHIN = 20
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
Cells = list[str | None]
Record = tuple[int, Cells, str]  # line, cells, what is wrong with the line ("" where nothing is)


@dataclass(frozen=True)
class Malformed:
    """A line that is no row: what is wrong with it, and what stands there."""

    line: int
    code: str
    cells: Cells


@dataclass
class Chunk:
    """Some rows: their lines, their cells by column, and the lines among them that are no rows."""

    lines: list[int]
    columns: list[Sequence[str | None]]
    malformed: list[Malformed]


@dataclass
class Sheet:
    """A table as it was given. `exact`: columns whose numbers are numbers already, whatever their text looks like."""

    name: str
    headings: list[str]
    heading_line: int
    chunks: Callable[[], Iterator[Chunk]] | None = None
    parquet: Path | None = None
    exact: set[str] = field(default_factory=set)


def sheets_of(path: Path, shown: str) -> list[Sheet]:
    """The sheets of a file, by what is in it rather than by its ending. `shown` is the name people know it by.

    Raises CallError for a file that is none of the kinds, or has no rows at all.
    """
    if not path.is_file():
        raise CallError(Problem(shown, "there is no such file", "nothing can be read", "check the name and the folder"))
    with path.open("rb") as file:
        head = file.read(4)
    if head == b"PAR1":
        from hanse.apps.imports.columnar import parquet_sheet

        return [parquet_sheet(path, shown)]
    if head in _WORKBOOKS:
        from hanse.apps.imports.workbook import workbook_sheets

        return workbook_sheets(path, shown)
    return [_csv_sheet(path, shown)]


def _csv_sheet(path: Path, shown: str) -> Sheet:
    form = text_form(path, shown)
    top = list(islice(_records(path, form, shown), _HEADINGS_WITHIN))
    line, cells = heading_of(top, shown)

    def chunks() -> Iterator[Chunk]:
        return chunked(_records(path, form, shown), line, len(cells))

    return Sheet("", headings_of(cells), line, chunks)


def heading_of(top: list[Record], shown: str) -> tuple[int, Cells]:
    """The line of headings: the first among those at the top that holds most names of columns.

    Raises CallError where no line holds anything.
    """
    filled = [(line, cells) for line, cells, _ in top if any(c and c.strip() for c in cells)]
    if not filled:
        raise CallError(
            Problem(
                shown, "there are no rows", "nothing stands at the top", "give a file with a line of headings and rows"
            )
        )
    scores = [sum(is_usual(c) for c in cells if c) for _, cells in filled]
    best = max(scores)
    line, cells = filled[scores.index(best)] if best > 1 else max(filled[:1], key=lambda row: len(row[1]))
    return line, cells


def _records(path: Path, form: TextForm, shown: str) -> Iterator[Record]:
    """Every record of a CSV file with the line on which it begins. Raises CallError where a quote is never closed."""
    csv.field_size_limit(_LONGEST_FIELD)
    with path.open(encoding=form.encoding, newline="") as file:
        for _ in range(form.skipped):
            next(file)
        latest = [""]
        reader = csv.reader(_remembering(file, latest), delimiter=form.delimiter, strict=True)
        start = 1 + form.skipped
        while True:
            try:
                yield start, cast(Cells, next(reader)), ""
            except StopIteration:
                return
            except csv.Error as error:
                said = str(error)
                if "end of data" in said or "field limit" in said:
                    raise CallError(
                        Problem(f"{shown}:{start}", "a quote is opened here and never closed", "all that follows would be one field",
                                "close the quote, or write a quote inside a field twice")
                    ) from error  # fmt: skip
                yield start, [*latest[0].rstrip("\r\n").split(form.delimiter)], "malformed:quotes:" + said
            start = reader.line_num + 1 + form.skipped


def _remembering(lines: Iterable[str], latest: list[str]) -> Iterator[str]:
    """The lines, the latest of them kept: what cannot be cut into fields is still to be shown."""
    for line in lines:
        latest[0] = line
        yield line


def chunked(records: Iterator[Record], heading_line: int, width: int) -> Iterator[Chunk]:
    """The records below the headings, in chunks; blank ones are passed over."""
    rows: list[Cells] = []
    lines: list[int] = []
    malformed: list[Malformed] = []
    for line, cells, wrong in records:
        if line <= heading_line:
            continue
        if wrong:
            malformed.append(Malformed(line, wrong, cells))
        elif len(cells) == width:
            if any(cells):
                rows.append(cells)
                lines.append(line)
        elif any(cells):
            fitting = _fitted(cells, width)
            if fitting is None:
                malformed.append(Malformed(line, f"malformed:fields:{len(cells)}:{width}", cells))
            else:
                rows.append(fitting)
                lines.append(line)
        if len(rows) + len(malformed) >= CHUNK:
            yield _chunk(rows, lines, malformed, width)
            rows, lines, malformed = [], [], []
    if rows or malformed:
        yield _chunk(rows, lines, malformed, width)


def _fitted(cells: Cells, width: int) -> Cells | None:
    """A row that only has blank cells too many; None for any other of the wrong width."""
    return cells[:width] if len(cells) > width and not any(cells[width:]) else None


def _chunk(rows: list[Cells], lines: list[int], malformed: list[Malformed], width: int) -> Chunk:
    if _has_zero(rows):
        bad = {i for i, cells in enumerate(rows) if any("\0" in (c or "") for c in cells)}
        malformed = malformed + [
            Malformed(lines[i], "malformed:zero:", [(c or "").replace("\0", "") for c in rows[i]]) for i in bad
        ]
        rows, lines = [r for i, r in enumerate(rows) if i not in bad], [n for i, n in enumerate(lines) if i not in bad]
    columns: list[Sequence[str | None]] = list(zip(*rows, strict=True)) if rows else [() for _ in range(width)]
    return Chunk(lines, columns, malformed)


def _has_zero(rows: list[Cells]) -> bool:
    """Does any cell hold a NUL, which no database keeps as text?"""
    return any("\0" in "".join(filter(None, cells)) for cells in rows)
