"""Who of the firm has access, as what, and who else is to come in?

Members see who is there; an administrator of the firm invites, gives another role, ends access, sends a link again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseNotAllowed
from django.shortcuts import redirect, render

from hanse.apps.accounts import colleagues as people
from hanse.apps.accounts import invitations, letters, services
from hanse.apps.accounts.policy import not_there
from hanse.apps.accounts.roles import ADMINISTRATOR
from hanse.apps.registry.selectors import records_of, see_partner
from hanse.fronts.pages import handing, refusing
from hanse.fronts.portal.firm import firm_of, others_of
from hanse.language.problems import HanseError, Problem
from hanse.language.words import LANGUAGES, mark

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.apps.accounts.colleagues import Colleague
    from hanse.fronts.pages.reader import PageRequest

MEMBER = "partner_member"
ROLES = {ADMINISTRATOR: mark("administrator"), MEMBER: mark("member")}
_MEANS = {
    ADMINISTRATOR: mark("acts for the firm, and says who else may"),
    MEMBER: mark("reads what concerns the firm"),
}


class Invite(forms.Form):
    """Somebody to invite."""

    username = forms.EmailField(max_length=200)
    name = forms.CharField(required=False, max_length=200)
    role = forms.ChoiceField(initial=MEMBER)
    language = forms.ChoiceField()


def colleagues(request: PageRequest) -> HttpResponse:
    """The list; sent, an act of an administrator. Raises NotThere for a strangers' firm."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    firm = firm_of(request)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if request.method == "POST" and (firm not in request.actor.administers or act not in _ACTS):
        raise not_there("page", "colleagues", "ask an administrator of the firm")
    form = _form(request, act)
    problems: list[Problem] = []
    if act and (act != "invite" or form.is_valid()):
        try:
            _ACTS[act](request, firm, form.cleaned_data if act == "invite" else {})
        except HanseError as error:
            problems = refusing.put(form, error, request.words)
        else:
            return redirect(request.get_full_path())
    shown = _shown(request, firm) | {"form": form, "problems": problems}
    return render(request, "portal/colleagues.html", shown, status=400 if act else 200)


def _shown(request: PageRequest, firm: str) -> dict[str, Any]:
    return {
        "firm": see_partner(request.actor, firm),
        "colleagues": people.colleagues(actor=request.actor, partner=firm, records=records_of([firm])),
        "roles": ROLES,
        "administrator": ADMINISTRATOR,
        "means": [(ROLES[role], says) for role, says in _MEANS.items()],
        "may_act": firm in request.actor.administers,
        "link": handing.shown_once(request),
        "mails": letters.sent(),
        "others": others_of(request, firm),
    }


def _form(request: PageRequest, act: str) -> Invite:
    form = Invite(request.POST if act == "invite" else None, initial={"language": request.words.language})
    names = request.words.locale.languages
    for field, choices in (
        ("role", [(role, request.words.say(says)) for role, says in reversed(ROLES.items())]),
        ("language", [(code, str(names.get(code, code))) for code in sorted(LANGUAGES)]),
    ):
        choice = form.fields[field]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = choices
    return form


def _invite(request: PageRequest, firm: str, given: dict[str, Any]) -> None:
    link = invitations.invite(
        actor=request.actor, username=given["username"], name=given["name"], language=given["language"],
        role=given["role"], partner=firm, why=request.words.say("invited by the firm"),
    )  # fmt: skip
    if link is None:
        messages.success(request, request.words.say("There was an account already: it has the role now."))
    else:
        handing.hand_on(request, link, inviter=_called(request, firm))


def _again(request: PageRequest, firm: str, given: dict[str, Any]) -> None:  # noqa: ARG001 (acts are called alike)
    one = _asked(request, firm)
    link = invitations.invite_again(actor=request.actor, username=one.username)
    handing.hand_on(request, link, inviter=_called(request, firm))


def _role(request: PageRequest, firm: str, given: dict[str, Any]) -> None:  # noqa: ARG001
    """The other role: first the new one is given, then the old one ends, so that nobody is without."""
    one = _asked(request, firm)
    other = MEMBER if one.role == ADMINISTRATOR else ADMINISTRATOR
    with transaction.atomic():
        services.role_grant(actor=request.actor, username=one.username, role=other, partner=firm)
        services.role_end(actor=request.actor, username=one.username, role=one.role, partner=firm)
    role = request.words.say(ROLES[other])
    messages.success(request, request.words.say("{user} is {role} now; the same button changes it back.",
                                                user=one.name or one.username, role=role))  # fmt: skip


def _end(request: PageRequest, firm: str, given: dict[str, Any]) -> None:  # noqa: ARG001
    """Every role at the firm ends; the account stays, with whatever it has elsewhere."""
    one = _asked(request, firm)
    with transaction.atomic():
        for role in people.roles_at(actor=request.actor, partner=firm, username=one.username):
            services.role_end(actor=request.actor, username=one.username, role=role, partner=firm)
    says = request.words.say(
        "{user} has no access any more; to give it back, invite {user} again.", user=one.name or one.username
    )
    messages.success(request, says)


def _asked(request: PageRequest, firm: str) -> Colleague:
    return people.in_firm(actor=request.actor, partner=firm, username=request.POST.get("username", ""))


def _called(request: PageRequest, firm: str) -> str:
    """Who invites: the person and the firm."""
    name = request.user.name or request.actor.name  # type: ignore[union-attr]
    return f"{name} ({see_partner(request.actor, firm).name})"


_ACTS = {"invite": _invite, "again": _again, "role": _role, "end": _end}
