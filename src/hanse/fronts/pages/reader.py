"""Who reads this page, and in which language?

The language is the one chosen on the page (a cookie), else that of the account, else what the browser asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers

from hanse.apps.accounts.actors import Actor, actor_signed_in
from hanse.apps.registry.selectors import followed
from hanse.fronts.pages import seen_as
from hanse.language.words import LANGUAGES, Words

if TYPE_CHECKING:
    from hanse.fronts.pages.routes import Entry


class PageRequest(HttpRequest):
    """What a view is given: a request of somebody who may enter."""

    actor: Actor
    words: Words
    menu: tuple[Entry, ...]
    route: str  # the name of the route that was chosen
    htmx: Any


class ReaderMiddleware:
    """Sets the language and the time zone in which a request is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        language = language_of(request)
        with translation.override(language), timezone.override(zone_of(request)):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def as_page(request: HttpRequest, actor: Actor, menu: tuple[Entry, ...], route: str) -> PageRequest:
    """The request with what every view and every template may rely on."""
    page = cast(PageRequest, request)
    page.actor, page.words, page.menu, page.route = actor, words(), menu, route
    return page


def actor(request: HttpRequest) -> Actor | None:
    """The actor of whoever has signed in, or of whom they see as, read once for each request; None for a stranger."""
    if not hasattr(request, "_actor"):
        user = request.user
        found = followed(seen_as.looked_as(request, actor_signed_in(user))) if user.is_authenticated else None
        setattr(request, "_actor", found)  # noqa: B010
    return cast("Actor | None", getattr(request, "_actor"))  # noqa: B009


def words(language: str | None = None) -> Words:
    """What is shown, in the language of the request being answered (or in the one named)."""
    return _words(language or _spoken(translation.get_language()) or "en")


def language_of(request: HttpRequest) -> str:
    """The language in which a request is answered."""
    chosen = _spoken(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))
    if chosen:
        return chosen
    if request.user.is_authenticated:
        return _spoken(request.user.language) or "en"
    return _asked_for(request.headers)


def zone_of(request: HttpRequest) -> tzinfo:
    """The time zone of the account; UTC for a stranger, or where the system knows the zone no more."""
    if not request.user.is_authenticated:
        return UTC
    try:
        return ZoneInfo(request.user.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _asked_for(headers: Mapping[str, str]) -> str:
    for part in headers.get("Accept-Language", "").split(","):
        language = _spoken(part.partition(";")[0].strip())
        if language:
            return language
    return "en"


@lru_cache(maxsize=256)
def _spoken(language: str | None) -> str | None:
    plain = (language or "").lower().replace("_", "-").partition("-")[0]
    return plain if plain in LANGUAGES else None


@lru_cache(maxsize=len(LANGUAGES))
def _words(language: str) -> Words:
    return Words(language)
