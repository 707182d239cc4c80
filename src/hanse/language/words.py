"""In the reader's language: messages by catalogue, an edition's labels, numbers, money and days by locale.

Messages are written in English in the code, as the argument of `say`, `many` or `mark`; `src/hanse/locale`
holds a gettext catalogue for every other language (`make messages` brings them up to date). Labels come
from the edition itself.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from pathlib import Path

from babel import Locale, dates, numbers

from hanse.language.problems import CallError, Problem

LOCALE = Path(__file__).resolve().parent.parent / "locale"
DOMAIN = "hanse"
LANGUAGES = {"en": "en_GB", "fr": "fr_FR"}  # language -> how its numbers and days are written
_CURRENCY = re.compile(r"[A-Z]{3}$")
_FIELD = re.compile(r"\\\{(\w+)(?:\\?![rs])?\\\}")


def mark(message: str) -> str:
    """A message that is translated later, where it is shown."""
    return message


def mark_many(one: str, several: str) -> tuple[str, str]:
    """A message that depends on a number, translated later."""
    return one, several


def language_of(environment: Mapping[str, str]) -> str:
    """The language that the environment asks for, English where it asks for one that we do not have."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            language = environment[name].replace("-", "_").partition("_")[0].partition(".")[0].lower()
            return language if language in LANGUAGES else "en"
    return "en"


class Words:
    """Everything a front shows, in one language. Raises CallError for a language without a catalogue."""

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            listed = ", ".join(sorted(LANGUAGES))
            raise CallError(
                Problem(
                    "--language",
                    f"{language!r} is not a language of Hanse",
                    "it has no catalogue",
                    f"use one of: {listed}",
                )
            )
        self.language = language
        self.locale = Locale.parse(LANGUAGES[language])
        self._group = str(numbers.get_group_symbol(self.locale))
        # English is the language of the messages themselves
        self._catalogue = gettext.translation(DOMAIN, LOCALE, [language], fallback=language == "en")

    def say(self, message: str, **values: object) -> str:
        """A message in the reader's language, its {fields} filled in."""
        text = self._catalogue.gettext(message) if message else ""
        return text.format(**values) if values else text

    def many(self, one: str, several: str, n: int, **values: object) -> str:
        """A message that depends on a number, which is there as {n}."""
        return self._catalogue.ngettext(one, several, n).format(n=self.number(n), **values)

    def label(self, labels: Mapping[str, str] | None, fallback: str) -> str:
        """An edition's label in the reader's language, else in English, else in any, else the name itself."""
        if not labels:
            return fallback.replace("_", " ")
        return labels.get(self.language) or labels.get("en") or next(iter(labels.values()))

    def sentence(self, text: str, templates: Iterable[str]) -> str:
        """A sentence written from one of these templates, in the reader's language; else as it is."""
        for template in templates:
            match = re.fullmatch(_FIELD.sub(r"(?P<\1>.*)", re.escape(template)), text)
            if match:
                text = self.say(template)
                for field, value in match.groupdict().items():
                    text = re.sub(rf"\{{{field}(![rs])?\}}", value.replace("\\", r"\\"), text)
                return text
        return text

    def number(self, value: float | int | Decimal, decimals: int = 2) -> str:
        """A number with at most so many decimals."""
        if type(value) is int and 0 <= value < 1000:
            return str(value)  # most numbers on a page; every locale that we have writes them so
        if isinstance(value, int):  # most numbers of a page; the grouping of both languages is by thousands
            return f"{value:,}".replace(",", self._group)
        pattern = "#,##0" + ("." + "#" * decimals if decimals else "")
        return str(numbers.format_decimal(round(Decimal(str(value)), decimals), format=pattern, locale=self.locale))

    def money(self, value: float | int | Decimal, currency: str, decimals: int = 0) -> str:
        """An amount with its currency; `decimals` 0 is enough for thresholds."""
        pattern = self.locale.currency_formats["standard"].pattern.split(";")[0]
        pattern = re.sub(r"0\.0+", "0" + ("." + "0" * decimals if decimals else ""), pattern)
        amount = round(Decimal(str(value)), decimals)
        return str(numbers.format_currency(amount, currency, format=pattern, locale=self.locale, currency_digits=False))

    def quantity(self, value: float | int | Decimal, unit: str | None, decimals: int = 2) -> str:
        """A number with its unit where the unit is money or a share; other units are said by the label."""
        if unit and _CURRENCY.match(unit):
            return self.money(value, unit, 0 if decimals <= 2 else decimals)
        if unit == "percent":
            share = Decimal(str(value)) / 100
            return str(numbers.format_percent(share, format=self._percent(decimals), locale=self.locale))
        return self.number(value, decimals)

    def _percent(self, decimals: int) -> str:
        pattern = str(self.locale.percent_formats[None].pattern)
        return pattern.replace("0", "0." + "#" * decimals) if decimals else pattern

    def day(self, day: date) -> str:
        """A day with its month in letters, so that nobody reads it the wrong way round."""
        return str(dates.format_date(day, format="medium", locale=self.locale))

    def moment(self, moment: datetime, zone: tzinfo = UTC) -> str:
        """A moment to the minute, in a zone that is named (moments without one are in UTC already)."""
        aware = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone)
        shown = dates.format_datetime(aware, format="d MMM y, HH:mm", tzinfo=zone, locale=self.locale)
        return f"{shown} {aware.tzname()}"

    def country(self, code: str) -> str:
        """The name of a country, or its code where there is none."""
        return str(self.locale.territories.get(code, code))

    def listed(self, items: Iterable[str], at_most: int = 6) -> str:
        """Items after one another; of more than so many the first, and how many more there are."""
        items = list(items)
        text = ", ".join(items[:at_most])
        if len(items) > at_most:
            text += " " + self.many("and {n} more", "and {n} more", len(items) - at_most)
        return text
