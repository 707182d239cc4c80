"""What does an address ask for? Its parameters as plain values, whatever somebody typed there."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from urllib.parse import urlencode

from django.http import Http404, HttpRequest

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


def text(request: HttpRequest, name: str, at_most: int = 100) -> str:
    """A parameter without what no database keeps; empty where it is not there."""
    return _UNPRINTABLE.sub("", request.GET.get(name, "")).strip()[:at_most]


def posted(request: HttpRequest, name: str, at_most: int = 400) -> str:
    """A field of a form without what no database keeps; empty where it is not there."""
    return _UNPRINTABLE.sub("", request.POST.get(name, "")).strip()[:at_most]


def one_of(request: HttpRequest, name: str, known: Collection[str], otherwise: str = "") -> str:
    """A parameter that is one of these, else `otherwise`."""
    given = request.GET.get(name, "")
    return given if given in known else otherwise


def number(request: HttpRequest, name: str) -> int | None:
    """A parameter that is a whole number the database can hold, else None."""
    given = request.GET.get(name, "")
    return int(given) if re.fullmatch("[0-9]{1,18}", given) else None


def day(request: HttpRequest, name: str) -> date | None:
    """A parameter that is a day, else None."""
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None


def key(given: str) -> str:
    """A key out of a path; what no database keeps is not there."""
    if _UNPRINTABLE.search(given):
        raise Http404
    return given


def query(values: Mapping[str, object], **changes: object) -> str:
    """The same parameters with some changed; those that say nothing are left out."""
    found = {name: value for name, value in {**values, **changes}.items() if value not in ("", None, False)}
    return "?" + urlencode({name: "1" if value is True else value for name, value in found.items()})
