"""What did a run of all add up to: partners by level, moves between levels, benefits given and used?

Added up once, when the run is published, for its result never changes.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.db import connection

from hanse.apps.standings.models import RunBenefit, RunLevel

if TYPE_CHECKING:
    from pathlib import Path

    from hanse.apps.standings.models import Run

_FLOWS = """
INSERT INTO standings_run_flow (run_id, before, after, partners)
SELECT run_id, COALESCE(granted_before, level_before, ''), COALESCE(granted_after, level_after, ''), count(*)
FROM standings_level_change WHERE run_id = %s GROUP BY 1, 2, 3
HAVING COALESCE(granted_before, level_before, '') <> COALESCE(granted_after, level_after, '')
"""


def add_up(run: Run, folder: Path) -> None:
    """Keeps the sums of a run, out of its folder and of the moves it made; a second time changes nothing."""
    from pyarrow import parquet

    if RunLevel.objects.filter(run=run).exists():
        return
    standings = parquet.read_table(folder / "standings.parquet", columns=["level", "granted"])
    pairs = Counter(zip(standings["level"].to_pylist(), standings["granted"].to_pylist(), strict=True))
    RunLevel.objects.bulk_create(
        RunLevel(run=run, level=level or "", granted=granted or "", partners=n) for (level, granted), n in pairs.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(_FLOWS, [run.pk])
    RunBenefit.objects.bulk_create(_benefits(run, folder))


def _benefits(run: Run, folder: Path) -> list[RunBenefit]:
    from pyarrow import parquet

    given = parquet.read_table(folder / "benefits.parquet", columns=["benefit", "unit", "currency", "quantity", "used"])
    sums = given.group_by(["benefit", "unit", "currency"]).aggregate(
        [("quantity", "sum"), ("used", "sum"), ([], "count_all")]
    )
    return [
        RunBenefit(
            run=run, benefit=row["benefit"], unit=row["unit"], currency=row["currency"], partners=row["count_all"],
            quantity=float(row["quantity_sum"] or 0), used=float(row["used_sum"] or 0),
        )
        for row in sums.to_pylist()
    ]  # fmt: skip
