"""Is every wrong call answered with place, what, why and remedy, the right exit code, and no traceback?"""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fronts.cli.calling import Calls
from hanse.fronts.cli import main

PARTS = {"place", "what", "why", "remedy"}


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Calls:
    return Calls(capsys)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the command is called in, with nothing in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_list_names_every_command(call: Calls) -> None:
    answer = call("--help")
    assert answer.code == 0
    for name, command in main.COMMANDS.items():
        assert name in answer.out
        assert command.says in answer.out


@pytest.mark.parametrize("name", main.COMMANDS)
def test_every_command_explains_itself(call: Calls, name: str) -> None:
    answer = call(name, "--help")
    assert (answer.code, answer.err) == (0, "")
    assert f"hanse {name}" in answer.out


def test_a_call_without_a_command_shows_the_list_and_is_wrong(call: Calls) -> None:
    answer = call()
    assert answer.code == 2
    assert "new-programme" in answer.out


def test_the_version(call: Calls) -> None:
    assert call("--version").out.startswith("hanse ")


DAY = "evaluate odoo/11 --facts . --out o --as-of"


@pytest.mark.parametrize(
    ("words", "place", "says"),
    [
        ("chekc", "hanse", "check"),
        ("check no/such", "EDITION", "no/such"),
        ("check --fast", "hanse check", "--fast"),
        ("evaluate odoo/11", "hanse evaluate", "--"),
        (f"{DAY} 30.6.2017", "--as-of", "30.6.2017"),
        (f"{DAY} 20170630", "--as-of", "20170630"),
        (f"{DAY} 2017-06-31", "--as-of", "2017-06-31"),
        (f"{DAY} 2017-06-30 --rules-as-of today", "--rules-as-of", "today"),
        (f"{DAY} 2017-06-30 --known-at noon", "--known-at", "noon"),
        (f"{DAY} 2017-06-30 --engine abacus", "--engine", "abacus"),
        ("evaluate odoo/11 --facts nowhere --as-of 2017-06-30 --out o", "--facts", "nowhere"),
        ("evaluate a/b --facts f --as-of 2017-06-30 --out o", "EDITION", "a/b"),
        ("schema --file level", "--file", "level"),
        ("new-programme 9lives", "NAME", "9lives"),
        ("convert --rates nowhere.csv", "nowhere.csv", "nowhere.csv"),
    ],
)
def test_a_wrong_call_is_answered(call: Calls, words: str, place: str, says: str, empty: Path) -> None:
    answer = call(*words.split())
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.startswith(f"{place}")
    assert says in answer.err
    assert "\n  why: " in answer.err
    assert "\n  remedy: " in answer.err
    assert "Traceback" not in answer.err
    assert list(empty.iterdir()) == []


def test_errors_are_json_where_json_is_asked_for(call: Calls) -> None:
    for words in (["check", "no/such", "--json"], ["evaluate", "--json"]):
        answer = call(*words)
        assert answer.code == 2
        assert all(set(problem) == PARTS for problem in answer.problems)


def test_a_file_that_cannot_be_read_is_no_traceback(call: Calls, tmp_path: Path) -> None:
    folder = tmp_path / "edition"
    call("new-programme", folder)
    (folder / "levels.yaml").unlink()
    (folder / "levels.yaml").mkdir()
    answer = call("check", folder)
    assert answer.code in (1, 2)
    assert "levels.yaml" in answer.err
    assert "remedy" in answer.err


def test_an_interruption_is_quiet(call: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: main.Command) -> Any:
        def command() -> None:
            raise KeyboardInterrupt

        return command

    monkeypatch.setattr(main, "_loaded", interrupted)
    answer = call("check")
    assert (answer.code, answer.out.strip(), answer.err.strip()) == (130, "", "")


def _started(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "hanse.fronts.cli.main", *words]
    return subprocess.run(program, capture_output=True, text=True, check=False, timeout=60, **more)


def test_the_list_loads_nothing_heavy() -> None:
    program = (
        "import sys; from hanse.fronts.cli.main import run; run(['--help']); "
        "heavy = {'duckdb', 'scipy', 'pydantic', 'sqlglot', 'pyarrow', 'numpy', 'yaml', 'babel'}; "
        "print('loaded:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded: []"


def test_a_reader_that_goes_away_is_no_error() -> None:
    piped = f"{sys.executable} -m hanse.fronts.cli.main schema | head -n 1"
    done = subprocess.run(["bash", "-c", piped], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "{\n"
    assert done.stderr == ""


def test_colours_only_on_a_terminal() -> None:
    assert "\x1b[" not in _started("check", "no/such").stderr
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    program = [sys.executable, "-m", "hanse.fronts.cli.main", "check", "no/such"]
    subprocess.run(program, stderr=follower, stdout=follower, check=False, timeout=60, env=environment)
    os.close(follower)
    with os.fdopen(leader, "rb") as terminal:
        shown = terminal.read1(100_000)
    assert b"\x1b[" in shown


def test_conversion_from_a_pipe() -> None:
    done = _started("convert", input="100,USD,EUR,2017-06-30\n100,USD,XXX,2017-06-30\n")
    first, second = done.stdout.splitlines()
    assert done.returncode == 0
    assert first.startswith("100,USD,EUR,2017-06-30,87.6")
    assert first.endswith(",")
    assert second.startswith("100,USD,XXX,2017-06-30,,")


def test_the_schema_of_one_file(call: Calls) -> None:
    assert call("schema", "--file", "levels").data["$ref"] == "#/$defs/levels"
    assert set(json.loads(call("schema").out)) == {"$schema", "title", "description", "anyOf", "$defs"}
