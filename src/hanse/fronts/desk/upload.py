"""Where is a file on its way to becoming an import, and what is to be done next?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse

from hanse.apps.accounts.policy import PROGRAMME
from hanse.apps.imports import selectors, uploads
from hanse.fronts.desk import import_words
from hanse.fronts.pages.waiting import Waiting, looked

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest

_NEXT = {"asked": "columns", "ready": "trial"}
WORKED = ("looking", "importing")


def upload(request: PageRequest, number: int) -> HttpResponse:
    """Leads to the step that comes next; while somebody works on the file, says how far that is. Raises NotThere."""
    if request.method == "POST":
        return _act(request, number)
    one = selectors.upload_of(request.actor, number)
    state, here = str(one["state"]), reverse("upload", args=[number])
    progress = one["progress"]
    waiting = Waiting(
        says=f"{request.words.say('{name}:', name=one['file'])} {import_words.progress(progress, request.words)}",
        address=here,
        going_on=state in WORKED and bool(one["going_on"]),
        done=int(progress.get("done", 0)),
        of=int(progress.get("of", 0)),
    )
    answer = looked(request, waiting)
    if answer is not None:
        return answer
    if state in _NEXT:
        return redirect(_NEXT[state], number)
    if state == "done":
        return redirect("refused", one["made_id"]) if one["made_id"] else redirect("imports")
    shown = {
        "one": one,
        "waiting": waiting if waiting.going_on else None,
        "problems": import_words.problems(one["problems"], request.words),
        "read": bool(one["seen"].get("sheets")),
        "may": bool(request.actor.roles & PROGRAMME),
    }
    return render(request, "desk/upload.html", shown)


def _act(request: PageRequest, number: int) -> HttpResponse:
    """Goes on where the work was interrupted, or gives the file up."""
    if request.POST.get("act") == "give-up":
        file = uploads.give_up(actor=request.actor, upload=number)
        messages.success(request, request.words.say("{file} is given up: nothing of it was recorded.", file=file))
        return redirect("imports")
    uploads.go_on(actor=request.actor, upload=number)
    return redirect("upload", number)
