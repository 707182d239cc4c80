"""Reads lists of firms from CSV and Parquet files for the decision same_firm, and opens the engine that it is handed.

Headings are recognised by what such columns usually call themselves; rows that cannot be used are problems, and the rest goes on.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from hanse.decisions import same_firm_fields as fields
from hanse.decisions.same_firm_records import COLUMNS
from hanse.language.plan import literal
from hanse.language.problems import CallError, Problem, nearest

HEADINGS = Path(fields.__file__).with_name("same_firm_headings.yaml")
HOUSE_NUMBER = "house_number"
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SHOWN = 20  # bad rows of a file that are named one by one


@dataclass
class FirmList:
    """The records of one or several files: columns of the contract of same_firm, as text; where each was read from."""

    records: pa.Table
    columns: dict[str, dict[str, str]]  # file -> column -> heading
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@cache
def _usual() -> dict[str, str]:
    listed = yaml.safe_load(HEADINGS.read_text(encoding="utf-8"))
    found: dict[str, str] = {}
    for column, names in listed.items():
        for name in (column.replace("_", " "), *names):
            found.setdefault(_plain(name), column)
    return found


def _plain(heading: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", fields.fold(_CAMEL.sub(" ", heading))))


def recognised(headings: Sequence[str], said: Mapping[str, str], place: str) -> dict[str, str]:
    """column -> heading: what was said first (of a heading that this file has), then what headings usually mean, the leftmost of several.

    Raises CallError for a column that is none.
    """
    found: dict[str, str] = {}
    for column, heading in said.items():
        if column not in (*COLUMNS, HOUSE_NUMBER):
            raise CallError(
                Problem(
                    "--columns",
                    f"there is no column {column!r}",
                    "records of firms have a few columns only",
                    nearest(column, COLUMNS),
                )
            )
        if heading in headings:
            found[column] = heading
    for heading in headings:
        column = _usual().get(_plain(heading), "")
        if column and column not in found and heading not in found.values():
            found[column] = heading
    if not {"name", "address", "phone", "website", "email", "registration"} & found.keys():
        raise CallError(Problem(place, "no column says which firms these are", f"the headings are {', '.join(map(repr, headings[:12]))}",
                                'name them, for instance --columns name="Company"'))  # fmt: skip
    return found


@contextmanager
def engine(*, threads: int | None = None, memory: str = "2000MB") -> Iterator[Any]:
    """A DuckDB in memory that spills into a folder, which goes away with it."""
    with (
        tempfile.TemporaryDirectory(prefix="hanse-") as folder,
        duckdb.connect(config={"memory_limit": memory, "temp_directory": folder}) as db,
    ):
        if threads:
            db.execute(f"SET threads = {threads}")
        yield db


def read(files: Sequence[Path], said: Mapping[str, str], db: Any) -> FirmList:
    """Reads the files. Ids that several files share are told apart by the file's name before them.

    Raises CallError for a file that is none or whose headings say nothing.
    """
    found = FirmList(pa.table({}), {})
    tables: list[pa.Table] = []
    for path in files:
        tables.append(_file(path, said, db, found))
    if len({path.stem for path in files}) == len(files) and len(tables) > 1 and _overlap(tables):
        found.notes.append(
            "the files share ids: each id is written with the name of its file before it, as in "
            + repr(f"{files[0].stem}/{tables[0]['id'][0].as_py()}")
        )
        tables = [
            t.set_column(0, "id", pc.binary_join_element_wise(path.stem, t["id"], "/"))
            for path, t in zip(files, tables, strict=True)
        ]
    found.records = _without_repeated(pa.concat_tables(tables, promote_options="default"), found)
    unknown = [
        heading
        for heading in said.values()
        if not any(heading in columns.values() for columns in found.columns.values())
    ]
    if unknown:
        raise CallError(
            Problem(
                "--columns",
                f"there is no heading {unknown[0]!r}",
                "no file has it",
                "write headings as they stand in the file",
            )
        )
    return found


def _file(path: Path, said: Mapping[str, str], db: Any, found: FirmList) -> pa.Table:
    if not path.is_file():
        raise CallError(
            Problem(
                str(path),
                "there is no such file",
                "records are read from it",
                "write the path of a CSV or Parquet file",
            )
        )
    raw = (
        db.sql(f"SELECT * FROM read_parquet({literal(str(path))})").to_arrow_table()
        if path.suffix.lower() == ".parquet"
        else _csv(path, db, found)
    )
    columns = recognised(raw.column_names, said, str(path))
    found.columns[str(path)] = columns
    taken = {column: raw[heading].cast(pa.string()) for column, heading in columns.items()}
    if "id" not in taken:
        taken["id"] = pa.array([f"{number}" for number in range(1, raw.num_rows + 1)], pa.string())
        found.notes.append(f"{path.name} has no column of ids: records are numbered as they stand")
    if "source" not in taken:
        taken["source"] = pa.array([path.stem] * raw.num_rows, pa.string())
    if HOUSE_NUMBER in taken:
        number = taken.pop(HOUSE_NUMBER)
        if "address" in taken:
            taken["address"] = pc.binary_join_element_wise(number.fill_null(""), taken["address"], " ")
    table = pa.table({"id": taken.pop("id"), **taken})
    missing = pc.or_kleene(pc.is_null(table["id"]), pc.equal(pc.utf8_trim_whitespace(table["id"].fill_null("")), ""))
    for number in pc.indices_nonzero(missing).to_pylist()[:_SHOWN]:
        found.problems.append(
            Problem(
                f"{path}, record {number + 1}",
                "it has no id",
                "records are told apart by their ids",
                "give it one; the record is left out",
            )
        )
    return table.filter(pc.invert(missing))


def _csv(path: Path, db: Any, found: FirmList) -> pa.Table:
    """All columns as text; rows that are no rows become problems."""
    try:
        with path.open("rb") as given:
            for block in iter(lambda: given.read(1 << 22), b""):
                block[: len(block) - 4].decode("utf-8", errors="strict") if not block.isascii() else None
        encoding = "utf-8"
    except UnicodeDecodeError as error:
        encoding = "utf-8" if error.start < 4 or error.end >= (1 << 22) - 8 else "latin-1"
    db.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    options = (
        f"header = true, all_varchar = true, store_rejects = true, null_padding = true, encoding = {literal(encoding)}"
    )
    try:
        table: pa.Table = db.sql(f"SELECT * FROM read_csv({literal(str(path))}, {options})").to_arrow_table()
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise CallError(
            Problem(
                str(path), "it cannot be read as CSV", first, "save it as UTF-8 with a line of headings, or as Parquet"
            )
        ) from error
    for line, why in db.execute(
        "SELECT DISTINCT line, error_message FROM reject_errors ORDER BY line LIMIT 20"
    ).fetchall():
        found.problems.append(
            Problem(
                f"{path}, line {line}",
                "it is no row of this file",
                str(why).splitlines()[0],
                "mend the line; it is left out",
            )
        )
    return table


def _overlap(tables: Sequence[pa.Table]) -> bool:
    seen: set[str] = set()
    for table in tables:
        ids = set(table["id"].to_pylist())
        if seen & ids:
            return True
        seen |= ids
    return False


def _without_repeated(table: pa.Table, found: FirmList) -> pa.Table:
    """The first record of each id."""
    seen: set[str] = set()
    keep, told = [], 0
    for one in table["id"].to_pylist():
        keep.append(one not in seen)
        if one in seen and told < _SHOWN:
            told += 1
            found.problems.append(
                Problem(
                    f"id {one!r}",
                    "two records have it",
                    "records are told apart by their ids",
                    "give each its own; the first is taken",
                )
            )
        seen.add(one)
    return table if all(keep) else table.filter(pa.array(keep))
