"""Which pairs wait for a decision, the likeliest first?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.policy import not_there, require
from hanse.apps.duplicates.models import Pair
from hanse.apps.registry.selectors import visible_partners


@dataclass(frozen=True)
class Likely:
    """Two records that may be one firm: how likely, and what spoke for and against it, in bits."""

    number: int
    one: str
    other: str
    weight: float
    because: tuple[dict[str, Any], ...]

    @property
    def probability(self) -> float:
        """How likely they are one firm, 0 to 1."""
        return float(1 / (1 + 2 ** -max(-60.0, min(60.0, self.weight))))


def next_pair(*, actor: Actor, after: int = 0) -> Likely | None:
    """The likeliest pair that waits; with a number, the one that follows that pair. Raises Refused."""
    found = _waiting(actor)
    passed = Pair.objects.filter(pk=after).first() if after else None
    if passed is not None:
        found = found.filter(Q(weight__lt=passed.weight) | Q(weight=passed.weight, pk__gt=passed.pk))
    first = found.order_by("-weight", "pk").first()
    return _likely(first) if first else None


def pair_of(*, actor: Actor, number: int) -> Likely:
    """One pair that waits. Raises Refused, NotThere."""
    found = _waiting(actor).filter(pk=number).first()
    if found is None:
        raise not_there("pair", number, "it may have been decided meanwhile: look at what waits")
    return _likely(found)


def still_waits(*, actor: Actor, number: int) -> bool:
    """Does a pair wait, and is either a record of its own? Raises Refused."""
    return _waiting(actor).filter(pk=number).exists()


def waiting(*, actor: Actor, at_least: float = 0.0) -> int:
    """How many pairs wait that are at least so likely, 0 to 1. Raises Refused."""
    return _waiting(actor).filter(weight__gte=bits(at_least)).count()


def likely(*, actor: Actor, limit: int, at_least: float = 0.0) -> list[Likely]:
    """The likeliest pairs that wait and are at least so likely, 0 to 1. Raises Refused."""
    found = _waiting(actor).filter(weight__gte=bits(at_least)).order_by("-weight", "pk")[:limit]
    return [_likely(one) for one in found]


def likely_of(*, actor: Actor, partner: str) -> list[Likely]:
    """The pairs that wait of one firm, the likeliest first. Raises Refused."""
    found = _waiting(actor).filter(Q(one=partner) | Q(other=partner)).order_by("-weight", "pk")
    return [_likely(one) for one in found]


def bits(probability: float) -> float:
    """A probability as a weight."""
    from math import log2

    if probability <= 0:
        return -60.0
    return 60.0 if probability >= 1 else log2(probability / (1 - probability))


def _waiting(actor: Actor) -> QuerySet[Pair]:
    """The door: whoever may see both records. A pair of which one record went into another meanwhile waits no more."""
    require(actor, "duplicates.see")
    own = visible_partners(actor).filter(present=True, merged_into__isnull=True).values("key")
    return Pair.objects.filter(verdict=Pair.Verdict.WAITING, one__in=own, other__in=own)


def _likely(one: Pair) -> Likely:
    return Likely(one.pk, one.one, one.other, one.weight, tuple(one.because))
