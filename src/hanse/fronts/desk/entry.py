"""What did one act change: who did it, why, and what was so before and after?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import render

from hanse.apps.audit import selectors
from hanse.fronts.desk.audit import link_of
from hanse.fronts.desk.run import LARGEST

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest


def entry(request: PageRequest, number: int) -> HttpResponse:
    """One entry of the trail, field by field. Raises NotThere for one that the actor may not see."""
    if number > LARGEST:
        raise Http404
    one = selectors.entry(request.actor, number)
    shown = {
        "one": one,
        "link": link_of(one.subject),
        "rows": _side_by_side(one.before, one.after),
        "both": one.before is not None and one.after is not None,
        "reads_all": bool(request.actor.roles & selectors.READERS),
    }
    return render(request, "desk/entry.html", shown)


def _side_by_side(before: str | None, after: str | None) -> list[dict[str, Any]]:
    """Every field of either side, with what it was and is, and whether it changed."""
    sides = [json.loads(text) if text else None for text in (before, after)]
    was, now = (side if isinstance(side, dict) else ({} if side is None else {"": side}) for side in sides)
    names = list(dict.fromkeys([*was, *now]))
    return [
        {"name": name.replace("_", " "), "before": _readable(was, name), "after": _readable(now, name),
         "changed": name in was and name in now and was[name] != now[name]}
        for name in names
    ]  # fmt: skip


def _readable(side: dict[str, Any], name: str) -> str:
    if name not in side:
        return ""
    value = side[name]
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
