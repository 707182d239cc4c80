"""Which partners are there, where does each stand, and what decides about the next level?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.shortcuts import redirect, render
from django.urls import reverse

from hanse.apps.accounts import policy, saved_views
from hanse.apps.standings import lists, outlook
from hanse.apps.standings.lists import FALLING, MOVING, RISING, SORTS, Wanted
from hanse.fronts.desk import deciding
from hanse.fronts.pages import asked
from hanse.language.words import mark

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from hanse.apps.standings.outlook import Book
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.words import Words

PAGE = "partners"  # under which the views of this list are kept
SHARED = ("edition", "text", "country", "level", "type", "moving", "group")  # filters that the map has too
WITHIN = ("30", "90", "180")  # days within which a level ends
_MOVING = {
    "rising": mark("one requirement short of the next level"),
    "falling": mark("about to lose the level"),
    "waiting": mark("waiting for a person's answer"),
}
_HEADINGS = (  # how a column sorts, and what it is called
    ("name", mark("Partner")),
    ("country", mark("Country")),
    ("level", mark("Level")),
    ("", mark("What decides")),
    ("until", mark("Until")),
)


def partners(request: PageRequest) -> HttpResponse:
    """A page of the list, as the address wants it: every filter, the order and the place are in the address."""
    book = outlook.book(actor=request.actor, edition=asked.text(request, "edition"))
    if book is None:
        return render(request, "desk/partners.html", {"book": None, "may_add": may_add(request)})
    kept = saved_views.views(actor=request.actor, page=PAGE)
    opens = next((one for one in kept if one.first), None)
    if opens is not None and opens.query and not request.META["QUERY_STRING"]:
        return redirect(f"{reverse('partners')}?{opens.query}")
    wanted = wanted_of(request, book)
    page = lists.partner_page(
        actor=request.actor,
        wanted=wanted,
        after=asked.text(request, "after", 300),
        before=asked.text(request, "before", 300),
    )
    counts = lists.partner_counts(actor=request.actor, wanted=wanted)
    said, here = parameters(wanted), reverse("partners")
    shown = {
        "book": book,
        "wanted": wanted,
        "rows": [_row(request, book, line, here) for line in page.lines],
        "counts": counts,
        "counted": lists.COUNTED,
        "filters": filters(counts, book, request.words),
        "headings": _headings(wanted, said),
        "first": asked.query(said) if page.earlier else "",
        "earlier": asked.query(said, before=page.lines[0].partner) if page.earlier and page.lines else "",
        "later": asked.query(said, after=page.lines[-1].partner) if page.later else "",
        "export": asked.query(said),
        "views": kept,
        "may_add": may_add(request),
        "query": asked.query(said)[1:],
        "shared": asked.query({name: said[name] for name in SHARED}),
        "without_group": asked.query(said, group=""),
        "narrowed": any(
            (wanted.country, wanted.level, wanted.type, wanted.group, wanted.text, wanted.moving, wanted.within)
        ),
    }
    return render(request, "desk/partners.html", shown)


def may_add(request: PageRequest) -> bool:
    """May the reader enter a new partner by hand?"""
    return policy.may(request.actor, "evidence.record_entry")


def wanted_of(request: HttpRequest, book: Book) -> Wanted:
    """The filters and the order that an address asks for."""
    return Wanted(
        edition=book.edition,
        country=asked.text(request, "country"),
        level=asked.text(request, "level"),
        type=asked.text(request, "type"),
        group=asked.text(request, "group"),
        text=asked.text(request, "text"),
        moving=asked.one_of(request, "moving", MOVING),
        within=int(asked.one_of(request, "within", WITHIN, "0")),
        day=book.as_of,
        sort=asked.one_of(request, "sort", SORTS, "name"),
        descending=request.GET.get("down") == "1",
    )


def parameters(wanted: Wanted) -> dict[str, object]:
    """The same as the parameters of an address."""
    return {
        "edition": wanted.edition,
        "country": wanted.country,
        "level": wanted.level,
        "type": wanted.type,
        "group": wanted.group,
        "text": wanted.text,
        "moving": wanted.moving,
        "within": wanted.within or "",
        "sort": wanted.sort if wanted.sort != "name" else "",
        "down": wanted.descending,
    }


def decides(words: Words, read: Mapping[str, Any], line: lists.Line) -> tuple[str, deciding.Told | None]:
    """What decides about a partner, if anything: `falling`, `waiting`, `rising` or `lacking`; and the requirement."""
    if line.falling:
        return FALLING, deciding.told(words, read, line.fails) if line.fails else None
    if line.awaiting:
        return "waiting", None
    if line.closest is not None:
        return RISING, deciding.told(words, read, line.closest)
    return ("lacking" if line.lacking else ""), None


def _row(request: PageRequest, book: Book, line: lists.Line, here: str) -> dict[str, Any]:
    words, read = request.words, book.read
    what, told = decides(words, read, line)
    return {
        "line": line,
        "link": f"{here}{quote(line.partner)}/",
        "type": deciding.type_label(words, line.type),
        "stands": deciding.level_label(words, read, line.stands),
        "next": deciding.level_label(words, read, line.next),
        "what": what,
        "told": told,
        "until": line.until if line.until and line.until >= book.as_of else None,
    }


def filters(counts: lists.Counts, book: Book, words: Words) -> dict[str, list[tuple[Any, str, int]]]:
    """What may be chosen: value, name, how many there are; countries and types by name, levels from high to low."""
    countries = [
        (code, words.country(code) if code else words.say("no country"), n) for code, n in counts.countries.items()
    ]
    types = [(kind, deciding.type_label(words, kind), n) for kind, n in counts.types.items()]
    order = [str(entry["level"]) for entry in reversed(book.read["levels"])]
    levels = [(name, deciding.level_label(words, book.read, name), counts.levels.get(name, 0)) for name in order]
    return {
        "within": [(int(days), words.many("within {n} day", "within {n} days", int(days)), 0) for days in WITHIN],
        "countries": sorted(((v, s, n) for v, s, n in countries if v), key=lambda c: c[1]),
        "types": sorted(((v, s, n) for v, s, n in types if v), key=lambda t: t[1]),
        "levels": levels,
        "moving": moving(words),
    }


def moving(words: Words) -> list[tuple[Any, str, int]]:
    """The ways to be on the move, as a field offers them."""
    return [(name, words.say(says), 0) for name, says in _MOVING.items()]


def _headings(wanted: Wanted, said: Mapping[str, object]) -> list[dict[str, str]]:
    """The columns: what each is called, where a press leads, and how it is sorted now."""
    found = []
    for sort, says in _HEADINGS:
        here = sort == wanted.sort
        turned = (
            asked.query(said, sort="" if sort == "name" else sort, down=here and not wanted.descending) if sort else ""
        )
        sorted_ = ("descending" if wanted.descending else "ascending") if here else ""
        found.append({"says": says, "link": turned, "sorted": sorted_})
    return found
