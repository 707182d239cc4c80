"""What does that which was earned before still count for, until when, and what is left to do?

Credits and matched levels as the editions declare them, looked up in the partner's facts; and the standings by the edition in
force and by the one to come. Whether a level holds is never decided here: that is what the standings say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from hanse.apps.evidence.selectors import facts_of
from hanse.apps.programmes.selectors import judged_on, loaded
from hanse.apps.registry.selectors import see_partner
from hanse.apps.standings import explained
from hanse.apps.standings.selectors import deciding_run, standings_of
from hanse.decisions.explanation_views import Outcome

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor
    from hanse.language.edition import Edition

Label = Mapping[str, str] | None
Row = dict[str, Any]
_FACTS = 5000


@dataclass(frozen=True)
class Credit:
    """An old certificate of one of the firm's people: the new one that it counts as, for what, and to which day.

    `state` is `counts`, `later` (not yet), `over` (it counted), or `done` (the person holds the new one).
    """

    person: str
    certificate: str
    counts_as: str
    competencies: tuple[tuple[str, Label], ...]
    last: date | None
    state: str
    clause: str


@dataclass(frozen=True)
class OldLevel:
    """A level of an older programme, or one held for long: the level that it gives here, to which day."""

    programme: str
    level: str
    gives: str
    gives_label: Label
    last: date | None
    state: str
    clause: str


@dataclass(frozen=True)
class Transition:
    """What an edition says about what was before, for one partner, on the day of its standing."""

    edition: str
    title: Label
    as_of: date
    credits: tuple[Credit, ...]
    levels: tuple[OldLevel, ...]

    @property
    def last(self) -> date | None:
        """The last day on which something of it still counts; None where nothing counts, or it has no end."""
        of_levels = [one.last for one in self.levels if one.state == "counts" and one.last]
        of_credits = [one.last for one in self.credits if one.state in ("counts", "done") and one.last]
        return max([*of_levels, *of_credits], default=None)


@dataclass(frozen=True)
class SideBySide:
    """The partner by the edition in force and by one that is to come, from the day it says, if it says one."""

    before: Outcome
    after: Outcome
    state: str
    comes: date | None


@dataclass(frozen=True)
class Transitions:
    """All of it; both empty where no transition concerns the partner."""

    each: tuple[Transition, ...]
    beside: tuple[SideBySide, ...]


def transitions(*, actor: Actor, partner: str) -> Transitions:
    """What of the past counts for a partner, by every edition that it is judged by. Raises NotThere."""
    see_partner(actor, partner)
    names = [str(row["edition"]) for row in standings_of(actor, partner)]
    facts = {
        table: facts_of(actor, partner, table, limit=_FACTS) for table in ("people", "certifications", "levels_held")
    }
    country = see_partner(actor, partner).country
    each, editions = [], {}
    for name in names:
        run = deciding_run(actor, partner, edition=name, as_of=None)
        editions[name] = loaded(run.version_id)
        found = _transition(editions[name], run.as_of, facts, partner, str(country))
        if found.credits or found.levels:
            each.append(found)
    return Transitions(tuple(each), tuple(_beside(actor, partner, editions)))


def _beside(actor: Actor, partner: str, editions: Mapping[str, Edition]) -> Iterator[SideBySide]:
    """The standing by the edition in force beside that of every other edition of the same programme."""
    known = [version for version in judged_on(timezone.now().date()) if version.name in editions]
    now = next((version for version in known if version.state == "in_force"), None)
    if now is None:
        return
    before = explained.outcome(actor=actor, partner=partner, edition=now.name)
    for version in known:
        if version.programme == now.programme and version.name != now.name:
            after = explained.outcome(actor=actor, partner=partner, edition=version.name)
            yield SideBySide(before, after, version.state, editions[version.name].programme.in_force)


def _transition(
    edition: Edition, day: date, facts: Mapping[str, Sequence[Row]], partner: str, country: str
) -> Transition:
    here = {
        str(row["person"])
        for row in facts["people"]
        if row["partner"] == partner and row["since"] <= day and (row["until"] is None or row["until"] >= day)
    }
    held = [row for row in facts["certifications"] if row["person"] in here and row["earned"] <= day]
    credits = sorted(_credits(edition, day, held), key=lambda one: (one.state != "counts", one.person, one.certificate))
    levels = [*_levels(edition, day, facts["levels_held"]), *_kept(edition, day, facts["levels_held"], country)]
    return Transition(edition.name, edition.programme.title, day, tuple(credits), tuple(levels))


def _credits(edition: Edition, day: date, held: Sequence[Row]) -> Iterator[Credit]:
    """The old certificates that are valid still, each with what it counts as."""
    competencies = edition.competencies.competencies if edition.competencies else {}
    valid = [row for row in held if row["expires"] is None or row["expires"] >= day]
    passed = {(str(row["person"]), str(row["certificate"])) for row in valid}
    transition = edition.transition
    for credit in transition.credits:
        first, last = credit.from_ or transition.from_, credit.until or transition.until
        for row in valid:
            if row["certificate"] not in _many(credit.certificate):
                continue
            for new in _many(credit.counts_as):
                state = "done" if (str(row["person"]), new) in passed else _state(day, first, last)
                ends = min((d for d in (last, row["expires"]) if d is not None), default=None)
                yield Credit(
                    str(row["person"]), str(row["certificate"]), new,
                    tuple((n, one.name) for n, one in competencies.items() if new in one.counts.get("certificate", ())),
                    ends, state, credit.clause or transition.clause or "",
                )  # fmt: skip


def _levels(edition: Edition, day: date, held: Sequence[Row]) -> Iterator[OldLevel]:
    """The levels of older programmes that the firm held, each with what it gives."""
    transition = edition.transition
    state = _state(day, transition.from_, transition.until)
    for rule in transition.levels:
        for row in held:
            if rule.gives is None or row["from"] > day or row["subject"] not in _many(rule.level):
                continue
            if rule.programme is None or rule.programme == row["programme"]:
                yield OldLevel(
                    str(row["programme"] or ""), str(row["subject"]), rule.gives, edition.programme.levels.get(rule.gives),
                    transition.until, state, rule.clause or transition.clause or "",
                )  # fmt: skip


def _kept(edition: Edition, day: date, held: Sequence[Row], country: str) -> Iterator[OldLevel]:
    """The levels that holders from before a day keep for a time."""
    for rule in edition.programme.life.grandfather:
        if rule.countries is not None and country not in rule.countries:
            continue
        for row in held:
            of_this = row["programme"] in (None, edition.programme.programme)
            if of_this and row["subject"] == rule.level and row["from"] < rule.held_before:
                label = edition.programme.levels.get(rule.level)
                yield OldLevel(
                    edition.programme.programme, rule.level, rule.level, label, rule.until,
                    _state(day, None, rule.until), rule.clause or "",
                )  # fmt: skip


def _state(day: date, first: date | None, last: date | None) -> str:
    if first is not None and day < first:
        return "later"
    return "over" if last is not None and day > last else "counts"


def _many(value: str | list[str] | None) -> list[str]:
    return [] if value is None else value if isinstance(value, list) else [value]
