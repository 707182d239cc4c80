"""A pair is one firm, or two: decided one by one, or all that are likely enough."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.policy import require
from hanse.apps.audit.services import record
from hanse.apps.duplicates.models import Pair
from hanse.apps.duplicates.queue import Likely, likely, pair_of, still_waits, waiting
from hanse.apps.evaluation import mergers
from hanse.language.problems import CallError, Problem
from hanse.language.words import mark

MOST = 500  # pairs that are merged at once
WHILE_ONE_WAITS = 10  # so many at most while somebody waits for the page; a job merges more


@transaction.atomic
def same(*, actor: Actor, number: int, into: str, reason: str) -> int:
    """The pair is one firm: the other record goes into `into`. Returns the batch, which `mergers.unmerge` takes back.

    Raises Refused, NotThere, CallError.
    """
    require(actor, "duplicates.decide")
    found = pair_of(actor=actor, number=number)
    if into not in (found.one, found.other):
        raise CallError(Problem("into", mark("it is neither of the two"), mark("one of the pair goes into the other"),
                                mark("choose which of them stays")))  # fmt: skip
    partner = found.other if into == found.one else found.one
    batch = mergers.merge(actor=actor, partner=partner, into=into, reason=reason)
    _decided(actor, found, Pair.Verdict.SAME, reason)
    Pair.objects.filter(
        Q(one=partner) | Q(other=partner), verdict=Pair.Verdict.WAITING
    ).delete()  # it is no longer a record of its own
    return batch


@transaction.atomic
def other(*, actor: Actor, number: int, reason: str = "") -> None:
    """The pair is two firms, and is not asked about again. Raises Refused, NotThere."""
    require(actor, "duplicates.decide")
    found = pair_of(actor=actor, number=number)
    _decided(actor, found, Pair.Verdict.OTHER, reason)
    record(
        actor=actor.name, action="duplicates.decide", subject=f"partners {found.one}, {found.other}", why=reason,
        after={"same": False},
    )  # fmt: skip


@transaction.atomic
def all_asked(*, actor: Actor, probability: float, reason: str) -> list[int] | None:
    """Merges every pair that is at least so likely, by a job where they are many (None then); else their batches.

    Raises what `all_at_least` does.
    """
    require(actor, "duplicates.decide")
    many = waiting(actor=actor, at_least=probability)
    if many <= WHILE_ONE_WAITS:
        return all_at_least(actor=actor, probability=probability, reason=reason)
    from hanse.apps.duplicates.tasks import merge_all

    merge_all.defer(by=actor.name, probability=probability, reason=reason)
    record(
        actor=actor.name, action="duplicates.merge_all", subject="all likely pairs", why=reason,
        after={"at_least": probability, "pairs": many},
    )  # fmt: skip
    return None


def all_at_least(*, actor: Actor, probability: float, reason: str) -> list[int]:
    """Merges every pair that is at least so likely, the likeliest first, into the record that came first; their batches.

    No more than MOST at once. Raises Refused, CallError.
    """
    require(actor, "duplicates.decide")
    if not 0.5 <= probability <= 1:
        raise CallError(Problem("probability", mark("it is not between 50 % and 100 %"), mark("less likely pairs are decided one by one"),
                                mark("give a share such as 99 %")))  # fmt: skip
    batches = []
    for found in likely(actor=actor, at_least=probability, limit=MOST):
        if still_waits(actor=actor, number=found.number):  # neither went into another with a pair before it
            batches.append(same(actor=actor, number=found.number, into=found.one, reason=reason))
    return batches


def _decided(actor: Actor, found: Likely, verdict: str, reason: str) -> None:
    Pair.objects.filter(pk=found.number).update(verdict=verdict, by=actor.name, at=timezone.now(), reason=reason)
