"""What is one edition, what has become of it, what is said of it, and what may be done next?

The forms of this page do one thing each (`act`); whatever is wrong with one is said on it, with all that was typed.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse

from hanse.apps.accounts.policy import PROGRAMME, rows
from hanse.apps.evaluation import rehearsals
from hanse.apps.programmes import publishing, services, voices
from hanse.apps.programmes.selectors import checked_cases, loaded, pilots_of
from hanse.apps.registry.selectors import visible_partners
from hanse.fronts.desk import office_words
from hanse.fronts.pages import asked
from hanse.fronts.pages.days import typed_day
from hanse.language.problems import CallError, HanseError, Problem

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.apps.programmes.selectors import Happened, Seen
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.words import Words

CASES = 5  # of those that do not hold so many are named here
NAMED = 200  # partners of a pilot group


def edition(request: PageRequest, name: str) -> HttpResponse:
    """One version; sent, its form does what it says."""
    one, versions = office_words.edition_of(request, asked.key(name))
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        try:
            messages.success(request, _done(request, one))
            return redirect(reverse("edition", args=[one.name]) + f"?version={one.number}")
        except HanseError as error:
            problems = error.problems
    shown = _shown(request, one) | {
        "versions": versions,
        "problems": problems,
        "act": request.POST.get("act", ""),
        "typed": request.POST,
    }
    return render(request, "desk/edition.html", shown, status=400 if problems else 200)


def _shown(request: PageRequest, one: Seen) -> dict[str, Any]:
    actor, words, today = request.actor, request.words, office_words.today()
    state = office_words.last_state(one)
    may = bool(actor.roles & PROGRAMME)
    cases = checked_cases(one.id)
    asked_for = publishing.asked_for(actor=actor, version=one.id)
    waiting = next((ask for ask in asked_for if not ask.verdict), None)
    pilots = pilots_of(one.id, today)
    heard = voices.feedback(actor=actor, version=one.id)
    ahead = office_words.ahead(one)
    return {
        "one": one,
        "title": office_words.title_of(one, words),
        "author": office_words.who(one.author, words),
        "says": office_words.STATES[one.state],
        "ahead": {"says": office_words.STATES[ahead.state], "on": ahead.on} if ahead else None,
        "events": [_event(event, words) for event in one.events],
        "next": office_words.MAY_FOLLOW[state] if may else (),
        "may": may,
        "may_remark": bool(actor.roles & rows()["programmes.remark"]),
        "publishable": cases is not None and not cases.failing,
        "cases": cases,
        "failing": cases.failing[:CASES] if cases else (),
        "waiting": _waiting(waiting, words) if waiting else None,
        "answered": [_answered(ask, words) for ask in asked_for if ask.verdict not in ("", "approved")],
        "pilots": _named(request, pilots[:NAMED]),
        "pilot_count": len(pilots),
        "heard": _heard(one, heard, words),
        "opinions": [
            (says, n) for key, says in office_words.OPINIONS.items() if (n := Counter(h.opinion for h in heard)[key])
        ],
        "remarks": [
            {"one": r, "who": office_words.who(r.author, words)} for r in voices.remarks(actor=actor, version=one.id)
        ],
        "rehearsals": rehearsals.of_rules(actor=actor, content_hash=one.content_hash, limit=8),
        "today": today,
    }


def _heard(one: Seen, heard: list[voices.Heard], words: Words) -> list[dict[str, Any]]:
    """What partners of the pilot said, with what a requirement is called."""
    metrics = loaded(one.id).metrics if heard else {}
    return [
        {
            "one": h,
            "says": office_words.OPINIONS[h.opinion],
            "about": words.label(metrics[h.requirement].label if h.requirement in metrics else None, h.requirement),
        }
        for h in heard
    ]


def _waiting(ask: publishing.Asked, words: Words) -> dict[str, Any]:
    return {"one": ask, "says": office_words.STATES[ask.state], "who": office_words.who(ask.asked_by, words)}


def _event(event: Happened, words: Words) -> dict[str, Any]:
    says = office_words.STATES[event.state]
    return {"one": event, "says": says, "who": office_words.who(event.actor, words)}


def _answered(ask: publishing.Asked, words: Words) -> dict[str, Any]:
    return {
        "one": ask,
        "says": office_words.STATES[ask.state],
        "verdict": office_words.VERDICTS[ask.verdict],
        "who": office_words.who(ask.asked_by, words),
        "by": office_words.who(ask.answered_by, words),
    }


def _named(request: PageRequest, keys: list[str]) -> list[tuple[str, str]]:
    """The partners of a group that the reader sees, by name."""
    found = visible_partners(request.actor).filter(key__in=keys).order_by("name").values_list("key", "name")
    return list(found)


def _done(request: PageRequest, one: Seen) -> str:
    """Does what the form asks, and says so. Raises HanseError."""
    acts = {
        "pilot": _pilot,
        "ask": _ask,
        "approve": _approve,
        "send_back": _send_back,
        "withdraw": _withdraw,
        "retire": _retire,
        "take_back": _take_back,
        "remark": _remark,
    }
    act = acts.get(request.POST.get("act", ""))
    if act is None:
        say = request.words.say
        raise CallError(
            Problem(
                say("the form"),
                say("it asks for nothing that can be done here"),
                say("the page may be an old one"),
                say("load the page again"),
            )
        )
    return act(request, one)


def _pilot(request: PageRequest, one: Seen) -> str:
    keys = re.findall(r"[^\s,;]+", request.POST.get("partners", ""))
    known = set(visible_partners(request.actor).filter(key__in=keys[:5000]).values_list("key", flat=True))
    say = request.words.say
    strange = [key for key in dict.fromkeys(keys) if key not in known]
    if strange:
        raise CallError(
            Problem(
                say("partners"),
                say("these are no partners: {keys}", keys=request.words.listed(strange)),
                say("a pilot is shown to partners that there are"),
                say("correct their keys, or leave them out"),
            )
        )
    services.pilot(actor=request.actor, name=one.key, partners=keys, on=_day(request), reason=_typed(request, "reason"))
    return request.words.many(
        "The pilot begins with {n} partner.", "The pilot begins with {n} partners.", len(set(keys))
    )


def _ask(request: PageRequest, one: Seen) -> str:
    state = "in_force" if request.POST.get("state") == "in_force" else "announced"
    publishing.ask(actor=request.actor, name=one.key, state=state, on=_day(request), reason=_typed(request, "reason"))
    return request.words.say(
        "Asked. A second person approves it here, or among the approvals; you may withdraw it until then."
    )


def _approve(request: PageRequest, one: Seen) -> str:
    publishing.approve(actor=request.actor, publication=_number(request), comment=_typed(request, "comment"))
    return request.words.say(
        "Approved: {title} is published. Until its day it can be taken back below.",
        title=office_words.title_of(one, request.words),
    )


def _send_back(request: PageRequest, _one: Seen) -> str:
    publishing.send_back(actor=request.actor, publication=_number(request), comment=_typed(request, "comment"))
    return request.words.say("Sent back, with your comment.")


def _withdraw(request: PageRequest, _one: Seen) -> str:
    publishing.withdraw(actor=request.actor, publication=_number(request), comment=_typed(request, "comment"))
    return request.words.say("Withdrawn. It can be asked for again.")


def _retire(request: PageRequest, one: Seen) -> str:
    services.retire(actor=request.actor, name=one.key, on=_day(request), reason=_typed(request, "reason"))
    return request.words.say("It ends on that day; until then this can be taken back below.")


def _take_back(request: PageRequest, one: Seen) -> str:
    publishing.take_back(actor=request.actor, name=one.key, reason=_typed(request, "reason"))
    return request.words.say("Taken back: it is as it was before.")


def _remark(request: PageRequest, one: Seen) -> str:
    voices.remark(actor=request.actor, version=one.id, text=_typed(request, "text"))
    return request.words.say("Your remark is kept.")


def _typed(request: PageRequest, field: str) -> str:
    return request.POST.get(field, "").strip()


def _number(request: PageRequest) -> int:
    given = request.POST.get("publication", "")
    return int(given) if re.fullmatch("[0-9]{1,18}", given) else 0


def _day(request: PageRequest) -> date:
    return typed_day(_typed(request, "on"), request.words)
