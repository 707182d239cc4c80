"""What an edition may write in `expr`, `filter`, `measure` and `when`: SQL scalar expressions, checked and exact.

Parsed by sqlglot, walked once: every name is resolved by the caller, every operator by `exact`. What is not
listed here is refused, so no expression can read anything but the columns it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import exp

from hanse.language import exact
from hanse.language.exact import Term

Resolver = Callable[[str], Term]
_ARITHMETIC: dict[type, Callable[[Term, Term], Term]] = {
    exp.Add: exact.plus,
    exp.Sub: lambda a, b: exact.plus(a, b, "-"),
    exp.Mul: exact.times,
    exp.Div: exact.ratio,
}
_COMPARISONS: dict[type, str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip


class ExpressionError(ValueError):
    """What is wrong with an expression, in the words of a sentence; the caller knows the place."""


@lru_cache(maxsize=4096)
def parse(text: str) -> exp.Expr:
    """The expression as a tree. Raises ExpressionError when it is not one SQL expression."""
    try:
        tree = sqlglot.parse_one(text, read="duckdb")
    except sqlglot.errors.SqlglotError as error:
        listed = getattr(error, "errors", None)
        detail = listed[0].get("description", "") if listed else str(error)
        raise ExpressionError(f"{text!r} is not an SQL expression: {detail}") from error
    if tree is None or isinstance(tree, exp.Query | exp.DDL | exp.DML | exp.Command):
        raise ExpressionError(f"{text!r} is not an expression: statements are not allowed here")
    return tree


@lru_cache(maxsize=4096)
def names(text: str) -> frozenset[str]:
    """The column, metric and parameter names that an expression mentions."""
    return frozenset(column.name for column in parse(text).find_all(exp.Column))


def literals(text: str) -> frozenset[str]:
    """The texts that stand in an expression."""
    return frozenset(str(node.this) for node in parse(text).find_all(exp.Literal) if node.is_string)


def compile_expression(text: str, resolve: Resolver) -> Term:
    """The expression as exact SQL. `resolve` gives the term of a name or raises ExpressionError."""
    return _Walker(text, resolve).term(parse(text))


class _Walker:
    def __init__(self, text: str, resolve: Resolver) -> None:
        self.text, self.resolve = text, resolve

    def fail(self, why: str) -> ExpressionError:
        return ExpressionError(f"in {self.text!r}: {why}")

    def term(self, node: exp.Expr) -> Term:
        if isinstance(node, exp.Paren):
            return self.term(node.this)
        if isinstance(node, exp.Column):
            if node.table:
                raise self.fail(f"{node.sql()!r} has a table name; columns stand without one")
            return self.resolve(node.name)
        if isinstance(node, exp.Literal):
            return self._literal(node)
        for kinds, handler in self._HANDLERS:
            if isinstance(node, kinds):
                found: Term = handler(self, node)
                return found
        raise self.fail(f"{node.sql(dialect='duckdb')!r} is not allowed in an expression")

    def _literal(self, node: exp.Literal) -> Term:
        if node.is_string:
            return Term("text", sql=node.sql(dialect="duckdb"))
        return exact.constant(Fraction(str(node.this)))

    def _constant(self, node: exp.Expr) -> Term:
        if isinstance(node, exp.Null):
            return Term("null", sql="NULL")
        return Term("boolean", sql=node.sql(dialect="duckdb"))

    def _two(self, node: Any, left: exp.Expr, right: exp.Expr) -> tuple[Term, Term]:
        a, b = self.term(left), self.term(right)
        if a.kind == "date" and b.kind == "text":
            b = self._day(b)
        if b.kind == "date" and a.kind == "text":
            a = self._day(a)
        if a.kind == "null" or b.kind == "null":
            raise self.fail("compare with null by `is null`")
        if a.kind != b.kind:
            raise self.fail(f"{node.sql(dialect='duckdb')!r} mixes a {a.kind} and a {b.kind}")
        return a, b

    def _day(self, text: Term) -> Term:
        try:
            day = date.fromisoformat(text.sql.strip("'"))
        except ValueError as error:
            raise self.fail(f"{text.sql} is not a day") from error
        return Term("date", sql=f"CAST('{day}' AS DATE)")

    def _arithmetic(self, node: Any) -> Term:
        if isinstance(node.expression, exp.Interval) or isinstance(node.this, exp.Interval):
            return self._shifted(node)
        a, b = self._two(node, node.this, node.expression)
        if a.kind != "number":
            raise self.fail(f"{node.sql(dialect='duckdb')!r} computes with a {a.kind}")
        return _ARITHMETIC[type(node)](a, b)

    def _shifted(self, node: Any) -> Term:
        day = self.term(node.this)
        if day.kind != "date" or not isinstance(node, exp.Add | exp.Sub):
            raise self.fail("an interval is added to or taken from a date")
        interval = node.expression.sql(dialect="duckdb")
        sign = "+" if isinstance(node, exp.Add) else "-"
        return Term("date", sql=f"CAST({day.sql} {sign} {interval} AS DATE)")

    def _comparison(self, node: Any) -> Term:
        a, b = self._two(node, node.this, node.expression)
        operator = _COMPARISONS[type(node)]
        if a.kind == "number":
            return exact.compare(a, operator, b)
        return Term("boolean", sql=f"({a.sql} {operator} {b.sql})")

    def _logic(self, node: Any) -> Term:
        word = "AND" if isinstance(node, exp.And) else "OR"
        return Term("boolean", sql=f"({self.condition(node.this)} {word} {self.condition(node.expression)})")

    def condition(self, node: exp.Expr) -> str:
        term = self.term(node)
        if term.kind not in ("boolean", "null"):
            raise self.fail(f"{node.sql(dialect='duckdb')!r} is a {term.kind}, not a condition")
        return term.sql

    def _not(self, node: Any) -> Term:
        return Term("boolean", sql=f"(NOT {self.condition(node.this)})")

    def _negative(self, node: Any) -> Term:
        return exact.negative(self.term(node.this))

    def _between(self, node: Any) -> Term:
        low = self._comparison(exp.GTE(this=node.this, expression=node.args["low"]))
        high = self._comparison(exp.LTE(this=node.this, expression=node.args["high"]))
        return Term("boolean", sql=f"({low.sql} AND {high.sql})")

    def _in(self, node: Any) -> Term:
        if node.args.get("query") is not None:
            raise self.fail("a query is not allowed after `in`; list the values")
        each = [self._comparison(exp.EQ(this=node.this, expression=value)).sql for value in node.expressions]
        return Term("boolean", sql=f"({' OR '.join(each)})")

    def _is(self, node: Any) -> Term:
        term = self.term(node.this)
        if isinstance(node.expression, exp.Null):
            return Term("boolean", sql=f"(NOT {exact.known(term)})")
        if isinstance(node.expression, exp.Boolean) and term.kind == "boolean":
            return Term("boolean", sql=f"({term.sql} IS {node.expression.sql()})")
        raise self.fail("`is` is followed by null, not null, true or false")

    def _like(self, node: Any) -> Term:
        a, b = self._two(node, node.this, node.expression)
        if a.kind != "text":
            raise self.fail("`like` compares texts")
        return Term("boolean", sql=f"({a.sql} LIKE {b.sql})")

    def _case(self, node: Any) -> Term:
        branches = []
        for branch in node.args["ifs"]:
            test = branch.this
            if node.this is not None:
                test = exp.EQ(this=node.this, expression=test)
            branches.append((self.condition(test), self.term(branch.args["true"])))
        default = node.args.get("default")
        return self._chosen(node, branches, self.term(default) if default is not None else None)

    def _if(self, node: Any) -> Term:
        false = node.args.get("false")
        branch = (self.condition(node.this), self.term(node.args["true"]))
        return self._chosen(node, [branch], self.term(false) if false is not None else None)

    def _chosen(self, node: Any, branches: list[tuple[str, Term]], default: Term | None) -> Term:
        kinds = {t.kind for _, t in branches} | ({default.kind} if default else set())
        kinds.discard("null")
        if len(kinds) > 1:
            raise self.fail(f"{node.sql(dialect='duckdb')!r} gives now a {' and now a '.join(sorted(kinds))}")
        return exact.choose(branches, default)

    def _coalesce(self, node: Any) -> Term:
        terms = [self.term(t) for t in [node.this, *node.expressions]]
        if terms[0].kind != "number":
            return Term(terms[0].kind, sql=f"COALESCE({', '.join(t.sql for t in terms)})")
        return self._chosen(node, [(exact.known(t), t) for t in terms[:-1]], terms[-1])

    def _extreme(self, node: Any) -> Term:
        terms = [self.term(t) for t in [node.this, *node.expressions]]
        largest = isinstance(node, exp.Greatest)
        if all(t.kind in ("date", "text") for t in terms):
            word = "GREATEST" if largest else "LEAST"
            return Term(terms[0].kind, sql=f"{word}({', '.join(t.sql for t in terms)})")
        return exact.extreme([self._number(t) for t in terms], largest=largest)

    def _number(self, term: Term) -> Term:
        if term.kind != "number":
            raise self.fail(f"a {term.kind} stands where a number is needed")
        return term

    def _function(self, node: Any) -> Term:
        term = self.term(node.this)
        if isinstance(node, exp.Abs):
            return exact.absolute(self._number(term))
        if isinstance(node, exp.Floor | exp.Ceil):
            return exact.whole(self._number(term), up=isinstance(node, exp.Ceil))
        if term.kind != "text":
            raise self.fail(f"{node.sql(dialect='duckdb')!r} needs a text")
        return Term("text", sql=f"{'LOWER' if isinstance(node, exp.Lower) else 'UPPER'}({term.sql})")

    def _extract(self, node: Any) -> Term:
        inner = node.args["expression"] if isinstance(node, exp.Extract) else node.this
        if isinstance(inner, exp.TsOrDsToDate):
            inner = inner.this
        day = self.term(inner)
        part = node.name.upper() if isinstance(node, exp.Extract) else type(node).__name__.upper()
        if day.kind != "date" or part not in ("YEAR", "MONTH", "DAY", "QUARTER"):
            raise self.fail("extract takes the year, quarter, month or day of a date")
        return exact.integer(f"CAST(EXTRACT({part} FROM {day.sql}) AS BIGINT)")

    def _cast(self, node: Any) -> Term:
        inner = self.term(node.this)
        if node.to.is_type("date") and inner.kind in ("text", "date"):
            return self._day(inner) if inner.kind == "text" else inner
        if node.to.is_type("boolean") and inner.kind == "boolean":
            return inner
        raise self.fail("only a text may be cast, to a date")

    def _concat(self, node: Any) -> Term:
        a, b = self._two(node, node.this, node.expression)
        return Term("text", sql=f"({a.sql} || {b.sql})")

    _HANDLERS: tuple[tuple[Any, Any], ...] = (
        (tuple(_ARITHMETIC), _arithmetic),
        (tuple(_COMPARISONS), _comparison),
        ((exp.And, exp.Or), _logic),
        ((exp.Null, exp.Boolean), _constant),
        (exp.Not, _not),
        (exp.Neg, _negative),
        (exp.Between, _between),
        (exp.In, _in),
        (exp.Is, _is),
        (exp.Like, _like),
        (exp.If, _if),
        (exp.Case, _case),
        (exp.Coalesce, _coalesce),
        ((exp.Least, exp.Greatest), _extreme),
        ((exp.Abs, exp.Floor, exp.Ceil, exp.Lower, exp.Upper), _function),
        ((exp.Extract, exp.Year, exp.Month, exp.Day, exp.Quarter), _extract),
        (exp.Cast, _cast),
        (exp.DPipe, _concat),
    )
