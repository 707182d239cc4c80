"""Who asks for a rehearsal, how far is it, and what came of it: in figures, and mover by mover?

The same two versions over the same facts are rehearsed once; whoever asks again is shown what is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from hanse.apps.accounts.policy import not_there, require
from hanse.apps.audit.services import record
from hanse.apps.evaluation.models import Mover, Rehearsal
from hanse.apps.evidence.selectors import learned_until
from hanse.apps.programmes.selectors import version_named
from hanse.apps.registry.selectors import within
from hanse.language.problems import CallError, Problem

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor

FEWER_THAN = 25
LARGEST = 2**63 - 1
NO_LEVEL = "-"  # asks for those without a level
_ASKING = 0x41534B52  # "ASKR": two who ask for the same at once ask for one rehearsal
_SHOWN = (
    "partner", "name", "country", "level_before", "level_after", "granted_before", "granted_after", "direction", "steps",
    "because_level", "because", "change", "metric", "clause", "actual_before", "actual_after", "needed_before", "needed_after",
    "competencies_lost", "competencies_gained", "rank",
)  # fmt: skip


@dataclass(frozen=True)
class Version:
    """One side of a rehearsal."""

    id: int
    name: str
    number: int
    title: dict[str, str] | None

    @property
    def key(self) -> str:
        """How people name the version."""
        return f"{self.name}@{self.number}"


@dataclass(frozen=True)
class Rehearsed:
    """A rehearsal: who asked for it, how far it is, and once it is done its figures (as `summary.json` has them)."""

    number: int
    before: Version
    after: Version
    as_of: date
    rules_as_of: date
    known_at: datetime
    state: str
    asked_by: str
    asked_at: datetime
    started: datetime | None
    finished: datetime | None
    seconds: float | None
    phase: str
    done: int
    of: int
    summary: dict[str, Any] | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Wanted:
    """Which movers: empty is any. `direction` is up, down, ...; `because` a requirement, of `because_level`."""

    country: str = ""
    before: str = ""
    after: str = ""
    direction: str = ""
    because: str = ""
    because_level: str = ""
    text: str = ""


@dataclass(frozen=True)
class Page:
    """Some movers, as rows of moves.parquet, and the rank after which the next page begins (0: there is none)."""

    rows: tuple[dict[str, Any], ...]
    following: int
    total: int


@dataclass(frozen=True)
class Counts:
    """How many movers there are that the actor may see, by what one may ask for."""

    directions: dict[str, int] = field(default_factory=dict)
    countries: dict[str, int] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)
    reasons: dict[tuple[str, str], int] = field(default_factory=dict)  # (level, requirement)


def rehearse(
    *, actor: Actor, before: str, after: str, as_of: date, rules_as_of: date | None = None, fewer_than: int = FEWER_THAN
) -> int:
    """Asks for a rehearsal over what is on record now, and returns its number; one that there is already is that one.

    `rules_as_of` is the day whose rules count on both sides; without it that of `as_of`. Raises Refused, CallError.
    """
    require(actor, "evaluation.rehearse")
    from hanse.apps.evaluation import jobs

    sides = [version_named(name, date.max) for name in (before, after)]
    if sides[0].id == sides[1].id:
        raise CallError(
            Problem(
                "NEW_EDITION", f"{sides[0].key} is compared with itself", "nothing would differ", "choose another one"
            )
        )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ASKING])
        facts = {
            "as_of": as_of, "rules_as_of": rules_as_of or as_of, "known_at": learned_until() or timezone.now(),
            "fewer_than": fewer_than,
        }  # fmt: skip
        alike = {
            f"{side}__content_hash": one.content_hash for side, one in zip(("before", "after"), sides, strict=True)
        }
        known = Rehearsal.objects.filter(**facts, **alike).exclude(state=Rehearsal.State.FAILED).order_by("-pk").first()
        if known is not None:
            if sides[1].unchecked and sides[1].id != known.after_id:
                jobs.check_cases.defer(version=sides[1].id)
            return int(known.pk)
        made = Rehearsal.objects.create(
            before_id=sides[0].id,
            after_id=sides[1].id,
            **facts,
            state=Rehearsal.State.WAITING,
            asked_by=actor.name,
            asked_at=timezone.now(),
        )
        jobs.rehearse.defer(number=made.pk)
        record(
            actor=actor.name, action="evaluation.rehearse", subject=f"rehearsal {made.pk}",
            after={"before": sides[0].key, "after": sides[1].key, "as_of": as_of, "rules_as_of": made.rules_as_of},
        )  # fmt: skip
    return int(made.pk)


def rehearsed(*, actor: Actor, number: int) -> Rehearsed:
    """One rehearsal. Raises Refused, NotThere. One statement."""
    require(actor, "evaluation.see_rehearsals")
    one = _all().filter(pk=number).first() if number <= LARGEST else None
    if one is None:
        raise not_there("rehearsal", number, "the programme office lists those there are")
    return _plain(one)


def of_rules(*, actor: Actor, content_hash: str = "", limit: int = 20) -> list[Rehearsed]:
    """The newest rehearsals of these rules (as the changed side), or of all; without their figures. One statement."""
    require(actor, "evaluation.see_rehearsals")
    found = _all().defer("summary")
    if content_hash:
        found = found.filter(after__content_hash=content_hash)
    return [_plain(one, figures=False) for one in found.order_by("-pk")[:limit]]


def movers(
    *, actor: Actor, number: int, wanted: Wanted, after: int = 0, limit: int = 50, total: int | None = None
) -> Page:
    """Those who move furthest first, among the partners that the actor sees; those after a rank.

    Two statements, one where there is no other page or the `total` is known.
    """
    found = _wanted(actor, number, wanted)
    rows = list(found.filter(rank__gt=after).order_by("rank").values(*_SHOWN)[: limit + 1])
    more, rows = len(rows) > limit, rows[:limit]
    if total is None:
        total = found.count() if more or after else len(rows)
    return Page(tuple(rows), int(rows[-1]["rank"]) if more else 0, total)


def every_mover(*, actor: Actor, number: int, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """All movers that are wanted, in their order, a piece at a time."""
    found = _wanted(actor, number, wanted).order_by("rank").values(*_SHOWN)
    return iter(found.iterator(chunk_size=2000))


def counts(*, actor: Actor, number: int, kinds: Mapping[str, Any] | None = None) -> Counts:
    """How many movers there are of each kind, among the partners that the actor sees. One statement.

    Whoever sees all of them is given what was counted when they were found: `kinds` of the summary.
    """
    require(actor, "evaluation.see_rehearsals")
    if actor.everywhere and kinds is not None:
        reasons = {(level, because): n for level, because, n in kinds["reasons"]}
        return Counts(kinds["directions"], kinds["countries"], kinds["before"], kinds["after"], reasons)
    columns = ("direction", "country", "level_before", "level_after", "because_level", "because")
    rows = _wanted(actor, number, Wanted()).values_list(*columns).annotate(n=Count("rank")).order_by()
    return counted(rows)


def counted(rows: Iterable[tuple[Any, ...]]) -> Counts:
    """Sums of rows of direction, country, level before, level after, level and requirement that decided, and a number."""
    found = Counts()
    for direction, country, before, after, level, because, n in rows:
        for sums, name in (
            (found.directions, direction), (found.countries, country), (found.before, before or ""), (found.after, after or ""),
        ):  # fmt: skip
            sums[name] = sums.get(name, 0) + n
        if because:
            found.reasons[level, because] = found.reasons.get((level, because), 0) + n
    return found


def _wanted(actor: Actor, number: int, wanted: Wanted) -> QuerySet[Mover]:
    require(actor, "evaluation.see_rehearsals")
    found = Mover.objects.filter(within(actor, partner="partner", country="country"), rehearsal=number)
    for column, value in (
        ("country", wanted.country), ("direction", wanted.direction), ("because", wanted.because),
        ("because_level", wanted.because_level),
    ):  # fmt: skip
        if value:
            found = found.filter(**{column: value})
    for column, value in (("level_before", wanted.before), ("level_after", wanted.after)):
        if value:
            found = found.filter(**({f"{column}__isnull": True} if value == NO_LEVEL else {column: value}))
    if wanted.text:
        found = found.filter(name__icontains=wanted.text)
    return found


def _all() -> QuerySet[Rehearsal]:
    return Rehearsal.objects.select_related("before", "after")


def _plain(one: Rehearsal, *, figures: bool = True) -> Rehearsed:
    before, after = (Version(v.pk, v.name, v.number, v.title) for v in (one.before, one.after))
    return Rehearsed(
        one.pk, before, after, one.as_of, one.rules_as_of, one.known_at, one.state, one.asked_by, one.asked_at, one.started,
        one.finished, one.processor_seconds, one.phase, one.done, one.of, one.summary if figures else None,
        tuple(Problem(**problem) for problem in one.failure or ()),
    )  # fmt: skip
