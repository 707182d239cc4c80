"""What does somebody mean who types a few letters into the search field? Hits in groups, each with its address."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

if TYPE_CHECKING:
    from django.http import HttpRequest

    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.words import Words

AT_MOST = 8  # hits of a group
LONGEST = 100  # of what is typed
Read = Mapping[str, Any]


@dataclass(frozen=True)
class Hit:
    """Something found: what it is called, what helps to tell it apart, where it leads, and its level if it has one."""

    says: str
    below: str
    address: str
    level: tuple[str, str] | None = None


@dataclass(frozen=True)
class Group:
    """Hits of one kind; `all` leads to every one of them, where there is a list of such."""

    name: str
    says: str
    hits: tuple[Hit, ...]
    all: str = ""


def typed(request: HttpRequest) -> str:
    """What was typed, without what no database keeps."""
    given = "".join(c for c in request.GET.get("q", "") if c.isprintable())
    return " ".join(given.split())[:LONGEST]


def groups(*found: Group) -> list[Group]:
    """Those that hold something."""
    return [one for one in found if one.hits]


def menu(request: PageRequest, text: str) -> Group:
    """The pages of the reader's navigation with such a word."""
    words = request.words
    hits = [Hit(words.say(entry.says), "", reverse(entry.name)) for entry in request.menu]
    return Group("pages", words.say("Pages"), tuple(hit for hit in hits if matches(hit.says, text)))


def rules(read: Read, clauses: Mapping[tuple[str, str], str], text: str, words: Words, address: str) -> Group:
    """The requirements of a programme's levels, by what they are called or by clause (of level and requirement)."""
    hits = []
    for level, label, leaf in _leaves(read, words):
        name = str(leaf["requirement"])
        says, clause = words.label(leaf.get("label"), name), clauses.get((level, name), "")
        if matches(says, text) or clause.startswith(text):
            below = clause and words.say("clause {clause}", clause=clause)
            hits.append(Hit(says, below, f"{address}#levels", (level, label)))
    return Group("rules", words.say("Rules"), tuple(dict.fromkeys(hits))[:AT_MOST])


def competencies(read: Read, text: str, words: Words) -> Iterator[tuple[str, str]]:
    """The competencies of a programme with such a word: name and what it is called."""
    for name in read.get("competencies") or {}:
        says = words.label(read["competencies"][name], name)
        if matches(says, text) or name.startswith(text.lower()):
            yield name, says


def matches(says: str, text: str) -> bool:
    """Does every word typed begin a word of this, whatever the accents?"""
    here = _folded(says).replace("-", " ").replace("’", " ").split()
    return all(any(word.startswith(part) for word in here) for part in _folded(text).split())


def _leaves(read: Read, words: Words) -> Iterator[tuple[str, str, Read]]:
    for entry in read["levels"]:
        label = words.label(entry["label"], str(entry["level"]))
        yield from ((str(entry["level"]), label, leaf) for leaf in _of(entry["tree"]))


def _of(tree: Read) -> Iterable[Read]:
    if tree["kind"] == "leaf":
        return [tree]
    return [leaf for part in tree.get("parts", ()) for leaf in _of(part)]


def _folded(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()
