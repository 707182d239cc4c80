"""What is there with this name? Partners, people, users, facts, files, rules and pages, in one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.shortcuts import render
from django.urls import reverse

from hanse.apps.accounts import policy
from hanse.apps.evidence.finding import facts_numbered
from hanse.apps.imports.selectors import files_named
from hanse.apps.registry.finding import people_named
from hanse.apps.registry.members import users_named
from hanse.apps.standings import outlook
from hanse.apps.standings.finding import clauses, partners_named
from hanse.fronts.desk import column_words, deciding, role_words
from hanse.fronts.pages import finding
from hanse.fronts.pages.finding import AT_MOST, Group, Hit

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.apps.standings.outlook import Book
    from hanse.fronts.pages.reader import PageRequest


def search(request: PageRequest) -> HttpResponse:
    """What was found, in groups; partners by the edition in force."""
    text = finding.typed(request)
    found: list[Group] = []
    if text:
        book = outlook.book(actor=request.actor)
        partners = _partners(request, book, text)
        found = finding.groups(
            partners, *_rules(request, book, text), _people(request, text), _users(request, text),
            _facts(request, text), _files(request, text), finding.menu(request, text),
        )  # fmt: skip
    shown: dict[str, Any] = {"q": text, "groups": found, "hits": sum(len(one.hits) for one in found)}
    return render(request, "pages/search.html", shown)


def _partners(request: PageRequest, book: Book | None, text: str) -> Group:
    words = request.words
    says = words.say("Partners")
    if book is None:
        return Group("partners", says, ())
    lines = partners_named(actor=request.actor, edition=book.edition, text=text, limit=AT_MOST)
    hits = []
    for line in lines:
        below = " · ".join(part for part in (line.partner, words.country(line.country), line.city or "") if part)
        label = deciding.level_label(words, book.read, line.stands)
        hits.append(Hit(line.name, below, reverse("partner", args=[line.partner]), (line.stands, label)))
    every = reverse("partners") + "?" + urlencode({"edition": book.edition, "text": text})
    return Group("partners", says, tuple(hits), every if len(hits) == AT_MOST else "")


def _rules(request: PageRequest, book: Book | None, text: str) -> list[Group]:
    if book is None:
        return []
    words, read = request.words, book.read
    here = reverse("programme", args=[book.edition])
    levels = [str(entry["level"]) for entry in read["levels"]]
    hits = [Hit(says, "", f"{here}#competencies") for _, says in finding.competencies(read, text, words)]
    return [
        finding.rules(read, clauses(actor=request.actor, subjects=levels), text, words, here),
        Group("competencies", words.say("Competencies"), tuple(hits[:AT_MOST])),
    ]


def _people(request: PageRequest, text: str) -> Group:
    found = people_named(actor=request.actor, text=text, limit=AT_MOST)
    hits = [
        Hit(one.person, " · ".join(part for part in (one.partner, one.role) if part),
            reverse("partner", args=[one.partner]) + "#people")
        for one in found
    ]  # fmt: skip
    return Group("people", request.words.say("People"), tuple(hits))


def _users(request: PageRequest, text: str) -> Group:
    words = request.words
    found = users_named(actor=request.actor, text=text, limit=AT_MOST)
    hits = []
    for one in found:
        held = ", ".join(dict.fromkeys(role_words.role(role.role, words) for role in one.roles))
        below = " · ".join(part for part in (one.username if one.name else "", held) if part)
        hits.append(Hit(one.name or one.username, below, reverse("user", args=[one.uuid])))
    every = reverse("users") + "?" + urlencode({"text": text})
    return Group("users", words.say("Users"), tuple(hits), every if len(hits) == AT_MOST else "")


def _facts(request: PageRequest, text: str) -> Group:
    words = request.words
    number = text.removeprefix("#")
    found = facts_numbered(actor=request.actor, number=int(number)) if _is_number(number) else []
    hits = []
    for one in found[:AT_MOST]:
        table = column_words.table(one.table, words)
        says = words.say("{table}, fact {n}", table=table, n=one.fact)
        address = reverse("fact", args=[one.table, one.fact])
        hits.append(Hit(says, f"{one.partner} · {one.place}", address))
    return Group("facts", words.say("Facts"), tuple(hits))


def _files(request: PageRequest, text: str) -> Group:
    says = request.words.say("Imported files")
    if not policy.may(request.actor, "imports.see"):
        return Group("files", says, ())
    found = files_named(request.actor, text, limit=AT_MOST)
    hits = [Hit(one["file"], f"{one['id']}", reverse("refused", args=[one["id"]])) for one in found]
    return Group("files", says, tuple(hits))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20
