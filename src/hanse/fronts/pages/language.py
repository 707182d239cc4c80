"""In which language does the reader want the pages? The answer is kept in a cookie, and the page stays the same."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from hanse.language.words import LANGUAGES

_YEAR = 365 * 24 * 3600


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keeps the language named in the form, and goes back to where the reader was."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    asked = request.POST.get("language", "")
    if asked in LANGUAGES:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, asked, max_age=_YEAR, httponly=True,
            secure=settings.LANGUAGE_COOKIE_SECURE, samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        )  # fmt: skip
    return response
