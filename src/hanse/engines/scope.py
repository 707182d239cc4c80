"""Whose facts decide about one partner? Its own, those of its group or enterprise; or everybody's.

A metric that ranks partners, or that is written in SQL, may look at the whole population. All others look
at one partner, or at the partners of one group or of one enterprise; and always at those that were merged with them. The enterprise is taken generously:
everyone connected by any holding, of whatever share and day, so that the evaluation itself decides who
belongs to it.
"""

from __future__ import annotations

from hanse.engines.duck import DuckEngine
from hanse.language import model
from hanse.language.edition import Edition
from hanse.language.plan import literal
from hanse.language.structure import BELONGS, EVENTS, is_told


def narrow(engine: DuckEngine, edition: Edition, partner: str) -> frozenset[str] | None:
    """Restricts a fresh engine to what decides about one partner; returns the partners, None for all."""
    only = neighbourhood(engine, edition, partner)
    if only is not None:
        engine.restrict(only)
    return only


def neighbourhood(engine: DuckEngine, edition: Edition, partner: str) -> frozenset[str] | None:
    """The partners whose facts can matter for one; None where that may be anybody."""
    if edition.sql or any(isinstance(m, model.Rank) for m in edition.metrics.values()):
        return None
    groups, owners = together(edition)
    found, fresh = {partner}, {partner}
    while fresh:
        reached: set[str] = set()
        if groups:
            reached |= _same_group(engine, fresh)
        if owners:
            reached |= _connected(engine, fresh, "ownership", "owner", "owned")
        if is_told(engine.schema):  # who belongs to whom among them, which matters to few
            reached |= _connected(engine, fresh, EVENTS, "partner", "into")
        fresh = reached - found
        found |= fresh
    return frozenset(found)


def together(edition: Edition) -> tuple[bool, bool]:
    """Whether partners of one group, and partners connected by ownership, can matter for one another."""
    overs = [m.over for m in edition.metrics.values() if isinstance(m, model.Simple) and m.over]
    rollup = edition.rollup
    handed = rollup is not None and bool(rollup.share or rollup.best_of or rollup.n_of)
    by_enterprise = handed or any(over != "group" for over in overs)
    owned = by_enterprise and rollup is not None and rollup.enterprise.ownership is not None
    return "group" in overs or (by_enterprise and not owned), owned


def _same_group(engine: DuckEngine, partners: set[str]) -> set[str]:
    if "group" not in engine.schema.get("partners", {}):
        return set()
    named = 'SELECT CAST(partner AS VARCHAR) AS partner, CAST(COALESCE("group", partner) AS VARCHAR) AS label FROM raw_partners'
    if is_told(engine.schema) and "name" in engine.schema[EVENTS]:
        named += (
            " UNION ALL SELECT CAST(partner AS VARCHAR), CAST(COALESCE(name, partner) AS VARCHAR) "
            f"FROM raw_{EVENTS} WHERE kind = {literal(BELONGS)}"
        )
    sql = f"SELECT partner FROM ({named}) WHERE label IN (SELECT label FROM ({named}) WHERE list_contains(?, partner))"
    return {str(row[0]) for row in engine.rows(sql, sorted(partners))}


def _connected(engine: DuckEngine, partners: set[str], table: str, one: str, other: str) -> set[str]:
    """Those at the other end of rows that name one of the partners in either column."""
    if table not in engine.schema:
        return set()
    listed = sorted(partners)
    ends = [f'CAST("{column}" AS VARCHAR)' for column in (one, other)]
    sql = f"SELECT {', '.join(ends)} FROM raw_{table} WHERE {' OR '.join(f'list_contains(?, {end})' for end in ends)}"
    return {str(key) for row in engine.rows(sql, listed, listed) for key in row if key is not None}
