"""Which editions are there, what is each, and what waits to be done about the programme?"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from hanse.apps.accounts.policy import PROGRAMME
from hanse.apps.evaluation import rehearsals
from hanse.apps.programmes.selectors import checks_made, editions, publications_waiting
from hanse.apps.standings import lists, outlook
from hanse.apps.standings.lists import MOVING
from hanse.fronts.desk import office_words

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.apps.programmes.selectors import Seen
    from hanse.fronts.pages.reader import PageRequest

REHEARSED = 6  # the newest are named


def office(request: PageRequest) -> HttpResponse:
    """Every version of every edition by programme, what was asked for, and the newest rehearsals."""
    actor, words = request.actor, request.words
    found = editions(actor=actor, day=office_words.today())
    judged = {book.edition: _judged(request, book.edition) for book in outlook.books(actor=actor)}
    checks = checks_made()
    order = sorted(found, key=lambda one: (one.programme, *_place(one)))
    shown = {
        "programmes": [
            (name, [_row(request, one, judged, checks) for one in listed])
            for name, listed in groupby(order, key=lambda one: one.programme)
        ],
        "waiting": [
            {
                "one": one,
                "title": words.label(one.title, one.edition),
                "says": office_words.STATES[one.state],
                "who": office_words.who(one.asked_by, words),
                "version": one.key.rpartition("@")[2],
            }
            for one in publications_waiting(actor)
        ],
        "rehearsals": rehearsals.of_rules(actor=actor, limit=REHEARSED),
        "may_change": bool(actor.roles & PROGRAMME),
    }
    return render(request, "desk/office.html", shown)


def _place(one: Seen) -> tuple[int, str, int]:
    order = ("in_force", "announced", "piloted", "drafted", "retired")
    return order.index(one.state), one.name, -one.number


def _judged(request: PageRequest, edition: str) -> int:
    counted = lists.by_country(actor=request.actor, edition=edition)
    return sum(n for row in counted.values() for name, n in row.items() if name not in MOVING)


def _row(request: PageRequest, one: Seen, judged: dict[str, int], checks: dict[int, tuple[int, int]]) -> dict[str, Any]:
    ahead = office_words.ahead(one)
    cases = checks.get(one.id) if one.unchecked else (one.cases, 0)
    return {
        "one": one,
        "title": office_words.title_of(one, request.words),
        "says": office_words.STATES[one.state],
        "ahead": {"says": office_words.STATES[ahead.state], "on": ahead.on} if ahead else None,
        "partners": judged.get(one.name) if one.state in ("in_force", "announced", "piloted") else None,
        "cases": cases,
        "who": office_words.who(one.author, request.words),
    }
