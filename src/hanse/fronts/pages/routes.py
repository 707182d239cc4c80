"""Which routes are there, and who may take them?

Every page is one line of a table: the path, its name, its view and the roles that may enter. Nothing else is served.
Whoever has not signed in is asked to; a role that may not enter is answered as if the page were not there. One path may
stand in the tables of both fronts (the first page does): the reader's roles choose between them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.one_look import one_look
from hanse.apps.accounts.policy import ANYBODY, NotThere, Refused
from hanse.apps.accounts.roles import ALL
from hanse.fronts.pages import errors, reader, seen_as
from hanse.language.problems import HanseError
from hanse.language.words import mark

PUBLIC = frozenset({"public"})  # also whoever has not signed in
_link = cache(reverse)  # the navigation is on every page
METHODS = require_http_methods(["GET", "HEAD", "POST"])  # no page needs another

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Route:
    """One page. `view` is dotted, `roles` those that may enter (or ANYBODY who has signed in, or PUBLIC).

    With `menu`, a marked message, it stands in the navigation of its readers.
    """

    path: str
    name: str
    view: str
    roles: frozenset[str]
    menu: str = ""


@dataclass(frozen=True)
class Entry:
    """A line of the navigation: what it says (to be translated), the name of its route, and where it leads."""

    says: str
    name: str
    link: str


ROUTES = (
    Route("login/", "account_login", "allauth.account.views.login", PUBLIC),
    Route("logout/", "account_logout", "allauth.account.views.logout", PUBLIC),
    Route("inactive/", "account_inactive", "allauth.account.views.account_inactive", PUBLIC),
    Route("invitation/<str:token>/", "accept", "hanse.fronts.pages.accept.accept", PUBLIC),
    Route("forgotten/", "forgotten", "hanse.fronts.pages.forgotten.forgotten", PUBLIC),
    Route("account/", "account", "hanse.fronts.pages.account.account", ANYBODY),
    Route("language/", "language", "hanse.fronts.pages.language.language", PUBLIC),
    Route("alive/", "alive", "hanse.fronts.pages.alive.alive", PUBLIC),
    Route("directory/", "directory", "hanse.fronts.pages.directory.directory", PUBLIC),
    Route("directory/<path:key>/", "directory_firm", "hanse.fronts.pages.directory.directory_firm", PUBLIC),
    Route("robots.txt", "robots", "hanse.fronts.pages.directory.robots", PUBLIC),
    Route("sitemap.xml", "sitemap", "hanse.fronts.pages.directory.sitemap", PUBLIC),
    Route("seen-as/end/", "seen_as_end", "hanse.fronts.pages.seen_as.end", ANYBODY),
)


# for partners and the vendor's people alike; they stand after the pages of the fronts in the navigation
RULES = (
    Route("programmes/", "programmes", "hanse.fronts.pages.programmes.programmes", ALL, menu=mark("Programme")),
    Route(
        "programmes/<path:name>/against/<path:other>/", "programme_against", "hanse.fronts.pages.against.against", ALL
    ),
    Route("programmes/<path:name>/", "programme", "hanse.fronts.pages.programme.programme", ALL),
)


def patterns(routes: Iterable[Route]) -> list[URLPattern]:
    """The routes as Django wants them, each behind its door. Raises ValueError for a route that names no role."""
    table = tuple(routes)
    by_path: dict[str, list[Route]] = {}
    for route in table:
        if not route.roles:
            raise ValueError(f"{route.name} names no role; list those that may enter, or say ANYBODY or PUBLIC")
        by_path.setdefault(route.path, []).append(route)
    doors = {where: METHODS(_door(tuple(listed), table)) for where, listed in by_path.items()}
    return [path(route.path, doors[route.path], name=route.name) for route in table]


def menu_of(actor: Actor, routes: Iterable[Route]) -> tuple[Entry, ...]:
    """The navigation of an actor, in the order of the table."""
    return tuple(Entry(r.menu, r.name, _link(r.name)) for r in routes if r.menu and may_enter(actor, r))


def may_enter(actor: Actor, route: Route) -> bool:
    """Does the table let this actor in?"""
    return route.roles in (PUBLIC, ANYBODY) or bool(route.roles & actor.roles)


def _door(routes: tuple[Route, ...], table: tuple[Route, ...]) -> View:
    """One view for all routes of a path: it lets in whom the table lets in, and turns what is raised into a page."""
    if routes[0].roles == PUBLIC:
        return _opened(routes[0])

    def entered(request: HttpRequest, **arguments: object) -> HttpResponseBase:
        actor = reader.actor(request)
        if actor is None:
            if request.headers.get("HX-Request"):
                return HttpResponse(status=204, headers={"HX-Redirect": redirect_to_login(_page_of(request)).url})
            return redirect_to_login(request.get_full_path())
        if ended := seen_as.over(request):
            return ended
        chosen = next((route for route in routes if may_enter(actor, route)), None)
        if chosen is None:
            raise Http404
        if refused := seen_as.refused(request, chosen.name):
            return refused
        page = reader.as_page(request, actor, menu_of(actor, table), chosen.name)
        try:
            with one_look() if request.method in seen_as.SAFE else nullcontext():
                return seen_as.looking(page, lambda: loaded(chosen.view)(page, **arguments))
        except NotThere as error:
            raise Http404 from error
        except Refused as error:
            return errors.page(request, 403, problems=error.problems)
        except HanseError as error:
            return errors.page(request, 400, problems=error.problems)

    return entered


def _page_of(request: HttpRequest) -> str:
    """The page on which htmx asked, so that signing in leads back to it and not to a fragment."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:  # no address at all
        return "/"
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _opened(route: Route) -> View:
    """A view that everybody may see."""

    def opened(request: HttpRequest, **arguments: object) -> HttpResponseBase:
        if request.method not in seen_as.SAFE and (refused := seen_as.refused(request, route.name)):
            return refused
        if seen_as.asked(request):  # the bar above the page says so
            reader.actor(request)
        return loaded(route.view)(request, **arguments)

    return opened


@cache
def loaded(dotted: str) -> View:
    """A view, loaded when it is first asked for."""
    module, _, name = dotted.rpartition(".")
    view: View = getattr(import_module(module), name)
    return view
