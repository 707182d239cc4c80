"""What has happened at a partner that no file has told? One fact, written down by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse

from hanse.apps.accounts.policy import PROGRAMME
from hanse.apps.evaluation.services import new_fact
from hanse.apps.evidence.reach import GRANTING
from hanse.apps.evidence.selectors import texts_of
from hanse.apps.registry.selectors import people_of, see_partner
from hanse.fronts.desk import column_words, fact_form
from hanse.fronts.desk.moved import followed
from hanse.fronts.pages import asked
from hanse.language.facts import CONTRACT
from hanse.language.problems import HanseError

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem

_ELSEWHERE = frozenset({"exceptions", "partners"})  # waived, or corrected
SOURCE = "desk"


def fact_new(request: PageRequest) -> HttpResponse:
    """The form for a row of the table chosen, about the partner named; sent, it is recorded. Raises NotThere."""
    known = see_partner(request.actor, asked.text(request, "partner", 300))
    tables = _tables(request)
    table = asked.one_of(request, "table", [name for name, _ in tables], "sales")
    own = "partner" in CONTRACT[table].by_name
    offered = _suggested(request, known.key, table)
    form = fact_form.form_of(
        table,
        request.words,
        data=request.POST if request.method == "POST" else None,
        suggested=offered,
        fixed=frozenset({"partner"}) if own else frozenset(),
    )
    form.fields["source"] = forms.CharField(max_length=100, required=False, label=request.words.say("Who says so"))
    problems: list[Problem] = []
    if form.is_bound and form.is_valid():
        row = fact_form.row_of(form) | ({"partner": known.key} if own else {})
        try:
            done = new_fact(
                actor=request.actor, table=table, row=row, source=form.cleaned_data["source"] or SOURCE,
                reason=form.cleaned_data[fact_form.WHY],
            )  # fmt: skip
        except HanseError as error:
            problems = fact_form.put(form, error)
        else:
            said = request.words.say("The fact is recorded.")
            messages.success(request, followed(request, said, done.batch))
            return redirect(f"{reverse('partners')}{quote(known.key)}/?facts={table}#facts")
    shown = {
        "partner": known, "tables": tables, "table": table, "form": form, "problems": problems,
        "fields": [form[name] for name in form.fields if name not in (fact_form.WHY, "source")],
        "offered": list(offered.items()),
    }  # fmt: skip
    return render(request, "desk/fact_new.html", shown, status=400 if form.is_bound else 200)


def _tables(request: PageRequest) -> list[tuple[str, str]]:
    """The tables that the reader may write in, about a partner."""
    hidden = _ELSEWHERE if request.actor.roles & PROGRAMME else _ELSEWHERE | GRANTING
    return [
        (name, column_words.table(name, request.words))
        for name, one in CONTRACT.items()
        if one.owner != "none" and name not in hidden
    ]


def _suggested(request: PageRequest, partner: str, table: str) -> dict[str, list[str]]:
    """What stands in the columns of the partner's other facts, and who works there."""
    texts = [c.name for c in CONTRACT[table].columns if c.type == "text" and c.name != "partner"]
    offered: dict[str, list[Any]] = {}
    for (_, name), values in texts_of(request.actor, partner, {table: texts}).items():
        offered[name] = values[:50]
    if "person" in CONTRACT[table].by_name and table != "people":
        offered["person"] = sorted({one.person.key for one in people_of(request.actor, partner)})[:200]
    return offered
