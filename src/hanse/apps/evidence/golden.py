"""One record per firm: what its sources say of it, field by field which of them wins, and that as a fact.

What is chosen is recorded as a fact of the source `golden record` whenever it is not what counts already; so evaluations, undo
and repeats need nothing of their own. Records that are the same firm registered twice speak of it together; a firm that was
acquired is another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from hanse.apps.accounts import policy
from hanse.apps.accounts.actors import SYSTEM, Actor
from hanse.apps.audit import services as audit
from hanse.apps.evidence import moments, services
from hanse.apps.evidence.visible import living
from hanse.apps.registry import services as registry
from hanse.apps.registry.selectors import see_partner
from hanse.apps.statements import dicts, rows
from hanse.decisions.golden_record import EVERY, Choice, Said, golden
from hanse.language.facts import CONTRACT
from hanse.language.plan import literal, quoted
from hanse.language.problems import CallError, Problem
from hanse.language.structure import EVENTS, MERGING
from hanse.language.words import mark

SOURCE = mark("golden record")
FIELDS = tuple(c.name for c in CONTRACT["partners"].columns if c.name not in ("partner", "known"))
_BY_HAND = ("correction",)
_FEW, _STAGING = 200, "chosen_firms"
Row = dict[str, Any]


@dataclass(frozen=True)
class Statement:
    """What one source says of a field, and when we learned it; `fact` is the row that says so."""

    source: str
    value: Any
    learned: datetime
    fact: int
    by_hand: bool


@dataclass(frozen=True)
class Lineage:
    """Where the value of a field comes from, and everything that is said of it, the latest first."""

    choice: Choice
    said: tuple[Statement, ...]


@dataclass(frozen=True)
class Chosen:
    """The firms of which something else was chosen than counted, and the batch that says so (None: there are none)."""

    firms: tuple[str, ...] = ()
    batch: int | None = None


def lineage(*, actor: Actor, partner: str) -> list[Lineage]:
    """Every field of a firm: which source won, why, and who said what and when. Raises NotThere."""
    see_partner(actor, partner)
    firms = _firms([partner])
    said = _said({key: firm for key, firm in firms.items() if firm == firms[partner]}).get(firms[partner], [])
    found = []
    for choice in golden(said, FIELDS, ranks()):
        listed = [
            Statement(one.source, one.values[choice.field], one.learned, one.fact, one.by_hand)
            for one in sorted(said, key=lambda one: (one.learned, one.fact), reverse=True)
            if one.values.get(choice.field) not in (None, "") or (one.by_hand and choice.field in one.values)
        ]
        found.append(Lineage(choice, tuple(listed)))
    return found


def choose(*, actor: Actor, partner: str, field: str, fact: int, reason: str) -> int:
    """Has a field the value that one of the sources says, from now on and whatever they say later; returns the batch.

    Raises what `evidence.correct` does, NotThere, and CallError where no source says so.
    """
    lines = {one.choice.field: one for one in lineage(actor=actor, partner=partner)}
    said = {one.fact: one.value for one in lines[field].said} if field in lines else {}
    if fact not in said:
        raise CallError(Problem(field, mark("no source says this now"), mark("what was said may have changed meanwhile"),
                                mark("load the page again")))  # fmt: skip
    (counting,) = _counting([partner]).values()
    number = rows("SELECT fact FROM facts.partners WHERE partner = %(key)s", {"key": partner})[0][0]
    row = counting | {field: said[fact]}
    return services.correct(actor=actor, table="partners", fact=number, row=row, reason=reason).batch


def trust(*, actor: Actor, field: str, sources: Sequence[str], reason: str) -> Chosen:
    """Orders the sources that are believed first of a field (`*`: of all that have no order of their own), and chooses anew.

    Raises Refused, and CallError for a field that no firm has.
    """
    policy.require(actor, "evidence.trust")
    if field not in (EVERY, *FIELDS):
        raise CallError(
            Problem("field", f"no firm has a field {field!r}", f"these are: {', '.join(FIELDS)}", "choose one")
        )
    with transaction.atomic(), connection.cursor() as cursor:
        moments.recorded_now()
        before = ranks().get(field, [])
        cursor.execute("DELETE FROM evidence_trust WHERE field = %s", [field])
        listed = list(dict.fromkeys(sources))
        cursor.executemany(
            "INSERT INTO evidence_trust (field, place, source) VALUES (%s, %s, %s)",
            [(field, place, source) for place, source in enumerate(listed)],
        )
        chosen = settle(None)
        registry.refresh(chosen.firms)
        audit.record(
            actor=actor.name, action="evidence.trust", subject=f"field {field}", why=reason, before=before, after=listed
        )
    return chosen


def sources() -> list[str]:
    """The sources that have said anything of firms themselves, by name."""
    found = rows(
        "SELECT DISTINCT b.source FROM evidence_batch AS b WHERE b.source <> %(own)s AND b.kind <> ALL (%(hands)s) "
        "AND EXISTS (SELECT FROM evidence_partners AS f WHERE f.batch_id = b.id) ORDER BY 1",
        {"own": SOURCE, "hands": list(_BY_HAND)},
    )
    return [str(row[0]) for row in found]


def settle(touched: Sequence[str] | None) -> Chosen:
    """Records what is chosen for firms of which several sources speak, where it is not what counts (None: of all firms).

    Part of the transaction that changed what is said.
    """
    firms = _firms(_spoken_of(touched))
    if not firms:
        return Chosen()
    counting = _counting(sorted(set(firms.values())))
    order, rows = ranks(), []
    for firm, said in _said(firms).items():
        if firm in counting:
            row = {one.field: one.value for one in golden(said, FIELDS, order)}
            if row["name"] and row["country"] and any(row[name] != counting[firm][name] for name in FIELDS):
                rows.append({"partner": firm} | row)
    if not rows:
        return Chosen()
    batch = services.open_batch(actor=SYSTEM, kind="entry", source=SOURCE, reason="chosen from what sources say")
    _insert(batch, rows)
    return Chosen(tuple(str(row["partner"]) for row in rows), batch)


def ranks() -> dict[str, list[str]]:
    """The sources by field (`*` for the rest), the most trusted first, as the vendor has ordered them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT field, source FROM evidence_trust ORDER BY field, place")
        found: dict[str, list[str]] = {}
        for field, source in cursor.fetchall():
            found.setdefault(str(field), []).append(str(source))
        return found


