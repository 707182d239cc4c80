"""How is said on a form what a service refused: in the reader's language, beside its field or above the form?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hanse.language.problems import HanseError, Problem

if TYPE_CHECKING:
    from django.forms import Form

    from hanse.language.words import Words


def put(form: Form, error: HanseError, words: Words, fields: Mapping[str, str] | None = None) -> list[Problem]:
    """Puts each problem beside the field that its place names (`fields` says which); returns the others."""
    elsewhere = []
    for problem in error.problems:
        field = (fields or {}).get(problem.place, problem.place)
        if field in form.fields:
            what, why, remedy = (words.say(text) for text in (problem.what, problem.why, problem.remedy))
            form.add_error(field, f"{why} {remedy}." if field == "password" else f"{what}: {why}. {remedy}.")
        else:
            elsewhere.append(problem)
    return elsewhere
