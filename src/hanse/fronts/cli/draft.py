"""A changed edition to rehearse: a copied folder, a few lines of its YAML edited as text; remarks stay."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from pathlib import Path

_AMOUNT = re.compile(r"\b\d[\d_]*(?= [A-Z]{3}\b)")


def copied(folder: Path, to: Path) -> Path:
    """A fresh copy of an edition without its cases, which say what comes out of the edition as it was."""
    if to.exists():
        shutil.rmtree(to)
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns("cases", "README.md"), copy_function=shutil.copyfile)
    return to


def renamed(folder: Path, edition: str, to: str) -> None:
    """Makes it another edition of its programme. Raises ValueError where the name is not found."""
    path = folder / "programme.yaml"
    text = path.read_text(encoding="utf-8")
    text, found = re.subn(rf'^(edition: ["\']?){re.escape(edition)}\b', rf"\g<1>{to}", text, flags=re.MULTILINE)
    if found != 1:
        raise ValueError(f"{path}: the edition is not called {edition}")
    title = re.compile(r"^title: .*$", re.MULTILINE)
    path.write_text(title.sub(lambda line: line[0].replace(edition, to), text), encoding="utf-8")


def retire(folder: Path, competencies: Iterable[str], last_day: date) -> None:
    """Gives competencies an `until`. Raises ValueError where one is not written as a block of its own."""
    path = folder / "competencies.yaml"
    text = path.read_text(encoding="utf-8")
    for name in competencies:
        line = re.compile(rf"^  {re.escape(name)}:[^\S\n]*\n", re.MULTILINE)
        text, found = line.subn(rf"\g<0>    until: {last_day}\n", text)
        if found != 1:
            raise ValueError(f"{path}: the competency {name} has no block of its own")
    path.write_text(text, encoding="utf-8")


def raise_amounts(folder: Path, level: str, metric: str, factor: Fraction) -> None:
    """Multiplies the amounts of money that one requirement of one level asks.

    Raises ValueError where the requirement is not found.
    """
    path = folder / "levels.yaml"
    head, marker, rest = re.split(
        rf"(^{re.escape(level)}:\n)", path.read_text(encoding="utf-8"), maxsplit=1, flags=re.MULTILINE
    )
    block = re.match(r"(?:[ #].*\n|\n)*", rest)
    asked = block and re.search(rf"^( *)- {re.escape(metric)}:.*\n(?:\1 +.*\n)*", block[0], re.MULTILINE)
    if not asked:
        raise ValueError(f"{path}: {level} asks nothing of {metric}")
    raised = _AMOUNT.sub(lambda amount: f"{round(int(amount[0].replace('_', '')) * factor):_}", asked[0])
    path.write_text(head + marker + rest.replace(asked[0], raised, 1), encoding="utf-8")
