"""Does a statement mean the same elsewhere? The places where a plain translation would change its meaning."""

import pytest

from hanse.engines.choose import open_engine
from hanse.engines.dialects import fenced, translated
from hanse.language.facts import CONTRACT
from hanse.language.problems import CallError


def postgres(sql: str) -> str:
    return translated(sql, "postgres", lambda name: f"s_{name}")


def spark(sql: str) -> str:
    return translated(sql, "spark", lambda name: f"s_{name}")


def test_steps_are_named_and_days_kept() -> None:
    sql = "SELECT * FROM $sales AS t JOIN $raw_partners AS p ON TRUE WHERE \"on\" = CAST('2017-06-30' AS DATE)"
    assert postgres(sql) == (
        "SELECT * FROM s_sales AS t JOIN s_raw_partners AS p ON TRUE WHERE \"on\" = CAST('2017-06-30' AS DATE)"
    )
    assert "`on` = CAST('2017-07-01' AS DATE)" in spark(sql.replace("06-30", "07-01"))


def test_whole_division_truncates_and_never_wraps() -> None:
    assert postgres("SELECT a // b") == "SELECT DIV(CAST(a AS DECIMAL), CAST(b AS DECIMAL))"
    assert spark("SELECT a // (b + 1)") == "SELECT CAST((a - a % (b + 1)) / (b + 1) AS DECIMAL(38, 0))"


def test_the_widest_integer_stays_wide_inside_others() -> None:
    assert "INT128" not in postgres("SELECT (CAST(a AS INT128) * 2) // CAST(b AS INT128)").upper()
    assert spark("SELECT CAST(a AS INT128)") == "SELECT CAST(a AS DECIMAL(38, 0))"
    assert spark("SELECT SUM(CASE WHEN x THEN CAST(a AS BIGINT) END)").endswith("AS DECIMAL(38, 0)))")


def test_a_true_division_is_one_of_doubles() -> None:
    assert spark("SELECT a / b") == "SELECT CAST(a AS DOUBLE) / b"
    assert postgres("SELECT a / b") == "SELECT CAST(a AS DOUBLE PRECISION) / b"


def test_days_stay_days() -> None:
    assert postgres("SELECT DATE_TRUNC('month', d)") == "SELECT CAST(DATE_TRUNC('month', CAST(d AS TIMESTAMP)) AS DATE)"
    assert (
        spark("SELECT DATE_TRUNC('month', d)") == "SELECT CAST(DATE_TRUNC('MONTH', CAST(d AS TIMESTAMP_NTZ)) AS DATE)"
    )
    with pytest.raises(ValueError, match="truncated to its hour"):
        postgres("SELECT DATE_TRUNC('hour', d)")


def test_a_missing_match_is_an_empty_text() -> None:
    assert postgres("SELECT REGEXP_EXTRACT(v, '^[0-9]+')") == "SELECT COALESCE(SUBSTRING(v FROM '^[0-9]+'), '')"


def test_excluded_columns_are_written_out() -> None:
    sql = 'SELECT g.* EXCLUDE (b), 1 AS b FROM (SELECT h.*, 2 AS b FROM (SELECT pid, 3 AS "on" FROM t) AS h) AS g'
    assert postgres(sql).startswith('SELECT g."pid", g."on", 1 AS b FROM')
    with pytest.raises(ValueError, match="written out"):
        postgres("SELECT g.* EXCLUDE (b) FROM t AS g")


def test_long_names_stay_apart() -> None:
    one, other = "x_" + "a" * 70 + "1", "x_" + "a" * 70 + "2"
    names = postgres(f'SELECT "{one}", "{other}"').removeprefix("SELECT ").replace('"', "").split(", ")
    assert len(set(names)) == 2
    assert all(len(name) <= 63 for name in names)


def test_rows_are_numbered_in_an_order_on_spark() -> None:
    assert "ROW_NUMBER() OVER (ORDER BY person NULLS LAST, pid NULLS LAST)" in spark(
        "SELECT ROW_NUMBER() OVER () AS eid, person, pid FROM t"
    )


def test_layers_are_planned_apart_and_filters_are_not() -> None:
    assert fenced("SELECT * FROM t WHERE a") == "SELECT * FROM t WHERE a"
    assert fenced("SELECT a + a AS b FROM t").endswith("OFFSET 0")


@pytest.mark.parametrize(
    ("engine", "facts", "what"),
    [
        ("duck", "facts", "'duck' is not an engine"),
        ("postgres", "facts", "does not read facts"),
        ("duckdb", "postgresql://user:secret@host/vendor", "does not read postgresql://host/vendor"),
        ("duckdb", "s3a://bucket/facts", "DuckDB reads no s3a://bucket/facts"),
    ],
)
def test_engine_and_facts_must_fit(engine: str, facts: str, what: str) -> None:
    with pytest.raises(CallError, match=what) as refused:
        open_engine(facts, CONTRACT, engine=engine)
    assert "secret" not in str(refused.value)
