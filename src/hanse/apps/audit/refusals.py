"""What is answered to whoever may not do a thing, or asks for a thing that is not there for them?

Both stand on the lowest app, so that every app answers alike; `accounts.policy` hands them on.
"""

from __future__ import annotations

from hanse.language.problems import HanseError, Problem


class Refused(HanseError):  # noqa: N818 (an answer, in the words of the house)
    """The actor may not do this; the problem says why, and who may."""

    exit_code = 2


class NotThere(HanseError):  # noqa: N818
    """There is no such thing, or the actor may not see it: the answer is the same, and so gives nothing away."""

    exit_code = 2


def not_there(kind: str, key: object, remedy: str) -> NotThere:
    """The answer for a thing that the actor cannot see, whether it exists or not."""
    why = "there is none with this name, or it is not yours to see"
    return NotThere(Problem(f"{kind} {key}", f"there is no {kind} {key}", why, remedy))
