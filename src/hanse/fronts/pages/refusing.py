"""How is said on a form what a service refused: in the reader's language, beside its field or above the form?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hanse.language.problems import HanseError, Problem

if TYPE_CHECKING:
    from django.forms import Form

    from hanse.language.words import Words


def put(form: Form, error: HanseError, words: Words, fields: Mapping[str, str] | None = None) -> list[Problem]:
    """Puts each problem beside the field that its place names (`fields` says which); returns the others, translated."""
    elsewhere = []
    for problem in error.problems:
        told = translated(problem, words)
        field = (fields or {}).get(problem.place, problem.place)
        if field in form.fields:
            form.add_error(
                field,
                f"{told.why} {told.remedy}." if field == "password" else f"{told.what}: {told.why}. {told.remedy}.",
            )
        else:
            elsewhere.append(told)
    return elsewhere


def translated(problem: Problem, words: Words) -> Problem:
    """A problem in the reader's language, as far as its messages are in the catalogue."""
    return Problem(problem.place, *(words.say(text) for text in (problem.what, problem.why, problem.remedy)))
