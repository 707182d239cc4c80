"""Which competencies does the firm hold, which are near, what do they lack, and who could close the gap?

`?show=held|near|far` and `?text=...` narrow the list. One competency with everything about it is competency.py.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hanse.apps.evaluation.progress import Progress, progress
from hanse.apps.registry.selectors import people_of
from hanse.decisions.explanation import competency_views
from hanse.decisions.explanation_views import CompetencyView
from hanse.fronts.pages import telling
from hanse.fronts.pages.reader import PageRequest
from hanse.fronts.portal.closing import closings, in_short
from hanse.fronts.portal.firm import firm_of, others_of
from hanse.language.words import Words, mark

HELD, NEAR, FAR = "held", "near", "far"
_SAYS = {HELD: mark("Held"), NEAR: mark("Near"), FAR: mark("Further away")}
_NEAR_ENOUGH = 2  # requirements that may be missing, where at least one is met


@dataclass(frozen=True)
class Row:
    """A competency: what is held of it, and what the depth that comes next lacks."""

    name: str
    label: str
    group: str
    depth: str
    since: date | None
    ahead: str  # the depth that comes next
    met: int
    of: int
    share: int
    lacks: tuple[str, ...]
    who: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """Rows of one kind; `n` counts them all, also those that the text leaves out."""

    name: str
    says: str
    n: int
    rows: tuple[Row, ...]


@require_safe
def competencies(request: PageRequest) -> HttpResponse:
    """The page; asked by htmx, the list alone."""
    firm, words = firm_of(request), request.words
    found = progress(actor=request.actor, partner=firm)
    employed = [one.person.key for one in people_of(request.actor, firm, on=found.outcome.as_of)]
    rows = list(_rows(found, list(dict.fromkeys(employed)), words))
    show, text = request.GET.get("show", ""), request.GET.get("text", "").strip()[:100]
    wanted = [row for row in rows if _folded(text) in _folded(row.label)]
    shown = {
        "told": found.outcome,
        "title": words.label(found.outcome.outline["title"], str(found.outcome.outline["edition"])),
        "whole": found.whole,
        "any": bool(rows) or bool(found.outcome.outline["competencies"]),
        "counts": [(name, says, sum(row.group == name for row in rows)) for name, says in _SAYS.items()],
        "all": len(rows),
        "groups": [group for group in _grouped(rows, wanted) if group.rows and show in ("", group.name)],
        "show": show if show in _SAYS else "",
        "text": text,
        "others": others_of(request, firm),
        "partner": request.GET.get("partner", ""),
    }
    return render(request, "portal/competency_list.html" if request.htmx else "portal/competencies.html", shown)


def by_name(views: Sequence[CompetencyView], depths: Sequence[str]) -> dict[str, list[CompetencyView]]:
    """The views of each competency, the lowest depth first."""
    found: dict[str, list[CompetencyView]] = {}
    for view in views:
        found.setdefault(view.competency, []).append(view)
    for listed in found.values():
        listed.sort(key=lambda view: depths.index(view.depth) if view.depth in depths else 0)
    return found


def group_of(held: CompetencyView | None, ahead: CompetencyView | None) -> str:
    """Held, near or far."""
    if held is not None:
        return HELD
    lacking = sum(not one.met for one in ahead.requirements) if ahead else 0
    return NEAR if ahead and (lacking == 1 or (lacking <= _NEAR_ENOUGH and lacking < len(ahead.requirements))) else FAR


def _rows(found: Progress, employed: list[str], words: Words) -> Iterator[Row]:
    outcome = found.outcome
    order = outcome.outline.get("order", {})
    views = by_name(competency_views(outcome, words.label), order.get("depths", list(outcome.outline["depths"])))
    for name in order.get("competencies", list(outcome.outline["competencies"])):
        if name in views:
            yield _row(found, views[name], employed, words)
        elif not found.whole:  # nothing is known but that it is neither held nor one step away
            label = words.label(outcome.outline["competencies"][name], name)
            yield Row(name, label, FAR, "", None, "", 0, 0, 0, (), ())


def _row(found: Progress, views: list[CompetencyView], employed: list[str], words: Words) -> Row:
    held = next((view for view in views if view.held), None)
    ahead = next((view for view in views if not view.held), None)
    first = held or views[0]
    asked = ahead.requirements if ahead else ()
    unmet = [one for one in asked if not one.met]
    group = group_of(held, ahead)
    gaps = (
        closings(found, unmet, first.competency, employed, words) if group == NEAR or (held and len(unmet) == 1) else []
    )
    return Row(
        name=first.competency,
        label=first.label,
        group=group,
        depth=held.depth_label or "" if held else "",
        since=held.since if held else None,
        ahead=ahead.depth_label or "" if ahead else "",
        met=len(asked) - len(unmet),
        of=len(asked),
        share=round(100 * (len(asked) - len(unmet)) / len(asked)) if asked else 100,
        lacks=()
        if group == FAR
        else tuple(
            words.say("{name}: {what}", name=one.label, what=telling.short(one, words) or words.say("missing"))
            for one in unmet
        ),
        who=tuple(dict.fromkeys(text for text in (in_short(one, words) for one in gaps) if text)),
    )


def _grouped(rows: list[Row], wanted: list[Row]) -> Iterator[Group]:
    for name, says in _SAYS.items():
        mine = [row for row in wanted if row.group == name]
        if name != HELD:
            mine.sort(key=lambda row: (row.of - row.met, -row.met))
        yield Group(name, says, sum(row.group == name for row in rows), tuple(mine))


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
