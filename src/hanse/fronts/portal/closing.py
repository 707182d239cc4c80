"""Who could close a gap in certified people, told in words: for pages about competencies and about people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hanse.apps.evaluation.progress import Progress
from hanse.apps.evaluation.supposed import PASSES, Change
from hanse.decisions import gap
from hanse.decisions.explanation_views import Requirement
from hanse.fronts.pages.changes import query
from hanse.language.words import Words, mark

SHOWN, AT_MOST = 4, 8  # exams, and people of one reason, that are named before the rest is only counted
_NEAR = {
    gap.SAME: mark("counts for another part of it already"),
    gap.ANY: mark("is certified in something else"),
    gap.NONE: mark("holds no certificate yet"),
}


@dataclass(frozen=True)
class Who:
    """A person who could close a gap, and why this one."""

    person: str
    why: str


@dataclass(frozen=True)
class Closing:
    """Who could close one gap: each person with the reason, and the exams of which one is enough (none: not listed)."""

    metric: str
    label: str
    people: tuple[Who, ...]
    exams: tuple[str, ...]
    renewal: bool  # is the first of them only a renewal away?
    what_if: str = ""  # the query of the page that says where the firm stood if the nearest passed

    @property
    def kinds(self) -> list[tuple[str, list[str], int]]:
        """The people by reason: the first few of each, and how many more there are."""
        found: dict[str, list[str]] = {}
        for one in self.people:
            found.setdefault(one.why, []).append(one.person)
        return [(why, named[:AT_MOST], max(0, len(named) - AT_MOST)) for why, named in found.items()]


def closings(
    progress: Progress,
    requirements: Iterable[Requirement],
    competency: str | None,
    employed: Sequence[str],
    words: Words,
) -> list[Closing]:
    """For each unmet requirement about certificates: who could close it, the nearest first."""
    counted = {str(row["metric"]) for row in progress.holders} | {metric for metric, _ in progress.exams or {}}
    found = []
    for one in requirements:
        if one.met or one.metric not in counted:
            continue
        listed = gap.candidates(one.metric, competency, progress.holders, employed)
        exams = (progress.exams or {}).get((one.metric, competency), ())
        people = tuple(Who(who.person, _why(who, words)) for who in listed)
        renewal = bool(listed) and listed[0].near == gap.RENEW
        exam = listed[0].certificate if renewal else exams[0] if exams else ""
        tried = [Change(PASSES, {"person": listed[0].person, "certificate": exam})] if listed and exam else []
        found.append(Closing(one.metric, one.label, people, exams, renewal, query(tried) if tried else ""))
    return found


def in_short(closing: Closing, words: Words) -> str:
    """The three nearest, in a line; where the first has only to renew something, what."""
    first = [who.person for who in closing.people[:3]]
    if closing.renewal:
        first[0] = f"{first[0]} ({closing.people[0].why})"
    return words.say("could close it: {people}", people=words.listed(first)) if first else ""


def _why(one: gap.Candidate, words: Words) -> str:
    if one.near == gap.RENEW and one.expired is not None:
        return words.say(
            "renew {certificate}, expired on {day}", certificate=one.certificate, day=words.day(one.expired)
        )
    return words.say(_NEAR[one.near])
