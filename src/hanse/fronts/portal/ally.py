"""What does another partner show to the reader's firm, and how are the two connected?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render

from hanse.apps.accounts.policy import not_there
from hanse.apps.connections import services
from hanse.apps.connections.selectors import between
from hanse.apps.directory.selectors import books, firm
from hanse.fronts.pages import asked, firms, refusing
from hanse.fronts.portal.firm import firm_of, keeping
from hanse.language.problems import HanseError

if TYPE_CHECKING:
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem


class Asking(forms.Form):
    """What is said to a firm that is asked for a connection."""

    message = forms.CharField(required=False, max_length=services.LONGEST, widget=forms.Textarea(attrs={"rows": 3}))


def ally(request: PageRequest, key: str) -> HttpResponse:
    """The page; sent, the firm is asked. Raises NotThere for a firm of which the reader may see nothing."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    key = asked.key(key)
    own = firm_of(request)
    listed = books(actor=request.actor)
    edition = next(iter(listed), "")
    seen = firm(actor=request.actor, partner=key, edition=edition)
    form = Asking(request.POST if request.method == "POST" else None)
    problems: list[Problem] = []
    if request.method == "POST":
        if own not in request.actor.administers:
            raise not_there("page", key, "ask an administrator of the firm")
        if form.is_valid():
            try:
                services.ask(actor=request.actor, partner=own, other=key, message=form.cleaned_data["message"])
            except HanseError as error:
                problems = refusing.put(form, error, request.words)
            else:
                messages.success(
                    request, request.words.say("{name} has been asked. The answer will be here and on your first page.",
                                               name=seen.line.name)
                )  # fmt: skip
                return redirect(request.get_full_path())
    shown: dict[str, Any] = {
        "card": firms.card(seen.line, listed.get(edition, {}), request.words), "seen": seen, "form": form,
        "problems": problems, "own": own, "is_own": key in request.actor.partners,
        "known": None if key in request.actor.partners else between(actor=request.actor, partner=own, other=key),
        "may_ask": own in request.actor.administers,
        "asked": keeping(request, own),
    }  # fmt: skip
    return render(request, "portal/ally.html", shown, status=400 if form.errors or problems else 200)
