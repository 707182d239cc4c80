"""Outputs have their rows in one order, however many threads an engine has."""

import hashlib
from pathlib import Path

import pyarrow as pa

from hanse.engines.duck import DuckEngine
from hanse.language.facts import CONTRACT
from hanse.language.plan import Plan


def test_a_join_that_is_not_sorted_is_written_in_the_same_order_every_time(tmp_path: Path) -> None:
    plan = Plan()
    plan.add("many", "SELECT n AS number, n % 44 AS kind FROM range(400000) AS t(n)", keep=True)
    plan.add_rows("few", pa.table({"kind": [k for k in range(44) for _ in range(3)], "leaf": [0, 1, 2] * 44}))
    plan.outputs["checks"] = plan.add(
        "out", "SELECT j.number, a.leaf FROM $many AS j JOIN $few AS a ON a.kind = j.kind"
    )
    written = set()
    for number in range(6):
        path = tmp_path / f"{number}.parquet"
        with DuckEngine({}, CONTRACT, threads=4) as engine:
            assert engine.write(plan, "checks", path) == 1_200_000
        written.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(written) == 1
