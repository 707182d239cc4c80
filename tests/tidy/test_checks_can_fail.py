"""Has every check been seen to fail? Each gets something untidy here, and beside it something fine."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from configparser import ConfigParser
from pathlib import Path

import pytest

from tidy import checks

PathsCheck = Callable[[Iterable[Path]], list[str]]

PYPROJECT = """
[project]
dependencies = ["duckdb>=1.5,<3"]
[project.optional-dependencies]
test = ["pytest>=9"]
"""

# check, file name, an untidy text, a fine text
SAMPLES: list[tuple[PathsCheck, str, str, str]] = [
    (
        checks.decisions_without_question,
        "level.py",
        '"""The level."""\n',
        '"""Which level has a partner earned?\n\nMore."""\n',
    ),
    (checks.decisions_without_question, "level.py", "LEVEL = 1\n", '"""Which level?"""\n'),
    (checks.long_files, "a.py", "x = 1\n" * 451, "x = 1\n" * 450),
    (checks.long_functions, "a.py", "def f():\n" + "    g()\n" * 70, "def f():\n" + "    g()\n" * 69),
    (checks.long_functions, "a.py", "async def f():\n" + "    g()\n" * 70, "async def f():\n    g()\n"),
    (
        checks.swallowed_errors,
        "a.py",
        "try:\n    f()\nexcept:\n    g()\n",
        "try:\n    f()\nexcept OSError:\n    g()\n",
    ),
    (
        checks.swallowed_errors,
        "a.py",
        "try:\n    f()\nexcept (Exception, OSError):\n    pass\n",
        "try:\n    f()\nexcept Exception as error:\n    raise Wrong from error\n",
    ),
    (
        checks.swallowed_errors,
        "a.py",
        "with contextlib.suppress(Exception):\n    f()\n",
        "with contextlib.suppress(FileNotFoundError):\n    f()\n",
    ),
    (checks.clock_readings, "a.py", "day = datetime.date.today()\n", "day = as_of.replace(day=1)\n"),
    (checks.clock_readings, "a.py", "moment = datetime.now(UTC)\n", "start = time.perf_counter()\n"),
    (
        checks.machine_paths,
        "a.md",
        "see /" + "home/anna/hanse/README.md\n",
        "see docs/home/README.md or ~/hanse\n",
    ),
    (checks.machine_paths, "a.yaml", "file: '/" + "work/facts'\n", "file: facts\n"),
    (checks.lock_addresses, "run.txt", "--index-url HTTPS://example.org\n", "duckdb==2.0.0 \\\n"),
    (checks.pins_without_hash, "run.txt", "duckdb==2.0.0\n", "duckdb==2.0.0 \\\n    --hash=sha256:00\n"),
]


@pytest.mark.parametrize(("check", "name", "untidy", "fine"), SAMPLES)
def test_a_check_sees_the_untidy_and_leaves_the_fine(
    check: PathsCheck, name: str, untidy: str, fine: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(untidy)
    assert len(check([path])) == 1
    path.write_text(fine)
    assert check([path]) == []


@pytest.mark.parametrize("name", ["utils.py", "string_helpers.py", "ManagER.py", "misc.py", "common.py"])
def test_a_vague_name_is_seen(name: str, tmp_path: Path) -> None:
    assert checks.vague_names([tmp_path / name]) != []
    assert checks.vague_names([tmp_path / "windows.py"]) == []


def test_a_binary_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1\0 /" + b"home/anna")
    assert checks.machine_paths([path]) == []


def test_kept_files_are_those_git_would_keep(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.py").touch()
    (tmp_path / "left_out.py").touch()
    assert checks.kept_files(tmp_path) == [tmp_path / "left_out.py", tmp_path / "src/a.py"]
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("left_out.py\n")
    assert checks.kept_files(tmp_path) == [tmp_path / ".gitignore", tmp_path / "src/a.py"]
    assert checks.python_files(tmp_path) == [tmp_path / "src/a.py"]


@pytest.mark.parametrize("locked", ["", "duckdb==3.1.0 \\\n", "polars==2.0.0 \\\n"])
def test_a_missing_or_wrong_pin_is_seen(locked: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "test.txt").write_text("pytest==9.2.0 \\\n")
    (tmp_path / "run.txt").write_text(locked)
    assert len(checks.unlocked_dependencies(tmp_path / "pyproject.toml", tmp_path)) == 1
    (tmp_path / "run.txt").write_text("DuckDB==2.0.0 \\\n")
    assert checks.unlocked_dependencies(tmp_path / "pyproject.toml", tmp_path) == []


def test_an_unexplained_and_a_stale_dependency_are_seen(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    document = tmp_path / "dependencies.md"
    document.write_text("| `pytest` | tests |\n| `polars` | frames |\n")
    remarks = checks.undocumented_dependencies(tmp_path / "pyproject.toml", document)
    assert [remark.split(": ")[1].split()[0] for remark in remarks] == ["duckdb", "polars"]


BROKEN_IMPORTS = {
    "language looks up": ("language/windows.py", "import hanse.decisions\n"),
    "a decision knows an edition": ("decisions/level.py", "import hanse.editions\n"),
    "an edition knows a decision": ("editions/metric.py", "import hanse.decisions\n"),
    "a decision sees a web framework": ("decisions/level.py", "import django.db\n"),
    "language goes to the network": ("language/windows.py", "import urllib.request\n"),
    "a decision opens an engine": ("decisions/level.py", "import duckdb\n"),
    "a room nobody announced": ("attic/__init__.py", ""),
    "an app nobody announced": ("apps/attic/__init__.py", ""),
    "an app looks up": ("apps/audit/services.py", "import hanse.apps.imports\n"),
    "an app sees another's tables": ("apps/imports/services.py", "import hanse.apps.evidence.models\n"),
    "a front sees tables": ("fronts/page.py", "import hanse.apps.evidence.models\n"),
}


def _rooms() -> list[str]:
    """The rooms that the contracts name: floors and apps."""
    contracts = ConfigParser()
    contracts.read(checks.ROOT / ".importlinter")
    rooms = []
    for name in contracts.sections():
        section = contracts[name]
        if section.get("type") == "layers":
            inside = section["containers"].strip().removeprefix("hanse").replace(".", "/").strip("/")
            rooms += [f"{inside}/{word}".strip("/") for word in section["layers"].replace("|", " ").split()]
    return rooms


@pytest.mark.parametrize("case", ["a tidy house", *BROKEN_IMPORTS])
def test_import_contracts_break_when_they_should(case: str, tmp_path: Path) -> None:
    package = tmp_path / "hanse"
    for room in _rooms():
        (package / room).mkdir(parents=True)
        (package / room / "__init__.py").touch()
        if room.startswith("apps/"):
            (package / room / "models.py").touch()
    (package / "__init__.py").touch()
    (package / "decisions/standing.py").write_text("import hanse.language\n")
    if case in BROKEN_IMPORTS:
        name, text = BROKEN_IMPORTS[case]
        (package / name).parent.mkdir(exist_ok=True)
        (package / name).write_text(text)
    (tmp_path / ".importlinter").write_text((checks.ROOT / ".importlinter").read_text())
    program = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as go; go()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache", "--no-logo"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 1) == (case in BROKEN_IMPORTS), done.stdout + done.stderr
    assert ("BROKEN" in done.stdout) == (case in BROKEN_IMPORTS), done.stdout + done.stderr


def test_an_address_or_a_missing_hash_in_the_browser_lock(tmp_path: Path) -> None:
    lock = tmp_path / "package-lock.json"
    fine = {"version": "1.0.0", "integrity": "sha512-x"}
    lock.write_text(json.dumps({"packages": {"": {}, "a": fine}}), encoding="utf-8")
    assert checks.browser_lock(lock) == []
    untidy = {"resolved": "somewhere", "funding": {"url": "elsewhere"}}
    lock.write_text(json.dumps({"packages": {"": {}, "a": fine, "b": untidy}}), encoding="utf-8")
    assert [remark.partition(": ")[2][:13] for remark in checks.browser_lock(lock)] == [
        "b has an addr",
        "b has an addr",
        "b has no hash",
    ]
