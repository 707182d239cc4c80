"""What may be waived, and what is it called?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hanse.apps.standings.selectors import waivable
from hanse.fronts.desk import deciding
from hanse.language.words import mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hanse.apps.standings.outlook import Book
    from hanse.language.words import Words

_GROUPS = (
    mark("A level"),
    mark("A requirement, wherever it is asked"),
    mark("A requirement of one level or competency"),
)
FIELDS = {"SUBJECT": "subject", "--reason": "why", "reason": "why"}  # what a service names, and where a form asks it
Choice = tuple[str, str]


def subject(name: str, books: Sequence[Book], words: Words) -> str:
    """What a waiver is of: `level:gold` is Gold, `gold:revenue` is Gold: Revenue."""
    for book in books:
        found = dict(_of(book.read, words)).get(name)
        if found:
            return found
    return name.removeprefix("level:").replace("_", " ")


def choices(books: Sequence[Book], words: Words) -> list[tuple[str, list[Choice]]]:
    """All that may be waived, in groups, as a list of choices takes it."""
    known = waivable()
    groups: tuple[dict[str, str], ...] = ({}, {}, {})
    for book in books:
        for name, says in _of(book.read, words):
            if name in known:
                groups[0 if name.startswith("level:") else 2 if ":" in name else 1].setdefault(name, says)
    return [
        (words.say(title), sorted(group.items(), key=lambda one: one[1]) if at else list(group.items()))
        for at, (title, group) in enumerate(zip(_GROUPS, groups, strict=True))
        if group
    ]


def _of(read: Mapping[str, Any], words: Words) -> Iterator[Choice]:
    """What an edition knows, with its labels: the levels from high to low, then requirements."""
    levels = list(reversed(read["levels"]))
    for entry in levels:
        yield f"level:{entry['level']}", deciding.level_label(words, read, entry["level"])
    for entry in levels:
        level = deciding.level_label(words, read, entry["level"])
        for name, label in _leaves(entry["tree"]):
            says = words.label(label, name)
            yield name, says
            yield f"{entry['level']}:{name}", words.say("{column}: {kind}", column=level, kind=says)
    for name in read["competency_asks"]:
        says = words.label((read["metrics"].get(name) or {}).get("label"), name)
        yield name, says
        for competency, labels in read["competencies"].items():
            yield (
                f"{competency}:{name}",
                words.say("{column}: {kind}", column=words.label(labels, competency), kind=says),
            )


def _leaves(tree: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if tree["kind"] == "leaf":
        yield str(tree["requirement"]), tree.get("label")
    for part in tree.get("parts", ()):
        yield from _leaves(part)
