"""Where on a form is said what a service refused? Beside its field where the problem names one; else above the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.forms import Form

    from hanse.language.problems import HanseError, Problem

_FIELDS = {"SUBJECT": "subject", "EDITION": "edition", "--reason": "why", "--as-of": "as_of", "reason": "why"}


def put(form: Form, error: HanseError) -> list[Problem]:
    """Puts each problem beside the field that its place names; returns those that name none."""
    elsewhere = []
    for problem in error.problems:
        field = _FIELDS.get(problem.place, problem.place)
        if field in form.fields:
            form.add_error(field, f"{problem.what}: {problem.why}. {problem.remedy}")
        else:
            elsewhere.append(problem)
    return elsewhere
