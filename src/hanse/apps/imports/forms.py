"""How are the days and the numbers of a column written?

Judged on every row: 03/04/2017 alone says nothing, but one 13/04/2017 in the column does. What no row, no other column
and no earlier file tells is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import duckdb

from hanse.apps.imports.mapping import DATE_FORMS, DECIMAL_FORMS, Answers, Question, SheetMapping
from hanse.language.facts import CONTRACT, FactTable
from hanse.language.plan import literal
from hanse.language.problems import CallError, Problem

_DMY = r"^(\d{1,2})[-./ ](\d{1,2})[-./ ](\d{4}|\d{2})([T ].*)?$"
_FIRST_DAY, _LAST_DAY = "DATE '1000-01-01'", "DATE '9999-12-31'"
_EXACT = {"amount", "number", "rate", "real", "integer"}
_CLEAR = 0.9  # of the numbers that show their form, so many must agree
# a number as it stands, without signs of currencies and blanks between thousands
BARE = literal(r"[€£$\s\x{00A0}\x{202F}'’]")
_ONE_SIGN = r"^[-+(]?[1-9]\d{0,2}([.,])\d{3}[-)]?$"  # 1.234: thousands or decimals?
_COMMA = r"^[-+(]?([1-9]\d{0,2}(\.\d{2,3})*\.\d{3}(,\d*)?|\d*,(\d{1,2}|\d{4,})|0,\d+|\d{4,},\d+)[-)]?$"
_POINT = r"^[-+(]?([1-9]\d{0,2}(,\d{2,3})*,\d{3}(\.\d*)?|\d*\.(\d{1,2}|\d{4,})|0\.\d+|\d{4,}\.\d+)[-)]?$"


@dataclass(frozen=True)
class _Rows:
    """Where the rows of a sheet lie, what is said about it, and the SQL of the text under a heading."""

    db: duckdb.DuckDBPyConnection
    source: str
    cell: Callable[[str], str]
    answers: Answers
    taught: SheetMapping | None
    place: str


@dataclass
class Forms:
    """The forms by column, and the questions that are left."""

    dates: dict[str, str]
    decimals: dict[str, str]
    questions: list[Question]


def forms_of(
    db: duckdb.DuckDBPyConnection, source: str, mapping: SheetMapping, cell: Callable[[str], str], exact: set[str],
    answers: Answers, taught: SheetMapping | None, place: str,
) -> Forms:  # fmt: skip
    """Looks at every row of `source`. `cell` gives the SQL of a heading's trimmed text; `exact` are headings of typed numbers."""
    table = CONTRACT[mapping.table]
    found, rows = Forms({}, {}, []), _Rows(db, source, cell, answers, taught, place)
    unclear: dict[str, str] = {}
    for column, heading in mapping.columns.items():
        kind = table.by_name[column].type
        if kind == "day":
            _date_form(rows, column, heading, found)
        elif kind in _EXACT:
            found.decimals[column] = "plain" if heading in exact else _decimal_form(rows, column, heading, unclear)
    _settle(found, mapping, table, unclear, taught, place)
    return found


# -- days ---------------------------------------------------------------------------------------------------------


def _date_form(rows: _Rows, column: str, heading: str, found: Forms) -> None:
    place, taught = rows.place, rows.taught
    said = _said(rows.answers.dates, heading, DATE_FORMS, "--dates")
    parts = f"regexp_extract(v, '{_DMY}', ['a', 'b', 'y', 'rest'])"
    row = rows.db.execute(
        f"SELECT count(*), count(*) FILTER (TRY_CAST(d.a AS INT) > 12), count(*) FILTER (TRY_CAST(d.b AS INT) > 12), "
        f"any_value(v) FILTER (TRY_CAST(d.a AS INT) > 12), any_value(v) FILTER (TRY_CAST(d.b AS INT) > 12), any_value(v), "
        f"count(*) FILTER (v LIKE '%.%') FROM (SELECT v, {parts} AS d FROM (SELECT {rows.cell(heading)} AS v FROM {rows.source}) "
        f"WHERE TRY_CAST(v AS DATE) IS NULL AND v IS NOT NULL AND regexp_matches(v, '{_DMY}'))"
    ).fetchall()
    others, day_first, month_first, one, two, any_one, dotted = row[0]
    if said:
        found.dates[column] = said
    elif not others:
        found.dates[column] = "ymd"
    elif day_first and month_first:
        found.questions.append(
            _ask_dates(column, heading, place, f"{one!r} begins with the day, {two!r} with the month")
        )
    elif day_first or (dotted == others and not month_first):
        found.dates[column] = "dmy"  # nobody writes the month first with full stops
    elif month_first:
        found.dates[column] = "mdy"
    elif taught and taught.dates.get(column) in ("dmy", "mdy"):
        found.dates[column] = taught.dates[column]
    else:
        found.questions.append(
            _ask_dates(column, heading, place, f"{any_one!r} and all the others could be read both ways")
        )


def _ask_dates(column: str, heading: str, place: str, why: str) -> Question:
    return Question("dates", heading, place, f"does {heading!r} ({column}) begin with the day or with the month?", why,
                    ("dmy", "mdy"), "--dates dmy")  # fmt: skip


# -- numbers ------------------------------------------------------------------------------------------------------


