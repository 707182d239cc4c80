"""How far is a job that is going on?

A page that waits includes `pages/waiting.html` with a `Waiting`; the line asks the page every second how far it is, and
the page is loaded anew when the job is done. Without scripts there is a link to look again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render

if TYPE_CHECKING:
    from hanse.fronts.pages.reader import PageRequest


@dataclass(frozen=True)
class Waiting:
    """The state of a job: `says` in the reader's words, the address of the page that waits, and how much of it is done.

    `of` is 0 where nobody knows how much there is to do.
    """

    says: str
    address: str
    going_on: bool = True
    done: int = 0
    of: int = 0


def looked(request: PageRequest, waiting: Waiting) -> HttpResponse | None:
    """What the line of the page is answered when it asks again; None where the whole page is asked for."""
    if not request.htmx:
        return None
    if not waiting.going_on:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "pages/waiting.html", {"waiting": waiting})
