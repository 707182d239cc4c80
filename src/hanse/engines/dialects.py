"""How does a step, written once in DuckDB's dialect, read on PostgreSQL and on Spark?

sqlglot translates; the transforms here keep the meaning where its own translation would differ: whole division,
the width of integers, the type of a truncated day, texts compared by their bytes. The steps of a plan use the safe subset of SQL
(docs/language.md), so what is not listed here means the same everywhere.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Literal

import sqlglot
from sqlglot import exp

Dialect = Literal["postgres", "spark"]
_LONGEST_NAME = 63  # bytes that PostgreSQL keeps of a name
_DAYS_OR_MORE = {"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"}
_UNROUNDED = "28, 10"  # what the values of SQL metrics are cast to, whatever they were: sql_metrics.py


_REFERENCE = re.compile(r"\$(\w+)")
_PLACED = re.compile(r"step_(\d+)_placed")
_DAY = re.compile(r"'(\d{4}-\d{2}-\d{2})'")
_DAY_PLACED = re.compile(r"'@day(\d+)@'")


def translated(text: str, dialect: Dialect, of: Callable[[str], str]) -> str:
    """A step's statement in another dialect, `$name` replaced by `of(name)`. Raises ValueError for what has no equal there.

    The same statement is parsed once, whatever days and steps it names: a replay asks it for every day.
    """
    names = list(dict.fromkeys(_REFERENCE.findall(text)))
    days = list(dict.fromkeys(_DAY.findall(text)))
    placed = _REFERENCE.sub(lambda m: f"step_{names.index(m[1])}_placed", text)
    placed = _DAY.sub(lambda m: f"'@day{days.index(m[1])}@'", placed)
    done = _PLACED.sub(lambda m: of(names[int(m[1])]), _translated(placed, dialect))
    return _DAY_PLACED.sub(lambda m: f"'{days[int(m[1])]}'", done)


def fenced(text: str) -> str:
    """A translated step that PostgreSQL plans by itself: folded into its reader, an expression would be written out once per use,
    and layer upon layer of them twice, four, eight times. Plain filters may be folded.
    """
    return text if text.startswith("SELECT * FROM") else f"SELECT * FROM ({text}) AS fenced OFFSET 0"


@lru_cache(maxsize=4096)
def _translated(sql: str, dialect: Dialect) -> str:
    tree = sqlglot.parse_one(sql, read="duckdb")
    _expand_excluded(tree)
    transform = _postgres if dialect == "postgres" else _spark
    for node in reversed(list(tree.walk())):  # what is inside first, so that a transform sees it done
        changed = transform(node)
        if changed is not node:
            node.replace(changed)
    return tree.sql(dialect=dialect)


def _expand_excluded(tree: exp.Expr) -> None:
    """`g.* EXCLUDE (a)` as the columns that are left, where `g` is a SELECT whose columns are known."""
    for star in list(tree.find_all(exp.Star)):
        if not star.args.get("except_"):
            continue
        column, select = star.parent, star.find_ancestor(exp.Select)
        assert isinstance(column, exp.Column)
        assert select is not None
        without = {e.name for e in star.args["except_"]}
        kept = [n for n in _columns_of(select, column.table) if n not in without]
        at = select.expressions.index(column)
        listed = [exp.column(exp.to_identifier(n, quoted=True), table=column.table) for n in kept]
        select.set("expressions", [*select.expressions[:at], *listed, *select.expressions[at + 1 :]])


def _columns_of(select: exp.Select, alias: str) -> list[str]:
    """The names of the columns of the subquery of that alias. Raises ValueError where they stand in a table."""
    source = next((s for s in select.find_all(exp.Subquery) if s.alias == alias and s.parent_select is select), None)
    if source is None or not isinstance(source.this, exp.Select):
        raise ValueError(f"EXCLUDE needs columns that are written out, and those of {alias!r} are not")
    names: list[str] = []
    for item in source.this.expressions:
        if isinstance(item, exp.Column) and item.is_star:
            excluded = {e.name for e in item.this.args.get("except_") or ()}
            names += [n for n in _columns_of(source.this, item.table) if n not in excluded]
        else:
            names.append(item.alias_or_name)
    return names


def _postgres(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.DataType) and node.this in (exp.DType.INT128, exp.DType.UINT128):
        return exp.DataType.build("DECIMAL(38, 0)")
    if isinstance(node, exp.IntDiv):
        return exp.Anonymous(this="DIV", expressions=[_numeric(node.this), _numeric(node.expression)])
    if isinstance(node, exp.RegexpExtract):
        found = f"SUBSTRING({node.this.sql('postgres')} FROM {node.expression.sql('postgres')})"
        return sqlglot.parse_one(f"COALESCE({found}, '')", read="postgres")
    if isinstance(node, exp.DateTrunc | exp.TimestampTrunc):
        return _truncated(node, "postgres")
    if isinstance(node, exp.Like) and not isinstance(node.parent, exp.Escape) and _may_escape(node):
        return exp.Escape(this=node.copy(), expression=exp.Literal.string(""))
    if (
        isinstance(node, exp.Cast)
        and node.to.sql() == f"DECIMAL({_UNROUNDED})"
        and not isinstance(node.this, exp.Cast | exp.Literal)
    ):
        node.set("this", exp.cast(node.this, "TEXT"))  # a double becomes a numeric by all its digits, not by fifteen
    if isinstance(node, exp.Identifier) and len(node.this.encode()) > _LONGEST_NAME:
        digest = hashlib.sha256(node.this.encode()).hexdigest()[:12]
        node.set("this", node.this.encode()[: _LONGEST_NAME - 16].decode(errors="ignore") + "__" + digest)
    if isinstance(node, exp.Avg):
        return _mean(node)
    return node


def _spark(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.DataType) and node.this in (exp.DType.INT128, exp.DType.UINT128):
        return exp.DataType.build("DECIMAL(38, 0)")
    if isinstance(node, exp.DataType) and node.sql() == "DECIMAL(28, 0)":
        return exp.DataType.build(
            "DECIMAL(27, 0)"
        )  # so that 27 + 10 digits + 1 are kept whole when it is scaled by 1e-10
    if isinstance(node, exp.IntDiv):
        a, b = _paren(node.this), _paren(node.expression)
        whole = exp.Div(
            this=exp.paren(exp.Sub(this=a, expression=exp.Mod(this=a.copy(), expression=b))),
            expression=b.copy(),
            typed=True,
        )
        return exp.cast(whole, "DECIMAL(38, 0)")
    if isinstance(node, exp.Div) and not node.args.get("typed") and not _is_double(node.this):
        node.set("this", exp.cast(_paren(node.this), "DOUBLE"))
    if isinstance(node, exp.DateTrunc | exp.TimestampTrunc):
        return _truncated(node, "spark")
    if isinstance(node, exp.Window) and isinstance(node.this, exp.RowNumber) and not node.args.get("order"):
        node.set("order", exp.Order(expressions=_ordering(node)))
    if isinstance(node, exp.Sum) and _is_bigint(node.this):
        node.set("this", exp.cast(node.this, "DECIMAL(38, 0)"))
    if isinstance(node, exp.Avg):
        return _mean(node)
    if isinstance(node, exp.TryCast):
        return _read_text(node)
    return node


_DATE_LIKE = "^[ ]*[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}"
_READABLE = {  # what DuckDB reads in a text; Spark would also take a year for a day, and 1d for a number
    exp.DType.DATE: _DATE_LIKE + "([ T][0-9:.]*Z?)?[ ]*$",
    exp.DType.TIMESTAMP: _DATE_LIKE + "([ T][0-9]{1,2}:[0-9]{1,2}.*)?[ ]*$",
    exp.DType.TIMESTAMPNTZ: _DATE_LIKE + "([ T][0-9]{1,2}:[0-9]{1,2}.*)?[ ]*$",
    exp.DType.DOUBLE: "^.*[^dDfFlL ][ ]*$|^[ ]*[+-]?(inf|Inf|INF)$",
}


def _read_text(node: exp.TryCast) -> exp.Expr:
    """A text read as DuckDB reads it: whole numbers are rounded, digits may be grouped by underscores, days may have slashes."""
    kind, value = node.to.this, node.this.copy()
    if kind in _READABLE:
        text = value
        if kind != exp.DType.DOUBLE:
            text = exp.Anonymous(
                this="REPLACE", expressions=[value.copy(), exp.Literal.string("/"), exp.Literal.string("-")]
            )
        test = exp.RegexpLike(this=value, expression=exp.Literal.string(_READABLE[kind]))
        return exp.TryCast(this=exp.Case(ifs=[exp.If(this=test, true=text)]), to=node.to.copy(), safe=True)
    if kind not in (exp.DType.BIGINT, exp.DType.DECIMAL):
        return node
    plain = exp.Anonymous(
        this="REGEXP_REPLACE", expressions=[value, exp.Literal.string("(?<=[0-9])_(?=[0-9])"), exp.Literal.string("")]
    )
    if kind == exp.DType.DECIMAL:
        return exp.TryCast(this=plain, to=node.to.copy(), safe=True)
    exact = exp.TryCast(this=plain, to=exp.DataType.build("DECIMAL(38, 10)"), safe=True)
    return exp.TryCast(this=exp.Round(this=exact, decimals=exp.Literal.number(0)), to=node.to.copy(), safe=True)


def _numeric(node: exp.Expr) -> exp.Expr:
    return exp.cast(node, "DECIMAL")


def _paren(node: exp.Expr) -> exp.Expr:
    return (
        node.copy()
        if isinstance(node, exp.Column | exp.Literal | exp.Paren | exp.Cast | exp.Func)
        else exp.paren(node.copy())
    )


def _truncated(node: exp.Expr, dialect: Dialect) -> exp.Expr:
    """The first day of a month, quarter or year as a day: PostgreSQL would give a moment in the session's time zone."""
    unit = node.text("unit").upper()
    if unit not in _DAYS_OR_MORE:
        raise ValueError(f"a moment truncated to its {unit.lower()} differs between engines")
    value = node.this.sql(dialect)
    if dialect == "spark":
        return sqlglot.parse_one(f"CAST(DATE_TRUNC('{unit}', CAST({value} AS TIMESTAMP_NTZ)) AS DATE)", read="spark")
    return exp.cast(
        exp.Anonymous(
            this="DATE_TRUNC", expressions=[exp.Literal.string(unit.lower()), exp.cast(node.this, "TIMESTAMP")]
        ),
        "DATE",
    )


