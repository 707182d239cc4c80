"""What does an SQL condition on two records say, reckoned in plain Python?

The conditions of `same_firm_evidence` are asked of a whole list by an engine. For one record and some fifty others, starting an engine costs more
than the answer: they are translated once, and give for a pair of records what the engine gives, unknown (None) included.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import sqlglot
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler
from sqlglot import exp

Record = Mapping[str, Any]
Answer = Callable[[Record, Record], Any]


@cache
def plain(condition: str) -> Answer:
    """The condition as a function of the records called _l and _r; columns of neither side are those of the first.

    Lists of distinct values are frozensets. Raises NotImplementedError for SQL that no condition uses.
    """
    return _made(sqlglot.parse_one(condition, read="duckdb"))


def _made(node: exp.Expr) -> Answer:
    made: Answer
    match node:
        case exp.Paren():
            made = _made(node.this)
        case exp.Column():
            made = _column(node.name)
        case exp.Boolean() | exp.Literal() | exp.Null():
            made = _constant(node)
        case exp.And() | exp.Or():
            made = _joined(node)
        case exp.Not():
            made = _not(_made(node.this))
        case exp.Is():
            made = _is(_made(node.this), node.expression)
        case exp.Case():
            made = _case(node)
        case exp.Coalesce():
            made = _coalesce([_made(one) for one in (node.this, *node.expressions)])
        case exp.Cast():
            made = _strict(str, _made(node.this))
        case _:
            made = _summed_weights(node) or _called(node)
    return made


def _column(name: str) -> Answer:
    column, side = name[:-2], name[-2:]
    if side == "_l":
        return lambda one, _: one[column]
    if side == "_r":
        return lambda _, other: other[column]
    return lambda one, _: one[name]


def _constant(node: exp.Expr) -> Answer:
    value: Any = None if isinstance(node, exp.Null) else node.this
    if isinstance(node, exp.Literal) and not node.is_string:
        value = float(value) if "." in value else int(value)
    return lambda _one, _other: value


def _joined(node: exp.And | exp.Or) -> Answer:
    """AND, or OR, which ends as soon as one part decides it."""
    parts = [_made(one) for one in node.flatten()]
    decides = isinstance(node, exp.Or)

    def answer(one: Record, other: Record) -> Any:
        unknown = False
        for part in parts:
            found = part(one, other)
            if found is None:
                unknown = True
            elif bool(found) is decides:
                return decides
        return None if unknown else not decides

    return answer


def _not(part: Answer) -> Answer:
    def answer(one: Record, other: Record) -> Any:
        found = part(one, other)
        return None if found is None else not found

    return answer


def _is(part: Answer, what: exp.Expr) -> Answer:
    value = None if isinstance(what, exp.Null) else what.this
    return lambda one, other: part(one, other) is value


def _case(node: exp.Case) -> Answer:
    branches = [(_made(one.this), _made(one.args["true"])) for one in node.args["ifs"]]
    default = _made(node.args["default"]) if node.args.get("default") else None

    def answer(one: Record, other: Record) -> Any:
        for condition, value in branches:
            if condition(one, other):
                return value(one, other)
        return default(one, other) if default else None

    return answer


def _coalesce(parts: list[Answer]) -> Answer:
    def answer(one: Record, other: Record) -> Any:
        for part in parts:
            found = part(one, other)
            if found is not None:
                return found
        return None

    return answer


def _summed_weights(node: exp.Expr) -> Answer | None:
    """list_sum(list_transform(list_intersect(a, b), lambda x: x % 256)): the weights of the words that two lists share."""
    if _name(node) != "list_sum":
        return None
    lists = [_made(one) for one in next(n for n in node.walk() if _name(n) == "list_intersect").iter_expressions()]

    def answer(one: Record, other: Record) -> Any:
        a, b = (part(one, other) for part in lists)
        if a is None or b is None:
            return None
        shared = a & b
        return sum(word % 256 for word in shared) if shared else None

    return answer


def _called(node: exp.Expr) -> Answer:
    name = _name(node)
    parts = [_made(one) for one in node.iter_expressions()]
    if name in _LOOSE:
        function = _LOOSE[name]

        def answer(one: Record, other: Record) -> Any:
            values = [found for part in parts if (found := part(one, other)) is not None]
            return function(values) if values else None

        return answer
    if name not in _FUNCTIONS:
        raise NotImplementedError(f"{name}: {node.sql(dialect='duckdb')}")
    return _strict(_FUNCTIONS[name], *parts)


def _strict(function: Callable[..., Any], *parts: Answer) -> Answer:
    """A function of which the answer is unknown where any of its parts is."""
    if len(parts) == 2:
        first, second = parts

        def of_two(one: Record, other: Record) -> Any:
            a = first(one, other)
            if a is None:
                return None
            b = second(one, other)
            return None if b is None else function(a, b)

        return of_two

    def of_any(one: Record, other: Record) -> Any:
        values = [part(one, other) for part in parts]
        return None if any(value is None for value in values) else function(*values)

    return of_any


def _name(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower()
    return _KNOWN_AS.get(type(node).__name__, type(node).__name__.lower())


_KNOWN_AS = {
    "Least": "least", "Greatest": "greatest", "ArraySum": "list_sum", "ArrayIntersect": "list_intersect", "StartsWith": "starts_with",
    "EndsWith": "suffix", "ArrayOverlaps": "list_has_any", "ArraySize": "len", "Length": "length", "SplitPart": "split_part",
    "JarowinklerSimilarity": "jaro_winkler_similarity", "RegexpReplace": "regexp_replace",
}  # fmt: skip
_LOOSE: dict[str, Callable[[list[Any]], Any]] = {"least": min, "greatest": max}  # they pass over what is not known
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "eq": lambda a, b: a == b, "neq": lambda a, b: a != b, "gt": lambda a, b: a > b, "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b, "lte": lambda a, b: a <= b, "add": lambda a, b: a + b, "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b, "dpipe": lambda a, b: a + b, "between": lambda a, low, high: low <= a <= high,
    "abs": abs, "len": len, "length": len, "left": lambda text, n: text[:n], "right": lambda text, n: text[-n:],
    "starts_with": lambda text, begin: text.startswith(begin), "suffix": lambda text, end: text.endswith(end),
    "contains": lambda text, part: part in text, "list_has_any": lambda a, b: not a.isdisjoint(b), "list_intersect": lambda a, b: a & b,
    "split_part": lambda text, mark, nth: (text.split(mark) + [""] * nth)[nth - 1],
    "regexp_replace": lambda text, what, by, _everywhere: re.sub(what, by, text),
    "damerau_levenshtein": DamerauLevenshtein.distance, "jaro_winkler_similarity": JaroWinkler.similarity,
}  # fmt: skip
