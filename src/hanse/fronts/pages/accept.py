"""Who follows a link chooses a password, and is in: somebody invited, or somebody who forgot the old one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hanse.apps.accounts import invitations
from hanse.fronts.pages import refusing
from hanse.fronts.pages.reader import words
from hanse.language.problems import CallError, Problem
from hanse.language.words import LANGUAGES, mark

if TYPE_CHECKING:
    from hanse.apps.accounts.invitations import Opened

LONGEST = 200  # letters of a password: more would only keep the hashing busy
_DIFFER = mark("The two are not the same. Type the same password twice.")


class Chosen(forms.Form):
    """A password, typed twice; of somebody invited also the name and the language."""

    name = forms.CharField(required=False, max_length=200, widget=forms.TextInput({"autocomplete": "name"}))
    language = forms.ChoiceField(required=False)
    password = forms.CharField(
        max_length=LONGEST, strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )
    again = forms.CharField(
        max_length=LONGEST, strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )

    def clean(self) -> None:
        given = super().clean() or {}
        if given.get("password") and given.get("again") and given["password"] != given["again"]:
            self.add_error("again", words().say(_DIFFER))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """The page that a link leads to; what is wrong with a link is not said, for it is nobody's business."""
    try:
        opened = invitations.opened(token=token)
    except CallError as error:
        return render(request, "account/accept_gone.html", {"problems": error.problems}, status=404)
    form = _form(request, opened)
    problems: list[Problem] = []
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        invited = opened.purpose == "invitation"
        try:
            invitations.accept(
                token=token, password=given["password"], name=given["name"] if invited else None,
                language=given["language"] or None if invited else None,
            )  # fmt: skip
        except CallError as error:
            problems = refusing.put(form, error, words())
        else:
            messages.success(request, words().say("Your password is set. Sign in with it."))
            return redirect("account_login")
    shown = {"opened": opened, "form": form, "problems": problems}
    return render(request, "account/accept.html", shown, status=400 if form.is_bound else 200)


def _form(request: HttpRequest, opened: Opened) -> Chosen:
    sent = request.POST if request.method == "POST" else None
    form = Chosen(sent, initial={"name": opened.name, "language": opened.language})
    choice = form.fields["language"]
    assert isinstance(choice, forms.ChoiceField)
    names = words().locale.languages
    choice.choices = [(code, str(names.get(code, code))) for code in sorted(LANGUAGES)]
    return form
