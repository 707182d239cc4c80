"""What do the levels and the competencies of a programme ask: of whom how much, and under which clause?

The same list, in the programme's order, is read as a table (readable.py) and compared with another edition's
(difference.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from hanse.decisions.naming import Names, plain
from hanse.decisions.outline import competency_trees, level_trees, own_label
from hanse.decisions.phrasing import phrase
from hanse.language import values
from hanse.language.conditions import Leaf, Node, Trees, needed_value
from hanse.language.words import mark, mark_many

SIGNS = {"at_least": "≥", "at_most": "≤", "above": ">", "below": "<", "equals": "="}
NARROW = "\u202f"  # a sign and its number stay on one line
EVERYBODY = ""
_GROUPS = {"any": mark("any of these"), "none": mark("none of these"), "all": mark("all of these together")}
_AT_LEAST = mark_many("at least {n} of these", "at least {n} of these")

Test = tuple[str, Fraction | str]  # a comparison, and the number (or the text) that it is with


@dataclass(frozen=True)
class Under:
    """What stands over requirements that are one of several ways, or asked under a condition."""

    key: str
    says: str


@dataclass(frozen=True)
class Ask:
    """One requirement. `numbers` are its tests by class, or for EVERYBODY; `classification` whose classes they are.

    `metric` is empty where a person answers or another competency is asked for: then `kind` says so.
    """

    key: str
    under: tuple[Under, ...]
    label: str
    metric: str
    kind: str  # number, yes, human, competency
    unit: str | None
    numbers: Mapping[str, tuple[Test, ...]]
    classification: str
    clause: str
    note: str

    @property
    def place(self) -> tuple[str, ...]:
        """Where it stands: the same in two editions for the same requirement."""
        return (*(one.key for one in self.under), self.key)


def of_levels(names: Names) -> dict[str, list[Ask]]:
    """What each level asks, from the lowest. Raises EditionError."""
    trees = level_trees(names.ctx)
    return {level: _asks(trees, level, names) for level in names.edition.level_names}


def of_competencies(names: Names) -> dict[tuple[str, str], list[Ask]]:
    """What competencies ask: by competency (the empty name: all of them) and depth (empty where there is none)."""
    trees = competency_trees(names.ctx)
    found: dict[tuple[str, str], list[Ask]] = {}
    for subject in trees.trees:
        competency, _, depth = subject.partition("/")
        asked = _asks(trees, subject, names)
        if asked:
            found[competency, depth] = asked
    return found


def text_of(ask: Ask, tests: tuple[Test, ...] | None, names: Names) -> str:
    """What is asked, short: `≥ 7.5`, `yes`; empty where nothing is."""
    if tests is None:
        return ""
    return " · ".join(_test(ask, *test, names) for test in tests)


def number_text(ask: Ask, number: Fraction | str, names: Names) -> str:
    """The number alone, with its unit."""
    return number if isinstance(number, str) else names.quantity(number, ask.unit)


def anchor(kind: str, text: str) -> str:
    """An address inside a page: `clause` and `guide 3.1` give clause-guide-3-1."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return f"{kind}-{re.sub(r'[^a-z0-9]+', '-', letters).strip('-')}"


def _asks(trees: Trees, subject: str, names: Names) -> list[Ask]:
    reader = _Reader(trees, names)
    reader.visit(trees.trees[subject], ())
    return reader.found


class _Reader:
    """Walks one tree and lists what it asks."""

    def __init__(self, trees: Trees, names: Names) -> None:
        self.trees, self.names = trees, names
        self.found: list[Ask] = []
        self.seen: dict[tuple[str, ...], int] = {}

    def visit(self, node: Node, under: tuple[Under, ...]) -> None:
        if node.leaf is not None:
            ask = _ask(self.trees, node.leaf, under, self.names)
            n = self.seen[ask.place] = self.seen.get(ask.place, 0) + 1
            self.found.append(ask if n == 1 else replace(ask, key=f"{ask.key} {n}"))
        elif node.kind == "level":
            self.found.append(_level(node, under, self.names))
        elif node.kind == "when":
            self.conditional(node, under)
        else:
            self.grouped(node, under)

    def conditional(self, node: Node, under: tuple[Under, ...]) -> None:
        test = phrase(node.test, self.names)
        for part, says in zip(node.parts, (mark("if {test}"), mark("otherwise (not: {test})")), strict=False):
            if part.leaf is not None or part.parts or part.kind == "level":
                self.visit(part, (*under, Under(f"{says} {node.test}", self.names.words.say(says, test=test))))

    def grouped(self, node: Node, under: tuple[Under, ...]) -> None:
        inside = self.head(node, under)
        ways = 0
        for part in node.parts:
            if part.name:
                says = self.names.words.say("by the way of {name}", name=plain(part.name).removeprefix("by "))
                self.visit(part, (*inside, Under(f"path {part.name}", says)))
            elif node.kind in ("any", "n") and part.kind == "all" and len(part.parts) > 1:
                ways += 1
                self.visit(part, (*inside, Under(f"all {ways}", self.names.words.say(_GROUPS["all"]))))
            else:
                self.visit(part, inside)

    def head(self, node: Node, under: tuple[Under, ...]) -> tuple[Under, ...]:
        words = self.names.words
        if node.kind == "n":
            return (*under, Under(f"n {node.n}", words.many(*_AT_LEAST, node.n)))
        if node.kind == "none" or (node.kind == "any" and len(node.parts) > 1 and not _named(node)):
            return (*under, Under(node.kind, words.say(_GROUPS[node.kind])))
        return under


