"""Do the documents tell the truth? Commands exist, links lead somewhere, decisions are numbered."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tidy.checks import ROOT, kept_files

README = ROOT / "README.md"
CHANGELOG = ROOT / "CHANGELOG.md"
DOCUMENTS = [path for path in kept_files(ROOT) if path.suffix == ".md"]
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))

MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")
COMMAND = re.compile(r"(?:^|\| )\$?\s*(?:\.venv/bin/)?hanse ([a-z][a-z-]*)", re.MULTILINE)
BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def code_of(text: str) -> str:
    """What stands in code blocks and in backticks, a line each."""
    pieces = BLOCK.findall(text) + INLINE.findall(BLOCK.sub("", text))
    return "\n".join(piece.strip("`") for piece in pieces)


def make_targets(makefile: str) -> set[str]:
    """The targets a Makefile declares."""
    return set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))


def anchor(heading: str) -> str:
    """The anchor that a forge gives to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def dead_links(path: Path) -> list[str]:
    """The relative links of a document that lead to no file, or to no heading of it."""
    dead = []
    for link in LINK.findall(BLOCK.sub("", path.read_text(encoding="utf-8"))):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, fragment = link.partition("#")
        target = path.parent / name if name else path
        if not target.exists() or (fragment and fragment not in anchors_of(target)):
            dead.append(link)
    return dead


def anchors_of(path: Path) -> set[str]:
    """Every anchor of a document."""
    return {anchor(heading) for heading in HEADING.findall(path.read_text(encoding="utf-8"))}


def test_the_first_screen_gives_the_two_commands() -> None:
    first_screen = "\n".join(README.read_text(encoding="utf-8").splitlines()[:40])
    assert {"demo", "test"} <= set(MAKE.findall(code_of(first_screen)))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_make_commands_exist(document: Path) -> None:
    named = set(MAKE.findall(code_of(document.read_text(encoding="utf-8"))))
    assert named - make_targets((ROOT / "Makefile").read_text(encoding="utf-8")) == set()


def test_every_target_says_what_it_does() -> None:
    done = subprocess.run(["make", "-C", str(ROOT), "help"], check=True, capture_output=True, text=True)
    shown = set(re.findall(r"^make ([a-z-]+)", done.stdout, re.MULTILINE))
    assert make_targets((ROOT / "Makefile").read_text(encoding="utf-8")) - shown == {"java"}


def test_the_commands_of_the_readme_exist() -> None:
    program = "from hanse.fronts.cli.main import app_main; app_main()"
    done = subprocess.run([sys.executable, "-c", program, "--help"], check=True, capture_output=True, text=True)
    named = set(COMMAND.findall(code_of(README.read_text(encoding="utf-8"))))
    assert {"check", "evaluate", "explain", "rehearse", "new-programme", "convert"} <= named
    assert {command for command in named if command not in done.stdout} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    assert dead_links(document) == []


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    assert "Unreleased" in {heading.strip("[]") for heading in HEADING.findall(CHANGELOG.read_text("utf-8"))}


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [path.name[:4] for path in DECISIONS] == [f"{one:04}" for one in range(1, len(DECISIONS) + 1)]
    for path in DECISIONS:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} "), path
        assert {"Status", "Context", "Decision", "Rejected", "Consequences"} <= set(HEADING.findall(text)), path


def test_the_checks_of_this_file_can_fail(tmp_path: Path) -> None:
    document = tmp_path / "a.md"
    document.write_text("# One, two\n[gone](b.md) [nowhere](#three) [here](#one-two) [away](https://example.org)\n")
    assert dead_links(document) == ["b.md", "#three"]
    assert code_of("say `make nothing`\n```sh\nhanse check\n```\n").split("\n") == [
        "sh",
        "hanse check",
        "",
        "make nothing",
    ]
    assert MAKE.findall("make nothing") == ["nothing"]
    assert COMMAND.findall("$ hanse check a\n.venv/bin/hanse explain b\necho 1 | hanse convert") == [
        "check",
        "explain",
        "convert",
    ]
    assert make_targets("a-b: c\n\techo\n.d: e\n") == {"a-b"}
