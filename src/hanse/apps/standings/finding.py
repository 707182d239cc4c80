"""Which partners (or clauses) does somebody mean who types a few letters? Quickly, whatever their number."""

from __future__ import annotations

import re
import unicodedata
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Q

from hanse.apps.accounts.policy import require
from hanse.apps.registry.selectors import within
from hanse.apps.standings.lists import lines_of, some_with
from hanse.apps.standings.models import Asked, Listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hanse.apps.accounts.actors import Actor
    from hanse.apps.standings.lists import Line

_LAST = "\U0010ffff"


def partners_named(*, actor: Actor, edition: str, text: str, limit: int = 8) -> list[Line]:
    """Partners by an edition: whose key begins so, then whose name does, then who have words in it that begin so.

    Each place is looked into only while there is room; all lie in an index. At most five statements. Raises Refused.
    """
    require(actor, "standings.see_lists")
    found = Listed.objects.filter(within(actor, partner="partner", country="country"), edition=edition)
    name = _folded(text)
    if not name:
        return []
    written = [Q(partner__gte=t, partner__lt=t + _LAST) for t in dict.fromkeys((text, text.upper()))]
    begins = found.filter(reduce(or_, written)).order_by("partner")
    keys = dict.fromkeys(begins.values_list("partner", flat=True)[:limit])
    if len(keys) < limit:
        begins = found.filter(folded__gte=name, folded__lt=name + _LAST).order_by("folded", "partner")
        keys |= dict.fromkeys(begins.values_list("partner", flat=True)[:limit])
    if len(keys) < limit and len(re.sub(r"\W", "", name)) > 1:
        keys |= dict.fromkeys(some_with(actor=actor, edition=edition, text=text, limit=limit))
    wanted = list(keys)[:limit]
    lines = {line.partner: line for line in lines_of(actor=actor, edition=edition, partners=wanted)}
    return [lines[key] for key in wanted if key in lines]


def clauses(*, actor: Actor, subjects: Sequence[str]) -> dict[tuple[str, str], str]:
    """The clause of each requirement of these levels, by level and requirement. One statement. Raises Refused."""
    require(actor, "standings.see")
    found = Asked.objects.filter(subject__in=subjects, clause__isnull=False).order_by("pk")
    return {(one.subject, one.requirement): str(one.clause) for one in found}


def _folded(text: str) -> str:
    """A text as names are sorted: small letters without their accents."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not "\u0300" <= c <= "\u036f")
    return plain.lower().strip()
