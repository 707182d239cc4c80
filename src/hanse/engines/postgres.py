"""Runs a plan on PostgreSQL, where the facts are: the same steps as everywhere, translated, as temporary tables.

Facts are tables of a schema with the contract's names. The evaluation sees one snapshot of them and leaves nothing
behind: all it makes is temporary, in a transaction that is undone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Self, TypeVar

import psycopg
import pyarrow as pa
from psycopg import sql
from pyarrow import parquet

from hanse.engines import many_days
from hanse.engines.dialects import fenced, translated
from hanse.engines.postgres_rows import Connection, arrow_of, put, run, schema_of
from hanse.language.context import FactsInfo
from hanse.language.facts import SQL_TYPES, FactTable
from hanse.language.money import ecb_rates
from hanse.language.plan import RAW, Plan, Step, literal, quoted
from hanse.language.problems import CallError, HanseError, Problem
from hanse.language.rates import Rates, table_rates

OLDEST = 150_000  # the first server version that is tested: 15
_SETTINGS = ("jit = off", "datestyle = 'ISO'", "timezone = 'UTC'", "work_mem = '64MB'", "client_min_messages = 'error'")
_BATCH = 50_000
_TEXTS = {"text", "character varying", "character", "name", "citext"}
_TYPES = {"timestamp without time zone": "TIMESTAMP", "timestamp with time zone": "TIMESTAMP WITH TIME ZONE"}
_ROW_COLUMN = "fact"  # a column of this name and an integer type says which row it is
Progress = Callable[[str, int, int], None]
Columns = dict[str, str]
Answer = TypeVar("Answer")


# -- facts ------------------------------------------------------------------------------------------------------------


def connected(dsn: str) -> Connection:
    """A connection. Raises CallError where there is none, or the server is too old."""
    try:
        connection = psycopg.connect(dsn)
    except psycopg.Error as error:
        raise CallError(Problem(
            "--facts", "the database cannot be reached", str(error).splitlines()[0] if str(error) else "it does not answer",
            "write postgresql://user@host:port/database, and the password in PGPASSWORD or ~/.pgpass",
        )) from error  # fmt: skip
    if connection.info.server_version < OLDEST:
        version = connection.info.parameter_status("server_version")
        connection.close()
        raise CallError(Problem("--facts", f"the server is PostgreSQL {version}", "15 is the oldest that is tested",
                                "use a newer server, or export the tables to Parquet and evaluate with DuckDB"))  # fmt: skip
    return connection


def columns_of(connection: Connection, tables: Mapping[str, FactTable], schema: str) -> dict[str, Columns]:
    """The declared columns that are there, by table, with their types. Raises CallError for tables that cannot be read.

    Types are PostgreSQL's words in capitals, `VARCHAR` for all texts.
    """
    found: dict[str, Columns] = {}
    rows = run(
        connection,
        "SELECT table_name, column_name, data_type, numeric_precision, numeric_scale FROM information_schema.columns "
        "WHERE table_schema = %s ORDER BY table_name, ordinal_position",
        [schema],
    ).fetchall()
    for table, column, kind, precision, scale in rows:
        declared = tables.get(table)
        if declared is None or (column not in declared.by_name and column != _ROW_COLUMN):
            continue
        if kind == "numeric" and precision is not None:
            shown = f"DECIMAL({precision}, {scale})"
        else:
            shown = (
                "VARCHAR" if kind in _TEXTS else _TYPES.get(kind, kind.upper().replace("DOUBLE PRECISION", "DOUBLE"))
            )
        found.setdefault(table, {})[column] = shown
    if not found:
        raise CallError(Problem("--facts", f"the schema {schema!r} has no fact table", "there is nothing to evaluate",
                                "name the tables as the contract does: partners, people, certifications, ..."))  # fmt: skip
    for name, columns in found.items():
        _require_types(tables[name], columns, f"{schema}.{name}")
    return found


def _require_types(table: FactTable, columns: Columns, place: str) -> None:
    """Facts in a database are typed: what is not is refused, as a cast of a bad text would stop everything."""
    for column in table.columns:
        if column.required and column.name not in columns:
            raise CallError(
                Problem(
                    place,
                    f"the table has no column {column.name!r}",
                    "every row needs it",
                    "add the column, or a view that has it",
                )
            )
        kind = SQL_TYPES[column.type]
        if kind != "VARCHAR" and columns.get(column.name) == "VARCHAR":
            raise CallError(Problem(
                f"{place}.{column.name}", "the column is a text", f"it holds a {column.type}, and one bad text would stop the evaluation",
                f"make it {kind} (ALTER TABLE ... ALTER COLUMN ... TYPE {kind} USING ...), or evaluate an export with DuckDB",
            ))  # fmt: skip


def raw_select(name: str, table: FactTable, columns: Columns | None, schema: str, where: str = "") -> str:
    """A fact table as plans read it, in PostgreSQL's dialect: texts compared by bytes, `_file` and `_line`; empty where there is none."""
    if columns is None:
        items = [
            f"CAST(NULL AS {'TEXT' if SQL_TYPES[c.type] == 'VARCHAR' else _sql_type(c.type)}) AS {quoted(c.name)}"
            for c in table.columns
        ]
        return f"SELECT {', '.join(items)}, CAST(NULL AS TEXT) AS _file, CAST(NULL AS BIGINT) AS _line WHERE FALSE"
    items = []
    for column in table.columns:
        if column.name not in columns:
            continue
        read = f"f.{quoted(column.name)}"
        if SQL_TYPES[column.type] == "VARCHAR":
            read = f'CAST({read} AS TEXT) COLLATE "C"'
        items.append(f"{read} AS {quoted(column.name)}")
    line = "CAST(NULL AS BIGINT)"
    if columns.get(_ROW_COLUMN) in ("BIGINT", "INTEGER", "SMALLINT"):
        line = f"CAST(f.{_ROW_COLUMN} AS BIGINT)"
    return (
        f"SELECT {', '.join(items)}, CAST({literal(name)} AS TEXT) AS _file, {line} AS _line "
        f"FROM {quoted(schema)}.{quoted(name)} AS f{where}"
    )


