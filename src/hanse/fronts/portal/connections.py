"""With whom is the firm connected, who waits for its answer, and what do its connections see of it?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render

from hanse.apps.accounts.policy import not_there
from hanse.apps.connections import joint, selectors, services
from hanse.fronts.portal.firm import firm_of, keeping, others_of
from hanse.language.words import mark

if TYPE_CHECKING:
    from hanse.fronts.pages.reader import PageRequest

_ACTS = {"accept": services.accept, "decline": services.decline, "withdraw": services.withdraw}
_SAYS = {
    "accept": mark("Accepted: each of you now sees how the other is reached."),
    "decline": mark("Declined. The firm may ask again in 90 days."),
    "withdraw": mark("It has been taken back. Neither of you sees any more how the other is reached."),
}
_GIVES = ("website", "phone", "email")


def connections(request: PageRequest) -> HttpResponse:
    """The page; sent, an answer, an end, or what connections see. Raises NotThere for a stranger's."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    firm = firm_of(request)
    if request.method == "POST":
        return _done(request, firm)
    over = request.GET.get("over") == "1"
    listed = selectors.connections(actor=request.actor, partner=firm)
    shown: dict[str, Any] = {
        "waiting": [one for one in listed if one.stands == selectors.WAITING],
        "connected": [one for one in listed if one.stands == selectors.CONNECTED],
        "asking": [one for one in listed if one.stands == selectors.ASKED],
        "over": selectors.connections(actor=request.actor, partner=firm, over=True) if over else None,
        "together": joint.asked_together(actor=request.actor, partner=firm),
        "gives": selectors.given_by(actor=request.actor, partner=firm),
        "may_act": firm in request.actor.administers, "firm": firm, "others": others_of(request, firm),
        "asked": keeping(request, firm),
    }  # fmt: skip
    return render(request, "portal/connections.html", shown)


def _done(request: PageRequest, firm: str) -> HttpResponse:
    act, number = request.POST.get("act", ""), request.POST.get("number", "")
    if firm not in request.actor.administers:
        raise not_there("page", "connections", "ask an administrator of the firm")
    if act == "give":
        chosen = {kind: request.POST.get(kind) == "on" for kind in _GIVES}
        services.give(
            actor=request.actor, partner=firm, website=chosen["website"], phone=chosen["phone"], email=chosen["email"]
        )
        messages.success(request, request.words.say("Kept."))
    elif act in _ACTS and re.fullmatch("[0-9]{1,18}", number):
        _ACTS[act](actor=request.actor, number=int(number))
        messages.success(request, request.words.say(_SAYS[act]))
    else:
        raise not_there("connection", number[:20], "the list of connections says which there are")
    return redirect(request.get_full_path())
