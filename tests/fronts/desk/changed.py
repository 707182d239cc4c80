"""A change of the desk's channel: silver asks for more, so that Nordlicht falls; sent as its form sends it."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Mapping

from django.test import Client

from fronts.desk.channel import DAY, EDITION, seen_by
from hanse.apps.evaluation import jobs
from hanse.apps.programmes.selectors import files_of, version_named

SILVER = "dial:levels:silver:all_of:0:revenue:at_least"
SATISFACTION = "dial:levels:gold:all_of:1:client_satisfaction:at_least"


def form(**more: str) -> dict[str, object]:
    """What the form of a change sends."""
    return {
        "edition": "2026", "title:en": "Quay 2026", "title:fr": "Le quai 2026", "first_day": "2027-01-01",
        "reason": "stricter silver", SILVER: "75,000", SATISFACTION: "8", **more,
    }  # fmt: skip


def sent(client: Client | None = None, **more: str) -> str:
    """Sends a change, and does the jobs; returns the address of its rehearsal."""
    answer = (client or seen_by("chief")).post(f"/office/{EDITION}/change/", form(**more))
    assert answer.status_code == 302, answer.text
    jobs.work(once=True)
    return str(answer["Location"])


def found(pattern: str, text: str) -> str:
    """What a page has in the place of the brackets."""
    match = re.search(pattern, text, re.DOTALL)
    assert match is not None, pattern
    return html.unescape(match[1])


def archive(changes: Mapping[str, bytes] | None = None) -> io.BytesIO:
    """The edition in force as a zip, with some files changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as kept:
        for path, body in {**files_of(version_named(EDITION, DAY).id), **(changes or {})}.items():
            kept.writestr(path, body)
    made.seek(0)
    made.name = "quay.zip"
    return made
