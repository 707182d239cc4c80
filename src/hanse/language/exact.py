"""Exact arithmetic in SQL: every number is a fraction of integers, and is never rounded before it is compared.

A `Term` is a piece of SQL with a kind. A number is `num / (den * over)`: `num` an SQL integer, `den` a positive
integer known when the edition is compiled, `over` an SQL integer above zero (or null: no value) for fractions whose
denominator comes from the data, such as a mean. So 40/6 per person stays 40/6, and a comparison is one of integers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm

INT = "INT128"  # the widest integer of every engine: HUGEINT, NUMERIC, DECIMAL(38, 0)


@dataclass(frozen=True)
class Term:
    """`kind` is number, boolean, text or date; `sql` holds all but numbers, `constant` a number known already."""

    kind: str
    sql: str = ""
    num: str = "NULL"
    den: int = 1
    over: str | None = None
    constant: Fraction | None = None


def constant(value: Fraction | int) -> Term:
    value = Fraction(value)
    return Term("number", num=str(value.numerator), den=value.denominator, constant=value)


def integer(sql: str, den: int = 1) -> Term:
    """An SQL integer (of any width) counted in units of 1/den."""
    return Term("number", num=sql, den=den)


def ratio(num: Term, den: Term) -> Term:
    """num / den; no value where den is zero or has none."""
    if den.constant is not None:
        return times(num, constant(1 / den.constant)) if den.constant else Term("number", over="NULL")
    top = _product(num.num, den.over, str(den.den))
    bottom = _product(den.num, num.over)
    return Term(
        "number",
        num=f"(CASE WHEN {den.num} < 0 THEN -({top}) ELSE {top} END)",
        den=num.den,
        over=f"NULLIF(ABS({bottom}), 0)",
    )


def _product(*factors: str | None) -> str:
    """Integers multiplied in the widest type; factors that are one fall away."""
    kept = [f for f in factors if f is not None and f != "1"]
    if not kept:
        return "1"
    if len(kept) == 1:
        return kept[0]
    return "(" + " * ".join([f"CAST({kept[0]} AS {INT})", *kept[1:]]) + ")"


def _common(a: Term, b: Term) -> tuple[str, str, int, str | None]:
    """Both numerators over one denominator."""
    den = lcm(a.den, b.den)
    left, right = [str(den // a.den)], [str(den // b.den)]
    over = a.over
    if a.over != b.over:
        left += [b.over] if b.over else []
        right += [a.over] if a.over else []
        over = _product(a.over, b.over)
    return _product(a.num, *left), _product(b.num, *right), den, over


def plus(a: Term, b: Term, sign: str = "+") -> Term:
    if a.constant is not None and b.constant is not None:
        return constant(a.constant + b.constant if sign == "+" else a.constant - b.constant)
    left, right, den, over = _common(a, b)
    return Term("number", num=f"({left} {sign} {right})", den=den, over=over)


def times(a: Term, b: Term) -> Term:
    if a.constant is not None and b.constant is not None:
        return constant(a.constant * b.constant)
    over = None if a.over is None and b.over is None else _product(a.over, b.over)
    return Term("number", num=_product(a.num, b.num), den=a.den * b.den, over=over)


def negative(a: Term) -> Term:
    return constant(-a.constant) if a.constant is not None else replace(a, num=f"(-({a.num}))")


def absolute(a: Term) -> Term:
    return constant(abs(a.constant)) if a.constant is not None else replace(a, num=f"ABS({a.num})")


def whole(a: Term, *, up: bool) -> Term:
    """The next integer below (or above, where `up`)."""
    if a.constant is not None:
        return constant(-((-a.constant.numerator) // a.constant.denominator) if up else a.constant.__floor__())
    bottom = _product(str(a.den), a.over)
    top = f"CAST({a.num} AS {INT})"
    towards_zero = f"({top} // {bottom})"
    beyond, step = (">", "+") if up else ("<", "-")
    return integer(
        f"({towards_zero} {step} (CASE WHEN {top} {beyond} 0 AND {towards_zero} * {bottom} <> {top} THEN 1 ELSE 0 END))"
    )


def compare(a: Term, operator: str, b: Term) -> Term:
    """A boolean; null where either side has no value."""
    left, right, _, over = _common(a, b)
    sql = f"({left} {operator} {right})"
    for term in (a, b):
        if term.over and over is not None and term.over == over and a.over == b.over:
            return Term("boolean", sql=f"(CASE WHEN {over} IS NULL THEN NULL ELSE {sql} END)")
    return Term("boolean", sql=sql)


def choose(branches: list[tuple[str, Term]], otherwise: Term | None) -> Term:
    """CASE: the first branch whose condition is true; terms of one kind."""
    terms = [t for _, t in branches] + ([otherwise] if otherwise else [])
    kind = next((t.kind for t in terms if t.kind != "null"), "number")
    if kind != "number":
        body = " ".join(f"WHEN {c} THEN {t.sql}" for c, t in branches)
        return Term(kind, sql=f"(CASE {body} ELSE {otherwise.sql if otherwise else 'NULL'} END)")
    den = lcm(*(t.den for t in terms))

    def case(of: list[str], last: str) -> str:
        body = " ".join(f"WHEN {c} THEN {value}" for (c, _), value in zip(branches, of, strict=True))
        return f"(CASE {body} ELSE {last} END)"

    tops = [_product(t.num, str(den // t.den)) for _, t in branches]
    top = case(tops, _product(otherwise.num, str(den // otherwise.den)) if otherwise else "NULL")
    overs = {t.over for t in terms}
    if overs == {None}:
        return Term("number", num=top, den=den)
    if len(overs) == 1:
        return Term("number", num=top, den=den, over=overs.pop())
    over = case([t.over or "1" for _, t in branches], (otherwise.over or "1") if otherwise else "NULL")
    return Term("number", num=top, den=den, over=over)


def known(a: Term) -> str:
    """An SQL condition: the term has a value."""
    if a.kind != "number":
        return f"({a.sql} IS NOT NULL)"
    parts = [f"{a.num} IS NOT NULL"] + ([f"{a.over} IS NOT NULL"] if a.over else [])
    return "(" + " AND ".join(parts) + ")"


def extreme(terms: list[Term], *, largest: bool) -> Term:
    """LEAST or GREATEST over the terms that have a value."""
    result = terms[0]
    if all(t.constant is not None for t in terms):
        pick = max if largest else min
        return constant(pick(t.constant for t in terms if t.constant is not None))
    for term in terms[1:]:
        better = compare(result, ">=" if largest else "<=", term).sql
        if term.constant is None:
            better = f"(NOT {known(term)} OR {better})"
        result = choose([(better, result)], term)
    return result


def shown(a: Term) -> str:
    """The number as a double, for people and files; comparisons never use it."""
    if a.kind != "number":
        return a.sql
    if a.den == 1 and a.over is None:
        return f"CAST({a.num} AS DOUBLE)"
    bottom = _product(str(a.den), a.over)
    return f"(CAST({a.num} AS DOUBLE) / CAST({bottom} AS DOUBLE))"
