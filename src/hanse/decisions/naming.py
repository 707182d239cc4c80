"""What is everything of a programme called, in the reader's language and without a raw identifier?

Labels come from the edition; where it gives none, a name is read with blanks in it. Tables and columns of the contract
have words of ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np

from hanse.language import compiler, values
from hanse.language.context import Context, Days, FactsInfo
from hanse.language.edition import Edition
from hanse.language.rates import Rates
from hanse.language.words import Words, mark

TABLES = {
    "partners": mark("firms"), "locations": mark("locations"), "people": mark("employments"),
    "certifications": mark("certificates"), "surveys": mark("survey answers"), "references": mark("client references"),
    "sales": mark("sales"), "series": mark("usage figures"), "customers": mark("customers"),
    "associations": mark("associations"), "contracts": mark("contracts"), "deals": mark("deals"),
    "levels_held": mark("levels on record"), "assignments": mark("assignments"), "attestations": mark("attestations"),
    "ownership": mark("ownership"), "benefit_uses": mark("uses of benefits"), "exceptions": mark("waivers"),
    "competencies_held": mark("competencies held"),
}  # fmt: skip
_COLUMNS = {
    "partner": mark("firm"), "person": mark("person"), "certificate": mark("certificate"), "earned": mark("day earned"),
    "expires": mark("last day"), "version": mark("version"), "vendor": mark("vendor"), "status": mark("status"),
    "on": mark("day"), "score": mark("score"), "respondents": mark("respondents"), "customer": mark("customer"),
    "competency": mark("competency"), "solution": mark("solution"), "country": mark("country"),
    "amount": mark("amount"), "amount_converted": mark("amount"), "currency": mark("currency"),
    "product": mark("product"), "kind": mark("kind"), "role": mark("role"), "segment": mark("segment"),
    "plan": mark("plan"), "payer": mark("payer"), "term_months": mark("months of the contract"),
    "quantity": mark("quantity"), "metric": mark("figure"), "value": mark("value"), "name": mark("name"),
    "industry": mark("industry"), "sector": mark("sector"), "from": mark("first day"), "until": mark("last day"),
    "claim": mark("day of the claim"), "start": mark("first day"), "end": mark("last day"), "deal": mark("deal"),
    "opened": mark("day opened"), "stage": mark("stage"), "closed": mark("day closed"), "outcome": mark("outcome"),
    "monthly": mark("monthly amount"), "launched": mark("day launched"), "subject": mark("subject"),
    "anniversary": mark("anniversary"), "programme": mark("programme"), "granted": mark("day granted"),
    "level": mark("level"), "by": mark("by whom"), "owner": mark("owner"), "owned": mark("owned firm"),
    "percent": mark("share"), "benefit": mark("benefit"), "since": mark("since"), "type": mark("type of firm"),
    "joined": mark("day of joining"), "left": mark("day of leaving"), "employees": mark("employees"),
    "region": mark("region"), "city": mark("city"), "group": mark("group"), "depth": mark("depth"),
    "depth_rank": mark("rank of the depth"), "area": mark("area"), "as_of": mark("the day judged"),
    "rules_as_of": mark("the day whose rules apply"), "partner_country": mark("country of the firm"),
    "partner_type": mark("type of firm"), "partner_region": mark("region of the firm"),
    "partner_joined": mark("day of joining"), "level_rank": mark("rank of the level achieved"),
    "granted_rank": mark("rank of the level in force"), "expected": mark("expected level"), "path": mark("way taken"),
    "expected_rank": mark("rank of the expected level"), "awaiting": mark("what is awaited"),
    "granted_from": mark("since when the level is in force"), "granted_until": mark("until when the level is secure"),
}  # fmt: skip
_AREAS = {"level": mark("level"), "competency": mark("competency")}


def plain(name: str) -> str:
    """A name as it is read: with blanks."""
    return " ".join(str(name).replace("_", " ").split())


@dataclass(frozen=True)
class Names:
    """The words of one edition on one day. `ctx` gives its numbers."""

    ctx: Context
    words: Words

    @property
    def edition(self) -> Edition:
        """The edition that is read."""
        return self.ctx.edition

    @cached_property
    def metrics(self) -> frozenset[str]:
        """The names of its metrics."""
        return frozenset(self.edition.metrics)

    def title(self) -> str:
        """The edition's title."""
        return self.words.label(self.edition.programme.title, self.edition.name)

    def level(self, name: str) -> str:
        """A level."""
        return self.words.label(self.edition.programme.levels.get(name), plain(name))

    def metric(self, name: str) -> str:
        """A metric, as a requirement of it is called."""
        found = self.edition.metrics.get(name)
        return self.words.label(found.label if found else None, plain(name))

    def unit(self, name: str) -> str | None:
        """The unit in which a metric is shown."""
        found = self.edition.metrics.get(name)
        unit = (found.unit or getattr(found, "currency", None)) if found else None
        return None if unit == "original" else unit

    def competency(self, name: str) -> str:
        """A competency."""
        listed = self.edition.competencies
        found = listed.competencies.get(name) if listed else None
        return self.words.label(found.name if found else None, plain(name))

    def competencies(self) -> str:
        """What the programme calls its competencies: one of them."""
        listed = self.edition.competencies
        label = listed.label if listed else None
        return self.words.label(label, "") if label else self.words.say("competency")

    def depth(self, name: str) -> str:
        """A depth of a competency."""
        listed = self.edition.competencies
        return self.words.label(listed.depth_names.get(name) if listed else None, plain(name))

    def benefit(self, name: str) -> str:
        """A benefit."""
        found = self.edition.benefits.get(name)
        return self.words.label(found.label if found else None, plain(name))

    def table(self, name: str) -> str:
        """What the rows of a table are, in the plural; a metric taken as a table is called by its own name."""
        if name in TABLES:
            return self.words.say(TABLES[name])
        return self.metric(name) if name in self.metrics else plain(name)

    def column(self, name: str) -> str:
        """A column of the facts."""
        if name in _COLUMNS:
            return self.words.say(_COLUMNS[name])
        if name in self.edition.classes:
            return plain(name)
        if name.startswith("partner_") and name.removeprefix("partner_") in self.edition.classes:
            return self.words.say("{name} of the firm", name=plain(name.removeprefix("partner_")))
        return plain(name)

    def one_of(self, classification: str, name: str) -> str:
        """A class of a classification: a level, a competency, or a class of countries."""
        if name == values.ELSE:
            return self.words.say("all others")
        if classification == "level":
            return self.level(name)
        return self.competency(name) if classification == "competency" else plain(name)

    def said(self, value: str) -> str:
        """A value as facts have it, in quotation marks; a code keeps its signs, words get their blanks."""
        for levels in (self.edition.programme.levels,):
            if value in levels:
                return self.level(value)
        listed = self.edition.competencies
        if listed and value in listed.competencies:
            return self.competency(value)
        return self.words.say("“{text}”", text=plain(value) if value.islower() else value)

    def quantity(self, number: values.Number | Fraction | float, unit: str | None) -> str:
        """A number of the programme with its unit; a fraction that never ends keeps four decimals."""
        value = number.value if isinstance(number, values.Number) else number
        own = number.unit if isinstance(number, values.Number) else None
        exact = Fraction(value)
        shown = Decimal(exact.numerator) / Decimal(exact.denominator)
        if own == "%":
            return self.words.quantity(shown, "percent")
        unit = own or unit
        decimals = 2 if round(shown, 2) == shown or unit == "percent" else 4
        return self.words.quantity(shown, unit, decimals)

    def days(self, first: date | None, last: date | None) -> str:
        """From when to when, where it is said; empty where it is not."""
        say, day = self.words.say, self.words.day
        if first and last:
            return say("from {first} to {last}", first=day(first), last=day(last))
        if first:
            return say("from {day}", day=day(first))
        return say("until {day}", day=day(last)) if last else ""

    def countries(self, codes: Iterable[str], at_most: int = 400) -> str:
        """Countries by name, in the order of the alphabet."""
        return self.words.listed(sorted(self.words.country(str(c)) for c in codes), at_most)


def names_of(edition: Edition, day: date, words: Words) -> Names:
    """The words of an edition, with the numbers in force on a day. No fact is needed. Raises EditionError."""
    nothing = FactsInfo({}, Rates(np.empty(0, np.int64), 1, {}))
    return Names(compiler.context(edition, Days(day, day), nothing), words)
