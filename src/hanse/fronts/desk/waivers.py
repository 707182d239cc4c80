"""What was granted in spite of the numbers, by whom, why, and until when?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.utils import timezone

from hanse.apps.accounts.policy import PROGRAMME
from hanse.apps.evidence import selectors
from hanse.apps.standings import outlook
from hanse.fronts.desk import waiver_words
from hanse.fronts.pages import asked

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest

SHOWN = 200  # of those that have ended


def waivers(request: PageRequest) -> HttpResponse:
    """The waivers in force, those to come, and those that have ended; of one partner where the address names it."""
    partner = asked.text(request, "partner")
    today = timezone.localdate()
    books, words = outlook.books(actor=request.actor), request.words
    groups: dict[str, list[dict[str, Any]]] = {"now": [], "coming": [], "ended": []}
    says: dict[str, str] = {}
    for row in selectors.waivers(request.actor, partner=partner or None):
        name = str(row["subject"])
        says[name] = says.get(name) or waiver_words.subject(name, books, words)
        when = "ended" if row["until"] < today else "coming" if row["from"] > today else "now"
        groups[when].append({**row, "since": row["from"], "says": says[name], "days": (row["until"] - today).days})
    shown = {
        **groups,
        "now": list(reversed(groups["now"])),  # what ends next comes first
        "coming": list(reversed(groups["coming"])),
        "ended": groups["ended"][:SHOWN],
        "partner": partner,
        "may": bool(request.actor.roles & PROGRAMME),
    }
    return render(request, "desk/waivers.html", shown)
