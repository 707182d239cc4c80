"""Runs a plan on Spark, where one machine is not enough: the same steps, translated, as temporary views.

Facts are a folder of this machine or of an object store (`s3a://...`). Steps that are used more than once are held as
Parquet in a scratch folder, so that no executor that goes away takes them along and no plan grows without end.
Arithmetic is ANSI: what does not fit is an error, never a wrong number.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any, Self

import pyarrow as pa

from hanse.engines import many_days, spark_facts
from hanse.engines.dialects import translated
from hanse.engines.postgres import physical_name
from hanse.language.context import FactsInfo
from hanse.language.facts import FactTable
from hanse.language.money import ecb_rates
from hanse.language.plan import RAW, Plan, Step, quoted
from hanse.language.problems import CallError, HanseError, Problem
from hanse.language.rates import Rates, table_rates

MASTER, SCRATCH = "HANSE_SPARK_MASTER", "HANSE_SPARK_SCRATCH"
_SETTINGS = {
    "spark.sql.ansi.enabled": "true", "spark.sql.session.timeZone": "UTC", "spark.sql.caseSensitive": "false",
    "spark.sql.decimalOperations.allowPrecisionLoss": "true", "spark.sql.parquet.compression.codec": "zstd",
}  # fmt: skip
Progress = Callable[[str, int, int], None]


def session() -> Any:
    """The session that is there; else one on `HANSE_SPARK_MASTER`, or on what Spark's own configuration says, or on this machine."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise CallError(
            Problem("--engine", "Spark is not installed", str(error), "install the extra: hanse[spark], and Java 17")
        ) from error
    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    builder = SparkSession.builder.appName("hanse").config("spark.ui.showConsoleProgress", "false")
    master = os.environ.get(MASTER) or (None if "SPARK_CONF_DIR" in os.environ else "local[*]")
    return (builder.master(master) if master else builder).getOrCreate()


