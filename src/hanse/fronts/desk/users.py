"""Who has an account, which roles does each hold, and who may change that?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.utils import timezone

from hanse.apps.accounts import policy
from hanse.apps.accounts.listing import COUNTED, STATES, Wanted
from hanse.apps.registry import members
from hanse.fronts.desk import role_words
from hanse.fronts.pages import asked, handing
from hanse.language.words import mark

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.apps.accounts.selectors import Account
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.words import Words

_STATES = {
    "active": mark("may sign in"),
    "closed": mark("closed"),
    "new": mark("has never signed in"),
}


def users(request: PageRequest) -> HttpResponse:
    """The accounts that the actor may see, by address, narrowed as the address of the page says."""
    wanted = Wanted(
        text=asked.text(request, "text"),
        role=asked.one_of(request, "role", role_words.ROLES),
        partner=asked.text(request, "partner"),
        country=asked.text(request, "country", 2).upper(),
        state=asked.one_of(request, "state", STATES),
    )
    page = members.user_page(actor=request.actor, wanted=wanted, after=asked.text(request, "after", 300))
    said = vars(wanted)
    shown: dict[str, Any] = {
        "wanted": wanted,
        "rows": [row(one, request.words) for one in page.accounts],
        "counted": page.wanted,
        "at_most": COUNTED,
        "narrowed": any(said.values()),
        "later": asked.query(said, after=page.accounts[-1].username) if page.later else "",
        "roles": [(name, role_words.role(name, request.words)) for name in role_words.ROLES],
        "states": [(name, request.words.say(says)) for name, says in _STATES.items()],
        "link": handing.shown_once(request),
        "may_invite": policy.may(request.actor, "accounts.user_add"),
    }
    return render(request, "desk/users.html", shown)


def row(account: Account, words: Words) -> dict[str, Any]:
    """An account with the roles that it holds, in words, and those to come."""
    today = timezone.now().date()
    held = [one for one in account.roles if one.holds]
    coming = [one for one in account.roles if one.ended_at is None and one.since > today]
    said = [{"role": one, "says": role_words.role(one.role, words)} for one in held]
    return {"account": account, "held": said, "coming": len(coming)}
