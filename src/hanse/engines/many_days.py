"""How are plans that differ in days alone run at once? As one statement, whose days are rows of a table.

A replay judges a metric on every day of a window. Compiled for one day after the other, its plans are mostly the same
statements with other days written in them. Here those days become columns, the plan a lateral subquery over them: the
statement is planned once, and an engine that turns lateral subqueries into joins also runs it once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from hanse.language.plan import RAW, Plan, Step

MOST = 2_000_000  # rows of facts times days of one statement: what it holds at once grows with both
_DAY = re.compile(r"CAST\('(\d{4}-\d{2}-\d{2})' AS DATE\)")
_UNNAMEABLE = re.compile(r"[^a-z0-9_]")
_ALIAS = "hanse_days"


Answers = dict[str, pa.Table]
Alone = Callable[[Plan, str], pa.Table]


class NotTogetherError(Exception):
    """The engine cannot run a statement for many days: each is then run by itself."""


@dataclass(frozen=True)
class Way:
    """How an engine runs plans together: `prepare` makes steps (step -> relation); `written` gives a step's statement in the
    engine's dialect, told how other steps are named; `ask` gives the rows of a statement, or raises NotTogetherError.

    `rows`: how many rows of facts there are.
    """

    prepare: Callable[[Plan, list[str]], Mapping[str, str]]
    ask: Callable[[str], pa.Table]
    written: Callable[[Step, str, Callable[[str], str]], str]
    rows: int


@dataclass
class _Alike:
    """Plans with the same statements but for their days: their numbers, and the days of each in order of their places."""

    steps: list[Step]
    relations: dict[str, str]
    numbers: list[int]
    days: list[list[str]]


def answers(plans: Sequence[Plan], output: str, known: Answers, alone: Alone, way: Way | None = None) -> list[pa.Table]:
    """The rows of one output of every plan, all over the same facts.

    `known` holds what was answered before by content key, and is added to: windows of two replays overlap. `alone`
    gives the rows of one plan, where there is no `way` to run several.
    """
    keys = [plan.keys("facts")[plan.outputs[output]] for plan in plans]
    new = {key: plan for key, plan in zip(keys, plans, strict=True) if key not in known}
    if way is None or len(new) < 2:
        known |= {key: alone(plan, output) for key, plan in new.items()}
    else:
        fresh = list(new.values())
        found: dict[int, pa.Table] = {}
        for alike in _grouped(fresh, output, way):
            for part in _parts(alike, max(1, MOST // max(1, way.rows))):
                found |= _asked(part, way) or {n: alone(fresh[n], output) for n in part.numbers}
        known |= {key: found[number] for number, key in enumerate(new)}
    return [known[key] for key in keys]


def _parts(alike: _Alike, most: int) -> Iterator[_Alike]:
    """The plans in parts of at most so many."""
    for n in range(0, len(alike.numbers), most):
        yield _Alike(alike.steps, alike.relations, alike.numbers[n : n + most], alike.days[n : n + most])


def _asked(alike: _Alike, way: Way) -> dict[int, pa.Table] | None:
    """The rows by number of the plan; None where they have to be asked for one by one."""
    if len(alike.numbers) == 1:
        return None
    try:
        rows = way.ask(_statement(alike, way))
    except NotTogetherError:
        return None
    kept = rows.drop_columns(["number"])
    return {n: kept.filter(pc.equal(rows["number"], n)) for n in alike.numbers}


def _grouped(plans: Sequence[Plan], output: str, way: Way) -> list[_Alike]:
    """The plans by what their statements are once the days are taken out.

    What no day changes, and what does not come from SQL, is made before and named by its relation.
    """
    keys = [plan.keys("facts") for plan in plans]
    found: dict[object, _Alike] = {}
    for number, plan in enumerate(plans):
        steps = plan.ordered([plan.outputs[output]])
        made = [s for s in steps if not s.sql or all(k.get(s.name) == keys[number][s.name] for k in keys)]
        relations = dict(way.prepare(plan, [s.name for s in made])) if made else {}
        relations = {s.name: relations[s.name] for s in made}
        left = [s for s in steps if s.name not in relations]
        pieces = [_DAY.split(s.sql) for s in left]
        shape = tuple((s.name, s.keep, *p[::2]) for s, p in zip(left, pieces, strict=True))
        group = found.setdefault((shape, tuple(relations.items())), _Alike(left, relations, [], []))
        group.numbers.append(number)
        group.days.append([day for p in pieces for day in p[1::2]])
    return list(found.values())


def _statement(alike: _Alike, way: Way) -> str:
    """The rows of the last step for every day, with the number of the plan before them."""
    columns: dict[tuple[str, ...], str] = {}
    places = list(zip(*alike.days, strict=True))
    for place in places:
        if len(set(place)) > 1:
            columns.setdefault(place, f"day{len(columns) + 1}")
    names = {
        s.name: f"c{n}_{_UNNAMEABLE.sub('_', s.name.lower())[:40]}" for n, s in enumerate(alike.steps)
    } | alike.relations

    def of(name: str) -> str:
        return name if name.startswith(RAW) else names[name]

    remaining = iter(places)

    def day(_: re.Match[str]) -> str:
        place = next(remaining)
        return f"CAST({_ALIAS}.{columns[place]} AS DATE)" if place in columns else f"CAST('{place[0]}' AS DATE)"

    parts = []
    for step in alike.steps:
        text = way.written(step, _DAY.sub(day, step.sql), of)
        parts.append(f"{names[step.name]} {'AS MATERIALIZED' if step.keep else 'AS'} ({text})")
    rows = [
        [str(number), *(f"CAST('{place[n]}' AS DATE)" for place in columns)] for n, number in enumerate(alike.numbers)
    ]
    listed = ", ".join(f"({', '.join(row)})" for row in rows)
    last = f"WITH {', '.join(parts)} SELECT * FROM {names[alike.steps[-1].name]}"
    head = f"(VALUES {listed}) AS {_ALIAS}({', '.join(['number', *columns.values()])})"
    return f"SELECT {_ALIAS}.number, answer.* FROM {head} CROSS JOIN LATERAL ({last}) AS answer"
