"""Where does the reader's firm stand, why, and what is missing for the next level?

The page of the chief question. `?as-of=DAY` shows an earlier day that was judged, `?edition=NAME` another edition, and
`?behind=METRIC` the facts that made one number, where they belong: under it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hanse.apps.evaluation import behind as facts_behind
from hanse.apps.standings import explained
from hanse.apps.standings.selectors import history, standings_of
from hanse.decisions.explanation import explain
from hanse.decisions.explanation_views import BenefitView, Explanation, FactRow, FactsView, Outcome
from hanse.fronts.pages import telling
from hanse.fronts.pages.reader import PageRequest
from hanse.fronts.portal.firm import day_asked, firm_of, others_of
from hanse.language.words import Words, mark

SHOWN = 20  # how many facts of a kind are listed before the rest is only counted
_STATUS = {"lapsed": mark("lapsed"), "unpublished": mark("unpublished")}
_ABSENT = {
    "left": mark("The firm has left the programme, and has no standing."),
    "not_yet": mark("The firm joins later: it has no standing yet."),
    "absent": mark("The firm has no standing on that day."),
}


@dataclass(frozen=True)
class Near:
    """A competency that lacks one requirement, and what it lacks."""

    label: str
    depth: str
    lacks: tuple[str, ...]


@dataclass(frozen=True)
class Benefit:
    """A benefit. `counted` says whether there is an amount of it that can be used up."""

    label: str
    quantity: str
    used: str
    left: str
    share: int
    first: date | None
    last: date | None
    counted: bool


@dataclass(frozen=True)
class Facts:
    """The facts behind a number (of one competency): those that counted, and those that did not, by reason."""

    title: str
    counted: str
    since: date | None
    rows: tuple[tuple[tuple[str, ...], str], ...]
    more: int
    refused: tuple[tuple[str, str, tuple[tuple[tuple[str, ...], str], ...]], ...]


@dataclass(frozen=True)
class Moved:
    """One step of the history: the day judged, what was achieved and what came into force, and because of what."""

    on: date
    achieved: str
    in_force: str
    because: str
    edition: str


@require_safe
def standing(request: PageRequest) -> HttpResponse:
    """The page: today's standing, or that of another day or edition."""
    firm, day, edition = firm_of(request), day_asked(request), request.GET.get("edition") or None
    metric, words = request.GET.get("behind", ""), request.words
    outcome = _outcome(request, firm, edition, day, metric)
    told = explain(outcome, words.label)
    shown = {
        "told": told,
        "known_at": datetime.fromisoformat(told.known_at) if told.known_at else None,
        "absent": "" if told.level_label or told.status else _ABSENT.get(told.partner.standing, _ABSENT["absent"]),
        "status": _STATUS.get(told.status or "", ""),
        "next": telling.level_told(told, told.next[0], words) if told.next else None,
        "further": [telling.level_told(told, level, words) for level in told.next[1:]],
        "own": telling.level_told(told, told.own, words) if told.own else None,
        "closest": closest(told, words),
        "secure": _secure_until(told),
        "held": [one for one in told.competencies if one.held],
        "near": _near(told, words),
        "benefits": [_benefit(one, words) for one in told.benefits],
        "results": [
            (f"{r.label} · {r.subject}" if r.subject else r.label, telling.value(r.value, r.unit, words))
            for r in told.results
        ],
        "awaiting": [part.replace("_", " ") for part in (told.awaiting or "").partition(": ")[2].split(", ") if part],
        "behind": metric,
        "facts": [facts_told(view, told, words) for view in telling.views_of(told, metric)],
        "history": _history(request, firm, outcome, words),
        "editions": [row["edition"] for row in standings_of(request.actor, firm) if row["edition"] != told.edition],
        "others": others_of(request, firm),
        "asked": _query(request),
    }
    return render(request, "portal/standing.html", shown)


def closest(told: Explanation, words: Words) -> str:
    """What is missing where a single requirement is: the whole way up in one line."""
    if not told.next or len(told.next[0].missing) != 1:
        return ""
    (name,) = told.next[0].missing
    one = next((a.requirement for a in told.next[0].requirements if a.requirement.requirement == name), None)
    if one is None:
        return ""
    short = telling.short(one, words)
    return words.say("{name}: {what}", name=one.label, what=short) if short else one.label


def _outcome(request: PageRequest, firm: str, edition: str | None, day: date | None, metric: str) -> Outcome:
    """The rows of the partner; with the facts behind them only where a number is asked about, for that takes longer."""
    asked: dict[str, Any] = {"actor": request.actor, "partner": firm, "edition": edition, "as_of": day}
    return facts_behind.outcome(label=request.words.label, **asked) if metric else explained.outcome(**asked)


def _query(request: PageRequest) -> str:
    """What the address asks for besides a number's facts, to be kept in links."""
    kept = {name: request.GET[name] for name in ("partner", "as-of", "edition") if request.GET.get(name)}
    return urlencode(kept)


def _secure_until(told: Explanation) -> date | None:
    """The day to which the level in force is secure, where it is still to come."""
    until = told.granted_until
    return until if told.granted and until and until >= told.as_of else None


def _near(told: Explanation, words: Words) -> list[Near]:
    return [
        Near(
            one.label,
            one.depth_label or "",
            tuple(
                words.say("{name}: {what}", name=r.label, what=telling.compared(r, words))
                for r in one.requirements
                if not r.met
            ),
        )
        for one in told.competencies
        if not one.held
    ]


def _benefit(one: BenefitView, words: Words) -> Benefit:
    def amount(value: float) -> str:
        return words.money(value, one.currency) if one.currency else words.number(value)

    return Benefit(
        one.label, amount(one.quantity), amount(one.used), amount(one.left),
        round(100 * min(one.used, one.quantity) / one.quantity) if one.quantity else 0, one.first, one.last,
        counted=bool(one.quantity != 1 or one.used or one.currency),
    )  # fmt: skip


def facts_told(view: FactsView, told: Explanation, words: Words) -> Facts:
    """The facts behind a number as a page lists them."""
    competency = next((c.label for c in told.competencies if c.competency == view.competency), view.competency)

    def lines(rows: tuple[FactRow, ...]) -> tuple[tuple[tuple[str, ...], str], ...]:
        return tuple((tuple(telling.row(row, words)), telling.place(row)) for row in rows[:SHOWN])

    return Facts(
        title=f"{view.label} · {competency}" if competency else view.label,
        counted=telling.rows_of(view.table, view.rows, words),
        since=view.since,
        rows=lines(view.first),
        more=max(0, view.rows - min(SHOWN, len(view.first))),
        refused=tuple(
            (telling.rows_of(view.table, one.rows, words), telling.reason(one, words), lines(one.first))
            for one in view.not_counted
        ),
    )


def _history(request: PageRequest, firm: str, outcome: Outcome, words: Words) -> list[Moved]:
    """How the levels moved, the latest first."""
    labels = telling.level_labels(outcome.outline, words)
    none = words.say("no level")

    def name(level: str | None) -> str:
        return labels.get(level, level) if level else none

    def step(row: dict[str, Any], kind: str) -> str:
        before, after = row[f"{kind}_before"], row[f"{kind}_after"]
        same = before == after or row["direction"] == "appears"
        return name(after) if same else f"{name(before)} → {name(after)}"

    return [
        Moved(
            row["as_of"],
            step(row, "level"),
            step(row, "granted"),
            telling.because(row["reason"], outcome.outline, words),
            row["edition"],
        )
        for row in reversed(history(request.actor, firm))
    ]
