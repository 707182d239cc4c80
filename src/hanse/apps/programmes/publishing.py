"""Who lets an edition go, and who takes it back? One person asks, a second one answers.

Nothing is published on a page by one person alone. What lies ahead may be taken back until its day has come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from hanse.apps.accounts.policy import not_there, require
from hanse.apps.audit.services import record
from hanse.apps.programmes import services
from hanse.apps.programmes.models import Answer, Event, Publication, State, Version
from hanse.apps.programmes.selectors import Seen, seen, version_named
from hanse.language.problems import CallError, Problem

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor

_LOCK = 0x5055424C  # "PUBL": one publication is asked for, or answered, at a time


@dataclass(frozen=True)
class Asked:
    """A publication that somebody asked for, and what became of it. `verdict` is empty while it waits."""

    number: int
    edition: str
    key: str
    title: dict[str, str] | None
    state: str
    on: date
    reason: str
    asked_by: str
    asked_at: datetime
    verdict: str
    answered_by: str
    answered_at: datetime | None
    comment: str
    mine: bool  # the actor asked, and so does not answer


def waiting(*, actor: Actor) -> list[Asked]:
    """The publications that wait for a second person, the oldest first. Raises Refused. One statement."""
    require(actor, "programmes.office")
    return [_plain(actor, one) for one in _all().filter(answer__isnull=True)]


def asked_for(*, actor: Actor, version: int) -> list[Asked]:
    """What was asked for a version, the oldest first. Raises Refused. One statement."""
    require(actor, "programmes.office")
    return [_plain(actor, one) for one in _all().filter(version=version)]


def ask(*, actor: Actor, name: str, state: str, on: date, reason: str) -> Asked:
    """Asks that a version be announced or put in force on a day. Raises Refused, CallError."""
    require(actor, "programmes.ask")
    wanted = State(state)
    if wanted not in (State.ANNOUNCED, State.IN_FORCE):
        raise ValueError(f"{state} needs no second person")
    if not reason.strip():
        raise CallError(Problem("reason", "no reason is given", "who approves must know why", "say why"))
    with transaction.atomic():
        _one_at_a_time()
        found = version_named(name, date.max)
        version = Version.objects.get(pk=found.id)
        services.may_follow(found, wanted, on)
        services.cases_hold(version)
        open_one = _all().filter(version=version, answer__isnull=True).first()
        if open_one is not None:
            raise CallError(Problem(found.key, f"{open_one.asked_by} has asked already", "one publication waits at a time",
                                    "answer that one, or have it withdrawn"))  # fmt: skip
        made = Publication.objects.create(
            version=version, state=wanted, on=on, reason=reason, asked_by=actor.name, asked_at=timezone.now()
        )
        record(
            actor=actor.name, action="programmes.ask", subject=f"edition {found.key}", why=reason,
            after={"state": wanted, "on": on, "publication": made.pk},
        )  # fmt: skip
    return _plain(actor, _all().get(pk=made.pk))


def approve(*, actor: Actor, publication: int, comment: str = "") -> Seen:
    """Lets it go: the version is announced, or in force, from the day that was asked for.

    Raises Refused, NotThere, and CallError for who asked, and where it cannot be any more.
    """
    require(actor, "programmes.approve")
    with transaction.atomic():
        _one_at_a_time()
        one = _open(publication)
        _another(actor, one)
        version = one.version
        found = seen(version, date.max)
        signed = actor.name if actor.name != version.author else one.asked_by
        why = f"{one.reason} (asked by {one.asked_by}, approved by {actor.name})"
        Answer.objects.create(
            publication=one,
            verdict=Answer.Verdict.APPROVED,
            actor=actor.name,
            at=timezone.now(),
            comment=comment.strip(),
        )
        done = services.published(
            actor=actor, version=version, state=State(one.state), on=one.on, reason=why, signed=signed
        )
        record(
            actor=actor.name, action="programmes.approve", subject=f"edition {found.key}", why=comment.strip() or one.reason,
            before={"state": found.state}, after={"state": one.state, "on": one.on, "asked_by": one.asked_by},
        )  # fmt: skip
    return done


def send_back(*, actor: Actor, publication: int, comment: str) -> None:
    """Says no, and why. Raises Refused, NotThere, CallError."""
    require(actor, "programmes.approve")
    _answered(actor, publication, Answer.Verdict.SENT_BACK, comment)


def withdraw(*, actor: Actor, publication: int, comment: str) -> None:
    """Takes back what was asked for, before anybody has answered. Raises Refused, NotThere, CallError."""
    require(actor, "programmes.ask")
    _answered(actor, publication, Answer.Verdict.WITHDRAWN, comment)


def take_back(*, actor: Actor, name: str, reason: str) -> Seen:
    """Undoes the last step of a version, whose day lies ahead; an edition that would have been retired then stays.

    Raises Refused, and CallError where the day has come.
    """
    require(actor, "programmes.publish")
    if not reason.strip():
        raise CallError(Problem("reason", "no reason is given", "whoever looks back must see why", "say why"))
    today = timezone.now().date()
    with transaction.atomic():
        found = version_named(name, date.max)
        step = _last(found.id)
        if step is None or step.takes_back_id is not None or step.on <= today or step.state == State.DRAFTED:
            raise CallError(Problem(found.key, "nothing of it lies ahead", "what has come to be is changed by the next step, not undone",
                                    "retire it, or publish another version"))  # fmt: skip
        _undo(actor, step, reason)
        if step.state == State.IN_FORCE:
            for other in Version.objects.filter(programme=found.programme).exclude(pk=found.id):
                end = _last(other.pk)
                if end is not None and end.state == State.RETIRED and end.on == step.on and end.at == step.at:
                    _undo(actor, end, reason)
        done = seen(Version.objects.get(pk=found.id), date.max)
        record(
            actor=actor.name, action="programmes.take_back", subject=f"edition {found.key}", why=reason,
            before={"state": step.state, "on": step.on}, after={"state": done.state, "on": done.since},
        )  # fmt: skip
    return done


def _undo(actor: Actor, step: Event, reason: str) -> None:
    earlier = Event.objects.filter(version=step.version_id, pk__lt=step.pk).order_by("-pk").first()
    assert earlier is not None
    Event.objects.create(
        version_id=step.version_id, state=earlier.state, on=earlier.on, at=timezone.now(), actor=actor.name, reason=reason,
        takes_back=step,
    )  # fmt: skip


def _last(version: int) -> Event | None:
    return Event.objects.filter(version=version).order_by("-pk").first()


def _answered(actor: Actor, publication: int, verdict: str, comment: str) -> None:
    if not comment.strip():
        raise CallError(Problem("comment", "nothing is said", "who asked must know what to change", "say why"))
    with transaction.atomic():
        _one_at_a_time()
        one = _open(publication)
        if verdict != Answer.Verdict.WITHDRAWN:
            _another(actor, one)
        Answer.objects.create(
            publication=one, verdict=verdict, actor=actor.name, at=timezone.now(), comment=comment.strip()
        )
        record(
            actor=actor.name, action=f"programmes.{verdict}", subject=f"edition {one.version}", why=comment.strip(),
            before={"asked_by": one.asked_by, "state": one.state, "on": one.on},
        )  # fmt: skip


def _open(publication: int) -> Publication:
    one = _all().filter(pk=publication).first()
    if one is None:
        raise not_there("publication", publication, "the approvals that wait are listed on their page")
    if hasattr(one, "answer"):
        raise CallError(Problem(f"publication {publication}", f"{one.answer.actor} has answered already", "it is answered once",
                                "look at the edition to see what became of it"))  # fmt: skip
    return one


def _another(actor: Actor, one: Publication) -> None:
    if actor.name == one.asked_by:
        raise CallError(Problem(
            f"publication {one.pk}", f"{actor.name} asked for it and cannot answer as well",
            "what binds every partner is read by a second person first", "let somebody else who may publish answer",
        ))  # fmt: skip


def _all() -> QuerySet[Publication]:
    return Publication.objects.select_related("version", "answer").order_by("pk")


def _plain(actor: Actor, one: Publication) -> Asked:
    answer = getattr(one, "answer", None)
    version = one.version
    return Asked(
        one.pk, version.name, f"{version.name}@{version.number}", version.title, one.state, one.on, one.reason, one.asked_by,
        one.asked_at, answer.verdict if answer else "", answer.actor if answer else "", answer.at if answer else None,
        answer.comment if answer else "", actor.name == one.asked_by,
    )  # fmt: skip


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