def _named(node: Node) -> bool:
    return bool(node.parts) and all(part.name for part in node.parts)


def _level(node: Node, under: tuple[Under, ...], names: Names) -> Ask:
    label = names.words.say("what {level} asks", level=names.level(node.level))
    yes = {EVERYBODY: (("is", names.words.say("yes")),)}
    return Ask(f"level {node.level}", under, label, "", "yes", None, yes, "", "", "")


def _ask(trees: Trees, leaf: Leaf, under: tuple[Under, ...], names: Names) -> Ask:
    own = own_label(names.ctx, trees.file, leaf.path)
    metric = names.edition.metrics[leaf.metric]
    if leaf.kind == "competency":
        label = _competency_label(leaf, names)
    else:
        label = names.words.label(own or metric.label, plain(leaf.metric))
    numbers, classification = _numbers(trees, leaf, names)
    unit = names.unit(leaf.metric)
    note = ""
    if leaf.suspended:
        where = names.countries(leaf.suspended_in) if leaf.suspended_in else ""
        says = mark("suspended in {countries}: {reason}") if where else mark("suspended: {reason}")
        note = names.words.say(says, countries=where, reason=leaf.suspended)
    kind = leaf.kind if leaf.kind != "metric" else "number" if metric.kind == "number" else "yes"
    key = leaf.metric if leaf.kind == "metric" else f"{leaf.kind} {leaf.requirement}"
    shown = leaf.metric if leaf.kind == "metric" else ""
    return Ask(key, under, label, shown, kind, unit, numbers, classification, leaf.clause or "", note)


def _competency_label(leaf: Leaf, names: Names) -> str:
    for name in names.edition.competencies.competencies if names.edition.competencies else ():
        rest = leaf.metric.removeprefix(f"holds_{name}")
        if rest != leaf.metric and (not rest or rest.removeprefix("_") in names.edition.depths):
            depth = f" ({names.depth(rest.removeprefix('_'))})" if rest else ""
            return names.competency(name) + depth
    return plain(leaf.requirement)


def _numbers(trees: Trees, leaf: Leaf, names: Names) -> tuple[dict[str, tuple[Test, ...]], str]:
    """The tests by class; where one is the same for everybody and another by class, each class has both."""
    say, metric = names.words.say, names.edition.metrics[leaf.metric]
    whole: list[tuple[int, Test]] = []
    by_class: dict[str, list[tuple[int, Test]]] = {}
    classification = ""
    for at, (comparison, raw, path) in enumerate(leaf.tests):
        if isinstance(raw, bool):
            whole.append((at, ("is", say("yes") if raw else say("no"))))
        elif comparison == "is" or metric.kind != "number":
            whole.append((at, ("is", names.said(str(raw)))))
        else:
            value = needed_value(names.ctx, leaf, trees.file, raw, path)
            if isinstance(value, values.ByClass):
                classification = value.classification
                rows = [*value.numbers, *([(values.ELSE, value.otherwise)] if value.otherwise else [])]
                for name, number in rows:
                    by_class.setdefault(name, []).append((at, (comparison, Fraction(number.value))))
            else:
                whole.append((at, (comparison, Fraction(value.value))))
    if not by_class:
        return {EVERYBODY: tuple(test for _, test in whole)}, ""
    return {
        name: tuple(test for _, test in sorted([*tests, *whole], key=lambda pair: pair[0]))
        for name, tests in by_class.items()
    }, classification


def _test(ask: Ask, comparison: str, number: Fraction | str, names: Names) -> str:
    text = number_text(ask, number, names)
    return f"{SIGNS[comparison]}{NARROW}{text}" if comparison in SIGNS else text
