"""What stands on the sheets of a workbook (.xlsx, .xlsm, .xls, .xlsb, .ods)?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

import python_calamine

from hanse.apps.imports.names import headings_of
from hanse.apps.imports.reading import Cells, Chunk, Record, Sheet, chunked, heading_of
from hanse.language.problems import CallError, Problem

_TOP = 20
_DIGITS = 15  # so many a spreadsheet shows; what lies beyond is noise of binary fractions
_WHOLE = 1e15


def workbook_sheets(path: Path, shown: str) -> list[Sheet]:
    """The visible sheets that hold something. Raises CallError for a file that cannot be opened, or holds nothing."""
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        visible = [m.name for m in book.sheets_metadata if m.visible == python_calamine.SheetVisibleEnum.Visible
                   and m.typ == python_calamine.SheetTypeEnum.WorkSheet]  # fmt: skip
    except python_calamine.PasswordError as error:
        raise CallError(
            Problem(shown, "the workbook is locked with a password", "nothing can be read", "save it without one")
        ) from error
    except python_calamine.CalamineError as error:
        raise CallError(
            Problem(shown, "the file is no workbook that can be read", str(error), "save it as .xlsx or CSV")
        ) from error
    found = [sheet for name in visible if (sheet := _sheet(book, name, shown))]
    if not found:
        raise CallError(
            Problem(shown, "the workbook has no rows", "every sheet is empty", "give a workbook with headings and rows")
        )
    return found


def _sheet(book: python_calamine.CalamineWorkbook, name: str, shown: str) -> Sheet | None:
    exact: set[int] = set()
    top = list(islice(_records(book, name, set()), _TOP))
    if not any(any(cells) for _, cells, _ in top):
        return None
    line, cells = heading_of(top, f"{shown}, sheet {name}")
    headings = headings_of(cells)
    sheet = Sheet(name, headings, line)

    def chunks() -> Iterator[Chunk]:
        for chunk in chunked(_records(book, name, exact), line, len(cells)):
            sheet.exact |= {headings[i] for i in exact if i < len(headings)}
            yield chunk

    sheet.chunks = chunks
    return sheet


def _records(book: python_calamine.CalamineWorkbook, name: str, exact: set[int]) -> Iterator[Record]:
    for number, row in enumerate(book.get_sheet_by_name(name).iter_rows(), start=1):
        cells: Cells = []
        for index, value in enumerate(row):
            if isinstance(value, float | int) and not isinstance(value, bool):
                exact.add(index)
            cells.append(text_of(value))
        yield number, cells, ""


def text_of(value: Any) -> str:
    """A cell as text: days in ISO form, numbers with a point and as many digits as the spreadsheet shows."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            if value.is_integer() and abs(value) < _WHOLE:
                return str(int(value))
            return format(value, f".{_DIGITS}g")
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="seconds")
        case date():
            return value.isoformat()
        case _:
            return str(value)
