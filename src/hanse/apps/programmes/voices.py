"""What do people say of an edition: the vendor's own of a draft, the partners of a pilot group of what they were shown?

What was said stays. A partner's word is read by the vendor's people who see that partner, and by that partner.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from hanse.apps.accounts.policy import Refused, require
from hanse.apps.accounts.roles import VENDOR
from hanse.apps.audit.services import record
from hanse.apps.programmes.models import Feedback, Remark, Version
from hanse.apps.programmes.selectors import judged_on, pilots_of
from hanse.apps.registry.selectors import visible_partners
from hanse.language.problems import CallError, Problem

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor
    from hanse.apps.programmes.selectors import Seen

LONGEST = 4000  # characters
OPINIONS = tuple(str(one) for one in Feedback.Opinion)


@dataclass(frozen=True)
class Said:
    """A remark of one of the vendor's people; `rehearsal` is the one looked at."""

    author: str
    at: datetime
    text: str
    rehearsal: int | None


@dataclass(frozen=True)
class Heard:
    """What somebody of a pilot partner thinks of an edition; an empty `requirement` is all of it."""

    partner: str
    author: str
    at: datetime
    requirement: str
    opinion: str
    text: str


def remarks(*, actor: Actor, version: int) -> list[Said]:
    """What was said of a version, the oldest first. Raises Refused. One statement."""
    require(actor, "programmes.office")
    found = Remark.objects.filter(version=version).order_by("pk")
    return [Said(*row) for row in found.values_list("author", "at", "text", "rehearsal")]


def remark(*, actor: Actor, version: int, text: str, rehearsal: int | None = None) -> None:
    """Adds a remark. Raises Refused, and CallError for an empty or endless one."""
    require(actor, "programmes.remark")
    said = _worded(text, needed=True)
    with transaction.atomic():
        of = Version.objects.get(pk=version)
        Remark.objects.create(version=of, rehearsal=rehearsal, author=actor.name, at=timezone.now(), text=said)
        record(
            actor=actor.name,
            action="programmes.remark",
            subject=f"edition {of}",
            after={"text": said, "rehearsal": rehearsal},
        )


def feedback(*, actor: Actor, version: int) -> list[Heard]:
    """What the actor may read of the feedback on a version, the newest first. One statement."""
    require(actor, "programmes.see")
    found = Feedback.objects.filter(version=version).order_by("-pk")
    if not actor.everywhere:
        found = found.filter(partner__in=visible_partners(actor).values("key"))
    return [Heard(*row) for row in found.values_list("partner", "author", "at", "requirement", "opinion", "text")]


def piloted_for(*, actor: Actor, day: date) -> list[Seen]:
    """The versions that are shown to the actor's firm as one of a pilot group."""
    require(actor, "programmes.see")
    if not actor.partners:
        return []
    found = [one for one in judged_on(day) if one.state == "piloted"]
    return [one for one in found if actor.partners & set(pilots_of(one.id, day))]


def give_feedback(*, actor: Actor, version: int, partner: str, opinion: str, text: str, requirement: str = "") -> None:
    """Keeps what somebody of a pilot partner thinks. Raises Refused for who is of no pilot partner, and CallError."""
    require(actor, "programmes.feedback")
    today = timezone.now().date()
    if actor.roles & VENDOR or partner not in actor.partners or partner not in pilots_of(version, today):
        raise Refused(Problem("feedback", f"{actor.name} may not say this", "it is for the partners of the pilot group",
                              "ask the programme office to put the firm into the group"))  # fmt: skip
    if opinion not in OPINIONS:
        raise CallError(
            Problem(
                "opinion", "nothing is chosen", "a count says how many agree", f"choose one of {', '.join(OPINIONS)}"
            )
        )
    said = _worded(text, needed=False)
    with transaction.atomic():
        of = Version.objects.get(pk=version)
        Feedback.objects.create(
            version=of,
            partner=partner,
            author=actor.name,
            at=timezone.now(),
            requirement=requirement,
            opinion=opinion,
            text=said,
        )
        record(
            actor=actor.name, action="programmes.give_feedback", subject=f"edition {of}",
            after={"partner": partner, "requirement": requirement, "opinion": opinion, "text": said},
        )  # fmt: skip


def _worded(text: str, *, needed: bool) -> str:
    said = text.replace("\x00", "").strip()
    if needed and not said:
        raise CallError(Problem("text", "nothing is said", "an empty remark helps nobody", "write a sentence"))
    if len(said) > LONGEST:
        raise CallError(
            Problem("text", f"it has {len(said)} characters", f"at most {LONGEST} are kept", "say it in fewer words")
        )
    return said
