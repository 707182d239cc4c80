"""What of a file becomes what? The mapping, what people may answer, and what has to be asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

DATE_FORMS = {"ymd": "2017-06-30", "dmy": "30.06.2017", "mdy": "06/30/2017"}
DECIMAL_FORMS = {"point": "1,234.56", "comma": "1.234,56"}
NOTHING = "none"  # the table of a sheet that is left out


@dataclass(frozen=True)
class SheetMapping:
    """One sheet: its table, the heading of each column, columns with one value throughout, headings kept beside the
    columns (`kept`, by the name they are kept under) or left out, and how days and numbers are written, by column."""

    sheet: str
    table: str
    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    dates: Mapping[str, str] = field(default_factory=dict)
    decimals: Mapping[str, str] = field(default_factory=dict)


def as_json(mappings: tuple[SheetMapping, ...]) -> str:
    """The same mappings always give the same text."""
    return json.dumps([asdict(m) for m in mappings], sort_keys=True, ensure_ascii=False)


def recipe_of(mappings: tuple[SheetMapping, ...]) -> str:
    """The SHA-256 of mappings: files of one content read by one recipe say the same."""
    return hashlib.sha256(as_json(mappings).encode()).hexdigest()


def from_json(listed: list[dict[str, Any]]) -> tuple[SheetMapping, ...]:
    """The mappings back."""
    return tuple(SheetMapping(**{**entry, "left_out": tuple(entry["left_out"])}) for entry in listed)


@dataclass(frozen=True)
class Answers:
    """What people say about a file. `tables` by sheet ("" for all), `columns` heading by column, `values` one value by
    column, `dates` and `decimals` a form by heading ("" for all), `kept` a heading by the name it is kept under, `ignored`
    headings to leave out. `settled` are whole mappings by sheet, which are taken as they are; of their forms those that
    are said."""

    tables: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    decimals: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    settled: Mapping[str, SheetMapping] = field(default_factory=dict)

    def about(self, sheet: str) -> Answers:
        """The answers for one sheet: with the forms of days and numbers that were settled for it."""
        found = self.settled.get(sheet)
        if found is None:
            return self
        dates = {found.columns[c]: form for c, form in found.dates.items() if c in found.columns and form in DATE_FORMS}
        decimals = {  # a plain number is read alike with a point
            found.columns[c]: form if form in DECIMAL_FORMS else "point"
            for c, form in found.decimals.items()
            if c in found.columns and form
        }
        return replace(self, dates={**self.dates, **dates}, decimals={**self.decimals, **decimals})


@dataclass(frozen=True)
class Question:
    """Something that only people know. `kind` and `subject` say which answer is meant: a table of a sheet, the heading of a
    column, its value, a form of days or numbers of a heading. `option` is what one would write on the command line."""

    kind: str  # table | column | value | dates | decimals
    subject: str
    place: str
    what: str
    why: str
    choices: tuple[str, ...]
    option: str


def answers_as_data(answers: Answers) -> dict[str, Any]:
    """Answers as JSON can hold them."""
    return asdict(answers) | {
        "ignored": sorted(answers.ignored),
        "settled": {sheet: asdict(mapping) for sheet, mapping in answers.settled.items()},
    }


def answers_from_data(data: Mapping[str, Any]) -> Answers:
    """The answers back; those that are not there are none."""
    settled = dict(zip(data.get("settled", ()), from_json(list(data.get("settled", {}).values())), strict=True))
    return Answers(**{**data, "ignored": frozenset(data.get("ignored", ())), "settled": settled})


def answered(answers: Answers, question: Question, text: str) -> Answers:
    """The answers, with one more."""
    said = {question.subject: text}
    match question.kind:
        case "table":
            return _with(answers, tables={**answers.tables, **said})
        case "column":
            return _with(answers, columns={**answers.columns, **said})
        case "value":
            return _with(answers, values={**answers.values, **said})
        case "dates":
            return _with(answers, dates={**answers.dates, **said})
        case _:
            return _with(answers, decimals={**answers.decimals, **said})


def _with(answers: Answers, **changed: Mapping[str, str]) -> Answers:
    return replace(answers, **changed)  # type: ignore[arg-type]
