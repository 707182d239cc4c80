"""How fast do sales come into the database, and out again?

    python bench/imports.py [--rows N] [--repeat K] [--json]

`hanse import` of a CSV file of sales (validation, lineage and the search for rows that are there already included); the
same rows and one more from another source, so that every row is looked up; `hanse undo`; and the import after it. Each
is a process of its own, on an embedded server of the benchmark's own with a fresh database. Whom it touches is not
judged here: `batch_from_database.py` and `fresh_standing.py` measure that.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import duckdb

from _measure import Figure, Spent, call, child, report
from generate import channel

ROWS = 1_000_000
PARTNERS_PER_ROW = 1 / 20  # a partner of the channel has about twenty sales
SPEED, PEAK_MB, UNDO_SECONDS = 20_000, 500, 60
MAIN = ("-m", "hanse.fronts.cli.main")


def sales(asked: argparse.Namespace) -> Path:
    """A CSV file with so many sales, kept beside the channels."""
    path: Path = asked.data / f"sales-{asked.rows}.csv"
    if not path.exists():
        facts = channel(asked.partners or max(1000, round(asked.rows * PARTNERS_PER_ROW * 1.05)), asked.data)
        with duckdb.connect() as db:
            good = "partner IS NOT NULL AND \"on\" IS NOT NULL AND amount IS NOT NULL AND currency <> 'XQZ'"
            rows = f"SELECT * FROM '{facts}/sales.parquet' WHERE {good} LIMIT {asked.rows}"
            db.execute(f"COPY ({rows}) TO '{path}.part' (HEADER)")
        Path(f"{path}.part").rename(path)
    return path


@contextmanager
def installation() -> Iterator[None]:
    """An embedded server with an initialised database, that goes away; the environment points at it."""
    from hanse.installation import server

    with tempfile.TemporaryDirectory(prefix="hanse-bench-", ignore_cleanup_errors=True) as home:
        os.environ["HANSE_HOME"] = home
        os.environ.pop("HANSE_DATABASE_URL", None)
        url = server.start()
        try:
            child(*MAIN, "init")
            os.environ["HANSE_DATABASE_URL"] = url
            yield
        finally:
            os.environ.pop("HANSE_DATABASE_URL", None)
            server.stop()


def round_trip(path: Path, more: Path) -> tuple[Spent, Spent, Spent, Spent]:
    """Import, import of the same and one row more, undo of both, import again."""
    with installation():
        first = child(*MAIN, "import", path, "--no-evaluate", "--json")
        again = child(*MAIN, "import", more, "--source", "another", "--no-evaluate", "--json")
        numbers = [spent.output.split('"number": ', 1)[1].split(",", 1)[0] for spent in (first, again)]
        undone = child(*MAIN, "undo", numbers[0], "--no-evaluate", "--json")
        child(*MAIN, "undo", numbers[1], "--no-evaluate", "--json")
        back = child(*MAIN, "import", path, "--no-evaluate", "--json")
    return first, again, undone, back


def one_row_more(path: Path, folder: Path) -> Path:
    """The same rows and one that is new."""
    more = folder / "overlapping.csv"
    with path.open("rb") as given, more.open("wb") as made:
        first = b""
        for number, line in enumerate(given):
            made.write(line)
            first = line if number == 1 else first
        made.write(first)
    return more


def figures_of(rows: int, runs: list[tuple[Spent, Spent, Spent, Spent]]) -> list[Figure]:
    """The figures; what must hold is asked of a million rows only. What a speed must be is asked of the seconds."""
    first, again, undone, back = ([run[i] for run in runs] for i in range(4))
    large = rows >= ROWS
    must = rows / SPEED if large else None

    def wall(spent: list[Spent]) -> float:
        return round(median(s.wall for s in spent), 2)

    return [
        Figure("rows", rows, "rows"),
        Figure("import", wall(first), "seconds", must),
        Figure("import, speed", round(rows / wall(first)), "rows a second"),
        Figure("import, processor of the importing process", round(median(s.processor for s in first), 2), "seconds"),
        Figure(
            "peak memory of the importing process",
            round(max(s.peak for s in (*first, *again))),
            "MB",
            PEAK_MB if large else None,
        ),
        Figure("import of what is there already", wall(again), "seconds", must),
        Figure("import of what is there already, speed", round(rows / wall(again)), "rows a second"),
        Figure("undo", wall(undone), "seconds", UNDO_SECONDS if large else None),
        Figure("import after an undo", wall(back), "seconds"),
    ]


def main() -> None:
    """The command."""
    parser = call("How fast do sales come into the database, and out again?", partners=0)
    parser.add_argument("--rows", type=int, default=ROWS, help=f"how many sales ({ROWS:,})")
    asked = parser.parse_args()
    path = sales(asked)
    with tempfile.TemporaryDirectory(prefix="hanse-bench-") as folder:
        more = one_row_more(path, Path(folder))
        runs = [round_trip(path, more) for _ in range(asked.repeat)]
    report("imports", figures_of(asked.rows, runs), as_json=asked.json)


if __name__ == "__main__":
    main()
