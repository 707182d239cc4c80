"""Which partners are there, for everybody? A list by country, a page of each that chose it, and what search engines
read.

Nobody needs to sign in, so nothing here is of one reader: the pages hold no form and no cookie, and may be kept for a
while. `?lang=fr` says the language; without it the reader's own is taken.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from hanse.apps.accounts.policy import NotThere
from hanse.apps.directory import selectors
from hanse.apps.directory.search import Wanted, search
from hanse.fronts.pages import asked, firms
from hanse.fronts.pages.reader import words
from hanse.language.words import LANGUAGES

if TYPE_CHECKING:
    from django.http import HttpRequest

KEPT = 600  # seconds for which a page may be kept by whoever asks
SITEMAP = 20_000  # addresses in one file
_ROBOTS = "User-agent: *\nAllow: /directory/\nAllow: /static/\nDisallow: /\nSitemap: {sitemap}\n"


@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    """The countries with how many partners there are, or with `?country=` those of one, a page at a time."""
    with translation.override(_language(request)):
        country = asked.text(request, "country").upper()[:2]
        text = asked.text(request, "text")
        countries = selectors.public_countries()
        says = words()
        named = sorted(((code, says.country(code), n) for code, n in countries.items()), key=lambda one: one[1])
        shown: dict[str, Any] = {"countries": named, "country": country, "text": text, "total": sum(countries.values())}
        if country or text:
            found = search(
                actor=None, wanted=Wanted(country=country, text=text, edition=_edition()),
                after=asked.text(request, "after", 300), before=asked.text(request, "before", 300),
            )  # fmt: skip
            edition = selectors.books(actor=None).get(_edition(), {})
            said = {"lang": request.GET.get("lang", "")[:2], "country": country, "text": text}
            shown |= {
                "found": found, "cards": [firms.card(line, edition, says) for line in found.lines],
                "earlier": asked.query(said, before=found.earlier) if found.earlier else "",
                "later": asked.query(said, after=found.later) if found.later else "",
            }  # fmt: skip
        return _answer(request, "pages/directory.html", shown)


@require_safe
def directory_firm(request: HttpRequest, key: str) -> HttpResponse:
    """What a partner shows to everybody; 404 where that is nothing."""
    key = asked.key(key)
    with translation.override(_language(request)):
        edition = _edition()
        try:
            seen = selectors.firm(actor=None, partner=key, edition=edition)
        except NotThere as error:
            raise Http404 from error
        card = firms.card(seen.line, selectors.books(actor=None).get(edition, {}), words())
        about = [name for name, _ in card.competencies] + list(card.solutions)
        shown = {"card": card, "seen": seen, "about": ", ".join(about[:5])}
        return _answer(request, "pages/directory_firm.html", shown)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may look at: the directory, and nothing else."""
    text = _ROBOTS.format(sitemap=request.build_absolute_uri("/sitemap.xml"))
    return _kept(HttpResponse(text, content_type="text/plain; charset=utf-8"), request)


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The addresses of the directory; where there are very many, in several files (`?part=`)."""
    total, part = sum(selectors.public_countries().values()), asked.text(request, "part", 6)
    if total > SITEMAP and not part:
        parts = [request.build_absolute_uri(f"/sitemap.xml?part={n + 1}") for n in range(-(-total // SITEMAP))]
        shown: dict[str, Any] = {"parts": parts}
    else:
        number = int(part) if re.fullmatch("[0-9]{1,6}", part) else 1
        keys = selectors.public_keys((max(1, number) - 1) * SITEMAP, SITEMAP)
        shown = {"entries": [_addresses(request, reverse("directory_firm", args=[key])) for key in keys]}
    answer = render(request, "pages/sitemap.xml", shown, content_type="application/xml; charset=utf-8")
    return _kept(answer, request)


def _answer(request: HttpRequest, template: str, shown: dict[str, Any]) -> HttpResponse:
    here = {name: value for name in ("country", "text", "after", "before") if (value := asked.text(request, name, 300))}
    shown |= _addresses(request, request.path, here)
    shown["lang"] = request.GET.get("lang", "") if request.GET.get("lang", "") in LANGUAGES else ""
    answer = render(request, template, shown)
    answer.headers["Content-Language"] = words().language
    return _kept(answer, request)


def _addresses(request: HttpRequest, path: str, here: dict[str, str] | None = None) -> dict[str, Any]:
    """The address of a page in each language, and the one that leaves the language to the reader."""

    def of(language: str) -> str:
        said = urlencode({**(here or {}), **({"lang": language} if language else {})})
        return request.build_absolute_uri(path + (f"?{said}" if said else ""))

    return {"here": of(""), "alternates": [(code, of(code)) for code in sorted(LANGUAGES)]}


def _kept(answer: HttpResponse, request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        patch_cache_control(answer, public=True, max_age=KEPT)
    return answer


def _language(request: HttpRequest) -> str:
    asked = request.GET.get("lang", "")
    return asked if asked in LANGUAGES else words().language


def _edition() -> str:
    return next(iter(selectors.books(actor=None)), "")
