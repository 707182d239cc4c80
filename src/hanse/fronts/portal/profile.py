"""What does the vendor know of the firm, who said so, and who else may see it?

An administrator of the firm says some of it anew (website, city, employees), and decides who sees which part of the
profile. The rest is the vendor's: the page says whom to ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render

from hanse.apps.accounts import colleagues
from hanse.apps.accounts.policy import not_there
from hanse.apps.directory import showing
from hanse.apps.evaluation.describing import describe
from hanse.apps.evidence.selectors import facts_of
from hanse.apps.registry import ageing
from hanse.apps.registry import profile as registry
from hanse.apps.registry.selectors import see_partner
from hanse.fronts.pages import firms, group_trees, refusing
from hanse.fronts.portal.firm import day_asked, firm_of, others_of
from hanse.language.problems import HanseError, Problem
from hanse.language.words import mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.words import Words

PORTAL = "portal"  # the source of what the firm itself has said
PARTS = {
    "contact": (mark("contact data"), mark("city, website, telephone")),
    "competencies": (mark("competencies"), mark("which are held, and how deep")),
    "level": (mark("level"), mark("the level in force")),
    "people": (mark("people"), mark("how many are certified in what; never who")),
    "references": (mark("client references"), mark("those that count")),
}
_MISSING = {
    "city": mark("city"), "region": mark("region"), "type": mark("type"), "employees": mark("employees"),
    "website": mark("website"), "vat": mark("VAT number"),
}  # fmt: skip
AUDIENCES = {
    "vendor": mark("the vendor alone"),
    "partners": mark("other partners too"),
    "public": mark("everybody"),
}


@dataclass(frozen=True)
class Known:
    """One thing that is known of the firm; `own` says that the firm may say it anew."""

    what: str
    said: str
    own: bool


class Described(forms.Form):
    """What a firm says of itself, and why it says so now."""

    website = forms.URLField(required=False, max_length=200, assume_scheme="https")
    city = forms.CharField(required=False, max_length=100)
    employees = forms.IntegerField(required=False, min_value=0, max_value=10_000_000)
    reason = forms.CharField(required=False, max_length=400)


class Shown(forms.Form):
    """Who may see each part of the profile."""

    def __init__(self, sent: Any, *, said: Mapping[str, str], words: Words) -> None:
        super().__init__(sent)
        for part, (what, means) in PARTS.items():
            choices = [(audience, words.say(says)) for audience, says in AUDIENCES.items()]
            self.fields[part] = forms.ChoiceField(
                choices=choices, initial=said[part], label=words.say(what), help_text=words.say(means)
            )


def profile(request: PageRequest) -> HttpResponse:
    """The page; sent, the firm's own words, or who may see what. Raises NotThere for a strangers' firm."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    firm = firm_of(request)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if request.method == "POST" and (
        firm not in request.actor.administers or act not in ("describe", "show", "confirm")
    ):
        raise not_there("page", "firm", "ask an administrator of the firm")
    if act == "confirm":
        ageing.confirm(actor=request.actor, partner=firm)
        messages.success(request, request.words.say("Thank you. You are asked again in nine months."))
        return redirect(request.get_full_path())
    facts = facts_of(request.actor, firm, "partners", limit=1)
    fact = facts[0] if facts else {}
    known = {name: fact.get(name) for name in ("website", "city", "employees")}
    described = Described(request.POST if act == "describe" else None, initial=known)
    shown = Shown(
        request.POST if act == "show" else None, said=registry.visibility_of(actor=request.actor, partner=firm),
        words=request.words,
    )  # fmt: skip
    problems: list[Problem] = []
    form, does = (described, _describe) if act == "describe" else (shown, _show)
    if act and form.is_valid():
        try:
            does(request, firm, form.cleaned_data)
        except HanseError as error:
            problems = refusing.put(form, error, request.words)
        else:
            return redirect(request.get_full_path())
    told = _told(request, firm, fact) | {"described": described, "shown": shown, "problems": problems, "act": act}
    return render(request, "portal/profile.html", told, status=400 if act else 200)


def _describe(request: PageRequest, firm: str, given: dict[str, Any]) -> None:
    said = {name: given[name] or None for name in ("website", "city")} | {"employees": given["employees"]}
    describe(actor=request.actor, partner=firm, said=said, reason=given["reason"])
    messages.success(
        request, request.words.say("It is on record, as said by your firm. What was there before stays in the history.")
    )


def _show(request: PageRequest, firm: str, given: dict[str, Any]) -> None:
    changed = showing.visibility_set(actor=request.actor, partner=firm, shown=given)
    says = mark("Kept: {parts}.") if changed else mark("Nothing was otherwise.")
    say = request.words.say
    parts = ", ".join(f"{say(PARTS[part][0])} → {say(AUDIENCES[audience])}" for part, audience in changed.items())
    messages.success(request, say(says, parts=parts) if changed else say(says))


def _told(request: PageRequest, firm: str, fact: dict[str, Any]) -> dict[str, Any]:
    known, actor = see_partner(request.actor, firm), request.actor
    recorded, age = fact.get("recorded"), ageing.age_of(actor=actor, partner=firm)
    return {
        "firm": known,
        "known": _known(fact, request.words),
        "age": age,
        "missing": [request.words.say(_MISSING[name]) for name in age.missing],
        "source": _source(fact, request.words),
        "recorded": recorded if isinstance(recorded, datetime) else None,
        "tree": group_trees.tree(actor=actor, partner=firm, on=day_asked(request, "on"), words=request.words),
        "locations": registry.locations_of(actor=actor, partner=firm),
        "agreements": registry.agreements_of(actor=actor, partner=firm),
        "managers": colleagues.looked_after_by(actor=actor, country=known.country),
        "may_act": firm in actor.administers,
        "audiences": AUDIENCES,
        "others": others_of(request, firm),
    }


def _known(fact: dict[str, Any], words: Words) -> list[Known]:
    """What the fact of the firm says, thing by thing."""
    say = words.say
    kind = str(fact.get("type") or "")
    rows = (
        (mark("Name"), fact.get("name"), False),
        (mark("Country"), words.country(str(fact["country"])) if fact.get("country") else "", False),
        (mark("City"), fact.get("city"), True),
        (mark("Website"), fact.get("website"), True),
        (mark("Employees"), words.number(fact["employees"]) if fact.get("employees") is not None else "", True),
        (mark("Type"), firms.type_label(kind, words), False),
        (mark("Group"), fact.get("group"), False),
        (mark("VAT number"), fact.get("vat"), False),
        (mark("Partner since"), words.day(fact["joined"]) if fact.get("joined") else "", False),
    )
    return [Known(say(what), str(said or ""), own) for what, said, own in rows]


def _source(fact: dict[str, Any], words: Words) -> str:
    """Who said so: the firm itself, or a file of the vendor's."""
    if fact.get("source") == PORTAL:
        return words.say("your firm, on this page")
    return str(fact.get("file") or fact.get("source") or "")
