"""YAML with places: every value knows its file and line, so that an error can say where.

Numbers are read exactly (int or Decimal, never float), keys are always text (so a column named `on` needs
no quotes as a key), `yes` and `off` are words, and a key given twice is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from hanse.language.problems import EditionError, Problem

Path_ = tuple[str | int, ...]
_INT = re.compile(r"[-+]?\d[\d_]*$")
_DECIMAL = re.compile(r"[-+]?\d[\d_]*\.\d+$")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass
class Source:
    """A YAML file as plain values, with the line of every value by its path of keys and indexes."""

    file: str
    data: Any
    lines: dict[Path_, int] = field(default_factory=dict)

    def place(self, path: Path_ = ()) -> str:
        """`file:line` of the value at `path`, or of the nearest value around it."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return f"{self.file}:{self.lines[path[:end]]}"
        return f"{self.file}:1"

    def error(self, path: Path_, what: str, why: str, remedy: str) -> EditionError:
        return EditionError(Problem(self.place(path), what, why, remedy))


def read(path: Path, *, shown_as: str | None = None) -> Source:
    """Reads one YAML file. Raises EditionError for text that is not UTF-8 or not YAML."""
    shown = shown_as or path.name
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise EditionError(
            Problem(f"{shown}:{line}", "not UTF-8 text", str(error.reason), "save the file as UTF-8")
        ) from error
    return parse(text, shown)


def parse(text: str, shown: str) -> Source:
    """Reads YAML text; `shown` is the file name that errors will name."""
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{shown}:{mark.line + 1}" if mark else f"{shown}:1"
        why = getattr(error, "problem", None) or str(error)
        raise EditionError(
            Problem(place, "not valid YAML", why, "check indentation, quotes and brackets around this line")
        ) from error
    source = Source(shown, None)
    source.data = _value(node, (), source) if node is not None else None
    return source


def _value(node: yaml.Node, path: Path_, source: Source) -> Any:
    source.lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, path, source)
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*path, index), source) for index, child in enumerate(node.value)]
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key in result:
            raise EditionError(
                Problem(
                    f"{source.file}:{key_node.start_mark.line + 1}",
                    f"the key {key!r} stands twice",
                    "only one of the two could count",
                    "remove or rename one of them",
                )
            )
        result[key] = _value(value_node, (*path, key), source)
        source.lines[(*path, key)] = key_node.start_mark.line + 1
    return result


def _scalar(node: yaml.ScalarNode, path: Path_, source: Source) -> Any:
    text = str(node.value)
    if node.style:  # quoted; the C loader says "" for a plain scalar, the other None
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text.replace("_", ""))
    if _DECIMAL.match(text):
        return Decimal(text.replace("_", ""))
    if _DAY.match(text):
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise source.error(path, f"{text} is not a day", str(error), "write an ISO day: 2017-06-30") from error
    return text
