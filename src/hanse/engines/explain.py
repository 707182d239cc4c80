"""Gets the rows of one partner, from a finished run's folder or by evaluating, and explains them.

Reading a finished run touches nothing but its Parquet files and `outline.json`: no edition is compiled, so
the heavy imports stay inside the functions that need them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from hanse.decisions.explanation import Label
from hanse.decisions.explanation_views import (
    OUTLINE_KEYS,
    ExceptionView,
    FactRow,
    FactsView,
    NotCounted,
    Outcome,
    Partner,
)
from hanse.language.problems import CallError, Problem

if TYPE_CHECKING:
    from hanse.engines.duck import DuckEngine
    from hanse.language.context import Days
    from hanse.language.edition import Edition
    from hanse.language.plan import Plan

TABLES = ("standings", "checks", "competencies", "benefits", "results", "problems")
_NEAR, _LISTED = 3, 40
_UNSEEN = {"not yet known", "the person has left", "the person comes later"}


@dataclass(frozen=True)
class Asked:
    """What was asked on the command line: an edition, facts or a finished run, a partner, perhaps days."""

    edition: str
    partner: str
    facts: Path | None = None
    run: Path | None = None
    as_of: date | None = None
    rules_as_of: date | None = None
    known_at: datetime | None = None


def outcome(asked: Asked, label: Label) -> Outcome:
    """The rows that explain a partner. Raises CallError for a call that cannot be answered, EditionError."""
    if asked.run is not None:
        found = _from_run(asked, asked.run)
        return found if asked.facts is None else _with_facts(asked, found, asked.facts, label)
    if asked.facts is None:
        raise CallError(
            Problem(
                "hanse explain",
                "neither --facts nor --run is given",
                "there is nothing to answer from",
                "give the folder of facts, or that of a finished evaluation",
            )
        )
    if asked.as_of is None:
        raise CallError(
            Problem("--as-of", "the day is missing", "a partner is judged on a day", "add --as-of 2017-06-30")
        )
    return _evaluated(asked, asked.facts, asked.as_of, label)


# -- a finished run ----------------------------------------------------------------------------------------


def _from_run(asked: Asked, run: Path) -> Outcome:
    described = _described(run)
    _same(asked, described)
    outline = _outline(run, described)
    days = {
        "as_of": date.fromisoformat(described["as_of"]),
        "rules_as_of": date.fromisoformat(described["rules_as_of"]),
    }
    with duckdb.connect(config={"threads": 2}) as db:
        rows = {name: _rows(db, run / f"{name}.parquet", asked.partner) for name in TABLES}
        if not rows["standings"] and asked.facts is None:
            raise _no_standing(db, run, asked.partner)
    partner = Partner(asked.partner, country=rows["standings"][0].get("country") if rows["standings"] else None)
    return Outcome(partner, known_at=described["known_at"], outline=outline, **days, **rows)  # type: ignore[arg-type]


def _described(run: Path) -> dict[str, Any]:
    try:
        found = json.loads((run / "run.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CallError(
            Problem(
                "--run",
                f"{run} holds no finished evaluation",
                "there is no run.json in it",
                "give the folder that `hanse evaluate --out` wrote",
            )
        ) from error
    except (OSError, ValueError) as error:
        raise CallError(
            Problem(str(run / "run.json"), "the file cannot be read", str(error), "evaluate again")
        ) from error
    if not isinstance(found, dict) or not {"edition", "as_of", "rules_as_of", "known_at"} <= set(found):
        raise CallError(
            Problem(
                str(run / "run.json"),
                "the file does not describe a run",
                "edition and days are missing",
                "evaluate again",
            )
        )
    return found


def _same(asked: Asked, described: Mapping[str, Any]) -> None:
    """The run is of the edition and the days asked for."""
    given = _edition_name(asked.edition)
    if given != described["edition"]:
        raise CallError(
            Problem(
                "EDITION",
                f"the run is of {described['edition']}, not of {given}",
                "a standing is explained by the rules that gave it",
                f"ask for {described['edition']}",
            )
        )
    known = asked.known_at.isoformat() if asked.known_at else None
    for option, own, theirs in (
        ("--as-of", asked.as_of and asked.as_of.isoformat(), described["as_of"]),
        ("--rules-as-of", asked.rules_as_of and asked.rules_as_of.isoformat(), described["rules_as_of"]),
        ("--known-at", known, described["known_at"]),
    ):
        if own and own != theirs:
            raise CallError(
                Problem(
                    option,
                    f"the run is of {theirs}, not of {own}",
                    "a finished run answers for its own day",
                    "leave the option out, or evaluate that day",
                )
            )


def _edition_name(given: str) -> str:
    """The name of an edition given by name or by folder, without loading it."""
    path = Path(given) / "programme.yaml"
    if not path.is_file():
        return given
    from hanse.language import source

    read = source.read(path).data or {}
    return f"{read.get('programme')}/{read.get('edition')}"


def _outline(run: Path, described: Mapping[str, Any]) -> dict[str, Any]:
    """The programme as it read when the run was made."""
    path = run / "outline.json"
    remedy = "evaluate again, or give --facts in place of --run"
    if not path.is_file():
        why = f"{described['edition']} cannot be read aloud without it"
        raise CallError(Problem(str(path), "the outline of the programme is missing", why, remedy))
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CallError(Problem(str(path), "the file cannot be read", str(error), remedy)) from error
    if not isinstance(found, dict) or set(OUTLINE_KEYS) - set(found):
        why = "it was written by another version of Hanse"
        raise CallError(Problem(str(path), "the outline of the programme is not whole", why, remedy))
    return found


def _rows(db: duckdb.DuckDBPyConnection, path: Path, partner: str) -> list[dict[str, Any]]:
    """One partner's rows of one table of a run, in their order."""
    try:
        found = db.execute("SELECT * FROM read_parquet(?) WHERE partner = ?", [str(path), partner])
        names = [str(column[0]) for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    except duckdb.Error as error:
        raise CallError(
            Problem(str(path), "the run's table cannot be read", str(error).splitlines()[0], "evaluate again")
        ) from error


def _no_standing(db: duckdb.DuckDBPyConnection, run: Path, partner: str) -> CallError:
    near = _near(
        db,
        f"(SELECT DISTINCT partner AS key FROM "
        f"read_parquet('{str(run / 'standings.parquet').replace(chr(39), chr(39) * 2)}'))",
        partner,
    )
    return CallError(
        Problem(
            "--partner",
            f"{partner!r} has no standing in this run",
            "no partner of that key was there on the day: it may be misspelt, have left, or join later",
            f"{near} Or add --facts to see what is recorded",
        )
    )


def _near(db: duckdb.DuckDBPyConnection, keys: str, partner: str) -> str:
    order = "jaro_winkler_similarity(lower(key), lower(?)) DESC, levenshtein(key, ?), key"
    sql = f"SELECT key FROM {keys} ORDER BY {order} LIMIT {_NEAR}"
    found = [str(row[0]) for row in db.execute(sql, [partner, partner]).fetchall()]
    return f"did you mean {' or '.join(repr(f) for f in found)}?" if found else "there are no partners"


# -- by evaluating -----------------------------------------------------------------------------------------


def _evaluated(asked: Asked, facts: Path, as_of: date, label: Label) -> Outcome:
    from hanse.decisions.outline import outline
    from hanse.engines import scope
    from hanse.engines.duck import DuckEngine
    from hanse.language import edition as editions
    from hanse.language.context import Days

    edition = editions.load(asked.edition)
    days = Days(as_of, asked.rules_as_of or as_of, asked.known_at)
    with DuckEngine(facts, edition.tables) as engine:
        partner = _partner(engine, asked.partner, days)
        scope.narrow(engine, edition, asked.partner)
        told = Outcome(
            partner,
            as_of,
            days.rules_as_of,
            asked.known_at.isoformat() if asked.known_at else None,
            outline(edition, days, engine.info),
        )
        judged: dict[str, Any] = _judged(engine, edition, days, asked.partner)
        told = replace(told, **judged)
        return facts_behind(engine, edition, days, told, label)


def _judged(engine: DuckEngine, edition: Edition, days: Days, partner: str) -> dict[str, list[dict[str, Any]]]:
    """The partner's rows of every output of an evaluation."""
    from hanse.decisions.evaluate import plan_of
    from hanse.engines.run import problems_of

    plan = plan_of(edition, days, engine.info)
    found = {name: _of(engine, plan, name, partner) for name in TABLES if name != "problems"}
    found["problems"] = [r for r in problems_of(engine, plan).to_pylist() if r["partner"] == partner]
    return found


def _of(engine: DuckEngine, plan: Plan, output: str, partner: str) -> list[dict[str, Any]]:
    from hanse.language.plan import literal

    table = engine.query(plan, f"SELECT * FROM ${plan.outputs[output]} WHERE partner = {literal(partner)}")
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def _with_facts(asked: Asked, found: Outcome, facts: Path, label: Label) -> Outcome:
    """A finished run's rows, with the facts behind them."""
    from hanse.engines import scope
    from hanse.engines.duck import DuckEngine
    from hanse.language import edition as editions
    from hanse.language.context import Days

    edition = editions.load(asked.edition)
    known = datetime.fromisoformat(found.known_at) if found.known_at else None
    days = Days(found.as_of, found.rules_as_of, known)
    with DuckEngine(facts, edition.tables) as engine:
        partner = _partner(engine, asked.partner, days)
        scope.narrow(engine, edition, asked.partner)
        return facts_behind(engine, edition, days, replace(found, partner=partner), label)


def _partner(engine: DuckEngine, key: str, days: Days) -> Partner:
    """Who the partner is, and whether it was there on the day. Raises CallError for a key that nobody has."""
    columns = engine.schema.get("partners", {})
    wanted = ["name", "country", "joined", "left"]
    items = ", ".join(f'CAST("{c}" AS VARCHAR)' if c in columns else "NULL" for c in wanted)
    order = " ORDER BY _file, _line LIMIT 1"
    rows = engine.rows(f"SELECT {items} FROM raw_partners WHERE CAST(partner AS VARCHAR) = ?{order}", key)
    if not rows:
        near = _near(
            engine._db,
            "(SELECT DISTINCT CAST(partner AS VARCHAR) AS key FROM raw_partners WHERE partner IS NOT NULL)",
            key,
        )
        raise CallError(
            Problem(
                "--partner",
                f"there is no partner {key!r}",
                "the table partners has no row with that key",
                near,
            )
        )
    name, country, joined, left = (None if v is None else str(v) for v in rows[0])
    first, last = _day(joined), _day(left)
    standing = "left" if last and last <= days.as_of else "not_yet" if first and first > days.as_of else "active"
    return Partner(key, name, country, first, last, standing)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


# -- facts -------------------------------------------------------------------------------------------------


def facts_behind(engine: DuckEngine, edition: Edition, days: Days, told: Outcome, label: Label) -> Outcome:
    """The outcome with the facts that were counted and those that were not, and the exceptions on record."""
    from hanse.decisions.counted import counted_plan, exceptions_plan

    if not told.standings:
        partner = told.partner
        if partner.standing == "active":
            refused = any(r["table"] == "partners" for r in told.problems)
            partner = replace(partner, standing="refused" if refused else "absent")
        return replace(told, partner=partner)
    near = {str(r["subject"]).partition("/")[0] for r in told.checks} & set(told.outline["competencies"])
    plan, readings = counted_plan(edition, days, engine.info, told.partner.partner, near)
    views: list[FactsView] = []
    for name, reading in readings.items():
        rows = engine.arrow(plan, name).to_pylist()
        text = label(told.outline["metrics"].get(reading.instance.name, {}).get("label"), reading.instance.name)
        views += _views(name, text, str(reading.metric.table), _since(reading), rows)
    exceptions: list[ExceptionView] = []
    if "exceptions" in engine.schema:
        listed = engine.arrow(
            exceptions_plan(edition, days, engine.info, told.partner.partner), "exceptions"
        ).to_pylist()
        exceptions = [ExceptionView(r["subject"], r["reason"], r["by"], r["from"], r["until"]) for r in listed]
    return replace(told, facts=views, exceptions=exceptions)


def _since(reading: Any) -> date | None:
    """The first day of a metric's window, as its own condition shows it."""
    for predicate in reading.where:
        if predicate.reason == "outside the window" and " to " in predicate.detail:
            return _day(predicate.detail)
    return None


def _views(metric: str, label: str, table: str, since: date | None, rows: list[dict[str, Any]]) -> Iterable[FactsView]:
    """The rows of one metric, by competency where it is a number per competency."""
    for key in sorted({r["_key"] for r in rows}, key=str) or [None]:
        own = [r for r in rows if r["_key"] == key]
        counted = [r for r in own if not r["_why"]]
        people: dict[str, list[str]] = {}
        for row in counted:
            if row.get("person") is not None:
                what = row.get("certificate") or row.get("subject") or row.get("role") or ""
                people.setdefault(str(row["person"]), []).append(str(what))
        reasons = list(dict.fromkeys((str(r["_why"]), str(r["_detail"] or "")) for r in own if r["_why"]))
        yield FactsView(
            metric=metric,
            label=label,
            table=table,
            competency=key,
            since=since,
            rows=int(counted[0]["_rows"]) if counted else 0,
            first=tuple(_row(r) for r in counted[:_LISTED]),
            people={p: tuple(dict.fromkeys(w)) for p, w in sorted(people.items())},
            not_counted=tuple(_refused(own, why, detail) for why, detail in reasons),
        )


def _refused(rows: list[dict[str, Any]], why: str, detail: str) -> NotCounted:
    own = [r for r in rows if r["_why"] == why and (r["_detail"] or "") == detail]
    return NotCounted(why, "" if why in _UNSEEN else detail, int(own[0]["_rows"]), tuple(_row(r) for r in own))


def _row(row: dict[str, Any]) -> FactRow:
    values = {k: v for k, v in row.items() if not k.startswith("_") and v is not None}
    return FactRow(values, row["_file"], row["_line"], row["_partner"])
