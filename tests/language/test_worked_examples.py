"""Small programmes worked out by hand: every kind of metric, requirement and rule of life, on facts of a few rows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from hanse.engines import cases
from hanse.language import edition as editions
from hanse.language import source

WORKED = Path(__file__).parent / "worked"
BENCH = {
    "programme": "bench",
    "edition": "1",
    "title": "Bench",
    "currency": "EUR",
    "levels": {"low": None, "mid": None, "high": None},
}


class Plain(yaml.SafeDumper):
    """Writes decimals as they stand."""


Plain.add_representer(Decimal, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", str(value)))


def examples() -> list[dict[str, Any]]:
    return [e for path in sorted(WORKED.glob("*.yaml")) for e in source.read(path).data]


def written(folder: Path, example: dict[str, Any]) -> editions.Edition:
    """The example's programme as a folder, read back."""
    files = {**example["edition"]}
    files["programme"] = BENCH | files.get("programme", {})
    for name, content in files.items():
        path = folder / (name if name.endswith(".sql") else f"{name}.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            content if isinstance(content, str) else yaml.dump(content, Dumper=Plain, sort_keys=False), "utf-8"
        )
    case = {"id": example["id"], "says": example["says"], **example["case"]}
    (folder / "cases").mkdir()
    (folder / "cases" / "worked.yaml").write_text(yaml.dump([case], Dumper=Plain, sort_keys=False), "utf-8")
    return editions.load(str(folder))


def test_no_id_stands_twice() -> None:
    ids = [e["id"] for e in examples()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("example", examples(), ids=lambda e: e["id"])
def test_an_example_comes_out_as_it_says(example: dict[str, Any], tmp_path: Path) -> None:
    edition = written(tmp_path, example)
    checks = cases.cases_of(edition)
    assert checks
    wrong = [f"{c.days.as_of}: {d}" for c in checks for d in cases.run(edition, c).differences]
    assert not wrong
