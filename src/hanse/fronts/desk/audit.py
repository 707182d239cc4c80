"""Who did what, when and why; and does the trail hold?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from hanse.apps.audit import selectors
from hanse.fronts.desk import asked

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest

SHOWN = 50


def audit(request: PageRequest) -> HttpResponse:
    """The newest entries that the actor may see and the address asks for; with `verify`, whether the chain holds."""
    wanted: dict[str, Any] = {name: asked.text(request, name, 200) for name in ("by", "action", "subject")}
    since, until = asked.day(request, "since"), asked.day(request, "until")
    found = selectors.entries(
        request.actor, by=wanted["by"] or None, action=wanted["action"] or None, subject=wanted["subject"] or None,
        since=_midnight(since), until=_midnight(until, days=1), before=asked.number(request, "before"), limit=SHOWN + 1,
    )  # fmt: skip
    reads_all = bool(request.actor.roles & selectors.READERS)
    said = {**wanted, "since": since, "until": until}
    shown = {
        "rows": [_row(one) for one in found[:SHOWN]],
        "wanted": said,
        "later": asked.query(said, before=found[SHOWN - 1].number) if len(found) > SHOWN else "",
        "narrowed": any(said.values()),
        "reads_all": reads_all,
        "verified": selectors.verified(request.actor) if reads_all and request.GET.get("verify") == "1" else None,
    }
    return render(request, "desk/audit.html", shown)


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    """The moment at which a day begins, in UTC, or one so many days later (a little before it, for both ends count)."""
    if day is None or day.year >= 9999:
        return None
    begins = datetime.combine(day, time(), UTC)
    return begins + timedelta(days=days) - timedelta(microseconds=1) if days else begins


def _row(one: selectors.Shown) -> dict[str, Any]:
    return {"one": one, "before": _readable(one.before), "after": _readable(one.after)}


def _readable(text: str | None) -> str:
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False) if text else ""
