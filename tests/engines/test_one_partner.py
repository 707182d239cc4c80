"""Is one partner at a click what the batch says of it? The same rows, in the same types."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from pyarrow import parquet

from engines.channel import DAY, loaded, made
from engines.in_postgres import load, server
from engines.representative import case_of
from hanse.decisions.evaluate import OUTPUTS, plan_of
from hanse.engines import cases
from hanse.engines.duck import DuckEngine
from hanse.engines.one_partner import OnePartner
from hanse.language import edition as editions
from hanse.language.context import Days
from hanse.language.edition import Edition
from hanse.language.problems import CallError

pytestmark = pytest.mark.postgres
DAYS = Days(DAY, DAY)
SIMPLE = "partnerworld/2010"  # no groups, no Python
CASES = {
    "assignment of people": "cisco_channel/2008", "levels of a group": "dell_emc/2016",
    "replay of a window": "solutions_partner/2025", "enterprises by ownership": "partnerworld/2017",
}  # fmt: skip
Outcome = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server() as running:
        yield running


@pytest.fixture
def database(address: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def channel(address: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pa.Table]:
    facts, _ = made(tmp_path_factory.mktemp("demo"), partners=300)
    tables = {path.stem: parquet.read_table(path) for path in sorted(facts.glob("*.parquet"))}
    with psycopg.connect(address, autocommit=True) as connection:
        load(connection, tables, schema="demo")
    return tables


def batch(facts: dict[str, pa.Table], edition: Edition, days: Days) -> dict[str, Outcome]:
    """What the batch says, by partner."""
    found: dict[str, Outcome] = {}
    with DuckEngine(facts, edition.tables, memory="1GB", threads=1) as engine:
        plan = plan_of(edition, days, engine.info)
        for output in OUTPUTS:
            for row in engine.arrow(plan, output).to_pylist():
                found.setdefault(row["partner"], {}).setdefault(output, []).append(row)
    return found


def assert_alike(one: OnePartner, partners: list[str], expected: dict[str, Outcome]) -> None:
    for partner in partners:
        got = one.rows(partner)
        for output in OUTPUTS:
            wanted = expected.get(partner, {}).get(output, [])
            assert sorted(map(repr, got[output])) == sorted(map(repr, wanted)), (partner, output)


@pytest.mark.parametrize("name", ["partnerworld/2017", SIMPLE])
def test_a_click_equals_the_batch(name: str, database: psycopg.Connection[Any], channel: dict[str, pa.Table]) -> None:
    edition = loaded(name)
    expected = batch(channel, edition, DAYS)
    one = OnePartner(database, edition, DAYS, schema="demo")
    assert one.tied == (name != SIMPLE)
    tied = sorted({p for p in channel["ownership"]["owner"].to_pylist() if p in expected})[:15]
    assert_alike(one, sorted(expected)[::8] + tied, expected)


@pytest.mark.parametrize("name", CASES.values(), ids=CASES)
def test_what_python_computes_is_computed_for_the_neighbourhood(name: str, database: psycopg.Connection[Any]) -> None:
    edition = loaded(name)
    case = case_of(edition)
    facts = cases.arrow_facts(edition, case.facts)
    load(database, facts)
    assert_alike(
        OnePartner(database, edition, case.days),
        facts["partners"]["partner"].to_pylist(),
        batch(facts, edition, case.days),
    )


@pytest.mark.parametrize("name", ["partnerworld/2017", SIMPLE])
def test_what_was_merged_is_found_and_counts(
    name: str, database: psycopg.Connection[Any], channel: dict[str, pa.Table]
) -> None:
    keys = channel["partners"]["partner"].to_pylist()
    told = [
        (keys[n], ("duplicate", "acquired", "merged")[n % 3], DAY if n % 2 else None, keys[n + 1])
        for n in range(0, 60, 3)
    ]
    told += [(keys[1], "merged", None, keys[61]), (keys[70], "acquired", date(2030, 1, 1), keys[71])]
    schema = pa.schema([("partner", pa.string()), ("kind", pa.string()), ("on", pa.date32()), ("into", pa.string())])
    facts = channel | {
        "events": pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in told], schema)
    }
    load(database, facts)
    expected = batch(facts, loaded(name), DAYS)
    assert set(expected) == set(batch(channel, loaded(name), DAYS)) - {row[0] for row in told[:-1]}
    assert_alike(OnePartner(database, loaded(name), DAYS), keys[:75], expected)


def test_facts_that_change_are_seen_at_once(database: psycopg.Connection[Any], channel: dict[str, pa.Table]) -> None:
    load(database, channel)
    one = OnePartner(database, loaded(SIMPLE), DAYS)
    partner = one.rows(channel["partners"]["partner"][0].as_py())["standings"][0]["partner"]
    database.execute("UPDATE public.partners SET country = 'NZ' WHERE partner = %s", [partner])
    assert one.rows(partner)["standings"][0]["country"] == "NZ"


def test_a_stranger_has_no_rows(database: psycopg.Connection[Any], channel: dict[str, pa.Table]) -> None:
    one = OnePartner(database, loaded(), DAYS, schema="demo")
    assert one.rows("it's nobody") == {output: [] for output in OUTPUTS}


def test_a_rank_is_refused(database: psycopg.Connection[Any], channel: dict[str, pa.Table], tmp_path: Path) -> None:
    (tmp_path / "programme.yaml").write_text(
        "programme: ranked\nedition: '1'\ntitle: Ranked\nin_force: 2017-01-01\n"
        "currency: USD\nlevels: {member: Member, top: Top}\n"
    )
    (tmp_path / "metrics.yaml").write_text(
        "revenue: {label: revenue, table: sales, agg: sum, measure: amount, window: 12 months}\n"
        "place: {label: place, type: rank, of: revenue, within: country}\n"
    )
    (tmp_path / "levels.yaml").write_text("top: {all_of: [{place: {at_most: 3}}]}\n")
    with pytest.raises(CallError, match="place ranks partners"):
        OnePartner(database, editions.load(str(tmp_path)), DAYS, schema="demo")
