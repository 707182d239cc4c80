"""Facts in a folder: which files hold which table, what columns they have, and on which line a row stands."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv

from hanse.language.facts import FactTable
from hanse.language.problems import CallError, Problem, nearest

KINDS = {".parquet", ".csv"}
_END = "\x04 end of file"  # read after the last line: it stands by itself, unless a quote is still open
_LONGEST = 2**31 - 1
_LINE_END = re.compile(r"\r\n|\r|\n")
_NEVER_CLOSED = "a quote begins here and is never closed; the lines after it are read without it"


@dataclass
class TableFiles:
    """The files of one table, all of one kind, in order of their names."""

    table: str
    paths: list[Path] = field(default_factory=list)

    @property
    def is_parquet(self) -> bool:
        return self.paths[0].suffix == ".parquet"


def find(folder: Path, tables: Mapping[str, FactTable]) -> dict[str, TableFiles]:
    """The tables that a folder of facts holds. Raises CallError for files that belong to no table."""
    if not folder.is_dir():
        raise CallError(
            Problem(
                "--facts", f"{folder} is not a folder", "facts are a folder of CSV or Parquet files", "give the folder"
            )
        )
    found: dict[str, TableFiles] = {}
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            files = sorted(p for p in path.rglob("*") if p.suffix in KINDS)
        else:
            files = [path] if path.suffix in KINDS else []
        if not files:
            continue
        name = path.stem if path.is_file() else path.name
        if name not in tables:
            raise CallError(
                Problem(
                    str(path), f"{name!r} is not a fact table", "it would be silently ignored", nearest(name, tables)
                )
            )
        found.setdefault(name, TableFiles(name)).paths += files
    for files_of in found.values():
        if len({p.suffix for p in files_of.paths}) > 1:
            raise CallError(
                Problem(str(files_of.paths[0].parent), f"{files_of.table} is there as CSV and as Parquet",
                        "its rows might count twice", "keep one of the two")
            )  # fmt: skip
    return found


def require_columns(table: FactTable, given: set[str], place: str) -> None:
    """Raises CallError when a required column is missing altogether."""
    for column in table.columns:
        if column.required and column.name not in given:
            raise CallError(
                Problem(place, f"{table.name} has no column {column.name!r}", "every row needs it",
                        f"add the column; there are: {', '.join(repr(g) for g in sorted(given) if g != '_line')}")
            )  # fmt: skip


def read_csv(path: Path, shown: str) -> tuple[pa.Table, list[tuple[int, str]]]:
    """A CSV file with all columns as text, an empty field as null, and `_line`; and its malformed lines with what is wrong.

    A quote that is never closed costs its own row; the lines after it are read. Raises CallError for a file that is
    not UTF-8 CSV with a header.
    """
    wrong: list[tuple[int, str]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            names = next(csv.reader(file), None)
        _require_names(names, shown)
        with path.open(encoding="utf-8-sig", newline="") as file:
            records = _records(file)
        whole: Path | pa.BufferReader = path
        if records.open_at is not None:
            with path.open(encoding="utf-8-sig", newline="") as file:
                text = _without(file, records.starts[-1], records.open_at)
            wrong.append((records.open_at, _NEVER_CLOSED))
            records = _records(io.StringIO(text, newline=""))
            whole = pa.BufferReader(text.encode())
        table, bad = _parsed(whole, names or [])
    except UnicodeDecodeError as error:
        raise CallError(Problem(shown, "the file is not UTF-8 text", str(error.reason), "save it as UTF-8")) from error
    except (pa.ArrowInvalid, csv.Error) as error:
        raise CallError(
            Problem(shown, "the file is not CSV", str(error).splitlines()[0], "save it as CSV with a header")
        ) from error
    if table.column_names and table.column_names[0].startswith("\ufeff"):
        table = table.rename_columns([table.column_names[0].lstrip("\ufeff"), *table.column_names[1:]])
    good = [line for number, line in enumerate(records.starts, 1) if number > 1 and number not in bad]
    lines = good[: table.num_rows] + [0] * (table.num_rows - len(good))
    for number, why in bad.items():
        if number <= len(records.starts):
            last = records.lasts.get(number)
            why += f"; a quote holds it together up to line {last}" if last else ""
            wrong.append((records.starts[number - 1], why))
    return table.append_column("_line", pa.array(lines, pa.int64())), sorted(wrong)


def _require_names(names: list[str] | None, shown: str) -> None:
    if not names:
        raise CallError(
            Problem(shown, "the file is empty", "a CSV file begins with the names of its columns", "add the header")
        )
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        raise CallError(
            Problem(f"{shown}:1", f"the column {sorted(twice)[0]!r} stands twice", "only one could count", "rename one")
        )


def _parsed(whole: Path | pa.BufferReader, names: list[str]) -> tuple[pa.Table, dict[int, str]]:
    """The rows as texts, and the records that are none: by number, the header being 1, with what is wrong."""
    bad: dict[int, str] = {}

    def malformed(row: arrow_csv.InvalidRow) -> str:
        bad[row.number or 0] = f"{row.actual_columns} fields, the header has {row.expected_columns}"
        return "skip"

    table = arrow_csv.read_csv(
        whole,
        read_options=arrow_csv.ReadOptions(use_threads=False),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=malformed),
        convert_options=arrow_csv.ConvertOptions(
            column_types={n.strip(): pa.string() for n in names} | {n: pa.string() for n in names},
            strings_can_be_null=True, null_values=[""], quoted_strings_can_be_null=True,
        ),
    )  # fmt: skip
    return table, bad


@dataclass
class _Records:
    """Where records begin, the header on line 1; on which line those of several lines end, by number from 1; and the
    line of the quote that is open at the end of the file.
    """

    starts: list[int] = field(default_factory=list)
    lasts: dict[int, int] = field(default_factory=dict)
    open_at: int | None = None


def _records(file: Iterable[str]) -> _Records:
    found = _Records()
    before = csv.field_size_limit(_LONGEST)  # what follows a quote that is never closed is one field
    try:
        reader = csv.reader(chain(file, [_END]))
        start = 1
        for fields in reader:
            line, start = start, reader.line_num + 1
            if not fields or fields == [_END]:
                continue
            found.starts.append(line)
            if fields[-1].endswith(_END):
                found.open_at = reader.line_num - _lines_of(fields[-1].removesuffix(_END))
            elif reader.line_num > line:
                found.lasts[len(found.starts)] = reader.line_num
    finally:
        csv.field_size_limit(before)
    return found


def _lines_of(text: str) -> int:
    """On how many lines a text stands, whether or not its last line is ended."""
    return len(_LINE_END.findall(text)) + (not text.endswith(("\n", "\r")))


def _without(file: Iterable[str], first: int, last: int) -> str:
    """The text with the lines from first to last empty, so that all others keep their numbers."""
    return "".join("\n" if first <= number <= last else line for number, line in enumerate(file, 1))
