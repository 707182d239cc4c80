"""Do a finished run and a fresh evaluation of one partner tell the same, with the facts behind it?"""

import json
import shutil
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from engines.channel import DAY, EDITION, loaded, made
from hanse.decisions.explanation_views import OUTLINE_KEYS, FactsView, Outcome
from hanse.engines import cases
from hanse.engines.duck import DuckEngine
from hanse.engines.explain import TABLES, Asked, outcome
from hanse.engines.run import evaluate
from hanse.engines.scope import narrow, neighbourhood
from hanse.language.context import Days
from hanse.language.problems import CallError

Folders = tuple[Path, Path]
CASES = sorted((loaded().folder / "cases").glob("*.yaml"))


def label(labels: Any, fallback: str) -> str:
    return labels["en"] if labels else fallback


def asked(partner: str, **more: Any) -> Outcome:
    return outcome(Asked(EDITION, partner, **more), label)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    return made(tmp_path_factory.mktemp("channel"))


@pytest.fixture(scope="module")
def told(folders: Folders) -> dict[str, Outcome]:
    """A run with its facts, for a dozen partners of every level."""
    numbered = "SELECT *, ROW_NUMBER() OVER (PARTITION BY level, granted ORDER BY partner) AS n FROM read_parquet(?)"
    sql = f"SELECT partner FROM ({numbered}) WHERE n <= 2"
    keys = [str(r[0]) for r in duckdb.execute(sql, [str(folders[1] / "standings.parquet")]).fetchall()]
    return {key: asked(key, run=folders[1], facts=folders[0]) for key in sorted(keys)[:12]}


def views(told: Outcome, metric: str) -> list[FactsView]:
    return [v for v in told.facts or () if v.metric == metric]


def test_a_finished_run_gives_the_partners_rows_and_nothing_else(folders: Folders, told: dict[str, Outcome]) -> None:
    for key in told:
        plain = asked(key, run=folders[1])
        assert {r["partner"] for t in TABLES for r in getattr(plain, t)} == {key}
        assert (plain.as_of, plain.facts, plain.exceptions) == (DAY, None, None)


def test_evaluating_one_partner_gives_exactly_the_rows_of_the_whole_run(
    folders: Folders, told: dict[str, Outcome]
) -> None:
    ordered = lambda rows: sorted(json.dumps(r, default=str, sort_keys=True) for r in rows)  # noqa: E731
    for key in [*told][:6]:
        alone = asked(key, facts=folders[0], as_of=DAY)
        for table in TABLES:
            assert ordered(getattr(alone, table)) == ordered(getattr(told[key], table)), (key, table)
        assert alone.facts == told[key].facts


def several_partners() -> list[Any]:
    """The cases of all kinds of group and ownership, by edition."""
    found = []
    for name in (
        "partnerworld/2017",
        "dell_emc/2017",
        "atlassian_marketplace/2024",
        "cisco_channel/2015",
        "oracle_partnernetwork/2013",
    ):
        edition = loaded(name)
        several = [c for c in cases.cases_of(edition) if len(cases.arrow_facts(edition, c.facts)["partners"]) > 1]
        found += [pytest.param(edition, case, id=f"{name}:{case.id}") for case in several[:4]]
    return found


@pytest.mark.parametrize(("edition", "case"), several_partners())
def test_a_narrowed_evaluation_equals_the_whole_one(edition: Any, case: Any, tmp_path: Path) -> None:
    facts = cases.arrow_facts(edition, case.facts)
    with DuckEngine(facts, edition.tables, memory="500MB", threads=1) as engine:
        evaluate(engine, edition, case.days, tmp_path / "whole")
    for partner in facts["partners"]["partner"].to_pylist()[:2]:
        with DuckEngine(facts, edition.tables, memory="500MB", threads=1) as engine:
            narrow(engine, edition, partner)
            evaluate(engine, edition, case.days, tmp_path / "narrow")
        for table in TABLES:
            rows = [of_partner(tmp_path / side / f"{table}.parquet", partner) for side in ("whole", "narrow")]
            assert sorted(rows[0], key=str) == sorted(rows[1], key=str), table


def of_partner(path: Path, partner: str) -> list[Any]:
    return duckdb.execute("SELECT * FROM read_parquet(?) WHERE partner = ?", [str(path), partner]).fetchall()


def test_the_neighbourhood_is_the_enterprise(folders: Folders) -> None:
    with DuckEngine(folders[0], loaded().tables) as engine:
        owner, owned = engine.rows(
            "SELECT owner, owned FROM raw_ownership WHERE owned IN (SELECT partner FROM raw_partners) LIMIT 1"
        )[0]
        around = neighbourhood(engine, loaded(), str(owned))
        assert around is not None
        assert {owner, owned} <= around
        assert len(around) < 40
        holdings = "SELECT owner FROM raw_ownership UNION SELECT owned FROM raw_ownership"
        free = f"SELECT partner FROM raw_partners WHERE partner NOT IN ({holdings}) LIMIT 1"
        alone = str(engine.rows(free)[0][0])
        assert neighbourhood(engine, loaded(), alone) == {alone}


