"""One evaluation from facts to a folder of standings: the contract's Parquet files and `run.json`."""

from __future__ import annotations

import json
import platform
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from hanse.decisions import trouble
from hanse.decisions.evaluate import OUTPUTS, plan_of
from hanse.decisions.outline import outline
from hanse.engines.choose import Described, Engine
from hanse.language.context import Days
from hanse.language.edition import Edition
from hanse.language.plan import Plan
from hanse.language.problems import CallError, Problem

FILES = (*OUTPUTS, "problems")


@dataclass(frozen=True)
class Run:
    """What an evaluation wrote: the plan it followed, and the rows of each output."""

    plan: Plan
    rows: Mapping[str, int]
    folder: Path


def evaluate(engine: Engine, edition: Edition, days: Days, out: Path, *, like: Run | None = None) -> Run:
    """Evaluates an edition over an engine's facts and writes the outcome to `out`, whole or not at all.

    `like` is an earlier run over the same facts in the same engine: files that both compute alike are copied from it.

    The same edition, facts and days give the same Parquet files byte for byte; only `run.json` holds seconds.
    Raises EditionError, and CallError where `out` cannot be written.
    """
    plan = plan_of(edition, days, engine.info)
    staging = _beside(out)
    try:
        known = _alike(plan, like)
        rows = {
            name: known[name].rows[name] if name in known else _written(engine, plan, name, staging) for name in FILES
        }
        for name, run in known.items():
            shutil.copyfile(run.folder / f"{name}.parquet", staging / f"{name}.parquet")
        told = json.dumps(outline(edition, days, engine.info), indent=1, ensure_ascii=False)
        (staging / "outline.json").write_text(told + "\n", encoding="utf-8")
        described = describe(edition, days, rows, engine)
        (staging / "run.json").write_text(json.dumps(described, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        _into_place(staging, out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Run(plan, rows, out)


def _written(engine: Engine, plan: Plan, name: str, folder: Path) -> int:
    path = folder / f"{name}.parquet"
    if name != "problems":
        return engine.write(plan, name, path)
    wrong = problems_of(engine, plan)
    write_problems(wrong, path)
    return int(wrong.num_rows)


def write_problems(wrong: pa.Table, path: Path) -> None:
    """Writes the contract's problems table: the same rows always give the same bytes."""
    parquet.write_table(wrong.combine_chunks(), path, compression="zstd")


def _alike(plan: Plan, other: Run | None) -> dict[str, Run]:
    """The outputs whose content the other run has computed already."""
    if other is None:
        return {}
    mine, theirs = plan.keys("facts"), other.plan.keys("facts")
    return {n: other for n in FILES if mine[plan.outputs[n]] == theirs[other.plan.outputs[n]]}


def problems_of(engine: Engine, plan: Plan) -> pa.Table:
    """The contract's problems table: bad rows, and lines of CSV that are no rows."""
    wrong = trouble.problems(engine.arrow(plan, "problems"))
    if not engine.malformed:
        return wrong
    more = pa.table({
        "table": [m[0] for m in engine.malformed], "file": [m[1] for m in engine.malformed],
        "line": pa.array([m[2] for m in engine.malformed], pa.int64()),
        "what": ["the line is not a row" for _ in engine.malformed], "why": [m[3] for m in engine.malformed],
        "effect": [trouble.NOT_COUNTED for _ in engine.malformed],
        "partner": pa.nulls(len(engine.malformed), pa.string()),
    })  # fmt: skip
    order = [("table", "ascending"), ("file", "ascending"), ("line", "ascending")]
    return pa.concat_tables([wrong, more.cast(wrong.schema)]).sort_by(order)


def describe(edition: Edition, days: Days, rows: Mapping[str, int], engine: Engine) -> dict[str, Any]:
    """What a run is: the edition by content, the days, the rows, the versions, processor seconds per step."""
    return {
        "edition": edition.name,
        "edition_hash": edition.content_hash,
        "as_of": days.as_of.isoformat(),
        "rules_as_of": days.rules_as_of.isoformat(),
        "known_at": days.known_at.isoformat() if days.known_at else None,
        "rows": dict(rows),
        "versions": {name: version(name) for name in ("hanse", "duckdb", "sqlglot", "pyarrow", "CurrencyConverter")}
        | {"python": platform.python_version()}
        | (dict(engine.about) if isinstance(engine, Described) else {}),
        "processor_seconds": {step: round(spent, 4) for step, spent in engine.seconds.items()},
    }


def _beside(out: Path) -> Path:
    """A folder on the same disk, so that the finished one can be renamed into place."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise CallError(
            Problem("--out", f"{out} cannot be written", error.strerror or str(error), "give a folder that can be made")
        ) from error


def _into_place(staging: Path, out: Path) -> None:
    """Puts the finished files where they belong; other files in the folder stay."""
    if out.exists() and not out.is_dir():
        raise CallError(Problem("--out", f"{out} is a file", "the outcome is a folder of files", "give another name"))
    out.mkdir(exist_ok=True)
    for path in staging.iterdir():
        path.replace(out / path.name)
