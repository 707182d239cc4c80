"""Does somebody of a partner see what they ought to? The vendor's people look as they do, and change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.shortcuts import redirect, render

from hanse.apps.registry import members
from hanse.apps.registry.seen_as import LASTS
from hanse.fronts.pages import refusing, seen_as
from hanse.language.problems import HanseError

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem


class Why(forms.Form):
    """The reason, which the trail keeps."""

    why = forms.CharField(max_length=400)


def see_as(request: PageRequest, uuid: UUID) -> HttpResponse:
    """Asks for the reason, then shows the portal as that user sees it. Raises NotThere, Refused."""
    account = members.user_of(actor=request.actor, uuid=uuid)
    sent = request.POST if request.method == "POST" else None
    form = Why(sent)
    problems: list[Problem] = []
    if sent is not None and form.is_valid():
        try:
            seen_as.begin(request, account.username, form.cleaned_data["why"])
        except HanseError as error:
            problems = refusing.put(form, error, request.words)
        else:
            return redirect("/")
    shown = {"account": account, "form": form, "problems": problems, "minutes": int(LASTS.total_seconds() // 60)}
    return render(request, "desk/see_as.html", shown, status=400 if sent is not None else 200)
