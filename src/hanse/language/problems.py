"""What a person is told when something is wrong: where, what, why, and how to mend it.

Problems of the input are values that travel with the result; misuse raises one of the errors below,
each carrying one or more problems. Nothing else may reach a user as an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `place` is a file with a line, a table, or an argument of the call."""

    place: str
    what: str
    why: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}\n  why: {self.why}\n  remedy: {self.remedy}"


class HanseError(Exception):
    """The input or the call is wrong; `problems` says how, `exit_code` is what the command returns."""

    exit_code = 2

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


class EditionError(HanseError):
    """The edition (or one of its cases) is wrong."""

    exit_code = 1


class CallError(HanseError):
    """The call is wrong: an argument, a folder, a date."""

    exit_code = 2


def nearest(word: str, known: Iterable[str]) -> str:
    """A remedy for a misspelt name: the closest known ones, or all of them when few."""
    known = sorted(known)
    close = get_close_matches(word, known, n=3, cutoff=0.6)
    if close:
        return f"did you mean {' or '.join(repr(c) for c in close)}?"
    shown = ", ".join(known[:12]) + (" ..." if len(known) > 12 else "")
    return f"use one of: {shown}" if known else "declare it first"
