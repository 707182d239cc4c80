"""Which numbers of an edition may be turned, and what do its files read like when some are?

A dial is a number that a level, a competency or a benefit has, as its author wrote it, with its place in the file. Turning
it replaces its characters and nothing else: comments, order and whatever no form shows stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import yaml

from hanse.language import values
from hanse.language.edition import Edition
from hanse.language.problems import EditionError
from hanse.language.source import Path_, Source

COMPARISONS = ("at_least", "at_most", "above", "below", "equals")
QUANTITY, COST = "quantity", "cost"


@dataclass(frozen=True)
class Dial:
    """One number: for `subject` (a requirement, or the benefit itself) of `group`.

    A group is a level, a depth, a competency, one `competency/depth`, or a benefit. `of` is the class, level or area it is for, empty where there is one number for all. `text` is what stands in the file.
    """

    file: str
    path: Path_
    group: str
    subject: str
    comparison: str
    of: str
    text: str
    number: Fraction
    unit: str | None
    clause: str | None

    @property
    def key(self) -> str:
        """What names the dial in a form: its file and its place there."""
        return ":".join((self.file, *(str(part) for part in self.path)))


def dials_of(edition: Edition, on: date) -> list[Dial]:
    """The dials in force on a day: those of levels, then of competencies, then of benefits, as the files have them."""
    found: list[Dial] = []
    for file, entries in (
        ("levels", [((name,), name) for name in edition.levels]),
        ("competencies", _asking(edition)),
        ("benefits", [((name,), name) for name in edition.benefits]),
    ):
        read = edition.source_of(file)
        for path, group in entries:
            raw = _at(read.data, path)
            listed = _of_benefit(read, path, group, on) if file == "benefits" else _within(edition, read, raw, path, on)
            found += [_dial(read, file, group, one) for one in listed]
    return found


def turned(edition: Edition, turned_to: Mapping[str, Fraction], on: date) -> dict[str, dict[Path_, str]]:
    """What is to be written where: by file and place the new text of every dial whose number changes."""
    changes: dict[str, dict[Path_, str]] = {}
    for dial in dials_of(edition, on):
        new = turned_to.get(dial.key, dial.number)
        if new != dial.number:
            changes.setdefault(dial.file, {})[dial.path] = written(new, dial)
    return changes


def written(number: Fraction, dial: Dial) -> str:
    """A number as the edition's author would write it: grouped if large, with the unit that it had."""
    unit = "" if dial.unit is None else f" {dial.unit}"
    if number.denominator == 1:
        whole = int(number)
        return f"{whole:_}{unit}" if abs(whole) >= 10_000 else f"{whole}{unit}"
    decimal = Decimal(number.numerator) / Decimal(number.denominator)
    if Fraction(decimal) != number:
        return f"{number.numerator}/{number.denominator}{unit}"
    return f"{decimal.normalize():f}{unit}"


def rewritten(text: str, changes: Mapping[Path_, str]) -> str:
    """A YAML text in which the scalars at these places read otherwise. Raises KeyError where there is none."""
    spans = _spans(text)
    for path in sorted(changes, key=lambda p: spans[p][0], reverse=True):
        start, end = spans[path]
        text = text[:start] + changes[path] + text[end:]
    return text


def with_key(text: str, path: Path_, key: str, value: str, *, after: str = "") -> str:
    """The same text with `key: value` in the mapping at a place: replaced where it stands, else added at its end.

    With `after` it is added below that key of a mapping written in lines.
    """
    node = _node_at(text, path)
    for key_node, value_node in node.value:
        if key_node.value == key:
            return text[: value_node.start_mark.index] + value + text[end_of(value_node) :]
    if node.flow_style:
        end = node.end_mark.index - 1
        return text[:end].rstrip() + f", {key}: {value}" + text[end:]
    last = next((pair for pair in node.value if pair[0].value == after), node.value[-1])
    line_end = text.find("\n", end_of(last[1]))
    line_end = len(text) if line_end < 0 else line_end
    indent = " " * node.value[0][0].start_mark.column
    return text[:line_end] + f"\n{indent}{key}: {value}" + text[line_end:]


def without_key(text: str, path: Path_, key: str) -> str:
    """The same text without a key of the mapping at a place; unchanged where it has none."""
    node = _node_at(text, path)
    at = next((n for n, pair in enumerate(node.value) if pair[0].value == key), None)
    if at is None:
        return text
    key_node, value_node = node.value[at]
    if not node.flow_style:
        start = text.rfind("\n", 0, key_node.start_mark.index) + 1
        end = text.find("\n", end_of(value_node))
        return text[:start] + ("" if end < 0 else text[end + 1 :])
    if at:
        return text[: end_of(node.value[at - 1][1])] + text[end_of(value_node) :]
    following = node.value[1][0].start_mark.index if len(node.value) > 1 else end_of(value_node)
    return text[: key_node.start_mark.index] + text[following:]


def retired(text: str, competency: str, first_day: date) -> str:
    """competencies.yaml in which a competency is no longer there from a day on."""
    return with_key(text, ("competencies", competency), "until", str(first_day - timedelta(days=1)))


