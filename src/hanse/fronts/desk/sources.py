"""Which source is believed first, where several speak of one firm?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse

from hanse.apps.accounts import policy
from hanse.apps.evaluation import mergers
from hanse.apps.evidence import golden
from hanse.decisions.golden_record import EVERY
from hanse.fronts.desk import column_words
from hanse.fronts.pages import asked
from hanse.language.problems import HanseError
from hanse.language.words import mark_many

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem


_CHANGED = mark_many(
    "The order is kept; {n} firm has another field now.", "The order is kept; {n} firms have another field now."
)


def sources(request: PageRequest) -> HttpResponse:
    """The order of sources for all fields, or for one (`?field=`); sent, it is kept, and every firm chosen anew."""
    words = request.words
    field = asked.one_of(request, "field", (EVERY, *golden.FIELDS), EVERY)
    may = policy.may(request.actor, "evidence.trust")
    known, kept = golden.sources(), golden.ranks()
    order = {source: place for place, source in enumerate(kept.get(field, ()), start=1)}
    typed = {source: str(order.get(source, "")) for source in known}
    problems: tuple[Problem, ...] = ()
    if request.method == "POST" and may:
        typed = {source: asked.posted(request, f"place-{at}", 3) for at, source in enumerate(known)}
        chosen = sorted((int(place), source) for source, place in typed.items() if place.isdecimal() and int(place))
        try:
            firms = mergers.trusted(
                actor=request.actor, field=field, sources=[source for _, source in chosen],
                reason=asked.posted(request, "why"),
            )  # fmt: skip
        except HanseError as error:
            problems = error.problems
        else:
            one, several = _CHANGED
            messages.success(request, words.many(one, several, firms))
            return redirect(f"{reverse('sources')}?field={field}")
    shown: dict[str, Any] = {
        "field": field,
        "fields": [(EVERY, words.say("all fields")), *((f, column_words.heading(f, words)) for f in golden.FIELDS)],
        "sources": [(at, source, typed[source]) for at, source in enumerate(known)],
        "own": [column_words.heading(name, words) for name in kept if name != EVERY],
        "may": may, "problems": problems, "why": asked.posted(request, "why"),
    }  # fmt: skip
    return render(request, "desk/sources.html", shown, status=400 if problems else 200)
