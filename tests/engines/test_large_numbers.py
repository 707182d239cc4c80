"""Is an amount that cannot be kept exactly a bad row, and everything else as it would be without it?"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import psycopg
import pyarrow as pa
import pytest

from engines.channel import loaded
from engines.in_postgres import load, server, sorted_rows
from hanse.decisions.evaluate import plan_of
from hanse.engines import run
from hanse.engines.duck import DuckEngine
from hanse.engines.postgres import PostgresEngine
from hanse.language.context import Days

DAY = date(2017, 5, 1)
DAYS = Days(date(2017, 6, 30), date(2017, 6, 30))
WIDE, NARROW = pa.decimal128(38, 10), pa.decimal128(18, 2)
LARGE = {  # three that are too large, and one that is not
    "double": pa.array([1e14, -1e300, float("nan"), 25.5], pa.float64()),
    "two decimals": pa.array([Decimal(10**14), Decimal(-93 * 10**14), Decimal(9 * 10**15), Decimal("25.5")], NARROW),
    "wide": pa.array([Decimal(10**20), Decimal(-(10**27)), Decimal(10**14), Decimal("25.5")], WIDE),
    "whole": pa.array([10**14, -(10**18), 2**63 - 1, 25], pa.int64()),
    "text": pa.array(["100000000000000", "-1e20", "99999999999999999999", "25.5"]),
}


def facts(amounts: pa.Array) -> dict[str, pa.Table]:
    n = len(amounts)
    sales = {"partner": ["A"] * n, "on": [DAY] * n, "amount": amounts, "currency": ["USD"] * n}
    return {
        "partners": pa.table({"partner": ["A"], "name": ["A"], "country": ["US"]}),
        "sales": pa.table(sales),
    }


def outcome(engine: DuckEngine | PostgresEngine) -> tuple[list[tuple[int, str, str]], list[str]]:
    """The problems, and all rows of all other outputs."""
    plan = plan_of(loaded(), DAYS, engine.info)
    wrong = [(r["line"], r["what"].split()[-3:], r["why"]) for r in run.problems_of(engine, plan).to_pylist()]
    rows = [row for name in sorted(plan.outputs) if name != "problems" for row in sorted_rows(engine.arrow(plan, name))]
    return [(line, " ".join(what), why) for line, what, why in wrong], rows


WRONG = [(n, "is too large", "numbers up to 99,999,999,999,999 are kept exactly") for n in (1, 2, 3)]


@pytest.mark.parametrize("kind", LARGE)
def test_a_large_amount_is_a_bad_row(kind: str) -> None:
    with DuckEngine(facts(LARGE[kind]), loaded().tables, memory="1GB", threads=1) as engine:
        wrong, rows = outcome(engine)
    with DuckEngine(facts(LARGE[kind][3:]), loaded().tables, memory="1GB", threads=1) as engine:
        assert outcome(engine) == ([], rows)
    assert wrong == WRONG


def test_the_largest_amount_is_kept() -> None:
    largest = pa.array([99_999_999_999_999], pa.int64())
    with DuckEngine(facts(largest), loaded().tables, memory="1GB", threads=1) as engine:
        assert outcome(engine)[0] == []


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server() as running:
        yield running


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["double", "wide", "whole"])
def test_postgresql_says_the_same(kind: str, address: str) -> None:
    with DuckEngine(facts(LARGE[kind]), loaded().tables, memory="1GB", threads=1) as engine:
        wanted = outcome(engine)
    with psycopg.connect(address, autocommit=True) as database:
        load(database, facts(LARGE[kind]))
        with PostgresEngine(database, loaded().tables) as there:
            assert outcome(there) == wanted
