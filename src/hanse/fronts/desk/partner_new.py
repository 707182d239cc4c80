"""Is there a firm that no list has told of? It is entered by hand, unless it is there already under another name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone

from hanse.apps.duplicates import entering
from hanse.fronts.desk import alike, fact_form
from hanse.fronts.desk.fact_new import SOURCE
from hanse.fronts.desk.moved import followed
from hanse.fronts.pages import refusing
from hanse.language.problems import HanseError
from hanse.language.soundness import all_countries

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem
    from hanse.language.words import Words

_AT_ONCE = ("name", "country", "address", "postcode", "city", "phone", "website", "registration")


class NewFirm(forms.Form):
    """A firm, and where it is."""

    name = forms.CharField(max_length=300)
    country = forms.ChoiceField()
    address = forms.CharField(max_length=300, required=False)
    postcode = forms.CharField(max_length=40, required=False)
    city = forms.CharField(max_length=200, required=False)
    phone = forms.CharField(max_length=100, required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    website = forms.CharField(max_length=300, required=False, widget=forms.TextInput(attrs={"inputmode": "url"}))
    registration = forms.CharField(max_length=100, required=False)
    partner = forms.CharField(max_length=200, required=False)
    joined = fact_form.day_field(required=False)
    why = forms.CharField(max_length=400, required=False)


def partner_new(request: PageRequest) -> HttpResponse:
    """The form; sent, the firm is recorded, or those are shown that it looks like."""
    sent = request.POST if request.method == "POST" else None
    form = NewFirm(sent, initial={"joined": timezone.now().date()})
    country = form.fields["country"]
    assert isinstance(country, forms.ChoiceField)
    country.choices = _countries(request.words)
    problems: list[Problem] = []
    shown: dict[str, Any] = {}
    if sent is not None and form.is_valid():
        said = {name: value for name, value in form.cleaned_data.items() if name != "why" and value not in ("", None)}
        listed, known = alike.found(request, {name: said.get(name) for name in _AT_ONCE})
        if listed and not known:
            shown = alike.shown(listed, request.words)
        else:
            try:
                key, done = entering.enter(
                    actor=request.actor, said=said, source=SOURCE, reason=form.cleaned_data["why"], other_than=listed
                )
            except HanseError as error:
                problems = refusing.put(form, error, request.words)
            else:
                say = request.words.say("{name} is recorded.", name=said["name"])
                messages.success(request, followed(request, say, done.batch))
                return redirect("partner", key)
    return render(
        request,
        "desk/partner_new.html",
        {"form": form, "problems": problems, **shown},
        status=400 if sent is not None else 200,
    )


def _countries(words: Words) -> list[tuple[str, str]]:
    named = sorted(((code, words.country(code)) for code in all_countries()), key=lambda one: one[1])
    return [("", words.say("choose")), *named]
