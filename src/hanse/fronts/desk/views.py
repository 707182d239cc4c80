"""Which views of the list of partners are kept; which are shared, renamed, forgotten, and which opens the list?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html

from hanse.apps.accounts import saved_views
from hanse.apps.accounts.saved_views import LONGEST_QUERY
from hanse.fronts.desk.partners import PAGE
from hanse.fronts.pages import asked
from hanse.language.problems import HanseError
from hanse.language.words import mark

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest

_KEPT = (
    "edition", "country", "level", "type", "group", "text", "moving", "within", "competency", "sort", "down",
)  # fmt: skip


def views(request: PageRequest) -> HttpResponse:
    """The views with a form each; a POST does one thing to one of them. Raises NotThere."""
    shown: dict[str, Any] = {}
    act = _ACTS.get(request.POST.get("act", "")) if request.method == "POST" else None
    if act is not None:
        try:
            return act(request)
        except HanseError as error:
            given = {name: request.POST.get(name, "") for name in ("act", "name", "query", "shared", "view")}
            shown = {"problems": error.problems, "given": given}
    shown |= {"views": saved_views.views(actor=request.actor, page=PAGE)}
    return render(request, "desk/views.html", shown, status=400 if "problems" in shown else 200)


def _save(request: PageRequest) -> HttpResponse:
    query = _query(request.POST.get("query", ""))
    shared = request.POST.get("shared") == "1"
    name = asked.posted(request, "name")
    number = saved_views.view_save(actor=request.actor, page=PAGE, name=name, query=query, shared=shared)
    if request.POST.get("first") == "1":
        saved_views.view_first(actor=request.actor, page=PAGE, number=number)
    _say(request, mark("The view is kept."))
    return redirect(f"{reverse('partners')}?{query}")


def _change(request: PageRequest) -> HttpResponse:
    saved_views.view_change(
        actor=request.actor, number=_number(request), name=asked.posted(request, "name"),
        shared=request.POST.get("shared") == "1",
    )  # fmt: skip
    _say(request, mark("The view was changed."))
    return redirect("views")


def _delete(request: PageRequest) -> HttpResponse:
    gone = saved_views.view_delete(actor=request.actor, number=_number(request))
    words = request.words
    back = format_html(
        '{} <a href="{}?{}">{}</a>', words.say("The view “{name}” was forgotten.", name=gone.name), reverse("partners"),
        gone.query, words.say("Show what it showed, to save it again"),
    )  # fmt: skip
    messages.success(request, back)
    return redirect("views")


def _first(request: PageRequest) -> HttpResponse:
    number = _number(request)
    saved_views.view_first(actor=request.actor, page=PAGE, number=number or None)
    _say(request, mark("The list opens with this view.") if number else mark("The list opens with all partners."))
    return redirect("views")


_ACTS: dict[str, Callable[[PageRequest], HttpResponse]] = {
    "save": _save, "change": _change, "delete": _delete, "first": _first,
}  # fmt: skip


def _query(text: str) -> str:
    """What an address asks of the list, and nothing else that somebody may have put there."""
    given = QueryDict(text[:LONGEST_QUERY])
    return asked.query({name: given.get(name, "") for name in _KEPT})[1:]


def _number(request: PageRequest) -> int:
    text = request.POST.get("view", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _say(request: PageRequest, message: str) -> None:
    messages.success(request, request.words.say(message))
