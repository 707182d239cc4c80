"""A firm is entered by hand: does it look like one that is there, and what is said of those that it is not?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.policy import require
from hanse.apps.duplicates.models import Pair
from hanse.apps.evaluation.services import new_facts
from hanse.apps.evidence.services import Recorded
from hanse.apps.likeness.selectors import Lookalike, looks_like
from hanse.apps.registry.selectors import is_there
from hanse.language.problems import CallError, Problem
from hanse.language.words import mark

SITE = "main"  # the key of the place where a firm entered by hand is
_OF_FIRM = ("name", "country", "city", "website", "type", "joined")
_OF_SITE = ("postcode", "city", "country", "phone")
Said = Mapping[str, Any]


def looks(*, actor: Actor, said: Said, but: Sequence[str] = ()) -> list[Lookalike]:
    """The firms that what is said looks like. `said`: name, country, city, address, postcode, phone, website, registration. Raises Refused."""
    return looks_like(actor=actor, record=said, but=but)


def enter(
    *, actor: Actor, said: Said, source: str, reason: str, other_than: Sequence[Lookalike] = ()
) -> tuple[str, Recorded]:
    """Records a new firm and its place, and that it is another one than those it looks like; its key, and what was recorded.

    `said` is as in `looks`, with `partner`, the key, where there is one already. Raises Refused, CallError.
    """
    key = str(said.get("partner") or "").strip() or f"N-{uuid4().hex[:8].upper()}"
    if is_there(key):
        raise CallError(Problem("partner", mark("there is a partner of this key"), mark("a key is one firm's own"),
                                mark("leave it empty, and one is made")))  # fmt: skip
    firm = {"partner": key, "vat": said.get("registration")} | {name: said.get(name) for name in _OF_FIRM}
    site = {"partner": key, "location": SITE, "street": said.get("address")} | {
        name: said.get(name) for name in _OF_SITE
    }
    rows: dict[str, list[dict[str, Any]]] = {"partners": [_filled(firm)]}
    if any(said.get(name) for name in ("address", "postcode", "phone")):
        rows["locations"] = [_filled(site)]
    with transaction.atomic():
        recorded = new_facts(actor=actor, rows=rows, source=source, reason=reason)
        told_apart(actor=actor, partner=key, others=other_than, reason=reason)
    return key, recorded


def told_apart(*, actor: Actor, partner: str, others: Sequence[Lookalike], reason: str) -> None:
    """Somebody who was told that a firm looks like others says that it is none of them: nobody is asked about it again. Raises Refused."""
    require(actor, "duplicates.tell_apart")
    for one in others:
        first, second = sorted((partner, one.partner))
        Pair.objects.update_or_create(
            one=first, other=second,
            defaults={"weight": one.bits, "because": list(one.because), "verdict": Pair.Verdict.OTHER, "by": actor.name,
                      "at": timezone.now(), "reason": reason},
        )  # fmt: skip


def _filled(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value not in (None, "")}
