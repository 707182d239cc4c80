"""What is known of one partner: where it stands and why, its people, the facts with their sources, its history?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse

from hanse.apps.accounts import policy
from hanse.apps.accounts.policy import NotThere
from hanse.apps.evidence.selectors import facts_of
from hanse.apps.evidence.structure import events_of
from hanse.apps.registry.ageing import age_of
from hanse.apps.registry.members import accounts_at
from hanse.apps.registry.selectors import names_of, people_of, see_partner
from hanse.apps.standings import explained
from hanse.apps.standings.selectors import history
from hanse.decisions.explanation import explain
from hanse.decisions.mistakes import SENTENCES
from hanse.fronts.desk import column_words, deciding, event_words, users
from hanse.fronts.pages import asked, group_trees, telling
from hanse.language.facts import CONTRACT
from hanse.language.words import mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpResponse

    from hanse.apps.evidence.structure import Event
    from hanse.apps.standings.selectors import Row
    from hanse.decisions.explanation_views import Explanation
    from hanse.fronts.pages.reader import PageRequest
    from hanse.language.words import Words

ROWS = 50  # of facts, of people
TABLES = (  # of one partner's facts, the commonest first
    "sales", "certifications", "surveys", "references", "attestations", "deals", "benefit_uses", "levels_held",
    "exceptions", "people", "ownership", "partners", "series", "associations", "contracts", "assignments",
)  # fmt: skip
_NUMERIC = ("amount", "number", "rate", "integer", "real")
_ABSENT = {
    "left": mark("The partner has left and has no standing."),
    "not_yet": mark("The partner has not joined yet: it has no standing."),
    "absent": mark("Nobody has judged this partner. Evaluate, and its standing is here."),
}


def partner(request: PageRequest, key: str) -> HttpResponse:
    """Everything about one partner. Raises NotThere for one that the actor may not see."""
    actor, words = request.actor, request.words
    key = asked.key(key)
    known = see_partner(actor, key)
    told, read = _explained(request, key)
    table = asked.one_of(request, "facts", TABLES)
    people, happened = people_of(actor, key), events_of(actor=actor, partner=key)
    shown: dict[str, Any] = {
        "partner": known,
        "type": deciding.type_label(words, known.type),
        "told": told,
        "absent": _ABSENT.get(told.partner.standing if told else "absent", _ABSENT["absent"]),
        "levels": [telling.level_told(told, level, words) for level in told.next] if told else [],
        "own": telling.level_told(told, told.own, words) if told and told.own else None,
        "competencies": _competencies(told, words),
        "people": people[:ROWS],
        "more_people": len(people) - ROWS,
        "history": [_moved(row, read, words) for row in reversed(history(actor, key))],
        "problems": _problems(told, words),
        "accounts": [users.row(one, words) for one in accounts_at(actor=actor, partner=key)],
        "went_into": see_partner(actor, known.merged_into) if known.merged_into else None,
        "events": _events(request, happened),
        "called": [
            (one.name, one.on)
            for one in happened
            if (one.partner, one.kind) == (key, "renamed") and one.name and one.on
        ],
        "tree": group_trees.tree(
            actor=actor,
            partner=key,
            on=asked.day(request, "on"),
            words=words,
            link=lambda one: reverse("partner", args=[one]),
        ),
        "age": age_of(actor=actor, partner=key),
        "may_merge": policy.may(actor, "evidence.merge"),
        "may_record": policy.may(actor, "evidence.record_entry"),
        "may_waive": policy.may(actor, "evidence.record_waiver"),
        "may_see_as": policy.may(actor, "accounts.see_as"),
        "may_invite": policy.may(actor, "accounts.user_add"),
        "tables": [(name, column_words.table(name, words)) for name in TABLES],
        "table": table,
    }
    if told and told.known_at:
        shown["known_at"] = datetime.fromisoformat(told.known_at)
    if table:
        shown |= _facts(request, key, table)
    return render(request, "desk/partner.html", shown)


def _events(request: PageRequest, found: Sequence[Event]) -> list[dict[str, Any]]:
    """What became of the firm and of those that went into it, in the reader's language."""
    names = names_of(request.actor, [end for one in found for end in (one.partner, one.into or "")]) if found else {}
    return [event_words.told(one, names, request.words) for one in found]


def _explained(request: PageRequest, key: str) -> tuple[Explanation | None, Mapping[str, Any]]:
    """The explanation of the standing, and how its programme read; none where nobody has judged the partner."""
    edition = asked.text(request, "edition") or None
    try:
        outcome = explained.outcome(actor=request.actor, partner=key, edition=edition)
    except NotThere:  # the partner itself is there: it has no standing
        return None, {"levels": (), "metrics": {}}
    return explain(outcome, request.words.label), outcome.outline


def _competencies(told: Explanation | None, words: Words) -> list[dict[str, Any]]:
    """Those held, then those that lack one requirement, with it."""
    found = []
    for one in told.competencies if told else ():
        lacks = [] if one.held else [(r.label, *telling.numbers(r, words)) for r in one.requirements if not r.met]
        found.append(
            {"label": one.label, "depth": one.depth_label, "held": one.held, "since": one.since, "lacks": lacks}
        )
    return found


def _moved(row: Row, read: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """A move of the levels, with its reason in the reader's language."""
    sides = {}
    for side in ("before", "after"):
        sides[side] = row[f"level_{side}"]
        sides[f"{side}_label"] = deciding.level_label(words, read, row[f"level_{side}"])
    other = row["granted_after"] and row["granted_after"] != row["level_after"]
    sides["in_force"] = deciding.level_label(words, read, row["granted_after"]) if other else ""
    return {**row, **sides, "reason": telling.because(str(row["reason"]), read, words)}


def _problems(told: Explanation | None, words: Words) -> list[dict[str, Any]]:
    """The rows with a mistake that could not count, in the reader's language."""
    whats, whys = ([pair[at] for pair in SENTENCES.values()] for at in (0, 1))
    return [
        {
            "place": f"{one.file}:{one.line}",
            "what": words.sentence(one.what, whats),
            "why": words.sentence(one.why, whys),
        }
        for one in (told.problems if told else ())
    ]


def _facts(request: PageRequest, key: str, table: str) -> dict[str, Any]:
    """The facts of one table that count now: columns that hold something, and where each was said."""
    rows = facts_of(request.actor, key, table, limit=ROWS + 1)
    columns = [c for c in CONTRACT[table].columns if c.name != "partner" and any(r[c.name] is not None for r in rows)]
    numeric = {c.name: c.type in _NUMERIC for c in columns}
    shown = [
        {
            "cells": [
                (telling.value(row[name], None, request.words), is_number) for name, is_number in numeric.items()
            ],
            "place": f"{row['file'] or row['source']}:{row['line']}",
            "fact": row["fact"],
            "recorded": row["recorded"],
            "author": row["author"],
            "reason": row["reason"],
        }
        for row in rows[:ROWS]
    ]
    names = [(column_words.heading(name, request.words), is_number) for name, is_number in numeric.items()]
    return {"columns": names, "facts": shown, "more_facts": len(rows) > ROWS, "at_most": ROWS}
