"""How many partners stood at each level on every day that was judged?

Out of the immutable folders of the runs of all partners: the last one of each day.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from hanse.apps.accounts.policy import require
from hanse.apps.standings.models import Run

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor


@dataclass(frozen=True)
class Day:
    """One day judged: the run that did, and the partners by achieved and by granted level (None: no level)."""

    as_of: date
    run: int
    achieved: dict[str | None, int]
    granted: dict[str | None, int]


def levels_over_time(actor: Actor, edition: str) -> list[Day]:
    """The days judged by an edition, the earliest first; days whose folder is gone are left out. Raises Refused."""
    require(actor, "standings.see_runs")
    runs = Run.objects.filter(edition=edition, kind=Run.Kind.ALL, state=Run.State.DONE).order_by("as_of", "known_at")
    last = {run.as_of: run for run in runs}
    return [_counted(run) for run in last.values() if (run.place / "standings.parquet").is_file()]


def _counted(run: Run) -> Day:
    from pyarrow import parquet

    standings = parquet.read_table(run.place / "standings.parquet", columns=["level", "granted"])
    achieved, granted = (dict(Counter(standings[column].to_pylist())) for column in ("level", "granted"))
    return Day(run.as_of, run.pk, achieved, granted)
