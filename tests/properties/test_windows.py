"""A window holds the days that its words say: against going through the days one by one."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hanse.language import windows
from hanse.language.windows import parse

DAYS = st.dates(date(2015, 1, 1), date(2026, 12, 31))
STARTS = st.tuples(st.integers(1, 12), st.integers(1, 28))


def months_back(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last: month by month."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def bounds(text: object, day: date, start: tuple[int, int] = (1, 1)) -> tuple[date | None, date]:
    window = parse(text)
    assert window is not None, text
    return window.bounds(day, start)


@given(day=DAYS, months=st.integers(1, 40))
def test_trailing_months_begin_after_the_same_day(day: date, months: int) -> None:
    first, last = bounds(f"{months} months", day)
    assert last == day
    assert first is not None
    assert first - timedelta(days=1) == months_back(day, months)
    assert bounds({"months": months, "inclusive": True}, day) == (months_back(day, months), day)
    assert bounds({"months": months, "whole": True}, day) == (months_back(day.replace(day=1), months), day)


@given(day=DAYS, count=st.integers(1, 800))
def test_trailing_days_are_so_many(day: date, count: int) -> None:
    first, last = bounds(f"{count} days", day)
    assert first is not None
    assert (last - first).days + 1 == count


@given(day=DAYS, start=STARTS)
def test_the_fiscal_year_begins_on_its_day(day: date, start: tuple[int, int]) -> None:
    first, last = bounds("fiscal year", day, start)
    assert last == day
    slow = day
    while (slow.month, slow.day) != start:
        slow -= timedelta(days=1)
    assert first == slow
    before, until = bounds("previous fiscal year", day, start)
    assert until == slow - timedelta(days=1)
    assert before is not None
    assert (before.month, before.day) == start
    assert before.year == slow.year - 1
    assert bounds("1 closed fiscal_years", day, start) == (before, until)


@given(day=DAYS, closed=st.integers(1, 9))
def test_quarters_are_those_of_the_calendar(day: date, closed: int) -> None:
    first, last = bounds("quarter", day)
    assert last == day
    assert first == date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    assert bounds(f"{closed} closed quarters", day) == (months_back(first, 3 * closed), first - timedelta(days=1))
    assert bounds("previous quarter", day) == bounds("1 closed quarters", day)


@given(day=DAYS)
def test_years_halves_and_months(day: date) -> None:
    assert bounds("calendar year", day) == (date(day.year, 1, 1), day)
    assert bounds("half year", day) == (date(day.year, 1 if day.month < 7 else 7, 1), day)
    assert bounds("month", day) == (day.replace(day=1), day)
    first, last = bounds("same month last year", day)
    assert first == date(day.year - 1, day.month, 1)
    assert last == date(day.year - 1, day.month, calendar.monthrange(day.year - 1, day.month)[1])


@given(day=DAYS, months=st.integers(0, 30), days=st.integers(0, 40))
def test_an_earlier_window_is_that_of_the_earlier_day(day: date, months: int, days: int) -> None:
    shifted = bounds({"trailing": "12 months", "ending": {"months": months, "days": days}}, day)
    assert shifted == bounds("12 months", months_back(day, months) - timedelta(days=days))


@given(day=DAYS, anniversary=DAYS)
def test_an_anniversary_year_holds_the_day_and_ends_before_the_next(day: date, anniversary: date) -> None:
    first, last = windows.year_around(day, anniversary.month, anniversary.day)
    assert first <= day <= last
    after = last + timedelta(days=1)
    assert first.month == anniversary.month
    assert after.month == anniversary.month
    assert after.year == first.year + 1


def test_fixed_days_end_at_the_day_judged() -> None:
    assert bounds({"from": date(2016, 1, 1), "until": date(2016, 12, 31)}, date(2017, 1, 1)) == (
        date(2016, 1, 1),
        date(2016, 12, 31),
    )
    assert bounds({"from": date(2016, 1, 1)}, date(2016, 5, 5)) == (date(2016, 1, 1), date(2016, 5, 5))


def test_what_is_no_window_is_none() -> None:
    for wrong in (
        "12 moons",
        "closed quarters",
        {"months": "twelve"},
        {"months": 1, "days": 2},
        {"from": "soon"},
        12,
        None,
        {},
        {"trailing": "12 months", "ending": {"moons": 1}},
        "-3 months",
        "previous decade",
    ):
        assert parse(wrong) is None, wrong
