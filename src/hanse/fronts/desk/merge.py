"""Are these two records one firm? Side by side, with what would move; then merged, for a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render

from hanse.apps.evaluation import mergers
from hanse.apps.evidence import structure
from hanse.apps.registry.selectors import names_of, see_partner
from hanse.apps.standings import outlook
from hanse.fronts.desk import column_words, deciding, event_words
from hanse.fronts.desk.moved import followed
from hanse.fronts.pages import asked, refusing
from hanse.language.problems import HanseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from hanse.apps.evaluation.foreseeing import Move
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem

_FIELDS = {"kind": "kind", "on": "on"}


class Merger(forms.Form):
    """Into which firm, how that came, and why it is said."""

    into = forms.CharField(max_length=300)
    kind = forms.ChoiceField()
    on = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}))
    why = forms.CharField(max_length=400)


def merge(request: PageRequest, key: str) -> HttpResponse:
    """Both records side by side as soon as the other is named; sent, they are merged. Raises NotThere."""
    words, known = request.words, see_partner(request.actor, asked.key(key))
    sent = request.POST if request.method == "POST" else None
    into = asked.posted(request, "into") if sent else asked.text(request, "into", 300)
    kind = asked.one_of(request, "kind", tuple(event_words.MERGING), "duplicate")
    form = Merger(sent, initial={"into": into, "kind": kind})
    choice = form.fields["kind"]
    assert isinstance(choice, forms.ChoiceField)
    choice.choices = [(kind, words.say(says)) for kind, says in event_words.MERGING.items()]
    problems: list[Problem] = []
    if sent is not None and form.is_valid():
        given = form.cleaned_data
        try:
            batch = mergers.merge(
                actor=request.actor, partner=known.key, into=into, kind=given["kind"], on=given["on"],
                reason=given["why"],
            )  # fmt: skip
        except HanseError as error:
            problems = refusing.put(form, error, words, _FIELDS)
        else:
            say = words.say("{name} is one firm with {other} now. It can be taken back below at any time.",
                            name=known.name, other=see_partner(request.actor, into).name)  # fmt: skip
            messages.success(request, followed(request, say, batch))
            return redirect("partner", into)
    seen, wrong = _seen(request, known.key, into) if into else (None, [])
    shown = {
        "partner": known,
        "form": form,
        "problems": [*problems, *wrong] if sent or into else [],
        "seen": seen,
        "into": into,
        "kind": kind,
    }
    return render(request, "desk/merge.html", shown, status=400 if sent is not None else 200)


def _seen(request: PageRequest, partner: str, into: str) -> tuple[dict[str, Any] | None, Sequence[Problem]]:
    """What would become of them; and what is wrong, if they cannot be merged."""
    words = request.words
    try:
        found = structure.merging(actor=request.actor, partner=partner, into=into)
        moves = mergers.foreseen(actor=request.actor, partner=partner, into=into)
    except HanseError as error:
        return None, error.problems
    names = names_of(request.actor, [partner, into])
    facts = [(column_words.table(name, words), n) for name, n in found.facts.items()]
    return {
        "other": see_partner(request.actor, into),
        "fields": column_words.side_by_side(found.fields, words),
        "facts": facts,
        "people": found.facts.get("people", 0),
        "answers_for": found.answers_for,
        "moves": [_move(request, one, names) for one in moves] if moves is not None else None,
    }, ()


def _move(request: PageRequest, one: Move, names: dict[str, str]) -> dict[str, Any]:
    book = outlook.book(actor=request.actor, edition=one.edition)
    read = book.read if book else {"levels": ()}
    label = {side: deciding.level_label(request.words, read, getattr(one, side)) for side in ("before", "after")}
    return {
        "name": names.get(one.partner, one.partner), "partner": one.partner, "edition": one.edition,
        "before": one.before, "after": one.after,
        "before_label": label["before"], "after_label": label["after"],
    }  # fmt: skip
