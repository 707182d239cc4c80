"""How does one partner stand, now, where the facts are? The batch's own steps as one prepared statement.

The steps of the plan become common table expressions of a single statement, its raw tables narrowed to the partner's
neighbourhood: the partner, those that were merged with it and, where the edition looks at groups or enterprises, those it is
tied to. What does not
depend on facts (the edition's numbers, exchange rates) lies in temporary tables made once. A step computed in Python
divides the statement: its inputs are asked first, its rows come back as arrays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import psycopg
import pyarrow as pa

from hanse.decisions.evaluate import OUTPUTS, plan_of
from hanse.engines.dialects import translated
from hanse.engines.postgres import facts_info, physical_name, too_large
from hanse.engines.postgres_rows import Connection, put, run, schema_of, type_of
from hanse.engines.statement import CallRows, Statement, composed, day_columns, neighbours, static_steps
from hanse.language import model
from hanse.language.context import Days, FactsInfo
from hanse.language.edition import Edition
from hanse.language.plan import Plan, Step, literal, quoted
from hanse.language.problems import CallError, Problem
from hanse.language.structure import is_told

_SETTINGS = ("jit = off", "datestyle = 'ISO'", "timezone = 'UTC'", "plan_cache_mode = 'force_generic_plan'",
             "join_collapse_limit = 1", "max_parallel_workers_per_gather = 0")  # fmt: skip
_TIED = re.compile(r"^(members_|enterprises|best_|kin)")
_numbers = count(1)  # of objects on a connection, so that two editions may share one
Row = dict[str, Any]


@dataclass
class _Prepared:
    """A statement that the server knows by name: the calls whose rows it takes, and the types of what it gives."""

    name: str
    calls: tuple[str, ...]
    types: list[pa.Schema]


@dataclass
class _Asked:
    """One click: the neighbourhood, the partner, and the rows that Python computed so far, by content key."""

    partners: list[str]
    partner: str
    made: dict[str, pa.Table] = field(default_factory=dict)


class OnePartner:
    """An edition on a day, prepared on one connection (in autocommit, kept open) for any number of partners.

    `rows(partner)` gives the contract's outputs as the batch writes them. The connection's settings are changed for
    good. Raises CallError where the edition ranks partners: one partner does not say who the others are.
    """

    def __init__(
        self,
        connection: Connection,
        edition: Edition,
        days: Days,
        *,
        schema: str = "public",
        outputs: Sequence[str] = OUTPUTS,
        planned: Callable[[Edition, Days, FactsInfo], Plan] = plan_of,
    ) -> None:
        self._db, self.edition, self._schema = connection, edition, schema
        self.outputs = tuple(outputs)
        self._prefix = f"hanse{next(_numbers)}_"
        for setting in _SETTINGS:
            run(connection, f"SET {setting}")
        self.info, self._columns = facts_info(connection, edition.tables, schema)
        self.plan = planned(edition, days, self.info)
        _refuse_ranks(edition, self.plan)
        self._keys = self.plan.keys("facts")
        self._static: dict[str, str] = {}  # content key -> session table
        self._prepared: dict[tuple[str, ...], _Prepared] = {}
        around = any(_TIED.match(s.name) for s in self.plan.ordered([self.plan.outputs[o] for o in self.outputs]))
        self.tied = around or is_told(self._columns)
        if self.tied:
            run(connection, f"PREPARE {self._prefix}near (TEXT) AS {neighbours(self._columns, schema, around=around)}")
        self._several = self.tied or any(s.call and s.inputs for s in self.plan.ordered())
        if self._several:  # several statements see one snapshot
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        self._warm()

    def rows(self, partner: str) -> dict[str, list[Row]]:
        """The rows of every output for one partner; empty lists for a key that no partner has."""
        try:
            with self._db.transaction() if self._several else nullcontext():
                near = [partner]
                if self.tied:
                    near = _one(run(self._db, f"EXECUTE {self._prefix}near ({literal(partner)})")) or [partner]
                found = self._answers(
                    self.plan, [self.plan.outputs[o] for o in self.outputs], _Asked(near, partner), own=True
                )
        except psycopg.errors.NumericValueOutOfRange as error:
            raise too_large(partner, error) from error
        return dict(zip(self.outputs, [rows for rows, _ in found], strict=True))

    def _warm(self) -> None:
        """Prepares everything, on any partner there is."""
        if "partners" in self._columns:
            first = run(
                self._db,
                f"SELECT CAST(partner AS TEXT) FROM {quoted(self._schema)}.partners WHERE partner IS NOT NULL LIMIT 1",
            ).fetchone()
            if first:
                self.rows(first[0])

    # -- statements -----------------------------------------------------------------------------------------

    def _answers(self, plan: Plan, steps: list[str], asked: _Asked, *, own: bool) -> list[tuple[list[Row], pa.Schema]]:
        """The rows of some steps (of the partner alone where `own`), each with its types; calls are run as they come up."""
        keys = self._keys if plan is self.plan else plan.keys("facts")
        for step in plan.ordered(steps):
            if step.call is not None and step.inputs and keys[step.name] not in asked.made:
                asked.made[keys[step.name]] = step.call(_Nearby(self, plan, asked))
        known = (*(keys[s] for s in steps), str(own))
        if known not in self._prepared:
            self._prepared[known] = self._prepare(plan, steps, keys, asked, own)
        ready = self._prepared[known]
        values = [_array(asked.partners, "TEXT"), literal(asked.partner)]
        for name in ready.calls:
            table = asked.made[name]
            values += [_array(table[f.name].to_pylist(), type_of(f.type)) for f in table.schema]
        row = run(self._db, f"EXECUTE {ready.name} ({', '.join(values)})").fetchone()
        return [(_read(text, types), types) for text, types in zip(row or (), ready.types, strict=True)]

    def _prepare(self, plan: Plan, steps: list[str], keys: Mapping[str, str], asked: _Asked, own: bool) -> _Prepared:
        static = self._make_static(plan, steps, keys)
        calls: dict[str, CallRows] = {}
        number = 3
        for step in plan.ordered(steps):
            if step.call is not None and step.name not in static:
                calls[step.name] = CallRows(asked.made[keys[step.name]].schema, number)
                number += len(calls[step.name].schema)
        made = composed(
            plan, steps, Statement(self.edition.tables, self._columns, self._schema, static, calls), own=own
        )
        name = f"{self._prefix}{len(self._prepared)}"
        types = [
            "TEXT[]",
            "TEXT",
            *(f"{type_of(f.type).split(' COLLATE')[0]}[]" for c in calls.values() for f in c.schema),
        ]
        run(self._db, f"PREPARE {name} ({', '.join(types)}) AS {made.text}")
        nobody = ", ".join(["'{}'", "''", *("'{}'" for _ in types[2:])])
        shown = []
        for select in made.selects:
            run(self._db, f"PREPARE {name}_types ({', '.join(types)}) AS {select} LIMIT 0")
            shown.append(schema_of(run(self._db, f"EXECUTE {name}_types ({nobody})")))
            run(self._db, f"DEALLOCATE {name}_types")
        return _Prepared(name, tuple(keys[c] for c in calls), shown)

    def _make_static(self, plan: Plan, steps: list[str], keys: Mapping[str, str]) -> dict[str, str]:
        """Session tables of what no fact can change; returns step -> table."""
        found: dict[str, str] = {}
        for step in static_steps(plan, steps):
            key = keys[step.name]
            if key not in self._static:
                self._static[key] = self._session_table(
                    step, f"{self._prefix}{physical_name(step.name[:24], key)}", found
                )
            found[step.name] = self._static[key]
        return found

    def _session_table(self, step: Step, name: str, made: Mapping[str, str]) -> str:
        if step.sql:
            run(self._db, f"CREATE TEMP TABLE {name} AS {translated(step.sql, 'postgres', made.__getitem__)}")
            run(self._db, f"ANALYZE {name}")
        else:
            assert step.rows is not None or step.call is not None
            rows = step.rows if step.rows is not None else step.call(_Nearby(self, self.plan, _Asked([], "")))  # type: ignore[misc]
            put(self._db, name, rows)
        columns = [d.name for d in run(self._db, f"SELECT * FROM {name} LIMIT 0").description or ()]
        run(self._db, f"CREATE INDEX ON {name} ({', '.join(quoted(c) for c in columns[:2])})")
        return name


class _Nearby:
    """What a step computed in Python may ask: the rows of the neighbourhood (`plan.Tables`)."""

    def __init__(self, one: OnePartner, plan: Plan, asked: _Asked) -> None:
        self._one, self._plan, self._asked = one, plan, asked

    def arrow(self, name: str) -> pa.Table:
        ((rows, types),) = self._one._answers(self._plan, [name], self._asked, own=False)
        return pa.Table.from_pylist(rows, types)

    def answers(self, plans: Sequence[Plan], output: str) -> list[pa.Table]:
        found = [self._one._answers(plan, [plan.outputs[output]], self._asked, own=False) for plan in plans]
        return [pa.Table.from_pylist(rows, types) for ((rows, types),) in found]

    def days(self) -> set[date]:
        one = self._one
        statement = Statement(one.edition.tables, one._columns, one._schema, {}, {})
        key = ("days",)
        if key not in one._prepared:
            name = f"{one._prefix}days"
            run(one._db, f"PREPARE {name} (TEXT[]) AS {day_columns(statement, one.info.schema)}")
            one._prepared[key] = _Prepared(name, (), [])
        rows = run(one._db, f"EXECUTE {one._prepared[key].name} ({_array(self._asked.partners, 'TEXT')})").fetchall()
        return {row[0] for row in rows if row[0] is not None}


def _refuse_ranks(edition: Edition, plan: Plan) -> None:
    """Raises CallError when a metric that compares partners with one another is in use."""
    text = " ".join(s.sql for s in plan.ordered())
    for name, metric in edition.metrics.items():
        if isinstance(metric, model.Rank) and quoted(f"x_{name}") in text:
            raise CallError(Problem(
                f"{edition.name}/metrics.yaml", f"{name} ranks partners", "one partner alone does not say who stands above it",
                "read the outcome of the last evaluation, or evaluate all partners",
            ))  # fmt: skip


def _one(cursor: psycopg.Cursor[Any]) -> Any:
    row = cursor.fetchone()
    return row[0] if row else None


def _array(values: Sequence[Any], kind: str) -> str:
    return f"CAST(ARRAY[{', '.join(literal(v) for v in values)}] AS {kind.split(' COLLATE', maxsplit=1)[0]}[])"


def _read(text: str | None, types: pa.Schema) -> list[Row]:
    """JSON rows with the types they had: days, exact decimals, doubles."""
    if not text:
        return []
    rows = json.loads(text, parse_float=str)
    for f in types:
        if pa.types.is_date(f.type):
            convert: Any = date.fromisoformat
        elif pa.types.is_timestamp(f.type):
            convert = datetime.fromisoformat
        elif pa.types.is_floating(f.type):
            convert = float
        elif pa.types.is_decimal(f.type):
            convert = Decimal
        else:
            continue
        for row in rows:
            value = row[f.name]
            if value is not None:
                row[f.name] = convert(value)
    return list(rows)
