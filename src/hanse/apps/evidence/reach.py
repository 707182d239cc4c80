"""Whose facts may an actor record?

A role that sees the whole channel may record whatever its role lets it. A partner manager speaks for the partners it looks
after, and of what happened there: what grants something (a waiver, a level, an attestation) and what concerns everybody
(rates, customers, who owns whom) is recorded by those who answer for the programme.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.policy import Refused
from hanse.apps.registry.selectors import visible_partners
from hanse.language.facts import CONTRACT, FactTable
from hanse.language.plan import quoted
from hanse.language.problems import Problem

GRANTING = frozenset({"exceptions", "levels_held", "attestations"})
Row = Mapping[str, Any]


def require(actor: Actor, rows: Mapping[str, Sequence[Row]]) -> None:
    """Lets the actor record these rows, or raises Refused naming the table and the key."""
    if actor.everywhere:
        return
    for name, listed in rows.items():
        table = CONTRACT.get(name)
        if table is None or name in GRANTING or table.owner == "none":
            why = "it grants something, or concerns more than the partners that the actor looks after"
            raise _refused(actor, name, "", why)
        for row in listed:
            _one(actor, table, row)


def _one(actor: Actor, table: FactTable, row: Row) -> None:
    if table.owner == "person":
        person = row.get("person")
        named = _partners(
            "SELECT partner FROM facts.people WHERE person = %s AND (until IS NULL OR until >= now()::date)", [person]
        )
        if not named:
            raise _refused(actor, table.name, person, "nobody of this key works at a partner")
    else:
        named = {row.get("partner")} | _said_before(table, row)
        if table.name == "partners" and row.get("country") in actor.countries and not _known(row.get("partner")):
            return
    seen = set(visible_partners(actor).filter(key__in=named).values_list("key", flat=True))
    strangers = named - seen
    if strangers:
        raise _refused(actor, table.name, min(map(str, strangers)), "it is no partner that the actor looks after")


def _said_before(table: FactTable, row: Row) -> set[Any]:
    """Whose thing this was: what is said anew of a deal takes the place of what was said of it before."""
    if not table.key or "partner" in table.key:
        return set()
    same = " AND ".join(f"{quoted(column)} = %s" for column in table.key)
    return _partners(
        f"SELECT partner FROM facts.{quoted(table.name)} WHERE {same}", [row.get(column) for column in table.key]
    )


def _known(partner: object) -> bool:
    return bool(_partners("SELECT partner FROM facts.partners WHERE partner = %s", [partner]))


def _partners(statement: str, values: Iterable[Any]) -> set[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return {row[0] for row in cursor.fetchall()}


def _refused(actor: Actor, table: str, key: object, why: str) -> Refused:
    place = f"{table} {key}".rstrip()
    remedy = "have a programme manager record it, or be granted its country (hanse users grant)"
    return Refused(Problem(place, f"{actor.name} may not record this", why, remedy))
