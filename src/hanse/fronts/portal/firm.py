"""Whose standing does the reader look at? That of its firm; who belongs to several says which (`?partner=KEY`)."""

from __future__ import annotations

from datetime import date

from hanse.apps.registry.selectors import see_partner
from hanse.fronts.pages.reader import PageRequest
from hanse.language.problems import CallError, Problem


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
    if not given:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        say = request.words.say
        raise CallError(Problem(
            say("the day"), say("{given} is no day", given=repr(given)), say("a day is year, month and day"),
            say("write it as 2017-06-30"),
        )) from error  # fmt: skip
