"""What does that which the firm earned before still count for, until when, and what is left to do?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hanse.apps.evaluation.transitions import Credit, OldLevel, SideBySide, Transition, transitions
from hanse.fronts.pages.changes import query
from hanse.fronts.pages.compared import compared
from hanse.fronts.pages.reader import PageRequest
from hanse.fronts.portal.firm import firm_of
from hanse.language.words import Words, mark

_STATES = {
    "counts": mark("counts"),
    "done": mark("the new one is held too"),
    "over": mark("counts no more"),
    "later": mark("does not count yet"),
}


@dataclass(frozen=True)
class Old:
    """An old certificate of one person: all that it counts as, and whether an exam is left."""

    person: str
    certificate: str
    counts_as: tuple[tuple[str, str], ...]  # the new certificate, the competencies it is for
    last: date | None
    state: str
    says: str
    open: tuple[str, ...]  # the new certificates that are still to be passed


@require_safe
def transition(request: PageRequest) -> HttpResponse:
    """The page."""
    firm, words = firm_of(request), request.words
    found = transitions(actor=request.actor, partner=firm)
    shown = {
        "firm": firm,
        "each": [_told(one, firm, words) for one in found.each],
        "beside": [_beside(one, words) for one in found.beside],
    }
    return render(request, "portal/transition.html", shown)


def _told(one: Transition, firm: str, words: Words) -> dict[str, Any]:
    """A transition in words: what counts, what is left, and the address of the day after."""
    old = _together(one.credits, words)
    counting = [row for row in old if row.state == "counts"]
    counts = sum(1 for row in old if row.state in ("counts", "done"))
    after = one.last + timedelta(days=1) if one.last and one.last >= one.as_of else None
    return {
        "title": words.label(one.title, one.edition),
        "as_of": one.as_of,
        "last": one.last,
        "days": (one.last - one.as_of).days if after and one.last else None,
        "old": old,
        "counts": counts,
        "open": len(counting),
        "exams": sum(len(row.open) for row in counting),
        "levels": [_level(level, words) for level in one.levels],
        "after": query([], partner=firm, edition=one.edition, on=after.isoformat()) if after else "",
        "after_day": after,
    }


def _together(credits: tuple[Credit, ...], words: Words) -> list[Old]:
    """One line for each certificate of a person, whatever it counts as."""
    found: dict[tuple[str, str], list[Credit]] = {}
    for one in credits:
        found.setdefault((one.person, one.certificate), []).append(one)
    return [_old(same, words) for same in found.values()]


def _old(same: list[Credit], words: Words) -> Old:
    first, news = same[0], {one.counts_as: one for one in same}
    states = {one.state for one in same}
    state = next(s for s in ("counts", "done", "later", "over") if s in states)
    named = {new: [words.label(label, n) for n, label in c.competencies] for new, c in news.items()}
    return Old(
        first.person, first.certificate,
        tuple((new, words.listed(names, 2)) for new, names in named.items()),
        max((c.last for c in same if c.last), default=None), state, words.say(_STATES[state]),
        tuple(new for new, c in news.items() if c.state == "counts"),
    )  # fmt: skip


def _level(one: OldLevel, words: Words) -> dict[str, Any]:
    return {
        "programme": one.programme.replace("_", " "), "level": words.label(None, one.level), "gives": one.gives,
        "gives_label": words.label(one.gives_label, one.gives), "last": one.last, "counts": one.state == "counts",
        "says": words.say(_STATES[one.state]), "clause": one.clause,
    }  # fmt: skip


def _beside(one: SideBySide, words: Words) -> dict[str, Any]:
    """The firm by both editions, with what differs; the coming one's own page is a link."""
    both = compared(one.before, one.after, words)
    return {"both": both, "comes": one.comes, "edition": urlencode({"edition": both.after.edition}), "state": one.state}
