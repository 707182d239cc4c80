"""Which columns do the outputs of a run have in the database?

Checks name their requirement by number (`standings_asked`); the rest is as the contract has it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

TEXT, KEY, NUMBER, DAY = "text", 'text COLLATE "C"', "double precision", "date"
ALONE = "alone"  # the partition of partners judged one by one

OUTPUTS: dict[str, dict[str, str]] = {
    "checks": {
        "run": "bigint NOT NULL", "partner": f"{KEY} NOT NULL", "asked": "bigint NOT NULL", "actual": NUMBER,
        "needed": NUMBER, "met": "boolean", "note": TEXT,
    },
    "competencies": {
        "run": "bigint NOT NULL", "partner": f"{KEY} NOT NULL", "competency": f"{TEXT} NOT NULL", "held": "boolean NOT NULL",
        "since": DAY, "depth": TEXT,
    },
    "benefits": {
        "run": "bigint NOT NULL", "partner": f"{KEY} NOT NULL", "benefit": f"{TEXT} NOT NULL", "quantity": NUMBER,
        "unit": TEXT, "currency": TEXT, "from": DAY, "until": DAY, "used": NUMBER, "left": NUMBER,
    },
    "results": {
        "run": "bigint NOT NULL", "partner": f"{KEY} NOT NULL", "result": f"{TEXT} NOT NULL", "subject": TEXT,
        "number": NUMBER, "text": TEXT, "on": DAY,
    },
    "problems": {
        "run": "bigint NOT NULL", "partner": KEY, "table": f"{TEXT} NOT NULL", "file": TEXT, "line": "bigint",
        "what": TEXT, "why": TEXT, "effect": TEXT,
    },
}  # fmt: skip
STANDING = (
    "level", "granted", "expected", "path", "awaiting", "held", "granted_from", "granted_until", "status", "country",
)  # fmt: skip


def table_of(output: str, run: int | None = None) -> str:
    """The partitioned table of an output, or the partition of one full run."""
    return f"standings_{output}" if run is None else f"standings_{output}_run_{run}"


def columns_of(output: str) -> list[str]:
    """The columns of an output's table, in order."""
    return list(OUTPUTS[output])


def as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as one JSON text, always the same for the same rows."""
    return json.dumps([dict(row) for row in rows], sort_keys=True, default=str, ensure_ascii=False)


def digest_of_rows(rows: Sequence[Mapping[str, Any]]) -> str:
    """What names the rows of an output, in whatever order they came."""
    return hashlib.sha256("\n".join(sorted(as_json([row]) for row in rows)).encode()).hexdigest()
