"""Who may do what? The table that every service asks, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from hanse.apps.accounts import policy
from hanse.apps.accounts import roles as known
from hanse.fronts.desk import role_words

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest


def roles(request: PageRequest) -> HttpResponse:
    """The roles and what each is for; then every action by app, with the roles that may."""
    words, named = request.words, list(role_words.ROLES)
    by_app: dict[str, list[dict[str, object]]] = {}
    for action, allowed in sorted(policy.rows().items(), key=lambda row: role_words.place(row[0])):
        if allowed == policy.INTERNAL:
            continue
        may = [allowed == policy.ANYBODY or name in allowed for name in named]
        row: dict[str, object] = {"says": role_words.action(action, words), "action": action, "may": may}
        by_app.setdefault(action.partition(".")[0], []).append(row)
    shown = {
        "roles": [(name, role_words.role(name, words), words.say(known.SAYS[name])) for name in named],
        "apps": [(words.say(says), by_app[app]) for app, says in role_words.APPS.items() if app in by_app],
    }
    return render(request, "desk/roles.html", shown)
