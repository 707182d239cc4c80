"""Is the tree as tidy as we say? Each test prints its remarks: place, what, remedy."""

from tidy import checks

ROOT = checks.ROOT
MODULES = checks.python_files(ROOT)
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
WRITTEN = [path for path in MODULES if path.parent.name != "migrations"]  # Django writes those
PURE = [path for path in MODULES if path.relative_to(ROOT / "src/hanse").parts[0] in {"language", "decisions"}]


def test_there_is_something_to_look_at() -> None:
    assert MODULES
    assert PURE
    assert {path.stem for path in LOCKS} == set(checks.dependencies(ROOT / "pyproject.toml"))


def test_every_decision_begins_with_its_question() -> None:
    decisions = [path for path in PURE if path.is_relative_to(ROOT / "src/hanse/decisions")]
    assert decisions
    assert checks.decisions_without_question(decisions) == []


def test_files_are_short() -> None:
    assert checks.long_files(WRITTEN) == []


def test_functions_are_short() -> None:
    assert checks.long_functions(MODULES) == []


def test_modules_are_called_after_what_they_do() -> None:
    assert checks.vague_names(MODULES) == []


def test_no_error_is_swallowed() -> None:
    assert checks.swallowed_errors(MODULES) == []


def test_the_pure_floors_never_look_at_the_clock() -> None:
    assert checks.clock_readings(PURE) == []


def test_no_path_of_one_machine_is_kept() -> None:
    assert checks.machine_paths(checks.kept_files(ROOT)) == []


def test_locks_hold_no_addresses() -> None:
    assert checks.lock_addresses(LOCKS) == []


def test_what_browsers_get_is_locked_by_hash_and_without_addresses() -> None:
    assert checks.browser_lock(ROOT / "frontend/package-lock.json") == []


def test_every_pin_has_a_hash() -> None:
    assert checks.pins_without_hash(LOCKS) == []


def test_locks_cover_what_is_asked_for() -> None:
    assert checks.unlocked_dependencies(ROOT / "pyproject.toml", ROOT / "requirements") == []


def test_every_dependency_is_explained() -> None:
    assert checks.undocumented_dependencies(ROOT / "pyproject.toml", ROOT / "docs/dependencies.md") == []
