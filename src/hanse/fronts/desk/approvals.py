"""What waits for somebody: levels, publications, runs to be confirmed, files with a question?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render

from hanse.apps.accounts import policy
from hanse.apps.evaluation import services
from hanse.apps.imports import selectors as imports
from hanse.apps.programmes.selectors import publications_waiting
from hanse.apps.registry.selectors import names_of, see_partner
from hanse.apps.standings import outlook
from hanse.apps.standings.selectors import answers_of, standings_of, unconfirmed, waiting_list
from hanse.fronts.desk import deciding, import_words, office_words
from hanse.fronts.pages import asked
from hanse.language.problems import HanseError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse

    from hanse.apps.standings.outlook import Book
    from hanse.apps.standings.selectors import Row
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.problems import Problem

SHOWN, EVERY = 15, 500  # of the levels that wait
_OPEN = ("asked", "ready", "failed")


def approvals(request: PageRequest) -> HttpResponse:
    """Everything that waits for a person, as far as the reader sees it; sent, one level is let go."""
    typed: dict[str, str] = {}
    problems: list[Problem] = []
    if request.method == "POST":
        typed = {name: asked.posted(request, name) for name in ("partner", "edition", "subject", "why")}
        if not typed["why"]:
            return _page(request, typed, [], missing=True)
        try:
            return _approved(request, typed)
        except (policy.NotThere, policy.Refused):
            raise
        except HanseError as error:
            problems = list(error.problems)
    return _page(request, typed, problems)


def _approved(request: PageRequest, typed: Mapping[str, str]) -> HttpResponse:
    """Says yes, and tells where the partner stands now."""
    known, words = see_partner(request.actor, typed["partner"]), request.words
    before = _stands(request, known.key, typed["edition"])
    services.approve(
        actor=request.actor, partner=known.key, subject=typed["subject"], reason=typed["why"], edition=typed["edition"]
    )
    after = _stands(request, known.key, typed["edition"])
    book = outlook.book(actor=request.actor, edition=typed["edition"])
    read = book.read if book else {"levels": ()}
    one, other = (deciding.level_label(words, read, level) for level in (before, after))
    if before == after:
        messages.success(
            request, words.say("{name} is approved; its level stays {level}.", name=known.name, level=other)
        )
    else:
        said = words.say("{name} is approved: {before} → {after}.", name=known.name, before=one, after=other)
        messages.success(request, said)
    return redirect("approvals")


def _stands(request: PageRequest, partner: str, edition: str) -> str | None:
    listed = standings_of(request.actor, partner)
    return next((row["level"] for row in listed if row["edition"] == edition), None)


def _page(
    request: PageRequest, typed: Mapping[str, str], problems: list[Problem], *, missing: bool = False
) -> HttpResponse:
    actor, words = request.actor, request.words
    waiting = waiting_list(actor)
    shown_of = EVERY if request.GET.get("all") == "1" else SHOWN
    names = names_of(actor, [row["partner"] for row in waiting[:shown_of]])
    books = {book.edition: book for book in outlook.books(actor=actor)}
    shown: dict[str, Any] = {
        "waiting": [_level(row, names, books, request, typed) for row in waiting[:shown_of]],
        "more": len(waiting) - shown_of,
        "of": len(waiting),
        "may": policy.may(actor, "evaluation.approve"),
        "publications": _publications(request) if policy.may(actor, "programmes.office") else [],
        "unconfirmed": unconfirmed(actor) if actor.everywhere else [],
        "files": [],
        "mends": [],
        "problems": problems,
        "missing": missing,
    }
    if policy.may(actor, "imports.see"):
        files = [one for one in imports.upload_list(actor) if one["state"] in _OPEN]
        shown["files"] = [one | {"says": words.say(import_words.UPLOAD_STATES[one["state"]])} for one in files]
        shown["mends"] = [one | {"left": one["refused"] - one["taken"]} for one in imports.unsettled(actor, limit=20)]
    shown["nothing"] = not any(shown[name] for name in ("waiting", "publications", "unconfirmed", "files", "mends"))
    return render(request, "desk/approvals.html", shown, status=400 if problems or missing else 200)


def _publications(request: PageRequest) -> list[dict[str, Any]]:
    """What is to be published, for a second person to answer."""
    return [
        {
            "one": one,
            "title": request.words.label(one.title, one.edition),
            "says": office_words.STATES[one.state],
            "version": one.key.rpartition("@")[2],
        }
        for one in publications_waiting(request.actor)
    ]


def _level(
    row: Row, names: Mapping[str, str], books: Mapping[str, Book], request: PageRequest, typed: Mapping[str, str]
) -> dict[str, Any]:
    """A level that waits: of whom, which, and for what answers."""
    words, awaiting = request.words, str(row["awaiting"])
    read = books[row["edition"]].read if row["edition"] in books else {"levels": (), "metrics": {}}
    level = awaiting.partition(":")[0]
    answers = [words.label((read["metrics"].get(answer) or {}).get("label"), answer) for answer in answers_of(awaiting)]
    mine = typed.get("partner") == row["partner"] and typed.get("edition") == row["edition"]
    return {
        **row,
        "name": names.get(row["partner"], row["partner"]),
        "now": deciding.level_label(words, read, row["level"]),
        "next": level,
        "next_label": deciding.level_label(words, read, level),
        "asked": ", ".join(answers),
        "why": typed.get("why", "") if mine else "",
        "mine": mine,
    }
