"""What is an amount worth in another currency, on a day, exactly?

The rule: amount / rate(from) x rate(to), the euro as reference, each rate the latest published on or before
the day and at most ten publication days back; otherwise there is no rate. Metrics in SQL and `hanse convert`
use the same factors and the same rounding: docs/algorithms/exchange.md.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from hanse.language.rates import (
    REFERENCE,
    Rates,
    day_number,
    ecb_rates,
    in_force,
    iso_day,
    known_currencies,
    positions,
    rate_on,
    read_rates,
    table_rates,
)

__all__ = [
    "PLACES",
    "UNIT_PLACES",
    "Rates",
    "convert_lines",
    "ecb_rates",
    "factor_table",
    "known_currencies",
    "read_rates",
    "rounded",
    "scale",
    "table_rates",
]

UNIT_PLACES = 4  # amounts are DECIMAL(18, 4): integer units of 1/10000
PLACES = 10  # decimals of what `rounded` gives
TOP_SCALE = 20
LEAST_SCALE = PLACES - UNIT_PLACES

_AMOUNT = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,6}))?")
_MOST_DIGITS = 100
_BATCH = 100_000  # lines
_REMEMBERED = 200_000  # pairs of currencies on a day

_Pairs = dict[tuple[str, str, str], "_Pair | str"]


def scale(target: str, rates: Rates) -> int:
    """Decimals of the factors into `target`: 20, less one for each power of ten in its largest rate per euro.

    So a HUGEINT sum of units x factor holds at least 1.7e13 euro, whatever the target. Into a currency
    without any rate only its own amounts convert: six decimals keep those exact and leave the most room.
    """
    quotes = rates.quotes.get(target)
    if quotes is None:
        return LEAST_SCALE
    return max(LEAST_SCALE, TOP_SCALE + 1 - len(str(quotes.largest // rates.one)))


def factor_table(
    target: str, *, rates: Rates, first: date, last: date, currencies: Iterable[str] | None = None
) -> pa.Table:
    """What one unit of each currency is worth in `target` on each day from first to last, both included.

    Columns currency, on (date32) and factor (decimal128(38, 0)): rate(target) / rate(currency) in units of
    10**-scale(target), rounded half to even. There is a row where both have a rate by the rule. The target
    itself has one for every day. `currencies` narrows the sources (default: all that have rates). Raises
    ValueError if the target is no currency.
    """
    if target not in known_currencies():
        raise ValueError(f"{target!r} is not a currency of ISO 4217")
    power = 10 ** scale(target, rates)
    names = [target, *sorted(set(rates.quotes if currencies is None else currencies) - {target})]
    calendar = np.arange(day_number(first), day_number(last) + 1)
    at, spread = np.unique(positions(rates, calendar), return_inverse=True)  # each publication day once
    goal, has_goal = in_force(rates, target, at)
    factors = [power]
    days, codes, picks = [calendar], [np.zeros(len(calendar), np.int64)], [np.zeros(len(calendar), np.int64)]
    for code, name in enumerate(names[1:], start=1):
        source, has_source = in_force(rates, name, at)
        both = has_goal & has_source
        index = np.full(len(at), -1)
        index[both] = np.arange(len(factors), len(factors) + np.count_nonzero(both))
        factors += [_nearest(top * power, bottom) for top, bottom in zip(goal[both], source[both], strict=True)]
        row = index[spread]
        days.append(calendar[row >= 0])
        picks.append(row[row >= 0])
        codes.append(np.full(len(picks[-1]), code))
    return pa.table(
        {
            "currency": pa.array(names, pa.string()).take(pa.array(np.concatenate(codes))),
            "on": pa.array(np.concatenate(days).astype(np.int32)).cast(pa.date32()),
            "factor": pa.array(factors, pa.decimal128(38, 0)).take(pa.array(np.concatenate(picks))),
        }
    )


def rounded(sum_sql: str, target_scale: int) -> str:
    """SQL that rounds a sum of units x factor half away from zero to ten decimals: an integer count of 1e-10.

    `sum_sql` is an SQL integer (HUGEINT) in units of 10**-(4 + target_scale); null stays null. What is
    divided is never negative, so it does not matter whether an engine's whole division truncates or floors.
    Written for DuckDB; sqlglot translates it, but for Spark, whose DIV wraps at a BIGINT without a word,
    a // b must become CAST((a - a % b) / b AS DECIMAL(38, 0)). This is the only rounding after the factor's
    own. Raises ValueError for a scale below 6.
    """
    if target_scale < LEAST_SCALE:
        raise ValueError(f"a scale of {target_scale} gives fewer than {PLACES} decimals")
    step = 10 ** (target_scale - LEAST_SCALE)
    half = step // 2
    below, above = f"-(({half} - ({sum_sql})) // {step})", f"(({sum_sql}) + {half}) // {step}"
    return f"(case when ({sum_sql}) < 0 then {below} else {above} end)"


def rounded_columns(sql: str, columns: Mapping[str, int | None], others: Iterable[str]) -> str:
    """The SELECT with some of its columns (name -> target scale) rounded as by `rounded`, without dividing wide integers.

    `others` names the columns that stay as they are, already quoted.

    Engines divide 128-bit integers bit by bit. A quotient guessed in doubles and corrected twice by exact products
    gives the same integer in a tenth of the time: the last remainder is small, and fits 64 bits.
    """
    kept = list(others)
    for name, target_scale in columns.items():
        if target_scale is None or target_scale <= LEAST_SCALE:
            continue
        step = 10 ** (target_scale - LEAST_SCALE)
        x = f'"{name}"'

        def guess(of: str, by: int = step) -> str:
            return f"CAST(CAST({of} AS DOUBLE) / {by}.0 AS INT128)"

        sql = f"SELECT g.*, {guess(x)} AS whole_1 FROM ({sql}) AS g"
        sql = f"SELECT g.*, {x} - whole_1 * {step} AS rest_1 FROM ({sql}) AS g"
        sql = f"SELECT g.*, {guess('rest_1')} AS whole_2 FROM ({sql}) AS g"
        rest = f"CAST(rest_1 - whole_2 * {step} AS BIGINT)"
        half = 3 * step // 2  # one step more than a half, so that what is divided is never negative
        up, down = f"(({half} + {rest}) // {step} - 1)", f"(({half} - {rest}) // {step} - 1)"
        result = f"whole_1 + whole_2 + (CASE WHEN {x} < 0 THEN -{down} ELSE {up} END)"
        waiting = [f'"{n}"' for n in columns if n != name and f'"{n}"' not in kept]
        sql = f"SELECT {', '.join([*kept, *waiting])}, CAST({result} AS INT128) AS {x} FROM ({sql}) AS g"
        kept.append(x)
    return sql


def convert_lines(lines: Iterable[str], rates: Rates) -> Iterator[str]:
    """Each line `amount,from,to,on` as it was, without its line end, and `,converted,why_not` after it.

    Exactly one of the two is empty; as many lines come out as go in, in their order. DuckDB computes them, a
    batch at a time, with the factors and the expression of the metrics; the few products wider than a HUGEINT
    are done with Python's integers in the same way. A line that cannot be converted never raises.
    """
    import duckdb

    source = iter(lines)
    pairs: _Pairs = {}
    with duckdb.connect() as engine:
        while batch := list(islice(source, _BATCH)):
            texts = [line.removesuffix("\n").removesuffix("\r") for line in batch]
            for text, answer in zip(texts, _answers(texts, rates, pairs, engine), strict=True):
                yield f"{text},{answer}"
            if len(pairs) > _REMEMBERED:
                pairs.clear()


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two currencies on a day: the factor and its scale."""

    factor: int
    scale: int


