"""How long does `hanse explain` take from a finished run, in a fresh process?

    python bench/explain.py [--partners N] [--repeat K] [--run DIR] [--json]

Two partners of every level, each asked in a process of its own, in English and as JSON.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median

import duckdb

from _measure import BENCH, Figure, Spent, call, child, facts_and_folder, report
from generate import EDITION

SECONDS = 1.0
COMMAND = "from hanse.fronts.cli.main import app_main; app_main()"


def some_partners(run: Path, per_level: int = 2) -> list[str]:
    """So many partners of every level, from all over the files."""
    with duckdb.connect() as db:
        rows = db.execute(
            "SELECT partner FROM (SELECT partner, level, "
            "ROW_NUMBER() OVER (PARTITION BY level ORDER BY HASH(partner)) AS n "
            f"FROM read_parquet('{run / 'standings.parquet'}')) WHERE n <= {per_level} ORDER BY level, n"
        ).fetchall()
    return [str(row[0]) for row in rows]


def asked_of(run: Path, partner: str, *more: str) -> Spent:
    """One explanation."""
    return child("-c", COMMAND, "explain", EDITION, "--run", run, "--partner", partner, *more)


def main() -> None:
    """The command."""
    parser = call("How long does `hanse explain` take from a finished run?")
    parser.add_argument("--run", type=Path, help="a finished evaluation; else one is made")
    asked = parser.parse_args()
    with facts_and_folder(asked) as (facts, folder):
        run = asked.run or folder / "run"
        if asked.run is None:
            child(BENCH / "_engine.py", "evaluate", facts, run, str(asked.threads))
        partners = some_partners(run)
        asked_of(run, partners[0])  # compiles what Python has not compiled yet
        pages, data = [], []
        for partner in partners * asked.repeat:
            pages.append(asked_of(run, partner, "--language", "en"))
            data.append(asked_of(run, partner, "--json"))
    figures = [
        Figure("partners", asked.partners, "partners"),
        Figure("explanations", len(pages) + len(data), "processes"),
        Figure("explain, median", round(median(p.wall for p in pages), 3), "seconds", SECONDS),
        Figure("explain, longest", round(max(p.wall for p in pages), 3), "seconds", SECONDS),
        Figure("explain --json, median", round(median(p.wall for p in data), 3), "seconds", SECONDS),
        Figure("explain --json, longest", round(max(p.wall for p in data), 3), "seconds", SECONDS),
        Figure("processor, median", round(median(p.processor for p in [*pages, *data]), 3), "processor seconds"),
        Figure("peak memory", round(max(p.peak for p in [*pages, *data])), "MB"),
    ]
    report("explain", figures, as_json=asked.json)


if __name__ == "__main__":
    main()
