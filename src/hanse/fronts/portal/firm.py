"""Whose standing does the reader look at? That of its firm; who belongs to several says which (`?partner=KEY`)."""

from __future__ import annotations

from datetime import date

from hanse.apps.registry.selectors import see_partner
from hanse.fronts.pages.days import typed_day
from hanse.fronts.pages.reader import PageRequest


def firm_of(request: PageRequest) -> str:
    """The key of the firm: the one asked for, else the first of the reader's own. Raises NotThere for a stranger's."""
    asked = request.GET.get("partner", "").strip()
    if not asked:
        return min(request.actor.partners)
    return str(see_partner(request.actor, asked).key)


def others_of(request: PageRequest, firm: str) -> list[str]:
    """The other firms that the reader belongs to."""
    return sorted(request.actor.partners - {firm})


def day_asked(request: PageRequest, name: str = "as-of") -> date | None:
    """The day that the address names, if it names one. Raises CallError for one that is none."""
    given = request.GET.get(name, "").strip()
    return typed_day(given, request.words) if given else None
