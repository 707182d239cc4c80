"""How did the firm come to its level, what decided each step, and which facts have arrived lately?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hanse.apps.evidence import golden, structure
from hanse.apps.evidence.arrivals import Arrival, arrivals
from hanse.apps.standings import explained
from hanse.apps.standings.selectors import history as moves_of
from hanse.fronts.pages import telling
from hanse.fronts.pages.reader import PageRequest
from hanse.fronts.portal.firm import firm_of, others_of
from hanse.language.words import Words, mark

ARRIVED = 20  # batches that are told
_OUR_OWN = {golden.SOURCE, structure.SOURCE}
_KINDS = {
    "import": mark("imported"),
    "entry": mark("entered"),
    "correction": mark("corrected"),
    "waiver": mark("waiver recorded"),
    "approval": mark("answer recorded"),
}


@dataclass(frozen=True)
class Move:
    """One step: the day, the level achieved and in force before and after it, what decided, and by which edition."""

    on: date
    direction: str
    achieved: str
    in_force: str
    level: str  # in force since, as templates name it
    because: str
    edition: str


@dataclass(frozen=True)
class Told:
    """Facts that arrived at once, as far as they are about the firm."""

    at: datetime
    kind: str
    source: str
    what: str
    removed: str
    withdrawn: datetime | None


@require_safe
def history(request: PageRequest) -> HttpResponse:
    """The page."""
    firm, words = firm_of(request), request.words
    outcome = explained.outcome(actor=request.actor, partner=firm)
    rows = moves_of(request.actor, firm)
    labels = telling.level_labels(outcome.outline, words)
    edition = str(outcome.outline["edition"])
    mine = [row for row in rows if row["edition"] == edition and row["partner"] == firm]
    shown = {
        "told": outcome,
        "title": words.label(outcome.outline["title"], edition),
        "moves": [_move(row, labels, outcome.outline, words) for row in reversed(rows)],
        "editions": len({row["edition"] for row in rows}) > 1,
        "picture": _picture(mine, labels, outcome.as_of, words) if len(mine) > 1 else None,
        "arrived": [_told(one, words) for one in arrivals(actor=request.actor, partner=firm, limit=ARRIVED)],
        "others": others_of(request, firm),
        "partner": request.GET.get("partner", ""),
    }
    return render(request, "portal/history.html", shown)


def _move(row: Mapping[str, Any], labels: Mapping[str, str], outline: Mapping[str, Any], words: Words) -> Move:
    none = words.say("no level")

    def step(kind: str) -> str:
        before, after = row[f"{kind}_before"], row[f"{kind}_after"]
        there, here = (labels.get(level, level) if level else none for level in (before, after))
        return here if before == after or row["direction"] == "appears" else f"{there} → {here}"

    return Move(
        row["as_of"], row["direction"], step("level"), step("granted"), row["granted_after"] or "",
        telling.because(row["reason"], outline, words), row["edition"],
    )  # fmt: skip


def _picture(rows: Sequence[Mapping[str, Any]], labels: Mapping[str, str], until: date, words: Words) -> dict[str, Any]:
    """An option of ECharts: levels as steps over time, what is in force beside what the facts of each day gave."""
    levels = [*labels, *sorted({str(r[f"{k}_after"]) for r in rows for k in ("level", "granted")} - {*labels, "None"})]
    none = words.say("no level")
    names = [none, *(labels.get(level, level) for level in levels)]

    def line(kind: str, says: str, look: str) -> dict[str, Any]:
        points = [
            [str(r["as_of"]), names[levels.index(r[f"{kind}_after"]) + 1] if r[f"{kind}_after"] else none] for r in rows
        ]
        if points and points[-1][0] < str(until):
            points.append([str(until), points[-1][1]])
        return {
            "name": says, "type": "line", "step": "start",  # along the days first: ECharts steps from the axis of names
             "data": points, "symbolSize": 7,
            "lineStyle": {"width": 3 if look == "solid" else 2, "type": look},
        }  # fmt: skip

    return {
        "color": ["#3a7bc8", "#8a94a0"],
        "grid": {"left": 8, "right": 16, "top": 36, "bottom": 8, "containLabel": True},
        "legend": {"top": 0, "left": 0, "icon": "roundRect"},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "time", "axisLabel": {"formatter": "{yyyy}-{MM}", "hideOverlap": True}},
        "yAxis": {"type": "category", "data": names, "splitLine": {"show": True, "lineStyle": {"opacity": 0.3}}},
        "series": [line("granted", words.say("In force"), "solid"), line("level", words.say("Achieved"), "dashed")],
        "aria": {
            "enabled": True,
            "label": {"description": words.say("The level over time; the table below says the same.")},
        },
    }


def _told(one: Arrival, words: Words) -> Told:
    def counted(facts: Sequence[tuple[str, int]]) -> str:
        return words.listed((telling.rows_of(table, n, words) for table, n in facts), 6)

    kind = words.say(_KINDS.get(one.kind, one.kind))
    source = words.say(one.source) if one.source in _OUR_OWN else one.source
    return Told(one.recorded, kind, source, counted(one.facts), counted(one.removed), one.withdrawn)