def _decimal_form(rows: _Rows, column: str, heading: str, unclear: dict[str, str]) -> str:
    """`plain` where every number is one already, `point` or `comma`; what is unclear is noted with an example."""
    said = _said(rows.answers.decimals, heading, DECIMAL_FORMS, "--decimal")
    if said:
        return said
    cells = f"(SELECT {rows.cell(heading)} AS v FROM {rows.source}) WHERE v IS NOT NULL"
    doubtful = "(TRY_CAST(v AS DOUBLE) IS NULL OR (length(v) <= 8 AND substr(v, -4, 1) = '.'))"
    if rows.db.execute(f"SELECT count(*) FROM {cells} AND {doubtful}").fetchall() == [(0,)]:
        return "plain"
    comma, point = f"NOT one AND regexp_matches(n, '{_COMMA}')", f"NOT one AND regexp_matches(n, '{_POINT}')"
    row = rows.db.execute(
        f"SELECT count(*) FILTER (odd), count(*) FILTER ({comma}), count(*) FILTER ({point}), count(*) FILTER (one), "
        f"any_value(v) FILTER ({comma}), any_value(v) FILTER ({point}), any_value(v) FILTER (one), "
        "any_value(v) FILTER (one AND n LIKE '%,%'), any_value(v) FILTER (one AND n LIKE '%.%') FROM ("
        f"SELECT v, n, regexp_matches(n, '{_ONE_SIGN}') AS one, TRY_CAST(v AS DOUBLE) IS NULL AS odd FROM ("
        f"SELECT v, regexp_replace(v, {BARE}, '', 'g') AS n FROM {cells} AND (TRY_CAST(v AS DOUBLE) IS NULL OR contains(v, '.'))))"
    ).fetchall()
    odd, commas, points, ones, a_comma, a_point, example, with_comma, with_point = row[0]
    if not ones and not commas:
        return "point" if odd else "plain"
    total = commas + points
    if total and max(commas, points) >= _CLEAR * total:
        return "comma" if commas > points else "point"
    if total:
        unclear[column] = f"{a_comma} and {a_point}"
    else:
        unclear[column] = f"{with_comma} and {with_point}" if with_comma and with_point else str(example)
    return ""


def _settle(
    found: Forms,
    mapping: SheetMapping,
    table: FactTable,
    unclear: Mapping[str, str],
    taught: SheetMapping | None,
    place: str,
) -> None:
    """What one column does not tell, another may: nobody writes two forms in one sheet."""
    clear = {form for form in found.decimals.values() if form in ("point", "comma")}
    for column, example in unclear.items():
        heading = mapping.columns[column]
        if len(clear) == 1:
            found.decimals[column] = next(iter(clear))
        elif taught and taught.decimals.get(column) in ("point", "comma"):
            found.decimals[column] = taught.decimals[column]
        elif table.by_name[column].type == "integer" and "and" not in example:
            found.decimals[column] = "comma" if "." in example else "point"  # whole numbers have thousands only
        else:
            found.questions.append(
                Question("decimals", heading, place, f"is the decimal sign of {heading!r} a point or a comma?",
                         f"{example!r} could be read both ways", ("point", "comma"), "--decimal comma")
            )  # fmt: skip


def _said(answers: Mapping[str, str], heading: str, forms: Mapping[str, str], option: str) -> str | None:
    said = answers.get(heading) or answers.get("")
    if said is not None and said not in forms:
        raise CallError(Problem(option, f"there is no form {said!r}", "days and numbers are read in one of a few forms",
                                "write one of: " + ", ".join(f"{k} ({v})" for k, v in forms.items())))  # fmt: skip
    return said


# -- the SQL that reads them --------------------------------------------------------------------------------------


def day_sql(cell: str, form: str) -> str:
    """A DATE out of a text in a form; ISO days are always read, times of day are dropped. Null for anything else."""
    text = cell
    if form != "ymd":
        day, month = (1, 2) if form == "dmy" else (2, 1)
        text = f"regexp_replace({text}, '^(\\d{{1,2}})[-./ ](\\d{{1,2}})[-./ ](\\d{{4}})([T ].*)?$', '\\3-\\{month}-\\{day}')"
        for years, century in (("[0-6]\\d", "20"), ("[7-9]\\d", "19")):
            text = (
                f"regexp_replace({text}, '^(\\d{{1,2}})[-./ ](\\d{{1,2}})[-./ ]({years})([T ].*)?$', "
                f"'{century}\\3-\\{month}-\\{day}')"
            )
    compact = f"CASE WHEN length({cell}) = 8 THEN CAST(TRY_STRPTIME({cell}, '%Y%m%d') AS DATE) END"
    dotted = f"CASE WHEN regexp_matches({cell}, '^\\d{{4}}[./]') THEN TRY_CAST(regexp_replace({cell}, '[./]', '-', 'g') AS DATE) END"
    read = f"COALESCE(TRY_CAST({text} AS DATE), {compact}, {dotted})"
    return f"CASE WHEN {read} BETWEEN {_FIRST_DAY} AND {_LAST_DAY} THEN {read} END"


def number_text(cell: str, form: str) -> str:
    """The text of a number with a point and nothing else around it; null where it is not written in the form."""
    if form == "plain":
        return cell
    sign, thousands = (",", r"\.") if form == "comma" else (r"\.", ",")
    bare = f"regexp_replace({cell}, {BARE}, '', 'g')"
    bare = f"regexp_replace(regexp_replace({bare}, '^(.+)-$', '-\\1'), '^\\((.+)\\)$', '-\\1')"
    fits = f"^[-+]?(\\d*|\\d{{1,3}}({thousands}\\d{{2,3}})*{thousands}\\d{{3}})({sign}\\d*)?([eE][-+]?\\d+)?$"
    cleaned = f"replace({bare}, '{thousands[-1]}', '')"
    if form == "comma":
        cleaned = f"replace({cleaned}, ',', '.')"
    return f"CASE WHEN regexp_matches({bare}, '{fits}') THEN {cleaned} END"
