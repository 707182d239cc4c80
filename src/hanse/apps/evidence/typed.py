"""Are these values what their columns say they are?

For rows entered by hand or by a program, a few at a time; files are typed by the app `imports`. Texts are read as the
contract writes them: 2017-06-30, 1234.56, DE, EUR.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from hanse.language.facts import CONTRACT, Column, FactTable
from hanse.language.money import known_currencies
from hanse.language.problems import CallError, Problem, nearest
from hanse.language.soundness import all_countries

_FOUR = Decimal("0.0001")
Row = Mapping[str, Any]


def rows(given: Mapping[str, Sequence[Row]]) -> dict[str, list[dict[str, Any]]]:
    """The rows with every value typed. Raises CallError with every problem there is."""
    problems: list[Problem] = []
    found: dict[str, list[dict[str, Any]]] = {}
    for name, listed in given.items():
        table = CONTRACT.get(name)
        if table is None:
            problems.append(
                Problem(name, "there is no such fact table", "facts are those of the contract", nearest(name, CONTRACT))
            )
            continue
        found[name] = [
            _row(table, row, f"{name}, row {number}", problems) for number, row in enumerate(listed, start=1)
        ]
    if problems:
        raise CallError(problems)
    return found


def _row(table: FactTable, row: Row, place: str, problems: list[Problem]) -> dict[str, Any]:
    unknown = [c for c in row if c not in table.by_name]
    problems += [
        Problem(place, f"{table.name} has no column {c!r}", "it would be silently lost", nearest(c, table.by_name))
        for c in unknown
    ]
    typed: dict[str, Any] = {}
    for column in table.columns:
        raw = row.get(column.name)
        if raw is None or raw == "":
            if column.required:
                problems.append(
                    Problem(
                        place, f"{column.name} is missing", f"{table.name} needs it in every row", "give it a value"
                    )
                )
            typed[column.name] = None
            continue
        try:
            typed[column.name] = value(column, raw)
        except ValueError as error:
            problems.append(
                Problem(f"{place}, {column.name}", f"{raw!r} cannot be read", str(error), "correct the value")
            )
    if table.lasts:
        first, last = (typed.get(c) for c in table.lasts)
        if first is not None and last is not None and last < first:
            problems.append(Problem(place, f"{table.lasts[1]} {last} lies before the beginning",
                                    "a period ends on or after its first day", "correct one of the two days"))  # fmt: skip
    return typed


def value(column: Column, raw: Any) -> Any:
    """One value as its column's type. Raises ValueError saying which form is needed."""
    match column.type:
        case "day":
            return _day(raw)
        case "moment":
            return _moment(raw)
        case "amount" | "number" | "rate":
            return _exact(column.type, raw)
        case "integer":
            return _whole(raw)
        case "real":
            return float(raw)
        case "country":
            return _code(str(raw).strip().upper(), _countries(), "countries are ISO 3166-1 alpha-2 codes")
        case "currency":
            return _code(str(raw).strip().upper(), known_currencies(), "currencies are ISO 4217 codes")
        case _:
            return str(raw).strip()


def _day(raw: Any) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    try:
        return date.fromisoformat(str(raw))
    except ValueError as error:
        raise ValueError("days are written like 2017-06-30") from error


def _moment(raw: Any) -> datetime:
    try:
        found = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw))
    except ValueError as error:
        raise ValueError("moments are written like 2017-06-30T14:00:00") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _exact(kind: str, raw: Any) -> Decimal:
    try:
        found = raw if isinstance(raw, Decimal) else Decimal(str(raw))
    except InvalidOperation as error:
        raise ValueError("numbers are written like 1234.56") from error
    if not found.is_finite():
        raise ValueError("numbers are written like 1234.56")
    if kind != "rate":
        if found != found.quantize(_FOUR):
            raise ValueError("amounts are kept exactly, to four decimals")
        if abs(found) >= 10**14:
            raise ValueError("amounts are kept below 100 000 000 000 000")
    return found


def _whole(raw: Any) -> int:
    number = _exact("integer", raw)
    if number != int(number):
        raise ValueError("whole numbers have no decimals")
    return int(number)


def _code(code: str, known: frozenset[str], why: str) -> str:
    if code not in known:
        raise ValueError(why)
    return code


@cache
def _countries() -> frozenset[str]:
    return frozenset(all_countries())
