"""Which cases of a draft do not hold any more, and how do they read when they are brought up to date?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse

from hanse.apps.evaluation import jobs
from hanse.apps.programmes import drafting, services
from hanse.apps.programmes.selectors import checked_cases, files_of
from hanse.fronts.desk import office_words
from hanse.fronts.pages import asked
from hanse.language.problems import CallError, HanseError, Problem

if TYPE_CHECKING:
    from django.http import HttpResponse

    from hanse.apps.programmes.selectors import Checked, Seen
    from hanse.fronts.pages.reader import PageRequest

SHOWN = 40  # so many at a time
LONGEST = 20_000


def edition_cases(request: PageRequest, name: str) -> HttpResponse:
    """The cases that fail, each as it is written; sent, they are kept in a further draft, whose cases are run."""
    one, _ = office_words.edition_of(request, asked.key(name))
    checked = checked_cases(one.id)
    files = files_of(one.id)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST" and checked is not None:
        try:
            return _kept(request, one, checked, files)
        except HanseError as error:
            problems = error.problems
    rows = _rows(request, checked, files) if checked else []
    shown = {
        "one": one,
        "title": office_words.title_of(one, request.words),
        "checked": checked,
        "rows": rows,
        "problems": problems,
        "typed": request.POST,
        "more": len(checked.failing) - len(rows) if checked else 0,
    }
    return render(request, "desk/edition_cases.html", shown, status=400 if problems else 200)


def _rows(request: PageRequest, checked: Checked, files: dict[str, bytes]) -> list[dict[str, Any]]:
    found = []
    for case in checked.failing[:SHOWN]:
        field = f"{case['file']}:{case['index']}"
        text = drafting.case_text(files[case["file"]].decode(), case["index"])
        found.append(
            {
                **case,
                "field": field,
                "text": request.POST.get(f"text:{field}", text),
                "out": request.POST.get(f"out:{field}") == "1",
            }
        )
    return found


def _kept(request: PageRequest, one: Seen, checked: Checked, files: dict[str, bytes]) -> HttpResponse:
    """A further version with the cases as they read now. Raises HanseError."""
    say = request.words.say
    changed = dict(files)
    for case in sorted(checked.failing[:SHOWN], key=lambda c: -c["index"]):  # from the end, so that places stay
        field = f"{case['file']}:{case['index']}"
        text = changed[case["file"]].decode()
        given = request.POST.get(f"text:{field}", "")[:LONGEST]
        if request.POST.get(f"out:{field}") == "1":
            changed[case["file"]] = drafting.with_case(text, case["index"], None).encode()
        elif given.strip() and given.replace("\r\n", "\n").strip() != drafting.case_text(text, case["index"]).strip():
            changed[case["file"]] = drafting.with_case(text, case["index"], given).encode()
    if changed == files:
        raise CallError(
            Problem(
                one.key,
                say("no case reads otherwise"),
                say("the same cases fail again"),
                say("change what a case expects, or leave it out"),
            )
        )
    reason = asked.posted(request, "reason", 2000) or say("cases brought up to date")
    made = services.draft(actor=request.actor, files=changed, base=one.key, reason=reason)
    jobs.check_cases.defer(version=made.version.id)
    messages.success(request, say("Kept as {key}. Its cases are run now.", key=made.version.key))
    return redirect(reverse("edition_cases", args=[made.version.name]) + f"?version={made.version.number}")
