"""Is a set of files an edition, and do its cases hold? Read in a folder of its own that is gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from hanse.apps.programmes import content
from hanse.language.dials import end_of
from hanse.language.problems import CallError, EditionError, HanseError, Problem

if TYPE_CHECKING:
    from hanse.engines.cases import Case
    from hanse.language.edition import Edition

Progress = Callable[[str, int, int], None]
SHOWN = 20  # differences of a case that are kept


@contextmanager
def opened(files: Mapping[str, bytes]) -> Iterator[Edition]:
    """The edition that these files are. Raises EditionError, whose places are files of the edition with their lines."""
    from hanse.language import edition as language

    with tempfile.TemporaryDirectory(prefix="hanse-") as name:
        folder = Path(name) / "edition"
        folder.mkdir()
        content.unpack(files, folder)
        try:
            yield language.load(str(folder))
        except EditionError as error:
            raise EditionError(replace(p, place=_short(p.place, folder)) for p in error.problems) from error


def sound(edition: Edition, day: date) -> None:
    """Everything that the edition declares would compute on a day, and its cases can be read. Raises EditionError."""
    from hanse.engines.cases import cases_of
    from hanse.engines.trial import problems_of

    cases_of(edition)
    problems = problems_of(edition, day)
    if problems:
        raise EditionError(problems)


def failing(edition: Edition, progress: Progress | None = None) -> tuple[int, list[dict[str, Any]]]:
    """How many cases there are, and those that do not come out as they say: as plain values. Raises EditionError."""
    from hanse.engines import cases

    listed = cases.cases_of(edition)
    wrong = []
    for done, case in enumerate(listed):
        if progress:
            progress("cases", done, len(listed))
        try:
            differences = list(cases.run(edition, case).differences)
        except HanseError as error:
            differences = [f"{_short(p.place, edition.folder)}: {p.what} ({p.why})" for p in error.problems]
        if differences:
            wrong.append(_told(edition, case, differences[:SHOWN]))
    return len(listed), wrong


def case_text(text: str, index: int) -> str:
    """A case of a file of cases as it is written, without the dash and the indentation before it. Raises CallError."""
    start, end = _case(text, index)
    indent = start - (text.rfind("\n", 0, start) + 1)
    first, *others = text[start:end].split("\n")
    return "\n".join([first, *(line[indent:] if not line[:indent].strip() else line for line in others)]) + "\n"


def with_case(text: str, index: int, changed: str | None) -> str:
    """The file with a case as it reads now, or without it (None). Raises CallError."""
    start, end = _case(text, index)
    line = text.rfind("\n", 0, start) + 1
    if changed is None:
        following = text.find("\n", end)
        return text[:line] + ("" if following < 0 else text[following + 1 :])
    indent = " " * (start - line)
    first, *others = changed.replace("\r\n", "\n").strip().split("\n")
    return text[:start] + "\n".join([first, *(indent + o if o.strip() else "" for o in others)]) + text[end:]


def _case(text: str, index: int) -> tuple[int, int]:
    """Where a case begins and ends."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(node, yaml.SequenceNode) or not 0 <= index < len(node.value):
        raise CallError(
            Problem(f"case {index + 1}", "there is no such case", "the draft has changed since", "open it anew")
        )
    one = node.value[index]
    return int(one.start_mark.index), end_of(one)


def _told(edition: Edition, case: Case, differences: list[str]) -> dict[str, Any]:
    place = _short(case.source.place(case.path), edition.folder)
    file, _, line = place.rpartition(":")
    return {"id": case.id, "says": case.says, "file": file, "line": int(line), "index": case.path[0],
            "as_of": case.days.as_of.isoformat(), "differences": differences}  # fmt: skip


def _short(place: str, folder: Path) -> str:
    return place.removeprefix(f"{folder.as_posix()}/")
