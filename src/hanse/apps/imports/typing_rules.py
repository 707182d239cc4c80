"""What is a row of texts as a fact, and what is wrong with it?

Writes one SELECT over the raw texts of a sheet: the columns typed, what stands beside them as JSON, and the codes of all
that is wrong, in the words of the evaluation (language/staging.py), which would refuse the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hanse.apps.imports.forms import day_sql, number_text
from hanse.apps.imports.mapping import SheetMapping
from hanse.language.facts import CONTRACT, SQL_TYPES, Column, FactTable
from hanse.language.plan import literal, quoted

LONGEST_KEY = 300  # bytes; so that any key of up to seven columns can be indexed
_NUMBERS = ("integer", "amount", "number", "rate", "real")
_KEYS = {"partner", "person", "owner", "owned", "group"}
Cell = Callable[[str], str]


@dataclass(frozen=True)
class Check:
    """A condition under which a row is refused, and the SQL of its code."""

    refused: str
    code: str


def statement(mapping: SheetMapping, source: str, cell: Cell, lookups: Mapping[str, str], *, width: int) -> str:
    """The SELECT of `line`, the table's columns, `more`, and for a row that is refused `codes` and its `cells` as given.

    `source` is a relation with `line` and the raw texts c0, c1 ... (`width` of them); `cell` the SQL of a heading's text;
    `lookups` names, per column of countries or currencies, a relation (text, code).
    """
    table = CONTRACT[mapping.table]
    given = [c for c in table.columns if c.name in mapping.columns or c.name in mapping.constants]
    cells = [f"{_given(mapping, c, cell)} AS {quoted(f'v_{c.name}')}" for c in given]
    raw = [f"c{i}" for i in range(width)]
    read = f"SELECT s.line, {', '.join([*(f's.{c}' for c in raw), *cells, f'{_kept(mapping, cell)} AS more'])} FROM {source} AS s"
    typed, joins = [], ""
    for column in given:
        if column.name in lookups:
            alias = quoted(f"k_{column.name}")
            joins += f" LEFT JOIN {lookups[column.name]} AS {alias} ON {alias}.text = r.{quoted(f'v_{column.name}')}"
            typed.append(f"{alias}.code AS {quoted(column.name)}")
        else:
            typed.append(f"{_typed(mapping, column)} AS {quoted(column.name)}")
    texts = [f"r.{quoted(f'v_{c.name}')}" for c in given]
    numbers = [f"{_number(mapping, c)} AS {quoted(f'n_{c.name}')}" for c in given if c.type in _NUMBERS]
    carried = ["r.line", "r.more", *(f"r.{c}" for c in raw)]
    inner = f"SELECT {', '.join([*carried, *texts, *numbers, *typed])} FROM ({read}) AS r{joins}"
    own = [
        f"t.{quoted(c.name)}" if c in given else f"CAST(NULL AS {_type(c)}) AS {quoted(c.name)}" for c in table.columns
    ]
    checks = checks_of(table, given)
    codes = ", ".join(f"CASE WHEN {c.refused} THEN {c.code} END" for c in checks)
    refused = " OR ".join(f"({c.refused})" for c in checks)
    bad = f"CASE WHEN {refused} THEN list_filter([{codes}], lambda x: x IS NOT NULL) END"
    given_cells = f"CASE WHEN {refused} THEN [{', '.join(f't.{c}' for c in raw)}] END"
    return f"SELECT t.line, {', '.join(own)}, t.more, {bad} AS codes, {given_cells} AS cells FROM ({inner}) AS t"


def _given(mapping: SheetMapping, column: Column, cell: Cell) -> str:
    return (
        cell(mapping.columns[column.name])
        if column.name in mapping.columns
        else literal(mapping.constants[column.name])
    )


def _kept(mapping: SheetMapping, cell: Cell) -> str:
    """The undeclared columns as JSON, without empty ones; null where there are none."""
    if not mapping.kept:
        return "NULL"
    pairs = ", ".join(f"{literal(name)}, {cell(heading)}" for name, heading in mapping.kept.items())
    return f"NULLIF(json_merge_patch('{{}}', json_object({pairs}))::VARCHAR, '{{}}')"


def _type(column: Column) -> str:
    return SQL_TYPES[column.type]


def _number(mapping: SheetMapping, column: Column) -> str:
    return number_text(f"r.{quoted(f'v_{column.name}')}", mapping.decimals.get(column.name, "plain"))


def _typed(mapping: SheetMapping, column: Column) -> str:
    """The value of a text in the form of its column; null where it cannot be read."""
    value = f"r.{quoted(f'v_{column.name}')}"
    match column.type:
        case "day":
            return day_sql(value, mapping.dates.get(column.name, "ymd"))
        case "moment":
            return f"TRY_CAST(regexp_replace({value}, 'Z$', '') AS TIMESTAMP)"
        case "amount" | "number" | "rate" | "real":
            return f"TRY_CAST({_number(mapping, column)} AS {_type(column)})"
        case "integer":
            text = _number(mapping, column)
            return f"CASE WHEN regexp_matches({text}, '^[-+]?\\d+(\\.0*)?$') THEN TRY_CAST({text} AS BIGINT) END"
        case _:
            return value


def checks_of(table: FactTable, given: list[Column]) -> list[Check]:
    """Everything a row is refused for by itself; what depends on other rows is the evaluation's."""
    found = [check for column in given for check in _column_checks(table, column)]
    names = {c.name for c in given}
    periods = [table.lasts] if table.lasts else [("joined", "left")] if table.name == "partners" else []
    for first, last in periods:
        if {first, last} <= names:
            code = f"'ends_before_start:{last}:' || CAST(t.{quoted(last)} AS VARCHAR)"
            found.append(Check(f"t.{quoted(last)} < t.{quoted(first)}", code))
    if table.name == "ownership" and "percent" in names:
        found.append(Check('t."percent" < 0 OR t."percent" > 100', "'not_a_share:percent:' || t.\"v_percent\""))
    return found


