"""Expressions are exact: random ones, computed by DuckDB over random rows, equal the same in Python's fractions."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse.language import exact
from hanse.language.exact import Term
from hanse.language.expressions import compile_expression

Row = dict[str, int | None]
Value = Fraction | None
Oracle = Callable[[Row], Value]
Truth = Callable[[Row], bool | None]
NAMES = ("a", "b", "c")
ROWS = st.lists(st.fixed_dictionaries({n: st.none() | st.integers(-9, 9) for n in NAMES}), min_size=1, max_size=6)
LITERALS = ("0", "1", "2", "7.5", "0.1", "3")


@pytest.fixture(scope="module")
def db() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def plus(x: Value, y: Value) -> Value:
    return None if x is None or y is None else x + y


def minus(x: Value, y: Value) -> Value:
    return None if x is None or y is None else x - y


def times(x: Value, y: Value) -> Value:
    return None if x is None or y is None else x * y


def over(x: Value, y: Value) -> Value:
    return None if x is None or not y else x / y


def of_known(pick: Callable[[list[Fraction]], Fraction]) -> Callable[[Value, Value], Value]:
    """LEAST and GREATEST look at the terms that have a value."""

    def picked(x: Value, y: Value) -> Value:
        known = [v for v in (x, y) if v is not None]
        return pick(known) if known else None

    return picked


TWO = {
    "({} + {})": plus, "({} - {})": minus, "({} * {})": times, "({} / {})": over,
    "least({}, {})": of_known(min), "greatest({}, {})": of_known(max),
    "coalesce({}, {})": lambda x, y: y if x is None else x,
}  # fmt: skip
ONE = {
    "(-{})": lambda x: None if x is None else -x,
    "abs({})": lambda x: None if x is None else abs(x),
    "floor({})": lambda x: None if x is None else Fraction(x.__floor__()),
    "ceil({})": lambda x: None if x is None else Fraction(x.__ceil__()),
}  # fmt: skip
COMPARED = {
    "=": lambda x, y: x == y, "<>": lambda x, y: x != y, "<": lambda x, y: x < y, "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y, ">=": lambda x, y: x >= y,
}  # fmt: skip


def leaf() -> st.SearchStrategy[tuple[str, Oracle]]:
    names = st.sampled_from(NAMES).map(lambda n: (n, lambda row, n=n: None if row[n] is None else Fraction(row[n])))
    numbers = st.sampled_from(LITERALS).map(lambda t: (t, lambda _, t=t: Fraction(t)))
    return names | numbers


def compared(inner: Any) -> st.SearchStrategy[tuple[str, Truth]]:
    def made(operator: str, left: Any, right: Any) -> tuple[str, Truth]:
        def truth(row: Row) -> bool | None:
            x, y = left[1](row), right[1](row)
            return None if x is None or y is None else COMPARED[operator](x, y)

        return f"{left[0]} {operator} {right[0]}", truth

    return st.builds(made, st.sampled_from(sorted(COMPARED)), inner, inner)


def larger(inner: Any) -> Any:
    """An expression of one more operation."""

    def two(form: str, x: Any, y: Any) -> tuple[str, Oracle]:
        return form.format(x[0], y[0]), lambda row: TWO[form](x[1](row), y[1](row))

    def one(form: str, x: Any) -> tuple[str, Oracle]:
        return form.format(x[0]), lambda row: ONE[form](x[1](row))

    def case(test: Any, x: Any, y: Any) -> tuple[str, Oracle]:
        text = f"(case when {test[0]} then {x[0]} else {y[0]} end)"
        return text, lambda row: x[1](row) if test[1](row) else y[1](row)

    return (
        st.builds(two, st.sampled_from(sorted(TWO)), inner, inner)
        | st.builds(one, st.sampled_from(sorted(ONE)), inner)
        | st.builds(case, compared(inner), inner, inner)
    )


EXPRESSIONS = st.recursive(leaf(), larger, max_leaves=6)


def column(name: str) -> Term:
    return exact.integer(f'"{name}"')


def table_of(rows: list[Row]) -> str:
    shown = [", ".join("NULL" if row[n] is None else str(row[n]) for n in NAMES) for row in rows]
    listed = ", ".join(f"({i}, {text})" for i, text in enumerate(shown))
    items = ", ".join(f"CAST({n} AS BIGINT) AS {n}" for n in NAMES)
    return f"(SELECT i, {items} FROM (VALUES {listed}) AS v(i, {', '.join(NAMES)}))"


def value_of(num: int | None, den: int, over_: int | None) -> Value:
    return None if num is None or over_ is None else Fraction(num, den) / over_


@given(expression=EXPRESSIONS, rows=ROWS)
def test_a_number_is_the_fraction_that_it_says(
    expression: tuple[str, Oracle], rows: list[Row], db: duckdb.DuckDBPyConnection
) -> None:
    text, oracle = expression
    term = compile_expression(text, column)
    sql = f"SELECT {term.num}, {term.over or 1} FROM {table_of(rows)} ORDER BY i"
    found = [value_of(num, term.den, over_) for num, over_ in db.execute(sql).fetchall()]
    assert found == [oracle(row) for row in rows], text


@given(condition=compared(EXPRESSIONS), rows=ROWS)
def test_a_comparison_never_rounds(
    condition: tuple[str, Truth], rows: list[Row], db: duckdb.DuckDBPyConnection
) -> None:
    text, truth = condition
    term = compile_expression(text, column)
    sql = f"SELECT {term.sql} FROM {table_of(rows)} ORDER BY i"
    assert [r[0] for r in db.execute(sql).fetchall()] == [truth(row) for row in rows], text


def test_forty_sixths_are_forty_sixths(db: duckdb.DuckDBPyConnection) -> None:
    term = compile_expression("6 * (a / b) = a", column)
    assert db.execute(f"SELECT {term.sql} FROM {table_of([{'a': 40, 'b': 6, 'c': 0}])}").fetchall() == [(True,)]


@pytest.mark.parametrize(
    "text",
    [
        "a > 'x'",
        "a + (a > b)",
        "getenv('HOME')",
        "(select 1)",
        "a.b",
        "case when a then 1 end",
        "a = null",
        "a; drop table t",
        "a in (select 1)",
        "cast(a as varchar)",
        "random()",
    ],
)
def test_what_is_no_exact_expression_is_refused(text: str) -> None:
    from hanse.language.expressions import ExpressionError

    with pytest.raises(ExpressionError):
        compile_expression(text, column)
