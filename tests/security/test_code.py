"""What the code of the product must not do, read from the code itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tidy.checks import ROOT, kept_files, python_files, tree_of

MODULES = python_files(ROOT)
TEMPLATES = [path for path in kept_files(ROOT / "src") if path.suffix == ".html"]
SCRIPTS = sorted((ROOT / "frontend").glob("*.js"))
MAY_MARK = {"fronts/pages/programme.py", "fronts/pages/firms.py"}  # they join what is escaped already
SECRET = re.compile(r"""(?i)(?:password|secret|token|api_?key)\w*\s*[:=]\s*["'][A-Za-z0-9+/=_-]{12,}["']""")


def calls(path: Path) -> Iterator[tuple[int, str, ast.Call]]:
    """Every call of a module: its line, what is called, the call."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func), node


def where(path: Path, line: int, what: str) -> str:
    return f"{path.relative_to(ROOT)}:{line}: {what}"


def test_nothing_is_marked_as_safe() -> None:
    marked = {
        where(path, line, name)
        for path in MODULES
        for line, name, _ in calls(path)
        if name.rpartition(".")[2] in ("mark_safe", "SafeString", "SafeText")
        and str(path.relative_to(ROOT / "src/hanse")) not in MAY_MARK
    }
    assert marked == set()
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape off", text), path


def test_no_program_is_started_through_a_shell() -> None:
    for path in MODULES:
        for line, name, call in calls(path):
            assert name not in ("os.system", "os.popen"), where(path, line, name)
            for argument in call.keywords:
                assert argument.arg != "shell", where(path, line, f"{name}(shell=...)")


def test_pages_start_no_program_at_all() -> None:
    pages = [path for path in MODULES if {"apps", "pages", "portal", "desk"} & set(path.parts)]
    assert len(pages) > 100
    for path in pages:
        assert not re.search(r"^\s*(?:import subprocess|from subprocess)", path.read_text("utf-8"), re.MULTILINE), path


def test_no_code_is_made_at_run_time() -> None:
    for path in MODULES:
        for line, name, _ in calls(path):
            assert name not in ("eval", "exec", "compile", "__import__"), where(path, line, name)


def test_nothing_is_unpickled() -> None:
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(?:import|from) (?:pickle|shelve|marshal|dill)\b", text, re.MULTILINE), path
        for line, name, call in calls(path):
            if name in ("yaml.load", "yaml.load_all"):
                assert "Safe" in ast.unparse(call), where(path, line, name)
            assert name not in ("yaml.unsafe_load", "yaml.full_load"), where(path, line, name)


def test_no_secret_stands_in_the_code() -> None:
    for path in kept_files(ROOT / "src"):
        if path.suffix in (".py", ".html", ".yaml", ".json", ".toml"):
            found = SECRET.search(path.read_text(encoding="utf-8"))
            assert found is None, f"{path.relative_to(ROOT)}: {found and found[0]}"


def test_scripts_store_nothing() -> None:
    assert SCRIPTS
    for path in SCRIPTS:
        text = path.read_text(encoding="utf-8")
        for word in (
            "localStorage",
            "sessionStorage",
            "indexedDB",
            "document.cookie",
            "eval(",
            "innerHTML",
            "document.write",
        ):
            assert word not in text, f"{path.name}: {word}"


def test_the_checks_of_this_file_can_fail(tmp_path: Path) -> None:
    module = tmp_path / "a.py"
    module.write_text("import yaml\nyaml.load(x)\nmark_safe(x)\n")
    assert [name for _, name, _ in calls(module)] == ["yaml.load", "mark_safe"]
    assert SECRET.search('password = "hunter2hunter2"')