def test_an_edition_with_sql_of_its_own_needs_everybody(folders: Folders) -> None:
    with DuckEngine(folders[0], loaded().tables) as engine:
        assert neighbourhood(engine, loaded("solutions_partner/2023"), "BP-0000001") is None


def test_an_engine_is_narrowed_before_it_computes(folders: Folders) -> None:
    with DuckEngine(folders[0], loaded().tables, only=frozenset({"BP-0000001"})) as engine:
        assert engine.rows("SELECT partner FROM raw_partners") == [("BP-0000001",)]
        engine._here["done"] = "done"
        with pytest.raises(ValueError, match="before it has computed"):
            engine.restrict(frozenset())


def test_counted_people_are_as_many_as_the_check_says(told: dict[str, Outcome]) -> None:
    compared = 0
    for one in told.values():
        actual = next(r["actual"] for r in one.checks if r["requirement"] == "certified_people")
        people = [p for v in views(one, "certified_people") for p in v.people]
        assert len(people) == actual
        compared += len(people)
    assert compared > 10


def test_counted_surveys_give_the_score_of_the_check(told: dict[str, Outcome]) -> None:
    compared = 0
    for one in told.values():
        actual = next(r["actual"] for r in one.checks if r["requirement"] == "client_satisfaction")
        scores = [row.values["score"] for v in views(one, "client_satisfaction") for row in v.first]
        if actual is None:
            assert len(scores) < 5
        elif len(scores) < 40:
            assert float(sum(scores)) / len(scores) == pytest.approx(actual)
            compared += 1
    assert compared > 3


def test_rows_are_left_out_for_the_reasons_of_the_metric(told: dict[str, Outcome]) -> None:
    reasons: Counter[str] = Counter()
    for one in told.values():
        for view in one.facts or ():
            for refused in view.not_counted:
                reasons[refused.reason] += 1
                assert refused.rows >= len(refused.first) > 0
                if view.metric == "client_satisfaction" and refused.reason == "outside the window":
                    assert view.since == DAY - timedelta(days=364)
                    assert all(r.values["on"] < view.since for r in refused.first)
    assert {"outside the window", "does not match", "expired", "the person has left"} <= set(reasons)


# -- a cast of one partner --------------------------------------------------------------------------

JOINED = date(2010, 1, 1)


def written(folder: Path, **tables: list[dict[str, Any]]) -> Path:
    """One firm in France with the given facts, as Parquet files."""
    from pyarrow import parquet

    folder.mkdir(exist_ok=True)
    rows = {"partners": [{"partner": "P", "name": "Pine", "country": "FR", "joined": JOINED}], **tables}
    for name, listed in rows.items():
        parquet.write_table(pa.Table.from_pylist(listed), folder / f"{name}.parquet")
    return folder


def survey(day: date, **more: Any) -> dict[str, Any]:
    return {"partner": "P", "on": day, "score": 8, **more}


def refusals(one: Outcome, metric: str) -> dict[str, int]:
    return {n.reason: n.rows for v in views(one, metric) for n in v.not_counted}


def test_facts_of_later_days_and_facts_not_yet_known_are_told(tmp_path: Path) -> None:
    known, late = datetime.fromisoformat("2017-01-01"), datetime.fromisoformat("2017-07-02")
    rows = [survey(DAY, known=known), survey(DAY + timedelta(days=1), known=known), survey(DAY, known=late)]
    one = asked(
        "P",
        facts=written(tmp_path / "f", surveys=rows),
        as_of=DAY,
        known_at=datetime.fromisoformat("2017-07-01"),
    )
    assert refusals(one, "client_satisfaction") == {"not yet": 1, "not yet known": 1}
    assert [v.rows for v in views(one, "client_satisfaction")] == [1]


def test_certificates_of_people_before_and_after_their_time_are_told(tmp_path: Path) -> None:
    people = [
        {"person": "ann", "partner": "P", "since": JOINED, "until": date(2016, 1, 1)},
        {"person": "ben", "partner": "P", "since": DAY + timedelta(days=1), "until": None},
        {"person": "cem", "partner": "P", "since": JOINED, "until": None},
    ]
    certificates = [
        {"person": p, "certificate": "C2010-111", "earned": date(2015, 1, 1), "expires": None}
        for p in ("ann", "ben", "cem")
    ]
    one = asked("P", facts=written(tmp_path / "f", people=people, certifications=certificates), as_of=DAY)
    assert refusals(one, "certified_people") == {"the person has left": 1, "the person comes later": 1}
    assert [dict(v.people) for v in views(one, "certified_people")] == [{"cem": ("C2010-111",)}]


def test_exceptions_come_with_their_reason(tmp_path: Path) -> None:
    row = {
        "partner": "P",
        "subject": "certified_people",
        "from": date(2017, 1, 1),
        "until": DAY,
        "reason": "flood",
        "by": "office",
    }
    one = asked(
        "P",
        facts=written(tmp_path / "f", exceptions=[row, row | {"until": DAY - timedelta(days=1)}]),
        as_of=DAY,
    )
    assert [(e.subject, e.reason, e.last) for e in one.exceptions or ()] == [("certified_people", "flood", DAY)]
    assert {r["note"] for r in one.checks if r["requirement"] == "certified_people"} == {"waived"}


