"""What does a heading mean?

`names.yaml` lists what tables and columns usually call themselves in seven languages. A heading is compared without case,
accents and punctuation, first as a whole, then by its words, at last with its spelling forgiven.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

import yaml

from hanse.language.facts import CONTRACT, FactTable

FILE = Path(__file__).with_name("names.yaml")
CONTRACT_NAME, USUAL, WEAKER, PART, WEAKER_PART, MISSPELT = 1.1, 1.0, 0.8, 0.6, 0.5, 0.45
LEAST = 0.4  # below this a heading means nothing
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_PUNCTUATION = re.compile(r"[^\w#]+|_+")
_SAFE_PART, _SAFE_FUZZY, _ALIKE, _EXTRA_WORDS = 4, 6, 0.88, 3


def plain(text: str) -> str:
    """A name as it is compared: "Straße (Lager)" and "STRASSE" are "strasse", "OrderDate" is "order date"."""
    text = _BRACKETS.sub(" ", text) if _BRACKETS.sub("", text).strip() else text
    folded = unicodedata.normalize("NFKD", _CAMEL.sub(" ", text)).casefold()
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    return _PUNCTUATION.sub(" ", bare).strip()


@dataclass(frozen=True)
class Names:
    """The usual names, made plain: of tables, of columns per table with their weight, and of columns to leave out."""

    tables: Mapping[str, frozenset[str]]
    columns: Mapping[str, Mapping[str, Mapping[str, float]]]  # table -> column -> name -> weight
    ignored: frozenset[str]


@cache
def usual_names() -> Names:
    """Reads `names.yaml`."""
    listed = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    tables = {t: frozenset({plain(t), *map(plain, listed["tables"].get(t, ()))}) for t in CONTRACT}
    columns = {t: _of_table(table, listed["columns"]) for t, table in CONTRACT.items()}
    return Names(tables, columns, frozenset(map(plain, listed["ignored"])) | {"#"})


def _of_table(table: FactTable, listed: Mapping[str, Mapping[str, list[str]]]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for column in table.columns:
        weights: dict[str, float] = {}
        for group in ("any", table.name):
            for key, weight in ((f"{column.name}?", WEAKER), (column.name, USUAL)):
                weights |= {plain(name): weight for name in listed.get(group, {}).get(key, ())}
        weights[plain(column.name)] = CONTRACT_NAME
        found[column.name] = weights
    return found


def weight(heading: str, table: str, column: str) -> float:
    """How much a heading looks like a column: 1.1 its own name, 1 a usual one, less where only words agree, 0 not at all."""
    return _weight(plain(heading), table, column)


@cache
def _weight(heading: str, table: str, column: str) -> float:
    names = usual_names().columns[table][column]
    whole = names.get(heading) or names.get(heading.replace(" ", ""))
    if whole or not heading:
        return whole or 0.0
    words = heading.split()
    found = 0.0
    for name, strength in names.items():
        parts = name.split()
        if len(name) >= _SAFE_PART and len(parts) < len(words) <= len(parts) + _EXTRA_WORDS and _holds(words, parts):
            found = max(found, PART if strength >= USUAL else WEAKER_PART)
        elif found < MISSPELT and _misspelt(name, heading):
            found = MISSPELT
    return found


def _misspelt(name: str, heading: str) -> bool:
    """A letter or two apart; a heading that is some column's usual name is no misspelling of another's."""
    if len(name) < _SAFE_FUZZY or abs(len(name) - len(heading)) > 2 or heading in _all_names():
        return False
    return len(set(name) ^ set(heading)) <= 3 and SequenceMatcher(None, name, heading).ratio() >= _ALIKE


def _holds(words: list[str], parts: list[str]) -> bool:
    """The parts stand in the words, one after the other."""
    return any(words[i : i + len(parts)] == parts for i in range(len(words) - len(parts) + 1))


def is_usual(heading: str) -> bool:
    """Is this a name that some table's column goes by? Tells a line of headings from a line of values."""
    return plain(heading) in _all_names()


@cache
def _all_names() -> frozenset[str]:
    return frozenset(name for columns in usual_names().columns.values() for names in columns.values() for name in names)


def is_ignored(heading: str) -> bool:
    """A running number, the moment of the export: what differs from one file to the next without meaning anything."""
    return plain(heading) in usual_names().ignored


def hint(name: str, table: str) -> float:
    """How much the name of a file or a sheet says that it holds this table: 1 its name, less where it is a word of it."""
    words = [w for w in plain(re.sub(r"\d+", " ", name)).split() if w]
    if " ".join(words) in usual_names().tables[table]:
        return 1.0
    return 0.6 if any(_holds(words, known.split()) for known in usual_names().tables[table]) else 0.0


def headings_of(cells: Iterable[str | None]) -> list[str]:
    """Headings as they are shown: blank ones by their number, the second of two equal ones with "(2)"."""
    found: list[str] = []
    for number, cell in enumerate(cells, start=1):
        name = " ".join((cell or "").split()) or f"column {number}"
        again, nth = name, 2
        while again in found:
            again, nth = f"{name} ({nth})", nth + 1
        found.append(again)
    return found
