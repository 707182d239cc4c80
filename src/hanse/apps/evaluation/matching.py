"""Would a row pass the filter of a metric, as far as that can be told without judging it?

For suggestions alone, which are judged like everything else once they are followed. What cannot be told is None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

from sqlglot import exp

from hanse.language.expressions import ExpressionError, parse

_MOST, _VALUES, _COLUMNS = 64, 6, 3  # rows tried for one filter; of so many values of so many columns
_COMPARED: dict[type, Callable[[Any, Any], bool]] = {
    exp.EQ: lambda a, b: a == b, exp.NEQ: lambda a, b: a != b, exp.LT: lambda a, b: a < b, exp.LTE: lambda a, b: a <= b,
    exp.GT: lambda a, b: a > b, exp.GTE: lambda a, b: a >= b,
}  # fmt: skip


class _UntoldError(Exception):
    """The filter says something that cannot be told from the row alone."""


def passes(text: str | None, row: Mapping[str, str | None]) -> bool | None:
    """Whether a row (texts and ISO days by column) passes; None where that cannot be told."""
    if not text:
        return True
    try:
        return _value(parse(text), row) is True
    except (_UntoldError, ExpressionError, TypeError):
        return None


def passing(text: str | None, fixed: Mapping[str, str], choices: Mapping[str, list[str]]) -> dict[str, str] | None:
    """The plainest row that passes, or that may: the fixed values, and of the others as few as possible. None where none does."""
    free = [name for name in choices if name not in fixed][:_COLUMNS]
    blank: dict[str, str | None] = dict.fromkeys(choices)
    options = [[None, *choices[name][:_VALUES]] for name in free]
    for values in sorted(product(*options), key=lambda one: sum(v is not None for v in one))[:_MOST]:
        row = blank | dict(zip(free, values, strict=True)) | dict(fixed)
        if passes(text, row) is not False:
            return {k: v for k, v in row.items() if v is not None}
    return None


def _value(node: exp.Expr, row: Mapping[str, str | None]) -> Any:
    """The value of an expression, None being unknown as in SQL."""
    if isinstance(node, exp.Paren):
        return _value(node.this, row)
    if isinstance(node, exp.Column) and node.name in row:
        return row[node.name]
    if isinstance(node, exp.Literal):
        return str(node.this)
    if isinstance(node, exp.And | exp.Or):
        return _joined(node, row)
    if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        return _value(node.this, row) is None
    if isinstance(node, exp.Coalesce):
        listed = (_value(part, row) for part in (node.this, *node.expressions))
        return next((one for one in listed if one is not None), None)
    return _tested(node, row)


def _tested(node: exp.Expr, row: Mapping[str, str | None]) -> bool | None:
    """A test of one value, unknown where the value is. Raises _UntoldError for anything else."""
    if type(node) not in _COMPARED and not isinstance(node, exp.Not | exp.In | exp.Like):
        raise _UntoldError
    own = _value(node.this, row)
    if own is None:
        return None
    if isinstance(node, exp.Not):
        return not own
    if isinstance(node, exp.In):
        return own in [_value(part, row) for part in node.expressions]
    if isinstance(node, exp.Like):
        return _like(str(own), str(_value(node.expression, row)))
    other = _value(node.expression, row)
    return None if other is None else _COMPARED[type(node)](own, other)


def _joined(node: exp.And | exp.Or, row: Mapping[str, str | None]) -> bool | None:
    sides = (_value(node.this, row), _value(node.expression, row))
    decides = isinstance(node, exp.Or)
    if decides in sides:
        return decides
    return None if None in sides else not decides


def _like(text: str, pattern: str) -> bool:
    parts = (".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern)
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None
