"""What is wrong with a row of facts, why, and what follows from it?

Staging marks a bad row with a code such as `not_a_day:earned:2017-13-01`; here it becomes the sentences that
`problems.parquet` holds. A row that is wrong never counts, and is never silently dropped.
"""

from __future__ import annotations

import pyarrow as pa

from hanse.decisions.mistakes import SENTENCES
from hanse.language.money import known_currencies

NOT_COUNTED = "not counted"


def sentences(code: str, table: str) -> tuple[str, str]:
    """What is wrong, and why."""
    kind, _, rest = code.partition(":")
    column, _, value = rest.partition(":")
    if kind == "no_rate":
        value, _, column = value.partition(":")  # the currency and the day
        kind = kind if value in known_currencies() else "unknown_currency"
    what, why = SENTENCES[kind]
    return what.format(column=column, value=value, table=table), why.format(column=column, value=value, table=table)


def problems(marked: pa.Table) -> pa.Table:
    """The contract's problems table out of (table_name, _bad, partner), in order of file and line.

    `_bad` is `line|file|code`. `partner` is whose the row is, as far as it is known: null where it names nobody who
    is there.
    """
    rows = sorted(_row(str(r["table_name"]), str(r["_bad"]), r["partner"] or "") for r in marked.to_pylist())
    known = {(table, bad): sentences(bad, table) for table, bad in {(r[0], r[3]) for r in rows}}
    said = [known[r[0], r[3]] for r in rows]
    return pa.table({
        "table": pa.array([r[0] for r in rows], pa.string()),
        "file": pa.array([r[1] for r in rows], pa.string()),
        "line": pa.array([r[2] for r in rows], pa.int64()),
        "what": pa.array([s[0] for s in said], pa.string()),
        "why": pa.array([s[1] for s in said], pa.string()),
        "effect": pa.array([NOT_COUNTED for _ in rows], pa.string()),
        "partner": pa.array([r[4] or None for r in rows], pa.string()),
    })  # fmt: skip


def _row(table: str, mark: str, partner: str) -> tuple[str, str, int, str, str]:
    line, file, code = mark.split("|", 2)
    return table, file, int(line), code, partner
