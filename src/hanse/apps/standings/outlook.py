"""How does the channel stand by an edition, how did it come there, and what does it cost in benefits?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils import timezone

from hanse.apps.accounts.policy import not_there, require
from hanse.apps.programmes.selectors import JUDGED, rank_on
from hanse.apps.standings.models import Current, Run, RunBenefit, RunFlow, RunLevel
from hanse.apps.standings.outlines import outline
from hanse.apps.standings.selectors import visible

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor


@dataclass(frozen=True)
class Book:
    """The standings by one edition: the run of all that they are of, its day, and how the programme read then."""

    edition: str
    run: int
    as_of: date
    known_at: datetime
    outline: str  # its digest

    @property
    def read(self) -> dict[str, Any]:
        """How the programme read: its levels from low to high, and what everything is called."""
        return outline(self.outline)


@dataclass(frozen=True)
class JudgedDay:
    """A day that was judged: the last run of all that did, and how many partners stood at each level ('' is none)."""

    as_of: date
    run: int
    levels: dict[str, int]


@dataclass(frozen=True)
class Flow:
    """So many partners went from one level to another; the empty text is none."""

    before: str
    after: str
    partners: int


@dataclass(frozen=True)
class Given:
    """A benefit over the channel: to how many partners, how much, and how much of it is used."""

    benefit: str
    unit: str | None
    currency: str | None
    partners: int
    quantity: float
    used: float


def books(*, actor: Actor) -> list[Book]:
    """The editions that standings are of: the one in force first, then by name. Raises Refused. One statement, two for several."""
    require(actor, "standings.see_lists")
    columns = ("edition", "run", "run__as_of", "run__known_at", "run__outline__digest", "run__version")
    found = Current.objects.order_by("edition").values_list(*columns)
    rank = rank_on(timezone.now().date()) if len(found) > 1 else {}
    return [Book(*row[:5]) for row in sorted(found, key=lambda row: rank.get(row[5], len(JUDGED)))]


def book(*, actor: Actor, edition: str = "") -> Book | None:
    """The standings by an edition; without a name those by the one in force. None where nothing is judged yet.

    Raises Refused, and NotThere for an edition that nobody was judged by.
    """
    found = books(actor=actor)
    if not edition:
        return found[0] if found else None
    for one in found:
        if one.edition == edition:
            return one
    raise not_there("standings by", edition, "evaluate first: hanse evaluate")


def days_judged(*, actor: Actor, edition: str, limit: int = 24) -> list[JudgedDay]:
    """The latest days judged by an edition, the earliest first. Two statements. Raises Refused."""
    require(actor, "standings.see_runs")
    runs = Run.objects.filter(edition=edition, kind=Run.Kind.ALL, state=Run.State.DONE)
    last = runs.values("as_of").annotate(run=Max("pk")).order_by("-as_of").values_list("as_of", "run")[:limit]
    days = {int(run): JudgedDay(as_of, int(run), {}) for as_of, run in reversed(last)}
    for run, level, granted, partners in RunLevel.objects.filter(run__in=days).values_list(
        "run", "level", "granted", "partners"
    ):
        counted = days[run].levels
        counted[granted or level] = counted.get(granted or level, 0) + partners
    return [day for day in days.values() if day.levels]


def flows_of(*, actor: Actor, run: int) -> list[Flow]:
    """Who went where by a run of all, the largest flow first. One statement. Raises Refused."""
    require(actor, "standings.see_runs")
    found = RunFlow.objects.filter(run=run).order_by("-partners", "before", "after")
    return [Flow(*row) for row in found.values_list("before", "after", "partners")]


def levels_of(*, actor: Actor, run: int) -> dict[str, int]:
    """How many partners a run of all put at each level. One statement. Raises Refused."""
    require(actor, "standings.see_runs")
    found: dict[str, int] = {}
    for level, granted, partners in RunLevel.objects.filter(run=run).values_list("level", "granted", "partners"):
        found[granted or level] = found.get(granted or level, 0) + partners
    return found


def read_of(*, actor: Actor, run: int) -> dict[str, Any]:
    """How the programme read on the day of a run that is done. Raises Refused, NotThere."""
    require(actor, "standings.see_runs")
    digest = Run.objects.filter(pk=run).values_list("outline__digest", flat=True).first()
    if digest is None:
        raise not_there("run", run, "hanse runs list names those there are")
    return outline(digest)


def benefits_of(*, actor: Actor, run: int) -> list[Given]:
    """What a run of all gave, and what has been used of it. One statement. Raises Refused."""
    require(actor, "standings.see_runs")
    columns = ("benefit", "unit", "currency", "partners", "quantity", "used")
    return [Given(*row) for row in RunBenefit.objects.filter(run=run).order_by("benefit").values_list(*columns)]


def waiting_count(*, actor: Actor, edition: str) -> int:
    """How many levels wait for a person's answer. One statement. Raises Refused."""
    require(actor, "standings.see_lists")
    return visible(actor).filter(edition=edition, awaiting__isnull=False).count()
