"""How many of the people that competencies need can be put forward, when nobody may serve twice?

A person who qualifies for two competencies serves one. Counting is wrong here: whether two competencies can both
be staffed depends on who serves where, so the largest set of competencies is found by an integer programme
(HiGHS by way of scipy), partner by partner, and only where people are really contended for.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from hanse.language import exact, model
from hanse.language.context import Context
from hanse.language.expressions import ExpressionError
from hanse.language.lots import lot
from hanse.language.metrics import Instance, Made, SourceRelation
from hanse.language.plan import Tables, literal, quoted

ANY_ROLE = ""
Slot = tuple[int, str]  # competency, role


@dataclass(frozen=True)
class Rules:
    """`need` people per role and competency; each person fills at most `up_to` of a role, perhaps one kind only."""

    need: dict[str, int]
    up_to: dict[str, int]
    one_role: bool
    exempt: frozenset[int]


def assign(qualified: dict[str, set[Slot]], rules: Rules) -> dict[Slot, list[str]]:
    """Who serves where: as many whole competencies as can be staffed, each named with its people.

    `qualified` is person -> slots that the person could fill. The outcome is the same for the same input: of
    solutions with equally many competencies the solver is steered to the lowest numbers, and among people the lot decides.
    """
    slots: dict[Slot, list[str]] = defaultdict(list)
    for person in sorted(qualified, key=lot):
        for slot in sorted(qualified[person]):
            slots[slot].append(person)
    competencies = sorted({c for c, _ in slots})
    possible = [c for c in competencies if all(len(slots.get((c, r), [])) >= n for r, n in rules.need.items())]
    if not possible:
        return {}
    free = _uncontended(slots, possible, rules)
    if free is not None:
        return free
    return _solved(slots, possible, rules)


def _uncontended(slots: dict[Slot, list[str]], possible: list[int], rules: Rules) -> dict[Slot, list[str]] | None:
    """The assignment where every competency can be staffed by people nobody else wants; None where that fails."""
    used: dict[tuple[str, str], int] = defaultdict(int)
    kind: dict[str, str] = {}
    chosen: dict[Slot, list[str]] = {}
    wanted: dict[str, int] = defaultdict(int)
    for c in possible:
        for r in rules.need:
            for person in slots[(c, r)]:
                wanted[person] += 1
    for c in possible:
        for r, n in rules.need.items():
            free = [
                p for p in slots[(c, r)]
                if c in rules.exempt or (used[(p, r)] < rules.up_to.get(r, 1) and (not rules.one_role or kind.get(p, r) == r))
            ]  # fmt: skip
            free.sort(key=lambda p: wanted[p])  # among those wanted equally, the lot's order stays
            if len(free) < n:
                return None
            chosen[(c, r)] = sorted(free[:n])
            for person in free[:n]:
                if c not in rules.exempt:
                    used[(person, r)] += 1
                    kind.setdefault(person, r)
    return chosen


def _solved(  # noqa: C901 - a model is its variables and constraints, one after the other
    slots: dict[Slot, list[str]], possible: list[int], rules: Rules
) -> dict[Slot, list[str]]:
    """The integer programme: choose competencies and people, the most competencies first."""
    pairs = [(p, c, r) for c in possible for r in rules.need for p in slots[(c, r)]]
    people = sorted({p for p, _, _ in pairs}, key=lot)
    kinds = [(p, r) for p in people for r in rules.need] if rules.one_role else []
    take, serve = len(possible), len(pairs)
    size = take + serve + len(kinds)
    cost = np.zeros(size)
    cost[:take] = [-1 + 1e-6 * i for i in range(take)]
    cells: list[tuple[int, int, float]] = []
    low: list[float] = []
    high: list[float] = []

    def row(entries: list[tuple[int, float]], least: float, most: float) -> None:
        cells.extend((len(low), column, value) for column, value in entries)
        low.append(least)
        high.append(most)

    of_slot: dict[Slot, list[int]] = defaultdict(list)
    of_role: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, (p, c, r) in enumerate(pairs):
        of_slot[(c, r)].append(take + index)
        if c not in rules.exempt:
            of_role[(p, r)].append(take + index)
    for index, c in enumerate(possible):
        for r, n in rules.need.items():
            row([*((i, 1.0) for i in of_slot[(c, r)]), (index, -float(n))], 0, 0)
    place = {pair: take + serve + i for i, pair in enumerate(kinds)}
    for (p, r), columns in of_role.items():
        most = rules.up_to.get(r, 1)
        if kinds:
            row([*((i, 1.0) for i in columns), (place[(p, r)], -float(most))], -np.inf, 0)
        else:
            row([(i, 1.0) for i in columns], 0, most)
    if kinds:
        for p in people:
            row([(place[(p, r)], 1.0) for r in rules.need], 0, 1)
    from scipy.optimize import Bounds, LinearConstraint, milp  # half a second that most editions never need
    from scipy.sparse import coo_array

    matrix = coo_array(
        ([v for _, _, v in cells], ([r for r, _, _ in cells], [c for _, c, _ in cells])), shape=(len(low), size)
    )
    answer = milp(
        cost, constraints=LinearConstraint(matrix.tocsc(), low, high), integrality=np.ones(size), bounds=Bounds(0, 1)
    )
    if answer.x is None:
        raise RuntimeError(f"the assignment found no solution: {answer.message}")
    chosen: dict[Slot, list[str]] = defaultdict(list)
    for index, (p, c, r) in enumerate(pairs):
        if answer.x[take + index] > 0.5:
            chosen[(c, r)].append(p)
    return {slot: sorted(people) for slot, people in chosen.items()}


def _rules(ctx: Context, name: str, metric: model.Assignment) -> Rules:
    def count(raw: object, *path: str) -> int:
        value = ctx.single(raw, "metrics", (name, *path)).constant
        assert value is not None
        return int(value)

    numbers = {n: i for i, n in enumerate(ctx.edition.competencies.competencies)} if ctx.edition.competencies else {}
    exempt = frozenset(numbers[e] for e in metric.exempt if e in numbers)
    if metric.roles:
        need = {r: count(n, "roles", r) for r, n in metric.roles.items()}
        up_to = {r: count(n, "up_to", r) for r, n in metric.up_to.items()} if isinstance(metric.up_to, dict) else {}
        return Rules(need, up_to, metric.one_role_per_person, exempt)
    need_one = count(metric.need if metric.need is not None else 1, "need")
    return Rules({ANY_ROLE: need_one}, {ANY_ROLE: count(metric.up_to or 1, "up_to")}, False, exempt)


def source(ctx: Context, instance: Instance) -> SourceRelation:
    """Per competency the people assigned: all that are needed, or none. The step `people_NAME` says who."""
    from hanse.language.simple import _Rows, competency_of
    from hanse.language.tables import row_table

    metric: model.Assignment = ctx.edition.metrics[instance.name]
    judged = instance.day(ctx.days.as_of)
    try:
        table = row_table(ctx, instance.name, metric.table, judged)
        reader = _Rows(ctx, model.Simple(table=metric.table, filter=metric.filter), table, judged)
        tests = [p.sql for p in reader.validity() + reader.window(instance.name)]
        if metric.filter:
            tests.append(reader.condition(metric.filter))
        if "subject" in table.columns:
            table.use("subject")
            join, key = ' JOIN $competencies AS kc1 ON kc1.name = t."subject"', "kc1.competency"
        else:
            join, key = competency_of(ctx, table)
        role = reader.name("role").sql if metric.roles else literal(ANY_ROLE)
        if metric.roles:
            tests.append(f"{role} IN ({', '.join(literal(r) for r in metric.roles)})")
    except ExpressionError as error:
        raise ctx.metric_error(instance.name, str(error), "nobody can be assigned", "see docs/language.md") from error
    person = reader.name("person").sql
    join += f" JOIN $competencies AS kf ON kf.competency = {key}"  # nobody serves a retired one
    rows = f"SELECT DISTINCT {reader.pid} AS pid, {person} AS person, {key} AS competency, {role} AS role FROM {table.relation} AS t{reader.joins}{join}"
    where = " AND ".join(tests) or "TRUE"
    candidates = f"candidates_{instance.column}"
    if metric.when:
        rows, where = _narrowed(ctx, metric.when, f"{rows} WHERE {where}"), "TRUE"
        ctx.plan.add(candidates, rows)
    else:
        ctx.plan.add(candidates, f"{rows} WHERE {where}")
    rules = _rules(ctx, instance.name, metric)
    people = ctx.plan.add_call(
        f"people_{instance.column}",
        lambda tables: _assigned(tables, candidates, rules),
        (candidates,),
        f"assign {rules}",
    )
    x = quoted(f"x_{instance.column}")
    sql = f"SELECT pid, competency, COUNT(*) AS {x} FROM ${people} GROUP BY pid, competency"
    assigned = ctx.plan.details.setdefault("assignments", [])
    assert isinstance(assigned, list)
    assigned.append((instance.name, people))
    return SourceRelation(sql, {instance: Made("number")}, {instance: exact.constant(0)})


def _narrowed(ctx: Context, when: str, rows: str) -> str:
    """Only for competencies whose other conditions hold is anybody put forward."""
    from hanse.language import kinds
    from hanse.language.compiler import term_reader

    step = ctx.wides["competency"].step
    test = kinds.condition(when, kinds.resolver(ctx, (0, 0), term_reader(ctx, "competency"), "p"))
    return (
        f"SELECT q.* FROM ({rows}) AS q JOIN ${step} AS m ON m.pid = q.pid AND m.competency = q.competency "
        f"JOIN ${ctx.wides[''].step} AS p ON p.pid = q.pid WHERE {test}"
    )


def _assigned(tables: Tables, candidates: str, rules: Rules) -> pa.Table:
    rows = tables.arrow(candidates)
    by_partner: dict[int, dict[str, set[Slot]]] = defaultdict(lambda: defaultdict(set))
    columns: list[list[Any]] = [rows[c].to_pylist() for c in ("pid", "person", "competency", "role")]
    for pid, person, competency, role in zip(*columns, strict=True):
        by_partner[pid][person].add((competency, role))
    found = [
        (pid, c, role, person)
        for pid in sorted(by_partner)
        for (c, role), people in sorted(assign(by_partner[pid], rules).items())
        for person in people
    ]
    return pa.table({
        "pid": pa.array([f[0] for f in found], pa.int64()),
        "competency": pa.array([f[1] for f in found], pa.int32()),
        "role": pa.array([f[2] for f in found], pa.string()),
        "person": pa.array([f[3] for f in found], pa.string()),
    })  # fmt: skip
