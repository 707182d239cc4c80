"""Does PostgreSQL give what DuckDB gives? On every shipped edition and a demo channel, row by row."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from pyarrow import parquet

from engines.channel import DAY, loaded, made
from engines.in_postgres import load, server, sorted_rows
from engines.representative import case_of
from hanse.decisions.evaluate import plan_of
from hanse.engines import cases, run
from hanse.engines.choose import open_engine
from hanse.engines.duck import DuckEngine
from hanse.engines.postgres import PostgresEngine
from hanse.language import edition as editions
from hanse.language.context import Days
from hanse.language.problems import CallError

pytestmark = pytest.mark.postgres
DAYS = Days(DAY, DAY)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server() as running:
        yield running


@pytest.fixture
def database(address: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, pa.Table], Path]:
    """300 partners with their bad rows, and the batch's outcome over the same tables."""
    folder = tmp_path_factory.mktemp("demo")
    facts, _ = made(folder, partners=300)
    tables = {path.stem: parquet.read_table(path) for path in sorted(facts.glob("*.parquet"))}
    with DuckEngine(tables, loaded().tables, memory="1GB") as engine:
        run.evaluate(engine, loaded(), DAYS, folder / "duckdb")
    return tables, folder / "duckdb"


@pytest.mark.parametrize("name", editions.shipped())
def test_every_edition_comes_out_alike(name: str, database: psycopg.Connection[Any]) -> None:
    edition = loaded(name)
    case = case_of(edition)
    facts = cases.arrow_facts(edition, case.facts)
    show = sorted({metric for e in case.expect.values() for metric in (e or {}).get("metrics") or {}})
    load(database, facts)
    with DuckEngine(facts, edition.tables, memory="1GB", threads=1) as engine:
        plan = plan_of(edition, case.days, engine.info, show=show)
        expected = {output: engine.arrow(plan, output) for output in plan.outputs}
    with PostgresEngine(database, edition.tables) as server_engine:
        plan = plan_of(edition, case.days, server_engine.info, show=show)
        for output, wanted in expected.items():
            assert sorted_rows(server_engine.arrow(plan, output)) == sorted_rows(wanted), output


def test_a_channel_gives_the_same_files(
    address: str, database: psycopg.Connection[Any], demo: tuple[dict[str, pa.Table], Path], tmp_path: Path
) -> None:
    facts, batch = demo
    load(database, facts)
    with open_engine(address, loaded().tables, engine="postgres") as engine:
        done = run.evaluate(engine, loaded(), DAYS, tmp_path / "out")
    assert done.rows["standings"] > 250
    for name in run.FILES:
        wanted, got = (parquet.read_table(folder / f"{name}.parquet") for folder in (batch, tmp_path / "out"))
        assert [(f.name, f.type) for f in got.schema] == [(f.name, f.type) for f in wanted.schema], name
        assert sorted_rows(got) == sorted_rows(wanted), name


def test_nothing_is_left_behind(database: psycopg.Connection[Any], demo: tuple[dict[str, pa.Table], Path]) -> None:
    load(database, {"partners": demo[0]["partners"]}, schema="vendor")
    count = "SELECT COUNT(*) FROM pg_class WHERE relkind IN ('r', 'v')"
    before = database.execute(count).fetchone()
    with PostgresEngine(database, loaded().tables, schema="vendor") as engine:
        assert engine.arrow(plan_of(loaded(), DAYS, engine.info), "standings").num_rows > 250
    assert database.execute(count).fetchone() == before
    assert database.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


def test_rates_of_the_vendor_are_used(
    database: psycopg.Connection[Any], demo: tuple[dict[str, pa.Table], Path]
) -> None:
    two = pa.array(["2"]).cast(pa.decimal128(38, 12))
    rates = pa.table({"on": pa.array([date(2016, 7, 1)], pa.date32()), "currency": ["USD"], "per_euro": two})
    load(database, {"partners": demo[0]["partners"], "rates": rates})
    with PostgresEngine(database, loaded().tables) as engine:
        assert engine.info.rates_key == "facts"


def test_texts_where_days_belong_are_refused(
    database: psycopg.Connection[Any], demo: tuple[dict[str, pa.Table], Path]
) -> None:
    load(database, {"partners": demo[0]["partners"]})
    database.execute("ALTER TABLE public.partners ALTER COLUMN joined TYPE TEXT")
    with pytest.raises(CallError, match=r"public\.partners\.joined.*the column is a text") as refused:
        PostgresEngine(database, loaded().tables)
    assert "USING" in str(refused.value)
    assert database.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


def test_a_missing_column_is_named(database: psycopg.Connection[Any]) -> None:
    load(database, {"partners": pa.table({"partner": ["A"], "country": ["FR"]})})
    with pytest.raises(CallError, match=r"public\.partners.*no column 'name'"):
        PostgresEngine(database, loaded().tables)


def test_a_schema_without_facts_is_refused(database: psycopg.Connection[Any]) -> None:
    with pytest.raises(CallError, match="'elsewhere' has no fact table"):
        PostgresEngine(database, loaded().tables, schema="elsewhere")


def test_no_server_is_an_error_without_a_traceback() -> None:
    with pytest.raises(CallError, match="the database cannot be reached"):
        open_engine("postgresql://nobody@127.0.0.1:1/none", loaded().tables)
