"""What does Hanse itself do in a benchmark? A process of its own, so that all it costs can be seen.

    python bench/_engine.py evaluate FACTS OUT THREADS
    python bench/_engine.py rehearse FACTS OUT THREADS NEW_EDITION

Prints processor seconds per step as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import process_time

from generate import EDITION
from hanse.demo.channel import AS_OF
from hanse.engines import run
from hanse.engines.duck import DuckEngine
from hanse.language import edition
from hanse.language.context import Days

DAYS = Days(AS_OF, AS_OF)


def evaluate(facts: Path, out: Path, threads: int) -> dict[str, float]:
    """One evaluation, as `hanse evaluate` does it."""
    began = process_time()
    loaded = edition.load(str(EDITION))
    with DuckEngine(facts, loaded.tables, threads=threads) as engine:
        run.evaluate(engine, loaded, DAYS, out)
        return {**engine.seconds, "all but the start of Python": process_time() - began}


def rehearsed(facts: Path, out: Path, threads: int, changed: Path) -> dict[str, float]:
    """An evaluation, then the rehearsal of a change in the same engine; seconds of each."""
    from hanse.decisions.rehearsal_figures import Side
    from hanse.engines import rehearse

    before, after = edition.load(str(EDITION)), edition.load(str(changed))
    began = process_time()
    with DuckEngine(facts, rehearse.tables_of(before, after), threads=threads) as engine:
        first = run.evaluate(engine, before, DAYS, out / "before")
        evaluated, steps = process_time(), dict(engine.seconds)
        engine.seconds.clear()
        rehearse.compare(engine, first, Side(before, DAYS), Side(after, DAYS), out)
        changed_steps = {f"after: {k}": v for k, v in engine.seconds.items()}
        return {
            **steps,
            **changed_steps,
            "evaluation": evaluated - began,
            "rehearsal": process_time() - evaluated,
        }


if __name__ == "__main__":
    what, facts_, out_, threads_ = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    spent = (
        evaluate(facts_, out_, threads_) if what == "evaluate" else rehearsed(facts_, out_, threads_, Path(sys.argv[5]))
    )
    print(json.dumps(spent))
