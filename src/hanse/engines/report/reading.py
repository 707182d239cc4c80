"""How the things of two editions are called and numbers written, in the reader's language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from babel.dates import format_date
from babel.numbers import format_percent

from hanse.decisions.rehearsal_figures import ABSENT, Side
from hanse.engines.report.words import PLURALS, WORDS
from hanse.language.edition import Edition
from hanse.language.words import Words

_HUES = {
    "platinum": "#5b6abf", "titanium": "#3f4a7a", "diamond": "#3aa0b8", "gold": "#dfa62a", "silver": "#9db4cc",
    "bronze": "#b5733c", "registered": "#8a919e", "authorised": "#8a919e", "authorized": "#8a919e", "member": "#8a919e",
    "premier": "#5b6abf", "elite": "#5b6abf", "advanced": "#4c9aa6", "select": "#9db4cc",
}  # fmt: skip
_RAMP = ("#8a919e", "#9db4cc", "#4c9aa6", "#dfa62a", "#c8743a", "#7c62b3", "#5b6abf", "#3f4a7a")
_NOBODY = "#b9b4aa"
_CURRENCY = re.compile(r"[A-Z]{3}$")


def is_money(unit: str | None) -> bool:
    return unit is not None and _CURRENCY.match(unit) is not None


@dataclass(frozen=True)
class Reading:
    """The two sides and the language in which they are read."""

    before: Side
    after: Side
    language: str = "en"

    @cached_property
    def words(self) -> Words:
        return Words(self.language)

    @property
    def editions(self) -> tuple[Edition, Edition]:
        """The new one first: its words are the ones that will be used."""
        return self.after.edition, self.before.edition

    def phrase(self, key: str, /, **given: object) -> str:
        """A phrase of the report. Numbers are written as the language writes them."""
        return self.words.say(WORDS[key], **self._written(given))

    def some(self, key: str, n: int, /, **given: object) -> str:
        """A phrase that depends on how many there are."""
        one, several = PLURALS[key]
        return self.words.many(one, several, n, **self._written(given))

    def _written(self, given: dict[str, object]) -> dict[str, str]:
        return {k: self.number(v) if isinstance(v, int | float) else str(v) for k, v in given.items()}

    def number(self, value: float | None, unit: str | None = None, decimals: int = 0) -> str:
        """A number with its unit: money in whole units unless `decimals` asks for more, others to two decimals."""
        if value is None:
            return self.phrase("nothing_known")
        if is_money(unit):
            return self.words.money(value, unit or "", decimals)
        return self.words.quantity(value, unit)

    def signed(self, value: float, unit: str | None = None) -> str:
        """A difference with its sign; a true minus, and ± for none."""
        if not value:
            return "±0"
        return ("+" if value > 0 else "\u2212") + self.number(abs(value), unit)

    def share(self, part: int, whole: int) -> str:
        pattern = str(self.words.locale.percent_formats[None].pattern).replace("0", "0.0")
        return str(format_percent(part / whole if whole else 0, pattern, locale=self.words.locale))

    def day(self, on: date) -> str:
        return str(format_date(on, "long", locale=self.words.locale))

    def level(self, name: str | None) -> str:
        if name is None:
            return self.phrase("no_level")
        if name == ABSENT:
            return self.phrase("no_partner")
        for edition in self.editions:
            if name in edition.programme.levels:
                return self.words.label(edition.programme.levels[name], name)
        return name

    def country(self, code: str) -> str:
        return self.words.country(code) if code else self.phrase("nothing_known")

    def requirement(self, name: str, metric: str | None) -> str:
        """What a requirement is called: the metric's label, unless the author gave it a name of its own."""
        if metric and name.startswith(metric):
            for edition in self.editions:
                if metric in edition.metrics:
                    return self.words.label(edition.metrics[metric].label, metric)
        return name.replace("_", " ")

    def unit(self, metric: str | None) -> str | None:
        """The unit of a metric where it is one to write beside a number."""
        for edition in self.editions:
            found = edition.metrics.get(metric or "")
            if found is not None:
                return found.unit or getattr(found, "currency", None)
        return None

    def competency(self, name: str) -> str:
        for edition in self.editions:
            listed = edition.competencies
            if listed and name in listed.competencies:
                return self.words.label(listed.competencies[name].name, name)
        return name.replace("_", " ")

    def benefit(self, name: str) -> str:
        for edition in self.editions:
            if name in edition.benefits:
                return self.words.label(edition.benefits[name].label, name)
        return name.replace("_", " ")

    def hue(self, name: str | None, ladder: list[str]) -> str:
        """The colour of a level: that of its metal, or by its place among all levels."""
        if name is None or name == ABSENT or name not in ladder:
            return _NOBODY
        if all(level in _HUES for level in ladder) and len({_HUES[level] for level in ladder}) == len(ladder):
            return _HUES[name]
        place = ladder.index(name) / max(len(ladder) - 1, 1)
        return _RAMP[round(place * (len(_RAMP) - 1))]

    @cached_property
    def titles(self) -> tuple[str, str]:
        """What the two sides are called: titles, and days where the titles are the same."""
        first, second = (self.words.label(e.edition.programme.title, e.edition.name) for e in (self.before, self.after))
        if first != second:
            return first, second
        if self.before.days != self.after.days:
            by_rules = self.before.days.as_of == self.after.days.as_of
            days = [s.days.rules_as_of if by_rules else s.days.as_of for s in (self.before, self.after)]
            key = "titled_rules" if by_rules else "titled_day"
            return self.phrase(key, title=first, day=self.day(days[0])), self.phrase(
                key, title=second, day=self.day(days[1])
            )
        return self.phrase("titled_before", title=first), self.phrase("titled_after", title=second)
