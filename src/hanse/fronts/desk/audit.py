"""Who did what, when and why; and does the trail hold?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from hanse.apps.audit import selectors
from hanse.fronts.pages import asked
from hanse.language.problems import CallError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem

SHOWN = 50


def audit(request: PageRequest) -> HttpResponse:
    """The newest entries that the actor may see and the address asks for; with `verify`, whether the chain holds."""
    wanted: dict[str, Any] = {name: asked.text(request, name, 200) for name in ("by", "action", "subject", "text")}
    since, until = asked.day(request, "since"), asked.day(request, "until")
    before = asked.number(request, "before")
    found = selectors.entries(
        request.actor, by=wanted["by"] or None, action=wanted["action"] or None, subject=wanted["subject"] or None,
        since=_midnight(since), until=_midnight(until, days=1), before=before, text=wanted["text"] or None,
        limit=SHOWN + 1,
    )  # fmt: skip
    reads_all = bool(request.actor.roles & selectors.READERS)
    said = {**wanted, "since": since, "until": until}
    later = found[SHOWN - 1].number if len(found) > SHOWN else 0
    searched = selectors.searched_from(before) if wanted["text"] and not later else 0
    shown = {
        "rows": [{"one": one, "link": link_of(one.subject)} for one in found[:SHOWN]],
        "wanted": said,
        "later": asked.query(said, before=later) if later else "",
        "searched": searched if searched > 1 else 0,
        "further": asked.query(said, before=searched) if searched > 1 else "",
        "narrowed": any(said.values()),
        "reads_all": reads_all,
        "expect": asked.text(request, "expect", 200),
    }
    if reads_all and request.GET.get("verify") == "1":
        shown |= _verified(request, str(shown["expect"]))
    return render(request, "desk/audit.html", shown)


def proof(request: PageRequest) -> HttpResponse:
    """What to keep of the trail as it is now: how many entries hold, and the head that proves it. Raises Refused."""
    found = selectors.verified(request.actor)
    kept = {
        "trail": "hanse",
        "verified_at": timezone.now().astimezone(UTC).isoformat(timespec="seconds"),
        "verified_by": request.actor.name,
        "holds": found.first_wrong is None,
        "entries": found.entries,
        "head": found.head,
        "check_with": "hanse audit verify --expect HEAD",
    }
    answer = HttpResponse(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="hanse-trail-{found.entries}.json"'
    return answer


def link_of(subject: str) -> str:
    """Where what an entry is about can be looked at; empty where there is no page."""
    kind, _, key = subject.partition(":")
    if kind == "partner" and key:
        return reverse("partners") + f"{quote(key)}/"
    if kind == "user" and key:
        return reverse("users") + f"?text={quote(key)}"
    if kind == "import" and _whole(key):
        return reverse("refused", args=[int(key)])
    kind, _, key = subject.partition(" ")
    return reverse("run", args=[int(key)]) if kind == "run" and _whole(key) else ""


def _whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _verified(request: PageRequest, expect: str) -> dict[str, Any]:
    """Whether the chain holds, and whether it is the one whose head was noted down."""
    problems: Sequence[Problem] = ()
    try:
        return {"verified": selectors.verified(request.actor, expect=expect or None)}
    except CallError as error:
        problems = error.problems
    return {"problems": problems}


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    """The moment at which a day begins, in UTC, or one so many days later (a little before it, for both ends count)."""
    if day is None or day.year >= 9999:
        return None
    begins = datetime.combine(day, time(), UTC)
    return begins + timedelta(days=days) - timedelta(microseconds=1) if days else begins
