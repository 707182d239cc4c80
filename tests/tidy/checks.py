"""The style, as functions: each takes files and gives back remarks (place, what, remedy); none is praise.

A remark made twice becomes a check here, and every check is seen to fail in test_checks_can_fail.py.
"""

import ast
import json
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]

FILE_LINES = 450
FUNCTION_LINES = 70
VAGUE_NAMES = {"util", "utils", "helper", "helpers", "manager", "managers", "misc", "common"}
CLOCK = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime"}
CLOCK_OWNERS = {"datetime", "date", "time"}
BROAD = {"Exception", "BaseException"}
NOT_OURS = {
    ".git",
    ".venv",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    "__pycache__",
    "node_modules",
}

# A folder of somebody's machine. Written in two halves so that this file does not remark on itself.
MACHINE_PATH = re.compile(r"(?<![\w.:/~-])/" + r"(?:work|root|home|Users)/[\w.]")
PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)")
LISTED = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


def kept_files(root: Path) -> list[Path]:
    """The files that would be committed; in a folder that is no clone, all that running does not make."""
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
        paths = [root / name for name in names if name]
    else:
        paths = [path for path in root.rglob("*") if not NOT_OURS & set(path.relative_to(root).parts)]
    return sorted(path for path in paths if path.is_file())


def python_files(root: Path) -> list[Path]:
    """The modules of the product, below src."""
    return [path for path in kept_files(root) if path.suffix == ".py" and path.is_relative_to(root / "src")]