def _may_escape(node: exp.Like) -> bool:
    """DuckDB's LIKE has no escape character unless one is named."""
    pattern = node.expression
    return not (isinstance(pattern, exp.Literal) and "\\" not in pattern.this)


def _mean(node: exp.Avg) -> exp.Expr:
    """A mean is a double: the exact sum over the count."""
    if isinstance(node.parent, exp.Filter | exp.Window):
        node.set("this", exp.cast(node.this, "DOUBLE"))
        return node
    value = node.this
    return exp.paren(exp.Div(
        this=exp.cast(exp.Sum(this=value.copy()), "DOUBLE"),
        expression=exp.Nullif(this=exp.Count(this=value.copy()), expression=exp.Literal.number(0)), typed=True,
    ))  # fmt: skip


def _is_double(node: exp.Expr) -> bool:
    return isinstance(node, exp.Cast) and node.to.this == exp.DType.DOUBLE


def _is_bigint(node: exp.Expr) -> bool:
    """Certainly an integer, and no wider than 64 bits: its sum might not be."""
    node = node.unnest()
    if isinstance(node, exp.Case):
        results = [i.args["true"] for i in node.args["ifs"]] + (
            [node.args["default"]] if node.args.get("default") else []
        )
        kinds = [r for r in results if not isinstance(r, exp.Null)]
        return bool(kinds) and all(_is_bigint(r) for r in kinds)
    if isinstance(node, exp.Mul):
        return _is_bigint(node.this) and _is_bigint(node.expression)
    if isinstance(node, exp.Literal):
        return node.is_int
    return isinstance(node, exp.Cast) and node.to.this in (exp.DType.BIGINT, exp.DType.INT)


def _ordering(window: exp.Window) -> list[exp.Expr]:
    """Spark numbers rows only in an order: by the other columns of the SELECT, so that a repeated run numbers alike."""
    select = window.find_ancestor(exp.Select)
    named = [e.unalias() for e in select.expressions if isinstance(e.unalias(), exp.Column)] if select else []
    return [exp.Ordered(this=c.copy(), nulls_first=False) for c in named if not c.is_star] or [
        exp.Ordered(this=exp.Literal.string(""))
    ]
