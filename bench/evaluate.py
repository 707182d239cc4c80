"""How fast is an evaluation, beside SQL written by hand for it?

    python bench/evaluate.py [--partners N] [--repeat K] [--growth] [--steps] [--json]

Parquet to Parquet, all six outputs. The two take turns, each in a process of its own, with the same threads;
then the outputs are compared, row by row through hashes. Trust the processor seconds: they depend much less on
what else the machine does.
"""

from __future__ import annotations

import argparse
import json
from math import log10
from pathlib import Path

import duckdb

from _measure import BENCH, Figure, Spent, call, child, facts_and_folder, middle, report
from generate import PARTNERS, channel

OUTPUTS = ("standings", "competencies", "checks", "benefits", "results", "problems")
RATIO, PEAK_MB, EXPONENT = 1.3, 3000, 1.1


def different(one: Path, other: Path) -> list[str]:
    """The outputs whose rows or columns are not the same, in whatever order."""
    found = []
    with duckdb.connect() as db:
        for name in OUTPUTS:
            seen = []
            for folder in (one, other):
                file = f"read_parquet('{folder / name}.parquet')"
                columns = sorted(db.execute(f"DESCRIBE SELECT * FROM {file}").fetchall())
                listed = ", ".join(f'"{column[0]}"' for column in columns)
                sums = f"COUNT(*), SUM(HASH({listed})::HUGEINT), SUM((HASH({listed}) >> 7)::HUGEINT)"
                rows = db.execute(f"SELECT {sums} FROM {file}").fetchall()
                seen.append(([column[:2] for column in columns], rows))
            if seen[0] != seen[1]:
                found.append(name)
    return found


def measured(asked: argparse.Namespace, facts: Path, folder: Path) -> tuple[Spent, Spent]:
    """What hanse and the hand-written SQL cost over a channel, taking turns."""
    hanse, by_hand = [], []
    for _ in range(asked.repeat):
        hanse.append(child(BENCH / "_engine.py", "evaluate", facts, folder / "hanse", str(asked.threads)))
        by_hand.append(child(BENCH / "_hand_written.py", facts, folder / "by_hand", str(asked.threads)))
    return middle(hanse), middle(by_hand)


def figures_of(asked: argparse.Namespace, hanse: Spent, by_hand: Spent, differing: list[str]) -> list[Figure]:
    """The figures; what must hold is asked of a million partners only."""
    large = asked.partners >= PARTNERS
    return [
        Figure("partners", asked.partners, "partners"),
        Figure("hanse", round(hanse.processor, 2), "processor seconds"),
        Figure("hand-written SQL", round(by_hand.processor, 2), "processor seconds"),
        Figure("ratio", round(hanse.processor / by_hand.processor, 3), "", RATIO if large else None),
        Figure("peak memory of hanse", round(hanse.peak), "MB", PEAK_MB),
        Figure("peak memory of the hand-written SQL", round(by_hand.peak), "MB"),
        Figure("hanse, wall", round(hanse.wall, 2), "seconds"),
        Figure("hand-written SQL, wall", round(by_hand.wall, 2), "seconds"),
        Figure("speed of hanse", round(asked.partners / hanse.wall), "partners a second"),
        Figure("outputs that differ", len(differing), "of 6 files", 0),
    ]


def main() -> None:
    """The command."""
    parser = call("How fast is an evaluation, beside SQL written by hand for it?")
    parser.add_argument("--growth", action="store_true", help="also over a tenth of the partners")
    parser.add_argument("--steps", action="store_true", help="also processor seconds per step (with --json)")
    asked = parser.parse_args()
    with facts_and_folder(asked) as (facts, folder):
        hanse, by_hand = measured(asked, facts, folder)
        differing = different(folder / "hanse", folder / "by_hand")
        figures = figures_of(asked, hanse, by_hand, differing)
        if asked.growth:
            tenth, _ = measured(asked, channel(asked.partners // 10, asked.data), folder)
            exponent = log10(hanse.processor / tenth.processor)
            must = EXPONENT if asked.partners >= PARTNERS else None
            figures.append(Figure(f"growth from {asked.partners // 10:,}", round(exponent, 3), "exponent", must))
    more = {"steps": {"hanse": json.loads(hanse.output), "hand-written": json.loads(by_hand.output)}}
    report("evaluate", figures, as_json=asked.json, more={"differ": differing} | (more if asked.steps else {}))


if __name__ == "__main__":
    main()
