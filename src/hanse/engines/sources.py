"""Facts in a folder: which files hold which table, what columns they have, and on which line a row stands."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv

from hanse.language.facts import FactTable
from hanse.language.problems import CallError, Problem, nearest

KINDS = {".parquet", ".csv"}


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

    Raises CallError for a file that is not UTF-8 CSV with a header.
    """
    bad: dict[int, str] = {}

    def malformed(row: arrow_csv.InvalidRow) -> str:
        bad[row.number or 0] = f"{row.actual_columns} fields, the header has {row.expected_columns}"
        return "skip"

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            names = next(csv.reader(file), None)
        if not names:
            raise CallError(
                Problem(shown, "the file is empty", "a CSV file begins with the names of its columns", "add the header")
            )
        twice = {n for n in names if names.count(n) > 1}
        if twice:
            raise CallError(
                Problem(
                    f"{shown}:1", f"the column {sorted(twice)[0]!r} stands twice", "only one could count", "rename one"
                )
            )
        table = arrow_csv.read_csv(
            path,
            read_options=arrow_csv.ReadOptions(use_threads=False),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=malformed),
            convert_options=arrow_csv.ConvertOptions(
                column_types={n.strip(): pa.string() for n in names} | {n: pa.string() for n in names},
                strings_can_be_null=True, null_values=[""], quoted_strings_can_be_null=True,
            ),
        )  # fmt: skip
    except UnicodeDecodeError as error:
        raise CallError(Problem(shown, "the file is not UTF-8 text", str(error.reason), "save it as UTF-8")) from error
    except pa.ArrowInvalid as error:
        raise CallError(
            Problem(shown, "the file is not CSV", str(error).splitlines()[0], "save it as CSV with a header")
        ) from error
    if table.column_names and table.column_names[0].startswith("\ufeff"):
        table = table.rename_columns([table.column_names[0].lstrip("\ufeff"), *table.column_names[1:]])
    lines, wrong = _lines(path, set(bad), table.num_rows)
    return table.append_column("_line", pa.array(lines, pa.int64())), [
        (wrong[n], why) for n, why in sorted(bad.items()) if n in wrong
    ]


def _lines(path: Path, skipped: set[int], rows: int) -> tuple[list[int], dict[int, int]]:
    """The line on which each good record begins, and each skipped one (numbered from 1, the header being 1)."""
    good: list[int] = []
    wrong: dict[int, int] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        start, record = 1, 0
        for fields in reader:
            line, start = start, reader.line_num + 1
            if not fields:
                continue
            record += 1
            if record == 1:
                continue
            if record in skipped:
                wrong[record] = line
            else:
                good.append(line)
    return good[:rows] + [0] * (rows - len(good)), wrong
