"""Whose standing does the reader look at? That of its firm; who belongs to several says which (`?partner=KEY`)."""

from __future__ import annotations

from datetime import date

from hanse.apps.registry.selectors import see_partner
from hanse.fronts.pages import asked
from hanse.fronts.pages.days import typed_day
from hanse.fronts.pages.reader import PageRequest


def firm_of(request: PageRequest) -> str:
    """The key of the firm: the one asked for, else the first of the reader's own. Raises NotThere for a stranger's."""
    named = request.GET.get("partner", "").strip()
    if not named:
        return min(request.actor.partners)
    return str(see_partner(request.actor, named).key)


def kept(request: PageRequest, firm: str) -> dict[str, str]:
    """What an address must say so that the next page is of the same firm: nothing where nobody chose one."""
    return {"partner": firm} if request.GET.get("partner") else {}


def keeping(request: PageRequest, firm: str) -> str:
    """The same as the end of an address."""
    return asked.query(stays) if (stays := kept(request, firm)) else ""


def others_of(request: PageRequest, firm: str) -> list[str]:
    """The other firms that the reader belongs to."""
    return sorted(request.actor.partners - {firm})


def day_asked(request: PageRequest, name: str = "as-of") -> date | None:
    """The day that the address names, if it names one. Raises CallError for one that is none."""
    given = request.GET.get(name, "").strip()
    return typed_day(given, request.words) if given else None
