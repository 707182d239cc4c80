"""Rehearses a change: both editions over the same facts in one engine, and a report of what differs.

Writes `before/` and `after/` (the contract's files of each), `moves.parquet`, `summary.json` and `report.html`. Steps that
the change does not touch are computed once.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from hanse.decisions import rehearsal
from hanse.decisions.evaluate import plan_of
from hanse.decisions.rehearsal_figures import Side, Totals, figures
from hanse.engines import run
from hanse.engines.choose import Engine
from hanse.engines.report import page
from hanse.engines.report.reading import Reading
from hanse.language.edition import Edition
from hanse.language.facts import FactTable
from hanse.language.plan import literal
from hanse.language.problems import CallError, Problem


@dataclass(frozen=True)
class Rehearsal:
    """What a rehearsal wrote, its figures as in `summary.json`, and how they read aloud."""

    summary: Mapping[str, Any]
    sentences: Sequence[str]
    report: Path
    reading: Reading


def tables_of(before: Edition, after: Edition) -> dict[str, FactTable]:
    """The fact tables that either edition declares. Raises CallError where the two declare one column differently."""
    found = dict(before.tables)
    for name, table in after.tables.items():
        known = found.get(name)
        if known is None or known == table:
            found[name] = table
            continue
        for column in table.columns:
            other = known.by_name.get(column.name)
            if other is not None and other.type != column.type:
                raise CallError(Problem(
                    "NEW_EDITION", f"{name}.{column.name} is {column.type} in {after.name} and {other.type} in {before.name}",
                    "both editions read the same facts", "give the column one type in both, or two names",
                ))  # fmt: skip
        more = tuple(c for c in table.columns if c.name not in known.by_name)
        found[name] = replace(table, columns=known.columns + more, by_name={})
    return found


def rehearse(
    engine: Engine, before: Side, after: Side, out: Path, *, fewer_than: int = 25, language: str = "en"
) -> Rehearsal:
    """Evaluates both sides and writes all that a rehearsal gives to `out`.

    The same facts, editions and days give the same files byte for byte, but for the seconds in `run.json`. Raises
    EditionError before anything is computed, and CallError where `out` cannot be written.
    """
    for side in (before, after):
        plan_of(side.edition, side.days, engine.info)
    first = run.evaluate(engine, before.edition, before.days, out / rehearsal.BEFORE)
    return compare(engine, first, before, after, out, fewer_than=fewer_than, language=language)


def compare(
    engine: Engine,
    first: run.Run,
    before: Side,
    after: Side,
    out: Path,
    *,
    fewer_than: int = 25,
    language: str = "en",
) -> Rehearsal:
    """The part of a rehearsal that comes after an evaluation: the other side, and what differs."""
    second = run.evaluate(engine, after.edition, after.days, out / rehearsal.AFTER, like=first)
    plan = rehearsal.plan_of(first.plan, second.plan)
    cells = engine.arrow(plan, "cells").to_pylist()
    deciding = engine.arrow(plan, "deciding").to_pylist()
    shown = engine.arrow(plan, "shown").to_pylist()
    totals = (_totals(first.folder), _totals(second.folder))
    trees = (rehearsal.trees_of(first.plan), rehearsal.trees_of(second.plan))
    summary = figures(before, after, trees=trees, cells=cells, deciding=deciding, totals=totals, fewer_than=fewer_than)
    read = Reading(before, after, language)
    with tempfile.TemporaryDirectory(prefix=".rehearsal-", dir=out) as folder:
        staging = Path(folder)
        engine.write(plan, "moves", staging / "moves.parquet")
        sentences = page.sentences(summary, read)
        text = json.dumps({**summary, "sentences": sentences}, indent=2, ensure_ascii=False)
        (staging / "summary.json").write_text(text + "\n", encoding="utf-8")
        (staging / "report.html").write_text(page.html(summary, shown, read), encoding="utf-8")
        for path in sorted(staging.iterdir()):
            path.replace(out / path.name)
    return Rehearsal(summary, sentences, out / "report.html", read)


def _totals(folder: Path) -> Totals:
    """What an evaluation gave in all, from the files it wrote."""
    with duckdb.connect() as files:
        benefits = files.sql(
            "SELECT benefit, CAST(unit AS VARCHAR) AS unit, CAST(currency AS VARCHAR) AS currency, "
            f"CAST(SUM(CAST(quantity AS DECIMAL(38, 4))) AS DOUBLE) AS quantity, COUNT(*) AS partners "
            f"FROM read_parquet({literal(str(folder / 'benefits.parquet'))}) GROUP BY ALL ORDER BY ALL"
        ).to_arrow_table()
        holders = files.execute(
            "SELECT competency, COUNT(DISTINCT partner) AS partners "
            f"FROM read_parquet({literal(str(folder / 'competencies.parquet'))}) GROUP BY ALL"
        ).fetchall()
    return Totals(benefits.to_pylist(), {str(name): int(count) for name, count in holders})
