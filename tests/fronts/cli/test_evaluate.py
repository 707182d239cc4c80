"""Does `hanse evaluate` write everything and sum it up; and what does a demo find to explain?"""

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyarrow import parquet

from fronts.cli.calling import Calls
from hanse.fronts.cli import draft
from hanse.fronts.cli.arguments import days_of, moment_of
from hanse.language.edition import find

EDITION = "partnerworld/2017"
FILES = {"standings", "competencies", "checks", "benefits", "results", "problems"}


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Calls:
    return Calls(capsys)


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from hanse.fronts.cli.main import run

    folder = tmp_path_factory.mktemp("channel") / "facts"
    assert run(["demo-channel", "--partners", "150", "--out", str(folder)]) == 0
    return folder


def evaluated(call: Calls, facts: Path, out: Path, *more: object) -> Any:
    return call("evaluate", EDITION, "--facts", facts, "--as-of", "2017-06-30", "--out", out, *more)


def test_the_summary_is_what_was_written(call: Calls, facts: Path, tmp_path: Path) -> None:
    out = tmp_path / "a" / "out"
    answer = evaluated(call, facts, out, "--json")
    standings = parquet.read_table(out / "standings.parquet").to_pylist()
    problems = parquet.read_table(out / "problems.parquet").to_pylist()
    summary = answer.data
    assert answer.code == 0
    assert answer.err == ""
    assert {f"{name}.parquet" for name in FILES} | {"run.json"} <= {path.name for path in out.iterdir()}
    assert summary["partners"] == len(standings) == sum(summary["levels"]["level"].values())
    assert list(summary["levels"]["level"])[:2] == ["platinum", "gold"]
    for kind, counted in summary["levels"].items():
        for level, count in counted.items():
            assert count == sum(standing[kind] == level for standing in standings)
    assert sum(kind["rows"] for kind in summary["problems"]) == len(problems)
    assert all(1 <= len(kind["places"]) <= 3 for kind in summary["problems"])


def test_people_read_levels_and_problems(call: Calls, facts: Path, tmp_path: Path) -> None:
    answer = evaluated(call, facts, tmp_path / "out")
    assert answer.code == 0
    for word in (
        "PartnerWorld 2017 on 2017-06-30",
        "Platinum",
        "Registered",
        "were not counted",
        ".parquet:",
    ):
        assert word in answer.out
    assert "\x1b[" not in answer.out
    assert answer.err == ""


def test_the_rules_of_another_day(call: Calls, facts: Path, tmp_path: Path) -> None:
    answer = evaluated(call, facts, tmp_path / "out", "--rules-as-of", "2017-12-31", "--known-at", "2017-06-30")
    assert answer.code == 0
    assert '"rules_as_of": "2017-12-31"' in (tmp_path / "out" / "run.json").read_text(encoding="utf-8")
    assert '"known_at": "2017-06-30T23:59:59"' in (tmp_path / "out" / "run.json").read_text(encoding="utf-8")


def test_a_file_in_the_way_is_answered(call: Calls, facts: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    answer = evaluated(call, facts, tmp_path / "out", "--json")
    assert answer.code == 2
    assert answer.problems[0]["place"] == "--out"


def test_days_and_moments() -> None:
    days = days_of("2017-06-30", None, "2017-06-30T14:00:00+02:00")
    assert days.rules_as_of == days.as_of == date(2017, 6, 30)
    assert str(days.known_at) == "2017-06-30 12:00:00"
    assert str(moment_of("2017-06-30", "--known-at")) == "2017-06-30 23:59:59"
    assert str(moment_of("2017-06-30 14:00", "--known-at")) == "2017-06-30 14:00:00"


def test_a_draft_changes_the_rules_and_nothing_else(tmp_path: Path) -> None:
    folder = find(EDITION)
    copy = draft.copied(folder, tmp_path / "draft")
    draft.retire(copy, ["big_data", "blockchain"], date(2017, 6, 29))
    draft.raise_amounts(copy, "gold", "revenue", Fraction(5, 4))

    def read(of: Path, name: str) -> Any:
        return yaml.safe_load((of / f"{name}.yaml").read_text(encoding="utf-8"))

    competencies, levels = read(copy, "competencies"), read(copy, "levels")
    for name in ("big_data", "blockchain"):
        assert competencies["competencies"][name].pop("until") == date(2017, 6, 29)
    asked = next(entry["revenue"] for entry in levels["gold"]["all_of"] if "revenue" in entry)
    assert asked["at_least"]["class_b"] == "500_000 USD"
    asked["at_least"] = {
        "class_a": "1_000_000 USD",
        "class_b": "400_000 USD",
        "class_c": "200_000 USD",
        "class_d": "100_000 USD",
    }
    assert competencies == read(folder, "competencies")
    assert levels == read(folder, "levels")
    assert not (copy / "cases").exists()
    with pytest.raises(ValueError, match="no_such"):
        draft.retire(copy, ["no_such"], date(2017, 6, 29))
    with pytest.raises(ValueError, match="no_such"):
        draft.raise_amounts(copy, "gold", "no_such", Fraction(2))


def test_the_demo_explains_a_partner_that_lacks_one_thing(facts: Path, call: Calls, tmp_path: Path) -> None:
    from hanse.fronts.cli.demo_walk import one_short

    evaluated(call, facts, tmp_path)
    standings = parquet.read_table(tmp_path / "standings.parquet").to_pylist()
    partner = one_short(tmp_path, standings, "silver", "registered")
    checks = parquet.read_table(tmp_path / "checks.parquet").to_pylist()
    unmet = [c for c in checks if (c["partner"], c["subject"], c["met"]) == (partner, "silver", False)]
    assert len(unmet) == 1
    assert one_short(tmp_path, [], "silver", "registered") is None