def _sql_type(kind: str) -> str:
    return SQL_TYPES[kind].replace("DOUBLE", "DOUBLE PRECISION")


def facts_info(
    connection: Connection, tables: Mapping[str, FactTable], schema: str
) -> tuple[FactsInfo, dict[str, Columns]]:
    """What a plan must know of the facts, and the columns with the one that identifies a row."""
    columns = columns_of(connection, tables, schema)
    shown = {t: {c: k for c, k in found.items() if c in tables[t].by_name} for t, found in columns.items()}
    rates, key = _rates(connection, schema, "rates" in columns)
    return FactsInfo(shown, rates, key), columns


def _rates(connection: Connection, schema: str, given: bool) -> tuple[Rates, str]:
    if not given:
        return ecb_rates(), "ecb"
    cursor = run(connection, f'SELECT "on", currency, per_euro::decimal(38, 12) FROM {quoted(schema)}.rates')
    rows = cursor.fetchall()
    if not rows:  # a table without rows is as good as none
        return ecb_rates(), "ecb"
    return table_rates(arrow_of(schema_of(cursor), rows)), "facts"


# -- the engine -------------------------------------------------------------------------------------------------------


class PostgresEngine:
    """One snapshot of the facts in a database. Use as a context manager.

    `facts` is an address (`postgresql://...`) or an open connection, which is given back as it was.
    """

    def __init__(
        self,
        facts: str | Connection,
        tables: Mapping[str, FactTable],
        *,
        schema: str = "public",
        progress: Progress | None = None,
    ) -> None:
        self.tables = tables
        self.progress = progress
        self.seconds: dict[str, float] = {}
        self._here: dict[str, str] = {}  # content key -> physical name
        self._answered: many_days.Answers = {}
        self._stack = ExitStack()
        with ExitStack() as undo:
            if isinstance(facts, str):
                self._db = undo.enter_context(connected(facts))
                self._db.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            else:
                self._db = facts
            undo.enter_context(self._db.transaction(force_rollback=True))
            for setting in _SETTINGS:
                run(self._db, f"SET LOCAL {setting}")
            self._info, columns = facts_info(self._db, tables, schema)
            for name, table in tables.items():
                run(self._db, f"CREATE TEMP VIEW {RAW}{name} AS {raw_select(name, table, columns.get(name), schema)}")
            self._stack = undo.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def info(self) -> FactsInfo:
        return self._info

    @property
    def malformed(self) -> list[tuple[str, str, int, str]]:
        """Tables hold no malformed lines."""
        return []

    @property
    def about(self) -> dict[str, str]:
        return {"postgresql": self._db.info.parameter_status("server_version") or ""}

    def prepare(self, plan: Plan, outputs: list[str] | None = None) -> dict[str, str]:
        """Computes what the outputs need and is not there yet; returns step -> physical name."""
        wanted = [plan.outputs[o] for o in outputs] if outputs is not None else list(plan.outputs.values())
        steps = plan.ordered(wanted)
        keys = plan.keys("facts")
        physical = {s.name: self._here.get(keys[s.name], physical_name(s.name, keys[s.name])) for s in steps}
        for done, step in enumerate(steps):
            if self.progress:
                self.progress(step.name, done, len(steps))
            here = self._here.get(keys[step.name])
            if here is None:
                self._make(step, physical)
                self._here[keys[step.name]] = physical[step.name]
            else:
                physical[step.name] = here
        if self.progress:
            self.progress("", len(steps), len(steps))
        return physical

    def _make(self, step: Step, physical: Mapping[str, str]) -> None:
        began = perf_counter()
        name = physical[step.name]

        def of(reference: str) -> str:
            return reference if reference.startswith(RAW) else physical[reference]

        try:
            if step.rows is not None:
                put(self._db, name, step.rows)
            elif step.call is not None:
                put(self._db, name, step.call(_Reader(self, of)))
            else:
                text = translated(step.sql, "postgres", of)
                if step.keep:
                    run(self._db, f"CREATE TEMP TABLE {name} AS {text}")
                    run(self._db, f"ANALYZE {name}")
                else:
                    run(self._db, f"CREATE TEMP VIEW {name} AS {fenced(text)}")
        except psycopg.errors.NumericValueOutOfRange as error:
            raise too_large(step.name, error) from error
        self.seconds[step.name] = perf_counter() - began

    def relation(self, name: str) -> pa.Table:
        """The rows of a table or view that is there."""
        cursor = run(self._db, f"SELECT * FROM {name}")
        return arrow_of(schema_of(cursor), cursor.fetchall())

    def arrow(self, plan: Plan, output: str) -> pa.Table:
        """The rows of one output."""
        physical = self.prepare(plan, [output])
        try:
            return self.relation(physical[plan.outputs[output]])
        except psycopg.errors.NumericValueOutOfRange as error:
            raise too_large(output, error) from error

    def answers(self, plans: Sequence[Plan], output: str) -> list[pa.Table]:
        """The rows of one output of plans that may differ in days alone; what is made for them is dropped again."""
        some = f"SELECT 1 FROM {RAW}%s LIMIT {many_days.MOST}"  # beyond these, days are not run together anyway
        counts = [f"(SELECT COUNT(*) FROM ({some % name}) AS rows_there)" for name in self._info.schema]
        ((rows,),) = run(self._db, f"SELECT {' + '.join(counts)}").fetchall()
        way = many_days.Way(
            prepare=lambda plan, steps: self.prepare(replace(plan, outputs={s: s for s in steps})),
            ask=self._ask,
            written=_written,
            rows=rows,
        )
        return self._undone(lambda: many_days.answers(plans, output, self._answered, self._passing, way))

    def _ask(self, text: str) -> pa.Table:
        run(self._db, "SET LOCAL enable_nestloop = off")  # the steps of one statement are not analysed one by one
        cursor = run(self._db, text)
        return arrow_of(schema_of(cursor), cursor.fetchall())

    def _passing(self, plan: Plan, output: str) -> pa.Table:
        return self._undone(lambda: self.arrow(plan, output))

    def _undone(self, answer: Callable[[], Answer]) -> Answer:
        """The answer, and everything that was made or set for it undone."""
        here = dict(self._here)
        try:
            with self._db.transaction(force_rollback=True):
                return answer()
        finally:
            self._here = here

    def query(self, plan: Plan, text: str) -> pa.Table:
        """The rows of a further statement over a plan's steps, which it names as `$name`, in DuckDB's dialect."""
        physical = self.prepare(plan)
        cursor = run(self._db, translated(text, "postgres", lambda n: n if n.startswith(RAW) else physical[n]))
        return arrow_of(schema_of(cursor), cursor.fetchall())

    def write(self, plan: Plan, output: str, path: Path) -> int:
        """Writes one output as Parquet, a batch at a time; returns the number of rows."""
        physical = self.prepare(plan, [output])
        began = perf_counter()
        rows = 0
        relation = physical[plan.outputs[output]]
        schema = schema_of(run(self._db, f"SELECT * FROM {relation} LIMIT 0"))
        with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
            for table in self._batches(relation, schema):
                writer.write_table(table)
                rows += table.num_rows
        self.seconds[f"write {output}"] = perf_counter() - began
        return rows

    def _batches(self, relation: str, schema: pa.Schema) -> Iterator[pa.Table]:
        with self._db.cursor(name=f"read_{relation}"[:60]) as cursor:
            cursor.execute(sql.SQL(f"SELECT * FROM {relation}"))
            while rows := cursor.fetchmany(_BATCH):
                yield arrow_of(schema, rows)


