"""Which day was typed? One that is written otherwise is told how days are written."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from hanse.language.problems import CallError, Problem

if TYPE_CHECKING:
    from hanse.language.words import Words


def typed_day(given: str, words: Words) -> date:
    """The day that is written here as year, month and day. Raises CallError for what is none."""
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise CallError(Problem(
            words.say("the day"), words.say("{given} is no day", given=repr(given)),
            words.say("a day is year, month and day"), words.say("write it as 2017-06-30"),
        )) from error  # fmt: skip
