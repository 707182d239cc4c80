"""What may this user do, since when and why, and what is to be changed?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone

from hanse.apps.accounts import invitations, policy, services
from hanse.apps.registry import members
from hanse.fronts.desk import role_words, user_new
from hanse.fronts.desk.user_new import countries_of
from hanse.fronts.pages import handing, refusing
from hanse.language.problems import HanseError
from hanse.language.words import mark

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpResponse

    from hanse.apps.accounts.selectors import Account, Role
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem

_DAY = {"type": "date"}
_DONE = {
    "grant": mark("The role was given."),
    "end": mark("The role was ended. It can be given again below."),
    "close": mark("The account is closed. It can be opened again below."),
    "open": mark("The account is open again."),
}


class Grant(forms.Form):
    """A role to give."""

    role = forms.ChoiceField()
    partner = forms.CharField(required=False, max_length=200)
    countries = forms.CharField(required=False, max_length=400)
    since = forms.DateField(required=False, widget=forms.DateInput(_DAY, "%Y-%m-%d"))
    until = forms.DateField(required=False, widget=forms.DateInput(_DAY, "%Y-%m-%d"))
    why = forms.CharField(max_length=400)


class End(forms.Form):
    """A role to end: at once, or after a day."""

    role = forms.CharField(widget=forms.HiddenInput)
    partner = forms.CharField(required=False, widget=forms.HiddenInput)
    until = forms.DateField(required=False, widget=forms.DateInput(_DAY, "%Y-%m-%d"))
    why = forms.CharField(max_length=400)


class Because(forms.Form):
    """An act that takes a reason and nothing else."""

    why = forms.CharField(max_length=400)


def user(request: PageRequest, uuid: UUID) -> HttpResponse:
    """One account; a role is given or ended, the account closed or opened, a link made. Raises NotThere."""
    account = members.user_of(actor=request.actor, uuid=uuid)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act == "link":
        return _link(request, account)
    forms_ = _forms(request, act)
    problems: list[Problem] = []
    if act in forms_ and forms_[act].is_valid():
        try:
            _ACTS[act](request, account, forms_[act].cleaned_data)
        except HanseError as error:
            problems = refusing.put(forms_[act], error, request.words)
        else:
            messages.success(request, request.words.say(_DONE[act]))
            return redirect("user", uuid=uuid)
    shown = _shown(request, account, forms_) | {"problems": problems, "act": act}
    return render(request, "desk/user.html", shown, status=400 if act else 200)


def _forms(request: PageRequest, act: str) -> dict[str, forms.Form]:
    """The forms of the page, that of the act as it was sent."""
    made: dict[str, forms.Form] = {}
    for name, kind in {"grant": Grant, "end": End, "close": Because, "open": Because}.items():
        made[name] = kind(request.POST if act == name else None, prefix=name)
    choice = made["grant"].fields["role"]
    assert isinstance(choice, forms.ChoiceField)
    choice.choices = user_new.roles_to_give(request)
    return made


def _grant(request: PageRequest, account: Account, given: dict[str, Any]) -> None:
    members.role_grant(
        actor=request.actor, username=account.username, role=given["role"], partner=given["partner"],
        countries=countries_of(given["countries"]), since=given["since"], until=given["until"], why=given["why"],
    )  # fmt: skip


def _end(request: PageRequest, account: Account, given: dict[str, Any]) -> None:
    services.role_end(
        actor=request.actor, username=account.username, role=given["role"], partner=given["partner"],
        until=given["until"], why=given["why"],
    )  # fmt: skip


def _close(request: PageRequest, account: Account, given: dict[str, Any]) -> None:
    services.user_deactivate(actor=request.actor, username=account.username, why=given["why"])


def _open(request: PageRequest, account: Account, given: dict[str, Any]) -> None:
    services.user_reactivate(actor=request.actor, username=account.username, why=given["why"])


_ACTS: dict[str, Callable[[PageRequest, Account, dict[str, Any]], None]] = {
    "grant": _grant, "end": _end, "close": _close, "open": _open,
}  # fmt: skip


def _link(request: PageRequest, account: Account) -> HttpResponse:
    """Makes a link to choose a password, mails it or keeps it to be shown once."""
    link = invitations.invite_again(actor=request.actor, username=account.username)
    handing.hand_on(request, link, inviter=request.actor.name)
    return redirect("user", uuid=account.uuid)


def _shown(request: PageRequest, account: Account, made: dict[str, forms.Form]) -> dict[str, Any]:
    actor = request.actor
    today = timezone.now().date()
    open_: list[dict[str, Any]] = []
    past: list[dict[str, Any]] = []
    for one in reversed(account.roles):
        over = one.ended_at is not None or (one.until is not None and one.until < today)
        (past if over else open_).append(_role(request, one, account))
    others = account.username != actor.name
    return {
        "account": account,
        "roles": open_,
        "past": past,
        "grant": made["grant"],
        "end": made["end"],
        "close": made["close"],
        "open": made["open"],
        "may_grant": others and bool(user_new.roles_to_give(request)),
        "may_close": others and policy.may(actor, "accounts.user_deactivate"),
        "may_open": policy.may(actor, "accounts.user_reactivate"),
        "may_link": others and account.active and policy.may(actor, "accounts.invite_again"),
        "may_see_as": others and policy.may(actor, "accounts.see_as") and _is_partners(account),
        "link": handing.shown_once(request),
        "today": today,
    }


def _role(request: PageRequest, one: Role, account: Account) -> dict[str, Any]:
    """A role in words, and whether the reader may end it."""
    given = {name for name, _ in user_new.roles_to_give(request)}
    own = account.username == request.actor.name
    return {
        "role": one,
        "says": role_words.role(one.role, request.words),
        "countries": [request.words.country(code) for code in one.countries],
        "may_end": own or one.role in given,
    }


def _is_partners(account: Account) -> bool:
    held = [one for one in account.roles if one.holds]
    return bool(held) and all(one.partner for one in held)
