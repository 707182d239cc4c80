"""Do the benchmarks run, and does the hand-written SQL give what hanse gives? At small size, and untimed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCH = Path(__file__).parents[2] / "bench"
OUTPUTS = ("standings", "competencies", "checks", "benefits", "results", "problems")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the channels of these tests are kept."""
    return tmp_path_factory.mktemp("channels")


def run(name: str, data: Path, *more: str, partners: int = 400) -> dict[str, Any]:
    """One benchmark as JSON. Its exit code is 1 where a figure does not hold, and then says so."""
    options = ["--partners", str(partners), "--data", str(data), "--json", *more]
    command = [sys.executable, str(BENCH / f"{name}.py"), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    assert done.stdout, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def figures(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The figures by name; checks the form that every benchmark has."""
    assert {"bench", "versions", "figures"} <= set(told)
    assert {"hanse", "duckdb", "python"} <= set(told["versions"])
    for figure in told["figures"]:
        assert set(figure) == {"name", "value", "unit", "must", "holds"}
        assert isinstance(figure["value"], int | float)
        assert figure["holds"] is (None if figure["must"] is None else figure["value"] <= figure["must"])
    return {figure["name"]: figure for figure in told["figures"]}


def test_hand_written_sql_gives_the_same_rows(data: Path) -> None:
    """All six outputs, on a channel with bad rows of every kind; few partners have none of some kinds."""
    told = run("evaluate", data, "--steps", partners=1000)
    assert told["differ"] == []
    found = figures(told)
    assert found["outputs that differ"]["value"] == 0
    assert found["ratio"]["must"] is None, "the ratio is asked of a million partners only"
    assert {"write checks", "certificates"} <= set(told["steps"]["hand-written"])


def test_growth_is_measured_over_a_tenth(data: Path) -> None:
    assert "growth from 30" in figures(run("evaluate", data, "--growth", partners=300))


def test_rehearsal(data: Path) -> None:
    told = run("rehearse", data)
    assert figures(told)["share"]["value"] > 0
    assert told["sentences"], "a rehearsal of ten competencies retired says something"


def test_explain(data: Path) -> None:
    assert figures(run("explain", data))["explanations"]["value"] >= 4


def test_matching_is_measured_beside_a_join(data: Path) -> None:
    found = figures(run("match", data, "--records", "500"))
    assert found["wrongly together (1 - precision)"]["value"] < found["wrongly together, name or phone joined"]["value"]
    assert found["wall time"]["must"] is None, "seconds are asked of a million records only"


def test_variants_are_of_organisations_of_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    import _variants

    reference, variants, truth, ways = _variants.lists(300, 200, seed=3)
    assert set(truth.values()) <= set(reference["id"].to_pylist())
    assert list(truth) == variants["id"].to_pylist()
    assert set(ways.values()) == set(_variants.WAYS)


def test_a_difference_is_seen(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One number changed in one file is found, and a changed order of rows is not."""
    import duckdb

    monkeypatch.syspath_prepend(str(BENCH))
    import evaluate

    one, other = tmp_path / "one", tmp_path / "other"
    for folder, number, order in ((one, 1, "ASC"), (other, 1, "DESC")):
        folder.mkdir()
        for name in OUTPUTS:
            duckdb.execute(
                f"COPY (SELECT i, {number} * i AS v FROM range(100) AS t(i) ORDER BY i {order}) "
                f"TO '{folder / name}.parquet'"
            )
    assert evaluate.different(one, other) == []
    duckdb.execute(
        f"COPY (SELECT i, CASE i WHEN 7 THEN 8 ELSE i END AS v FROM range(100) AS t(i)) TO '{other / 'checks'}.parquet'"
    )
    assert evaluate.different(one, other) == ["checks"]


def test_competencies_are_what_their_script_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    import _competencies

    assert _competencies.FILE.read_text(encoding="utf-8") == _competencies.text()
    assert len(_competencies.names()) == 44


def test_map(data: Path) -> None:
    """Few partners are told one by one, which is heavier than clusters of many; the windows are all asked for."""
    found = figures(run("map", data, "--repeat", "1", partners=300))
    assert found["squares kept at 300"]["value"] > 0
    assert any(name.startswith("the heaviest window at 300") for name in found)
    assert all(one["holds"] is not False for name, one in found.items() if name.startswith("the heaviest"))
