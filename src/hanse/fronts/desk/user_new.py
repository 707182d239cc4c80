"""Who is to come in, as what? A new user is invited, and chooses a password by a link that works once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse

from hanse.apps.accounts import letters, policy, roles
from hanse.apps.registry import members
from hanse.fronts.desk import role_words
from hanse.fronts.pages import handing, refusing
from hanse.language.problems import HanseError
from hanse.language.words import LANGUAGES

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.apps.accounts.invitations import Link
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem


class Invite(forms.Form):
    """Somebody to invite."""

    username = forms.EmailField(max_length=200)
    name = forms.CharField(required=False, max_length=200)
    language = forms.ChoiceField()
    role = forms.ChoiceField()
    partner = forms.CharField(required=False, max_length=200)
    countries = forms.CharField(required=False, max_length=400)
    why = forms.CharField(max_length=400)


def user_new(request: PageRequest) -> HttpResponse:
    """The form; sent, somebody is added with a role and gets a link. `partner` and `role` of the address fill it in."""
    sent = request.POST if request.method == "POST" else None
    form = Invite(sent, initial={name: request.GET.get(name, "")[:200] for name in ("partner", "role", "username")})
    for name, choices in (("role", roles_to_give(request)), ("language", _languages(request))):
        choice = form.fields[name]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = choices
    problems: list[Problem] = []
    if sent is not None and form.is_valid():
        given = form.cleaned_data
        try:
            link = members.invite(
                actor=request.actor, username=given["username"], name=given["name"], language=given["language"],
                role=given["role"], partner=given["partner"], countries=countries_of(given["countries"]),
                why=given["why"],
            )  # fmt: skip
        except HanseError as error:
            problems = refusing.put(form, error, request.words)
        else:
            return _invited(request, given["username"], link)
    shown = {"form": form, "problems": problems, "mails": letters.sent()}
    return render(request, "desk/user_new.html", shown, status=400 if sent is not None else 200)


def _invited(request: PageRequest, username: str, link: Link | None) -> HttpResponse:
    if link is None:
        messages.success(request, request.words.say("There was an account already: it has the role now."))
    else:
        handing.hand_on(request, link, inviter=request.actor.name)
    return redirect(reverse("users") + f"?text={username}")


def roles_to_give(request: PageRequest) -> list[tuple[str, str]]:
    """The roles that the reader may give, with what they are called."""
    actor = request.actor
    if actor.roles & policy.CHIEF:
        names = role_words.in_order(roles.ALL)
    elif actor.roles & policy.PROGRAMME:
        names = role_words.in_order(roles.PARTNER)
    else:
        names = []
    return [(name, role_words.role(name, request.words)) for name in names]


def countries_of(text: str) -> list[str]:
    """The countries that somebody typed, as codes."""
    return [code.upper() for code in re.split(r"[\s,;]+", text) if code]


def _languages(request: PageRequest) -> list[tuple[str, str]]:
    names = request.words.locale.languages
    return [(code, str(names.get(code, code))) for code in sorted(LANGUAGES)]
