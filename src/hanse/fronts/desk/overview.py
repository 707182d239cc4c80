"""How does the channel stand this morning, and who needs somebody?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from hanse.apps.accounts.policy import PROGRAMME
from hanse.apps.evaluation import jobs
from hanse.apps.imports.selectors import unsettled
from hanse.apps.standings import lists, outlook
from hanse.apps.standings.lists import FALLING, RISING
from hanse.apps.standings.selectors import runs_in_trouble
from hanse.fronts.desk import asked, deciding, findings, pictures

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.apps.standings.outlook import Book
    from hanse.fronts.pages.reader import PageRequest

SHOWN = 12  # countries in sight, the others behind a link
_IMPORTERS = PROGRAMME | {"auditor"}


def overview(request: PageRequest) -> HttpResponse:
    """The channel by one edition: levels, what moved and what is about to, countries, benefits, what needs somebody."""
    books = outlook.books(actor=request.actor)
    wanted = asked.text(request, "edition")
    book = next((one for one in books if one.edition == wanted), books[0] if books else None)
    shown: dict[str, Any] = {"books": books, "book": book, "attention": _attention(request, book)}
    if book is not None:
        shown |= _channel(request, book)
    return render(request, "desk/overview.html", shown)


def _channel(request: PageRequest, book: Book) -> dict[str, Any]:
    actor, words, read = request.actor, request.words, book.read
    counted = lists.by_country(actor=actor, edition=book.edition)
    countries = pictures.countries(counted, read, words)
    every = asked.one_of(request, "countries", ("all",)) == "all" or len(countries) <= SHOWN
    shown: dict[str, Any] = {
        "title": words.label(read["title"], book.edition),
        "total": sum(row.partners for row in countries),
        "countries": countries if every else countries[:SHOWN],
        "more_countries": 0 if every else len(countries) - SHOWN,
        "levels": pictures.keys(read, words),
        "country_finding": findings.countries(countries, words),
    }
    for moving in (RISING, FALLING):
        lines = lists.moving_list(actor=actor, edition=book.edition, moving=moving)
        number = sum(row[moving] for row in counted.values())
        shown[moving] = [_mover(request, book, line, moving) for line in lines]
        shown[f"{moving}_finding"] = findings.moving(moving, number, words)
        shown[f"{moving}_more"] = number - len(lines)
    if actor.everywhere:
        shown |= _over_time(request, book)
    else:
        shown["traces"] = pictures.traces([_today(book, counted)], read, words)
        shown["levels_finding"] = findings.levels([], read, words)
    return shown


def _over_time(request: PageRequest, book: Book) -> dict[str, Any]:
    """What is added up of whole runs, and so only for those who see every partner."""
    actor, words, read = request.actor, request.words, book.read
    days = outlook.days_judged(actor=actor, edition=book.edition)
    flows = outlook.flows_of(actor=actor, run=book.run)
    benefits = outlook.benefits_of(actor=actor, run=book.run)
    return {
        "days": days,
        "traces": pictures.traces(days, read, words),
        "levels_finding": findings.levels(days, read, words),
        "before": days[-2].as_of if len(days) > 1 else None,
        "flows": pictures.flows(flows, read, words),
        "flows_finding": findings.flows(flows, read, words),
        "benefits": pictures.benefits(benefits, read, words),
        "benefits_finding": findings.benefits(benefits, read, words),
    }


def _today(book: Book, counted: dict[str, dict[str, int]]) -> outlook.JudgedDay:
    """The day of the books, for somebody who sees some countries only."""
    levels: dict[str, int] = {}
    for row in counted.values():
        for name, partners in row.items():
            if name not in (RISING, FALLING):
                levels[name] = levels.get(name, 0) + partners
    return outlook.JudgedDay(book.as_of, book.run, levels)


def _mover(request: PageRequest, book: Book, line: lists.Line, moving: str) -> dict[str, Any]:
    one = line.closest if moving == RISING else line.fails
    return {
        "line": line,
        "stands": deciding.level_label(request.words, book.read, line.stands),
        "next": deciding.level_label(request.words, book.read, line.next),
        "told": deciding.told(request.words, book.read, one) if one else None,
    }


def _attention(request: PageRequest, book: Book | None) -> dict[str, Any]:
    """What needs somebody: imports with refused rows, failed runs and jobs, levels that wait for an answer."""
    actor = request.actor
    found: dict[str, Any] = {}
    if book is not None:
        found["waiting"] = outlook.waiting_count(actor=actor, edition=book.edition)
    if actor.roles & _IMPORTERS:
        found["imports"] = unsettled(actor)
    if actor.everywhere:
        found["runs"] = runs_in_trouble(actor)
        found["jobs"] = jobs.failed()
    found["anything"] = any(found.values())
    return found