class SparkEngine:
    """One set of facts on one session. Use as a context manager; a session that it started is stopped at the end.

    `scratch` is a folder that driver and executors reach (default: `HANSE_SPARK_SCRATCH`, and where Spark runs on
    this machine none is needed). Raises CallError where facts cannot be read.
    """

    def __init__(
        self, facts: str | Path, tables: Mapping[str, FactTable], *, spark: Any = None, scratch: str | None = None,
        progress: Progress | None = None,
    ) -> None:  # fmt: skip
        self.tables = tables
        self.progress = progress
        self.seconds: dict[str, float] = {}
        self._here: dict[str, str] = {}  # content key -> view
        self._answered: many_days.Answers = {}
        self._views: list[str] = []
        self._own = spark is None
        self._spark = spark if spark is not None else session()
        self._before = {k: self._spark.conf.get(k, None) for k in _SETTINGS}
        for key, value in _SETTINGS.items():
            self._spark.conf.set(key, value)
        given = scratch or os.environ.get(SCRATCH)
        if given is None and not str(self._spark.sparkContext.master).startswith("local"):
            raise CallError(Problem(SCRATCH, "there is no scratch folder", "the machines of a cluster hand rows on through it",
                                    f"set {SCRATCH} to a folder that all of them reach, such as s3a://bucket/scratch"))  # fmt: skip
        self._folder = Path(tempfile.mkdtemp(prefix="hanse-spark-"))
        self._scratch = f"{given.rstrip('/')}/{self._folder.name}" if given else self._folder.as_uri()
        self.malformed: list[tuple[str, str, int, str]] = []
        self._schema = spark_facts.open_facts(self._spark, str(facts), tables, self._view, self.malformed)
        self._rates, self._rates_key = self._read_rates()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for view in self._views:
            self._spark.catalog.dropTempView(view)
        spark_facts.remove(self._spark, self._scratch)
        for key, value in self._before.items():
            if value is not None:
                self._spark.conf.set(key, value)
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._own:
            self._spark.stop()

    @property
    def info(self) -> FactsInfo:
        return FactsInfo(self._schema, self._rates, self._rates_key)

    @property
    def about(self) -> dict[str, str]:
        return {"spark": str(self._spark.version)}

    def _view(self, name: str, frame: Any) -> None:
        frame.createOrReplaceTempView(name)
        self._views.append(name)

    def _read_rates(self) -> tuple[Rates, str]:
        if "rates" not in self._schema:
            return ecb_rates(), "ecb"
        found = self._spark.sql(f"SELECT `on`, currency, CAST(per_euro AS DECIMAL(38, 12)) AS per_euro FROM {RAW}rates")
        return table_rates(_plain(found.toArrow())), "facts"

    # -- plans ---------------------------------------------------------------------------------------------

    def prepare(self, plan: Plan, outputs: list[str] | None = None) -> dict[str, str]:
        """Computes what the outputs need and is not there yet; returns step -> view."""
        wanted = [plan.outputs[o] for o in outputs] if outputs is not None else list(plan.outputs.values())
        steps = plan.ordered(wanted)
        keys = plan.keys("facts")
        views: dict[str, str] = {}
        for done, step in enumerate(steps):
            if self.progress:
                self.progress(step.name, done, len(steps))
            here = self._here.get(keys[step.name])
            if here is None:
                here = physical_name(step.name, keys[step.name])
                began = perf_counter()
                with _too_large(step.name):
                    self._make(step, here, views)
                self._here[keys[step.name]] = here
                self.seconds[step.name] = perf_counter() - began
            views[step.name] = here
        if self.progress:
            self.progress("", len(steps), len(steps))
        return views

    def _make(self, step: Step, name: str, views: Mapping[str, str]) -> None:
        def of(reference: str) -> str:
            return reference if reference.startswith(RAW) else views[reference]

        if step.rows is not None or step.call is not None:
            rows = step.rows if step.rows is not None else step.call(_Reader(self, of))  # type: ignore[misc]
            self._view(name, self._spark.createDataFrame(rows))
            return
        frame = self._spark.sql(translated(step.sql, "spark", of))
        self._view(name, self._hold(name, frame) if step.keep else frame)

    def _hold(self, name: str, frame: Any) -> Any:
        """The same rows, computed once."""
        path = f"{self._scratch}/{name}"
        frame.write.mode("overwrite").parquet(path)
        return self._spark.read.schema(frame.schema).parquet(path)

    def arrow(self, plan: Plan, output: str) -> pa.Table:
        """The rows of one output."""
        return self._arrow(self.prepare(plan, [output])[plan.outputs[output]])

    def _arrow(self, view: str) -> pa.Table:
        with _too_large(view):
            return _plain(self._spark.table(view).toArrow())

    def answers(self, plans: Sequence[Plan], output: str) -> list[pa.Table]:
        """The rows of one output of several plans, one by one: Spark turns no such lateral subquery into joins."""
        return many_days.answers(plans, output, self._answered, self._passing)

    def _passing(self, plan: Plan, output: str) -> pa.Table:
        """The rows of one output; views made for them are dropped again, for a replay makes hundreds of plans."""
        here, views = dict(self._here), list(self._views)
        try:
            return self._arrow(self.prepare(plan, [output])[plan.outputs[output]])
        finally:
            for view in self._views[len(views) :]:
                self._spark.catalog.dropTempView(view)
            self._here, self._views = here, views

    def write(self, plan: Plan, output: str, path: Path) -> int:
        """Writes one output as one Parquet file; the executors write it and the driver fetches it. Returns the number of rows."""
        view = self.prepare(plan, [output])[plan.outputs[output]]
        began = perf_counter()
        target = f"{self._scratch}/out_{output}"
        with _too_large(output):
            self._spark.table(view).coalesce(1).write.mode("overwrite").parquet(target)
        rows = spark_facts.fetch(self._spark, target, path)
        self.seconds[f"write {output}"] = perf_counter() - began
        return rows


@contextmanager
def _too_large(place: str) -> Iterator[None]:
    """Spark's overflow errors as ours."""
    from pyspark.errors import ArithmeticException, PySparkException

    try:
        yield
    except PySparkException as error:
        text = str(error)
        if (
            not isinstance(error, ArithmeticException)
            and "OVERFLOW" not in text
            and "NUMERIC_VALUE_OUT_OF_RANGE" not in text
        ):
            raise
        raise HanseError(Problem(place, "a number is too large to be kept exactly", text.splitlines()[0],
                                 "divide the metric's unit (thousands instead of units), or cap it")) from error  # fmt: skip


def _plain(table: pa.Table) -> pa.Table:
    """Every column may be null, as with the other engines."""
    return table.cast(pa.schema([pa.field(f.name, f.type) for f in table.schema]))


class _Reader:
    """What a step computed in Python may ask (`plan.Tables`)."""

    def __init__(self, engine: SparkEngine, of: Callable[[str], str]) -> None:
        self._engine, self._of = engine, of

    def arrow(self, name: str) -> pa.Table:
        return self._engine._arrow(self._of(name))

    def answers(self, plans: Sequence[Plan], output: str) -> list[pa.Table]:
        return self._engine.answers(plans, output)

    def days(self) -> set[date]:
        engine = self._engine
        selects = [
            f"SELECT DISTINCT TRY_CAST({quoted(c)} AS DATE) AS day FROM {RAW}{name}"
            for name, columns in engine.info.schema.items()
            for c in columns if engine.tables[name].by_name[c].type == "day"
        ]  # fmt: skip
        if not selects:
            return set()
        rows = engine._spark.sql(translated(" UNION ".join(selects), "spark", str)).collect()
        return {row[0] for row in rows if row[0] is not None}
