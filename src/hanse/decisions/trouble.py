"""What is wrong with a row of facts, why, and what follows from it?

Staging marks a bad row with a code such as `not_a_day:earned:2017-13-01`; here it becomes the sentences that
`problems.parquet` holds. A row that is wrong never counts, and is never silently dropped.
"""

from __future__ import annotations

import pyarrow as pa

from hanse.language.money import known_currencies

NOT_COUNTED = "not counted"
_WHAT: dict[str, tuple[str, str]] = {
    "missing": ("{column} is missing", "{table} needs it in every row"),
    "not_a_day": ("{column} {value!r} is not a day", "days are written like 2017-06-30"),
    "not_a_moment": ("{column} {value!r} is not a moment", "moments are written like 2017-06-30T14:00:00"),
    "not_a_number": ("{column} {value!r} is not a number", "numbers are written like 1234.56"),
    "too_precise": ("{column} {value} has more than four decimals", "amounts are kept exactly, to four decimals"),
    "ends_before_start": ("{column} {value} lies before the beginning", "a period ends on or after its first day"),
    "unknown_partner": ("partner {value!r} is not known", "partners has no valid row with that key"),
    "unknown_person": ("person {value!r} is not known", "people has no valid row with that key"),
    "unknown_country": ("country {value!r} does not exist", "countries are ISO 3166-1 alpha-2 codes"),
    "before_joining": ("{column} {value} lies before the partner joined", "a fact cannot be older than the partnership"),
    "not_a_share": ("{column} {value} is not a share", "a share lies between 0 and 100 percent"),
    "twice": ("the partner {value!r} stands there twice", "a key belongs to one partner; the first row counts"),
}


def sentences(code: str, table: str) -> tuple[str, str]:
    """What is wrong, and why."""
    kind, _, rest = code.partition(":")
    column, _, value = rest.partition(":")
    if kind == "no_rate":
        currency, _, day = value.partition(":")
        if currency not in known_currencies():
            return f"currency {currency!r} does not exist", "currencies are ISO 4217 codes"
        return f"no exchange rate for {currency} on {day}", "none was published on that day or the ten publication days before"
    what, why = _WHAT[kind]
    return what.format(column=column, value=value, table=table), why.format(column=column, value=value, table=table)


def problems(marked: pa.Table) -> pa.Table:
    """The contract's problems table out of (table_name, _file, _line, _bad), in order of file and line."""
    rows = sorted(
        (str(r["table_name"]), r["_file"] or "", r["_line"] or 0, str(r["_bad"])) for r in marked.to_pylist()
    )
    said = [sentences(bad, table) for table, _, _, bad in rows]
    return pa.table({
        "table": pa.array([r[0] for r in rows], pa.string()),
        "file": pa.array([r[1] for r in rows], pa.string()),
        "line": pa.array([r[2] for r in rows], pa.int64()),
        "what": pa.array([s[0] for s in said], pa.string()),
        "why": pa.array([s[1] for s in said], pa.string()),
        "effect": pa.array([NOT_COUNTED for _ in rows], pa.string()),
    })  # fmt: skip
