"""What if the programme asked for something else? Its numbers in a form; sent, a draft is made of them and rehearsed.

The draft is written into the files as they are: comments, order and whatever this form does not show stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render

from hanse.apps.evaluation import holders, rehearsals
from hanse.apps.programmes import services
from hanse.apps.programmes.selectors import files_of, loaded
from hanse.apps.standings.selectors import books_of
from hanse.fronts.desk import dial_table, office_words
from hanse.fronts.pages import asked
from hanse.language import dials, values
from hanse.language.dials import Dial
from hanse.language.problems import CallError, HanseError, Problem

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.apps.programmes.selectors import Seen
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.edition import Edition

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,40}")
_COST = "cost:"


@dataclass(frozen=True)
class Asked:
    """What the form says besides the numbers: the new edition's name and titles, from when, and why."""

    edition: str
    titles: Mapping[str, str]
    first_day: str
    reason: str
    retired: frozenset[str]
    costs: Mapping[str, str]


def change(request: PageRequest, name: str) -> HttpResponse:
    """The form; sent, it keeps the draft, asks for its rehearsal and leads there."""
    one, _ = office_words.edition_of(request, asked.key(name))
    edition, today = loaded(one.id), office_words.today()
    books = books_of(one.name)
    on = books.as_of if books else edition.programme.in_force or today
    listed = dials.dials_of(edition, on)
    sent = request.POST if request.method == "POST" else None
    typed = {key: str(sent[key]) for key in sent} if sent is not None else None
    found = dial_table.read(listed, typed, request.words) if typed is not None else dial_table.Read({}, {})
    form = _asked(request, edition, on, typed)
    problems: list[Problem] = []
    wrong: dict[str, str] = {}
    if typed is not None:
        wrong = _wrong(request, form)
        if not wrong and not found.wrong:
            try:
                return _rehearsed(request, one, edition, form, dials.turned(edition, found.numbers, on), on)
            except HanseError as error:
                problems = list(error.problems)
    shown = {
        "one": one,
        "title": office_words.title_of(one, request.words),
        "form": form,
        "wrong": wrong,
        "problems": problems,
        "tables": dial_table.tables(edition, listed, typed, found, request.words),
        "on": on,
        "wrongs": len(wrong) + len(found.wrong),
        "competencies": _competencies(request, one, edition, form),
        "benefits": _without_cost(edition, listed, form, wrong, request),
        "fewer_than": rehearsals.FEWER_THAN,
        "currency": edition.programme.currency,
    }
    return render(request, "desk/change.html", shown, status=400 if sent is not None else 200)


def _asked(request: PageRequest, edition: Edition, on: date, typed: Mapping[str, str] | None) -> Asked:
    own = str(edition.programme.edition)
    listed = edition.competencies.competencies if edition.competencies else {}
    there = {n for n, c in listed.items() if values.in_force({"from": c.from_, "until": c.until}, on)}
    if typed is None:
        following = str(int(own) + 1) if own.isdigit() else f"{own}-draft"
        titles = {lang: text.replace(own, following) for lang, text in (edition.programme.title or {}).items()}
        retire = frozenset(request.GET.getlist("retire")[:200]) & there
        return Asked(following, titles, f"{on.year + 1}-01-01", "", (frozenset(listed) - there) | retire, {})
    kept = set(request.POST.getlist("competency"))
    return Asked(
        typed.get("edition", "").strip(),
        {lang: typed.get(f"title:{lang}", "").strip() for lang in edition.programme.title or {}},
        typed.get("first_day", "").strip(),
        typed.get("reason", "").strip(),
        frozenset(listed) - kept,
        {
            key.removeprefix(_COST): text.strip()
            for key, text in typed.items()
            if key.startswith(_COST) and text.strip()
        },
    )


def _wrong(request: PageRequest, form: Asked) -> dict[str, str]:
    """What is wrong beside the numbers, by field."""
    say, found = request.words.say, {}
    if not _NAME.fullmatch(form.edition):
        found["edition"] = say("A name has letters, digits, dots and dashes, such as 2018.")
    if not form.reason:
        found["reason"] = say("Say what is tried, and why: others read it beside the result.")
    try:
        date.fromisoformat(form.first_day)
    except ValueError:
        found["first_day"] = say("Give a day, as 2018-01-01.")
    for lang, title in form.titles.items():
        if not title or any(ord(c) < 32 for c in title):
            found[f"title:{lang}"] = say("Give it a title.")
    for name, text in form.costs.items():
        try:
            dial_table.typed_number(text, request.words)
        except CallError as error:
            found[_COST + name] = error.problems[0].what
    return found


