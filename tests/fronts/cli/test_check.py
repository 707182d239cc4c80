"""Does `hanse check` say which cases fail, where, and how; and what is wrong with an edition?"""

import re
from pathlib import Path

import pytest

from fronts.cli.calling import Calls
from tidy.checks import ROOT


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Calls:
    return Calls(capsys)


@pytest.fixture
def harbour(call: Calls, tmp_path: Path) -> Path:
    """A fresh programme, to spoil."""
    folder = tmp_path / "harbour"
    assert call("new-programme", folder).code == 0
    return folder


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_fresh_programme_holds(call: Calls, harbour: Path) -> None:
    answer = call("check", harbour, "--json")
    (edition,) = answer.data["editions"]
    assert answer.code == 0
    assert answer.err == ""
    assert answer.data["ok"] is True
    assert edition["cases"] == edition["passed"] >= 5


def test_the_fresh_programme_has_what_it_promises(call: Calls, harbour: Path) -> None:
    from hanse.language import edition as editions

    read = editions.load(str(harbour))
    assert read.name == "harbour/2026"
    assert (len(read.level_names), len(read.metrics)) == (3, 5)
    assert read.competencies is not None
    assert len(read.competencies.competencies) == 3
    assert read.benefits
    assert read.classes


def test_nothing_is_written_over(call: Calls, harbour: Path) -> None:
    before = {path: path.read_bytes() for path in harbour.rglob("*") if path.is_file()}
    answer = call("new-programme", harbour)
    assert answer.code == 2
    assert "is there already" in answer.err
    assert before == {path: path.read_bytes() for path in harbour.rglob("*") if path.is_file()}


def test_a_changed_number_fails_the_cases_that_stand_on_it(call: Calls, harbour: Path) -> None:
    spoil(harbour / "levels.yaml", "large: 100_000 EUR", "large: 100_001 EUR")
    answer = call("check", harbour, "--json")
    failed = answer.data["editions"][0]["failed"]
    assert answer.code == 1
    assert [case["id"] for case in failed] == ["silver-01"]
    assert failed[0]["differences"][0] == "P: level is member, expected silver"
    file, _, line = failed[0]["place"].rpartition(":")
    assert "silver-01" in Path(file).read_text(encoding="utf-8").splitlines()[int(line) - 1]


def test_people_read_the_same(call: Calls, harbour: Path) -> None:
    spoil(harbour / "levels.yaml", "large: 100_000 EUR", "large: 100_001 EUR")
    answer = call("check", harbour)
    assert answer.code == 1
    assert "cases/levels.yaml:" in answer.out
    assert "level is member, expected silver" in answer.out
    assert answer.err == ""


def test_a_malformed_edition_is_a_problem_with_its_place(call: Calls, harbour: Path) -> None:
    spoil(harbour / "levels.yaml", "client_satisfaction", "client_satisfactoin")
    answer = call("check", harbour, "--json")
    assert answer.code == 1
    assert answer.data["ok"] is False
    assert "client_satisfaction" in answer.problems[0]["remedy"]
    assert answer.problems[0]["place"].startswith(f"{harbour}/levels.yaml:")


def test_a_malformed_case_is_a_problem_with_its_place(call: Calls, harbour: Path) -> None:
    spoil(harbour / "cases" / "levels.yaml", "missing:", "mising:")
    answer = call("check", harbour)
    assert answer.code == 1
    assert "cases/levels.yaml:" in answer.err
    assert "mising" in answer.err


def test_one_that_does_not_compile_is_wrong_even_without_cases(call: Calls, harbour: Path) -> None:
    (harbour / "cases" / "levels.yaml").unlink()
    assert "no cases" in call("check", harbour).out
    spoil(harbour / "metrics.yaml", "measure: score", "measure: scroe")
    answer = call("check", harbour)
    assert answer.code == 1
    assert "scroe" in answer.err


def test_two_processes_say_what_one_says(call: Calls, harbour: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hanse.fronts.cli import check

    spoil(harbour / "levels.yaml", "large: 100_000 EUR", "large: 100_001 EUR")
    alone = call("check", harbour, "--json").data
    monkeypatch.setattr(check, "WORTH_IT", 1)
    assert call("check", harbour, "--json").data == alone


def test_the_walk_of_the_how_to_is_as_it_says(call: Calls, harbour: Path) -> None:
    text = (ROOT / "docs/how-to/write-a-programme.md").read_text(encoding="utf-8")
    case, metric, requirement, versions = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    cases, levels = harbour / "cases" / "levels.yaml", harbour / "levels.yaml"

    def failed() -> list[str]:
        return [one["id"] for one in call("check", harbour, "--json").data["editions"][0]["failed"]]

    cases.write_text(f"{cases.read_text(encoding='utf-8')}\n{case}", encoding="utf-8")
    assert failed() == ["gold-02"]
    metrics = harbour / "metrics.yaml"
    metrics.write_text(f"{metrics.read_text(encoding='utf-8')}\n{metric}", encoding="utf-8")
    levels.write_text(levels.read_text(encoding="utf-8") + requirement, encoding="utf-8")
    assert failed() == ["gold-01"]
    granted = "    attestations: [{partner: P, name: strategic_partner, granted: 2026-01-15}]\n"
    spoil(cases, granted, f"{granted}    references: [{{partner: P, on: 2026-02-01, repeat: 2}}]\n")
    assert failed() == []
    asked = next(line for line in levels.read_text(encoding="utf-8").splitlines() if "certified_people" in line)
    spoil(levels, asked, versions.rstrip("\n"))
    assert failed() == []
