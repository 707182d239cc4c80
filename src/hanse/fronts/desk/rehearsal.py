"""Whom would a change move, because of what, and what would it cost?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse

from hanse.apps.accounts.policy import PROGRAMME, rows
from hanse.apps.evaluation import rehearsals
from hanse.apps.evaluation.rehearsals import NO_LEVEL, Rehearsed, Wanted
from hanse.apps.programmes import voices
from hanse.apps.programmes.selectors import checked_cases, loaded
from hanse.decisions.rehearsal_figures import Side
from hanse.engines.report import page as report
from hanse.engines.report.reading import Reading
from hanse.fronts.desk import office_words, rehearsal_pictures
from hanse.fronts.pages import asked, waiting
from hanse.fronts.pages.waiting import Waiting
from hanse.language.context import Days
from hanse.language.problems import HanseError
from hanse.language.words import mark

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem

SHOWN = 40
DIRECTIONS = {
    "up": mark("rises"),
    "down": mark("falls"),
    "across": mark("same rank"),
    "appears": mark("becomes a partner"),
    "disappears": mark("is a partner no more"),
}
_PHASES = {
    "": mark("It waits for its turn."),
    "cases": mark("The cases of the draft are run."),
    "reading": mark("The facts are read."),
    "judging": mark("Everybody is judged, by both editions."),
}


def rehearsal(request: PageRequest, number: int) -> HttpResponse:
    """The outcome, or how far it is; sent, a remark is kept. Raises NotThere."""
    one = rehearsals.rehearsed(actor=request.actor, number=number)
    going_on = one.state in ("waiting", "running")
    says = request.words.say(_PHASES.get(one.phase, _PHASES[""]))
    line = Waiting(says, reverse("rehearsal", args=[number]), going_on, one.done, one.of)
    answer = waiting.looked(request, line)
    if answer is not None:
        return answer
    problems: tuple[Problem, ...] = one.problems
    if request.method == "POST":
        try:
            voices.remark(
                actor=request.actor, version=one.after.id, text=request.POST.get("text", ""), rehearsal=number
            )
        except HanseError as error:
            problems = error.problems
        else:
            messages.success(request, request.words.say("Your remark is kept."))
            return redirect(reverse("rehearsal", args=[number]) + "#remarks")
    shown: dict[str, Any] = {
        "one": one,
        "problems": problems,
        "waiting": line if going_on else None,
        "titles": _titles(request, one),
        "may": bool(request.actor.roles & PROGRAMME),
        "may_remark": bool(request.actor.roles & rows()["programmes.remark"]),
        "typed": request.POST,
        "who": office_words.who(one.asked_by, request.words),
        "remarks": [
            {"one": r, "who": office_words.who(r.author, request.words)}
            for r in voices.remarks(actor=request.actor, version=one.after.id)
            if r.rehearsal in (number, None)
        ],
    }
    if one.summary is not None:
        shown |= _outcome(request, one)
    return render(request, "desk/rehearsal.html", shown, status=400 if request.method == "POST" else 200)


def reading_of(request: PageRequest, one: Rehearsed) -> Reading:
    """How the two sides are called in the reader's language."""
    days = Days(one.as_of, one.rules_as_of)
    return Reading(Side(loaded(one.before.id), days), Side(loaded(one.after.id), days), request.words.language)


def wanted_of(request: PageRequest) -> Wanted:
    """The movers that the address asks for."""
    level, _, because = asked.text(request, "because").rpartition(":")
    return Wanted(
        country=asked.text(request, "country"),
        before=asked.text(request, "before"),
        after=asked.text(request, "after"),
        direction=asked.one_of(request, "direction", tuple(DIRECTIONS)),
        because=because,
        because_level=level,
        text=asked.text(request, "text"),
    )


def _titles(request: PageRequest, one: Rehearsed) -> dict[str, str]:
    return {side: request.words.label(v.title, v.name) for side, v in (("before", one.before), ("after", one.after))}


def _outcome(request: PageRequest, one: Rehearsed) -> dict[str, Any]:
    assert one.summary is not None
    actor, read, summary = request.actor, reading_of(request, one), one.summary
    wanted, here = wanted_of(request), asked.number(request, "from") or 0
    counted = rehearsals.counts(actor=actor, number=one.number, kinds=summary.get("kinds"))
    everybody, narrowed = sum(counted.directions.values()), any(vars(wanted).values())
    page = rehearsals.movers(
        actor=actor, number=one.number, wanted=wanted, after=here, limit=SHOWN, total=None if narrowed else everybody
    )
    said = parameters(wanted)
    cases = checked_cases(one.after.id)
    shown: dict[str, Any] = {
        "everywhere": actor.everywhere,
        "rules": [{**report.rule(row, read), "label": read.level(row["level"])} for row in summary["rules"]],
        "changed": rehearsal_pictures.changed(summary, read),
        "movers": [_mover(row, read) for row in page.rows],
        "total": page.total,
        "all_movers": everybody,
        "filters": _filters(request, read, counted),
        "wanted": wanted,
        "because": f"{wanted.because_level}:{wanted.because}" if wanted.because else "",
        "narrowed": narrowed,
        "export": asked.query(said),
        "first": asked.query(said) + "#movers" if here else "",
        "following": asked.query(said, **{"from": page.following}) + "#movers" if page.following else "",
        "cases": cases,
    }
    return shown | (rehearsal_pictures.whole(summary, read) if actor.everywhere else {})


def _mover(row: dict[str, Any], read: Reading) -> dict[str, Any]:
    told = report.mover(row, read)
    labels = {f"label_{side}": read.level(told[key]) for side, key in (("before", "old"), ("after", "new"))}
    return {**told, **labels, "direction": DIRECTIONS[row["direction"]], "row": row}


def parameters(wanted: Wanted) -> dict[str, object]:
    """The filters as the parameters of an address."""
    because = f"{wanted.because_level}:{wanted.because}" if wanted.because else ""
    return {
        "country": wanted.country,
        "before": wanted.before,
        "after": wanted.after,
        "direction": wanted.direction,
        "because": because,
        "text": wanted.text,
    }


def _filters(request: PageRequest, read: Reading, counted: rehearsals.Counts) -> dict[str, list[tuple[str, str, int]]]:
    words = request.words
    order = {name: at for at, name in enumerate(read.after.edition.level_names)}

    def levels(found: dict[str, int]) -> list[tuple[str, str, int]]:
        listed = sorted(found.items(), key=lambda item: -order.get(item[0], -1))
        return [(name or NO_LEVEL, read.level(name or None), n) for name, n in listed]

    reasons = sorted(counted.reasons.items(), key=lambda item: -item[1])
    return {
        "countries": sorted(((c, words.country(c), n) for c, n in counted.countries.items() if c), key=lambda c: c[1]),
        "before": levels(counted.before),
        "after": levels(counted.after),
        "directions": [
            (key, words.say(says), counted.directions[key])
            for key, says in DIRECTIONS.items()
            if key in counted.directions
        ],
        "reasons": [
            (f"{level}:{name}", read.phrase("reason", level=read.level(level), requirement=_requirement(read, name)), n)
            for (level, name), n in reasons
        ],
    }


def _requirement(read: Reading, name: str) -> str:
    return read.requirement(name, next((m for m in read.after.edition.metrics if m == name), None))
