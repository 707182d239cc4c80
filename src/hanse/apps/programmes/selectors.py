"""Which editions are there, what is each on a day, and how does one read?"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Prefetch, prefetch_related_objects

from hanse.apps.accounts.one_look import once
from hanse.apps.accounts.policy import require
from hanse.apps.accounts.roles import VENDOR
from hanse.apps.programmes import content
from hanse.apps.programmes.models import Check, Event, File, PilotPartner, State, Version
from hanse.installation import home
from hanse.language.problems import CallError, Problem, nearest

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor
    from hanse.apps.programmes.publishing import Asked
    from hanse.language.edition import Edition

JUDGED = (State.IN_FORCE, State.ANNOUNCED, State.PILOTED)  # by these partners are judged every night
_WORTH = [State.RETIRED, State.DRAFTED, State.PILOTED, State.ANNOUNCED, State.IN_FORCE]
_GROUP = "size_of_group"
_LIFE = Prefetch("events", Event.objects.annotate(**{_GROUP: Count("group")}))
_read: dict[tuple[str, str], Edition] = {}
_ASKED = re.compile(r"(?P<name>[^@]+)(?:@(?P<number>\d+))?")


@dataclass(frozen=True)
class Happened:
    """One event of a version's life. `taken_back`: it never came to be; `takes_back`: it says so of the one before."""

    state: str
    on: date
    at: datetime
    actor: str
    reason: str
    alone: bool
    pilots: int = 0
    taken_back: bool = False
    takes_back: bool = False


@dataclass(frozen=True)
class Checked:
    """How many cases a version has, when they were run, and those that did not come out as they say.

    Each of these is plain: id, says, file, line, index (its place in the file), as_of, differences.
    """

    cases: int
    at: datetime
    failing: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Seen:
    """A version with what has become of it. `state` is that of the day asked for."""

    id: int
    name: str
    programme: str
    number: int
    title: dict[str, str] | None
    content_hash: str
    cases: int
    author: str
    installed: datetime
    source: str
    state: str
    since: date | None
    events: tuple[Happened, ...]
    unchecked: bool = False

    @property
    def key(self) -> str:
        """How people name the version."""
        return f"{self.name}@{self.number}"


def editions(*, actor: Actor, day: date, name: str | None = None) -> list[Seen]:
    """The versions that the actor may see on a day, by name and number, the newest first. Raises Refused."""
    require(actor, "programmes.see")
    found = [seen(version, day) for version in _versions(name)]
    if actor.roles & VENDOR:
        return found
    shown = shown_to(actor.partners, day)
    return [one for one in found if one.id in shown]


@once
def shown_to(partners: Iterable[str], day: date) -> set[int]:
    """The versions that partners see on a day: those in force and announced, and those whose pilots they are."""
    last = {version: event for version, events in _lives().items() if (event := _last(events, day))}
    piloted = [event.pk for event in last.values() if event.state == State.PILOTED]
    ours = PilotPartner.objects.filter(event__in=piloted, partner__in=list(partners)) if piloted else None
    mine = set(ours.values_list("event", flat=True)) if ours is not None else set()
    open_to_all = (State.IN_FORCE, State.ANNOUNCED)
    return {version for version, event in last.items() if event.state in open_to_all or event.pk in mine}


@once
def rank_on(day: date) -> dict[int, int]:
    """How near to being in force the versions are by which partners are judged on a day, 0 the nearest. One statement."""
    last = {version: _last(events, day) for version, events in _lives().items()}
    return {version: JUDGED.index(State(e.state)) for version, e in last.items() if e is not None and e.state in JUDGED}


def in_force_on(day: date) -> dict[int, str]:
    """The versions in force on a day, and the editions that they are of. Two statements."""
    found = [version for version, rank in rank_on(day).items() if rank == 0]
    return dict(Version.objects.filter(pk__in=found).values_list("pk", "name"))


@once
def judged_on(day: date) -> list[Seen]:
    """The versions by which partners are judged on a day: in force, announced, piloted, in this order."""
    found = [one for one in (seen(version, day) for version in _versions(None)) if one.state in JUDGED]
    return sorted(found, key=lambda one: (JUDGED.index(State(one.state)), one.name, one.number))


def version_named(asked: str, day: date) -> Seen:
    """The version that `programme`, `programme/edition` or `programme/edition@number` means on a day.

    Of several it is the one in force, else announced, piloted, drafted, the newest of these. Raises CallError.
    """
    match = _ASKED.fullmatch(asked)
    name, number = (match["name"], match["number"]) if match else (asked, None)
    found = [seen(v, day) for v in Version.objects.filter(name=name)]
    found = found or [seen(v, day) for v in Version.objects.filter(programme=name)]
    if number is not None:
        found = [one for one in found if one.number == int(number)]
    if not found:
        known = sorted(set(Version.objects.values_list("name", flat=True)))
        remedy = nearest(name, known) if known else "install it first: hanse editions install FOLDER-OR-NAME"
        raise CallError(Problem("EDITION", f"the edition {asked!r} is not installed",
                                "only what is installed can be judged by, for only that is kept as it was", remedy))  # fmt: skip
    return max(found, key=lambda one: (_WORTH.index(State(one.state)), one.since or date.min, one.number))


