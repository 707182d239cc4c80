"""Is a broken channel broken in every way it says, and in no other?"""

import csv
from pathlib import Path

import duckdb
import pytest

from demo.made import PARTNERS, asker, made
from hanse.demo.bad_rows import KINDS
from hanse.demo.channel import TABLES, Channel


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Channel:
    """5,000 partners as CSV, with bad rows."""
    return made(tmp_path_factory.mktemp("broken"), partners=PARTNERS, format="csv")


def test_every_kind_of_bad_row_is_there_in_csv(broken: Channel) -> None:
    assert broken.bad == {(kind.table, kind.name): kind.count(PARTNERS) for kind in KINDS}
    for table in TABLES:
        with (broken.folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        bad = sum(count for (where, _), count in broken.bad.items() if where == table)
        assert len(rows) == broken.rows[table]
        assert all(None not in row and None not in row.values() for row in rows)
        assert bad < 0.2 * len(rows) or table == "exceptions"
    assert 0.001 < sum(broken.bad.values()) / sum(broken.rows.values()) < 0.005


def test_bad_rows_are_wrong_as_they_say(broken: Channel) -> None:
    def read(table: str) -> str:
        file = broken.folder / f"{table}.csv"
        return f"read_csv('{file}', all_varchar = true, header = true) AS {table}"

    def found(table: str, condition: str) -> int:
        return int(duckdb.sql(f"SELECT count(*) FROM {read(table)} WHERE {condition}").fetchall()[0][0])

    partners, people = f"(SELECT partner FROM {read('partners')})", f"(SELECT person FROM {read('people')})"
    joined = f"(SELECT min(joined)::DATE FROM {read('partners')} WHERE partners.partner = sales.partner)"
    conditions = {
        ("partners", "unknown_country"): "country = 'ZZ'",
        ("partners", "missing_name"): "name IS NULL",
        ("partners", "ends_before_start"): '"left"::DATE < joined::DATE',
        ("people", "unknown_partner"): f"partner NOT IN {partners}",
        ("people", "ends_before_start"): "until::DATE < since::DATE",
        ("certifications", "unknown_person"): f"person NOT IN {people}",
        ("certifications", "not_a_day"): "earned IS NOT NULL AND try_cast(earned AS DATE) IS NULL",
        ("surveys", "not_a_number"): "score IS NOT NULL AND try_cast(score AS DECIMAL(4, 1)) IS NULL",
        ("sales", "unknown_partner"): f"partner NOT IN {partners}",
        ("sales", "missing_amount"): "amount IS NULL",
        ("sales", "missing_day"): '"on" IS NULL',
        ("sales", "not_a_number"): "amount IS NOT NULL AND try_cast(amount AS DECIMAL(18, 2)) IS NULL",
        ("sales", "not_a_day"): '"on" IS NOT NULL AND try_cast("on" AS DATE) IS NULL',
        ("sales", "no_such_currency"): "currency = 'XQZ'",
        ("sales", "no_rate"): "currency = 'ISK'",
        ("sales", "unknown_country"): "country = 'ZZ'",
        ("sales", "before_joining"): f'try_cast("on" AS DATE) < {joined}',
        ("ownership", "negative_percent"): "percent::DECIMAL(5, 2) < 0",
        ("ownership", "above_hundred_percent"): "percent::DECIMAL(5, 2) > 100",
        ("exceptions", "missing_reason"): "reason IS NULL",
    }
    assert {key: found(key[0], condition) for key, condition in conditions.items()} == {
        key: broken.bad[key] for key in conditions
    }
    doubles = duckdb.sql(f"SELECT count(*) - count(DISTINCT partner) FROM {read('partners')}").fetchall()
    assert doubles == [(broken.bad["partners", "duplicate"],)]


def test_parquet_leaves_out_what_typed_columns_cannot_hold(tmp_path: Path) -> None:
    channel = made(tmp_path)
    assert set(channel.bad) == {(kind.table, kind.name) for kind in KINDS if not kind.text_only}
    assert asker(tmp_path)("SELECT count(*) FROM sales")[0][0] == channel.rows["sales"]
