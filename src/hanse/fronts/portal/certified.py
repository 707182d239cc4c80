"""Who works at the firm, what does each hold, until when, and what does each certificate count for?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from hanse.apps.accounts.actors import Actor
from hanse.apps.evaluation.progress import Progress, people
from hanse.apps.evidence.selectors import facts_of
from hanse.apps.registry.selectors import people_of
from hanse.language.words import Words

MOST = 20_000  # certificates of one firm that are read
VALID, EXPIRED, LATER = "valid", "expired", "later"


@dataclass(frozen=True)
class Certificate:
    """A certificate of a person, the latest of its name: `state` on the day, and what it counts for, as shown."""

    name: str
    earned: date
    expires: date | None
    state: str
    counts: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Person:
    """Somebody who works at the firm, or has: the latest employment, and the certificates of that time."""

    key: str
    role: str
    since: date
    until: date | None
    here: bool
    certificates: tuple[Certificate, ...]

    @property
    def valid(self) -> tuple[Certificate, ...]:
        """Those valid on the day."""
        return tuple(one for one in self.certificates if one.state == VALID)

    @property
    def next(self) -> Certificate | None:
        """The one that expires first."""
        ending = [one for one in self.valid if one.expires is not None]
        return min(ending, key=lambda one: one.expires or date.max) if ending else None


@dataclass(frozen=True)
class Certified:
    """Everybody, those who are there first, by name."""

    progress: Progress
    people: tuple[Person, ...]

    @property
    def employed(self) -> list[str]:
        """The names of those who are there on the day."""
        return [one.key for one in self.people if one.here]


def certified(actor: Actor, firm: str, words: Words) -> Certified:
    """The people of a firm. Raises NotThere."""
    progress = people(actor=actor, partner=firm)
    day = progress.outcome.as_of
    held: dict[str, list[Mapping[str, Any]]] = {}
    for row in facts_of(actor, firm, "certifications", limit=MOST):
        held.setdefault(row["person"], []).append(row)
    counts = _counts(progress, words)
    latest: dict[str, Any] = {}
    for one in people_of(actor, firm):
        if one.since <= day and (one.person.key not in latest or not _there(latest[one.person.key], day)):
            latest[one.person.key] = one
    found = [
        Person(
            key, (job.role or "").replace("_", " "), job.since, job.until, _there(job, day),
            tuple(_newest(held.get(key, ()), key, counts, day)),
        )
        for key, job in latest.items()
    ]  # fmt: skip
    return Certified(progress, tuple(sorted(found, key=lambda one: (not one.here, one.key))))


def _there(job: Any, day: date) -> bool:
    return job.until is None or job.until >= day


def _newest(
    rows: Iterable[Mapping[str, Any]], person: str, counts: Mapping[Any, tuple[str, ...]], day: date
) -> Iterable[Certificate]:
    """Of each certificate the statement that lasts longest, in the order in which they expire."""
    latest: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        before = latest.get(row["certificate"])
        if before is None or (row["expires"] or date.max) > (before["expires"] or date.max):
            latest[row["certificate"]] = row
    for row in sorted(latest.values(), key=lambda one: (one["expires"] or date.max, one["certificate"])):
        expired = row["expires"] is not None and row["expires"] < day
        state = LATER if row["earned"] > day else EXPIRED if expired else VALID
        listed = counts.get((person, row["certificate"]), ()) if state == VALID else ()
        yield Certificate(row["certificate"], row["earned"], row["expires"], state, listed, row["source"])


def _counts(progress: Progress, words: Words) -> dict[tuple[str, str], tuple[str, ...]]:
    """By person and certificate: the competencies it counts for; else the numbers of the firm as a whole."""
    outline = progress.outcome.outline
    named: dict[tuple[str, str], dict[str, None]] = {}
    whole: dict[tuple[str, str], dict[str, None]] = {}
    for row in progress.holders:
        if row["why"]:
            continue
        key = (row["person"], row["certificate"])
        if row["competency"] is None:
            label = words.label(outline["metrics"].get(row["metric"], {}).get("label"), row["metric"])
            whole.setdefault(key, {})[label] = None
        else:
            label = words.label(outline["competencies"].get(row["competency"]), row["competency"])
            named.setdefault(key, {})[label] = None
    return {key: tuple(named.get(key) or whole[key]) for key in {**whole, **named}}