def _answers(texts: list[str], rates: Rates, pairs: _Pairs, engine: Any) -> list[str]:
    """For each line `converted,` or `,why_not`."""
    answers: list[str] = []
    waiting: list[int] = []
    products: list[tuple[int, int, int]] = []
    for text in texts:
        asked = _asked(text, rates, pairs)
        if isinstance(asked, str):
            answers.append("," + _csv_field(asked))
        elif _fits(*asked):
            waiting.append(len(answers))
            products.append(asked)
            answers.append("")
        else:
            answers.append(_plain(_rounded(*asked)) + ",")
    for index, count in zip(waiting, _rounded_by(engine, products), strict=True):
        answers[index] = _plain(count) + ","
    return answers


def _rounded_by(engine: Any, products: list[tuple[int, int, int]]) -> Iterator[int]:
    """units x factor, rounded by the metrics' own SQL, in the order given."""
    if not products:
        return
    units, factors, scales = zip(*products, strict=True)
    wide = pa.decimal128(38, 0)
    columns = {"n": range(len(units)), "u": pa.array(units, wide), "f": pa.array(factors, wide), "s": scales}
    engine.register("asked", pa.table(columns))
    cases = " ".join(f"when {places} then {rounded('u * f', places)}" for places in sorted(set(scales)))
    answered = engine.execute(
        f"select cast(case s {cases} end as varchar) from "
        "(select n, s, cast(u as hugeint) as u, cast(f as hugeint) as f from asked) order by n"
    )
    for (count,) in answered.fetchall():
        yield int(count)


