"""The words of a call: days and moments, read strictly, with an answer that says which form is needed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from hanse.language.problems import CallError, Problem

if TYPE_CHECKING:
    from hanse.language.context import Days


def day_of(text: str, option: str) -> date:
    """A day written as 2017-06-30. Raises CallError for anything else."""
    try:
        if len(text) != len("2017-06-30"):
            raise ValueError("a day has four digits for the year, two for the month and two for the day")
        return date.fromisoformat(text)
    except ValueError as error:
        raise CallError(
            Problem(option, f"{text!r} is not a day", str(error), f"write it as {option} 2017-06-30")
        ) from error


def moment_of(text: str, option: str) -> datetime:
    """A moment written as 2017-06-30T14:00:00; a day alone means its last second, a zone is turned to UTC.

    Raises CallError for anything else.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        remedy = f"write it as {option} 2017-06-30T14:00:00, or as a day: its last second is meant"
        raise CallError(Problem(option, f"{text!r} is not a moment", str(error), remedy)) from error
    if "T" not in text and " " not in text:
        return datetime.combine(moment.date(), time(23, 59, 59))
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def days_of(as_of: str, rules_as_of: str | None, known_at: str | None) -> Days:
    """The day judged, the day of the rules (else the same), and the moment of knowledge (else any)."""
    from hanse.language.context import Days

    judged = day_of(as_of, "--as-of")
    rules = day_of(rules_as_of, "--rules-as-of") if rules_as_of else judged
    return Days(judged, rules, moment_of(known_at, "--known-at") if known_at else None)
