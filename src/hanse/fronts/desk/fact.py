"""What was said about one thing, by whom, and what became of it? Here a fact is corrected, or taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse

from hanse.apps.accounts.policy import PROGRAMME
from hanse.apps.duplicates import entering
from hanse.apps.evaluation.services import correct_fact
from hanse.apps.evidence.selectors import history
from hanse.apps.registry.selectors import records_of_firms
from hanse.fronts.desk import alike, column_words, fact_form
from hanse.fronts.desk.moved import followed
from hanse.fronts.pages import asked, telling
from hanse.language.facts import CONTRACT
from hanse.language.problems import HanseError
from hanse.language.words import mark

if TYPE_CHECKING:
    from django import forms
    from django.http import HttpResponse

    from hanse.apps.evidence.selectors import Row
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem

LARGEST = 2**63 - 1
_KINDS = {
    "import": mark("a file"), "entry": mark("written down by hand"), "correction": mark("a correction"),
    "waiver": mark("a waiver"), "approval": mark("an approval"),
}  # fmt: skip


def fact(request: PageRequest, table: str, number: int) -> HttpResponse:
    """The history of a fact, and the form that corrects what counts of it. Raises NotThere."""
    if table not in CONTRACT or number > LARGEST:
        raise Http404
    said = history(request.actor, table, number)
    now = next((row for row in said if row["fact"] == number), said[-1])
    may = bool(request.actor.roles & PROGRAMME) and bool(now["counts"])
    columns = [c.name for c in CONTRACT[table].columns]
    first = {name: fact_form.shown(now[name]) for name in columns if now[name] is not None}
    form = fact_form.form_of(
        table, request.words, data=request.POST if request.method == "POST" else None, initial=first,
        fixed=frozenset({"partner"}) if "partner" in CONTRACT[table].key else frozenset(),
    )  # fmt: skip
    problems: list[Problem] = []
    like: dict[str, Any] = {}
    partner = str(now.get("partner") or asked.text(request, "partner", 300))
    if form.is_bound and may:
        try:
            done = "" if (like := _alike(request, table, partner, form)) else _corrected(request, table, now, form)
        except HanseError as error:
            problems = fact_form.put(form, error)
        else:
            if done:
                messages.success(request, done)
                return redirect(
                    f"{reverse('partners')}{quote(partner)}/?facts={table}#facts" if partner else "partners"
                )
    shown = {
        "table": table, "kind_of_fact": column_words.table(table, request.words), "number": number, "partner": partner,
        "rows": [_row(request, columns, row, number) for row in reversed(said)], "may": may, "form": form,
        "counts": now["counts"], "problems": problems,
        "fields": [form[name] for name in form.fields if name != fact_form.WHY],
    }  # fmt: skip
    return render(request, "desk/fact.html", shown | like, status=400 if form.is_bound else 200)


def _alike(request: PageRequest, table: str, partner: str, form: forms.Form) -> dict[str, Any]:
    """Where a firm gets another name: those that it looks like then, unless the form says that it is none of them."""
    changed = {"name", "website", "vat", "city", "country"} & set(form.changed_data)
    if table != "partners" or not changed or request.POST.get("act") == "withdraw" or not form.is_valid():
        return {}
    before = next(iter(records_of_firms([partner])), None)
    if before is None:
        return {}
    row = fact_form.row_of(form)
    said = (
        before
        | {name: row.get(name) for name in ("name", "country", "city", "website")}
        | {"registration": row.get("vat")}
    )
    listed, known = alike.found(request, said, but=[partner])
    if known:
        entering.told_apart(
            actor=request.actor, partner=partner, others=listed, reason=form.cleaned_data[fact_form.WHY]
        )
        return {}
    return alike.shown(listed, request.words)


def _corrected(request: PageRequest, table: str, now: Row, form: forms.Form) -> str:
    """Records the correction, or takes the fact back; what to tell, empty where the form is to be mended."""
    say = request.words.say
    if request.POST.get("act") == "withdraw":
        for name in form.fields:
            form.fields[name].required = name == fact_form.WHY
    if not form.is_valid():
        return ""
    why = form.cleaned_data[fact_form.WHY]
    if request.POST.get("act") == "withdraw":
        row: dict[str, Any] | None = None
        said = say("The fact is taken back: it counts no longer.")
    else:
        kept = {
            name: now[name] for name in CONTRACT[table].by_name if name not in form.fields and now[name] is not None
        }
        row = kept | fact_form.row_of(form)
        said = say("The fact is corrected; what was said before stays on record.")
    done = correct_fact(actor=request.actor, table=table, fact=int(now["fact"]), row=row, reason=why)
    return followed(request, said, done.batch)


def _row(request: PageRequest, columns: list[str], row: Row, number: int) -> dict[str, Any]:
    """What was said once: the columns that hold something, and what became of it."""
    words = request.words
    cells = [
        (column_words.column(name, words), telling.value(row[name], None, words))
        for name in columns
        if row[name] is not None
    ]
    return {
        "cells": cells,
        "kind": _KINDS.get(str(row["said_by"]), ""),
        "place": row["file"] or row["source"],
        "line": row["line"] if row["file"] else None,
        "recorded": row["recorded"],
        "author": row["author"],
        "reason": row["why"],
        "counts": row["counts"],
        "withdrawn": row["withdrawn"],
        "why_withdrawn": row["why_withdrawn"],
        "this": row["fact"] == number,
    }
