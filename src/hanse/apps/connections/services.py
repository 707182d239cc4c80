"""Asking for a connection, answering, ending it. Each act is an entry in the trail; the rows stay."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.policy import not_there, require
from hanse.apps.audit import services as audit
from hanse.apps.connections.models import Connection, Given, Joint
from hanse.apps.connections.selectors import among, standing_between
from hanse.apps.registry.profile import profile_shown
from hanse.apps.registry.selectors import firms_of, records_of
from hanse.language.problems import CallError, Problem
from hanse.language.words import mark

AT_MOST = 20  # requests of one firm that wait for an answer
LONGEST = 500  # letters of a message
AGAIN = timedelta(days=90)  # after which a firm that declined may be asked once more
State = Connection.State


@transaction.atomic
def ask(*, actor: Actor, partner: str, other: str, message: str = "") -> int:
    """Asks another partner for a connection; returns its number. Raises Refused, NotThere, and CallError with the reason."""
    require(actor, "connections.ask")
    _acts_for(actor, partner)
    if other in actor.partners:
        raise _wrong(
            "partner",
            mark("this is your own firm"),
            mark("a firm needs no connection with itself"),
            mark("choose another"),
        )
    profile_shown(actor=actor, partner=other)
    if len(message) > LONGEST:
        raise _wrong("message", mark("the message is too long"), mark("it may have 500 letters"), mark("shorten it"))
    now = timezone.now()
    own, theirs = records_of([partner]), records_of([other])
    if standing_between(own, theirs):
        raise _twice()
    _not_too_many(list(own), list(theirs), now - AGAIN)
    try:
        with transaction.atomic():
            made = Connection.objects.create(
                asker=partner, asked=other, message=message.strip(), asked_by=actor.name, asked_at=now
            )
    except IntegrityError as error:
        raise _twice() from error
    audit.record(
        actor=actor.name,
        action="connections.ask",
        subject=f"partner {partner}",
        after={"asked": other, "message": message},
    )
    return int(made.pk)


@transaction.atomic
def accept(*, actor: Actor, number: int) -> None:
    """Accepts a request: each firm sees from then on what the other gives to its connections. Raises Refused, NotThere."""
    _answer(actor, number, "connections.accept", State.ACCEPTED)


@transaction.atomic
def decline(*, actor: Actor, number: int) -> None:
    """Declines a request; the asker may ask again after a while. Raises Refused, NotThere."""
    _answer(actor, number, "connections.decline", State.DECLINED)


@transaction.atomic
def withdraw(*, actor: Actor, number: int) -> None:
    """Takes a request back, or ends a connection, which either firm may. Raises Refused, NotThere."""
    require(actor, "connections.withdraw")
    own = list(records_of(actor.administers))
    mine = Q(asker__in=own, state__in=(State.ASKED, State.ACCEPTED)) | Q(asked__in=own, state=State.ACCEPTED)
    for found in _with_others(_locked(actor, number, mine)):
        before, found.state = found.state, State.WITHDRAWN
        found.ended_by, found.ended_at = actor.name, timezone.now()
        found.save()
        _on_record(actor, found, "connections.withdraw", before)
        pair = Q(asker=found.asker, asked=found.asked) | Q(asker=found.asked, asked=found.asker)
        Joint.objects.filter(pair, ended_at__isnull=True).update(ended_by=actor.name, ended_at=found.ended_at)


@transaction.atomic
def give(*, actor: Actor, partner: str, website: bool, phone: bool, email: bool) -> None:
    """Says what connections see of a firm. Raises Refused, NotThere."""
    require(actor, "connections.give")
    _acts_for(actor, partner)
    before = Given.objects.filter(partner=partner).values("website", "phone", "email").first()
    after = {"website": website, "phone": phone, "email": email}
    if after == (before or {"website": True, "phone": True, "email": True}):
        return
    Given.objects.update_or_create(partner=partner, defaults={**after, "set_by": actor.name, "set_at": timezone.now()})
    audit.record(actor=actor.name, action="connections.give", subject=f"partner {partner}", before=before, after=after)


def _answer(actor: Actor, number: int, action: str, state: Connection.State) -> None:
    require(actor, action)
    own = list(records_of(actor.administers))
    for found in _with_others(_locked(actor, number, Q(asked__in=own, state=State.ASKED))):
        before, found.state = found.state, state
        found.answered_by, found.answered_at = actor.name, timezone.now()
        found.save()
        _on_record(actor, found, action, before)


def _with_others(one: Connection) -> list[Connection]:
    """The same between other records of the two firms, where one of them went into the other's: an answer is to all of it."""
    firms = firms_of([one.asker, one.asked])
    own, theirs = records_of([firms[one.asker]]), records_of([firms[one.asked]])
    same = [found for found in standing_between(own, theirs) if found.state == one.state and found.asker in own]
    locked = Connection.objects.select_for_update().filter(pk__in=[found.pk for found in same] or [one.pk])
    return list(locked.order_by("pk"))


def _locked(actor: Actor, number: int, where: Q) -> Connection:
    found = among(actor).select_for_update().filter(where, pk=number).first()
    if found is None:
        raise not_there("connection", number, "the list of connections says which there are")
    return found


def _on_record(actor: Actor, one: Connection, action: str, before: str) -> None:
    audit.record(
        actor=actor.name, action=action, subject=f"connection {one.pk}",
        before={"state": before}, after={"state": one.state, "asker": one.asker, "asked": one.asked},
    )  # fmt: skip


def _acts_for(actor: Actor, partner: str) -> None:
    if partner not in actor.administers:
        raise not_there("partner", partner, "an administrator of the firm may do this")


def _twice() -> CallError:
    return _wrong(
        "partner", mark("there is a request or a connection already"), mark("two firms are connected once"),
        mark("see the list of your connections: perhaps it waits for your answer"),
    )  # fmt: skip


def _not_too_many(own: list[str], theirs: list[str], since: object) -> None:
    if Connection.objects.filter(asker__in=own, state=State.ASKED).count() >= AT_MOST:
        raise _wrong(
            "partner", mark("too many requests wait for an answer"), mark("a firm may have 20 of them open"),
            mark("wait for answers, or take some back"),
        )  # fmt: skip
    declined = Connection.objects.filter(state=State.DECLINED, answered_at__gt=since)
    if declined.filter(asker__in=own, asked__in=theirs).exists():
        raise _wrong(
            "partner", mark("this firm has declined not long ago"), mark("it may be asked again 90 days after its answer"),
            mark("wait, or let it ask you"),
        )  # fmt: skip


def _wrong(place: str, what: str, why: str, remedy: str) -> CallError:
    return CallError(Problem(place, what, why, remedy))