def test_bad_rows_of_the_partner_are_told_and_only_its_own(tmp_path: Path) -> None:
    other = {"partner": "Q", "name": "Quince", "country": "FR", "joined": JOINED}
    mine = {"partner": "P", "name": "Pine", "country": "FR", "joined": JOINED}
    rows = [survey(date(2009, 1, 1)), survey(date(2009, 1, 1), partner="Q"), survey(DAY)]
    one = asked("P", facts=written(tmp_path / "f", partners=[mine, other], surveys=rows), as_of=DAY)
    assert [(r["table"], r["line"], r["effect"]) for r in one.problems] == [("surveys", 1, "not counted")]


@pytest.mark.parametrize(
    ("joined", "left", "standing"),
    [
        (JOINED, DAY, "left"),
        (DAY + timedelta(days=1), None, "not_yet"),
        (DAY, DAY + timedelta(days=1), "active"),
    ],
)
def test_who_is_not_there_on_the_day_has_no_standing(
    tmp_path: Path, joined: date, left: date | None, standing: str
) -> None:
    row = {"partner": "P", "name": "Pine", "country": "FR", "joined": joined, "left": left}
    one = asked("P", facts=written(tmp_path / "f", partners=[row]), as_of=DAY)
    assert one.partner.standing == standing
    assert bool(one.standings) == (standing == "active")


def test_a_partner_whose_own_row_is_bad_has_no_standing(tmp_path: Path) -> None:
    row = {"partner": "P", "name": "Pine", "country": "XX", "joined": JOINED}
    one = asked("P", facts=written(tmp_path / "f", partners=[row]), as_of=DAY)
    assert (one.partner.standing, len(one.problems)) == ("refused", 1)


# -- calls that cannot be answered ------------------------------------------------------------------


def test_an_unknown_key_is_an_error_with_near_matches(folders: Folders) -> None:
    for more in (
        {"run": folders[1]},
        {"facts": folders[0], "as_of": DAY},
        {"run": folders[1], "facts": folders[0]},
    ):
        with pytest.raises(CallError, match="BP-00000001"):
            asked("BP-00000001", **more)
    with pytest.raises(CallError, match="did you mean 'BP-0000001'"):
        asked("BP-00000001", facts=folders[0], as_of=DAY)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({}, "neither --facts nor --run"),
        ({"facts": True}, "the day is missing"),
        ({"run": True, "as_of": date(2017, 7, 1)}, "the run is of 2017-06-30, not of 2017-07-01"),
        (
            {"run": True, "known_at": datetime.fromisoformat("2017-07-01")},
            "the run is of None, not of 2017-07-01",
        ),
        ({"run": True, "edition": "odoo/11"}, "the run is of partnerworld/2017, not of odoo/11"),
    ],
)
def test_a_call_that_contradicts_itself_is_refused(folders: Folders, call: dict[str, Any], message: str) -> None:
    given = {k: v for k, v in call.items() if k not in ("facts", "run", "edition")}
    given |= {"facts": folders[0]} if "facts" in call else {}
    given |= {"run": folders[1]} if "run" in call else {}
    with pytest.raises(CallError) as caught:
        outcome(Asked(call.get("edition", EDITION), "BP-0000001", **given), label)
    assert message in str(caught.value)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CallError, match=r"run\.json"):
        asked("P", run=tmp_path)
    (tmp_path / "run.json").write_text("[]", encoding="utf-8")
    with pytest.raises(CallError, match="does not describe a run"):
        asked("P", run=tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "is missing"), ("{", "cannot be read"), ("{}", "another version of Hanse")],
)
def test_a_run_without_a_whole_outline_is_refused(
    folders: Folders, tmp_path: Path, text: str | None, message: str
) -> None:
    copy = Path(shutil.copytree(folders[1], tmp_path / "copy"))
    (copy / "outline.json").unlink()
    if text is not None:
        (copy / "outline.json").write_text(text, encoding="utf-8")
    with pytest.raises(CallError, match=message):
        asked("BP-0000001", run=copy)


def test_the_outline_has_all_that_an_explanation_reads(folders: Folders) -> None:
    found = json.loads((folders[1] / "outline.json").read_text(encoding="utf-8"))
    assert set(found) == {*OUTLINE_KEYS, "order"}


def test_an_edition_given_by_folder_is_that_of_the_run(folders: Folders) -> None:
    one = outcome(Asked(str(loaded().folder), "BP-0000001", run=folders[1]), label)
    assert one.outline["edition"] == EDITION


def test_days_of_a_run_are_its_own(folders: Folders) -> None:
    described = json.loads((folders[1] / "run.json").read_text(encoding="utf-8"))
    one = asked("BP-0000001", run=folders[1], as_of=DAY, rules_as_of=DAY)
    assert one.rules_as_of == Days(DAY, date.fromisoformat(described["rules_as_of"])).rules_as_of
