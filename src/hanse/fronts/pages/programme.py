"""What does one edition of a programme ask, give and count, in words, for whoever has to live by it?

Made from the edition itself, so that what is read is what judges. `?country=FR` points out a country's own numbers; a
partner's own are pointed out without asking.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from hanse.apps.programmes.reading import day_of, to_read
from hanse.apps.programmes.selectors import loaded
from hanse.apps.registry.selectors import see_partner
from hanse.apps.standings.lived import editions_lived
from hanse.decisions.readable import Readable, read
from hanse.fronts.pages.programmes import STATES, read_by, title_of
from hanse.language.words import mark

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.edition import Edition
    from hanse.language.words import Words

KEPT = 96  # pages of rules that are kept made: an edition by day, language and country class


@require_safe
def programme(request: PageRequest, name: str) -> HttpResponse:
    """The rules of one edition. Raises NotThere for one that the reader may not read."""
    today = timezone.localdate()
    lived = editions_lived(actor=request.actor)
    version = to_read(actor=request.actor, name=name, day=today, lived=lived)
    edition = loaded(version.id)
    day, country = day_of(version, edition, today), _country(request)
    shown = {
        "version": version,
        "title": title_of(version, request),
        "state": STATES[version.state],
        "day": day,
        "body": _body(version.id, version.content_hash, day, request.words, _alike(edition, country)),
        "others": [(one.name, title_of(one, request)) for one in read_by(request) if one.name != version.name],
        "countries": _countries(edition, request.words),
        "country": country,
    }
    return render(request, "pages/programme.html", shown)


@lru_cache(maxsize=KEPT)
def _body(version: int, content: str, day: date, words: Words, country: str) -> SafeString:  # noqa: ARG001 (the key)
    """The sections of the page, made once for each content: nothing in them depends on who reads but these."""
    told = read(loaded(version), day, words, country=country)
    html = render_to_string("pages/programme_rules.html", {"rules": told, "sections": list(_sections(told))})
    return mark_safe(html)  # made by a template, which has escaped it


def _sections(told: Readable) -> Iterator[tuple[str, str]]:
    """The sections that there are: where each begins, and its heading."""
    for there, where, says in (
        (told.levels, "levels", mark("Levels")), (told.competencies, "competencies", mark("Competencies")),
        (told.benefits, "benefits", mark("Benefits")), (told.life or told.firms, "life", mark("The life of a level")),
        (told.waivers, "waivers", mark("Not asked for a while")),
        (told.transition or told.credits, "transition", mark("From the older programme")),
        (told.later, "later", mark("What changes later")),
        (told.asked_metrics or told.other_metrics, "counting", mark("What counts, and how")),
        (told.classes, "countries", mark("Classes of countries")),
        (told.clauses, "clauses", mark("Clauses of the guide")),
    ):  # fmt: skip
        if there:
            yield where, says


def _country(request: PageRequest) -> str:
    """The country asked about, else that of the reader's own firm."""
    asked = request.GET.get("country", "").strip().upper()
    if len(asked) == 2 and asked.isalpha():
        return asked
    if not request.actor.partners:
        return ""
    return str(see_partner(request.actor, min(request.actor.partners)).country)


def _alike(edition: Edition, country: str) -> str:
    """One country for all that the edition treats alike, so that few pages are kept."""
    if not country or not edition.classes:
        return ""
    tables = edition.classes.values()
    classes = [table.get(country, table.get("else")) for table in tables]
    named = ["ZZ", *sorted({code for table in tables for code in table}), country]  # ZZ: one of all the others
    return next(code for code in named if [table.get(code, table.get("else")) for table in tables] == classes)


def _countries(edition: Edition, words: Words) -> list[tuple[str, str]]:
    """The countries that the edition names, to choose from."""
    codes = {code for table in edition.classes.values() for code in table if code != "else"}
    return sorted(((code, words.country(code)) for code in codes), key=lambda pair: pair[1])