def _rehearsed(
    request: PageRequest, one: Seen, edition: Edition, form: Asked, changes: Mapping[str, Mapping[Any, str]], on: date
) -> HttpResponse:
    first = date.fromisoformat(form.first_day)
    files = {**files_of(one.id)}
    costs = {name: dial_table.typed_number(text, request.words) for name, text in form.costs.items()}
    for path, text in _changed(edition, files, form, changes, first, costs).items():
        files[path] = text.encode()
    made = services.draft(actor=request.actor, files=files, base=one.key, reason=form.reason)
    number = rehearsals.rehearse(
        actor=request.actor, before=one.key, after=made.version.key, as_of=on, rules_as_of=max(first, on)
    )
    say = request.words.say
    messages.success(
        request,
        say(
            "{key} is kept as a draft. It is rehearsed now; nobody sees it but you and your colleagues.",
            key=made.version.key,
        ),
    )
    return redirect("rehearsal", number)


def _changed(
    edition: Edition,
    files: Mapping[str, bytes],
    form: Asked,
    changes: Mapping[str, Mapping[Any, str]],
    first: date,
    costs: Mapping[str, Fraction],
) -> dict[str, str]:
    """The texts of the files that the form changes, by path."""
    found = {f"{name}.yaml": files[f"{name}.yaml"].decode() for name in (*changes, "programme")}
    for name, turned in changes.items():
        found[f"{name}.yaml"] = dials.rewritten(found[f"{name}.yaml"], turned)
    text = found["programme.yaml"]
    text = dials.with_key(text, (), "edition", json.dumps(form.edition))
    for lang, title in form.titles.items():
        if title != (edition.programme.title or {}).get(lang):
            text = _titled(text, lang, title)
    for key in ("announced", "until"):
        text = dials.without_key(text, (), key)
    found["programme.yaml"] = dials.with_key(text, (), "in_force", str(first), after="edition")
    listed = edition.competencies.competencies if edition.competencies else {}
    for name, one in listed.items():
        there = values.in_force({"from": one.from_, "until": one.until}, first)
        if there == (name in form.retired):
            text = found.get("competencies.yaml") or files["competencies.yaml"].decode()
            retire = name in form.retired
            found["competencies.yaml"] = dials.retired(text, name, first) if retire else dials.kept(text, name)
    for name, cost in costs.items():
        if name in edition.benefits:
            text = found.get("benefits.yaml") or files["benefits.yaml"].decode()
            as_written = dials.written(
                cost, Dial("benefits", (), name, name, dials.COST, "", "", cost, edition.programme.currency, None)
            )
            found["benefits.yaml"] = dials.with_key(text, (name,), dials.COST, as_written)
    return found


def _titled(text: str, lang: str, title: str) -> str:
    """The programme with a title in one language, be it written as one text or by language."""
    try:
        return dials.with_key(text, ("title",), lang, json.dumps(title, ensure_ascii=False))
    except AssertionError:
        return dials.with_key(text, (), "title", json.dumps(title, ensure_ascii=False))


def _competencies(request: PageRequest, one: Seen, edition: Edition, form: Asked) -> list[dict[str, Any]]:
    listed = edition.competencies.competencies if edition.competencies else {}
    held = (
        {row.competency: row.holders for row in holders.of_edition(actor=request.actor, edition=one.name)}
        if listed
        else {}
    )
    found = [
        {
            "name": name,
            "label": request.words.label(c.name, name),
            "kept": name not in form.retired,
            "holders": held.get(name),
        }
        for name, c in listed.items()
    ]
    return sorted(found, key=lambda row: (row["holders"] if row["holders"] is not None else 0, row["label"]))


def _without_cost(
    edition: Edition, listed: list[Dial], form: Asked, wrong: Mapping[str, str], request: PageRequest
) -> list[dict[str, str]]:
    """The benefits of which nobody has said what one costs, and which are no amounts of money."""
    known = {dial.group for dial in listed if dial.comparison == dials.COST}
    return [
        {
            "field": _COST + name,
            "label": request.words.label(b.label, name),
            "value": form.costs.get(name, ""),
            "wrong": wrong.get(_COST + name, ""),
        }
        for name, b in edition.benefits.items()
        if name not in known and not b.currency
    ]
