"""How does what a run wrote read once a person in it has another name?

Only two outputs can name a person: `results`, where an edition looks at people or puts them forward, and `problems`, where a
fact is of somebody unknown. They are written anew in the engine's own order and form, so that a run over facts
in which the person has the other name gives the same file, byte for byte.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from hanse.decisions import results, trouble
from hanse.engines.duck import PARQUET
from hanse.engines.run import write_problems
from hanse.language.plan import literal

MEMORY = "1000MB"
THREADS = 2


@dataclass(frozen=True)
class Renamed:
    """The person's key, the name that takes its place, and the sentences that say of either that it is not known."""

    before: str
    after: str

    @property
    def sentence(self) -> str:
        return _unknown(self.before)

    @property
    def new_sentence(self) -> str:
        return _unknown(self.after)


def _unknown(person: str) -> str:
    return trouble.sentences(f"unknown_person:person:{person}", "")[0]


def results_naming(path: Path, renamed: Renamed) -> dict[str, int]:
    """How many rows of each result in a file hold exactly the person's key, whatever it means there."""
    with duckdb.connect(config={"memory_limit": MEMORY, "threads": THREADS}) as db:
        found = db.execute(
            f"SELECT result, COUNT(*) FROM {_read(path)} WHERE subject = $1 OR text = $1 GROUP BY result",
            [renamed.before],
        ).fetchall()
    return {str(result): int(count) for result, count in found}


def write_results(path: Path, renamed: Renamed, only: Collection[str], target: Path) -> None:
    """Writes `results` anew to `target`; in the results named in `only` the key stands for the person."""
    listed = ", ".join(literal(name) for name in sorted(only))

    def column(name: str) -> str:
        is_person = f"{name} = {literal(renamed.before)} AND result IN ({listed})"
        return f"CASE WHEN {is_person} THEN {literal(renamed.after)} ELSE {name} END AS {name}"

    rows = (
        f'SELECT partner, result, {column("subject")}, number, {column("text")}, "on", '
        f"MIN(file_row_number) OVER (PARTITION BY partner) AS place, file_row_number FROM {_read(path)}"
    )
    order = ", ".join(("place", *results.ORDER, "file_row_number"))
    written = f'SELECT partner, result, subject, number, text, "on" FROM ({rows}) ORDER BY {order}'
    with (
        tempfile.TemporaryDirectory(prefix="hanse-") as spill,
        duckdb.connect(config={"memory_limit": MEMORY, "threads": THREADS, "temp_directory": spill}) as db,
    ):
        db.execute("SET preserve_insertion_order = true")
        db.execute(f"COPY ({written}) TO {literal(str(target))} ({PARQUET})")


def problems_naming(path: Path, renamed: Renamed) -> int:
    """How many rows of `problems` say that the person is not known."""
    return int(pc.sum(_saying(parquet.read_table(path, columns=["what"]), renamed)).as_py() or 0)


def write_problems_anew(path: Path, renamed: Renamed, target: Path) -> None:
    """Writes `problems` anew to `target`; its order is that of the facts."""
    table = parquet.read_table(path)
    said = pc.if_else(_saying(table, renamed), pa.scalar(renamed.new_sentence), table["what"])
    at = table.schema.get_field_index("what")
    write_problems(table.set_column(at, table.schema.field(at), said), target)


def _saying(table: pa.Table, renamed: Renamed) -> pa.ChunkedArray:
    return pc.fill_null(pc.equal(table["what"], renamed.sentence), False)


def _read(path: Path) -> str:
    return f"read_parquet({literal(str(path))}, file_row_number = true)"
