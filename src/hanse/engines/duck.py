"""Runs a plan on DuckDB: over a folder of CSV or Parquet files, or over tables in memory.

Every kept step is a temporary table named by its content, so a second plan over the same facts reuses what did not
change. The database is in memory, spills to a temporary folder, and can reach no file but the facts and its outputs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import process_time

import duckdb
import pyarrow as pa

from hanse.engines import many_days, sources
from hanse.language.context import FactsInfo
from hanse.language.facts import SQL_TYPES, FactTable
from hanse.language.money import ecb_rates
from hanse.language.plan import RAW, Plan, Step, literal, quoted, substitute
from hanse.language.problems import CallError, HanseError, Problem
from hanse.language.rates import Rates, table_rates

# Rows stand in the order of partners: a dictionary of keys costs more than it saves, and few words need only a small one.
PARQUET = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880, DICTIONARY_SIZE_LIMIT 1000"
_ROW_COLUMN = "fact"  # a column of this name and an integer type says which row it is, as in PostgreSQL
Progress = Callable[[str, int, int], None]


class DuckEngine:
    """One connection over one set of facts. Use as a context manager."""

    def __init__(
        self, facts: Path | Mapping[str, pa.Table], tables: Mapping[str, FactTable], *,
        memory: str = "2200MB", threads: int | None = None, progress: Progress | None = None,
        only: frozenset[str] | None = None,
    ) -> None:  # fmt: skip
        self.tables = tables
        self.progress = progress
        self.seconds: dict[str, float] = {}
        self._spill = tempfile.TemporaryDirectory(prefix="hanse-")
        self._db = duckdb.connect(config={"memory_limit": memory, "temp_directory": self._spill.name})
        self._db.execute("SET preserve_insertion_order = true")
        if threads:
            self._db.execute(f"SET threads = {threads}")
        self._here: dict[str, str] = {}  # content key -> physical name
        self._answered: many_days.Answers = {}
        self._malformed: list[tuple[str, str, int, str]] = []
        self.schema: dict[str, dict[str, str]] = {}
        try:
            if isinstance(facts, Path):
                self._open_folder(facts)
            else:
                self._open_tables(facts)
            self.rates, self.rates_key = self._rates()
            if only is not None:
                self.restrict(only)
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> DuckEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()
        self._spill.cleanup()

    @property
    def info(self) -> FactsInfo:
        return FactsInfo(self.schema, self.rates, self.rates_key)

    # -- facts ---------------------------------------------------------------------------------------------

    def _open_folder(self, folder: Path) -> None:
        found = sources.find(folder, self.tables)
        for name, files in found.items():
            if files.is_parquet:
                self._open_parquet(name, files, folder)
            else:
                self._open_csv(name, files, folder)
        self._open_missing()

    def _open_parquet(self, name: str, files: sources.TableFiles, folder: Path) -> None:
        listed = ", ".join(literal(str(p)) for p in files.paths)
        read = f"read_parquet([{listed}], filename = true, file_row_number = true, union_by_name = true)"
        try:
            described = self._db.execute(f"DESCRIBE SELECT * FROM {read}").fetchall()
        except duckdb.Error as error:
            raise CallError(
                Problem(
                    str(files.paths[0]),
                    "the file cannot be read as Parquet",
                    str(error).splitlines()[0],
                    "write it anew",
                )
            ) from error
        columns = {str(c[0]): str(c[1]) for c in described}
        sources.require_columns(self.tables[name], set(columns), str(files.paths[0]))
        cut = len(str(folder.resolve())) + 2
        self._raw(
            name,
            columns,
            f"{read} AS f",
            f"SUBSTRING(f.filename, {cut})"
            if folder.is_absolute()
            else f"SUBSTRING(f.filename, {len(str(folder)) + 2})",
            "f.file_row_number + 1",
        )

    def _open_csv(self, name: str, files: sources.TableFiles, folder: Path) -> None:
        parts = []
        for path in files.paths:
            shown = str(path.relative_to(folder))
            table, malformed = sources.read_csv(path, str(path))
            sources.require_columns(self.tables[name], set(table.column_names), str(path))
            self._malformed += [(name, shown, line, why) for line, why in malformed]
            parts.append(table.append_column("_file", pa.array([shown] * table.num_rows, pa.string())))
        self._register(name, pa.concat_tables(parts, promote_options="default"))

    def _open_tables(self, facts: Mapping[str, pa.Table]) -> None:
        for name, table in facts.items():
            lines = table[_ROW_COLUMN] if _numbered(table) else pa.array(range(1, table.num_rows + 1), pa.int64())
            shown = pa.repeat(name, table.num_rows)
            self._register(name, table.append_column("_line", lines).append_column("_file", shown))
        self._open_missing()

    def _register(self, name: str, table: pa.Table) -> None:
        self._db.register(f"arrow_{name}", table)
        described = self._db.execute(f"DESCRIBE SELECT * FROM arrow_{name}").fetchall()
        columns = {str(c[0]): str(c[1]) for c in described}
        self._raw(name, columns, f"arrow_{name} AS f", "f._file", "f._line")

    def _raw(self, name: str, columns: dict[str, str], relation: str, file: str, line: str) -> None:
        declared = self.tables[name].by_name
        kept = {c: t for c, t in columns.items() if c in declared}
        items = ", ".join(f"f.{quoted(c)}" for c in kept)
        self.schema[name] = kept
        self._db.execute(
            f"CREATE TEMP VIEW {RAW}{name} AS SELECT {items}, {file} AS _file, {line} AS _line FROM {relation}"
        )

    def _open_missing(self) -> None:
        """Tables that are not there count as empty."""
        for name, table in self.tables.items():
            if name not in self.schema:
                items = ", ".join(f"CAST(NULL AS {SQL_TYPES[c.type]}) AS {quoted(c.name)}" for c in table.columns)
                self._db.execute(
                    f"CREATE TEMP VIEW {RAW}{name} AS SELECT {items}, CAST(NULL AS VARCHAR) AS _file, CAST(NULL AS BIGINT) AS _line WHERE FALSE"
                )

    def restrict(self, only: frozenset[str]) -> None:
        """From now on there are only these partners, their people and their facts; before any plan is run.

        An outcome is the same as over the whole channel where `only` holds all that a metric looks at: see scope.py.
        """
        if self._here:
            raise ValueError("an engine is restricted before it has computed anything")
        self._db.execute("CREATE TEMP TABLE only_partners AS SELECT UNNEST(?) AS partner", [sorted(only)])
        known = "IN (SELECT partner FROM only_partners)"
        for name in [t for t in self.schema if t != "people"] + [t for t in self.schema if t == "people"]:
            owner = self.tables[name].owner
            if name == "ownership":
                where = f"CAST(owner AS VARCHAR) {known} OR CAST(owned AS VARCHAR) {known}"
            elif owner == "none":
                continue
            elif owner == "person":
                staff = f"SELECT CAST(person AS VARCHAR) FROM {RAW}people WHERE CAST(partner AS VARCHAR) {known}"
                where = f"CAST(person AS VARCHAR) IN ({staff})"
            else:
                where = f"CAST(partner AS VARCHAR) {known}"
            self._db.execute(f"CREATE TEMP TABLE kept_{name} AS SELECT * FROM {RAW}{name} WHERE {where}")
            self._db.execute(f"CREATE OR REPLACE TEMP VIEW {RAW}{name} AS SELECT * FROM kept_{name}")

    def rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """The rows of a statement over the raw facts (`raw_TABLE`), as they came."""
        return [tuple(row) for row in self._db.execute(sql, list(values)).fetchall()]

    def _rates(self) -> tuple[Rates, str]:
        if "rates" not in self.schema:
            return ecb_rates(), "ecb"
        table = self._db.sql(f'SELECT "on", currency, per_euro FROM {RAW}rates').to_arrow_table()
        if not table.num_rows:  # a table without rows is as good as none
            return ecb_rates(), "ecb"
        rates = table_rates(table)
        if rates.problems:
            places = self._db.sql(f"SELECT _file, _line FROM {RAW}rates").fetchall()
            for problem in rates.problems:
                file, line = places[int(problem.place.rpartition(" ")[2]) - 1]
                self._malformed.append(("rates", file, line, f"{problem.what}: {problem.why}"))
        return rates, "facts"

    # -- plans ---------------------------------------------------------------------------------------------

    def prepare(self, plan: Plan, outputs: Iterable[str] | None = None) -> dict[str, str]:
        """Computes what the outputs need and is not there yet; returns step -> physical name."""
        wanted = [plan.outputs[o] for o in outputs] if outputs is not None else list(plan.outputs.values())
        steps = plan.ordered(wanted)
        keys = plan.keys("facts")
        physical = {s.name: self._here.get(keys[s.name], f"{s.name}__{keys[s.name][:10]}") for s in steps}
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
        began = process_time()
        name = physical[step.name]

        def of(reference: str) -> str:
            return reference if reference.startswith(RAW) else physical[reference]

        try:
            if step.rows is not None:
                self._put(name, step.rows)
            elif step.call is not None:
                self._put(name, step.call(_Reader(self, of)))
            else:
                kind = "TABLE" if step.keep else "VIEW"
                self._db.execute(f"CREATE TEMP {kind} {name} AS {substitute(step.sql, of)}")
        except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
            raise HanseError(
                Problem(step.name, "a number is too large to be kept exactly", str(error).splitlines()[0],
                        "divide the metric's unit (thousands instead of units), or cap it")
            ) from error  # fmt: skip
        self.seconds[step.name] = process_time() - began

    def _put(self, name: str, rows: pa.Table) -> None:
        self._db.register("arriving", rows)
        items = ", ".join(_arriving(rows, column) for column in rows.column_names)
        self._db.execute(f"CREATE TEMP TABLE {name} AS SELECT {items} FROM arriving")
        self._db.unregister("arriving")

    def arrow(self, plan: Plan, output: str) -> pa.Table:
        """The rows of one output."""
        physical = self.prepare(plan, [output])
        return self._db.sql(f"SELECT * FROM {physical[plan.outputs[output]]}").to_arrow_table()

    def query(self, plan: Plan, sql: str) -> pa.Table:
        """The rows of a further statement over a plan's steps, which it names as `$name`."""
        physical = self.prepare(plan)
        return self._db.sql(substitute(sql, lambda n: n if n.startswith(RAW) else physical[n])).to_arrow_table()

    def answers(self, plans: Sequence[Plan], output: str) -> list[pa.Table]:
        """The rows of one output of plans that may differ in days alone."""
        return many_days.answers(plans, output, self._answered, self.arrow, self.together())

    def together(self) -> many_days.Way:
        """How plans that differ in days alone are run as one statement."""
        counts = [f"(SELECT COUNT(*) FROM {RAW}{name})" for name in self.schema]
        ((rows,),) = self._db.execute(f"SELECT {' + '.join(counts) or '0'}").fetchall()
        return many_days.Way(
            prepare=lambda plan, steps: self.prepare(replace(plan, outputs={s: s for s in steps})),
            ask=self._ask,
            written=lambda _, text, of: substitute(text, of),
            rows=int(rows),
        )

    def _ask(self, text: str) -> pa.Table:
        try:
            return self._db.sql(text).to_arrow_table()
        except (duckdb.BinderException, duckdb.NotImplementedException) as error:
            raise many_days.NotTogetherError from error

    def write(self, plan: Plan, output: str, path: Path) -> int:
        """Writes one output as Parquet; returns the number of rows."""
        physical = self.prepare(plan, [output])
        began = process_time()
        step = plan.steps[plan.outputs[output]]
        threads = self.rows("SELECT current_setting('threads')")[0][0]
        if "ORDER BY" not in step.sql:
            # a join on several threads gives its rows in any order; one thread costs less than sorting every check
            self._db.execute("SET threads = 1")
        done = self._db.execute(
            f"COPY (SELECT * FROM {physical[step.name]}) TO {literal(str(path))} ({PARQUET})"
        ).fetchone()
        self._db.execute(f"SET threads = {threads}")
        self.seconds[f"write {output}"] = process_time() - began
        return int(done[0]) if done else 0

    @property
    def malformed(self) -> list[tuple[str, str, int, str]]:
        """Lines of CSV that are no rows: table, file, line, why."""
        return self._malformed


