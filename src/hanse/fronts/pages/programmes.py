"""Which programmes and editions are there to read, and what is each today?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from hanse.apps.programmes.reading import readable
from hanse.apps.standings.lived import editions_lived
from hanse.language.words import mark

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.apps.programmes.selectors import Seen
    from hanse.fronts.pages.reader import PageRequest

STATES = {
    "in_force": mark("in force"),
    "announced": mark("announced, not yet in force"),
    "piloted": mark("shown to a pilot group"),
    "retired": mark("no longer in force"),
    "drafted": mark("draft"),
}


@dataclass(frozen=True)
class Listed:
    """An edition in the list: what it is, since when, and the one before it, to be compared with."""

    name: str
    title: str
    state: str
    since: date | None
    before: str


@require_safe
def programmes(request: PageRequest) -> HttpResponse:
    """The editions by programme: what is in force, what comes, what was."""
    groups: dict[str, list[Seen]] = {}
    for one in read_by(request):
        groups.setdefault(one.programme, []).append(one)
    shown = [[_listed(one, editions, request) for one in editions] for editions in groups.values()]
    return render(request, "pages/programmes.html", {"groups": shown})


def read_by(request: PageRequest) -> list[Seen]:
    """What the reader may read today: what is in force, what comes, what was; the latest of each first."""
    today = timezone.localdate()
    found = readable(actor=request.actor, day=today, lived=editions_lived(actor=request.actor))
    order = list(STATES)
    return sorted(found, key=lambda one: order.index(one.state))


def title_of(one: Seen, request: PageRequest) -> str:
    """How an edition is called."""
    return request.words.label(one.title, one.name)


def _listed(one: Seen, editions: list[Seen], request: PageRequest) -> Listed:
    """An edition beside the one that it changes: what comes changes what is in force, what is in force what was."""
    older = "retired" if one.state in ("in_force", "retired") else "in_force"
    since = one.since or date.max
    before = (other for other in editions if other.state == older and (other.since or date.min) < since)
    against = next((other.name for other in before), "")
    return Listed(one.name, title_of(one, request), STATES[one.state], one.since, against)
