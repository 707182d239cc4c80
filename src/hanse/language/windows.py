"""Which days a metric looks at: trailing, closed, calendar, fiscal, anniversary, fixed, shifted windows.

A window turns the day judged into a first and a last day, both included; `first` None means from the beginning.
Anniversary windows differ from partner to partner: `bounds` then raises, and `anniversaries` gives the table.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

_MONTHS = {
    "month": 1, "quarter": 3, "half year": 6, "calendar year": 12, "fiscal year": 12, "programme year": 12,
    "months": 1, "quarters": 3, "half_years": 6, "years": 12, "calendar_years": 12, "fiscal_years": 12,
}  # fmt: skip
_PERSONAL = {"anniversary year", "subscription year"}
FORMS = (
    "12 months, 365 days, 4 closed quarters, calendar year, fiscal year, previous calendar year, "
    "same month last year, anniversary year, or a mapping"
)


@dataclass(frozen=True)
class Window:
    """`kind` is trailing, closed, current, previous, personal or fixed; the rest says how long and from where."""

    kind: str
    count: int = 0
    unit: str = "months"
    months: int = 12
    fiscal: bool = False
    whole: bool = False
    inclusive: bool = False
    first: date | None = None
    last: date | None = None
    back: tuple[int, int] = (0, 0)  # months and days by which the whole window lies earlier

    @property
    def personal(self) -> bool:
        return self.kind == "personal"

    def bounds(self, as_of: date, fiscal_start: tuple[int, int] = (1, 1)) -> tuple[date | None, date]:
        """First and last day, both included, for the day judged."""
        day = add_months(as_of, -self.back[0]) - timedelta(days=self.back[1])
        if self.kind == "fixed":
            return self.first, min(self.last or day, day)
        if self.kind == "trailing":
            return self._trailing(day), day
        start = _period_start(day, self.months, fiscal_start if self.fiscal else (1, 1))
        if self.kind == "current":
            return start, day
        if self.kind == "closed":
            return add_months(start, -self.months * self.count), start - timedelta(days=1)
        if self.kind == "previous":
            return add_months(start, -self.months), start - timedelta(days=1)
        if self.kind == "same_last_year":
            return add_months(start, -12), add_months(start, self.months - 12) - timedelta(days=1)
        raise ValueError(f"the window {self.kind} differs from partner to partner")

    def period(self, as_of: date, fiscal_start: tuple[int, int] = (1, 1)) -> tuple[date | None, date]:
        """First and last day of the whole period in which the day judged lies: a year's quantity is the year's."""
        first, last = self.bounds(as_of, fiscal_start)
        if self.kind == "current" and first is not None:
            return first, add_months(first, self.months) - timedelta(days=1)
        return first, last

    def _trailing(self, day: date) -> date:
        if self.unit == "days":
            return day - timedelta(days=self.count - (0 if self.inclusive else 1))
        if self.whole:
            return add_months(day.replace(day=1), -self.count)
        start = add_months(day, -self.count)
        return start if self.inclusive else start + timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months on (negative: back); the month's last day if it is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def leaving_day(day: date, months: int, days: int, day_of_month: int | None) -> date:
    """The last day on which a leaver's certificates count: so much later, or on a day of a later month."""
    later = add_months(day, months)
    if months and day_of_month:
        later = later.replace(day=1) + timedelta(days=day_of_month - 1)
    return later + timedelta(days=days)


def _period_start(day: date, months: int, start: tuple[int, int]) -> date:
    first_month, first_day = start
    anchor = date(day.year, first_month, first_day)
    if anchor > day:
        anchor = date(day.year - 1, first_month, first_day)
    passed = (day.year - anchor.year) * 12 + day.month - anchor.month - (1 if day.day < anchor.day else 0)
    return add_months(anchor, passed // months * months)


def year_around(day: date, month: int, day_of_month: int) -> tuple[date, date]:
    """The year between two anniversaries (month and day given) in which a day lies: first and last day."""

    def on(year: int) -> date:
        return date(year, month, min(day_of_month, calendar.monthrange(year, month)[1]))

    start = on(day.year) if on(day.year) <= day else on(day.year - 1)
    return start, on(start.year + 1) - timedelta(days=1)


def parse(raw: Any) -> Window | None:
    """A window as the language writes it; None where it is not one."""
    if isinstance(raw, str):
        return _parse_text(" ".join(raw.split()))
    if not isinstance(raw, dict):
        return None
    keys = set(raw)
    counts = [raw[k] for k in ("months", "days") if k in raw]
    if any(not isinstance(n, int) or isinstance(n, bool) or n < 0 for n in counts):
        return None
    if any(raw[k] is not None and not isinstance(raw[k], date) for k in ("from", "until") if k in raw):
        return None
    if keys <= {"from", "until"} and keys:
        return Window("fixed", first=raw.get("from"), last=raw.get("until"))
    if "trailing" in raw and keys <= {"trailing", "ending"}:
        inner = parse(raw["trailing"])
        shift = raw.get("ending") or {}
        if inner is None or not isinstance(shift, dict) or not set(shift) <= {"months", "days"}:
            return None
        if not all(isinstance(n, int) and not isinstance(n, bool) for n in shift.values()):
            return None
        return replace(inner, back=(int(shift.get("months", 0)), int(shift.get("days", 0))))
    if keys <= {"months", "days", "whole", "inclusive"} and len(keys & {"months", "days"}) == 1:
        unit = "months" if "months" in raw else "days"
        return Window(
            "trailing", int(raw[unit]), unit, whole=bool(raw.get("whole")), inclusive=bool(raw.get("inclusive"))
        )
    return None


def _parse_text(text: str) -> Window | None:
    if text in _PERSONAL:
        return Window("personal")
    if match := re.fullmatch(r"(\d+) (day|month|year)s?", text):
        count = int(match[1])
        if match[2] == "year":
            return Window("trailing", count * 12, "months")
        return Window("trailing", count, f"{match[2]}s")
    if match := re.fullmatch(r"(\d+) closed (\w+)", text):
        unit = match[2] if match[2].endswith("s") else match[2] + "s"
        if unit not in _MONTHS:
            return None
        return Window("closed", int(match[1]), months=_MONTHS[unit], fiscal=unit == "fiscal_years")
    fiscal = text.endswith(("fiscal year", "fiscal_year", "programme year"))
    text = {"year": "calendar year", "fiscal_year": "fiscal year", "half_year": "half year"}.get(text, text)
    if text in _MONTHS:
        return Window("current", months=_MONTHS[text], fiscal=fiscal)
    if text.startswith("previous ") and text[9:] in _MONTHS:
        return Window("previous", months=_MONTHS[text[9:]], fiscal=fiscal)
    if match := re.fullmatch(r"same (month|quarter) last year", text):
        return Window("same_last_year", months=_MONTHS[match[1]])
    return None