def _column_checks(table: FactTable, column: Column) -> list[Check]:
    raw, typed, name = f"t.{quoted(f'v_{column.name}')}", f"t.{quoted(column.name)}", column.name
    found = [Check(f"{raw} IS NULL", f"'missing:{name}'")] if column.required else []
    unread = f"{raw} IS NOT NULL AND {typed} IS NULL"
    match column.type:
        case "day":
            found.append(Check(unread, f"'not_a_day:{name}:' || {raw}"))
        case "moment":
            found.append(Check(unread, f"'not_a_moment:{name}:' || {raw}"))
        case "country" | "currency":
            found.append(Check(unread, f"'unknown_{column.type}:{name}:' || {raw}"))
        case "integer" | "amount" | "number" | "rate" | "real":
            found += _number_checks(column, raw, typed, unread)
        case _ if name in table.key or name in _KEYS:
            found.append(Check(f"strlen({raw}) > {LONGEST_KEY}", f"'too_long:{name}:' || left({raw}, 40)"))
    return found


def _number_checks(column: Column, raw: str, typed: str, unread: str) -> list[Check]:
    number, name = f"TRY_CAST(t.{quoted(f'n_{column.name}')} AS DOUBLE)", column.name
    if column.type == "integer":
        found = [
            Check(
                unread,
                f"CASE WHEN {number} <> floor({number}) THEN 'not_whole' ELSE 'not_a_number' END || ':{name}:' || {raw}",
            )
        ]
    else:
        large = f"isfinite({number}) AND abs({number}) >= 1e14"
        refused = f"{unread} OR NOT isfinite({typed})" if column.type == "real" else unread
        found = [Check(refused, f"CASE WHEN {large} THEN 'too_large' ELSE 'not_a_number' END || ':{name}:' || {raw}")]
    if column.type in ("amount", "number"):
        fine = f"TRY_CAST(t.{quoted(f'n_{name}')} AS DECIMAL(38, 10))"
        found.append(Check(f"{fine} <> {typed}", f"'too_precise:{name}:' || {raw}"))
    return found
