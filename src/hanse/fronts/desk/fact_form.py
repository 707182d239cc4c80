"""How is a fact written down by hand? A form made from the columns of its table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms

from hanse.fronts.desk import column_words
from hanse.language.facts import CONTRACT
from hanse.language.money import known_currencies
from hanse.language.soundness import all_countries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hanse.language.facts import Column
    from hanse.language.problems import HanseError, Problem
    from hanse.language.words import Words

_LEFT_OUT = frozenset({"known"})  # when we learned it is known already
_NUMBERS = frozenset({"amount", "number", "rate", "real", "integer"})
_BLANKS = re.compile(r"[\s\u00a0\u202f]")
WHY = "why"
_ABOUT = frozenset({WHY, "source"})


def day_field(*, required: bool = True) -> forms.DateField:
    """A day, written and read as the browsers' own field does."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(required=required, widget=widget, input_formats=["%Y-%m-%d"])


def form_of(
    table: str, words: Words, *, data: Any = None, initial: Mapping[str, Any] | None = None,
    suggested: Mapping[str, Sequence[str]] | None = None, fixed: frozenset[str] = frozenset(),
) -> forms.Form:  # fmt: skip
    """The form of a row: its columns with their types, then why it is recorded. `fixed` columns are not asked.

    A column with `suggested` values offers them, and takes others.
    """
    fields: dict[str, forms.Field] = {}
    for column in CONTRACT[table].columns:
        if column.name not in _LEFT_OUT and column.name not in fixed:
            field = _field(column, words)
            field.label = column_words.heading(column.name, words)
            if (suggested or {}).get(column.name):
                field.widget.attrs["list"] = f"known-{column.name}"
            fields[column.name] = field
    fields[WHY] = forms.CharField(max_length=400, label=words.say("Reason"))
    made: type[forms.Form] = type("FactForm", (forms.Form,), fields)
    return made(data, initial=dict(initial or {}))


def row_of(form: forms.Form) -> dict[str, Any]:
    """The row that a valid form says; empty columns are left out."""
    return {name: value for name, value in form.cleaned_data.items() if name not in _ABOUT and value not in ("", None)}


def put(form: forms.Form, error: HanseError) -> list[Problem]:
    """Puts what was refused beside its column; returns what belongs to none."""
    elsewhere = []
    for problem in error.problems:
        column = problem.place.rpartition(", ")[2]
        if column not in form.fields:
            column = problem.what.partition(" ")[0]
        if column in form.fields:
            form.add_error(column, f"{problem.why}; {problem.remedy}")
        else:
            elsewhere.append(problem)
    return elsewhere


def shown(value: Any) -> Any:
    """A value of a fact as a field takes it: numbers without needless zeros."""
    text = str(value)
    if re.fullmatch(r"-?\d+\.\d+", text):
        return text.rstrip("0").rstrip(".")
    return value


class _Number(forms.CharField):
    """A number as people write it: 1 234,50 or 1234.50."""

    def clean(self, value: Any) -> str:
        text = _BLANKS.sub("", str(super().clean(value)))
        return text.replace(",", ".") if text.count(",") == 1 and "." not in text else text


def _field(column: Column, words: Words) -> forms.Field:
    match column.type:
        case "day":
            return day_field(required=column.required)
        case "country":
            named = sorted(((code, words.country(code)) for code in all_countries()), key=lambda one: one[1])
            return forms.ChoiceField(choices=[("", words.say("choose")), *named], required=column.required)
        case "currency":
            listed = [("", words.say("choose")), *((code, code) for code in sorted(known_currencies()))]
            return forms.ChoiceField(choices=listed, required=column.required)
        case kind if kind in _NUMBERS:
            widget = forms.TextInput(attrs={"inputmode": "numeric" if kind == "integer" else "decimal"})
            return _Number(max_length=40, required=column.required, widget=widget)
        case _:
            return forms.CharField(max_length=300, required=column.required)
