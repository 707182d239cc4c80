"""Who am I here: my name, language and time zone, my password, and when somebody signed in as me last?"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from hanse.apps.accounts import entering, services
from hanse.apps.accounts.selectors import user
from hanse.fronts.pages import refusing
from hanse.fronts.pages.accept import LONGEST
from hanse.language.problems import HanseError, Problem
from hanse.language.words import LANGUAGES, mark

if TYPE_CHECKING:
    from hanse.fronts.pages.reader import PageRequest

_WRONG = mark("This is not your password.")
_DIFFER = mark("The two are not the same. Type the same password twice.")


class Profile(forms.Form):
    """What a user says of themselves."""

    name = forms.CharField(required=False, max_length=200, widget=forms.TextInput({"autocomplete": "name"}))
    language = forms.ChoiceField()
    time_zone = forms.CharField(max_length=100)


class Password(forms.Form):
    """Another password, and the one there is: whoever finds an open browser does not know it."""

    old = forms.CharField(
        max_length=LONGEST, strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )
    password = forms.CharField(
        max_length=LONGEST, strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )
    again = forms.CharField(
        max_length=LONGEST, strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: PageRequest) -> HttpResponse:
    """The page; sent, the name and the like, or another password."""
    act = request.POST.get("act", "") if request.method == "POST" else ""
    mine = user(request.actor, request.actor.name)
    known = {"name": mine.name, "language": mine.language, "time_zone": mine.time_zone}
    profile, password = _profile(request, act, known), Password(request.POST if act == "password" else None)
    problems: list[Problem] = []
    if act == "profile" and profile.is_valid():
        problems, done = _said(request, profile)
        if done:
            return done
    if act == "password" and password.is_valid():
        problems, done = _changed(request, password)
        if done:
            return done
    shown: dict[str, Any] = {
        "mine": mine,
        "roles": [(request.words.say(one.role.replace("_", " ")), one) for one in mine.roles if one.holds],
        "profile": profile,
        "zones": _zones(str(profile["time_zone"].value() or "UTC")[:100]),
        "password": password,
        "problems": problems,
        "entered": entering.lately(actor=request.actor),
    }
    return render(request, "pages/account.html", shown, status=400 if act else 200)


def _profile(request: PageRequest, act: str, known: dict[str, str]) -> Profile:
    form = Profile(request.POST if act == "profile" else None, initial=known)
    names = request.words.locale.languages
    choice = form.fields["language"]
    assert isinstance(choice, forms.ChoiceField)
    choice.choices = [(code, str(names.get(code, code))) for code in sorted(LANGUAGES)]
    return form


@lru_cache(maxsize=64)
def _zones(chosen: str) -> SafeString:
    """The time zones to choose from, written once for each that is chosen: there are hundreds."""
    listed = sorted(
        {zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")} | {"UTC", chosen}
    )
    rows = ((zone, " selected" if zone == chosen else "", zone.replace("_", " ")) for zone in listed)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)


def _said(request: PageRequest, form: Profile) -> tuple[list[Problem], HttpResponse | None]:
    try:
        services.profile_set(actor=request.actor, username=request.actor.name, **form.cleaned_data)
    except HanseError as error:
        return refusing.put(form, error, request.words, {"time zone": "time_zone"}), None
    messages.success(request, request.words.say("Kept."))
    answer = redirect("account")
    answer.delete_cookie(
        settings.LANGUAGE_COOKIE_NAME, samesite=settings.LANGUAGE_COOKIE_SAMESITE
    )  # the account's counts
    return [], answer


def _changed(request: PageRequest, form: Password) -> tuple[list[Problem], HttpResponse | None]:
    """Sets the password where the old one is right; wrong ones count like wrong ones at the door."""
    given, say = form.cleaned_data, request.words.say
    if given["password"] != given["again"]:
        form.add_error("again", say(_DIFFER))
        return [], None
    if authenticate(request, email=request.actor.name, password=given["old"]) is None:
        entering.sign_in_failed(username=request.actor.name, where=request.META.get("REMOTE_ADDR", ""))
        form.add_error("old", say(_WRONG))
        return [], None
    try:
        services.password_set(actor=request.actor, username=request.actor.name, password=given["password"])
    except HanseError as error:
        return refusing.put(form, error, request.words), None
    mine: Any = request.user
    mine.refresh_from_db()
    update_session_auth_hash(request, mine)  # this session goes on under a new key; all others end
    messages.success(request, say("The password is changed. Everywhere else you are signed out."))
    return [], redirect("account")
