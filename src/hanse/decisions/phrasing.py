"""How does a condition or a formula of a programme read, in words?

Everything that `language.expressions` lets an author write has its phrase here; what it refuses never gets this far.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

from sqlglot import exp

from hanse.decisions.naming import Names, plain
from hanse.language import values
from hanse.language.expressions import ExpressionError, parse
from hanse.language.problems import HanseError
from hanse.language.words import mark

_COMPARED = {
    exp.EQ: mark("{a} is {b}"), exp.NEQ: mark("{a} is not {b}"), exp.LT: mark("{a} is below {b}"),
    exp.LTE: mark("{a} is at most {b}"), exp.GT: mark("{a} is above {b}"), exp.GTE: mark("{a} is at least {b}"),
}  # fmt: skip
_ON_DAYS = {
    exp.LT: mark("{a} is before {b}"), exp.LTE: mark("{a} is not after {b}"), exp.GT: mark("{a} is after {b}"),
    exp.GTE: mark("{a} is not before {b}"),
}  # fmt: skip
_PARTS = {
    "YEAR": mark("the year of {a}"), "MONTH": mark("the month of {a}"), "DAY": mark("the day of the month of {a}"),
    "QUARTER": mark("the quarter of {a}"),
}  # fmt: skip
_SPANS = {"month": mark("{n} months"), "day": mark("{n} days"), "year": mark("{n} years"), "week": mark("{n} weeks")}


def phrase(text: str, names: Names) -> str:
    """An expression in words. One that cannot be read is said with blanks for its signs, which no shipped one needs."""
    try:
        return _Phrasing(names).of(parse(text))
    except ExpressionError:
        return plain(text)


class _Phrasing:
    def __init__(self, names: Names) -> None:
        self.names, self.say = names, names.words.say

    def of(self, node: Any) -> str:
        for kinds, handler in self._HANDLERS:
            if isinstance(node, kinds):
                found: str = handler(self, node)
                return found
        return plain(node.sql(dialect="duckdb").lower())

    def name(self, node: Any) -> str:
        name, names = str(node.name), self.names
        if name in names.metrics:
            return names.metric(name)
        parameters = names.edition.programme.parameters
        if name in parameters:
            try:
                found = names.ctx.value(parameters[name], "programme", ("parameters", name))
            except HanseError:
                return plain(name)
            return plain(name) if isinstance(found, values.ByClass) else names.quantity(found, None)
        return names.column(name)

    def literal(self, node: Any) -> str:
        if not node.is_string:
            return self.names.quantity(Fraction(str(node.this)), None)
        day = _day(str(node.this))
        return self.names.words.day(day) if day else self.names.said(str(node.this))

    def inner(self, node: Any) -> str:
        """A part of something larger: in brackets where it would be misread without."""
        found = self.of(node)
        inside = node.this if isinstance(node, exp.Paren) else node
        loose = isinstance(inside, exp.And | exp.Or | exp.Add | exp.Sub | exp.Case | exp.If)
        return f"({found})" if loose else found

    def arithmetic(self, node: Any) -> str:
        sign = {exp.Add: "+", exp.Sub: "−", exp.Mul: "×", exp.Div: "÷"}[type(node)]
        if isinstance(node, exp.Add | exp.Sub):
            chain = isinstance(node.this, exp.Add | exp.Sub)
            left = self.of(node.this) if chain else self.inner(node.this)
            return f"{left} {sign} {self.inner(node.expression)}"
        return f"{self.inner(node.this)} {sign} {self.inner(node.expression)}"

    def comparison(self, node: Any) -> str:
        days = any(self._is_day(side) for side in (node.this, node.expression))
        says = _ON_DAYS.get(type(node)) if days else None
        return self.say(says or _COMPARED[type(node)], a=self.inner(node.this), b=self.inner(node.expression))

    def _is_day(self, node: Any) -> bool:
        if isinstance(node, exp.Literal):
            return node.is_string and _day(str(node.this)) is not None
        if isinstance(node, exp.Cast):
            return True
        if isinstance(node, exp.Add | exp.Sub):
            return isinstance(node.expression, exp.Interval)
        return isinstance(node, exp.Column) and node.name in ("as_of", "rules_as_of")

    def logic(self, node: Any) -> str:
        flat = _same(node, type(node))
        word = mark("{a} and {b}") if isinstance(node, exp.And) else mark("{a} or {b}")
        parts = [self.inner(part) for part in flat]
        found = parts[0]
        for part in parts[1:]:
            found = self.say(word, a=found, b=part)
        return found

    def negated(self, node: Any) -> str:
        inside = node.this.this if isinstance(node.this, exp.Paren) else node.this
        if isinstance(inside, exp.Is) and isinstance(inside.expression, exp.Null):
            return self.say("{a} is given", a=self.inner(inside.this))
        if isinstance(inside, exp.In):
            return self.say("{a} is none of {b}", a=self.inner(inside.this), b=self._listed(inside.expressions))
        return self.say("not ({a})", a=self.of(inside))

    def negative(self, node: Any) -> str:
        return f"−{self.inner(node.this)}"

    def between(self, node: Any) -> str:
        low, high = self.inner(node.args["low"]), self.inner(node.args["high"])
        return self.say("{a} is from {low} to {high}", a=self.inner(node.this), low=low, high=high)

    def one_of(self, node: Any) -> str:
        if len(node.expressions) == 1:
            return self.say("{a} is {b}", a=self.inner(node.this), b=self.of(node.expressions[0]))
        return self.say("{a} is one of {b}", a=self.inner(node.this), b=self._listed(node.expressions))

    def _listed(self, nodes: list[Any]) -> str:
        return self.names.words.listed([self.of(one) for one in nodes], at_most=len(nodes))

    def given(self, node: Any) -> str:
        if isinstance(node.expression, exp.Null):
            return self.say("{a} is not given", a=self.inner(node.this))
        return self.say("{a} is {b}", a=self.inner(node.this), b=self.of(node.expression))

    def like(self, node: Any) -> str:
        shown = str(node.expression.this).replace("%_", "…").replace("%", "…").replace("_", "?")
        return self.say("{a} has the form {form}", a=self.inner(node.this), form=self.say("“{text}”", text=shown))

    def case(self, node: Any) -> str:
        found = []
        for branch in node.args["ifs"]:
            test = branch.this if node.this is None else exp.EQ(this=node.this, expression=branch.this)
            found.append(self.say("{value} if {test}", value=self.of(branch.args["true"]), test=self.of(test)))
        default = node.args.get("default")
        if default is not None:
            found.append(self.say("else {value}", value=self.of(default)))
        return ", ".join(found)

    def chosen(self, node: Any) -> str:
        found = self.say("{value} if {test}", value=self.of(node.args["true"]), test=self.of(node.this))
        other = node.args.get("false")
        return f"{found}, {self.say('else {value}', value=self.of(other))}" if other is not None else found

    def coalesce(self, node: Any) -> str:
        parts = [self.inner(one) for one in (node.this, *node.expressions)]
        return self.say("{a} (where not given: {b})", a=parts[0], b=", ".join(parts[1:]))

    def extreme(self, node: Any) -> str:
        listed = ", ".join(self.of(one) for one in (node.this, *node.expressions))
        says = mark("the largest of {a}") if isinstance(node, exp.Greatest) else mark("the smallest of {a}")
        return self.say(says, a=f"({listed})")

    def function(self, node: Any) -> str:
        a = self.inner(node.this)
        if isinstance(node, exp.Abs):
            return self.say("{a} without its sign", a=a)
        if isinstance(node, exp.Floor):
            return self.say("{a} rounded down", a=a)
        return self.say("{a} rounded up", a=a) if isinstance(node, exp.Ceil) else a

    def extract(self, node: Any) -> str:
        inner = node.args["expression"] if isinstance(node, exp.Extract) else node.this
        inner = inner.this if isinstance(inner, exp.TsOrDsToDate) else inner
        part = node.name.upper() if isinstance(node, exp.Extract) else type(node).__name__.upper()
        return self.say(_PARTS.get(part, "{a}"), a=self.inner(inner))

    def interval(self, node: Any) -> str:
        parts = str(node.this.name if node.this is not None else "").split()
        unit = str(node.args.get("unit") or (parts[1] if len(parts) > 1 else "")).lower().rstrip("s")
        return self.say(_SPANS.get(unit, "{n}"), n=parts[0] if parts else "")

    def constant(self, node: Any) -> str:
        if isinstance(node, exp.Null):
            return self.say("nothing")
        return self.say("yes") if node.this else self.say("no")

    def inside(self, node: Any) -> str:
        return self.of(node.this)

    def joined(self, node: Any) -> str:
        return f"{self.inner(node.this)} {self.inner(node.expression)}"

    _HANDLERS: tuple[tuple[Any, Callable[[_Phrasing, Any], str]], ...] = (
        (exp.Paren, inside), (exp.Column, name), (exp.Literal, literal), ((exp.And, exp.Or), logic),
        (exp.Not, negated), (exp.Neg, negative), (exp.Between, between), (exp.In, one_of), (exp.Is, given),
        (exp.Like, like), (exp.Case, case), (exp.If, chosen), (exp.Coalesce, coalesce),
        ((exp.Least, exp.Greatest), extreme), ((exp.Abs, exp.Floor, exp.Ceil, exp.Lower, exp.Upper), function),
        ((exp.Extract, exp.Year, exp.Month, exp.Day, exp.Quarter), extract), (exp.Cast, inside),
        (exp.Interval, interval), ((exp.Null, exp.Boolean), constant), (tuple(_COMPARED), comparison),
        ((exp.Add, exp.Sub, exp.Mul, exp.Div), arithmetic), (exp.DPipe, joined),
    )  # fmt: skip


def _same(node: Any, kind: Any) -> list[Any]:
    """The parts of a chain of one word, in order."""
    if isinstance(node, kind):
        return [*_same(node.this, kind), *_same(node.expression, kind)]
    return [node]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
