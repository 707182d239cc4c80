"""From an edition's metrics to columns: one wide table per grain, built in as few passes as the facts allow.

The grain of a metric is the partner, or the partner and one thing more (`per`). Metrics whose rows come from tables
(facts, SQL, other metrics as tables) are *sources*; the others are expressions over columns that are there already.
Sources that share a table are read in one pass. Every metric becomes one or two columns of its grain's wide table:
`x_NAME` (the numerator, or the text, day or truth) and `o_NAME` (the denominator where it comes from data).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from hanse.language import model
from hanse.language.exact import Term
from hanse.language.plan import quoted
from hanse.language.windows import add_months

Shift = tuple[int, int]  # months and days earlier
NOW: Shift = (0, 0)
PARTNER = ""


@dataclass(frozen=True)
class Instance:
    """A metric as of a day so much before the day judged."""

    name: str
    shift: Shift = NOW

    @property
    def column(self) -> str:
        if self.shift == NOW:
            return self.name
        return f"{self.name}_{self.shift[0]}m{self.shift[1]}d"

    def earlier(self, months: int, days: int) -> Instance:
        return Instance(self.name, (self.shift[0] + months, self.shift[1] + days))

    def shifted(self, at: model.Shift | None) -> Instance:
        return self.earlier(at.months, at.days) if at else self

    def day(self, as_of: date) -> date:
        return add_months(as_of, -self.shift[0]) - timedelta(days=self.shift[1])


@dataclass(frozen=True)
class Made:
    """A metric that is there: its kind, and how its columns read."""

    kind: str
    den: int = 1
    over: bool = False

    def columns(self, instance: Instance) -> list[str]:
        return [f"x_{instance.column}"] + ([f"o_{instance.column}"] if self.over else [])

    def term(self, instance: Instance, alias: str) -> Term:
        first = f"{alias}.{quoted(f'x_{instance.column}')}"
        if self.kind != "number":
            return Term(self.kind, sql=first)
        over = f"{alias}.{quoted(f'o_{instance.column}')}" if self.over else None
        return Term("number", num=first, den=self.den, over=over)


@dataclass
class SourceRelation:
    """Rows (pid, the grain's column, columns of one or more metrics), at most one row per key."""

    sql: str
    made: dict[Instance, Made]
    fills: dict[Instance, Term | None]
    among: Callable[[str], str] | None = None  # the same for the keys of a relation alone, which may be cheaper


@dataclass
class Wide:
    """The wide table of a grain as it grows: the step that holds it now, and what is in it."""

    grain: str
    step: str = ""
    version: int = 0
    made: dict[Instance, Made] = field(default_factory=dict)
    fills: dict[Instance, Term | None] = field(default_factory=dict)

    def next_name(self) -> str:
        self.version += 1
        return f"wide_{self.grain or 'partner'}_{self.version}"

    @property
    def key(self) -> list[str]:
        return ["pid"] if self.grain == PARTNER else ["pid", quoted(self.grain)]


def columns_of(term: Term, instance: Instance) -> tuple[list[str], Made]:
    """Select items that hold a term under the instance's column names, and how to read them back."""
    first = quoted(f"x_{instance.column}")
    if term.kind != "number":
        kind = "text" if term.kind == "null" else term.kind
        return [f"{term.sql} AS {first}"], Made(kind)
    items = [f"{term.num} AS {first}"]
    if term.over:
        items.append(f"{term.over} AS {quoted(f'o_{instance.column}')}")
    return items, Made("number", term.den, bool(term.over))


def filled(made: Made, instance: Instance, alias: str, fill: Term | None) -> list[str]:
    """Select items for a source's columns after joining: null becomes the fill where there is one."""
    items = []
    for index, column in enumerate(made.columns(instance)):
        name = f"{alias}.{quoted(column)}"
        if fill is None:
            items.append(f"{name} AS {quoted(column)}")
            continue
        if made.kind != "number":
            value = fill.sql
        elif index == 0:
            value = str(int(fill.constant * made.den)) if fill.constant is not None else fill.num
        else:
            value = "1"
        items.append(f"COALESCE({name}, {value}) AS {quoted(column)}")
    return items


def joined(sources: list[SourceRelation], base: str) -> tuple[str, dict[Instance, Made]]:
    """The wide table of the partner's grain with more sources, one left join each."""
    items, joins, made = ["m.*"], "", {}
    for index, source in enumerate(sources):
        alias = f"s{index}"
        joins += f" LEFT JOIN ({source.sql}) AS {alias} ON {alias}.pid = m.pid"
        for instance, how in source.made.items():
            items += filled(how, instance, alias, source.fills.get(instance))
            made[instance] = how
    return f"SELECT {', '.join(items)} FROM {base} AS m{joins}", made


def beside(base: str, key: list[str], sources: list[SourceRelation]) -> tuple[str, dict[Instance, Made]]:
    """The wide table of another grain with more sources beside it, for the keys that it has."""
    items, joins, made = ["b.*"], "", {}
    for index, source in enumerate(sources):
        assert source.among is not None
        alias = f"s{index}"
        on = " AND ".join(f"{alias}.{k} = b.{k}" for k in key)
        joins += f" LEFT JOIN ({source.among(base)}) AS {alias} ON {on}"
        for instance, how in source.made.items():
            items += filled(how, instance, alias, source.fills.get(instance))
            made[instance] = how
    return f"SELECT {', '.join(items)} FROM {base} AS b{joins}", made


def united(wide: Wide, sources: list[SourceRelation], base: str | None) -> tuple[str, dict[Instance, Made]]:
    """The wide table of another grain: keys from anywhere, so full joins by key.

    Every source has at most one row per key. Where a key is new to the base, its earlier sources get their fills.
    """
    made: dict[Instance, Made] = dict(wide.made)
    for source in sources:
        made.update(source.made)
        wide.fills.update(source.fills)
    relations = [(wide.made, base)] if base else []
    relations += [(source.made, f"({source.sql})") for source in sources]
    key = ", ".join(wide.key)
    joined_sql = f"{relations[0][1]} AS s0"
    for index, (_, relation) in enumerate(relations[1:], start=1):
        joined_sql += f" FULL JOIN {relation} AS s{index} USING ({key})"
    items = [*wide.key]
    for index, (own, _) in enumerate(relations):
        for instance, how in own.items():
            items += filled(how, instance, f"s{index}", wide.fills.get(instance))
    return f"SELECT {', '.join(items)} FROM {joined_sql}", made
