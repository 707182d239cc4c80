"""Who sees the portal as somebody else, and what may be done meanwhile? Looking, and nothing besides.

The session says as whom and until when; who may is asked anew with every page. While it lasts the actor of a request
is the one seen as, so that pages show what that user sees; every unsafe method is refused but those that end it, and
what a view writes is taken back. Each page seen is in the log with who looked, as whom.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from hanse.apps.accounts.policy import NotThere, Refused
from hanse.apps.evidence.moments import look
from hanse.apps.registry import seen_as
from hanse.language.problems import Problem
from hanse.language.words import mark

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor
    from hanse.fronts.pages.reader import PageRequest

KEY = "seen_as"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
ALLOWED = frozenset({"seen_as_end", "account_logout", "language"})  # what may be sent meanwhile
_OVER = {
    "asked": mark("You see your own pages again."),
    "time": mark("Half an hour has passed: you see your own pages again."),
    "right": mark("You may not see as this user any more: you see your own pages again."),
}
_log = logging.getLogger("hanse.seen_as")


@dataclass(frozen=True)
class Seen:
    """As whom the reader of a request sees, and until when."""

    username: str
    until: datetime
    by: str


def begin(request: PageRequest, username: str, why: str) -> None:
    """From the next page on the reader sees as somebody. Raises what `registry.seen_as.begin` does."""
    begun = seen_as.begin(actor=request.actor, username=username, why=why)
    request.session[KEY] = {"username": begun.username, "until": begun.until.isoformat()}


def looked_as(request: HttpRequest, own: Actor) -> Actor:
    """The actor whose pages are shown: the reader's own, or that of whom the reader sees as.

    Where that is over, it is taken out of the session and put on record, and `over` says so.
    """
    found = asked(request)
    if found is None:
        return own
    if timezone.now() >= found.until:
        return _ended(request, own, "time")
    try:
        shown = seen_as.seen_by(actor=own, username=found.username)
    except (Refused, NotThere):
        return _ended(request, own, "right")
    setattr(request, KEY, Seen(found.username, found.until, own.name))
    return shown


def asked(request: HttpRequest) -> Seen | None:
    """As whom the session says that its reader sees, be it over or not."""
    kept = request.session.get(KEY) if request.user.is_authenticated else None
    return Seen(kept["username"], datetime.fromisoformat(kept["until"]), request.user.username) if kept else None


def over(request: HttpRequest) -> HttpResponse | None:
    """The answer to a request with which it came to an end: the first page, whatever was asked for."""
    how = getattr(request, "_seen_as_over", "")
    if not how:
        return None
    from hanse.fronts.pages.reader import words

    messages.info(request, words().say(_OVER[how]))
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": "/"})
    return HttpResponseRedirect("/")


def refused(request: HttpRequest, route: str) -> HttpResponse | None:
    """The answer to what would change something; None where the request may go on."""
    if request.method in SAFE or route in ALLOWED or asked(request) is None:
        return None
    from hanse.fronts.pages import errors
    from hanse.fronts.pages.reader import words

    say = words().say
    problem = Problem(
        request.path,
        say("nothing can be changed while you see as somebody else"),
        say("what you see is theirs, and what you would do would not be"),
        say("end it first; the bar above every page has a button for it"),
    )
    return errors.page(request, 403, problems=[problem])


def looking(request: HttpRequest, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """A page as it is answered: while somebody sees as another it is logged, and what a view writes is taken back."""
    seen = getattr(request, KEY, None)
    if seen is None:
        return view()
    told = {"by": seen.by, "as": seen.username, "method": request.method, "path": request.get_full_path()}
    _log.warning("a page was seen as somebody else", extra=told)
    if request.method not in SAFE:  # the few that are allowed end it
        return view()
    with look():
        return view()


@require_POST
def end(request: PageRequest) -> HttpResponse:
    """Ends it, and leads back to one's own first page."""
    leave(request, "asked")
    ended = _OVER["asked"]
    messages.info(request, request.words.say(ended))
    return HttpResponseRedirect("/")


def leave(request: HttpRequest, how: str) -> None:
    """Takes it out of the session and puts its end on record; nothing where nobody is seen as."""
    from hanse.apps.accounts.actors import actor_signed_in

    if request.user.is_authenticated and asked(request) is not None:
        _ended(request, actor_signed_in(request.user), how)


def _ended(request: HttpRequest, own: Actor, how: str) -> Actor:
    kept = request.session.pop(KEY)
    why = {"asked": "ended", "time": "half an hour had passed", "right": "not allowed any more"}.get(how, how)
    seen_as.end(actor=own, username=kept["username"], why=why)
    setattr(request, "_seen_as_over", how)  # noqa: B010
    return own
