"""Do an edition's own cases come out as it says? Facts in, outcome out, through the same evaluation as everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa

from hanse.decisions.evaluate import plan_of
from hanse.engines.duck import DuckEngine
from hanse.language import source
from hanse.language.compiler import depends_on_outcome, metric_plan
from hanse.language.context import Days
from hanse.language.edition import SHIPPED, Edition
from hanse.language.facts import FactTable
from hanse.language.problems import EditionError, nearest
from hanse.language.source import Path_, Source
from hanse.language.values import number

_DEFAULTS: dict[str, object] = {
    "country": "US", "since": date(2000, 1, 1), "earned": date(2000, 1, 1), "from": date(2000, 1, 1),
    "start": date(2000, 1, 1), "opened": date(2000, 1, 1), "granted": date(2000, 1, 1), "until": date(2999, 12, 31),
    "amount": 0, "currency": "EUR", "reason": "as the case says", "by": "the case", "percent": 100,
}  # fmt: skip
_OPTIONAL = {"country", "until", "amount", "currency"}  # defaults only where the column is required
_STANDING = ("level", "granted", "expected", "path", "awaiting", "held", "granted_from", "granted_until", "status")
_EXPECT = {*_STANDING, "metrics", "tolerance", "competencies", "requirements", "missing", "benefits", "results"}


@dataclass(frozen=True)
class Case:
    """One check of one case: an id, the days, the facts as rows, what is expected of whom."""

    id: str
    says: str
    days: Days
    facts: Mapping[str, list[dict[str, Any]]]
    expect: Mapping[str, Any]
    source: Source
    path: Path_


@dataclass(frozen=True)
class Outcome:
    """A case and how it differs from what was expected; nothing: it holds."""

    case: Case
    differences: tuple[str, ...]


def cases_of(edition: Edition) -> list[Case]:
    """All cases of an edition, in order of file and place. Raises EditionError for malformed ones."""
    found = []
    for path in sorted((edition.folder / "cases").glob("*.yaml")):
        shown = path.relative_to(SHIPPED) if path.is_relative_to(SHIPPED) else path
        read = source.read(path, shown_as=shown.as_posix())
        if read.data is not None and not isinstance(read.data, list):
            raise read.error(
                (), "the file is not a list of cases", "each case is an entry of its own", "begin each with `- id: ...`"
            )
        for index, raw in enumerate(read.data or []):
            if not isinstance(raw, dict):
                raise read.error(
                    (index,),
                    f"{raw!r} is not a case",
                    "a case is a mapping",
                    "write it with id, says, as_of, facts, expect",
                )
            found += list(_case(edition, read, raw, (index,)))
    return found


def _case(edition: Edition, read: Source, raw: dict[str, Any], path: Path_) -> Iterator[Case]:
    known = {
        "id",
        "says",
        "as_of",
        "rules_as_of",
        "known_at",
        "facts",
        "expect",
        "checks",
        "source",
        "note",
        "basis",
        "invented",
        "tolerance",
    }
    for key in raw:
        if key not in known:
            raise read.error(
                (*path, key), f"unknown key {key!r}", "a case would not mean what it says", nearest(key, known)
            )
    for key in ("id", "says", "facts"):
        if key not in raw:
            raise read.error(
                path, f"the case has no `{key}`", "every case is a sentence about facts", f"add `{key}: ...`"
            )
    if not isinstance(raw["facts"], dict):
        raise read.error(
            (*path, "facts"),
            "the facts are not tables",
            "facts are rows by table",
            "facts: {partners: [...], sales: [...]}",
        )
    facts = {t: _rows(edition, read, t, rows, (*path, "facts", t)) for t, rows in raw["facts"].items()}
    checks = raw.get("checks") or [{k: raw[k] for k in ("as_of", "rules_as_of", "known_at", "expect") if k in raw}]
    for check in checks:
        merged = {**{k: raw[k] for k in ("as_of", "rules_as_of", "known_at") if k in raw}, **check}
        if not isinstance(merged.get("as_of"), date) or "expect" not in merged:
            raise read.error(path, "the case has no `as_of` day or no `expect`", "a case judges one day", "add both")
        known_at = merged.get("known_at")
        if isinstance(known_at, date) and not isinstance(known_at, datetime):
            known_at = datetime.combine(known_at, time(23, 59, 59))
        days = Days(merged["as_of"], merged.get("rules_as_of") or merged["as_of"], known_at)
        _expectations(read, merged["expect"], (*path, "expect") if "expect" in raw else path)
        expect = dict(merged["expect"] or {})
        if "tolerance" in raw:
            expect = {p: {"tolerance": raw["tolerance"], **e} for p, e in expect.items()}
        yield Case(str(raw["id"]), str(raw["says"]), days, facts, expect, read, path)


def _expectations(read: Source, raw: Any, path: Path_) -> None:
    """What is expected stands by partner, each with what is expected of it."""
    if raw is not None and not isinstance(raw, dict):
        raise read.error(
            path, f"{raw!r} is no expectation", "outcomes are expected of partners", "expect: {P: {level: ...}}"
        )
    for partner, expected in (raw or {}).items():
        if expected is not None and not isinstance(expected, dict):
            raise read.error((*path, partner), f"{expected!r} does not say what is expected of {partner}",
                             "a level, metrics, requirements ... are expected by name", f"{partner}: {{level: {expected}}}")  # fmt: skip


def _rows(edition: Edition, read: Source, table: str, rows: Any, path: Path_) -> list[dict[str, Any]]:
    """Rows with `repeat` unfolded ({n} counts from 1) and required columns filled in."""
    if table not in edition.tables:
        raise read.error(
            path, f"{table!r} is not a fact table", "facts are rows of declared tables", nearest(table, edition.tables)
        )
    spec = edition.tables[table]
    found = []
    if rows is not None and not isinstance(rows, list):
        raise read.error(path, f"{table} is not a list of rows", "facts are rows", f"{table}: [{{...}}, {{...}}]")
    for index, raw in enumerate(rows or []):
        if not isinstance(raw, dict):
            raise read.error(
                (*path, index), f"{raw!r} is not a row", "a row names its columns", f"{table}: [{{column: value}}]"
            )
        _typed(spec, raw, read, (*path, index))
        for key in raw:
            if key not in spec.by_name and key != "repeat":
                raise read.error(
                    (*path, index),
                    f"{table} has no column {key!r}",
                    "it would be silently ignored",
                    nearest(key, spec.by_name),
                )
        for n in range(1, int(raw.get("repeat", 1)) + 1):
            row = {k: v.replace("{n}", str(n)) if isinstance(v, str) else v for k, v in raw.items() if k != "repeat"}
            found.append(_filled(spec, row))
    return found


_FITS: dict[str, tuple[tuple[type, ...], str]] = {
    "day": ((date,), "a day such as 2017-06-30"), "amount": ((int, Decimal), "a number such as 1234.56"),
    "number": ((int, Decimal), "a number such as 7.5"), "integer": ((int,), "a whole number"), "rate": ((int, Decimal), "a number"),
    "real": ((int, Decimal), "a number"),
}  # fmt: skip


def _typed(spec: FactTable, row: dict[str, Any], read: Source, path: Path_) -> None:
    """Days are days and numbers are numbers; a case cannot judge rows that are wrong."""
    for name, value in row.items():
        column = spec.by_name.get(name)
        kinds, form = _FITS.get(column.type if column else "", ((), ""))
        if kinds and value is not None and (not isinstance(value, kinds) or isinstance(value, bool)):
            raise read.error((*path, name), f"{name} {value!r} is not {form}", f"{spec.name} keeps it as a {column and column.type}",
                             f"write {form}")  # fmt: skip


def _filled(spec: FactTable, row: dict[str, Any]) -> dict[str, Any]:
    for column in spec.columns:
        if column.name in row or not column.required:
            continue
        if column.name == "name":
            row["name"] = str(row.get("partner", "somebody"))
        elif column.name in _DEFAULTS:
            row[column.name] = _DEFAULTS[column.name]
        elif column.type == "text":
            row[column.name] = column.name
    return row


def arrow_facts(edition: Edition, facts: Mapping[str, list[dict[str, Any]]]) -> dict[str, pa.Table]:
    """Rows as typed tables; a partner that other facts name but no row describes is added."""
    named = {str(r["partner"]) for rows in facts.values() for r in rows if r.get("partner") is not None}
    rows = {t: list(r) for t, r in facts.items()}
    given = {str(r["partner"]) for r in rows.get("partners", [])}
    if not rows.get("partners"):
        rows["partners"] = [_filled(edition.tables["partners"], {"partner": p}) for p in sorted(named - given)]
    return {t: _arrow(edition.tables[t], r) for t, r in rows.items() if r}


_ARROW = {"day": pa.date32(), "amount": pa.decimal128(18, 4), "number": pa.decimal128(18, 4), "integer": pa.int64(),
          "real": pa.float64(), "moment": pa.timestamp("us"), "rate": pa.decimal128(38, 12)}  # fmt: skip


def _arrow(spec: FactTable, rows: list[dict[str, Any]]) -> pa.Table:
    columns = {}
    for column in spec.columns:
        if not any(column.name in r for r in rows) and not column.required:
            continue
        kind = _ARROW.get(column.type, pa.string())
        values = [r.get(column.name) for r in rows]
        if kind == pa.string():
            columns[column.name] = pa.array([None if v is None else str(v) for v in values], kind)
        elif pa.types.is_decimal(kind):
            columns[column.name] = pa.array(
                [None if v is None else round(Decimal(str(v)), kind.scale) for v in values], kind
            )
        elif column.type == "moment":
            columns[column.name] = pa.array([datetime.fromisoformat(str(v)) if v else None for v in values], kind)
        else:
            columns[column.name] = pa.array(values, kind)
    return pa.table(columns)


def run(edition: Edition, case: Case) -> Outcome:
    """Evaluates one case and compares. Raises EditionError when the edition cannot be compiled."""
    with DuckEngine(arrow_facts(edition, case.facts), edition.tables, memory="1GB", threads=1) as engine:
        found = _Found(edition, case, engine)
        differences = [
            d for partner, expected in case.expect.items() for d in found.differences(str(partner), expected or {})
        ]
    return Outcome(case, tuple(differences))


def _metrics_expected(edition: Edition, case: Case) -> list[str]:
    names = sorted({n for e in case.expect.values() for n in (e or {}).get("metrics") or {}})
    for name in names:
        if name not in edition.metrics:
            raise case.source.error((*case.path, "expect"), f"{name!r} is not a metric",
                                    "a case expects metrics of its edition", nearest(name, edition.metrics))  # fmt: skip
    return names


class _Found:
    """What the evaluation gave, and how it differs."""

    def __init__(self, edition: Edition, case: Case, engine: DuckEngine) -> None:
        self.edition, self.case, self.engine = edition, case, engine
        names = _metrics_expected(edition, case)
        self.late = {n for n in names if depends_on_outcome(edition, n, case.days, engine.info)}
        self.plan = plan_of(edition, case.days, engine.info, show=sorted(self.late))
        early = [n for n in names if n not in self.late]
        self.early = metric_plan(edition, early, case.days, engine.info) if early else self.plan
        self._outputs: dict[str, list[dict[str, Any]]] = {}

    def rows(self, output: str, partner: str) -> list[dict[str, Any]]:
        if output not in self._outputs:
            self._outputs[output] = self.engine.arrow(self.plan, output).to_pylist()
        return [r for r in self._outputs[output] if r["partner"] == partner]

    def differences(self, partner: str, expected: dict[str, Any]) -> Iterator[str]:
        for key in expected:
            if key not in _EXPECT:
                raise self.case.source.error((*self.case.path, "expect", partner, key), f"unknown key {key!r}",
                                             "the case would not check it", nearest(key, _EXPECT))  # fmt: skip
        wanted = [k for k in _STANDING if k in expected]
        standing = self.rows("standings", partner) if wanted else []
        for key in wanted:
            got = standing[0][key] if standing else "(there is no standing)"
            if got != expected[key]:
                yield f"{partner}: {key} is {got}, expected {expected[key]}"
        tolerance = Fraction(str(expected.get("tolerance", 0)))
        yield from self._metrics(partner, expected.get("metrics") or {}, tolerance)
        yield from self._competencies(partner, expected.get("competencies") or {})
        yield from self._checks(partner, expected)
        yield from self._benefits(partner, expected.get("benefits") or {}, tolerance)
        yield from self._results(partner, expected.get("results") or {}, tolerance)

    def _metrics(self, partner: str, expected: dict[str, Any], tolerance: Fraction) -> Iterator[str]:
        for name, wanted in expected.items():
            values, fill = self._metric(name)
            for key, want in wanted.items() if isinstance(wanted, dict) else [(None, wanted)]:
                got = values.get((partner, key), fill)
                if not _same(got, want, tolerance):
                    yield f"{partner}: {name}{'' if key is None else f' of {key}'} is {_show(got)}, expected {want}"

    def _metric(self, name: str) -> tuple[dict[tuple[str, str | None], Any], Any]:
        """The metric's exact values by partner and key, and its value where there are no rows."""
        metric = self.edition.metrics[name]
        found = {}
        plan = self.plan if name in self.late else self.early
        for row in self.engine.arrow(plan, f"metric_{name}").to_pylist():
            got = row["value"]
            if metric.kind == "number" and got is not None:
                got = Fraction(got) / row["den"] / Fraction(row["over"]) if row["over"] is not None else None
            found[(row["partner"], row["key"])] = got
        if metric.kind == "boolean":
            return found, False
        return found, Fraction(0) if getattr(metric, "agg", None) in ("sum", "count", "count_distinct") else None

    def _competencies(self, partner: str, expected: dict[str, Any]) -> Iterator[str]:
        held = {r["competency"]: r["depth"] or True for r in (self.rows("competencies", partner) if expected else [])}
        for name, want in expected.items():
            got = held.get(name)
            if (got or None) != (want or None) and not (want is True and got):
                yield f"{partner}: competency {name} is {got}, expected {want}"

    def _checks(self, partner: str, expected: dict[str, Any]) -> Iterator[str]:
        if "requirements" not in expected and "missing" not in expected:
            return
        met = {(r["subject"], r["requirement"]): r["met"] for r in self.rows("checks", partner)}
        for subject, wanted in (expected.get("requirements") or {}).items():
            for requirement, want in wanted.items():
                got = met.get((subject, requirement))
                if got != want:
                    yield f"{partner}: {subject}/{requirement} is {got}, expected {want}"
        for subject, listed in (expected.get("missing") or {}).items():
            got = sorted(r for (s, r), ok in met.items() if s == subject and not ok)
            if got != sorted(listed):
                yield f"{partner}: {subject} lacks {got}, expected {sorted(listed)}"

    def _benefits(self, partner: str, expected: dict[str, Any], tolerance: Fraction) -> Iterator[str]:
        got = {r["benefit"]: r["quantity"] for r in self.rows("benefits", partner)} if expected else {}
        left = {f"{r['benefit']}_left": r["left"] for r in self.rows("benefits", partner)} if expected else {}
        for name, want in expected.items():
            found = got.get(name, left.get(name, 0))
            if not _same(found, want, tolerance):
                yield f"{partner}: benefit {name} is {found}, expected {want}"

    def _results(self, partner: str, expected: dict[str, Any], tolerance: Fraction) -> Iterator[str]:
        rows = self.rows("results", partner) if expected else []
        for name, wanted in expected.items():
            of = {r["subject"]: _result(r) for r in rows if r["result"] == name}
            for key, want in wanted.items() if isinstance(wanted, dict) else [(None, wanted)]:
                got = of.get(key)
                if not _same(got, want, tolerance):
                    yield f"{partner}: result {name}{'' if key is None else f' of {key}'} is {_show(got)}, expected {want}"


def _result(row: dict[str, Any]) -> Any:
    if row["text"] in ("true", "false"):
        return row["text"] == "true"
    return row["on"] or row["text"] or row["number"]


def _same(got: Any, want: Any, tolerance: Fraction) -> bool:
    if isinstance(want, bool) or isinstance(got, bool) or want is None or isinstance(want, date) or got is None:
        return bool(got) == want if isinstance(want, bool) and got is not None else got == want
    if isinstance(got, Fraction | float | int):
        try:
            exact_want = number(want, Source("case", None), ()).value if not isinstance(want, Fraction) else want
        except EditionError:
            return False
        exact_got = got if isinstance(got, Fraction) else Fraction(Decimal(repr(got)))
        return abs(exact_got - exact_want) <= tolerance or (isinstance(got, float) and got == float(exact_want))
    return bool(got == want)


def _show(got: Any) -> str:
    return str(got if not isinstance(got, Fraction) or got.denominator == 1 else f"{got} ({float(got):.4f})")
