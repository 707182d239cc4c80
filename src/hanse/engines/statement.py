"""The steps of a plan as one statement for PostgreSQL, its raw tables narrowed to the partners in `$1`.

Parameters: `$1` the keys of the partners, `$2` the partner asked for, and from `$3` on one array per column of every
step that was computed in Python. A step named once is folded into its reader by PostgreSQL, others are computed once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from hanse.engines.dialects import fenced, translated
from hanse.engines.postgres import Columns, raw_select
from hanse.engines.postgres_rows import type_of
from hanse.language.facts import FactTable
from hanse.language.plan import RAW, Plan, Step, literal, quoted
from hanse.language.structure import BELONGS, EVENTS, MERGING, is_told


@dataclass(frozen=True)
class CallRows:
    """The rows of a call as parameters: their types, and the number of the first."""

    schema: pa.Schema
    first: int


@dataclass(frozen=True)
class Statement:
    """What a statement is made from: the tables and their columns, session tables and calls by step."""

    tables: Mapping[str, FactTable]
    columns: Mapping[str, Columns]
    schema: str
    static: Mapping[str, str]
    calls: Mapping[str, CallRows]


@dataclass(frozen=True)
class Composed:
    """One row with a JSON array per step; and each step's SELECT alone, to ask for its types."""

    text: str
    selects: list[str]


def static_steps(plan: Plan, steps: list[str]) -> list[Step]:
    """Kept steps that no fact can change, each after its inputs."""
    found: dict[str, Step] = {}
    for step in plan.ordered(steps):
        if step.rows is not None or ((step.keep or step.call is not None) and all(i in found for i in step.inputs)):
            found[step.name] = step
    return list(found.values())


def composed(plan: Plan, steps: list[str], made: Statement, *, own: bool) -> Composed:
    """The statement that gives the rows of the steps, those of `$2` alone where `own`."""
    ordered = [s for s in plan.ordered(steps) if s.name not in made.static]
    raws = {i for s in ordered for i in s.inputs if i.startswith(RAW)}
    names = {s.name: f"c{n}_{s.name[:40]}" for n, s in enumerate(ordered)}
    wide = _population(ordered, made)
    # of the partner's own rows alone: what makes other rows is then never read, if nothing keeps it whole
    last = set(steps) - {i for s in ordered for i in s.inputs} if own else set()

    def of(name: str) -> str:
        return made.static.get(name) or quoted(names.get(name, name))

    parts = []
    for raw in sorted(raws):
        parts.append(f"{quoted(raw)} AS {_folded(raw in wide)}({raw_near(raw.removeprefix(RAW), made)})")
    for step in ordered:
        if step.name in made.calls:
            parts.append(f"{of(step.name)} AS ({_unnested(made.calls[step.name])})")
        else:
            text = translated(step.sql, "postgres", of)
            folded = step.name in wide or step.name in last
            once = "MATERIALIZED " if step.keep and not folded else _folded(folded)
            parts.append(f"{of(step.name)} AS {once}({text if folded else fenced(text)})")
    where = " WHERE partner = $2" if own else ""
    selects = [f"SELECT * FROM {of(s)}{where}" for s in steps]
    shown = ", ".join(f"(SELECT CAST(JSON_AGG(o) AS TEXT) FROM ({s}) AS o)" for s in selects)
    head = f"WITH {', '.join(parts)} " if parts else ""
    return Composed(f"{head}SELECT {shown}", [head + s for s in selects])


def _folded(wide: bool) -> str:
    """What was not narrowed is never computed as a whole."""
    return "NOT MATERIALIZED " if wide else ""


def _population(ordered: list[Step], made: Statement) -> set[str]:
    """Steps over tables that belong to no partner (customers), and to nothing else."""
    whole = {f"{RAW}{n}" for n, t in made.tables.items() if not t.of_partners}
    found = set(whole)
    for step in ordered:
        if (
            step.inputs
            and any(i in found for i in step.inputs)
            and all(i in found or i in made.static for i in step.inputs)
        ):
            found.add(step.name)
    return found


