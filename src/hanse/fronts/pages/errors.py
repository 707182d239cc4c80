"""What does a reader see where something is wrong? Place, what, why and remedy, in the frame of every page."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from hanse.fronts.pages import seen_as
from hanse.fronts.pages.reader import actor, language_of, words
from hanse.language.problems import Problem
from hanse.language.words import mark

_SAYS = {
    400: (mark("This cannot be done as it was asked"), mark("Go back, change what is said below, and send it again.")),
    403: (mark("You may not do this"), mark("Ask somebody who may, or have the role granted to you.")),
    404: (
        mark("There is no such page"),
        mark("It may have moved, or it is not yours to see. Check the address, or begin at the first page."),
    ),
    429: (
        mark("Too many attempts"),
        mark("After five wrong passwords an address is locked for a quarter of an hour. Wait, then try again."),
    ),
    500: (
        mark("Something broke on our side"),
        mark(
            "Nothing that you had saved is lost. Try again; if it stays, "
            "tell those who run the installation when it was."
        ),
    ),
}


def page(request: HttpRequest, status: int, *, problems: Sequence[Problem] = ()) -> HttpResponse:
    """The error page of a status, with the problems that explain it."""
    if hasattr(request, "user") and seen_as.asked(request):  # the bar above the page says so
        actor(request)
    title, remedy = (words().say(text) for text in _SAYS[status])
    shown = {"title": title, "remedy": remedy, "problems": problems, "status": status}
    return render(request, "pages/error.html", shown, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 (what Django calls)
    """A request that Django could not read."""
    return page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """What is refused outside a view of ours."""
    return page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """What is not there, or not for this reader: the same answer."""
    return page(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """An error of ours; what broke is in the log. The page asks nothing of the database, which may be what broke."""
    bare = HttpRequest()
    bare.method, bare.path, bare.path_info = request.method, request.path, request.path_info
    bare.META, bare.COOKIES = request.META, request.COOKIES
    bare.user = AnonymousUser()
    with translation.override(language_of(bare)):
        return page(bare, 500)


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form without the token that this site gave it."""
    say = words().say
    problem = Problem(
        say("the form"),
        say("it was sent without the key that this site gave it"),
        say("it was open for too long, cookies are off, or another site sent it"),
        say("go back, load the page again, and send it once more"),
    )
    return page(request, 403, problems=[problem])
