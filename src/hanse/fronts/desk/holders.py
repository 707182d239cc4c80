"""Which competencies have too few holders to be worth keeping?"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.shortcuts import render
from django.urls import reverse

from hanse.apps.accounts.policy import PROGRAMME
from hanse.apps.evaluation import holders as counted
from hanse.apps.evaluation.rehearsals import FEWER_THAN
from hanse.fronts.desk import office_words
from hanse.fronts.pages import asked

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest

MOST = 100_000


def holders(request: PageRequest, name: str) -> HttpResponse:
    """Each competency with its holders, those near it, and the people certified for it; the fewest first."""
    one, _ = office_words.edition_of(request, asked.key(name))
    fewer = min(asked.number(request, "fewer") or FEWER_THAN, MOST)
    found = counted.of_edition(actor=request.actor, edition=one.name)
    rows = [
        {
            "one": row,
            "label": request.words.label(row.label, row.competency),
            "few": row.holders < fewer,
            "change": None if row.before is None else row.holders - row.before,
        }
        for row in found
    ]
    few = [row.competency for row in found if row.holders < fewer]
    change = reverse("change", args=[one.name])
    shown = {
        "one": one,
        "title": office_words.title_of(one, request.words),
        "rows": rows,
        "few": len(few),
        "fewer": fewer,
        "day": counted.days_of(actor=request.actor, edition=one.name),
        "may": bool(request.actor.roles & PROGRAMME),
        "retire": f"{change}?{urlencode([('version', one.number), *(('retire', name) for name in few)])}",
    }
    return render(request, "desk/holders.html", shown)
