"""What does the firm's level give it, what is used and left, until when, and what would the next level add?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hanse.apps.evaluation.offered import offered
from hanse.apps.standings import explained
from hanse.decisions.benefits_by_level import Offer
from hanse.decisions.explanation import explain
from hanse.decisions.explanation_views import BenefitView, Explanation
from hanse.fronts.pages import telling
from hanse.fronts.pages.reader import PageRequest
from hanse.fronts.portal.firm import firm_of, others_of
from hanse.language.words import Words


@dataclass(frozen=True)
class Given:
    """A benefit that the firm has. `counted`: there is an amount of it that can be used up."""

    label: str
    quantity: str
    used: str
    left: str
    share: int  # how much of it is used, 0 to 100
    first: date | None
    last: date | None
    days: int | None  # how many are left of the period
    counted: bool
    how: str  # what it depends on
    clause: str


@dataclass(frozen=True)
class Added:
    """What another level would give: the amount there, and the amount now."""

    label: str
    then: str
    now: str
    conditional: bool
    clause: str


@require_safe
def benefits(request: PageRequest) -> HttpResponse:
    """The page."""
    firm, words = firm_of(request), request.words
    told = explain(explained.outcome(actor=request.actor, partner=firm), words.label)
    listed = offered(actor=request.actor, partner=firm)
    of = {one.benefit: one for one in listed}
    places = list(of)

    def order(one: BenefitView) -> int:
        return places.index(one.benefit) if one.benefit in of else len(places)

    following = next((level for level in told.next if not level.retired), None)
    shown = {
        "told": told,
        "given": [_given(one, of.get(one.benefit), told, words) for one in sorted(told.benefits, key=order)],
        "known": bool(listed),
        "next": following,
        "next_told": telling.level_told(told, following, words) if following else None,
        "added": _added(listed, told, following.level, words) if following else [],
        "others": others_of(request, firm),
    }
    return render(request, "portal/benefits.html", shown)


def _given(one: BenefitView, offer: Offer | None, told: Explanation, words: Words) -> Given:
    return Given(
        label=one.label,
        quantity=_amount(one.quantity, one.currency, words),
        used=_amount(one.used, one.currency, words),
        left=_amount(one.left, one.currency, words),
        share=round(100 * min(one.used, one.quantity) / one.quantity) if one.quantity else 0,
        first=one.first,
        last=one.last,
        days=(one.last - told.as_of).days if one.last and one.last >= told.as_of else None,
        counted=bool(one.quantity != 1 or one.used or one.currency),
        how=_how(offer, told, words),
        clause=offer.clause or "" if offer else "",
    )


def _how(offer: Offer | None, told: Explanation, words: Words) -> str:
    """How the benefit is earned."""
    if offer is None:
        return ""
    if offer.quantities is None:
        said = words.say("as much as your own figures give")
    elif len(set(offer.quantities.values())) == 1 and told.level_label and len(offer.quantities) > 1:
        said = words.say("with this level and others")
    else:
        said = words.say("with the level {level}", level=told.granted_label or words.say("no level"))
    return words.say("{what}, on a condition", what=said) if offer.conditional else said


def _added(listed: Sequence[Offer], told: Explanation, level: str, words: Words) -> list[Added]:
    """What the level gives more of than the level in force."""
    has = {one.benefit: one.quantity for one in told.benefits}
    found = []
    for one in listed:
        if one.quantities is None:
            continue
        now, then = one.quantities.get(told.granted or "", 0.0), one.quantities.get(level, 0.0)
        if then > now and then > has.get(one.benefit, 0.0):
            label = words.label(one.labels, one.benefit)
            found.append(
                Added(
                    label, _amount(then, one.currency, words), _amount(now, one.currency, words) if now else "",
                    one.conditional, one.clause or "",
                )
            )  # fmt: skip
    return found


def _amount(value: float, currency: str | None, words: Words) -> str:
    return words.money(value, currency) if currency else words.number(value)
