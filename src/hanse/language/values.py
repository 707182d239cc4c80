"""Numbers of a programme as its authors write them: exact, with a unit, by class, by date.

7.5        40/6        200_000 USD        70 %
{class_a: 200_000 USD, class_b: 80_000 USD, else: 50_000 USD}
[{until: 2023-11-30, is: 1}, {from: 2023-12-01, is: 2}]
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hanse.language.problems import EditionError, nearest
from hanse.language.source import Path_, Source

_NUMBER = re.compile(
    r"(?P<num>[-+]?\d[\d_ ]*(?:\.\d+)?)(?:\s*/\s*(?P<den>\d[\d_]*(?:\.\d+)?))?\s*(?P<unit>%|[A-Z]{3})?$"
)
ELSE = "else"


@dataclass(frozen=True)
class Number:
    """An exact number; `unit` is an ISO 4217 code, `%` or None."""

    value: Fraction
    unit: str | None = None


@dataclass(frozen=True)
class ByClass:
    """A number per class of one classification; `otherwise` is for every other class, if given."""

    classification: str
    numbers: tuple[tuple[str, Number], ...]
    otherwise: Number | None = None

    def of(self, name: str) -> Number | None:
        return dict(self.numbers).get(name, self.otherwise)


Resolved = Number | ByClass


def number(raw: object, source: Source, path: Path_) -> Number:
    """An exact number out of a YAML scalar. Raises EditionError with the place."""
    if isinstance(raw, bool) or raw is None:
        raise source.error(path, f"{raw!r} is not a number", "a number is needed here", "write a number, such as 7.5")
    if isinstance(raw, int | Decimal):
        return Number(Fraction(raw))
    match = _NUMBER.match(str(raw).strip())
    if match is None:
        raise source.error(
            path,
            f"{raw!r} is not a number",
            "numbers are written like 7.5, 40/6, 200_000 USD or 70 %",
            "write the number in one of these forms",
        )
    den = Fraction(Decimal(match["den"].replace("_", ""))) if match["den"] else Fraction(1)
    if den == 0:
        raise source.error(path, f"{raw!r} divides by zero", "no number is meant by it", "correct the fraction")
    value = Fraction(Decimal(match["num"].replace("_", "").replace(" ", ""))) / den
    return Number(value, match["unit"])


def dated(raw: object) -> bool:
    """Is this a list of versions by date?"""
    return isinstance(raw, list) and bool(raw) and all(isinstance(r, dict) and "is" in r for r in raw)


def in_force(raw: Mapping[str, Any], on: date) -> bool:
    """Does an entry with optional `from` and `until` (both included) exist on the day?"""
    first, last = raw.get("from"), raw.get("until")
    return not (isinstance(first, date) and on < first) and not (isinstance(last, date) and on > last)


def version(raw: object, on: date, source: Source, path: Path_) -> tuple[object, Path_]:
    """The version of a dated value that is in force on the day; other values as they are."""
    if not dated(raw):
        return raw, path
    assert isinstance(raw, list)
    for index, entry in enumerate(raw):
        if in_force(entry, on):
            return version(entry["is"], on, source, (*path, index, "is"))
    raise source.error(
        path,
        f"no version of this number is in force on {on}",
        "a list of versions by date leaves that day out",
        "add a version whose from/until cover the day",
    )


def resolve(raw: object, on: date, classes: Mapping[str, frozenset[str]], source: Source, path: Path_) -> Resolved:
    """The value in force on the day. `classes` is classification -> its class names.

    Raises EditionError if a class is unknown, or a table mixes two classifications.
    """
    raw, path = version(raw, on, source, path)
    if not isinstance(raw, dict):
        return number(raw, source, path)
    names = [key for key in raw if key != ELSE]
    owners = [name for name, members in classes.items() if set(names) <= members]
    if not names or not owners:
        known = {member for members in classes.values() for member in members}
        wrong = next((n for n in names if n not in known), None)
        raise source.error(
            path,
            f"{wrong!r} is not a class" if wrong else "these classes are not of one classification",
            "a table by class names classes of one classification of countries.yaml, a text metric, or the levels",
            nearest(wrong, known) if wrong else "split the table",
        )
    found: dict[str, Number] = {}
    for name in names:
        inner, where = version(raw[name], on, source, (*path, name))
        found[name] = number(inner, source, where)
    otherwise = None
    if ELSE in raw:
        inner, where = version(raw[ELSE], on, source, (*path, ELSE))
        otherwise = number(inner, source, where)
    return ByClass(owners[0], tuple(found.items()), otherwise)


def units(value: Resolved) -> set[str | None]:
    """The units that a resolved value uses."""
    if isinstance(value, Number):
        return {value.unit}
    every = [n for _, n in value.numbers] + ([value.otherwise] if value.otherwise else [])
    return {n.unit for n in every}


def plain(value: Resolved, unit: str | None, source: Source, path: Path_) -> Resolved:
    """The value as bare numbers in the metric's own unit: `70 %` is 70 where the unit is percent, else 0.7.

    Raises EditionError where money stands in another currency than the metric's.
    """

    def one(n: Number) -> Number:
        if n.unit == "%":
            return Number(n.value if unit == "percent" else n.value / 100)
        if n.unit is not None and n.unit != unit:
            raise EditionError(
                source.error(
                    path,
                    f"the amount is in {n.unit}, the metric in {unit or 'no currency'}",
                    "thresholds are compared in the metric's own currency",
                    f"write the threshold in {unit}, or give the metric `currency: {n.unit}`",
                ).problems
            )
        return Number(n.value)

    if isinstance(value, Number):
        return one(value)
    return ByClass(
        value.classification,
        tuple((name, one(n)) for name, n in value.numbers),
        one(value.otherwise) if value.otherwise else None,
    )
