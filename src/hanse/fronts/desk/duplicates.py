"""Are these two records one firm? The likeliest pair first, side by side, with what speaks for and against it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse

from hanse.apps.accounts import policy
from hanse.apps.duplicates import deciding, looking, queue
from hanse.apps.evidence import structure
from hanse.apps.registry.selectors import names_of
from hanse.fronts.desk import column_words
from hanse.fronts.desk.likeness_words import WHAT
from hanse.fronts.desk.moved import followed
from hanse.fronts.pages import asked
from hanse.language.problems import HanseError
from hanse.language.words import mark_many

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.apps.duplicates.queue import Likely
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem
    from hanse.language.words import Words

SURE = 0.99  # what may be merged at once
WIDEST = 100
_MERGED = mark_many(
    "{n} pair is merged; each can be taken back on its page.",
    "{n} pairs are merged; each can be taken back on its page.",
)
_MERGING = mark_many(
    "{n} pair is being merged. You may leave this page: it goes on.",
    "{n} pairs are being merged. You may leave this page: it goes on.",
)


def duplicates(request: PageRequest) -> HttpResponse:
    """The pair that comes next (`?after=` passes one over), or the one asked for (`?pair=`); sent, it is decided."""
    actor = request.actor
    problems: tuple[Problem, ...] = ()
    if request.method == "POST" and policy.may(actor, "duplicates.decide"):
        try:
            done = _done(request)
        except HanseError as error:
            problems = error.problems
        else:
            messages.success(request, done)
            return redirect("duplicates")
    number, after = asked.number(request, "pair"), asked.number(request, "after") or 0
    found = queue.pair_of(actor=actor, number=number) if number else queue.next_pair(actor=actor, after=after)
    last = looking.looked()
    shown: dict[str, Any] = {
        "pair": _shown(request, found) if found else None,
        "waiting": queue.waiting(actor=actor),
        "sure": queue.waiting(actor=actor, at_least=SURE),
        "share": round(100 * SURE),
        "looked": last,
        "may": policy.may(actor, "duplicates.decide"),
        "passed": bool(after),
        "problems": problems,
        "why": asked.posted(request, "why"),
    }
    return render(request, "desk/duplicates.html", shown, status=400 if problems else 200)


def _done(request: PageRequest) -> str:
    """Does what the form asks, and says so. Raises HanseError."""
    words, act, why = request.words, asked.posted(request, "act"), asked.posted(request, "why")
    pair = asked.posted(request, "pair", 18)
    number = int(pair) if pair.isdecimal() else 0
    if act == "look":
        looking.look(actor=request.actor)
        return words.say("All records are being compared. You may leave this page: it goes on.")
    if act == "other":
        deciding.other(actor=request.actor, number=number, reason=why)
        return words.say("They are two firms. Nobody is asked about them again.")
    if act == "all":
        many = queue.waiting(actor=request.actor, at_least=SURE)
        batches = deciding.all_asked(actor=request.actor, probability=SURE, reason=why or words.say("likely enough"))
        return words.many(*_MERGING, many) if batches is None else words.many(*_MERGED, len(batches))
    batch = deciding.same(
        actor=request.actor, number=number, into=asked.posted(request, "into"), reason=why or words.say("the same firm")
    )
    say = words.say("They are one firm now. It can be taken back on its page.")
    return followed(request, say, batch)


def _shown(request: PageRequest, pair: Likely) -> dict[str, Any]:
    """Both records field by field, and the waterfall."""
    words = request.words
    found = structure.merging(actor=request.actor, partner=pair.other, into=pair.one)
    facts = {
        side: structure.counted(actor=request.actor, partner=key)
        for side, key in (("one", pair.one), ("other", pair.other))
    }
    return {
        "pair": pair,
        "names": names_of(request.actor, [pair.one, pair.other]),
        "percent": min(99.9, round(100 * pair.probability, 1)),
        "fields": column_words.side_by_side([(name, one, other) for name, other, one in found.fields], words),
        "facts": facts,
        "because": _waterfall(pair, words),
    }  # fmt: skip


def _waterfall(pair: Likely, words: Words) -> list[dict[str, Any]]:
    """What spoke for (right of the middle) and against it (left), as wide as it weighs."""
    most = max((abs(part["bits"]) for part in pair.because), default=1) or 1
    return [
        {
            "what": words.say(WHAT.get(part["what"], part["what"])),
            "how": words.say(part["how"] or "") if part["what"] != "prior" else "",
            "one": part["one"], "other": part["other"],
            "bits": part["bits"],
            "width": round(WIDEST * abs(part["bits"]) / most),
            "speaks": "for" if part["bits"] > 0 else "against",
        }
        for part in pair.because
    ]  # fmt: skip


def link_of(pair: Likely) -> str:
    """Where a pair is decided."""
    return f"{reverse('duplicates')}?pair={pair.number}"