def kept(text: str, competency: str) -> str:
    """competencies.yaml in which a competency has no end."""
    return without_key(text, ("competencies", competency), "until")


# -- reading ------------------------------------------------------------------------------------------------------------

_Place = tuple[str, str, str, Path_, str | None]  # subject, comparison, class, place, clause


def _asking(edition: Edition) -> list[tuple[Path_, str]]:
    """Where competencies ask for something: together, by depth where there are depths; and those that ask on their own."""
    listed = edition.competencies
    if listed is None:
        return []
    found: list[tuple[Path_, str]] = []
    own: list[tuple[Path_, str, Any]] = [(("requirements",), "", listed.requirements)]
    own += [(("competencies", n, "requirements"), n, c.requirements) for n, c in listed.competencies.items()]
    for path, name, raw in own:
        if raw and edition.depths and set(raw) <= set(edition.depths):
            found += [((*path, depth), f"{name}/{depth}" if name else depth) for depth in raw]
        elif raw:
            found.append((path, name))
    found += [(("competencies", n, "thresholds"), n) for n, c in listed.competencies.items() if c.thresholds]
    return found


def _within(edition: Edition, read: Source, raw: Any, path: Path_, on: date) -> Iterator[_Place]:
    """The comparisons of a requirement and of all inside it that are in force on a day."""
    if isinstance(raw, list):
        for index, part in enumerate(raw):
            yield from _within(edition, read, part, (*path, index), on)
        return
    if not isinstance(raw, dict) or not values.in_force(raw, on):
        return
    for word, entry in raw.items():
        here = (*path, word)
        if word in COMPARISONS:
            for of, where in _numbers(read, entry, here, on):
                yield str(raw.get("name") or path[-1]), word, of, where, _text(raw.get("clause"))
        elif word in edition.metrics and not isinstance(entry, dict | bool | str):
            for of, where in _numbers(read, entry, here, on):
                yield str(raw.get("name") or word), "at_least", of, where, _text(raw.get("clause"))
        elif path[-1:] == ("thresholds",):
            for of, where in _numbers(read, entry, here, on):
                yield word, "at_least", of, where, None
        elif isinstance(entry, dict | list) and word not in ("label", "suspended"):
            yield from _within(edition, read, entry, here, on)


def _of_benefit(read: Source, path: Path_, name: str, on: date) -> Iterator[_Place]:
    raw = _at(read.data, path)
    if not values.in_force(raw, on):
        return
    for word in (QUANTITY, COST):
        entry = raw.get(word)
        if entry is not None and not (isinstance(entry, dict) and set(entry) == {"metric"}):
            for of, where in _numbers(read, entry, (*path, word), on):
                yield name, word, of, where, _text(raw.get("clause"))


def _numbers(read: Source, raw: Any, path: Path_, on: date) -> Iterator[tuple[str, Path_]]:
    """The numbers of a value on a day, each with its class; what has no version on that day has none."""
    try:
        found, where = values.version(raw, on, read, path)
    except EditionError:
        return
    if isinstance(found, dict):
        for of, inner in found.items():
            if inner is not None:
                yield from ((of, at) for _, at in _numbers(read, inner, (*where, of), on))
    elif not isinstance(found, list | bool):
        yield "", where


def _dial(read: Source, file: str, group: str, place: _Place) -> Dial:
    subject, comparison, of, path, clause = place
    raw = _at(read.data, path)
    number = values.number(raw, read, path)
    return Dial(file, path, group, subject, comparison, of, str(raw), number.value, number.unit, clause)


def _at(data: Any, path: Path_) -> Any:
    for part in path:
        data = data[part]
    return data


def _text(raw: object) -> str | None:
    return None if raw is None else str(raw)


# -- places in a text ---------------------------------------------------------------------------------------------------


def _spans(text: str) -> dict[Path_, tuple[int, int]]:
    """Where every scalar begins and ends."""
    found: dict[Path_, tuple[int, int]] = {}

    def visit(node: yaml.Node, path: Path_) -> None:
        if isinstance(node, yaml.ScalarNode):
            found[path] = (node.start_mark.index, node.end_mark.index)
        elif isinstance(node, yaml.SequenceNode):
            for index, part in enumerate(node.value):
                visit(part, (*path, index))
        else:
            for key, value in node.value:
                visit(value, (*path, str(key.value)))

    visit(_composed(text), ())
    return found


def _node_at(text: str, path: Path_) -> yaml.MappingNode:
    node = _composed(text)
    for part in path:
        node = next(value for key, value in node.value if key.value == part)
    assert isinstance(node, yaml.MappingNode)
    return node


def _composed(text: str) -> yaml.Node:
    """The text as nodes that know their places. The loader in Python counts characters as Python does."""
    found = yaml.compose(text, Loader=yaml.SafeLoader)
    return found if found is not None else yaml.MappingNode("", [])


def end_of(node: yaml.Node) -> int:
    """Where a value ends: the mark of one written in lines lies where the next begins."""
    if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return end_of(last[1] if isinstance(node, yaml.MappingNode) else last)
