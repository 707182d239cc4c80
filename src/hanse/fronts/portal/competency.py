"""What does one competency ask, how far is the firm, whose certificates count for it, and who could close a gap?

`?behind=METRIC` shows the facts that made one number, under it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hanse.apps.accounts.policy import not_there
from hanse.apps.evaluation import behind as facts_behind
from hanse.apps.evaluation.progress import Progress, progress
from hanse.apps.registry.selectors import people_of
from hanse.decisions.explanation import competency_views, explain
from hanse.decisions.explanation_views import Asked, CompetencyView, Explanation, LevelView
from hanse.fronts.pages import telling
from hanse.fronts.pages.reader import PageRequest
from hanse.fronts.portal.closing import SHOWN, closings
from hanse.fronts.portal.competencies import FAR, HELD, by_name, group_of
from hanse.fronts.portal.firm import firm_of
from hanse.fronts.portal.standing import Facts, facts_told
from hanse.language.words import Words


@dataclass(frozen=True)
class Holder:
    """A certificate that counts for the competency: whose, until when, and for which of its numbers."""

    person: str
    certificate: str
    earned: date | None
    expires: date | None
    counts: str


@require_safe
def competency(request: PageRequest, name: str) -> HttpResponse:
    """The page. Raises NotThere for a competency that the programme does not know."""
    firm, words = firm_of(request), request.words
    found = progress(actor=request.actor, partner=firm)
    outline = found.outcome.outline
    if name not in outline["competencies"]:
        raise not_there("competency", name, "look it up among the competencies of the programme")
    told = explain(found.outcome, words.label)
    depths = outline.get("order", {}).get("depths", list(outline["depths"]))
    views = by_name(competency_views(found.outcome, words.label), depths).get(name, [])
    held, ahead = next((v for v in views if v.held), None), next((v for v in views if not v.held), None)
    employed = list(dict.fromkeys(one.person.key for one in people_of(request.actor, firm, on=told.as_of)))
    unmet = [one for one in (ahead.requirements if ahead else ()) if not one.met]
    metric = request.GET.get("behind", "")
    kept = _kept(views)
    partner = request.GET.get("partner", "")
    shown = {
        "told": told,
        "label": words.label(outline["competencies"][name], name),
        "held": held,
        "far": group_of(held, ahead) == FAR,
        "is_held": group_of(held, ahead) == HELD,
        "ahead": _as_level(told, ahead, words, facts=kept) if ahead else None,
        "others": [_as_level(told, view, words, facts=False) for view in views if view is not ahead],
        "missing": len(unmet),
        "closings": closings(found, unmet, name, employed, words),
        "exams_shown": SHOWN,
        "holders": list(_holders(found, name, told, words)),
        "behind": metric,
        "facts": _facts(request, firm, name, metric, told) if metric and kept else [],
        "asked": urlencode({"partner": partner}) if partner else "",
        "partner": partner,
        "whole": found.whole,
    }
    return render(request, "portal/competency.html", shown)


def _kept(views: Sequence[CompetencyView]) -> bool:
    """Does the standing keep checks of it, and so the facts behind them?"""
    return any(view.held or sum(not one.met for one in view.requirements) == 1 for view in views)


def _as_level(told: Explanation, view: CompetencyView, words: Words, *, facts: bool) -> telling.Told:
    """A depth as telling.py tells a level."""
    label = view.depth_label or view.label
    unmet = tuple(one.requirement for one in view.requirements if not one.met)
    asked = tuple(Asked(one) for one in view.requirements)
    level = LevelView(view.depth or view.competency, label, True, False, asked, unmet, len(asked))
    found = telling.level_told(told, level, words)
    return replace(found, lines=tuple(replace(line, has_facts=line.has_facts and facts) for line in found.lines))


def _holders(found: Progress, name: str, told: Explanation, words: Words) -> Iterator[Holder]:
    """The certificates of the firm's people that count for the competency, a line for each."""
    metrics: dict[str, Any] = found.outcome.outline["metrics"]
    counts: dict[tuple[str, str, date | None, date | None], list[str]] = {}
    for row in found.holders:
        if row["competency"] == name and not row["why"] and (row["expires"] is None or row["expires"] >= told.as_of):
            key = (row["person"], row["certificate"], row["earned"], row["expires"])
            label = words.label(metrics.get(row["metric"], {}).get("label"), row["metric"])
            counts.setdefault(key, []).append(label)
    for key in sorted(counts, key=lambda one: (one[0], one[1])):
        yield Holder(*key, counts=words.listed(counts[key]))


def _facts(request: PageRequest, firm: str, name: str, metric: str, told: Explanation) -> list[Facts]:
    """The facts behind one number of this competency."""
    found = facts_behind.outcome(actor=request.actor, partner=firm, label=request.words.label)
    full = explain(found, request.words.label)
    return [
        facts_told(view, told, request.words)
        for view in telling.views_of(full, metric)
        if view.competency in (name, None)
    ]