def _insert(batch: int, rows: Sequence[Row]) -> None:
    """Many rows go the way of an import."""
    if len(rows) <= _FEW:
        services.insert(batch, "partners", rows)
        return
    services.create_staging("partners", _STAGING)
    columns = services.columns_of("partners")
    listed = ", ".join(quoted(name) for name in columns)
    with connection.cursor() as cursor, cursor.cursor.copy(f"COPY {_STAGING} ({listed}) FROM STDIN") as copy:
        for line, row in enumerate(rows, start=1):
            copy.write_row([line, *(row.get(name) for name in columns[1:])])
    services.add_staged(batch=batch, table="partners", staging=_STAGING)


def _spoken_of(touched: Sequence[str] | None) -> list[str]:
    """Those of the keys (None: of all), and of their twins, of which more than one source has spoken."""
    where = "TRUE" if touched is None else "f.partner = ANY (%(keys)s)"
    several = (
        f"SELECT f.partner FROM (SELECT f.partner, f.batch_id FROM evidence_partners AS f WHERE {where} UNION ALL "
        "SELECT f.partner, a.batch_id FROM evidence_partners AS f JOIN evidence_also_said AS a ON a.tbl = 'partners' AND a.fact = f.fact "
        f"WHERE {where}) AS f JOIN evidence_batch AS b ON b.id = f.batch_id GROUP BY 1 HAVING count(DISTINCT b.source) > 1"
    )
    if touched is None:
        touched = [str(row[0]) for row in rows(f"SELECT partner FROM facts.{EVENTS}", {})]
    twins = _twins(touched)
    found = {str(row[0]) for row in rows(several, {"keys": sorted({*touched, *twins})})}
    return sorted(found | set(twins) | set(twins.values()))


