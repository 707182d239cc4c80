"""Which engine for which facts? DuckDB for a folder, PostgreSQL for a database, Spark where it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, runtime_checkable
from urllib.parse import urlsplit

import pyarrow as pa

from hanse.language.context import FactsInfo
from hanse.language.facts import FactTable
from hanse.language.plan import Plan
from hanse.language.problems import CallError, Problem, nearest

ENGINES = ("duckdb", "postgres", "spark")
Progress = Callable[[str, int, int], None]


class Engine(Protocol):
    """One set of facts, and the rows that plans give over them. Used as a context manager."""

    seconds: dict[str, float]

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    @property
    def info(self) -> FactsInfo:
        """Columns and types of the facts, and the exchange rates."""

    @property
    def malformed(self) -> list[tuple[str, str, int, str]]:
        """Lines that are no rows: table, file, line, why."""

    def arrow(self, plan: Plan, output: str) -> pa.Table:
        """The rows of one output."""

    def write(self, plan: Plan, output: str, path: Path) -> int:
        """Writes one output as Parquet; returns the number of rows."""


@runtime_checkable
class Described(Protocol):
    """An engine that says what it runs on."""

    @property
    def about(self) -> Mapping[str, str]:
        """Names and versions for `run.json`."""


def open_engine(
    facts: str, tables: Mapping[str, FactTable], *, engine: str | None = None, progress: Progress | None = None
) -> Engine:
    """The engine of that name over the facts: a folder, a URI of an object store, or a database's address.

    Without a name a database is read by PostgreSQL and everything else by DuckDB. A folder of an object store
    is Spark's. Raises CallError where name and facts do not fit.
    """
    name = engine or ("postgres" if is_database(facts) else "duckdb")
    if name not in ENGINES:
        raise CallError(
            Problem("--engine", f"{name!r} is not an engine", "it would run nothing", nearest(name, ENGINES))
        )
    if (name == "postgres") != is_database(facts):
        raise CallError(Problem(
            "--engine", f"the engine {name} does not read {_shown(facts)}",
            "PostgreSQL reads tables of a database, the others files",
            "give --facts postgresql://... with --engine postgres, and a folder with the others",
        ))  # fmt: skip
    if name == "postgres":
        from hanse.engines.postgres import PostgresEngine

        return PostgresEngine(facts, tables, progress=progress)
    if name == "spark":
        from hanse.engines.spark import SparkEngine

        return SparkEngine(facts, tables, progress=progress)
    if "://" in facts:
        raise CallError(Problem("--facts", f"DuckDB reads no {_shown(facts)} here", "it reads files of this machine only",
                                "add --engine spark, or copy the files"))  # fmt: skip
    from hanse.engines.duck import DuckEngine

    return DuckEngine(Path(facts), tables, progress=progress)


def is_database(facts: str) -> bool:
    return facts.startswith(("postgresql://", "postgres://"))


def _shown(facts: str) -> str:
    """The facts' address without a password."""
    if "://" not in facts:
        return facts
    parts = urlsplit(facts)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
