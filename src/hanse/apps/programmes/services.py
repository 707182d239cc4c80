"""Installs editions and drafts, and says what becomes of them: piloted, asked for, announced, in force, retired."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from hanse.apps.accounts.actors import SYSTEM
from hanse.apps.accounts.policy import require
from hanse.apps.audit.services import record
from hanse.apps.programmes import content, drafting
from hanse.apps.programmes.models import Check, Event, File, PilotPartner, State, Version
from hanse.apps.programmes.selectors import Seen, files_of, latest_number, seen, version_named
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
    if known is not None and (not known.unchecked or Check.objects.filter(version=known, failing=[]).exists()):
        return Installed(seen(known, date.max), new=False)
    cases = checked(read, progress)
    if known is not None:
        Check.objects.get_or_create(version=known, defaults={"at": timezone.now(), "cases": cases, "failing": []})
        return Installed(seen(known, date.max), new=False)
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


def draft(*, actor: Actor, files: Mapping[str, bytes], base: str = "", reason: str) -> Installed:
    """Keeps changed files as a draft, so that the change can be rehearsed, before its cases have been run.

    `base` is the version it was made from, by its key. Files that are kept already change nothing. Raises Refused,
    CallError, and EditionError for what would not compute.
    """
    require(actor, "programmes.draft")
    _said_why(reason)
    made_from = version_named(base, date.max) if base else None
    with drafting.opened(files) as read:
        drafting.sound(read, read.programme.in_force or timezone.now().date())
        kept = content.files_of(read.folder)
        known = Version.objects.filter(
            name=read.name, content_hash=read.content_hash, cases_hash=content.cases_hash(kept)
        ).first()
        if known is not None:
            return Installed(seen(known, date.max), new=False)
        with transaction.atomic():
            source = made_from.key if made_from else "an archive"
            version = _keep(actor, read, kept, 0, source=source, draft_of=made_from, unchecked=True)
            _event(version, State.DRAFTED, timezone.now().date(), actor.name, reason)
            found = seen(version, date.max)
            record(
                actor=actor.name, action="programmes.draft", subject=f"edition {found.key}", why=reason,
                after={"content_hash": version.content_hash, "files": sorted(kept), "base": base or None},
            )  # fmt: skip
    return Installed(found, new=True)


def check_cases(*, version: int, progress: Progress | None = None) -> bool:
    """Runs the cases of a draft that was kept before they had been, and notes what came of them; whether they all hold."""
    draft_ = Version.objects.get(pk=version)
    made = Check.objects.filter(version=draft_).first()
    if made is None:
        with drafting.opened(files_of(version)) as read:
            number, wrong = drafting.failing(read, progress)
        with transaction.atomic():
            made, new = Check.objects.get_or_create(
                version=draft_, defaults={"at": timezone.now(), "failing": wrong, "cases": number}
            )
            if new:
                record(
                    actor=SYSTEM.name, action="programmes.check_cases", subject=f"edition {draft_}",
                    after={"cases": number, "failing": [one["id"] for one in wrong]},
                )  # fmt: skip
    return not made.failing


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
    _said_why(reason)
    with transaction.atomic():
        before = version_named(name, date.max)
        version = Version.objects.get(pk=before.id)
        if state in (State.ANNOUNCED, State.IN_FORCE):
            _second_person(actor, before, alone)
        found = _become(actor, version, state, on, reason, alone=alone, group=group)
        record(
            actor=actor.name, action=f"programmes.{_VERBS[state]}", subject=f"edition {found.key}", why=reason,
            before={"state": before.state, "since": before.since},
            after={"state": state, "since": on, "alone": alone, "pilots": list(group)},
        )  # fmt: skip
    return found


def published(*, actor: Actor, version: Version, state: State, on: date, reason: str, signed: str) -> Seen:
    """Announces a version, or puts it in force, in the name of one of the two who let it go. Raises CallError."""
    return _become(actor, version, state, on, reason, signed=signed)


def _become(
    actor: Actor, version: Version, state: State, on: date, reason: str, *, alone: bool = False,
    group: Sequence[str] = (), signed: str = "",
) -> Seen:  # fmt: skip
    may_follow(seen(version, date.max), state, on)
    if state in (State.ANNOUNCED, State.IN_FORCE):
        cases_hold(version)
    if state == State.IN_FORCE:
        _retire_others(actor, version, on)
    event = _event(version, state, on, signed or actor.name, reason, alone=alone)
    PilotPartner.objects.bulk_create([PilotPartner(event=event, partner=p) for p in group])
    return seen(Version.objects.get(pk=version.pk), date.max)


def cases_hold(version: Version) -> None:
    """A draft is published when all its cases have been run and hold. Raises CallError."""
    if not version.unchecked:
        return
    made = Check.objects.filter(version=version).first()
    if made is None:
        raise CallError(Problem(str(version), "its cases have not been run yet", "what is published does what it says",
                                "wait until they have been, or run them: hanse work"))  # fmt: skip
    if made.failing:
        raise CallError(Problem(
            str(version), f"{len(made.failing)} of its cases do not hold", "what is published does what its cases say",
            "bring the cases up to date on its page, or change the numbers back; both make a new draft",
        ))  # fmt: skip


def _said_why(reason: str) -> None:
    if not reason.strip():
        raise CallError(Problem("--reason", "no reason is given", "whoever looks back must see why", "add --reason"))


def may_follow(before: Seen, state: State, on: date) -> None:
    """Whether a version may become this on that day. Raises CallError."""
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
            may_follow(now, State.RETIRED, on)
            _event(other, State.RETIRED, on, actor.name, f"{version} is in force")


def _event(version: Version, state: State, on: date, actor: str, reason: str, *, alone: bool = False) -> Event:
    return Event.objects.create(
        version=version, state=state, on=on, at=timezone.now(), actor=actor, reason=reason, alone=alone
    )


def _keep(
    actor: Actor, read: Edition, files: dict[str, bytes], cases: int, *, source: str, draft_of: Seen | None = None,
    unchecked: bool = False,
) -> Version:  # fmt: skip
    version = Version.objects.create(
        name=read.name, programme=read.programme.programme, edition=str(read.programme.edition),
        number=latest_number(read.name) + 1, title=read.programme.title, content_hash=read.content_hash,
        cases_hash=content.cases_hash(files), cases=cases, author=actor.name, installed=timezone.now(), source=source,
        base_id=draft_of.id if draft_of else None, unchecked=unchecked,
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
