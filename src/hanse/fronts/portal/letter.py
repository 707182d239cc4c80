"""What does a firm show to others: its level, since when and until when, and the competencies that it holds?

A page that prints as a letter; letter_pdf.py makes the same as a file. `?as-of=DAY` and `?edition=NAME` as for the
standing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hanse.apps.accounts.policy import not_there
from hanse.apps.registry.selectors import see_partner
from hanse.apps.standings import explained
from hanse.apps.standings.selectors import deciding_run
from hanse.decisions.explanation import explain
from hanse.fronts.pages.reader import PageRequest
from hanse.fronts.portal.firm import day_asked, firm_of
from hanse.language.words import Words


@dataclass(frozen=True)
class Letter:
    """What the letter says, in words; `held` are competencies with their depth and since when."""

    language: str
    title: str
    programme: str
    firm: str
    key: str
    place: str
    day: str
    level: str
    level_name: str
    says: str
    since: str
    until: str
    held_says: str
    held: tuple[tuple[str, str, str], ...]
    headings: tuple[str, str, str]
    verify: str
    numbers: str
    known_at: datetime


@require_safe
def letter(request: PageRequest) -> HttpResponse:
    """The page. Raises NotThere where there is no standing to be written of."""
    found = letter_of(request)
    kept = {name: request.GET[name] for name in ("partner", "as-of", "edition") if request.GET.get(name)}
    return render(request, "portal/letter.html", {"letter": found, "asked": urlencode(kept)})


def letter_of(request: PageRequest) -> Letter:
    """The letter that the address asks for. Raises NotThere, CallError."""
    firm, words, day = firm_of(request), request.words, day_asked(request)
    edition = request.GET.get("edition") or None
    outcome = explained.outcome(actor=request.actor, partner=firm, edition=edition, as_of=day)
    run = deciding_run(request.actor, firm, edition=edition, as_of=day)
    told = explain(outcome, words.label)
    if not told.granted:
        raise not_there("standing of", firm, "a letter is written of a level in force; see the page of the standing")
    say, name = words.say, told.partner.name or told.partner.partner
    city = see_partner(request.actor, firm).city
    country = words.country(told.partner.country) if told.partner.country else ""
    level = told.granted_label or told.granted
    until = told.granted_until if told.granted_until and told.granted_until >= told.as_of else None
    held = tuple(
        (one.label, one.depth_label or "", words.day(one.since) if one.since else "")
        for one in told.competencies
        if one.held
    )
    return Letter(
        language=words.language,
        title=say("Standing of {name}", name=name),
        programme=told.title,
        firm=name,
        key=told.partner.partner,
        place=", ".join(part for part in (city, country) if part),
        day=words.day(told.as_of),
        level=level,
        level_name=told.granted,
        says=say(
            "On {day}, {name} stands in the programme {programme} at the level",
            day=words.day(told.as_of), name=name, programme=told.title,
        ),
        since=say("since {day}", day=words.day(told.granted_from)) if told.granted_from else "",
        until=say("secure until {day}", day=words.day(until)) if until else "",
        held_says=_held_says(len(held), words),
        held=held,
        headings=(say("Competency"), say("Depth"), say("Held since")),
        verify=say("The vendor confirms this letter to whoever asks with the numbers below."),
        numbers=say(
            "Edition {edition} ({hash}) · run {run} · known until {moment}",
            edition=told.edition, hash=run.edition_hash[:12], run=run.pk, moment=words.moment(_known(told.known_at)),
        ),
        known_at=_known(told.known_at),
    )  # fmt: skip


def _held_says(n: int, words: Words) -> str:
    return words.many("It holds {n} competency:", "It holds {n} competencies:", n) if n else ""


def _known(moment: str | None) -> datetime:
    return datetime.fromisoformat(moment) if moment else datetime.now(UTC)
