"""What has changed for the reader's firm, what runs out soon, and what is worth doing next?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hanse.apps.accounts.actors import Actor
from hanse.apps.connections.selectors import waiting_for
from hanse.apps.evidence.selectors import facts_of
from hanse.apps.registry.ageing import age_of
from hanse.apps.registry.selectors import people_of
from hanse.apps.standings import explained
from hanse.apps.standings.selectors import history
from hanse.decisions.explanation import explain
from hanse.decisions.explanation_views import Explanation
from hanse.fronts.pages import telling
from hanse.fronts.pages.reader import PageRequest
from hanse.fronts.portal.firm import firm_of, keeping, others_of
from hanse.fronts.portal.standing import closest
from hanse.language.words import Words

AHEAD = timedelta(days=100)  # how far ahead the page looks
CHANGES, STEPS = 4, 3  # how many of them are shown
_OF_PEOPLE = ("certifications", "people")


@dataclass(frozen=True)
class Ending:
    """Something that runs out: on which day, what, in how many days, and the page that says more."""

    on: date
    what: str
    days: int
    page: str


@dataclass(frozen=True)
class Step:
    """Something worth doing: the requirement or competency, what it lacks, and the page that says how."""

    what: str
    lacks: str
    page: str


@require_safe
def home(request: PageRequest) -> HttpResponse:
    """The first page of a partner."""
    firm, words = firm_of(request), request.words
    outcome = explained.outcome(actor=request.actor, partner=firm)
    told = explain(outcome, words.label)
    labels = telling.level_labels(outcome.outline, words)
    moves = [
        (
            row["as_of"],
            row["direction"],
            labels.get(row["level_after"], row["level_after"]),
            row["level_after"],
            telling.because(row["reason"], outcome.outline, words),
        )
        for row in reversed(history(request.actor, firm))
        if row["direction"] != "same"
    ]
    shown = {
        "told": told,
        "next": telling.level_told(told, told.next[0], words) if told.next else None,
        "closest": closest(told, words),
        "steps": list(_steps(told, words)),
        "moves": moves[:CHANGES],
        "ending": sorted(_ending(request.actor, told, words), key=lambda one: one.on),
        "until": told.as_of + AHEAD,
        "confirm": firm in request.actor.administers and age_of(actor=request.actor, partner=firm).due,
        "requests": waiting_for(actor=request.actor),
        "others": others_of(request, firm),
        "asked": keeping(request, firm),
    }
    return render(request, "portal/home.html", shown)


def _steps(told: Explanation, words: Words) -> Iterator[Step]:
    """What is missing for the next level; and the competencies that lack the least."""
    if told.next and not told.next[0].retired:
        missing = dict.fromkeys(told.next[0].missing)
        for asked in told.next[0].requirements:
            one = asked.requirement
            if one.requirement in missing and missing.pop(one.requirement, "") is None:
                short = telling.short(one, words) or telling.compared(one, words)
                yield Step(one.label, short, reverse("people" if one.table in _OF_PEOPLE else "standing"))
    for competency in told.near[:STEPS]:
        lacks = [
            words.say("{name}: {what}", name=r.label, what=telling.short(r, words) or words.say("missing"))
            for r in competency.requirements
            if not r.met
        ]
        label = f"{competency.label} ({competency.depth_label})" if competency.depth_label else competency.label
        page = reverse("competency", args=[competency.competency])
        yield Step(words.say("Competency {name}", name=label), "; ".join(lacks), page)


def _ending(actor: Actor, told: Explanation, words: Words) -> Iterator[Ending]:
    """What runs out within the days ahead: certificates, benefits with something left, the level itself."""
    first, last = told.as_of, told.as_of + AHEAD
    here = {one.person.key for one in people_of(actor, told.partner.partner, on=first)}
    latest: dict[tuple[str, str], date] = {}  # what was renewed runs out later
    for row in facts_of(actor, told.partner.partner, "certifications"):
        held = (row["certificate"], row["person"])
        latest[held] = max(latest.get(held, date.min), row["expires"] or date.max)
    certificates: dict[date, list[str]] = {}
    for (certificate, person), expires in latest.items():
        if first <= expires <= last and person in here:
            certificates.setdefault(expires, []).append(f"{certificate} ({person})")
    for on, names in certificates.items():
        what = words.many(
            "{n} certificate: {names}", "{n} certificates: {names}", len(names), names=words.listed(names, 4)
        )
        yield Ending(on, what, (on - first).days, reverse("people"))
    for one in told.benefits:
        if one.last and first <= one.last <= last and one.left and one.quantity != 1:
            left = words.money(one.left, one.currency) if one.currency else words.number(one.left)
            what = words.say("{name}: {left} left", name=one.label, left=left)
            yield Ending(one.last, what, (one.last - first).days, reverse("benefits"))
    if told.granted_until and told.granted and first <= told.granted_until <= last:
        what = words.say("The level {level} is reviewed", level=told.granted_label or told.granted)
        yield Ending(told.granted_until, what, (told.granted_until - first).days, reverse("standing"))
