"""Who holds what, what expires and when, who has left, and who is one exam short of closing a gap?

`?show=expiring|left|none` and `?text=...` narrow the list of people, `?page=N` turns its pages, and `?person=KEY` shows
the certificates of one of them in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from babel.dates import format_skeleton
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hanse.apps.evaluation.supposed import LAPSES, MOST_CHANGES, Change
from hanse.decisions.explanation import competency_views, explain
from hanse.fronts.pages.changes import query
from hanse.fronts.pages.reader import PageRequest
from hanse.fronts.pages.sheet import sheet
from hanse.fronts.portal.certified import VALID, Certificate, Certified, Person, certified
from hanse.fronts.portal.closing import Closing, closings
from hanse.fronts.portal.firm import firm_of, others_of
from hanse.language.words import Words, mark

SOON = timedelta(days=100)  # what expires within it is told one by one
AHEAD = timedelta(days=366)  # what expires within it is counted by month
SHORT, PEOPLE, A_PAGE = 6, 3, 50  # gaps told, people told of each, people on a page
_SHOW = {
    "expiring": mark("with something that expires soon"),
    "left": mark("who have left"),
    "none": mark("without a certificate"),
}
_COLUMNS = ("person", "role", "since", "until", "certificate", "earned", "expires", "state", "counts_for", "source")


@dataclass(frozen=True)
class Ending:
    """A certificate that expires: when, whose, and what it counts for."""

    on: date
    days: int
    person: str
    certificate: str
    counts: tuple[str, ...]


@dataclass(frozen=True)
class Month:
    """How many certificates expire in a month; `share` of the month with most, 0 to 100."""

    says: str
    n: int
    share: int


@dataclass(frozen=True)
class Short:
    """A competency or level that is short of certified people, and who could close the gap."""

    what: str
    name: str  # of the competency, for its page
    closing: Closing


@require_safe
def people(request: PageRequest) -> HttpResponse:
    """The page."""
    firm, words = firm_of(request), request.words
    found = certified(request.actor, firm, words)
    day = found.progress.outcome.as_of
    ending = sorted(_ending(found.people, day), key=lambda one: (one.on, one.person, one.certificate))
    show, text = request.GET.get("show", ""), request.GET.get("text", "").strip()[:100]
    wanted = [one for one in found.people if _is_wanted(one, show, text, day)]
    page = Paginator(wanted, A_PAGE).get_page(request.GET.get("page"))
    shown = {
        "told": found.progress.outcome,
        "at_work": len(found.employed),
        "left": len(found.people) - len(found.employed),
        "valid": sum(len(one.valid) for one in found.people if one.here),
        "ending": [one for one in ending if one.on <= day + SOON],
        "soon": day + SOON,
        "lapsed": _lapsed([one for one in ending if one.on <= day + SOON]),
        "months": _months(ending, words),
        "short": list(_short(found, words))[:SHORT],
        "people_shown": PEOPLE,
        "page": page,
        "shows": list(_SHOW.items()),
        "show": show if show in _SHOW else "",
        "text": text,
        "open": bool(text) and len(wanted) <= PEOPLE,
        "chosen": request.GET.get("person", ""),
        "kept": _kept(request, "partner", "show", "text", "page"),
        "narrowed": _kept(request, "partner", "show", "text"),
        "others": others_of(request, firm),
        "partner": request.GET.get("partner", ""),
    }
    return render(request, "portal/person_list.html" if request.htmx else "portal/people.html", shown)


@require_safe
def people_csv(request: PageRequest) -> HttpResponseBase:
    """Every certificate of everybody, a line each; who holds none has a line too."""
    firm, words = firm_of(request), request.words
    found = certified(request.actor, firm, words)
    return sheet(f"people-{firm}-{found.progress.outcome.as_of}.csv", _COLUMNS, _lines(found.people))


def _kept(request: PageRequest, *names: str) -> str:
    """What the address asks for, to be followed by more."""
    given = {name: request.GET[name][:100] for name in names if request.GET.get(name)}
    return f"{urlencode(given)}&" if given else ""


def _lines(people: Iterable[Person]) -> Iterator[tuple[object, ...]]:
    for one in people:
        job = (one.key, one.role, one.since, one.until)
        for held in one.certificates:
            yield (*job, held.name, held.earned, held.expires, held.state, "; ".join(held.counts), held.source)
        if not one.certificates:
            yield (*job, *[None] * 6)


def _ending(people: Iterable[Person], day: date) -> Iterator[Ending]:
    for person in people:
        if person.here:
            for one in person.valid:
                if one.expires is not None and one.expires <= day + AHEAD:
                    yield Ending(one.expires, (one.expires - day).days, person.key, one.name, one.counts)


def _lapsed(ending: list[Ending]) -> str:
    """The query of the page that says where the firm stood without them; empty for more than it takes."""
    lapses = [Change(LAPSES, {"person": one.person, "certificate": one.certificate}) for one in ending]
    return query(lapses) if 0 < len(lapses) <= MOST_CHANGES else ""


def _months(ending: Iterable[Ending], words: Words) -> list[Month]:
    found: dict[date, int] = {}
    for one in ending:
        found[one.on.replace(day=1)] = found.get(one.on.replace(day=1), 0) + 1
    most = max(found.values(), default=1)
    return [
        Month(str(format_skeleton("yMMMM", month, locale=words.locale)), n, round(100 * n / most))
        for month, n in sorted(found.items())
    ]


def _short(found: Certified, words: Words) -> Iterator[Short]:
    """The next level's gaps first, then those of competencies that lack one requirement."""
    outcome = found.progress.outcome
    told = explain(outcome, words.label)
    if told.next and not told.next[0].retired:
        missing = set(told.next[0].missing)
        unmet = [one.requirement for one in told.next[0].requirements if one.requirement.requirement in missing]
        for closing in closings(found.progress, unmet, None, found.employed, words):
            yield Short(told.next[0].label, "", closing)
    for view in competency_views(outcome, words.label):
        if not view.held:
            for closing in closings(found.progress, view.requirements, view.competency, found.employed, words):
                label = f"{view.label} ({view.depth_label})" if view.depth_label else view.label
                yield Short(label, view.competency, closing)


def _is_wanted(one: Person, show: str, text: str, day: date) -> bool:
    if show == "expiring" and not (one.here and one.next and one.next.expires and one.next.expires <= day + SOON):
        return False
    if (show == "left" and one.here) or (show == "none" and (one.valid or not one.here)):
        return False
    if not show and not text and not one.here:
        return False
    return not text or text.casefold() in _words_of(one)


def _words_of(one: Person) -> str:
    held: Iterable[Certificate] = (held for held in one.certificates if held.state == VALID or not one.here)
    return " ".join([one.key, one.role, *(f"{h.name} {' '.join(h.counts)}" for h in held)]).casefold()
