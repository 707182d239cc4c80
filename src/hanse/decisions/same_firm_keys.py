"""By which keys are records looked up that could be one firm?

A key that too many records share (a switchboard, a frequent name) tells little and costs most: the largest groups of each
key are left out until the pairs fit a budget that grows with the list.
"""

from __future__ import annotations

from typing import Any

_PAIRS_PER_RECORD = 4
_LEAST_PAIRS = 300_000

RARE = "rare"  # one of a record's rarest words
KEYS = {
    "k_core": "core",
    "k_core_place": "core || '|' || coalesce(city, postcode)",
    "k_phone": "phone",
    "k_domain": "domain",
    "k_registration": "registration",
    "k_street": "number || '|' || street || '|' || coalesce(postcode, city, '')",
    "k_bare_street": "number || '|' || street",
    "k_number_place": "number || '|' || coalesce(postcode, city)",
    "k_sound": "sound || coalesce('|' || country, '')",
    "k_begin": "left(squashed, 6) || coalesce('|' || city, '|' || postcode, '')",
    "k_end": "right(squashed, 8)",
    "k_two_words": "CASE WHEN rare2 IS NOT NULL THEN least(rare1, rare2)::VARCHAR || '|' || greatest(rare1, rare2)::VARCHAR END",
    "k_initials": "CASE WHEN initials IS NOT NULL THEN initials WHEN NOT contains(core, ' ') AND length(core) BETWEEN 3 AND 6 THEN core END",
}
_WHERE_CORE_IS_FREQUENT = "k_core_place"


def with_keys(db: Any, table: str) -> list[str]:
    """Writes `same_firm_keyed`: the columns of `table` and the keys. Returns the keys that join any records.

    `rare` lists the words by which a record is looked up: up to three, shared by at least two records.
    """
    rows = db.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
    budget = max(_LEAST_PAIRS, _PAIRS_PER_RECORD * rows)
    columns, used = [], []
    caps: dict[str, int] = {}
    for key, expression in KEYS.items():
        cap = caps[key] = _cap(db, f"SELECT {expression} AS k FROM {table}", budget)
        if cap >= 2:
            columns.append(
                f"CASE WHEN count(*) OVER (PARTITION BY {expression}) BETWEEN 2 AND {cap} THEN {expression} END AS {key}"
            )
            used.append(key)
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE same_firm_keys AS SELECT unique_id, {', '.join(columns) or 'NULL AS nothing'} FROM {table}"
    )
    cap = caps[RARE] = _cap(db, f"SELECT unnest([rare1, rare2, rare3]) AS k FROM {table}", budget)
    listed = ", ".join(f"('{key}', {most})" for key, most in caps.items())
    db.execute(f"CREATE OR REPLACE TABLE same_firm_caps AS SELECT * FROM (VALUES {listed}) AS c (key, most)")
    db.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE same_firm_rare AS
        WITH said AS (SELECT unique_id, unnest([rare1, rare2, rare3]) AS k FROM {table}),
        known AS (SELECT k FROM said WHERE k IS NOT NULL GROUP BY k HAVING count(*) BETWEEN 2 AND {cap})
        SELECT unique_id, list(k ORDER BY k) AS rare FROM said SEMI JOIN known USING (k) GROUP BY unique_id
        """
    )
    db.execute(
        f"CREATE OR REPLACE TABLE same_firm_keyed AS SELECT t.*, k.* EXCLUDE (unique_id), r.rare FROM {table} AS t "
        "JOIN same_firm_keys AS k USING (unique_id) LEFT JOIN same_firm_rare AS r USING (unique_id) ORDER BY unique_id"
    )
    return [*used, RARE] if cap >= 2 else used


def _cap(db: Any, keys: str, budget: int) -> int:
    """The largest group of a key that is still looked at, so that the pairs of all smaller ones fit the budget; 0 for none."""
    found = db.execute(
        f"""
        WITH sizes AS (SELECT count(*) AS size FROM ({keys}) WHERE k IS NOT NULL GROUP BY k HAVING count(*) > 1),
        by_size AS (SELECT size, count(*) * size * (size - 1) / 2 AS pairs FROM sizes GROUP BY size),
        running AS (SELECT size, sum(pairs) OVER (ORDER BY size) AS pairs FROM by_size)
        SELECT max(size) FROM running WHERE pairs <= {budget}
        """
    ).fetchall()[0][0]
    return int(found or 0)
