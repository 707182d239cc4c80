"""Which level or requirement is waived, for whom, until when, and why?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from hanse.apps.evaluation import services
from hanse.apps.registry.selectors import see_partner
from hanse.apps.standings import outlook
from hanse.fronts.desk import fact_form, waiver_words
from hanse.fronts.desk.moved import followed
from hanse.fronts.pages import asked, refusing
from hanse.language.problems import HanseError

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem


class Waiver(forms.Form):
    """A waiver to grant."""

    partner = forms.CharField(max_length=300)
    subject = forms.ChoiceField()
    since = fact_form.day_field()
    until = fact_form.day_field()
    why = forms.CharField(max_length=400)

    def __init__(self, *args: Any, ends_first: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ends_first = ends_first

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("since") and given.get("until") and given["until"] < given["since"]:
            self.add_error("until", self._ends_first)
        return given


def waiver_new(request: PageRequest) -> HttpResponse:
    """The form; sent, the waiver is recorded and the partner judged anew. `partner` of the address fills it in."""
    words, sent = request.words, request.POST if request.method == "POST" else None
    first = {"partner": asked.text(request, "partner", 300), "since": timezone.localdate()}
    form = Waiver(sent, initial=first, ends_first=words.say("it ends before it begins"))
    choice = form.fields["subject"]
    assert isinstance(choice, forms.ChoiceField)
    listed = waiver_words.choices(outlook.books(actor=request.actor), words)
    choice.choices = [("", words.say("choose")), *listed]
    problems: list[Problem] = []
    if sent is not None and form.is_valid():
        given = form.cleaned_data
        try:
            known = see_partner(request.actor, given["partner"])
            done = services.waive(
                actor=request.actor, partner=known.key, subject=given["subject"], since=given["since"],
                until=given["until"], reason=given["why"],
            )  # fmt: skip
        except HanseError as error:
            problems = refusing.put(form, error, words, waiver_words.FIELDS)
            if any(problem.place.startswith("partner ") for problem in problems):
                form.add_error("partner", words.say("there is no such partner"))
                problems = []
        else:
            say = words.say("{name}: the waiver is recorded.", name=known.name)
            messages.success(request, followed(request, say, done.batch))
            return redirect(f"{reverse('waivers')}?partner={known.key}")
    shown = {"form": form, "problems": problems, "empty": not listed}
    return render(request, "desk/waiver_new.html", shown, status=400 if sent is not None else 200)
