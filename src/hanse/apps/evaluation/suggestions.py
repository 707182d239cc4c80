"""Which changes are worth trying? What would close a gap of the next level or of a competency nearly held; and what runs out.

Only tried, never promised: a suggestion is judged like any other change once somebody follows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from hanse.apps.evaluation.alone import human_answers
from hanse.apps.evaluation.askable import CERTIFICATES, Field, counted_by
from hanse.apps.evaluation.matching import passing
from hanse.apps.evaluation.supposed import CERTIFIED, LAPSES, MOST_CHANGES, MOST_TIMES, WON, About, Change
from hanse.decisions.explanation_views import CompetencyView, Explanation, Requirement
from hanse.language import model

AHEAD = timedelta(days=100)
_MOST, _NEAR, _FEW, _BEST = 6, 3, 3, 10.0  # suggestions; of competencies; surveys, and the score each gives
_AVERAGES = frozenset({"average", "median", "percentile", "latest", "max", "first", "min"})


@dataclass(frozen=True)
class Suggestion:
    """Changes worth trying: `closes` is the requirement they are for, `competency` the one it belongs to."""

    changes: tuple[Change, ...]
    closes: str = ""
    competency: str = ""


def suggestions(told: Explanation, about: About) -> list[Suggestion]:
    """What would close the gaps of the next level, each for itself; at most so many, then what runs out soon."""
    found: list[Suggestion] = []
    near = told.near[:_NEAR]
    level = next((one for one in told.next if not one.retired), None)
    for asked in level.requirements if level else ():
        one = asked.requirement
        if level is not None and one.requirement in level.missing and not one.met:
            found += _closing(one, about, near, level.level)
    for competency in near:
        found += _of_competency(competency, about)
    kept = list({one.changes: one for one in reversed(found)}.values())[::-1]
    return kept[:_MOST] + list(_running_out(about))


def _closing(one: Requirement, about: About, near: Sequence[CompetencyView], level: str) -> Iterator[Suggestion]:
    """The changes that would make one requirement hold, where that can be told."""
    if one.kind == "human":
        answer = human_answers(about.edition, level).get(one.requirement)
        if answer:
            yield Suggestion((Change("attestations", answer),), one.label)
    elif one.table == "competencies_held":
        for competency in near:
            yield from _of_competency(competency, about)
    else:
        changes = _filling(one, about, "", [c.competency for c in near])
        if changes:
            yield Suggestion(changes, one.label)


def _of_competency(competency: CompetencyView, about: About) -> Iterator[Suggestion]:
    label = f"{competency.label} ({competency.depth_label})" if competency.depth_label else competency.label
    for one in competency.requirements:
        if not one.met:
            changes = _filling(one, about, competency.competency, [])
            if changes:
                yield Suggestion(changes, one.label, label)


def _filling(one: Requirement, about: About, competency: str, near: Sequence[str]) -> tuple[Change, ...]:
    """One change (or a few) that brings a counted metric up to what is needed; none where that cannot be told."""
    metric = counted_by(about.edition, one.metric)
    if metric is None or not one.comparison.startswith(("at_least", "above")) or one.needed is None:
        return ()
    if metric.table == CERTIFICATES:
        return _certified(one, metric, about, competency, near)
    fields = {field.name: field for field in about.asks.tables.get(metric.table, ())}
    if not fields:
        return ()
    if metric.table == "deals" and metric.agg == "count" and len(about.open_deals) >= _many(one):
        return tuple(Change(WON, {"deal": key}) for key in sorted(about.open_deals)[: _many(one)])
    values = _values(one, metric, fields, about, competency)
    return (Change(metric.table, values),) if values else ()


def _certified(
    one: Requirement, metric: model.Simple, about: About, competency: str, near: Sequence[str]
) -> tuple[Change, ...]:
    """So many people with a certificate that the metric counts; of several, one of a competency that is nearly held."""
    known = about.asks.certificates
    codes = [c for c, of in known.items() if not competency or competency in of]
    codes.sort(key=lambda code: not set(known[code]) & set(near))
    choices = _choices(about.asks.about_people, about)
    for code in codes:
        fixed = {"certificate": code, "earned": about.day.isoformat()}
        row = passing(metric.filter, fixed, choices)
        if row is not None:
            more = {k: v for k, v in row.items() if k not in fixed}
            return (Change(CERTIFIED, {"people": str(_many(one)), "certificate": code, **more}),)
    return ()


def _values(
    one: Requirement, metric: model.Simple, fields: dict[str, Field], about: About, competency: str
) -> dict[str, str]:
    """The values of a row that the metric counts, and how often it is needed."""
    fixed: dict[str, str] = {}
    measure = metric.measure if metric.measure in fields else None
    if measure and metric.agg == "sum":
        fixed[measure] = str(ceil(one.short_by or one.needed or 0))
    elif measure and metric.agg in _AVERAGES:
        fixed[measure] = _plain(_BEST if measure == "score" and (one.needed or 0) <= _BEST else one.needed or 0)
        fixed["times"] = str(min(MOST_TIMES, metric.min_count or 1) if one.actual is None else _FEW)
    elif metric.agg == "count":
        fixed["times"] = str(_many(one))
    else:
        return {}
    if metric.day in fields:
        fixed[str(metric.day)] = about.day.isoformat()
    if measure in ("amount", "monthly", "value") and "currency" in fields:
        fixed["currency"] = str(one.unit or about.edition.programme.currency)
    if competency:
        of_competency = _counts_for(competency, fields, about)
        if of_competency is None:
            return {}
        fixed |= of_competency
    row = passing(metric.filter, fixed, _choices([f for f in fields.values() if f.name != "times"], about))
    if row is None:
        return {}
    for name, field in fields.items():
        if field.required and name not in row and field.values:
            row[name] = next(iter(field.values))
    return {k: v for k, v in row.items() if (k, v) != ("times", "1")}


def _counts_for(competency: str, fields: dict[str, Field], about: About) -> dict[str, str] | None:
    """What makes a row count for a competency: a value of one of its columns. None where no column does."""
    assert about.edition.competencies is not None
    counts = about.edition.competencies.competencies[competency].counts
    for column, values in counts.items():
        if column in fields and values:
            return {column: values[0]}
    return {"competency": competency} if "competency" in fields else None


def _choices(fields: Sequence[Field], about: About) -> dict[str, list[str]]:
    days = [about.day.isoformat()]
    return {one.name: days if one.column.type == "day" else list(one.values) for one in fields}


def _many(one: Requirement) -> int:
    return max(1, min(MOST_TIMES, ceil(one.short_by or 1)))


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _running_out(about: About) -> Iterator[Suggestion]:
    """The certificates that run out soon, all at once."""
    until = about.day + AHEAD
    soon = [row for row in about.held if row["expires"] is not None and row["expires"] <= until]
    pairs = dict.fromkeys((str(row["person"]), str(row["certificate"])) for row in soon)
    if pairs:
        changes = (Change(LAPSES, {"person": p, "certificate": c}) for p, c in list(pairs)[:MOST_CHANGES])
        yield Suggestion(tuple(changes))
