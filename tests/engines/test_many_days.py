"""Are plans for many days, run as one statement, what each is by itself?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pyarrow as pa
import pytest

from engines.channel import loaded
from engines.in_postgres import load, server, sorted_rows
from hanse.engines import many_days
from hanse.engines.cases import Case, arrow_facts, cases_of
from hanse.engines.duck import DuckEngine
from hanse.engines.postgres import PostgresEngine
from hanse.language.compiler import metric_plan
from hanse.language.context import Days, FactsInfo
from hanse.language.plan import Plan

EDITION, CASE, GOOD = "solutions_partner/2023", "sp23-18", date(2023, 5, 23)  # the only day on which P qualifies
OUTPUT = "metric_qualified"


@pytest.fixture(scope="module")
def case() -> Case:
    return next(case for case in cases_of(loaded(EDITION)) if case.id == CASE)


def plans_of(info: FactsInfo, *, days: int) -> list[Plan]:
    """Plans for so many days, the last of them the one after the day that was good."""
    listed = [GOOD + timedelta(days=n + 2 - days) for n in range(days)]
    return [metric_plan(loaded(EDITION), ["qualified"], Days(day, day), info) for day in listed]


def test_duckdb_runs_days_together(case: Case) -> None:
    with DuckEngine(arrow_facts(loaded(EDITION), case.facts), loaded(EDITION).tables, threads=1) as engine:
        plans = plans_of(engine.info, days=6)
        found = engine.answers(plans, OUTPUT)
        assert OUTPUT not in engine.seconds, "each day was run by itself"
        alone = [engine.arrow(plan, OUTPUT) for plan in plans]
    assert [table.schema for table in found] == [table.schema for table in alone]
    assert [sorted_rows(table) for table in found] == [sorted_rows(table) for table in alone]
    good = [any(row["value"] for row in table.to_pylist()) for table in found]
    assert good == [False] * 4 + [True, False]


def test_what_was_answered_is_not_asked_again(case: Case) -> None:
    with DuckEngine(arrow_facts(loaded(EDITION), case.facts), loaded(EDITION).tables, threads=1) as engine:
        first, second = plans_of(engine.info, days=2)
        (answer,) = engine.answers([first], OUTPUT)
        again = engine.answers([second, first, first], OUTPUT)
    assert again[1] is again[2] is answer


def test_days_that_cannot_be_run_together_are_run_one_by_one(case: Case) -> None:
    def refuse(_: str) -> pa.Table:
        raise many_days.NotTogetherError

    with DuckEngine(arrow_facts(loaded(EDITION), case.facts), loaded(EDITION).tables, threads=1) as engine:
        plans = plans_of(engine.info, days=3)
        wanted = [sorted_rows(table) for table in engine.answers(plans, OUTPUT)]
        found = many_days.answers(plans, OUTPUT, {}, engine.arrow, replace(engine.together(), ask=refuse))
        assert OUTPUT in engine.seconds, "no day was run by itself"
    assert [sorted_rows(table) for table in found] == wanted


def test_over_many_facts_a_statement_holds_fewer_days(case: Case) -> None:
    with DuckEngine(arrow_facts(loaded(EDITION), case.facts), loaded(EDITION).tables, threads=1) as engine:
        way = engine.together()
        asked: list[int] = []

        def ask(text: str) -> pa.Table:
            rows = way.ask(text)
            asked.append(len(rows["number"].unique()))
            return rows

        plans = plans_of(engine.info, days=5)
        wanted = [sorted_rows(table) for table in engine.answers(plans, OUTPUT)]
        large = replace(way, ask=ask, rows=many_days.MOST // 2)
        found = many_days.answers(plans, OUTPUT, {}, engine.arrow, large)
    assert asked == [2, 2], "five days are two and two, and one by itself"
    assert [sorted_rows(table) for table in found] == wanted


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server() as running:
        yield running


@pytest.mark.postgres
def test_postgresql_runs_days_together(case: Case, address: str) -> None:
    import psycopg

    edition = loaded(EDITION)
    facts = arrow_facts(edition, case.facts)
    with psycopg.connect(address, autocommit=True) as database:
        load(database, facts)
        with PostgresEngine(database, edition.tables) as engine:
            plans = plans_of(engine.info, days=6)
            found = engine.answers(plans, OUTPUT)
            assert OUTPUT not in engine.seconds, "each day was run by itself"
            alone = [engine.arrow(plan, OUTPUT) for plan in plans[::2]]
            nested = database.execute("SHOW enable_nestloop").fetchone()
    assert [sorted_rows(table) for table in found[::2]] == [sorted_rows(table) for table in alone]
    assert nested == ("on",), "a setting outlived the statement"
