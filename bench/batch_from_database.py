"""How fast is an evaluation of all partners in the installation: facts out of PostgreSQL, standings and checks back?

    python bench/batch_from_database.py [--partners N] [--repeat K] [--json]

The channel of the other benchmarks is recorded as facts in an installation of the benchmark's own (kept with the
channel, so that a second run starts at once). Each evaluation runs in a process of its own: as `hanse evaluate EDITION`
does it, onto standings that are there already, so that every one is replaced.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import _installation as installation
from _measure import Figure, call, child, middle, report
from generate import AS_OF, channel

PARTNERS, WALL, PEAK_MB = 100_000, 30.0, 2000.0


def evaluate(home: Path) -> None:
    """One evaluation; prints how many rows each output has, and how many facts count."""
    installation.ready(home)
    from hanse.apps.accounts.actors import operator
    from hanse.apps.evaluation import services
    from hanse.apps.evidence.selectors import counted
    from hanse.apps.standings.selectors import run_of

    number = services.evaluate(actor=operator(), edition="bench", as_of=AS_OF, reason="benchmark")
    rows = run_of(operator(), number).rows
    print(json.dumps({"rows": rows, "facts": sum(counted().values()) if "--count" in sys.argv else None}))


def main() -> None:
    """The command."""
    parser = call("How fast is an evaluation of all partners in the installation?", partners=PARTNERS)
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--count", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        evaluate(asked.inside)
        return
    home = asked.data / f"{asked.partners}-installation"
    installation.ready(home)
    installation.filled(channel(asked.partners, asked.data))
    installation.in_force("2016-01-01")
    first = child(Path(__file__), "--inside", home, "--count")
    told = json.loads(first.output)
    spent = middle([child(Path(__file__), "--inside", home) for _ in range(asked.repeat)])
    large = asked.partners >= PARTNERS
    figures = [
        Figure("partners", asked.partners, "partners"),
        Figure("facts that count", told["facts"], "facts"),
        Figure("checks written back", told["rows"]["checks"], "rows"),
        Figure("wall", round(spent.wall, 2), "seconds", WALL if large else None),
        Figure("processor of the evaluating process", round(spent.processor, 2), "seconds"),
        Figure("peak memory", round(spent.peak), "MB", PEAK_MB),
        Figure("speed", round(asked.partners / spent.wall), "partners a second"),
    ]
    report("batch_from_database", figures, as_json=asked.json)


if __name__ == "__main__":
    main()