def raw_near(name: str, made: Statement) -> str:
    """A raw table's rows that can matter for the partners of `$1`, found by the plain columns and so by their indexes."""
    table, columns = made.tables[name], made.columns.get(name)
    if columns is None:
        return raw_select(name, table, None, made.schema)
    where = ""
    if name == "ownership":
        where = f" WHERE f.owner = {_any(columns['owner'])} OR f.owned = {_any(columns['owned'])}"
    elif table.owner == "partner" and "partner" in columns:
        where = f" WHERE f.partner = {_any(columns['partner'])}"
    elif table.owner == "person":
        people = made.columns.get("people")
        if people is None:
            where = " WHERE FALSE"
        else:
            where = (
                f" WHERE f.person = ANY(ARRAY(SELECT e.person FROM {quoted(made.schema)}.people AS e "
                f"WHERE e.partner = {_any(people['partner'])}))"
            )
    return raw_select(name, table, columns, made.schema, where)


def _any(kind: str) -> str:
    return "ANY($1)" if kind == "VARCHAR" else f"ANY(CAST($1 AS {kind}[]))"


def _unnested(call: CallRows) -> str:
    arrays = ", ".join(f"${call.first + n}" for n in range(len(call.schema)))
    names = ", ".join(quoted(f.name) for f in call.schema)
    items = ", ".join(
        f"u.{quoted(f.name)}{' COLLATE ' + quoted('C') if 'TEXT' in type_of(f.type) else ''} AS {quoted(f.name)}"
        for f in call.schema
    )
    return f"SELECT {items} FROM UNNEST({arrays}) AS u({names})"


def neighbours(columns: Mapping[str, Columns], schema: str, *, around: bool) -> str:
    """The statement that finds all partners tied to `$1` by what became of them; with `around` also by ownership, whatever
    the share and the day, and by group.
    """
    ties = []
    owner = f"{quoted(schema)}.ownership"
    if around and "ownership" in columns:
        ties.append(
            f'SELECT CAST(o.owned AS TEXT) AS partner FROM {owner} AS o WHERE o.owner = n.partner COLLATE "default"'
        )
        ties.append(f'SELECT CAST(o.owner AS TEXT) FROM {owner} AS o WHERE o.owned = n.partner COLLATE "default"')
    if is_told(columns):
        events = f"{quoted(schema)}.{EVENTS}"
        if not around:  # who belongs to whom matters to nobody then, and a group may be large
            events = f"(SELECT * FROM {events} WHERE kind IN ({', '.join(map(literal, MERGING))}))"
        ties.append(
            f'SELECT CAST(e.partner AS TEXT) AS partner FROM {events} AS e WHERE e."into" = n.partner COLLATE "default"'
        )
        ties.append(f'SELECT CAST(e."into" AS TEXT) FROM {events} AS e WHERE e.partner = n.partner COLLATE "default"')
    partners = f"{quoted(schema)}.partners"
    if around and "group" in columns.get("partners", {}):
        ties.append(
            f'SELECT CAST(q.partner AS TEXT) FROM {partners} AS p JOIN {partners} AS q ON q."group" = p."group" WHERE p.partner = n.partner COLLATE "default"'
        )
    if around and is_told(columns) and "name" in columns[EVENTS]:
        named = f"SELECT CAST(e.partner AS TEXT) AS partner, e.name FROM {quoted(schema)}.{EVENTS} AS e WHERE e.kind = {literal(BELONGS)}"
        if "group" in columns.get("partners", {}):
            named += f' UNION ALL SELECT CAST(q.partner AS TEXT), q."group" FROM {partners} AS q'
        ties.append(
            f'SELECT q.partner FROM ({named}) AS p JOIN ({named}) AS q ON q.name = p.name WHERE p.partner = n.partner COLLATE "default"'
        )
    if not ties:
        return "SELECT ARRAY[$1]"
    return (
        'WITH RECURSIVE near(partner) AS (SELECT $1 COLLATE "C" UNION SELECT t.partner COLLATE "C" FROM near AS n CROSS JOIN LATERAL '
        f"({' UNION ALL '.join(ties)}) AS t) SELECT ARRAY_AGG(partner ORDER BY partner) FROM near"
    )


def day_columns(made: Statement, schema: Mapping[str, Mapping[str, str]]) -> str:
    """The statement that gives every day of the neighbourhood's facts."""
    selects = [
        f"SELECT CAST({quoted(c)} AS DATE) FROM ({raw_near(name, made)}) AS r"
        for name, columns in schema.items() if name != "rates"
        for c in columns if made.tables[name].by_name[c].type == "day"
    ]  # fmt: skip
    return " UNION ".join(selects) or f"SELECT CAST({literal(None)} AS DATE)"
