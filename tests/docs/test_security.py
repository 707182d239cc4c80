"""Does the list of security name only what is there? Files, settings and tests."""

from __future__ import annotations

import re

from tidy.checks import ROOT

LIST = ROOT / "docs/security.md"
SETTINGS = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "src/hanse/config").glob("*.py")))
FILE = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|html|js|txt|json))(?:::(\w+))?`")
SETTING = re.compile(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`")


def unknown(text: str) -> list[str]:
    """The files, tests and settings that a text names and that are not there."""
    found = []
    for name, test in FILE.findall(text):
        path = next((one for one in (ROOT / name, ROOT / "src/hanse" / name) if one.is_file()), None)
        if path is None or (test and f"def {test}(" not in path.read_text(encoding="utf-8")):
            found.append(f"{name}::{test}" if test else name)
    return found + [one for one in SETTING.findall(text) if not one.startswith("HANSE_") and one not in SETTINGS]


def test_the_list_names_what_is_there() -> None:
    assert unknown(LIST.read_text(encoding="utf-8")) == []


def test_every_line_has_its_four_columns() -> None:
    lines = [line for line in LIST.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    assert len(lines) > 80
    assert {line.count(" | ") for line in lines if "---" not in line} == {3}


def test_what_is_open_is_gathered_at_the_end() -> None:
    text, _, end = LIST.read_text(encoding="utf-8").partition("\n## Open\n")
    assert end.strip()
    for line in text.splitlines():
        if "**open**" in line and line.startswith("|"):
            number = re.match(r"\| ([\d.]+)", line)
            assert number, line
            chapter = ".".join(number[1].split(".")[:2])
            assert chapter in end, f"{number[1]} is open above and not named at the end"


def test_the_check_can_fail() -> None:
    assert unknown("`tests/nowhere.py` `tests/docs/test_security.py::test_nothing_at_all` `NO_SUCH_SETTING`") == [
        "tests/nowhere.py",
        "tests/docs/test_security.py::test_nothing_at_all",
        "NO_SUCH_SETTING",
    ]
