"""What do the values of a column look like?

Judged on a sample, to tell which column a heading means; how days and numbers are written is judged on every row
(see forms.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hanse.apps.imports.codes import country_code, currency_code
from hanse.language.money import known_currencies

SAMPLE = 2_000
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_DAY = re.compile(
    r"(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ](?:\d{4}|\d{2}))(?:[T ]\d{1,2}:\d{2}.*)?"
)
_NUMBER = re.compile(r"[€£$]? ?[-+(]?\d[\d.,'’\s]*(?:[eE][-+]?\d+)?[-)]? ?[€£$]?")
_SIGNS = "€£$"
MOSTLY = 0.8


@dataclass(frozen=True)
class Contents:
    """Shares of the filled cells in the sample that are e-mails, days, numbers, countries, currencies; 0 where none is filled."""

    filled: int = 0
    emails: float = 0
    days: float = 0
    numbers: float = 0
    countries: float = 0
    currencies: float = 0
    codes: float = 0  # of currencies: three letters
    signs: frozenset[str] = frozenset()

    def fits(self, kind: str) -> bool:
        """Could this be a column of that type? An empty one could be any."""
        if not self.filled:
            return True
        share = {
            "day": self.days, "moment": self.days, "amount": self.numbers, "number": self.numbers, "integer": self.numbers,
            "real": self.numbers, "rate": self.numbers, "country": self.countries, "currency": self.currencies,
        }.get(kind, 1.0)  # fmt: skip
        return share >= 0.5


def look_at(values: Sequence[str | None]) -> Contents:
    """Looks at a sample of a column."""
    filled = [v.strip() for v in values if v and v.strip()]
    if not filled:
        return Contents()
    distinct = set(filled)
    countries = {v for v in distinct if country_code(v)}
    currencies = {v for v in distinct if currency_code(v)}
    codes = known_currencies()

    def share(matching: Sequence[str]) -> float:
        return len(matching) / len(filled)

    return Contents(
        filled=len(filled),
        emails=share([v for v in filled if _EMAIL.fullmatch(v)]),
        days=share([v for v in filled if _DAY.fullmatch(v) or (len(v) == 8 and v.isdigit() and _is_compact_day(v))]),
        numbers=share([v for v in filled if _NUMBER.fullmatch(v) and not (_DAY.fullmatch(v))]),
        countries=share([v for v in filled if v in countries]),
        currencies=share([v for v in filled if v in currencies]),
        codes=share([v for v in filled if v.upper() in codes]),
        signs=frozenset(c for v in distinct if _NUMBER.fullmatch(v) for c in _SIGNS if c in v),
    )


def _is_compact_day(text: str) -> bool:
    return text[:2] in ("19", "20") and "01" <= text[4:6] <= "12" and "01" <= text[6:] <= "31"