def tree_of(path: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def decisions_without_question(paths: Iterable[Path]) -> list[str]:
    """One question, one file, and the file begins with the question."""
    remarks = []
    for path in paths:
        first_line = (ast.get_docstring(tree_of(path)) or "").partition("\n")[0]
        if not first_line.endswith("?"):
            remarks.append(f"{path}:1: the docstring's first line is no question; begin with the one it answers")
    return remarks


def long_files(paths: Iterable[Path]) -> list[str]:
    """A file that cannot be read in one sitting usually holds two questions."""
    lengths = [(path, path.read_text(encoding="utf-8").count("\n")) for path in paths]
    return [
        f"{path}: {length} lines, at most {FILE_LINES}; find the second question and give it a file"
        for path, length in lengths
        if length > FILE_LINES
    ]


def long_functions(paths: Iterable[Path]) -> list[str]:
    """A function fits on a screen."""
    remarks = []
    for path in paths:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES:
                    what = f"{node.name} has {length} lines, at most {FUNCTION_LINES}"
                    remarks.append(f"{path}:{node.lineno}: {what}; split it")
    return remarks


def vague_names(paths: Iterable[Path]) -> list[str]:
    """A module is called after what it answers."""
    return [
        f"{path}: the name says nothing; call it after what it does"
        for path in paths
        if VAGUE_NAMES & set(path.stem.lower().split("_"))
    ]


def swallowed_errors(paths: Iterable[Path]) -> list[str]:
    """Silence is no default: no bare except, and nothing broad that only passes."""
    return [
        f"{path}:{line}: {what}; name the error you expect, and say what happened"
        for path in paths
        for line, what in _swallowing(tree_of(path))
    ]


def _swallowing(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            if node.type is None:
                yield node.lineno, "a bare except"
            elif _names_in(node.type) & BROAD and all(_does_nothing(step) for step in node.body):
                yield node.lineno, "every error caught and dropped"
        elif isinstance(node, ast.Call) and "suppress" in _names_in(node.func):
            for argument in node.args:
                if _names_in(argument) & BROAD:
                    yield node.lineno, "every error suppressed"


def _names_in(node: ast.AST) -> set[str]:
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return names | {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}


def _does_nothing(step: ast.stmt) -> bool:
    return isinstance(step, ast.Pass | ast.Continue) or (
        isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant)
    )


def clock_readings(paths: Iterable[Path]) -> list[str]:
    """The pure floors are told the date and never look at the clock (perf_counter, a stopwatch, is fine)."""
    remarks = []
    for path in paths:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = ast.unparse(node.func.value).rpartition(".")[2]
                if node.func.attr in CLOCK and owner in CLOCK_OWNERS:
                    called = f"{owner}.{node.func.attr}()"
                    remarks.append(f"{path}:{node.lineno}: {called} reads the clock; take the date as an argument")
    return remarks


def machine_paths(paths: Iterable[Path]) -> list[str]:
    """What is committed works in any folder, on any machine."""
    remarks = []
    for path in paths:
        for number, line in enumerate(_text_lines(path), start=1):
            if MACHINE_PATH.search(line):
                remarks.append(f"{path}:{number}: a folder of one machine; use a path relative to the repository")
    return remarks


def lock_addresses(paths: Iterable[Path]) -> list[str]:
    """A lock says what, by hash; where to fetch it is each site's own setting."""
    return [
        f"{path}:{number}: an address; run make lock, which writes none"
        for path in paths
        for number, line in enumerate(_text_lines(path), start=1)
        if "http" in line.lower()
    ]


def pins_without_hash(paths: Iterable[Path]) -> list[str]:
    """Every pinned version is followed by at least one hash."""
    remarks = []
    for path in paths:
        lines = _text_lines(path)
        for number, line in enumerate(lines, start=1):
            following = lines[number] if number < len(lines) else ""
            if PIN.match(line) and "--hash=sha256:" not in following:
                remarks.append(f"{path}:{number}: {line.split()[0]} has no hash; run make lock")
    return remarks


def browser_lock(lock: Path) -> list[str]:
    """The lock of the browser's libraries: every package by hash, and none by the address it came from."""
    remarks = []
    for name, package in json.loads(lock.read_text(encoding="utf-8"))["packages"].items():
        if "resolved" in package:
            remarks.append(f"{lock}: {name} has an address; frontend/.npmrc says to leave it out")
        if "funding" in package:
            remarks.append(f"{lock}: {name} has an address where one may give money; npm writes it, take it out")
        if name and not package.get("integrity"):
            remarks.append(f"{lock}: {name} has no hash; run npm install in frontend")
    return remarks


def dependencies(pyproject: Path) -> dict[str, list[Requirement]]:
    """What pyproject.toml asks for: `run`, each extra and each group, by name."""
    content = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    project = content["project"]
    asked = {"run": project["dependencies"], **project.get("optional-dependencies", {})}
    asked |= content.get("dependency-groups", {})
    return {name: [Requirement(text) for text in texts] for name, texts in asked.items()}


def unlocked_dependencies(pyproject: Path, requirements: Path) -> list[str]:
    """Each list of pyproject.toml has its lock, with a version inside the range asked for."""
    remarks = []
    for name, wanted in dependencies(pyproject).items():
        lock = requirements / f"{name}.txt"
        pins: dict[str, list[str]] = {}
        for line in _text_lines(lock) if lock.exists() else []:
            if match := PIN.match(line):
                pins.setdefault(canonicalize_name(match[1]), []).append(match[2])
        for requirement in wanted:
            versions = pins.get(canonicalize_name(requirement.name), [])
            if not versions or not all(requirement.specifier.contains(version) for version in versions):
                found = ", ".join(versions) or "nothing"
                remarks.append(f"{lock}: {requirement} is asked for, {found} is locked; run make lock")
    return remarks


def undocumented_dependencies(pyproject: Path, document: Path) -> list[str]:
    """Every dependency is one line of the document, and every line of the document is a dependency."""
    wanted = {canonicalize_name(one.name) for group in dependencies(pyproject).values() for one in group}
    listed = {canonicalize_name(name) for name in LISTED.findall(document.read_text(encoding="utf-8"))}
    missing = [f"{document}: {name} is missing; say why it is here" for name in sorted(wanted - listed)]
    stale = [f"{document}: {name} is no dependency any more; take its line out" for name in sorted(listed - wanted)]
    return missing + stale


def _text_lines(path: Path) -> list[str]:
    """The lines of a text file; none of a binary one."""
    content = path.read_bytes()
    return [] if b"\0" in content else content.decode("utf-8", errors="replace").splitlines()