def _twins(keys: Sequence[str]) -> dict[str, str]:
    """Records that are the same firm registered twice, by key the one they go into; of all chains that touch the keys."""
    near = (
        f'WITH RECURSIVE near(partner) AS (SELECT unnest(%(keys)s::text[]) COLLATE "C" UNION SELECT t.partner FROM near AS n CROSS JOIN LATERAL '
        f'(SELECT e."into" AS partner FROM facts.{EVENTS} AS e WHERE e.partner = n.partner AND e."into" IS NOT NULL UNION ALL '
        f'SELECT e.partner FROM facts.{EVENTS} AS e WHERE e."into" = n.partner) AS t) '
        f'SELECT DISTINCT ON (e.partner) e.partner, e."into", e.kind FROM near AS n JOIN facts.{EVENTS} AS e ON e.partner = n.partner '
        f'WHERE e.kind = ANY (%(kinds)s) AND e."into" IS NOT NULL AND (e."on" IS NULL OR e."on" <= CURRENT_DATE) '
        'ORDER BY e.partner, e."on" DESC NULLS LAST, e.fact DESC'
    )
    found = rows(near, {"keys": list(keys), "kinds": list(MERGING)})
    return {str(one): str(into) for one, into, kind in found if kind == "duplicate"}


def _firms(keys: Sequence[str]) -> dict[str, str]:
    """The firm that each key, and each twin of it, speaks of."""
    went = _twins(keys)

    def end(key: str) -> str:
        seen = {key}
        while key in went and went[key] not in seen:
            key = went[key]
            seen.add(key)
        return key

    return {key: end(key) for key in {*keys, *went, *went.values()}}


def _said(firms: Mapping[str, str]) -> dict[str, list[Said]]:
    """What each source says of each firm now, and what was put right by hand."""
    columns = ", ".join(f"f.{quoted(name)}" for name in FIELDS)
    before = ", ".join(f"p.{quoted(name)} AS {quoted(f'before_{name}')}" for name in FIELDS)
    statement = (
        f"SELECT f.fact, f.partner, b.kind, b.source, b.recorded, p.fact AS before, {columns}, {before} FROM (SELECT f.fact, f.batch_id "
        "FROM evidence_partners AS f WHERE f.partner = ANY (%(keys)s) UNION ALL SELECT a.fact, a.batch_id FROM evidence_partners AS f "
        "JOIN evidence_also_said AS a ON a.tbl = 'partners' AND a.fact = f.fact WHERE f.partner = ANY (%(keys)s)) AS s "
        "JOIN evidence_partners AS f ON f.fact = s.fact JOIN evidence_batch AS b ON b.id = s.batch_id LEFT JOIN LATERAL "
        "(SELECT * FROM evidence_partners AS p WHERE (b.kind = ANY (%(hands)s) OR b.source = %(portal)s) AND p.partner = f.partner AND p.fact < f.fact "
        f"ORDER BY p.fact DESC LIMIT 1) AS p ON TRUE WHERE b.source <> {literal(SOURCE)} AND {living('f', 'partners')} "
        "AND NOT EXISTS (SELECT FROM evidence_withdrawal AS w WHERE w.batch_id = s.batch_id) AND NOT EXISTS (SELECT FROM evidence_superseded AS x "
        "WHERE x.tbl = 'partners' AND x.fact = f.fact AND x.by_fact IS NULL AND NOT EXISTS (SELECT FROM evidence_withdrawal AS w "
        "WHERE w.batch_id = x.batch_id)) ORDER BY f.fact"
    )
    found: dict[str, dict[tuple[Any, ...], Said]] = {}
    for row in dicts(statement, {"keys": sorted(firms), "hands": list(_BY_HAND), "portal": services.PORTAL}):
        by_hand = (row["kind"] in _BY_HAND or row["source"] == services.PORTAL) and row["before"] is not None
        values = {name: row[name] for name in FIELDS}
        if by_hand:
            values = {name: value for name, value in values.items() if value != row[f"before_{name}"]}
        one = Said(
            row["fact"], row["source"], row["recorded"], values, by_hand, firms[row["partner"]] == row["partner"]
        )
        # of one source the last word on each record; what was put right by hand, each time
        which = (row["partner"], row["fact"]) if by_hand else (row["partner"], row["source"], None)
        found.setdefault(firms[row["partner"]], {})[which] = one
    return {firm: list(said.values()) for firm, said in found.items()}


def _counting(keys: Sequence[str]) -> dict[str, Row]:
    named = ", ".join(quoted(name) for name in ("partner", *FIELDS))
    found = dicts(f"SELECT {named} FROM facts.partners WHERE partner = ANY (%(keys)s)", {"keys": list(keys)})
    return {str(row["partner"]): row for row in found}
