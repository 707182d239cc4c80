"""What every part of the compiler shares: the edition, the days, the facts that are there, and the plan as it grows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from hanse.language import exact, values
from hanse.language.edition import Edition
from hanse.language.exact import Term
from hanse.language.expressions import ExpressionError
from hanse.language.metrics import Instance, Made, Wide
from hanse.language.money import Rates
from hanse.language.plan import Plan, literal
from hanse.language.problems import EditionError, Problem, nearest
from hanse.language.source import Path_
from hanse.language.staging import Staging


@dataclass(frozen=True)
class FactsInfo:
    """What is known of the facts before any is read: columns with their SQL types by table, and the exchange rates."""

    schema: Mapping[str, Mapping[str, str]]
    rates: Rates
    rates_key: str = "ecb"


@dataclass(frozen=True)
class Days:
    """The day judged, the day whose rules apply, and the moment up to which facts had been learned."""

    as_of: date
    rules_as_of: date
    known_at: datetime | None = None


@dataclass(frozen=True)
class Predicate:
    """One condition on a row of facts, and the reason given when the row fails it."""

    sql: str
    reason: str
    detail: str = ""


@dataclass
class Context:
    """One compilation. `made` lists the metrics that are there, with the grain whose wide table holds them."""

    edition: Edition
    days: Days
    facts: FactsInfo
    plan: Plan
    staging: Staging
    wides: dict[str, Wide] = field(default_factory=dict)
    grains: dict[Instance, str] = field(default_factory=dict)
    ready: set[str] = field(default_factory=set)  # competencies_held, standings: tables made on the way
    whole_years: bool = False  # exchange rates cover whole years, whatever days are seen
    first_steps: dict[Instance, str] = field(default_factory=dict)  # the wide step in which a metric first stands
    shown: frozenset[str] = frozenset()  # metrics that are outputs themselves
    minor: set[Instance] = field(default_factory=set)  # metrics per competency that make no competency by themselves
    persons: dict[tuple[str, str], str] = field(default_factory=dict)  # rows read -> step with one row per person
    held_step: str = "competencies_held"  # the competencies held so far, while some are still being judged
    every_check: bool = False  # also those of competencies far from being held: for a partner or two

    @property
    def made(self) -> set[Instance]:
        return set(self.grains)

    @cached_property
    def classifications(self) -> dict[str, frozenset[str]]:
        """All that a table of numbers may be keyed by: country classes, levels, competencies, text metrics."""
        found = dict(self.edition.classifications)
        for name, metric in self.edition.metrics.items():
            if metric.kind == "text":
                found[name] = frozenset()
        return found

    @cached_property
    def fiscal_start(self) -> tuple[int, int]:
        month, day = self.edition.programme.fiscal_year_starts.split("-")
        return int(month), int(day)

    def metric_error(self, name: str, what: str, why: str, remedy: str, *path: str | int) -> EditionError:
        return self.edition.source_of("metrics").error((name, *path), what, why, remedy)

    def value(self, raw: object, file: str, path: Path_, unit: str | None = None) -> values.Resolved:
        """A value of the edition, in force on the day whose rules apply, in the metric's own unit."""
        source = self.edition.source_of(file)
        found = values.resolve(raw, self.days.rules_as_of, self._classes_for(raw), source, path)
        return values.plain(found, unit, source, path)

    def single(self, raw: object, file: str, path: Path_, unit: str | None = None) -> Term:
        """A value that must be one number, the same for everybody."""
        found = self.value(raw, file, path, unit)
        if isinstance(found, values.ByClass):
            raise self.edition.source_of(file).error(
                path, "a table by class stands here", "one number is needed that holds for everybody",
                "use the table in a threshold or in a parameter of a derived metric",
            )  # fmt: skip
        return exact.constant(found.value)

    def _classes_for(self, raw: object) -> dict[str, frozenset[str]]:
        """Text metrics have no list of classes: they own whatever keys no other classification knows."""
        known = {c for members in self.edition.classifications.values() for c in members}
        open_ended = [n for n, members in self.classifications.items() if n not in self.edition.classifications]
        keys: set[str] = set()
        for table in raw if isinstance(raw, list) else [raw]:
            inner = table.get("is", table) if isinstance(table, dict) and isinstance(raw, list) else table
            keys |= {k for k in inner if k != values.ELSE} if isinstance(inner, dict) else set()
        found = dict(self.edition.classifications)
        if len(open_ended) == 1 and keys - known:
            found[open_ended[0]] = frozenset(keys)
        elif len(open_ended) > 1 and keys - known:
            for name in open_ended:
                texts = self.texts_of(name)
                if keys <= texts:
                    found[name] = frozenset(keys)
        return found

    def texts_of(self, name: str) -> frozenset[str]:
        """The texts that a text metric's expression can give."""
        from hanse.language.expressions import literals

        expr = getattr(self.edition.metrics[name], "expr", None)
        return literals(expr) if expr else frozenset()

    def parameter(self, name: str) -> Term | None:
        """A parameter as a constant, or None where there is none. Tables by class are `table_parameter`s."""
        raw = self.edition.programme.parameters.get(name)
        if raw is None:
            return None
        found = self.value(raw, "programme", ("parameters", name), unit=self.edition.programme.currency)
        if isinstance(found, values.ByClass):
            raise ExpressionError(f"the parameter {name!r} is a table by class, which only a metric may use")
        return exact.constant(found.value)

    def day_name(self, name: str) -> Term | None:
        """`as_of` and `rules_as_of` in expressions."""
        if name == "as_of":
            return Term("date", sql=literal(self.days.as_of))
        if name == "rules_as_of":
            return Term("date", sql=literal(self.days.rules_as_of))
        return None

    def wide(self, grain: str) -> Wide:
        return self.wides.setdefault(grain, Wide(grain))

    def how(self, instance: Instance) -> Made:
        return self.wides[self.grains[instance]].made[instance]

    def unknown(self, name: str, known: set[str]) -> ExpressionError:
        return ExpressionError(f"{name!r} is not known here; {nearest(name, known)}")

    def fail(self, problem: Problem) -> EditionError:
        return EditionError(problem)
