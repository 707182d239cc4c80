"""Which table is on a sheet, and which column is under which heading?

What the headings say, what stands below them, what earlier files of the source taught, and what people answer. Only what
none of these tells is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hanse.apps.imports import names
from hanse.apps.imports.codes import currency_code, currency_in
from hanse.apps.imports.contents import MOSTLY, Contents
from hanse.apps.imports.mapping import NOTHING, Answers, Question, SheetMapping
from hanse.language.facts import CONTRACT, Column, FactTable
from hanse.language.problems import CallError, Problem, nearest

REMEDY_HEADINGS = ("what is wrong", "why", "remedy")  # at the end of a file to mend: read past
_CLOSE = 0.25  # tables that fit this much alike are asked about
_LEAST_FIT = 1.0
_BY_CONTENTS = {"day", "currency", "country", "amount"}


@dataclass(frozen=True)
class Given:
    """A sheet as recognition sees it: headings and a look at the contents under each."""

    name: str
    headings: Sequence[str]
    contents: Mapping[str, Contents]
    file: str = ""

    @property
    def place(self) -> str:
        return f"{self.file}, sheet {self.name}" if self.name else self.file


@dataclass
class Recognised:
    """The mapping of one sheet as far as it is known (None for a sheet left out), and what must be asked."""

    mapping: SheetMapping | None
    questions: list[Question] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def recognise(given: Given, answers: Answers, remembered: Iterable[SheetMapping] = ()) -> Recognised:
    """Recognises one sheet. Raises CallError for an answer that names a table, column or heading that is not there."""
    headings = _without_remedies(given.headings)
    if given.name in answers.settled:
        return _settled(given, headings, answers.settled[given.name])
    known = [m for m in remembered if set(m.columns.values()) <= set(headings)]
    table, question = _table(given, headings, answers, known)
    if table == NOTHING:
        return Recognised(None, notes=[f"sheet {given.name!r} is left out, as asked"])
    if question or table is None:
        return Recognised(None, [question] if question else [])
    taught = next((m for m in known if m.table == table), None)
    return _columns(given, headings, CONTRACT[table], answers, taught)


def _without_remedies(headings: Sequence[str]) -> list[str]:
    """Headings of a file that was given out to be mended, without what was added to it."""
    last = tuple(h.casefold() for h in headings[-len(REMEDY_HEADINGS) :])
    return list(headings[: -len(REMEDY_HEADINGS)]) if last == REMEDY_HEADINGS else list(headings)


def _settled(given: Given, headings: list[str], said: SheetMapping) -> Recognised:
    """What somebody settled is taken as it is; what every row needs and nobody named is asked.

    Raises CallError for a table, a column or a heading that is not there, and for a currency that does not exist.
    """
    if said.table not in CONTRACT:
        raise _no_table(said.table)
    table = CONTRACT[said.table]
    answers = Answers(columns=said.columns, values=said.constants)
    columns, constants = _own_answers(given, headings, table, answers)
    kept = {name: _heading(given, heading, headings) for name, heading in said.kept.items()}
    taken = {*columns.values(), *kept.values()}
    rest = [h for h in headings if h not in taken]
    found = Recognised(SheetMapping(given.name, said.table, columns, constants, kept, tuple(rest)))
    for column in table.columns:
        if column.required and column.name not in columns and column.name not in constants:
            if column.type == "currency":
                found.questions.append(_which_currency(given, column))
            else:
                found.questions.append(_which(given, column, [h for h in headings if h not in taken], named=False))
    return found


# -- the table ----------------------------------------------------------------------------------------------------


def _table(
    given: Given, headings: Sequence[str], answers: Answers, known: Sequence[SheetMapping]
) -> tuple[str | None, Question | None]:
    said = answers.tables.get(given.name) or answers.tables.get("")
    if said:
        if said != NOTHING and said not in CONTRACT:
            raise _no_table(said)
        return said, None
    if known:
        return max(known, key=lambda m: len(m.columns)).table, None
    fits = sorted(((_fit(given, headings, t, answers), t.name) for t in CONTRACT.values()), reverse=True)
    (best, table), (second, other) = fits[:2]
    if best >= _LEAST_FIT and best - second >= _CLOSE:
        return table, None
    choices = tuple(name for score, name in fits if best - score < _CLOSE and score >= _LEAST_FIT) or tuple(CONTRACT)
    subject = f"{given.name}=" if given.name else ""
    why = f"the headings fit {table} and {other} alike" if best >= _LEAST_FIT else "the headings fit none of the tables"
    example = choices[0] if best >= _LEAST_FIT else "sales"
    return None, Question("table", given.name, given.place, "which table is this?", why, choices,
                          f'--table "{subject}{example}"' if subject else f"--table {example}")  # fmt: skip


def _no_table(said: str) -> CallError:
    why = "files become facts of one of the tables"
    return CallError(Problem("--table", f"there is no table {said!r}", why, nearest(said, CONTRACT)))


def _fit(given: Given, headings: Sequence[str], table: FactTable, answers: Answers) -> float:
    """How well the headings fit a table: required columns found, headings explained, and what the name of the file says."""
    found = _matched(given, headings, table)
    required = [c for c in table.columns if c.required]
    missing = {c.type for c in required if c.name not in found}
    have = sum(_found(found.get(c.name), c) for c in required) / max(len(required), 1)
    explained = sum(max(min(_score(given, h, table, c), 1.0) for c in table.columns) for h in headings if h)
    stem = given.file.rpartition("/")[2].rpartition(".")[0]
    named = names.hint(given.name, table.name) or names.hint(stem, table.name)
    said = {c for c, heading in answers.columns.items() if heading in headings}
    return (
        1.5 * have + 1.5 * explained / max(len(headings), 1) + 0.8 * named
        + (0.5 if missing <= {"currency"} else 0.0) + (1.0 if said and said <= table.by_name.keys() else 0.0)
    )  # fmt: skip


def _found(match: tuple[float, str] | None, column: Column) -> float:
    """How sure a required column is; a currency often stands elsewhere than in a column."""
    if match is None:
        return 0.7 if column.type == "currency" else 0.0
    return min(match[0] + 0.3, 1.0)


# -- the columns --------------------------------------------------------------------------------------------------


def _score(given: Given, heading: str, table: FactTable, column: Column) -> float:
    """Names first; contents that cannot be of the type speak against it, unless the name is the column's own."""
    score = names.weight(heading, table.name, column.name)
    if score < names.CONTRACT_NAME and not given.contents.get(heading, Contents()).fits(column.type):
        return score * 0.4
    return score


