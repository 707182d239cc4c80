"""What would our level be together with a connected firm? Asked by one, agreed by the other, then seen by both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render

from hanse.apps.accounts.policy import not_there
from hanse.apps.connections import joint
from hanse.apps.evaluation import together as joined
from hanse.decisions.explanation import explain
from hanse.fronts.pages import asked, telling
from hanse.fronts.portal.firm import firm_of, keeping
from hanse.language.words import mark

if TYPE_CHECKING:
    from hanse.decisions.explanation_views import Explanation
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.words import Words

_ACTS = {"ask": joint.joint_ask, "agree": joint.joint_agree, "end": joint.joint_end}
_SAYS = {
    "ask": mark("The firm has been asked. Once it agrees, both of you see it here."),
    "agree": mark("Agreed: both of you see it now."),
    "end": mark("It has ended: neither of you sees it any more."),
}


def together(request: PageRequest, key: str) -> HttpResponse:
    """The page; sent, the firm asks, agrees, or ends it. Raises NotThere for a firm that it is not connected with."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    key = asked.key(key)
    own = firm_of(request)
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act not in _ACTS or own not in request.actor.administers:
            raise not_there("page", key, "ask an administrator of the firm")
        _ACTS[act](actor=request.actor, partner=own, other=key)
        messages.success(request, request.words.say(_SAYS[act]))
        return redirect(request.get_full_path())
    stands = joint.asking(actor=request.actor, partner=own, other=key)
    shown: dict[str, Any] = {
        "stands": stands, "may_act": own in request.actor.administers, "told": None,
        "asked": keeping(request, own),
    }  # fmt: skip
    if stands.stands == joint.AGREED:
        found = joined.together(actor=request.actor, partner=own, other=key)
        if found.outcome is not None:
            told = explain(found.outcome, request.words.label)
            shown |= {"told": told, "levels": _totals(told, request.words), "as_one": found.into == own}
            shown["now"] = telling.level_labels(found.outcome.outline, request.words).get(found.before or "", "")
            shown["now_level"] = found.before
    return render(request, "portal/together.html", shown)


def _totals(told: Explanation, words: Words) -> list[dict[str, Any]]:
    """The level that they would have and those above it: of each requirement both's total, and what is needed."""
    found = []
    for level in [*([told.own] if told.own else []), *told.next]:
        asked = [one.requirement for one in level.requirements]
        lines = [(one.label, *telling.numbers(one, words), one.met) for one in asked]
        found.append({"label": level.label, "says": telling.summary(level, words), "lines": lines})
    return found
