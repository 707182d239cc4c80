"""What is there with this name, of one's own firm? Its people, competencies, the rules that hold for it, pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse

from hanse.apps.accounts.policy import NotThere
from hanse.apps.registry.finding import people_named
from hanse.apps.standings import selectors
from hanse.apps.standings.finding import clauses
from hanse.fronts.pages import finding
from hanse.fronts.pages.finding import AT_MOST, Group, Hit

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.finding import Read
    from hanse.fronts.pages.reader import PageRequest


def search(request: PageRequest) -> HttpResponse:
    """What was found, in groups, of the firms that the reader belongs to."""
    text = finding.typed(request)
    found: list[Group] = []
    if text:
        found = finding.groups(*_rules(request, text), _people(request, text), finding.menu(request, text))
    shown: dict[str, Any] = {"q": text, "groups": found, "hits": sum(len(one.hits) for one in found)}
    return render(request, "pages/search.html", shown)


def _rules(request: PageRequest, text: str) -> list[Group]:
    """By the programme that the first of the reader's firms stands by."""
    words, read = request.words, _read(request)
    if read is None:
        return []
    here = reverse("programme", args=[str(read["edition"])])
    levels = [str(entry["level"]) for entry in read["levels"]]
    found = finding.competencies(read, text, words)
    hits = [Hit(says, "", reverse("competency", args=[name])) for name, says in found]
    return [
        Group("competencies", words.say("Competencies"), tuple(hits[:AT_MOST])),
        finding.rules(read, clauses(actor=request.actor, subjects=levels), text, words, here),
    ]


def _read(request: PageRequest) -> Read | None:
    try:
        run = selectors.deciding_run(request.actor, min(request.actor.partners), edition=None, as_of=None)
    except NotThere:  # nobody has been judged yet
        return None
    return selectors.outline_of(run)


def _people(request: PageRequest, text: str) -> Group:
    found = people_named(actor=request.actor, text=text, limit=AT_MOST)
    hits = [Hit(one.person, one.role, reverse("people")) for one in found]
    return Group("people", request.words.say("People"), tuple(hits))
