"""Which rate of a currency is in force on a day?"""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pytest

from hanse.language import money, rates
from hanse.language.problems import CallError
from language.exchange import ECB, converted, published, refused, table


@pytest.mark.parametrize(
    ("days_after", "has"),
    [(0, True), (1, True), (14, True), (16, True), (17, False), (400, False), (365 * 7000, False)],
)
def test_after_the_last_day_of_the_table(days_after: int, has: bool) -> None:
    friday = date(2026, 10, 30)
    own = table(("2026-10-29", "USD", "1.1"), (str(friday), "USD", "1.2"))
    on = str(friday + timedelta(days_after))
    if has:
        assert converted("1.2", "USD", "EUR", on, own) == "1"
        assert converted("1", "EUR", "USD", on, own) == "1.2"
    else:
        reason = f"no rate of USD on {on}: the latest is of 2026-10-30 and more than 10 publication days back"
        assert refused("1", "USD", "EUR", on, own) == refused("1", "EUR", "USD", on, own) == reason


def test_after_the_last_day_holidays_are_no_publication_days() -> None:
    # after Christmas Eve: 29 to 31 December, 2 January, 5 to 9 January are nine, and 12 January is the tenth
    winter = table(("2025-12-24", "USD", "1"))
    assert converted("1", "USD", "EUR", "2026-01-12", winter) == "1"
    assert refused("1", "USD", "EUR", "2026-01-13", winter)
    # after 1 April 2026: 2 April, 7 to 10 and 13 to 17 April; Good Friday and Easter Monday lie between
    easter = table(("2026-04-01", "USD", "1"))
    assert converted("1", "USD", "EUR", "2026-04-19", easter) == "1"
    assert refused("1", "USD", "EUR", "2026-04-20", easter)


def test_target_is_open_when_the_bank_publishes() -> None:
    from_2002 = sorted(day for day in published() if day.year >= 2002)
    start = from_2002[0]
    while start < from_2002[-11]:
        expected = from_2002[from_2002.index(start) + 1 :][:11]
        number = rates.day_number(start)
        assert rates._target_days_after(number).tolist() == [rates.day_number(day) for day in expected]
        start = expected[-1]


def test_a_weekend_counts_as_its_friday_and_the_days_are_the_tables_own() -> None:
    # eleven publication days in all, a month apart: the first is ten back on the last
    days = [date(2020, month, 3) for month in range(1, 13)]
    own = table(("2020-01-03", "USD", "2"), *((str(day), "GBP", "1") for day in days[1:]))
    assert converted("1", "EUR", "USD", "2020-01-05", own) == "2"
    assert converted("1", "EUR", "USD", "2020-12-02", own) == "2"
    assert refused("1", "EUR", "USD", "2020-12-03", own)


def test_before_the_first_day_and_after_a_currency_ended() -> None:
    assert refused("1", "USD", "EUR", "1999-01-03") == "no rate of USD on 1999-01-03: its first is of 1999-01-04"
    assert refused("1", "EUR", "ILS", "2010-12-31") == "no rate of ILS on 2010-12-31: its first is of 2011-01-03"
    assert converted("7.5365", "HRK", "EUR", "2023-01-15") == "1"
    assert "2022-12-30" in refused("1", "HRK", "EUR", "2023-01-16")
    assert "2008-12-09" in refused("1", "ISK", "EUR", "2012-01-02")


def test_rates_are_taken_as_published() -> None:
    quotes = ECB.quotes["GBP"]
    by_day = dict(zip(ECB.days[quotes.at].tolist(), quotes.per_euro.tolist(), strict=True))
    for day, found in published().items():
        assert Fraction(by_day[rates.day_number(day)], ECB.one) == found["GBP"]
    assert set(ECB.quotes) == {"EUR"}.union(*(found for found in published().values()))


def test_bad_rows_are_left_out_and_said() -> None:
    own = table(
        ("2020-01-01", "USD", "2"),
        ("2020-01-32", "USD", "2"),
        ("2020-01-01", "XXY", "2"),
        ("2020-01-02", "USD", "0"),
        ("2020-01-02", "USD", "nan"),
        ("2020-01-02", "USD", "1,5"),
        ("2020-01-02", "EUR", "1.1"),
        ("2020-01-03", "EUR", "1.0"),
        ("2020-01-04", "USD", "3"),
        ("2020-01-04", "USD", "3.00"),
        ("2020-01-05", "USD", "4"),
        ("2020-01-05", "USD", "5"),
    )
    assert [problem.place for problem in own.problems] == [f"rates, row {n}" for n in (2, 3, 4, 5, 6, 7, 12)]
    for on, per_euro in (("2020-01-01", "2"), ("2020-01-03", "2"), ("2020-01-04", "3"), ("2020-01-05", "3")):
        assert converted("1", "EUR", "USD", on, own) == per_euro
    assert rates.table_rates(pa.table({"on": [], "currency": [], "per_euro": []})).problems == ()


def test_the_order_of_rows_does_not_matter() -> None:
    rows = [(str(day), c, str(float(r))) for day, of in list(published().items())[:60] for c, r in of.items()]
    rows += [("2026-10-01", "USD", "1"), ("2026-10-01", "GBP", "1")]
    first, last = date(2026, 6, 1), date(2026, 12, 1)
    found = money.factor_table("USD", rates=table(*rows), first=first, last=last)
    random.Random(1).shuffle(rows)
    assert money.factor_table("USD", rates=table(*rows), first=first, last=last).equals(found)


def test_types_of_columns() -> None:
    day = date(2020, 1, 2)
    for on, per_euro in (([day], [1.25]), (["2020-01-02"], [Decimal("1.250000")]), ([day], ["1.25"])):
        own = rates.table_rates(pa.table({"on": on, "currency": ["USD"], "per_euro": per_euro}))
        assert converted("1", "EUR", "USD", "2020-01-02", own) == "1.25"
    empty = rates.table_rates(pa.table({"on": [], "currency": [], "per_euro": []}))
    assert refused("1", "EUR", "USD", "2020-01-02", empty) == "no rate of USD is published"
    assert money.factor_table("EUR", rates=empty, first=day, last=day).num_rows == 1


def test_rates_at_the_end_of_the_calendar() -> None:
    assert converted("1", "EUR", "USD", "9999-12-31", table(("9999-12-31", "USD", "2"))) == "2"


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("missing.csv", None, "the rates cannot be read"),
        ("bytes.csv", b"on,currency,per_euro\n\xff\xfe\n", "the rates cannot be read"),
        ("not.parquet", b"on,currency,per_euro\n", "the rates cannot be read"),
        ("columns.csv", b"on,currency\n", "no column per_euro"),
        ("empty.csv", b"", "no column on, currency, per_euro"),
    ],
)
def test_files_that_are_no_rates(tmp_path: Path, name: str, content: bytes | None, what: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CallError) as raised:
        rates.read_rates(path)
    (problem,) = raised.value.problems
    assert (problem.place, problem.what) == (str(path), what)
    assert problem.why
    assert problem.remedy