def _matched(given: Given, headings: Sequence[str], table: FactTable) -> dict[str, tuple[float, str]]:
    """Column -> (score, heading): the best pairs first, each column and each heading once."""
    pairs = sorted(
        ((_score(given, h, table, c), c.required, -i, c.name, h) for i, h in enumerate(headings) for c in table.columns),
        reverse=True,
    )  # fmt: skip
    found: dict[str, tuple[float, str]] = {}
    taken: set[str] = set()
    for score, _, _, column, heading in pairs:
        if score >= names.LEAST and column not in found and heading not in taken:
            found[column] = (score, heading)
            taken.add(heading)
    return found


def _columns(
    given: Given, headings: list[str], table: FactTable, answers: Answers, taught: SheetMapping | None
) -> Recognised:
    said, values = _own_answers(given, headings, table, answers)
    columns, constants = _with_taught(said, values, taught)
    left_out = {h for h in headings if h in answers.ignored or (taught and h in taught.left_out)}
    free = [h for h in headings if h not in columns.values() and h not in left_out]
    recognised = Recognised(None)
    for column, (score, heading) in _matched(given, free, table).items():
        if column in columns or column in constants:
            continue
        rivals = _rivals(given, free, table, table.by_name[column], score, heading, columns)
        if rivals and table.by_name[column].required:
            recognised.questions.append(_which(given, table.by_name[column], [heading, *rivals]))
        elif rivals:
            listed = ", ".join(repr(h) for h in [heading, *rivals])
            recognised.notes.append(
                f'{column} could be {listed}: it is left empty; --map {column}="{heading}" would take one'
            )
        else:
            columns[column] = heading
    asked = {q.subject for q in recognised.questions}
    for wanted in table.columns:
        if wanted.required and not {wanted.name} & (columns.keys() | constants.keys() | asked):
            _missing(given, wanted, free, columns, constants, recognised)
    rest = [h for h in headings if h not in columns.values() and h not in left_out]
    kept = _beside(given, rest, answers, taught, recognised)
    out = tuple(h for h in headings if h in left_out or (h in rest and h not in kept.values()))
    recognised.mapping = SheetMapping(given.name, table.name, columns, constants, kept, out)
    return recognised


def _with_taught(
    said: Mapping[str, str], values: Mapping[str, str], taught: SheetMapping | None
) -> tuple[dict[str, str], dict[str, str]]:
    """What people say now, and beside it what earlier files of the source taught."""
    columns, constants = dict(said), dict(values)
    for column, heading in (taught.columns if taught else {}).items():
        if column not in columns and column not in constants and heading not in columns.values():
            columns[column] = heading
    for column, value in (taught.constants if taught else {}).items():
        if column not in columns:
            constants.setdefault(column, value)
    return columns, constants


def _beside(
    given: Given, rest: Sequence[str], answers: Answers, taught: SheetMapping | None, recognised: Recognised
) -> dict[str, str]:
    """Which headings without a column are kept beside the columns, by the name they are kept under.

    What is kept is part of what a row says. So a source keeps the same headings from file to file: were a new one kept,
    rows that are there already would not be recognised.
    """
    said = {_heading(given, heading, rest): name for name, heading in answers.kept.items()}
    kept = [h for h in rest if h in said or not _means_nothing(given, h)]
    if taught is None:
        return {said.get(h, h): h for h in kept}
    before = {heading: name for name, heading in taught.kept.items()}
    fresh = [h for h in kept if h not in before and h not in said]
    gone = [h for h in before if h not in kept]
    if fresh:
        listed = ", ".join(map(repr, fresh))
        recognised.notes.append(f"new in this source, and left out so that rows already there are recognised: {listed}")
    if gone:
        listed = ", ".join(map(repr, gone))
        recognised.notes.append(
            f"earlier files of this source had {listed}: rows that are there already may not be recognised"
        )
    return {said.get(h) or before[h]: h for h in kept if h not in fresh}