def version_of_hash(name: str, content_hash: str) -> Seen:
    """The version of an edition whose rules have this hash. Raises CallError."""
    version = Version.objects.filter(name=name, content_hash=content_hash).order_by("number").first()
    if version is None:
        raise CallError(Problem(f"{name} {content_hash[:12]}", "this version of the edition is not installed",
                                "a run is repeated with the rules it had", "install the files it was made with again"))  # fmt: skip
    return seen(version, date.max)


def edition(asked: str, day: date | None = None) -> Edition:
    """The edition of that name as it is stored. Raises CallError."""
    return loaded(version_named(asked, day or date.max).id)


def loaded(version: int) -> Edition:
    """A version read from its stored files: the same object for the life of the process, as a content never changes."""
    kept = Version.objects.get(pk=version)
    found = _read.get((kept.content_hash, kept.cases_hash))
    if found is None:
        from hanse.language import edition as language

        found = _read[kept.content_hash, kept.cases_hash] = language.load(str(unpacked(version)))
    return found


def unpacked(version: int) -> Path:
    """The folder with the files of a version, unpacked when first asked for. What was touched there is written anew."""
    kept = Version.objects.get(pk=version)
    folder = home.room("editions") / f"{kept.content_hash}-{kept.cases_hash[:12]}"
    if folder.is_dir():
        found = content.files_of(folder)
        if (content.rules_hash(found), content.cases_hash(found)) == (kept.content_hash, kept.cases_hash):
            return folder
    files = {f.path: bytes(f.content) for f in File.objects.filter(version=kept)}
    staging = Path(tempfile.mkdtemp(prefix=".arriving-", dir=folder.parent))
    try:
        content.unpack(files, staging / "edition")
        shutil.rmtree(folder, ignore_errors=True)
        (staging / "edition").rename(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return folder


def files_of(version: int) -> dict[str, bytes]:
    """The stored files of a version, by path."""
    return {f.path: bytes(f.content) for f in File.objects.filter(version=version).order_by("path")}


def pilots_of(version: int, day: date) -> list[str]:
    """The partners to whom a version is shown before it is announced; none where it is not piloted on the day."""
    state, event = _state(Version.objects.get(pk=version), day)
    if state != State.PILOTED or event is None:
        return []
    return list(PilotPartner.objects.filter(event=event).order_by("partner").values_list("partner", flat=True))


def publications_waiting(actor: Actor) -> list[Asked]:
    """The publications of editions that wait for a second person, the oldest first. Raises Refused. One statement."""
    from hanse.apps.programmes import publishing

    return publishing.waiting(actor=actor)


def checks_made() -> dict[int, tuple[int, int]]:
    """By draft: how many cases it has, and how many of them do not hold; those whose cases have not been run are left out."""
    found = Check.objects.values_list("version", "cases", "failing")
    return {version: (cases, len(failing)) for version, cases, failing in found}


def checked_cases(version: int) -> Checked | None:
    """What came of the cases of a version; None while those of a draft have not been run."""
    one = Version.objects.select_related("check_made").get(pk=version)
    if not one.unchecked:
        return Checked(one.cases, one.installed, ())
    made = getattr(one, "check_made", None)
    return Checked(made.cases, made.at, tuple(made.failing)) if made else None


def seen(version: Version, day: date) -> Seen:
    """A version as plain values."""
    state, event = _state(version, day)
    listed = _events(version)
    undone = {e.takes_back_id for e in listed}
    events = tuple(
        Happened(
            e.state, e.on, e.at, e.actor, e.reason, e.alone, getattr(e, _GROUP), e.pk in undone,
            e.takes_back_id is not None,
        )
        for e in listed
    )  # fmt: skip
    return Seen(
        version.pk, version.name, version.programme, version.number, version.title, version.content_hash, version.cases,
        version.author, version.installed, version.source, state, event.on if event else None, events, version.unchecked,
    )  # fmt: skip


def latest_number(name: str) -> int:
    """The number of the newest version of an edition; 0 where there is none."""
    return int(Version.objects.filter(name=name).aggregate(n=Max("number"))["n"] or 0)


@once
def _versions(name: str | None) -> list[Version]:
    found = Version.objects.prefetch_related(_LIFE).order_by("name", "-number")
    return list(found.filter(name=name) if name else found)


def _events(version: Version) -> list[Event]:
    prefetch_related_objects([version], _LIFE)  # where it has not been read together with others
    return sorted(version.events.all(), key=lambda e: e.pk)


@once
def _lives() -> dict[int, list[Event]]:
    """What has become of every version, by its id, oldest first: enough to know its state on a day, and no more."""
    found: dict[int, list[Event]] = {}
    for event in Event.objects.only("version_id", "state", "on", "takes_back_id").order_by("pk"):
        found.setdefault(event.version_id, []).append(event)
    return found


def _last(events: Sequence[Event], day: date) -> Event | None:
    """The event that says what a version is on a day."""
    undone = {e.takes_back_id for e in events if e.takes_back_id is not None}
    lived = [e for e in events if e.takes_back_id is None and e.pk not in undone]
    happened = [e for e in lived if e.on <= day or e.state == State.DRAFTED]
    return happened[-1] if happened else None


def _state(version: Version, day: date) -> tuple[str, Event | None]:
    """What a version is on a day, and the event that says so; drafted before anything else has happened.

    What was taken back never came to be.
    """
    last = _last(_events(version), day)
    return (last.state if last else State.DRAFTED), last
