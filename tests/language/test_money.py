"""What is an amount worth in another currency, exactly?"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import duckdb
import pyarrow as pa
import pytest
import sqlglot
from currency_converter import CurrencyConverter
from hypothesis import given
from hypothesis import strategies as st

from hanse.language import money
from language.exchange import ECB, LAST, QUOTED, answer, converted, exact, refused, table


def test_dollars_at_a_rate_of_1_0643() -> None:
    assert converted("106430.00", "USD", "EUR", "2017-04-13", table(("2017-04-13", "USD", "1.0643"))) == "100000"


def test_what_currency_converter_says() -> None:
    other = CurrencyConverter(decimal=True, fallback_on_missing_rate=True, fallback_on_missing_rate_method="last_known")
    chance = random.Random(7)
    lines, expected = [], []
    while len(lines) < 500:
        source, target = chance.choice(QUOTED), chance.choice(QUOTED)
        first = max(other.bounds[source].first_date, other.bounds[target].first_date)
        last = min(other.bounds[source].last_date, other.bounds[target].last_date)
        if first > last or "ISK" in (source, target):  # ISK has a gap of nine years, which it carries over
            continue
        on = first + timedelta(chance.randrange((last - first).days + 1))
        lines.append(f"1,{source},{target},{on}")
        expected.append(other.convert(Decimal(1), source, target, date=on))
    for line, value in zip(money.convert_lines(lines, ECB), expected, strict=True):
        assert abs(Decimal(line.split(",")[4]) - value) <= Decimal("1e-10"), line


@given(
    st.integers(-(10**13), 10**13),
    st.sampled_from(QUOTED),
    st.sampled_from(["EUR", "USD", "GBP", "CHF", "DKK", "JPY", "IDR"]),
    st.dates(date(1999, 1, 4), LAST),
)
def test_within_1e_10_of_the_fraction(units: int, source: str, target: str, on: date) -> None:
    amount = f"{Decimal(units).scaleb(-4):f}"
    value, why_not = answer(f"{amount},{source},{target},{on}")
    expected = Fraction(amount) if source == target else exact(amount, source, target, on)
    if expected is None:
        assert why_not.startswith("no rate of ")
        return
    bound = Fraction(1, 2 * 10**10) + abs(Fraction(amount)) / (2 * 10 ** money.scale(target, ECB))
    assert abs(Fraction(value) - expected) <= bound
    if money.scale(target, ECB) == 20:
        assert bound <= Fraction(1, 10**10)


def test_a_currency_to_itself_needs_no_rate() -> None:
    for code, on in (("EUR", "1900-01-01"), ("USD", "2100-01-01"), ("VND", "2020-01-01")):
        assert converted("-12.50", code, code, on) == "-12.5"
    assert refused("1", "VND", "EUR", "2020-01-01") == "no rate of VND is published"


@pytest.mark.parametrize(
    ("largest", "expected"),
    [("9.9999", 20), ("10", 19), ("99.9", 19), ("100", 18), ("0.001", 20), ("9e14", 6)],
)
def test_scale(largest: str, expected: int) -> None:
    assert money.scale("USD", table(("2020-01-01", "USD", "0.001"), ("2020-01-02", "USD", largest))) == expected


def test_factors_are_those_of_convert_and_nearest() -> None:
    own = table(("2020-01-01", "USD", "3"), ("2020-01-01", "GBP", "0.7"), ("2020-01-03", "USD", "8"))
    found = money.factor_table("EUR", rates=own, first=date(2019, 12, 31), last=date(2020, 1, 4))
    one = 10**20
    rows = {(row["currency"], row["on"].isoformat()): int(row["factor"]) for row in found.to_pylist()}
    assert rows == {
        **{("EUR", str(date(2019, 12, 31) + timedelta(n))): one for n in range(5)},
        **{("GBP", f"2020-01-0{n}"): 142857142857142857143 for n in (1, 2, 3, 4)},
        **{("USD", f"2020-01-0{n}"): 33333333333333333333 for n in (1, 2)},
        **{("USD", f"2020-01-0{n}"): one // 8 for n in (3, 4)},
    }
    assert found.schema.types == [pa.string(), pa.date32(), pa.decimal128(38, 0)]


@pytest.mark.parametrize(("top", "bottom", "nearest"), [(1, 2, 0), (3, 2, 2), (5, 2, 2), (2, 3, 1), (4, 3, 1)])
def test_factors_round_half_to_even(top: int, bottom: int, nearest: int) -> None:
    assert money._nearest(top, bottom) == nearest == round(Fraction(top, bottom))


def test_factors_of_the_whole_history_agree_with_the_rule() -> None:
    first, last = date(1998, 12, 28), LAST + timedelta(40)
    found = money.factor_table("USD", rates=ECB, first=first, last=last)
    rows = dict(
        zip(
            zip(*(found[n].to_pylist() for n in ("currency", "on")), strict=True),
            found["factor"],
            strict=True,
        )
    )
    assert len(rows) == found.num_rows
    assert sum(currency == "USD" for currency, _ in rows) == (last - first).days + 1
    chance = random.Random(3)
    for _ in range(1000):
        source, on = (
            chance.choice(QUOTED),
            date(1999, 1, 4) + timedelta(chance.randrange((LAST - first).days - 6)),
        )
        value = exact("1", source, "USD", on) if source != "USD" else Fraction(1)
        factor = rows.get((source, on))
        assert (factor and int(factor.as_py())) == (value and round(value * 10**20)), (source, on)


def test_factors_narrowed() -> None:
    day = date(2020, 1, 2)
    found = money.factor_table("EUR", rates=ECB, first=day, last=day, currencies=["USD", "VND", "EUR"])
    assert found["currency"].to_pylist() == ["EUR", "USD"]
    assert money.factor_table("EUR", rates=ECB, first=day, last=day - timedelta(1)).num_rows == 0
    only = money.factor_table("VND", rates=ECB, first=day, last=day)
    assert only.to_pylist() == [{"currency": "VND", "on": day, "factor": Decimal(10**6)}]
    with pytest.raises(ValueError, match="XXY"):
        money.factor_table("XXY", rates=ECB, first=day, last=day)


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@given(total=st.integers(-(10**37), 10**37), scale=st.integers(6, 40))
def test_sql_rounds_half_away_from_zero(engine: duckdb.DuckDBPyConnection, total: int, scale: int) -> None:
    sql = money.rounded("x", scale)
    (found,) = engine.execute(f"select {sql} from (select cast('{total}' as hugeint) as x)").fetchone() or ()
    step = 10 ** (scale - 6)
    assert found == (abs(total) * 2 + step) // (2 * step) * (1 if total >= 0 else -1)
    assert found == money._rounded(total, 1, scale)


def test_sql_of_nothing_of_halves_and_of_too_small_a_scale(engine: duckdb.DuckDBPyConnection) -> None:
    sql = money.rounded("sum(x)", 7)
    values = "(values (1, 4), (2, 5), (3, -4), (4, -5), (5, 15), (6, null)) as t(n, x)"
    found = engine.execute(f"select {sql} from {values} group by n order by n").fetchall()
    assert [value for (value,) in found] == [0, 1, 0, -1, 2, None]
    with pytest.raises(ValueError, match="5"):
        money.rounded("x", 5)


@pytest.mark.parametrize(("dialect", "operator"), [("postgres", "DIV("), ("spark", " DIV "), ("duckdb", " // ")])
def test_sql_is_translated(dialect: str, operator: str) -> None:
    (translated,) = sqlglot.transpile(money.rounded("sum(u * f)", 20), read="duckdb", write=dialect)
    assert operator in translated


def test_a_sum_of_rows_is_the_sum_of_what_they_are_worth(engine: duckdb.DuckDBPyConnection) -> None:
    day = date(2017, 6, 30)
    factors = money.factor_table("USD", rates=ECB, first=day, last=day)
    chance = random.Random(5)
    sources = [row["currency"] for row in factors.to_pylist()]
    sales = [(f"{chance.uniform(-1e6, 1e6):.4f}", chance.choice(sources)) for _ in range(2000)]
    engine.register("factors", factors)
    engine.register("sales", pa.table({"amount": [a for a, _ in sales], "currency": [c for _, c in sales]}))
    units = "cast(cast(amount as decimal(18, 4)) * 10000 as hugeint)"
    total = money.rounded(f"sum({units} * cast(factor as hugeint))", money.scale("USD", ECB))
    (found,) = engine.execute(f"select {total} from sales join factors using (currency)").fetchone() or ()
    worth = [exact(amount, source, "USD", day) or Fraction(0) for amount, source in sales]
    assert abs(Fraction(found, 10**10) - sum(worth)) <= Fraction(1, 10**10)
