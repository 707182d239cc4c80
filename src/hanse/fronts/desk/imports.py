"""Which files were imported, what became of their rows, and which are on their way?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from hanse.apps.accounts.policy import PROGRAMME, require
from hanse.apps.imports import selectors, uploads
from hanse.fronts.desk import import_words
from hanse.fronts.pages import asked
from hanse.fronts.pages.uploads import MEGABYTE, TooLarge, bound, too_large
from hanse.language.problems import HanseError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.files.uploadedfile import UploadedFile

    from hanse.fronts.pages.reader import PageRequest

SHOWN = 100
SCRIPTED = "X-Upload"  # a script sends the files, and wants to know where to go on


def imports(request: PageRequest) -> HttpResponse:
    """The imports, the newest first, each with its counts, and those that are on their way; files sent are taken in."""
    if request.method == "POST":
        return _received(request)
    return _page(request, source=asked.text(request, "source"))


def taken_in(
    request: PageRequest, files: Sequence[UploadedFile], source: str, mends: int | None = None
) -> tuple[list[int], list[Problem]]:
    """Takes files in; returns the numbers of their uploads, and what is wrong with the others. Raises Refused."""
    require(request.actor, "imports.upload")
    numbers, problems = [], []
    for file in files:
        name = uploads.plain_name(file.name or "")
        if isinstance(file, TooLarge):
            problems.append(too_large(request, name, request.words))
            continue
        assert isinstance(file, TemporaryUploadedFile)
        try:
            path = Path(file.temporary_file_path())
            numbers.append(uploads.receive(actor=request.actor, path=path, name=name, source=source, mends=mends))
        except HanseError as error:
            problems += import_words.problems(error.problems, request.words)
    return numbers, problems


def sent_on(request: PageRequest, address: str) -> HttpResponse:
    """To the next page: a script is told where it is, a browser is led there."""
    if request.headers.get(SCRIPTED):
        return HttpResponse(status=204, headers={"X-Next": address})
    return redirect(address)


def _received(request: PageRequest) -> HttpResponse:
    say = request.words.say
    source = asked.posted(request, "source", 100)
    files = request.FILES.getlist("files")
    numbers, problems = taken_in(request, files, source)
    if not files:
        problems = [Problem(say("Files"), say("no file was chosen"), say("there is nothing to import"),
                            say("drop a file, or choose one"))]  # fmt: skip
    if problems:
        return _page(request, source=source, problems=problems, status=400)
    if len(numbers) == 1:
        return sent_on(request, reverse("upload", args=[numbers[0]]))
    messages.success(request, request.words.many("{n} file has arrived.", "{n} files have arrived.", len(numbers)))
    return sent_on(request, reverse("imports"))


def _page(
    request: PageRequest, *, source: str = "", problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    rows = [
        {**one, "says": import_words.STATES[str(one["state"])]}
        for one in selectors.import_list(request.actor, limit=SHOWN)
    ]
    coming = [
        {**one, "says": _state(one["state"], going_on=one["going_on"])} for one in selectors.upload_list(request.actor)
    ]
    shown = {
        "rows": rows,
        "coming": coming,
        "at_most": SHOWN,
        "problems": problems,
        "source": source,
        "sources": list(dict.fromkeys(row["source"] for row in rows)),
        "may": bool(request.actor.roles & PROGRAMME),
        "megabytes": bound(request) // MEGABYTE,
        "days": uploads.KEPT_DAYS,
    }
    return render(request, "desk/imports.html", shown, status=status)


def _state(state: str, *, going_on: bool) -> str:
    return (
        import_words.STOPPED
        if state in ("looking", "importing") and not going_on
        else import_words.UPLOAD_STATES[state]
    )
