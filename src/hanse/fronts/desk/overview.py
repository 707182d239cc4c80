"""How does the channel stand this morning, and who needs somebody?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from hanse.apps.accounts.policy import PROGRAMME
from hanse.apps.evaluation import jobs
from hanse.apps.imports.selectors import unsettled
from hanse.apps.registry.members import territories
from hanse.apps.standings import between, lists, outlook
from hanse.apps.standings.lists import FALLING, RISING
from hanse.apps.standings.selectors import runs_in_trouble
from hanse.fronts.desk import charts, deciding, findings, pictures
from hanse.fronts.pages import asked

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.apps.standings.outlook import Book
    from hanse.fronts.pages.reader import PageRequest

QUARTER = 80  # days; quarters are judged on about their last day
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
    shown["territories"] = pictures.territories(territories(actor=actor), countries, words)
    shown["territories_finding"] = findings.territories(shown["territories"], words)
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
    since = _quarter_before(days)
    compared = [since, days[-1]] if since else days[-1:]
    flows = between.flows_between(actor=actor, before=since.run, after=book.run) if since else []
    benefits = outlook.benefits_of(actor=actor, run=book.run)
    costs = between.costs_of(actor=actor, run=book.run)
    return {
        "days": days,
        "lines": charts.levels(days, read, words) if since else None,
        "traces": pictures.traces(compared, read, words),
        "levels_finding": findings.levels(compared, read, words),
        "since": since.as_of if since else None,
        "by_day": charts.by_day(days, read, words),
        "flows": pictures.flows(flows, read, words),
        "sankey": charts.flows(flows, read, words) if flows else None,
        "flows_finding": findings.flows(flows, read, words, since.as_of if since else None),
        "benefits": pictures.benefits(benefits, read, words),
        "benefits_finding": findings.benefits(benefits, read, words),
        "costs": pictures.costs(costs, read, words),
        "costs_finding": findings.costs(costs, words),
    }


def _quarter_before(days: list[outlook.JudgedDay]) -> outlook.JudgedDay | None:
    """The day to compare the last one with: the latest that was judged a quarter before it, else the earliest."""
    earlier = days[:-1]
    quarter = [day for day in earlier if (days[-1].as_of - day.as_of).days >= QUARTER]
    return quarter[-1] if quarter else earlier[0] if earlier else None


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
