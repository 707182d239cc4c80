"""Where would the firm stand, if some things were different?

The page of standing with changed facts. All that is changed stands in the address, so that it can be kept and sent;
nothing is saved. The same page for the firm's own people and for the vendor's, who name the partner (`?partner=KEY`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from hanse.apps.accounts.policy import not_there
from hanse.apps.evaluation.askable import Field
from hanse.apps.evaluation.suggestions import suggestions
from hanse.apps.evaluation.supposed import (
    CERTIFIED,
    LAPSES,
    LEAVES,
    MOST_CHANGES,
    NUMBERS,
    OF_PEOPLE,
    PASSES,
    WON,
    About,
    Change,
    Wrong,
    WrongChangeError,
    plainly,
)
from hanse.apps.evaluation.what_if import Answer, what_if
from hanse.decisions.explanation import explain
from hanse.fronts.pages import changes as told_changes
from hanse.fronts.pages import telling
from hanse.fronts.pages.changes import column_said, query, said, wrong_said
from hanse.fronts.pages.compared import compared
from hanse.fronts.pages.reader import PageRequest
from hanse.language.words import Words, mark

_TITLES = {
    CERTIFIED: mark("More people certified"),
    PASSES: mark("Somebody of the firm passes a certificate"),
    LAPSES: mark("A certificate lapses"),
    LEAVES: mark("Somebody leaves"),
    WON: mark("An open deal is won"),
    "sales": mark("A sale closes"),
    "surveys": mark("A client answers a survey"),
    "references": mark("A client reference"),
    "deals": mark("A new deal"),
    "series": mark("A usage figure"),
    "contracts": mark("A contract"),
    "associations": mark("A customer association"),
    "attestations": mark("Somebody says yes"),
    "assignments": mark("Somebody is put forward"),
    "levels_held": mark("A level on record"),
}
_LAST_DAY = {LAPSES, LEAVES}


@dataclass(frozen=True)
class Control:
    """One control: `kind` is text, number, decimal, date, select, certificate; `options`: value, label, chosen."""

    id: str
    name: str
    label: str
    kind: str
    value: str
    required: bool
    options: tuple[tuple[str, str, bool], ...] = ()
    wrong: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Form:
    """What one kind of change asks."""

    kind: str
    title: str
    controls: tuple[Control, ...]
    open: bool


@dataclass
class Asked:
    """What the address says: the changes, the day, and what was typed into a form that is being added."""

    partner: str
    edition: str
    on: str
    changes: list[Change]
    unread: list[str]
    adding: Change | None
    wrong: dict[str, list[Wrong]] = field(
        default_factory=dict
    )  # by form; the day under "on", a change under its number

    @property
    def texts(self) -> list[str]:
        """The changes as parameters of an address."""
        return [told_changes.written(one) for one in self.changes]

    def address(self, changes: Iterable[Change] | None = None, *, on: str | None = None) -> str:
        """The address of the same question with other changes, or for another day."""
        return "?" + query(
            self.changes if changes is None else changes,
            partner=self.partner, edition=self.edition, on=self.on if on is None else on,
        )  # fmt: skip


@require_safe
def what_if_page(request: PageRequest) -> HttpResponse:
    """The page; a form that adds a change leads to the address that says it too."""
    asked = _asked(request)
    answer, status = _answered(request, asked)
    if asked.adding is not None and not asked.wrong:
        return redirect(reverse("what_if") + asked.address([*asked.changes, asked.adding]) + "#answer")
    words, about = request.words, answer.about
    forms = _forms(asked, about, words) if not answer.everybody else []
    if asked.adding and asked.adding.kind not in {form.kind for form in forms}:
        asked.unread.append(asked.adding.kind)
    told = explain(answer.before, words.label)
    both = compared(answer.before, answer.after, words) if answer.after else None
    shown = {
        "told": told,
        "answer": both,
        "changes": [_line(n, change, asked, about, words) for n, change in enumerate(asked.changes)],
        "unread": asked.unread,
        "alone": not answer.everybody,
        "everybody": [words.label(getattr(about.edition.metrics.get(n), "label", None), n) for n in answer.everybody],
        "suggested": _suggested(both.after if both else told, asked, about, words) if not answer.everybody else [],
        "forms": forms,
        "certificates": _certificates(about, words),
        "day": asked.on or about.day.isoformat(),
        "day_wrong": " ".join(wrong_said(one, words) for one in asked.wrong.get("on", [])),
        "other_day": about.day != told.as_of,
        "judged": about.day,
        "kept": asked,
        "none": asked.address([], on=""),
        "no_day": asked.address(on=""),
        "next_says": telling.summary(told.next[0], words) if told.next else "",
        "share": request.build_absolute_uri(reverse("what_if") + asked.address()),
        "full": len(asked.changes) >= MOST_CHANGES,
        "own": asked.partner in request.actor.partners,
    }
    return render(request, "pages/what_if.html", shown, status=status)


def _asked(request: PageRequest) -> Asked:
    given = request.GET
    partner = given.get("partner", "").strip()
    if not partner and request.actor.partners:
        partner = min(request.actor.partners)
    if not partner or not partner.isprintable():
        raise not_there("partner", partner, "open it from the page of a partner")
    texts = given.getlist("change")[: MOST_CHANGES + 1]
    changes = {text: told_changes.read(text) for text in texts}
    adding = None
    if kind := given.get("add", "").strip():
        typed = {name: str(value).strip() for name, value in given.items() if name.startswith("f-")}
        values = {name[2:]: value[: told_changes.LONGEST] for name, value in typed.items() if value}
        adding = Change(kind, values)
    known = [one for text in texts if (one := changes[text])]
    unread = [text for text, one in changes.items() if one is None]
    return Asked(partner, given.get("edition", "").strip(), given.get("on", "").strip(), known, unread, adding)


def _answered(request: PageRequest, asked: Asked) -> tuple[Answer, int]:
    """The answer, and the status; what is wrong is noted beside its field, and the rest is answered without it."""
    day = _day(asked)
    listed = [*enumerate(asked.changes), *([(-2, asked.adding)] if asked.adding else [])]
    while True:
        try:
            answer = what_if(
                actor=request.actor, partner=asked.partner, changes=[one for _, one in listed],
                edition=asked.edition or None, on=day,
            )  # fmt: skip
            break
        except WrongChangeError as error:
            if error.number < 0:
                asked.wrong["on"], day = list(error.wrong), None
            elif error.number >= len(listed):
                asked.unread.append(str(len(listed)))
                listed = listed[: error.number]
            else:
                number, change = listed.pop(error.number)
                asked.wrong[change.kind if number < 0 else str(number)] = list(error.wrong)
    if asked.adding and not asked.wrong:
        asked.adding = _plain(asked.adding, answer.about)
    return answer, 400 if asked.wrong or asked.unread else 200


def _day(asked: Asked) -> date | None:
    if not asked.on:
        return None
    try:
        return date.fromisoformat(asked.on)
    except ValueError:
        asked.wrong["on"] = [Wrong("on", "no day", asked.on)]
        return None


def _plain(change: Change, about: About) -> Change:
    """The change with its numbers as computers write them, so that the address can be read by both."""
    numbers = {one.name for one in about.asks.tables.get(change.kind, ()) if one.column.type in NUMBERS}
    return Change(change.kind, {k: plainly(v) if k in numbers else v for k, v in change.values.items()})


def _line(number: int, change: Change, asked: Asked, about: About, words: Words) -> dict[str, Any]:
    """A change of the list: what it says, the address without it, and what is wrong with it."""
    others = [one for n, one in enumerate(asked.changes) if n != number]
    wrong = [
        f"{column_said(one.field, words)}: {wrong_said(one, words)}" if one.field else wrong_said(one, words)
        for one in asked.wrong.get(str(number), [])
    ]
    return {"says": said(change, about, words), "without": asked.address(others), "wrong": wrong}


def _suggested(told: Any, asked: Asked, about: About, words: Words) -> list[dict[str, Any]]:
    """What is worth trying, each with the address that adds it; what is tried already is left out."""
    found = []
    for one in suggestions(told, about):
        new = [change for change in one.changes if change not in asked.changes]
        if not new or len(asked.changes) + len(new) > MOST_CHANGES:
            continue
        if not one.closes:
            says = words.many(
                "{n} certificate that runs out soon lapses", "{n} certificates that run out soon lapse", len(new)
            )
        else:
            says = "; ".join(said(change, about, words) for change in new)
        closes = f"{one.closes} · {one.competency}" if one.competency else one.closes
        found.append({"says": says, "closes": closes, "address": asked.address([*asked.changes, *new])})
    return found


# -- the forms --------------------------------------------------------------------------------------------------------


def _forms(asked: Asked, about: About, words: Words) -> list[Form]:
    asks = about.asks
    kinds = [*(OF_PEOPLE if asks.people else ()), *([WON] if about.open_deals else []), *asks.tables]
    if not about.present:
        kinds = [kind for kind in kinds if kind not in (PASSES, LAPSES, LEAVES)]
    if not about.held:
        kinds = [kind for kind in kinds if kind != LAPSES]
    return [_form(kind, asked, about, words) for kind in kinds]


def _form(kind: str, asked: Asked, about: About, words: Words) -> Form:
    typed = asked.adding.values if asked.adding and asked.adding.kind == kind else {}
    wrong = {one.field: wrong_said(one, words) for one in asked.wrong.get(kind, [])}
    controls = []
    for name, control, required, options in _controls(kind, about, words):
        hint = words.say("Left empty, the day before the one judged.") if kind in _LAST_DAY and name == "on" else ""
        if name == "on" and not hint:
            hint = words.say("Left empty, the day judged.")
        label = words.say("Last day") if kind in _LAST_DAY and name == "on" else column_said(name, words)
        value = typed.get(name, "1" if name in ("people", "times") else "")
        chosen = tuple((v, shown, v == value) for v, shown in options)
        if control == "select" and value and all(v != value for v, _ in options):
            chosen = (*chosen, (value, value, True))
        controls.append(
            Control(f"{kind}-{name}", f"f-{name}", label, control, value, required, chosen, wrong.get(name, ""), hint)
        )
    title = words.say(_TITLES[kind]) if kind in _TITLES else kind.replace("_", " ").capitalize()
    return Form(kind, title, tuple(controls), bool(typed or wrong))


def _controls(kind: str, about: About, words: Words) -> list[tuple[str, str, bool, list[tuple[str, str]]]]:
    """The controls of a form: name, kind, whether it is needed, and what may be chosen."""
    people = [(key, f"{key} · {row['role']}" if row["role"] else key) for key, row in about.present.items()]
    holders = [one for one in people if one[0] in {row["person"] for row in about.held}]
    held = sorted({str(row["certificate"]) for row in about.held})
    further = [_of_field(one, about, "certifications", words) for one in about.asks.about_people]
    day: tuple[str, str, bool, list[tuple[str, str]]] = ("on", "date", False, [])
    if kind == CERTIFIED:
        return [("people", "number", True, []), ("certificate", "certificate", True, []), *further, day]
    if kind == PASSES:
        return [("person", "select", True, people), ("certificate", "certificate", True, []), *further, day]
    if kind == LAPSES:
        return [("person", "select", True, holders), ("certificate", "select", True, [(c, c) for c in held]), day]
    if kind == LEAVES:
        return [("person", "select", True, people), day]
    if kind == WON:
        return [("deal", "select", True, [(key, key) for key in about.open_deals]), day]
    fields = about.asks.tables[kind]
    found = [_of_field(one, about, kind, words) for one in fields]
    dated = [day] if about.edition.tables[kind].day else []
    return [*found, *dated, ("times", "number", False, [])]


def _of_field(one: Field, about: About, table: str, words: Words) -> tuple[str, str, bool, list[tuple[str, str]]]:
    if one.name == "person":
        return ("person", "select", True, [(key, key) for key in about.present])
    if one.column.type == "day":
        return (one.name, "date", one.required, [])
    if one.column.type in NUMBERS:
        return (one.name, "decimal", one.required, [])
    values = dict(one.values) | dict.fromkeys(
        v for v in about.occurring.get((table, one.name), ()) if v not in one.values
    )
    options = [
        (v, f"{words.label(label, v)} · {v}" if label and words.label(label, v) != v else v)
        for v, label in values.items()
    ]
    return (one.name, "select" if options else "text", one.required, options)


def _certificates(about: About, words: Words) -> list[tuple[str, str]]:
    """What may be typed as a certificate: those of the programme, with the competencies they count for."""
    listed = about.edition.competencies.competencies if about.edition.competencies else {}
    return [
        (code, ", ".join(words.label(listed[name].name, name) for name in of))
        for code, of in about.asks.certificates.items()
    ]