def _means_nothing(given: Given, heading: str) -> bool:
    """A running number, the moment of the export, or an empty column without a heading."""
    return names.is_ignored(heading) or (heading.startswith("column ") and not given.contents[heading].filled)


def _heading(given: Given, said: str, headings: Sequence[str]) -> str:
    """The heading that somebody means. Raises CallError."""
    if said in headings:
        return said
    for heading in headings:
        if names.plain(heading) == names.plain(said):
            return heading
    raise CallError(
        Problem(
            given.place, f"there is no heading {said!r}", "a column should be read from it", nearest(said, headings)
        )
    )


def _own_answers(
    given: Given, headings: list[str], table: FactTable, answers: Answers
) -> tuple[dict[str, str], dict[str, str]]:
    """The answers that concern this sheet. An answer for a column of another table is another sheet's."""
    columns, values = {}, {}
    everywhere = {c for t in CONTRACT.values() for c in t.by_name}
    for column, heading in answers.columns.items():
        if column not in everywhere:
            raise CallError(Problem("--map", f"there is no column {column!r}", "only the tables' columns can be mapped",
                                    nearest(column, table.by_name)))  # fmt: skip
        if column in table.by_name:
            columns[column] = _heading(given, heading, headings)
    for column, value in answers.values.items():
        if column not in everywhere:
            raise CallError(Problem("--set", f"there is no column {column!r}", "only the tables' columns have values",
                                    nearest(column, table.by_name)))  # fmt: skip
        if column in table.by_name:
            if column == "currency" and currency_code(value) is None:
                raise CallError(Problem("--currency", f"currency {value!r} does not exist", "currencies are ISO 4217 codes",
                                        "write a code such as EUR"))  # fmt: skip
            values[column] = value
    return columns, {c: v for c, v in values.items() if c not in columns}


def _rivals(
    given: Given,
    free: Sequence[str],
    table: FactTable,
    column: Column,
    score: float,
    heading: str,
    columns: Mapping[str, str],
) -> list[str]:
    """Other headings that could be this column just as well, and are no other column's."""
    found = []
    for other in free:
        if other == heading or other in columns.values():
            continue
        if _score(given, other, table, column) < score - 0.01:
            continue
        if given.contents.get(other, Contents()).filled and not any(
            _score(given, other, table, c) > _score(given, other, table, column)
            for c in table.columns
            if c.name != column.name
        ):
            found.append(other)
    return found


def _missing(
    given: Given, column: Column, free: Sequence[str], columns: dict[str, str], constants: dict[str, str], recognised: Recognised
) -> None:  # fmt: skip
    """A required column that no heading names: by contents, by the heading of the amounts, or a question."""
    amount = columns.get("amount")
    if column.type == "currency" and amount:
        signs = given.contents[amount].signs
        named = currency_in(amount) or (currency_code(next(iter(signs))) if len(signs) == 1 else None)
        if named:
            constants[column.name] = named
            return
    open_ones = [h for h in free if h not in columns.values() and not names.is_ignored(h)]
    fitting = [h for h in open_ones if _could_be(given.contents[h], column)]
    if len(fitting) == 1:
        columns[column.name] = fitting[0]
        recognised.notes.append(f"{column.name} is read from {fitting[0]!r}, for what stands there")
    elif column.type == "currency":
        recognised.questions.append(_which_currency(given, column))
    else:
        recognised.questions.append(_which(given, column, fitting or open_ones, named=False))


def _which_currency(given: Given, column: Column) -> Question:
    return Question("value", column.name, given.place, "in which currency are the amounts?", "no column says it",
                    ("EUR", "USD", "GBP"), "--currency EUR")  # fmt: skip


def _could_be(contents: Contents, column: Column) -> bool:
    match column.type:
        case "day":
            return contents.days >= MOSTLY
        case "currency":
            return contents.codes >= MOSTLY
        case "country":
            return contents.countries >= MOSTLY
        case "amount" | "number" | "rate":
            return contents.numbers >= MOSTLY
        case _:
            return column.name == "person" and contents.emails >= MOSTLY


def _which(given: Given, column: Column, headings: Sequence[str], *, named: bool = True) -> Question:
    example = headings[0] if headings else "HEADING"
    if named:
        why = f"{' and '.join(repr(h) for h in headings)} could be it alike"
    else:
        why = f"every row needs it, and no heading says {column.name}"
    return Question("column", column.name, given.place, f"which column is {column.name}?", why, tuple(headings),
                    f'--map {column.name}="{example}"')  # fmt: skip
