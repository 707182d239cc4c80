"""May two connected firms know what their level would be together? Only while both agree, and either may end it.

What they then see is asked of the evaluation, which is above (evaluation.together); here stands who agreed, and when.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.policy import not_there, require
from hanse.apps.audit import services as audit
from hanse.apps.connections.models import Connection, Joint
from hanse.apps.connections.selectors import CONNECTED, between, of_records
from hanse.apps.registry.selectors import firms_of, records_of

NONE, ASKED, WAITING, AGREED = "", "asked", "waiting", "agreed"  # as a firm sees it: it asked, it is asked, both agree


@dataclass(frozen=True)
class Asking:
    """How a question stands, as one of the two firms sees it; `into` is the firm as which both are judged: the asker's."""

    stands: str
    other: str
    name: str
    into: str
    since: datetime | None = None


def asking(*, actor: Actor, partner: str, other: str) -> Asking:
    """How the question stands between a firm of the actor's and one that it is connected with. Raises NotThere."""
    known = _connected(actor, partner, other)
    found = _open(partner, other)
    if found is None:
        return Asking(NONE, other, known, partner)
    ours = found.asker in records_of([partner])
    stands = AGREED if found.agreed_at else ASKED if ours else WAITING
    return Asking(stands, other, known, partner if ours else other, found.agreed_at or found.asked_at)


def asked_together(*, actor: Actor, partner: str) -> dict[str, str]:
    """The connected firms with which the question stands open or agreed, and how. Three statements. Raises NotThere."""
    _own(actor, partner)
    own = records_of([partner])
    ends = Q(asker__in=list(own)) ^ Q(asked__in=list(own))
    listed = list(Joint.objects.filter(ends, ended_at__isnull=True).order_by("pk"))
    others = [one.asked if one.asker in own else one.asker for one in listed]
    connected = of_records(own).filter(state=Connection.State.ACCEPTED).values_list("asker", "asked")
    firms = firms_of([*others, *(key for pair in connected for key in pair)]) if listed else {}
    near = {firms[key] for pair in connected for key in pair} if listed else set()
    return {
        firms[other]: AGREED if one.agreed_at else ASKED if one.asker in own else WAITING
        for one, other in zip(listed, others, strict=True) if firms[other] in near
    }  # fmt: skip


@transaction.atomic
def joint_ask(*, actor: Actor, partner: str, other: str) -> None:
    """Asks a connected firm whether both may know their level together; asked already by the other, it agrees.

    Raises Refused, NotThere.
    """
    require(actor, "connections.joint_ask")
    _acts_for(actor, partner)
    stands = asking(actor=actor, partner=partner, other=other).stands
    if stands == WAITING:
        joint_agree(actor=actor, partner=partner, other=other)
    if stands != NONE:
        return
    try:
        with transaction.atomic():
            Joint.objects.create(asker=partner, asked=other, asked_by=actor.name, asked_at=timezone.now())
    except IntegrityError:  # both asked at the same moment: the page shows what stands
        return
    _on_record(actor, "connections.joint_ask", partner, other)


@transaction.atomic
def joint_agree(*, actor: Actor, partner: str, other: str) -> None:
    """Agrees: both see from then on what their level would be. Raises Refused, and NotThere where nothing is asked."""
    require(actor, "connections.joint_agree")
    _acts_for(actor, partner)
    _connected(actor, partner, other)
    found = _open(partner, other, locked=True)
    if found is None or found.asked not in records_of([partner]):
        raise not_there("question", other, "the list of connections says who asks")
    if found.agreed_at is None:
        found.agreed_by, found.agreed_at = actor.name, timezone.now()
        found.save()
        _on_record(actor, "connections.joint_agree", partner, other)


@transaction.atomic
def joint_end(*, actor: Actor, partner: str, other: str) -> None:
    """Ends it for both at once: takes a question back, says no, or no longer agrees. Raises Refused, NotThere."""
    require(actor, "connections.joint_end")
    _acts_for(actor, partner)
    found = _open(partner, other, locked=True)
    if found is None:
        raise not_there("question", other, "the list of connections says who asks")
    found.ended_by, found.ended_at = actor.name, timezone.now()
    found.save()
    _on_record(actor, "connections.joint_end", partner, other)


def _open(partner: str, other: str, *, locked: bool = False) -> Joint | None:
    """What stands between two firms, or records that went into them: what is agreed before what is asked."""
    own, theirs = list(records_of([partner])), list(records_of([other]))
    pair = Q(asker__in=own, asked__in=theirs) | Q(asker__in=theirs, asked__in=own)
    rows = Joint.objects.select_for_update() if locked else Joint.objects
    return rows.filter(pair, ended_at__isnull=True).order_by("agreed_at", "pk").first()


def _connected(actor: Actor, partner: str, other: str) -> str:
    """The name of the other firm. Raises NotThere for one that the firm is not connected with."""
    known = between(actor=actor, partner=partner, other=other)
    if known is None or known.stands != CONNECTED:
        raise not_there("connection", other, "the list of connections says which there are")
    return known.name


def _own(actor: Actor, partner: str) -> None:
    if partner not in actor.partners:
        raise not_there("partner", partner, "ask an administrator of that firm")


def _acts_for(actor: Actor, partner: str) -> None:
    if partner not in actor.administers:
        raise not_there("partner", partner, "an administrator of the firm may do this")


def _on_record(actor: Actor, action: str, partner: str, other: str) -> None:
    audit.record(actor=actor.name, action=action, subject=f"partner {partner}", after={"other": other})