def _fits(units: int, factor: int, target_scale: int) -> bool:
    """Whether a HUGEINT holds the product, half a step more, and the step."""
    return units.bit_length() + factor.bit_length() < 126 and target_scale - LEAST_SCALE < 37


def _rounded(units: int, factor: int, target_scale: int) -> int:
    """`rounded`, in Python."""
    step: int = 10 ** (target_scale - LEAST_SCALE)
    size = (abs(units) * factor + step // 2) // step
    return -size if units < 0 else size


def _asked(text: str, rates: Rates, pairs: _Pairs) -> tuple[int, int, int] | str:
    """Units, factor and scale of a line, or what is wrong; decimals past four make the scale larger."""
    try:
        fields = _fields(text)
    except csv.Error as error:
        return f"the line cannot be read as CSV: {error}"
    if len(fields) != 4:
        return f"4 fields are needed and there are {len(fields)}" if text.strip() else "the line is empty"
    amount, *key = fields
    read = _amount(amount.strip())
    if isinstance(read, str):
        return read
    source, target, on = key
    pair = pairs.get((source, target, on))
    if pair is None:
        pair = pairs[source, target, on] = _pair(source.strip(), target.strip(), on.strip(), rates)
    if isinstance(pair, str):
        return pair
    units, decimals = read
    return units, pair.factor, pair.scale + decimals - UNIT_PLACES


def _fields(text: str) -> list[str]:
    text = text.removeprefix("\ufeff")
    return next(csv.reader([text], strict=True, skipinitialspace=True)) if '"' in text else text.split(",")


def _amount(text: str) -> tuple[int, int] | str:
    """The amount as an integer count of 10**-decimals, with at least four decimals; or what is wrong."""
    match = _AMOUNT.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        return "the amount is not a number"
    sign, whole, part, power = match.groups(default="")
    decimals = len(part) - int(power or 0)
    if max(len(whole) + len(part), len(whole) + int(power or 0), decimals) > _MOST_DIGITS:
        return f"the amount has more than {_MOST_DIGITS} digits"
    units = int(sign + whole + part)
    if decimals >= UNIT_PLACES:
        return units, decimals
    return units * 10 ** (UNIT_PLACES - decimals), UNIT_PLACES


def _pair(source: str, target: str, on: str, rates: Rates) -> _Pair | str:
    """The factor of two currencies on a day, as in `factor_table`; or why there is none."""
    for code in (source, target):
        if code not in known_currencies():
            hint = f"; write {code.upper()}" if code.upper() in known_currencies() else ""
            return f"{code[:20]!r} is not a currency of ISO 4217{hint}"
    day = iso_day(on)
    if day is None:
        return f"{on[:20]!r} is not a day (YYYY-MM-DD)"
    places = scale(target, rates)
    if source == target:
        return _Pair(10**places, places)
    bottom, top = rate_on(rates, source, day), rate_on(rates, target, day)
    reasons = [found for found in (bottom, top) if isinstance(found, str)]
    if reasons:
        return reasons[-1] if source == REFERENCE else reasons[0]  # the other one says more than the euro
    return _Pair(_nearest(int(top) * 10**places, int(bottom)), places)


def _nearest(top: int, bottom: int) -> int:
    """top / bottom, both above zero, rounded half to even."""
    whole, rest = divmod(top, bottom)
    return whole + (2 * rest > bottom or (2 * rest == bottom and whole % 2 == 1))


def _plain(count: int) -> str:
    """A count of 1e-10 as a decimal: no exponent, no zeros at its end."""
    whole, part = divmod(abs(count), 10**PLACES)
    text = f"{whole}.{part:0{PLACES}}".rstrip("0").removesuffix(".")
    return f"-{text}" if count < 0 else text


def _csv_field(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n') else text
