"""A plan: named SELECT statements in order, each over the raw facts and the ones before it.

Statements are written once, in DuckDB's dialect, and name one another as `$name`. An engine decides what a step becomes (a
temporary table, a view, a common table expression) and translates where its dialect differs. A step's key is the
hash of what it computes, down to the raw facts: two plans over the same facts share every step whose key is equal,
which is how a rehearsal computes only what a changed rule changes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import pyarrow as pa

_REFERENCE = re.compile(r"\$(\w+)")
RAW = "raw_"


class Tables(Protocol):
    """What a step computed in Python may ask of the engine that runs it."""

    def arrow(self, name: str) -> pa.Table:
        """The rows of an earlier step."""

    def answers(self, plans: Sequence[Plan], output: str) -> list[pa.Table]:
        """The rows of one output of other plans over the same facts, which may differ in days alone."""

    def days(self) -> set[date]:
        """Every day that stands in a column of days of the facts."""


@dataclass(frozen=True)
class Step:
    """One of: `sql`; `rows` known when the edition is compiled; `call`, computed in Python from `inputs`.

    `keep`: the rows are used more than once, so an engine should hold them.
    """

    name: str
    sql: str = ""
    rows: pa.Table | None = None
    call: Callable[[Tables], pa.Table] | None = None
    call_key: str = ""
    inputs: tuple[str, ...] = ()
    keep: bool = False


@dataclass
class Plan:
    """Steps by name; `outputs` maps an output (`standings`) to the step that gives its rows."""

    steps: dict[str, Step] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    details: dict[str, object] = field(default_factory=dict)

    def add(self, name: str, sql: str, *, keep: bool = False) -> str:
        """Adds a statement; the same name must mean the same statement. Returns the name."""
        step = Step(name, sql=sql, inputs=references(sql), keep=keep)
        return self._put(step)

    def add_rows(self, name: str, rows: pa.Table) -> str:
        return self._put(Step(name, rows=rows, keep=True))

    def add_call(self, name: str, call: Callable[[Tables], pa.Table], inputs: tuple[str, ...], call_key: str) -> str:
        return self._put(Step(name, call=call, call_key=call_key, inputs=inputs, keep=True))

    def _put(self, step: Step) -> str:
        known = self.steps.get(step.name)
        if known is not None and (known.sql, known.call_key) != (step.sql, step.call_key):
            raise ValueError(f"the step {step.name!r} is written twice with different contents")
        self.steps[step.name] = step
        return step.name

    def ordered(self, wanted: list[str] | None = None) -> list[Step]:
        """The steps that the wanted ones need (default: all outputs), each after its inputs."""
        done: dict[str, Step] = {}

        def visit(name: str) -> None:
            if name in done or name.startswith(RAW):
                return
            step = self.steps[name]
            for needed in step.inputs:
                visit(needed)
            done[name] = step

        for name in wanted if wanted is not None else self.outputs.values():
            visit(name)
        return list(done.values())

    def keys(self, facts_key: str) -> dict[str, str]:
        """The content key of every step over facts known by `facts_key`."""
        found: dict[str, str] = {}

        def key(name: str) -> str:
            if name.startswith(RAW):
                return f"{facts_key}/{name}"
            if name not in found:
                step = self.steps[name]
                if step.rows is not None:
                    text = f"{step.rows.schema}{step.rows.to_pylist()}"
                elif step.call is not None:
                    text = f"{step.call_key}({','.join(key(n) for n in step.inputs)})"
                else:
                    text = substitute(step.sql, key)
                found[name] = hashlib.sha256(text.encode()).hexdigest()[:20]
            return found[name]

        for name in self.steps:
            key(name)
        return found


def references(sql: str) -> tuple[str, ...]:
    """The names that a statement mentions, in order, once each."""
    return tuple(dict.fromkeys(_REFERENCE.findall(sql)))


def substitute(sql: str, physical: Callable[[str], str] | Mapping[str, str]) -> str:
    """The statement with every `$name` replaced."""
    of = physical if callable(physical) else physical.__getitem__
    return _REFERENCE.sub(lambda match: of(match[1]), sql)


def quoted(name: str) -> str:
    """A name as an SQL identifier: column names of the contract such as `on` and `from` are SQL words."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """A value as an SQL literal: text, number, boolean, day or null."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if hasattr(value, "isoformat"):
        kind = "TIMESTAMP" if hasattr(value, "hour") else "DATE"
        return f"CAST('{value.isoformat()}' AS {kind})"
    return "'" + str(value).replace("'", "''") + "'"
