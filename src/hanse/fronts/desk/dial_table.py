"""How do an edition's numbers stand on a form: a row for each requirement and class, a column for each level?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING

from babel.numbers import NumberFormatError, parse_decimal

from hanse.language.dials import COST, Dial
from hanse.language.problems import CallError, EditionError, Problem
from hanse.language.source import Source
from hanse.language.values import number
from hanse.language.words import Words, mark

if TYPE_CHECKING:
    from hanse.language.edition import Edition

_SIGNS = {"at_least": "≥", "at_most": "≤", "above": ">", "below": "<", "equals": "="}
WIDEST = 6  # columns; of more groups each gets rows of its own
_TITLES = {
    "levels": mark("What the levels ask"),
    "competencies": mark("What competencies ask"),
    "benefits": mark("What a level gives"),
}


@dataclass(frozen=True)
class Cell:
    """One number on the form: its field, what stands in it, its unit, and the whole name of it for who hears it."""

    field: str
    value: str
    was: str
    unit: str
    says: str
    wrong: str
    changed: bool


@dataclass(frozen=True)
class Row:
    """A requirement (of one class): its cells in the order of the columns, None where the level does not ask it."""

    label: str
    below: str
    clause: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Table:
    """The numbers of one file."""

    file: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Read:
    """What was typed: the numbers by key of dial, and what is wrong by name of field."""

    numbers: Mapping[str, Fraction]
    wrong: Mapping[str, str]


def tables(
    edition: Edition, dials: Sequence[Dial], typed: Mapping[str, str] | None, read: Read, words: Words
) -> list[Table]:
    """The dials as tables, with what was typed in them if anything was."""
    found = []
    for file, title in _TITLES.items():
        own = [dial for dial in dials if dial.file == file]
        if own:
            found.append(_table(edition, file, words.say(title), own, typed, read, words))
    return found


def field_of(dial: Dial) -> str:
    """The name of a dial's field."""
    return f"dial:{dial.key}"


def shown(dial: Dial, words: Words) -> str:
    """A number as the form shows it: in the reader's language, or as the author wrote it where it is a fraction."""
    plain = dial.text.removesuffix(dial.unit or "").strip()
    return plain if "/" in plain else words.number(Decimal(plain.replace("_", "").replace(" ", "")), 6)


def read(dials: Sequence[Dial], typed: Mapping[str, str], words: Words) -> Read:
    """The numbers that were typed; a field that is not there, or says what stood in it, changes nothing."""
    numbers: dict[str, Fraction] = {}
    wrong: dict[str, str] = {}
    for dial in dials:
        given = typed.get(field_of(dial))
        if given is None or given.strip() == shown(dial, words):
            continue
        try:
            numbers[dial.key] = typed_number(given, words)
        except CallError as error:
            wrong[field_of(dial)] = error.problems[0].what
    return Read(numbers, wrong)


def typed_number(given: str, words: Words) -> Fraction:
    """A number as somebody typed it in their language, or as editions write it. Raises CallError."""
    text = re.sub(r"[\s\u00a0\u202f_']", "", given)
    try:
        return Fraction(parse_decimal(text, locale=words.locale, strict=True))
    except (NumberFormatError, InvalidOperation, ValueError, OverflowError):  # not a number, or infinite
        pass
    try:
        return number(text, Source("form", None), ()).value
    except EditionError as error:
        say = words.say
        raise CallError(
            Problem(
                say("the number"),
                say("{given} is no number", given=repr(given)),
                say("only numbers are compared"),
                say("write it as {example}", example=words.number(1250.5)),
            )
        ) from error


def _table(
    edition: Edition,
    file: str,
    title: str,
    dials: Sequence[Dial],
    typed: Mapping[str, str] | None,
    read: Read,
    words: Words,
) -> Table:
    by = _column_of(file)
    names = list(dict.fromkeys(by(dial) for dial in dials))
    if file in ("levels", "benefits"):
        order = [*edition.level_names, ""]
        names.sort(key=lambda name: (name == COST, order.index(name) if name in order else len(order)))
    narrow = len(names) > WIDEST
    rows: dict[tuple[str, ...], list[Dial | None]] = {}
    for dial in dials:
        column = 0 if narrow else names.index(by(dial))
        base = (
            by(dial) if narrow else "",
            dial.subject,
            dial.comparison if by(dial) != COST else "",
            "" if file == "benefits" else dial.of,
        )
        n = 0
        while (key := (*base, str(n))) in rows and rows[key][column] is not None:
            n += 1
        rows.setdefault(key, [None] * (1 if narrow else len(names)))[column] = dial
    columns = ("",) if narrow else tuple(_column_label(edition, file, name, words) for name in names)
    return Table(
        file,
        title,
        columns,
        tuple(_row(edition, file, cells, columns, typed, read, words, narrow=narrow) for cells in rows.values()),
    )


def _column_of(file: str) -> Callable[[Dial], str]:
    """By what the columns of a table differ."""
    if file == "benefits":
        return lambda dial: COST if dial.comparison == COST else dial.of
    return lambda dial: dial.group


def _column_label(edition: Edition, file: str, name: str, words: Words) -> str:
    if name == COST:
        return words.say("cost of one")
    if file == "benefits" and not name:
        return words.say("quantity")
    if name in edition.programme.levels:
        return words.label(edition.programme.levels[name], name)
    listed = edition.competencies
    if listed and name in listed.depth_names:
        return words.label(listed.depth_names[name], name)
    if listed and name in listed.competencies:
        return words.label(listed.competencies[name].name, name)
    if "/" in name:
        return " · ".join(_column_label(edition, file, part, words) for part in name.split("/", 1))
    return words.label(None, name) if name else words.say("each")


def _row(
    edition: Edition,
    file: str,
    cells: Sequence[Dial | None],
    columns: Sequence[str],
    typed: Mapping[str, str] | None,
    read: Read,
    words: Words,
    *,
    narrow: bool,
) -> Row:
    first = next(dial for dial in cells if dial is not None)
    label = _label(edition, file, first, words)
    if narrow:
        label = f"{_column_label(edition, file, first.group, words)} · {label}"
    below = words.label(None, first.of) if first.of and file != "benefits" else ""
    if first.of == "else":
        below = words.say("all others")
    said = " ".join(part for part in (_SIGNS.get(first.comparison, ""), below) if part)
    made = tuple(
        None
        if dial is None
        else _cell(dial, " · ".join(p for p in (columns[at], label, below) if p), typed, read, words)
        for at, dial in enumerate(cells)
    )
    return Row(label, said, first.clause or "", made)


def _label(edition: Edition, file: str, dial: Dial, words: Words) -> str:
    if file == "benefits":
        return words.label(edition.benefits[dial.subject].label, dial.subject)
    metric = edition.metrics.get(dial.subject)
    return words.label(metric.label if metric else None, dial.subject)


def _cell(dial: Dial, says: str, typed: Mapping[str, str] | None, read: Read, words: Words) -> Cell:
    field, was = field_of(dial), shown(dial, words)
    value = was if typed is None else typed.get(field, was)
    return Cell(field, value, was, dial.unit or "", says, read.wrong.get(field, ""), value.strip() != was)
