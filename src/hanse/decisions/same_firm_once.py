"""Which lists say each firm once?

A register, a reference, a list that somebody has cleaned: two records of such a list are two firms, however alike they are. That a list is one of
these is counted, not said: records of one name and one telephone or address stand together in it far more rarely than chance would have it.
"""

from __future__ import annotations

from math import log2
from typing import Any

_LARGEST = 8  # records of one name and telephone, from which on they are no firm's duplicates
_SELDOM = 1 / 4  # of what chance would have
_MOST = -10.0  # bits: such a list may have been cleaned by the very keys that are counted here
_SOURCES = 12  # lists that are told from one another
_EXPECTED = 30  # pairs that chance would have, at least, for a list to be told


def said_once(db: Any, table: str) -> dict[str, float]:
    """The sources in `table` that say each firm once, with the bits that this speaks against two of their records."""
    anchored = "phone IS NOT NULL OR (number IS NOT NULL AND street IS NOT NULL)"
    share = float(db.execute(f"SELECT coalesce(avg(({anchored})::INT), 0) FROM {table}").fetchall()[0][0])
    keys = ["sound || '|' || phone", "sound || '|' || number || '|' || street"] if share >= 0.2 else ["core"]
    said = " UNION ALL ".join(
        f"SELECT {number} AS kind, {key} AS k, source FROM {table}" for number, key in enumerate(keys)
    )
    rows = db.execute(
        f"""
        WITH sizes AS (SELECT source, count(*) AS records FROM {table} WHERE source IS NOT NULL GROUP BY source),
        shares AS (SELECT source, records / sum(records) OVER () AS p FROM sizes),
        said AS ({said}),
        counted AS (SELECT kind, k, source, count(*) AS n FROM said WHERE k IS NOT NULL AND source IS NOT NULL GROUP BY ALL),
        groups AS (SELECT source, n, sum(n) OVER (PARTITION BY kind, k) AS whole FROM counted),
        pairs AS (SELECT source, sum(n * (n - 1) / 2) AS within, sum(n * (whole - n)) AS across FROM groups WHERE whole BETWEEN 2 AND {_LARGEST} GROUP BY source)
        SELECT source, within, across * p / (2 * (1 - p)) AS expected FROM pairs JOIN shares USING (source) WHERE p < 1 ORDER BY source
        """
    ).fetchall()
    found = {
        source: round(max(log2((within + 1) / (expected + 1)), _MOST), 3)
        for source, within, expected in rows
        if expected >= _EXPECTED and within < _SELDOM * expected
    }
    return dict(sorted(found.items(), key=lambda one: (one[1], one[0]))[:_SOURCES])
