"""How would a partner stand if some facts were different? The same decision, over its facts with changes laid over them.

Pure reading: nothing is recorded, no lock is taken, and neither a run nor another what-if is kept waiting. What it answers is
what recording the same facts and judging the partner anew would give, row for row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from hanse.apps.evaluation import alone, laid_over
from hanse.apps.evaluation.askable import Askable, askable
from hanse.apps.evaluation.supposed import About, Change, Wrong, WrongChangeError, meant
from hanse.apps.evidence.selectors import facts_of, texts_of
from hanse.apps.programmes.selectors import loaded
from hanse.apps.registry.selectors import see_partner
from hanse.apps.standings import explained
from hanse.apps.standings.selectors import deciding_run
from hanse.decisions.explanation_views import Outcome, Partner
from hanse.language import model
from hanse.language.context import Days
from hanse.language.facts import CONTRACT
from hanse.language.problems import EditionError

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor
    from hanse.language.edition import Edition

YEARS = 5  # so far from the day of the books may another day be judged
_FACTS = 5000  # of one table that a change may be about


@dataclass(frozen=True)
class Answer:
    """How a partner stands, and how it would. `after` is None where nothing was changed, or it cannot be judged alone.

    `everybody` names what makes an edition compare partners with one another: what one partner would be given depends on
    all others then.
    """

    before: Outcome
    after: Outcome | None
    about: About
    everybody: tuple[str, ...] = ()


def what_if(
    *, actor: Actor, partner: str, changes: Sequence[Change] = (), edition: str | None = None, on: date | None = None
) -> Answer:
    """How the partner stands and how it would stand, were the changes on record, on the same day or another.

    Raises NotThere for a partner or an edition that the actor may not see, WrongChangeError for a change that means
    nothing (its number is -1 where it is the day).
    """
    before = explained.outcome(actor=actor, partner=partner, edition=edition)
    run = deciding_run(actor, partner, edition=edition, as_of=None)
    read = loaded(run.version_id)
    day = on or run.as_of
    _must_be_near(day, run.as_of)
    about = _about(actor, before, day, read)
    if any_others := _everybody(read):
        return Answer(before, None, about, any_others)
    if not changes and day == run.as_of:
        return Answer(before, None, about)
    days = Days(day, run.rules_as_of if day == run.as_of else day)
    supposed = meant(changes, about)
    try:
        found = laid_over.judged(read, days, partner, supposed)
    except EditionError as error:
        if day == run.as_of:
            raise
        raise WrongChangeError(-1, [Wrong("on", "no rules", str(day))]) from error
    return Answer(before, outcome_of(before.partner, days, found), about)


def outcome_of(partner: Partner, days: Days, found: laid_over.Judged) -> Outcome:
    """What was found of a partner over supposed facts, as an explanation reads it."""
    rows = found.rows
    standing = "active" if rows["standings"] else "absent"
    if partner.left and partner.left <= days.as_of:
        standing = "left"
    elif partner.joined and partner.joined > days.as_of:
        standing = "not_yet"
    return Outcome(
        partner=Partner(partner.partner, partner.name, partner.country, partner.joined, partner.left, standing),
        as_of=days.as_of,
        rules_as_of=days.rules_as_of,
        known_at=None,
        outline=found.outline,
        standings=rows["standings"],
        checks=rows["checks"],
        competencies=rows["competencies"],
        benefits=rows["benefits"],
        results=rows["results"],
    )


def _about(actor: Actor, before: Outcome, day: date, edition: Edition) -> About:
    key = before.partner.partner
    asks = askable(edition)

    def facts(table: str) -> list[dict[str, Any]]:
        return facts_of(actor, key, table, limit=_FACTS)

    return About(
        key, day, see_partner(actor, key).joined, edition, asks,
        people=facts("people"),
        certificates=facts("certifications"),
        deals=facts("deals") if "deals" in asks.tables else [],
        occurring=texts_of(actor, key, _texts_asked(asks)),
    )  # fmt: skip


def _texts_asked(asks: Askable) -> dict[str, list[str]]:
    """The text columns whose values on record are worth choosing from."""
    found = {
        name: [one.name for one in fields if one.column.type == "text" and one.name in CONTRACT[name].by_name]
        for name, fields in asks.tables.items()
        if name in CONTRACT
    }
    return {name: columns for name, columns in found.items() if columns}


def _everybody(edition: Edition) -> tuple[str, ...]:
    """What makes a partner's outcome depend on anybody: metrics that rank, and what is written in SQL."""
    if not alone.needs_everybody(edition):
        return ()
    ranks = [name for name, metric in edition.metrics.items() if isinstance(metric, model.Rank)]
    return tuple(dict.fromkeys([*ranks, *(name.rpartition("/")[2] for name in edition.sql)]))


def _must_be_near(day: date, judged: date) -> None:
    if abs(day.year - judged.year) > YEARS:
        raise WrongChangeError(-1, [Wrong("on", "too far", str(day))])
