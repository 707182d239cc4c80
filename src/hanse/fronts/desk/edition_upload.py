"""Is what somebody sends an edition? An archive of its folder is checked, kept as a draft, and rehearsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse

from hanse.apps.evaluation import jobs, rehearsals
from hanse.apps.programmes import services, uploads
from hanse.apps.programmes.selectors import editions, loaded
from hanse.apps.standings import outlook
from hanse.fronts.desk import office_words
from hanse.fronts.pages import asked
from hanse.language.problems import CallError, HanseError, Problem

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.apps.programmes.selectors import Seen
    from hanse.fronts.pages.reader import PageRequest

NEITHER = "-"


def edition_upload(request: PageRequest) -> HttpResponse:
    """The form; sent, a draft is kept, its cases are run, and it is rehearsed against the edition that was chosen."""
    words = request.words
    found = editions(actor=request.actor, day=office_words.today())
    typed = {"reason": "", "before": next((one.key for one in found if one.state == "in_force"), NEITHER)}
    typed["before"] = asked.text(request, "before") or typed["before"]
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        typed = {name: asked.posted(request, name, 2000) for name in typed}
        try:
            return _kept(request, typed, found)
        except HanseError as error:
            problems = error.problems
    shown = {
        "typed": typed,
        "problems": problems,
        "kinds": ", ".join(uploads.KINDS),
        "neither": NEITHER,
        "megabytes": uploads.SENT >> 20,
        "files": uploads.FILES,
        "versions": [(one.key, office_words.title_of(one, words), office_words.STATES[one.state]) for one in found],
    }
    return render(request, "desk/edition_upload.html", shown, status=400 if problems else 200)


def _kept(request: PageRequest, typed: dict[str, str], found: list[Seen]) -> HttpResponse:
    actor, say = request.actor, request.words.say
    sent = request.FILES.get("archive")
    if sent is None:
        raise CallError(
            Problem(
                say("the file"),
                say("no file was chosen"),
                say("there is nothing to check"),
                say("choose the .zip or .tar.gz of the edition's folder"),
            )
        )
    if not typed["reason"]:
        raise CallError(
            Problem(
                say("the reason"),
                say("no reason is given"),
                say("whoever looks back must see why"),
                say("say what is tried, and why"),
            )
        )
    if sent.size is None or sent.size > uploads.SENT:
        raise CallError(
            Problem(
                str(sent.name),
                say("the archive is too large"),
                say("an edition has a few dozen small files"),
                say("send the edition's files alone"),
            )
        )
    files = uploads.files_in(str(sent.name), sent.read())
    before = next((one for one in found if one.key == typed["before"]), None)
    made = services.draft(actor=actor, files=files, base=before.key if before else "", reason=typed["reason"])
    messages.success(
        request,
        say("{key} is kept as a draft.", key=made.version.key)
        if made.new
        else say("{key} is what was sent: it was here already.", key=made.version.key),
    )
    if before is None or before.id == made.version.id:
        jobs.check_cases.defer(version=made.version.id)
        return redirect(reverse("edition", args=[made.version.name]) + f"?version={made.version.number}")
    books = next((book for book in outlook.books(actor=actor) if book.edition == before.name), None)
    as_of = books.as_of if books else office_words.today()
    first = loaded(made.version.id).programme.in_force
    number = rehearsals.rehearse(
        actor=actor, before=before.key, after=made.version.key, as_of=as_of, rules_as_of=max(first or as_of, as_of)
    )
    return redirect("rehearsal", number)
