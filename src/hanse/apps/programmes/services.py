"""Installs editions, and says what becomes of them: piloted, announced, in force, retired."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from hanse.apps.accounts.policy import require
from hanse.apps.audit.services import record
from hanse.apps.programmes import content
from hanse.apps.programmes.models import Event, File, PilotPartner, State, Version
from hanse.apps.programmes.selectors import Seen, latest_number, seen, version_named
from hanse.language.problems import CallError, EditionError, Problem

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor
    from hanse.language.edition import Edition

Progress = Callable[[str, int, int], None]
_OPERATOR = "operator:"


@dataclass(frozen=True)
class Installed:
    """What installing gave: the version, and whether it is new."""

    version: Seen
    new: bool


def install(*, actor: Actor, name: str, reason: str = "", progress: Progress | None = None) -> Installed:
    """Checks an edition given by folder or shipped name, runs its cases, and keeps its files as a version.

    Files that are kept already change nothing. Raises Refused, CallError, and EditionError for an edition that is not
    sound or one of whose cases does not come out.
    """
    from hanse.language import edition as language

    require(actor, "programmes.install")
    folder = language.find(name)
    files = content.files_of(folder)
    read = language.load(name)
    known = Version.objects.filter(
        name=read.name, content_hash=read.content_hash, cases_hash=content.cases_hash(files)
    ).first()
    if known is not None:
        return Installed(seen(known, date.max), new=False)
    cases = checked(read, progress)
    with transaction.atomic():
        version = _keep(actor, read, files, cases, source=name)
        why = reason or f"installed from {Path(name).name}"
        _event(version, State.DRAFTED, timezone.now().date(), actor.name, why)
        found = seen(version, date.max)
        record(
            actor=actor.name, action="programmes.install", subject=f"edition {found.key}", why=reason,
            after={"content_hash": version.content_hash, "files": sorted(files), "cases": cases},
        )  # fmt: skip
    return Installed(found, new=True)


def checked(edition: Edition, progress: Progress | None = None) -> int:
    """Compiles an edition and runs all its cases; returns how many there are. Raises EditionError."""
    from hanse.engines import cases

    listed = cases.cases_of(edition)
    wrong: list[Problem] = []
    for done, case in enumerate(listed):
        if progress:
            progress(case.id, done, len(listed))
        outcome = cases.run(edition, case)
        wrong += [
            Problem(f"{case.source.file} {case.id}", what, case.says, "mend the rules, or the case if it is wrong")
            for what in outcome.differences
        ]
    if wrong:
        raise EditionError(wrong)
    if not listed:
        _compiles(edition)
    return len(listed)


def pilot(*, actor: Actor, name: str, partners: Sequence[str], on: date, reason: str) -> Seen:
    """Shows a version to a group of partners from a day on; a later group takes the place of an earlier one.

    Raises Refused, and CallError for an empty group or a version that cannot be piloted any more.
    """
    group = sorted(set(partners))
    if not group:
        raise CallError(Problem("PARTNERS", "the pilot group is empty", "a pilot is shown to somebody",
                                "name the partners, about 50 of all kinds"))  # fmt: skip
    return _happens(actor, name, State.PILOTED, on, reason, group=group)


def announce(*, actor: Actor, name: str, on: date, reason: str, alone: bool = False) -> Seen:
    """Publishes a version to everybody from a day on: partners see what they would be. Raises Refused, CallError."""
    return _happens(actor, name, State.ANNOUNCED, on, reason, alone=alone)


def put_in_force(*, actor: Actor, name: str, on: date, reason: str, alone: bool = False) -> Seen:
    """Makes a version the one that grants levels from a day on; the one before is retired that day.

    Raises Refused, CallError.
    """
    return _happens(actor, name, State.IN_FORCE, on, reason, alone=alone)


def retire(*, actor: Actor, name: str, on: date, reason: str) -> Seen:
    """Ends a version on a day. Raises Refused, CallError."""
    return _happens(actor, name, State.RETIRED, on, reason)


_VERBS = {State.PILOTED: "pilot", State.ANNOUNCED: "announce", State.IN_FORCE: "put_in_force", State.RETIRED: "retire"}
_FOLLOWS = {
    State.DRAFTED: {State.PILOTED, State.ANNOUNCED, State.IN_FORCE, State.RETIRED},
    State.PILOTED: {State.PILOTED, State.ANNOUNCED, State.IN_FORCE, State.RETIRED},
    State.ANNOUNCED: {State.IN_FORCE, State.RETIRED},
    State.IN_FORCE: {State.RETIRED},
    State.RETIRED: set(),
}


def _happens(
    actor: Actor, name: str, state: State, on: date, reason: str, *, alone: bool = False, group: Sequence[str] = ()
) -> Seen:
    require(actor, "programmes.pilot" if state == State.PILOTED else "programmes.publish")
    if not reason.strip():
        raise CallError(Problem("--reason", "no reason is given", "whoever looks back must see why", "add --reason"))
    with transaction.atomic():
        before = version_named(name, date.max)
        version = Version.objects.get(pk=before.id)
        _may_follow(before, state, on)
        if state in (State.ANNOUNCED, State.IN_FORCE):
            _second_person(actor, before, alone)
        if state == State.IN_FORCE:
            _retire_others(actor, version, on)
        event = _event(version, state, on, actor.name, reason, alone=alone)
        PilotPartner.objects.bulk_create([PilotPartner(event=event, partner=p) for p in group])
        found = seen(Version.objects.get(pk=version.pk), date.max)
        record(
            actor=actor.name, action=f"programmes.{_VERBS[state]}", subject=f"edition {found.key}", why=reason,
            before={"state": before.state, "since": before.since},
            after={"state": state, "since": on, "alone": alone, "pilots": list(group)},
        )  # fmt: skip
    return found


def _may_follow(before: Seen, state: State, on: date) -> None:
    if state not in _FOLLOWS[State(before.state)]:
        raise CallError(Problem(
            before.key, f"{before.name} is {said(before.state)}: it cannot become {said(state)}",
            "an edition is drafted, piloted, announced, in force and retired, in this order",
            "install its changed files as a new version" if before.state == State.RETIRED else f"see: hanse editions show {before.key}",
        ))  # fmt: skip
    if before.state != State.DRAFTED and before.since and on < before.since:
        raise CallError(Problem(
            "--on", f"{before.name} is {said(before.state)} since {before.since}", "what comes next cannot have come before",
            f"give {before.since} or a later day",
        ))  # fmt: skip


def _second_person(actor: Actor, before: Seen, alone: bool) -> None:
    """Publishing wants two people: who wrote the edition, and who lets it go."""
    if actor.name != before.author:
        return
    if not alone:
        raise CallError(Problem(
            before.key, f"{actor.name} installed this version and cannot publish it as well",
            "what binds every partner is read by a second person first",
            "let somebody else publish it; where there is nobody else, the operator may: --alone, and the reason",
        ))  # fmt: skip
    if not actor.name.startswith(_OPERATOR):
        raise CallError(Problem("--alone", "only the operator of the installation may publish alone",
                                "users of the system can ask one another", "let somebody else publish it"))  # fmt: skip


def _retire_others(actor: Actor, version: Version, on: date) -> None:
    """The edition of the programme that has been in force is so until this day."""
    for other in Version.objects.filter(programme=version.programme).exclude(pk=version.pk):
        now = seen(other, date.max)
        if now.state == State.IN_FORCE:
            _may_follow(now, State.RETIRED, on)
            _event(other, State.RETIRED, on, actor.name, f"{version} is in force")


def _event(version: Version, state: State, on: date, actor: str, reason: str, *, alone: bool = False) -> Event:
    return Event.objects.create(
        version=version, state=state, on=on, at=timezone.now(), actor=actor, reason=reason, alone=alone
    )


def _keep(actor: Actor, read: Edition, files: dict[str, bytes], cases: int, *, source: str) -> Version:
    version = Version.objects.create(
        name=read.name, programme=read.programme.programme, edition=str(read.programme.edition),
        number=latest_number(read.name) + 1, title=read.programme.title, content_hash=read.content_hash,
        cases_hash=content.cases_hash(files), cases=cases, author=actor.name, installed=timezone.now(), source=source,
    )  # fmt: skip
    File.objects.bulk_create([File(version=version, path=path, content=body) for path, body in files.items()])
    return version


def _compiles(edition: Edition) -> None:
    """An edition without a case is at least compiled, against facts that have every column of the contract."""
    from hanse.decisions.evaluate import plan_of
    from hanse.language.context import Days, FactsInfo
    from hanse.language.facts import SQL_TYPES
    from hanse.language.money import ecb_rates

    schema = {
        t: {c.name: SQL_TYPES[c.type] for c in table.columns} for t, table in edition.tables.items() if t != "rates"
    }
    today = timezone.now().date()
    plan_of(edition, Days(today, today), FactsInfo(schema, ecb_rates()))


def said(state: str) -> str:
    """A state in words."""
    return state.replace("_", " ")
