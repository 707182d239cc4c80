"""What does an explanation consist of?

Plain values, so that an explanation can be shown, stored as JSON, or compared. The rows that go in are an
`Outcome`, what comes out is an `Explanation`; explanation.py makes the one into the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Row = Mapping[str, Any]
OUTLINE_KEYS = (  # what an outline has, see outline.py
    "edition",
    "title",
    "levels",
    "depths",
    "competency",
    "competencies",
    "competency_asks",
    "metrics",
    "benefits",
    "results",
    "assignments",
)


@dataclass(frozen=True)
class Requirement:
    """One check. `short_by` is how much of a number is missing, or too much where it is capped."""

    requirement: str
    label: str
    metric: str
    table: str | None  # what the metric reads
    kind: str
    unit: str | None
    actual: float | None
    needed: float | None
    comparison: str
    met: bool
    short_by: float | None
    clause: str | None
    note: str | None


@dataclass(frozen=True)
class Asked:
    """A requirement in its place: how deep, and the lines above it where it is one of several ways."""

    requirement: Requirement
    depth: int = 0
    under: tuple[str, ...] = ()  # from outside in: all, any, none, "n:2", "path:NAME", "when:TEST", "level:NAME"


@dataclass(frozen=True)
class LevelView:
    """A level: what it asks, in order, and the requirements (by name) that would suffice to reach it."""

    level: str
    label: str
    asks: bool
    retired: bool
    requirements: tuple[Asked, ...]
    missing: tuple[str, ...]
    of: int  # how many requirements the shortest way has


@dataclass(frozen=True)
class CompetencyView:
    """A competency held, or one that lacks a single requirement."""

    competency: str
    label: str
    depth: str | None
    depth_label: str | None
    held: bool
    since: date | None
    requirements: tuple[Requirement, ...]

    @property
    def lacks(self) -> float:
        """How much is missing: 1 for each requirement, of a number the share that is not there."""
        unmet = [one for one in self.requirements if not one.met]
        return sum(min(1.0, one.short_by / one.needed) if one.short_by and one.needed else 1.0 for one in unmet)


@dataclass(frozen=True)
class BenefitView:
    benefit: str
    label: str
    quantity: float
    used: float
    left: float
    unit: str | None
    currency: str | None
    first: date | None
    last: date | None


@dataclass(frozen=True)
class ResultView:
    result: str
    label: str
    subject: str | None
    value: float | str | date | None
    unit: str | None


@dataclass(frozen=True)
class FactRow:
    """A row of facts: its own words, and where it stands."""

    values: Mapping[str, Any]
    file: str | None = None
    line: int | None = None
    partner: str | None = None  # where it is another firm's


@dataclass(frozen=True)
class NotCounted:
    """Rows that one metric did not count for one reason: how many, and the first few."""

    reason: str
    detail: str
    rows: int
    first: tuple[FactRow, ...]


@dataclass(frozen=True)
class FactsView:
    """What one metric counted (for one competency, where it is a number per each), and what not."""

    metric: str
    label: str
    table: str
    competency: str | None
    since: date | None  # the first day of the window, where there is one
    rows: int
    first: tuple[FactRow, ...]
    people: Mapping[str, tuple[str, ...]]  # person -> certificates (or roles) that counted
    not_counted: tuple[NotCounted, ...]


@dataclass(frozen=True)
class ExceptionView:
    """A waiver or a protection, as recorded: what, why, by whom, until when."""

    subject: str
    reason: str
    by: str
    first: date
    last: date


@dataclass(frozen=True)
class BadRow:
    table: str
    file: str
    line: int
    what: str
    why: str
    effect: str


@dataclass(frozen=True)
class Partner:
    """Who is asked about. `standing` is active, left, not_yet, refused (its own row is bad) or absent."""

    partner: str
    name: str | None = None
    country: str | None = None
    joined: date | None = None
    left: date | None = None
    standing: str = "active"


@dataclass(frozen=True)
class Outcome:
    """The rows of one partner, as an evaluation left them; `facts` and `exceptions` where facts are given."""

    partner: Partner
    as_of: date
    rules_as_of: date
    known_at: str | None
    outline: Mapping[str, Any]
    standings: Sequence[Row] = ()
    checks: Sequence[Row] = ()
    competencies: Sequence[Row] = ()
    benefits: Sequence[Row] = ()
    results: Sequence[Row] = ()
    problems: Sequence[Row] = ()
    facts: Sequence[FactsView] | None = None
    exceptions: Sequence[ExceptionView] | None = None


@dataclass(frozen=True)
class Explanation:
    """The whole answer. `own` is the level achieved, `next` those above it, the next one first."""

    edition: str
    title: str
    as_of: date
    rules_as_of: date
    known_at: str | None
    partner: Partner
    level: str | None = None
    level_label: str | None = None
    granted: str | None = None
    granted_label: str | None = None
    expected: str | None = None
    expected_label: str | None = None
    awaiting: str | None = None
    path: str | None = None
    status: str | None = None
    granted_from: date | None = None
    granted_until: date | None = None
    own: LevelView | None = None
    next: tuple[LevelView, ...] = ()
    competencies: tuple[CompetencyView, ...] = ()
    assignments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # competency (role) -> people
    benefits: tuple[BenefitView, ...] = ()
    results: tuple[ResultView, ...] = ()
    facts: tuple[FactsView, ...] | None = None
    exceptions: tuple[ExceptionView, ...] | None = None
    problems: tuple[BadRow, ...] = ()

    @property
    def near(self) -> tuple[CompetencyView, ...]:
        """The competencies not held of which there are checks; first whichever lacks the least of what it asks."""
        return tuple(sorted((one for one in self.competencies if not one.held), key=lambda one: one.lacks))
