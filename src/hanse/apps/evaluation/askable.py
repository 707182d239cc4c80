"""Which facts may be supposed? Those that an edition looks at: its tables, their columns, the values that it knows.

Read from the edition alone, whatever programme it is: what its metrics count, compare and weigh.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from hanse.apps.evaluation.matching import passes
from hanse.language import model
from hanse.language.edition import Edition
from hanse.language.expressions import ExpressionError, names, parse
from hanse.language.facts import FROM_EMPLOYMENT, Column, FactTable

# what is never supposed: who is who, what belongs to everybody, and what the vendor decides in spite of the numbers
_NEVER = frozenset({"partners", "people", "locations", "customers", "ownership", "rates", "exceptions", "benefit_uses"})
_ORDER = ("sales", "surveys", "references", "deals", "series", "contracts", "associations", "attestations")
CERTIFICATES = "certifications"
_OF_THE_FORM = frozenset({"person", "certificate", "earned", "expires"})


@dataclass(frozen=True)
class Field:
    """A column that somebody may fill. `values` are those that the edition names, with what they are called there."""

    column: Column
    required: bool
    values: Mapping[str, Mapping[str, str] | None] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.column.name


@dataclass(frozen=True)
class Askable:
    """What may be supposed under an edition: fields by table, and certificates with the competencies they count for.

    `people` says whether it looks at people and their certificates at all, `filters` by what.
    """

    tables: Mapping[str, tuple[Field, ...]]
    certificates: Mapping[str, tuple[str, ...]]
    about_people: tuple[Field, ...]  # further columns of a certificate, or of the employment, that metrics look at
    people: bool
    filters: tuple[str, ...]

    def knows(self, certificate: str) -> bool:
        """Is there such a certificate, as far as the edition says: by name, or by what a metric counts?"""
        if certificate in self.certificates:
            return True
        return any(passes(text, {"certificate": certificate}) is not False for text in self.filters)


_known: dict[str, Askable] = {}


def askable(edition: Edition) -> Askable:
    """What may be supposed under an edition; worked out once for each content."""
    found = _known.get(edition.content_hash)
    if found is None:
        tables = {name: _fields(edition, edition.tables[name]) for name in sorted(_tables_asked(edition), key=_rank)}
        people = _fields(edition, _with_employment(edition.tables[CERTIFICATES]))
        further = tuple(one for one in people if one.name not in _OF_THE_FORM)
        read = [metric for name, metric in _readings(edition) if name in (CERTIFICATES, "people")]
        filters = tuple(getattr(metric, "filter", None) or "" for metric in read)
        found = _known[edition.content_hash] = Askable(
            tables, _certificates(edition), further, bool(read), tuple(dict.fromkeys(filters))
        )
    return found


def counted_by(edition: Edition, metric: str) -> model.Simple | None:
    """The metric, where it is one that counts rows of a fact table."""
    found = edition.metrics.get(metric)
    return found if isinstance(found, model.Simple) and found.table in edition.tables else None


def _with_employment(table: FactTable) -> FactTable:
    further = tuple(c for c in FROM_EMPLOYMENT if c.name not in table.by_name)
    return FactTable(table.name, table.columns + further, table.owner, table.day, table.lasts, key=table.key)


def _rank(name: str) -> tuple[int, str]:
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)


def _tables_asked(edition: Edition) -> set[str]:
    found = {table for table, _ in _readings(edition)}
    if _humans(edition):
        found.add("attestations")
    return {name for name in found if name in edition.tables} - _NEVER - {CERTIFICATES}


def _readings(edition: Edition) -> Iterator[tuple[str, Any]]:
    """Every table that a metric reads, with the metric (or the step of a conversion) that does."""
    for metric in edition.metrics.values():
        if isinstance(metric, model.Simple | model.Assignment):
            yield metric.table, metric
        elif isinstance(metric, model.Conversion):
            yield metric.base.table, metric.base
            yield metric.conversion.table, metric.conversion
        elif isinstance(metric, model.HeldFor):
            yield "levels_held", metric


def _humans(edition: Edition) -> list[dict[str, str]]:
    """The attestations by which people answer: name, kind, level."""
    found: list[dict[str, str]] = []

    def visit(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("human"), str):
                found.append({"name": node["human"], **{k: str(node[k]) for k in ("kind", "level") if k in node}})
            for part in node.values():
                visit(part)
        elif isinstance(node, list):
            for part in node:
                visit(part)

    visit(edition.levels)
    return found


def _fields(edition: Edition, table: FactTable) -> tuple[Field, ...]:
    """The columns that the edition looks at, those first that a row cannot do without."""
    looked = _columns_looked_at(edition, table)
    hidden = {"partner", "known", "fact", *([] if table.day is None else [table.day])}
    if "customer" not in looked and "customer" in table.by_name:
        hidden.add("customer")
    if table.key and table.owner == "partner":
        hidden |= {c for c in table.key if c == table.name.rstrip("s")}  # the key of a deal is given by itself
    shown = [c for c in table.columns if c.name not in hidden and (c.required or c.name in looked)]
    return tuple(
        Field(c, c.required, _values(edition, table, c))
        for c in sorted(shown, key=lambda c: (not c.required, table.columns.index(c)))
    )


def _columns_looked_at(edition: Edition, table: FactTable) -> set[str]:
    found: set[str] = set()
    for name, metric in _readings(edition):
        if name != table.name:
            continue
        texts = [getattr(metric, key, None) for key in ("filter", "measure")]
        for text in texts:
            found |= _named(text)
        found |= set(getattr(metric, "weight", None) or ()) - {"else"}
        found |= {getattr(metric, "day", None) or "", getattr(metric, "per", None) or ""}
        if getattr(metric, "each", None):
            found.add(metric.each.per)
        if getattr(metric, "newest", None):
            found |= {*metric.newest.per, metric.newest.by}
        if isinstance(metric, model.Assignment) and metric.roles:
            found |= {"role", "subject"}
        if getattr(metric, "per", None) == "competency":
            found |= {column for one in _competencies(edition).values() for column in one.counts}
    if table.name == "attestations" and _humans(edition):
        found |= {key for one in _humans(edition) for key in one}
    if found & {"amount", "monthly"}:
        found.add("currency")
    return found & set(table.by_name)


def _named(text: str | None) -> set[str]:
    try:
        return set(names(text)) if text else set()
    except ExpressionError:
        return set()


def _competencies(edition: Edition) -> dict[str, Any]:
    return edition.competencies.competencies if edition.competencies else {}


def _values(edition: Edition, table: FactTable, column: Column) -> dict[str, Mapping[str, str] | None]:
    """The values that the edition names for a column, with what it calls them."""
    found: dict[str, Mapping[str, str] | None] = {}
    if column.type == "currency":
        found[edition.programme.currency] = None
        found |= {
            m.currency: None for _, m in _readings(edition) if getattr(m, "currency", None) not in (None, "original")
        }
        return found
    if column.type != "text":
        return found
    if column.name == "competency":
        found |= {name: one.name for name, one in _competencies(edition).items()}
    for one in _competencies(edition).values():
        found |= dict.fromkeys(one.counts.get(column.name, ()), one.name)
    for name, metric in _readings(edition):
        if name == table.name:
            for text in (getattr(metric, "filter", None), getattr(metric, "measure", None)):
                found |= dict.fromkeys(_compared(text, column.name))
            weights = (getattr(metric, "weight", None) or {}).get(column.name)
            found |= dict.fromkeys(map(str, weights if isinstance(weights, dict) else ()))
    if table.name == "attestations":
        found |= {one[column.name]: None for one in _humans(edition) if column.name in one}
    if column.name == "subject":
        found |= edition.programme.levels
        found |= {n: one.name for n, one in _competencies(edition).items()}
    return found


def _compared(text: str | None, column: str) -> list[str]:
    """The texts with which an expression compares a column."""
    if not text or column not in _named(text):
        return []
    found: list[str] = []
    for node in parse(text).walk():
        if isinstance(node, exp.EQ | exp.In | exp.Case) and node.this is not None:
            own = node.this if isinstance(node.this, exp.Column) else node.this.find(exp.Column)
            if own is None or own.name != column:
                continue
            others = [node.expression] if isinstance(node, exp.EQ) else node.expressions or []
            if isinstance(node, exp.Case):
                others = [branch.this for branch in node.args["ifs"]]
            found += [str(o.this) for o in others if isinstance(o, exp.Literal) and o.is_string]
    return found


def _certificates(edition: Edition) -> dict[str, tuple[str, ...]]:
    """The certificates that the edition knows by name, each with the competencies it counts for."""
    found: dict[str, list[str]] = {}
    for name, one in _competencies(edition).items():
        for certificate in one.counts.get("certificate", ()):
            found.setdefault(certificate, []).append(name)
    table = edition.tables[CERTIFICATES]
    for certificate in _values(edition, table, table.by_name["certificate"]):
        found.setdefault(certificate, [])
    return {certificate: tuple(competencies) for certificate, competencies in found.items()}