def _numbered(table: pa.Table) -> bool:
    """Whether a table in memory says itself which row is which."""
    return _ROW_COLUMN in table.column_names and pa.types.is_int64(table.schema.field(_ROW_COLUMN).type)


def _arriving(rows: pa.Table, column: str) -> str:
    """A column as it is; a dictionary of texts as an ENUM, which is compared and written as small integers."""
    name = quoted(column)
    if not pa.types.is_dictionary(rows.schema.field(column).type):
        return name
    texts = sorted(set(rows[column].unique().to_pylist()) - {None})
    listed = ", ".join(literal(t) for t in texts) or "''"
    return f"CAST({name} AS ENUM({listed})) AS {name}"


class _Reader:
    """What a step computed in Python may ask (`plan.Tables`)."""

    def __init__(self, engine: DuckEngine, of: Callable[[str], str]) -> None:
        self._engine, self._of = engine, of

    def arrow(self, name: str) -> pa.Table:
        return self._engine._db.sql(f"SELECT * FROM {self._of(name)}").to_arrow_table()

    def answers(self, plans: Sequence[Plan], output: str) -> list[pa.Table]:
        return self._engine.answers(plans, output)

    def days(self) -> set[date]:
        found: set[date] = set()
        for name, columns in self._engine.schema.items():
            for column in columns:
                if self._engine.tables[name].by_name[column].type == "day":
                    sql = f"SELECT DISTINCT TRY_CAST({quoted(column)} AS DATE) FROM {RAW}{name}"
                    found |= {row[0] for row in self._engine._db.execute(sql).fetchall() if row[0] is not None}
        return found
