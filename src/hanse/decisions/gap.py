"""Who could close a gap in certified people, and by which exam?

A person who does not count yet is one exam away wherever any of several certificates will do. Whose certificate has expired
comes first (it is renewed more easily than earned), then who already counts for something else in the same competency, then
who holds any certificate at all, then the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

RENEW, SAME, ANY, NONE = "renew", "same", "any", "none"
_ORDER = (RENEW, SAME, ANY, NONE)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Candidate:
    """A person who could close a gap: how near, and where something expired, what and when."""

    person: str
    near: str
    certificate: str = ""
    expired: date | None = None


def candidates(
    metric: str, competency: str | None, holders: Iterable[Row], employed: Sequence[str]
) -> tuple[Candidate, ...]:
    """Those of `employed` who do not count for the metric (of the competency), the nearest first; then by name.

    `holders` are rows of holders.py.
    """
    counted: set[str] = set()
    expired: dict[str, tuple[date, str]] = {}
    same: set[str] = set()
    holding: set[str] = set()
    for row in holders:
        person, valid = str(row["person"]), not row["why"]
        here = row["metric"] == metric and row["competency"] == competency
        if valid:
            holding.add(person)
            if competency is not None and row["competency"] == competency:
                same.add(person)
            if here:
                counted.add(person)
        elif here and row["expires"] is not None:
            expired[person] = max(expired.get(person, (date.min, "")), (row["expires"], str(row["certificate"])))
    found = []
    for person in employed:
        if person in counted:
            continue
        if person in expired:
            on, certificate = expired[person]
            found.append(Candidate(person, RENEW, certificate, on))
        else:
            found.append(Candidate(person, SAME if person in same else ANY if person in holding else NONE))
    return tuple(sorted(found, key=lambda one: (_ORDER.index(one.near), one.person)))