def physical_name(name: str, key: str) -> str:
    """A step's name for people, cut, and its content, within PostgreSQL's length."""
    return f"{re.sub(r'[^a-z0-9_]', '_', name.lower())[:40]}__{key[:12]}"


def too_large(step: str, error: psycopg.Error) -> HanseError:
    return HanseError(
        Problem(step, "a number is too large to be kept exactly", str(error).splitlines()[0],
                "divide the metric's unit (thousands instead of units), or cap it")
    )  # fmt: skip


def _written(step: Step, text: str, of: Callable[[str], str]) -> str:
    made = translated(text, "postgres", of)
    return made if step.keep else fenced(made)


class _Reader:
    """What a step computed in Python may ask (`plan.Tables`)."""

    def __init__(self, engine: PostgresEngine, of: Callable[[str], str]) -> None:
        self._engine, self._of = engine, of

    def arrow(self, name: str) -> pa.Table:
        return self._engine.relation(self._of(name))

    def answers(self, plans: Sequence[Plan], output: str) -> list[pa.Table]:
        return self._engine.answers(plans, output)

    def days(self) -> set[date]:
        found: set[date] = set()
        for name, columns in self._engine.info.schema.items():
            for column in columns:
                if self._engine.tables[name].by_name[column].type == "day":
                    rows = run(
                        self._engine._db, f"SELECT DISTINCT CAST({quoted(column)} AS DATE) FROM {RAW}{name}"
                    ).fetchall()
                    found |= {row[0] for row in rows if row[0] is not None}
        return found
