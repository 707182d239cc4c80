"""Recording facts, correcting them, taking them back. Nothing is ever changed: each of these adds rows."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from hanse.apps.accounts import policy
from hanse.apps.accounts.actors import Actor
from hanse.apps.audit import services as audit
from hanse.apps.directory import services as directory
from hanse.apps.evidence import moments, reach, selectors, typed
from hanse.apps.evidence.models import Batch, Superseded, Withdrawal
from hanse.apps.evidence.pseudonyms import pseudonym_for
from hanse.apps.evidence.visible import counts, key_columns, living, sql_type, table_of
from hanse.apps.likeness import services as likeness
from hanse.apps.places import services as places
from hanse.apps.registry import ageing
from hanse.apps.registry import services as registry
from hanse.apps.statements import dicts
from hanse.language.facts import CONTRACT, FactTable
from hanse.language.plan import quoted
from hanse.language.problems import CallError, Problem
from hanse.language.words import mark

STAGING = "staged_facts"
_IN_REGISTRY = frozenset({"partners", "locations", "people", "attestations", "events"})
_IN_DIRECTORY = frozenset({"partners", "people", "certifications", "references", "attestations", "events"})
_OF_FIRMS = frozenset({"partners", "events"})
PORTAL = "portal"  # the source of what a firm says of itself
OWN_WORDS = frozenset({"website", "city", "employees"})
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Added:
    """What became of staged rows: new facts, rows that said what was there already, rows of erased persons."""

    added: int
    already: int
    erased: int = 0


@dataclass(frozen=True)
class Recorded:
    """A batch entered by hand: its number, and the facts by table in the order of the rows given."""

    batch: int
    facts: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Erased:
    """An erasure: the pseudonym that took the person's place, and how many facts of each table named the person."""

    pseudonym: str
    touched: Mapping[str, int]


# -- bulk: a temporary table of typed rows becomes facts --------------------------------------------------------------


def columns_of(table: str) -> list[str]:
    """The columns of a staging table, in the order in which they are copied: line, the table's own, more."""
    own = [c.name for c in CONTRACT[table].columns] if table in CONTRACT else ["partner", "person"]
    return ["line", *own, "more"]


def create_staging(table: str, name: str = STAGING) -> None:
    """Makes an empty temporary table for rows of a fact table. Copy rows into `columns_of(table)`, then `add_staged`."""
    if table in CONTRACT:
        own = [f"{quoted(c.name)} {_stored_type(c.type)}" for c in CONTRACT[table].columns]
    else:
        own = ['partner text COLLATE "C"', 'person text COLLATE "C"']
    _run(f"DROP TABLE IF EXISTS {name}")
    _run(f"CREATE TEMP TABLE {name} (line bigint NOT NULL, {', '.join(own)}, more jsonb)")


def open_batch(
    *,
    actor: Actor,
    kind: str,
    source: str,
    file: str = "",
    sha256: str = "",
    reason: str = "",
    until: date | None = None,
) -> int:
    """A new batch, recorded now; inside the caller's transaction, which from here on holds the lock of recording.

    Audit entries and permissions are the caller's: a batch is part of an act, never an act itself.
    """
    batch = Batch(
        kind=kind, source=source, file=file, sha256=sha256, reason=reason, until=until, author=actor.name,
        recorded=moments.recorded_now(),
    )  # fmt: skip
    batch.save(force_insert=True)
    return int(batch.pk)


def add_staged(*, batch: int, table: str, staging: str = STAGING) -> Added:
    """Turns the rows of a staging table into facts of a batch: what nobody says yet is added, the rest is noted.

    Rows that are alike within one staging are facts of their own, told apart by their number among equals. Where the
    table has a key, a row replaces the fact of its key that counts now; saying the same again changes nothing.
    """
    contract = CONTRACT.get(table) or FactTable(table, ())
    kept, columns = table_of(table), columns_of(table)
    erased = _drop_erased(table, staging)
    _run(f"DROP TABLE IF EXISTS {staging}_digests; DROP TABLE IF EXISTS {staging}_matched")
    keys = "".join(f"s.{quoted(c)}, " for c in contract.key)
    _run(
        f"CREATE TEMP TABLE {staging}_digests AS SELECT s.ctid AS at, s.line, {keys}md5({_content(table, 's')})::uuid AS digest "
        f"FROM {staging} AS s; "
        # equals are rare: only they are numbered
        f"UPDATE {staging}_digests AS d SET digest = md5(e.digest::text || ':' || e.nth)::uuid FROM ("
        f"SELECT d.at, d.digest, row_number() OVER (PARTITION BY d.digest ORDER BY d.line) AS nth FROM {staging}_digests AS d "
        f"WHERE d.digest IN (SELECT digest FROM {staging}_digests GROUP BY digest HAVING count(*) > 1)) AS e "
        f"WHERE e.at = d.at AND e.nth > 1; "
        # nobody else does it for temporary tables, and a plan for what it takes for a handful of rows never ends
        f"ANALYZE {staging}; ANALYZE {staging}_digests"
    )
    joined = f"{kept} AS f ON f.digest = d.digest"
    if contract.key:
        pairs = zip(key_columns(contract, "f"), key_columns(contract, "d"), strict=True)
        joined += "".join(f" AND {a} = {b}" for a, b in pairs)
    elif table not in CONTRACT:
        joined += f" AND f.tbl = {_text(table)}"
    counted = counts("f", contract) if contract.key else living("f", table)
    _run(
        f"CREATE TEMP TABLE {staging}_matched AS SELECT d.at, d.line, min(f.fact) AS fact FROM {staging}_digests AS d "
        f"JOIN {joined} WHERE {counted} GROUP BY d.at, d.line; ANALYZE {staging}_matched"
    )
    already = _run(
        f"INSERT INTO evidence_also_said (tbl, fact, batch_id, line) SELECT {_text(table)}, fact, {batch}, min(line) "
        f"FROM {staging}_matched GROUP BY fact ON CONFLICT DO NOTHING"
    )
    named = ", ".join(quoted(c) for c in columns)
    more_name, more = ("", "") if table in CONTRACT else (", tbl", f", {_text(table)}")
    added = _run(
        f"INSERT INTO {kept} (batch_id, digest, {named}{more_name}) SELECT {batch}, d.digest, "
        f"{', '.join(f's.{quoted(c)}' for c in columns)}{more} FROM {staging} AS s JOIN {staging}_digests AS d ON d.at = s.ctid "
        f"WHERE NOT EXISTS (SELECT FROM {staging}_matched AS m WHERE m.at = d.at) ORDER BY s.line"
    )
    return Added(added, already, erased)


def settle(batch: int) -> None:
    """Brings registry, places and directory up to what a batch says, or no longer says; last in the transaction that changed it."""
    from hanse.apps.evidence import golden  # which records what it chooses as this module records everything

    tables = selectors.tables_of(batch)
    firms, named, shown = (
        selectors.touched_partners(batch, only=only, tables=tables) or ()
        for only in (_OF_FIRMS, _IN_REGISTRY, _IN_DIRECTORY)
    )
    chosen = golden.settle(firms).firms if firms else ()
    follow(sorted({*named, *chosen}), found=sorted({*shown, *chosen}))


def follow(partners: Sequence[str], *, found: Sequence[str] | None = None) -> None:
    """Brings registry and places up for some partners, and the directory for those (unless `found` says others)."""
    registry.refresh(partners)
    places.refresh(partners)
    likeness.refresh(partners)
    directory.refresh(partners if found is None else found)


def _content(table: str, alias: str) -> str:
    """What a row says, as one text: equal for equal rows, different for different ones."""
    parts = [f"{alias}.{quoted(c)}" for c in columns_of(table) if c != "line"]
    return "ROW(" + ", ".join(parts) + ")::text"


def _drop_erased(table: str, staging: str) -> int:
    """Takes out the rows of persons whose data was erased on request: they must not come back with a file."""
    if "person" not in columns_of(table):
        return 0
    return _run(
        f"DELETE FROM {staging} AS s USING evidence_erasure AS e "
        "WHERE e.key_hash = sha256(e.salt || convert_to(s.person, 'UTF8'))"
    )


# -- by hand: a few rows with an author and a reason ------------------------------------------------------------------


def record_facts(
    *, actor: Actor, kind: str = "entry", source: str, rows: Mapping[str, Sequence[Row]], reason: str = "",
    until: date | None = None,
) -> Recorded:  # fmt: skip
    """Records a few facts said at once: one new fact, a waiver, an approval. Values may be texts or typed.

    Raises Refused, and CallError naming table, row and column of every value that cannot be read.
    """
    policy.require(actor, f"evidence.record_{kind}")
    ready = typed.rows(rows)
    reach.require(actor, ready)
    with transaction.atomic():
        batch = open_batch(actor=actor, kind=kind, source=source, reason=reason, until=until)
        recorded = Recorded(batch, {table: insert(batch, table, listed) for table, listed in ready.items()})
        settle(batch)
        audit.record(
            actor=actor.name, action=f"evidence.record_{kind}", subject=f"batch:{batch}", why=reason,
            after={table: [_without_person(row) for row in listed] for table, listed in ready.items()},
        )  # fmt: skip
    return recorded


def correct(*, actor: Actor, table: str, fact: int, row: Row | None, reason: str) -> Recorded:
    """Replaces one fact by another, or hides it where `row` is None. The old one stays on record.

    Raises Refused, and CallError when there is no such fact that counts, or the row cannot be read.
    """
    policy.require(actor, "evidence.correct")
    ready = typed.rows({table: [row]}) if row is not None else {}
    with transaction.atomic():
        before = _fact(table, fact)
        batch = open_batch(actor=actor, kind="correction", source="correction", reason=reason)
        made = {name: insert(batch, name, listed) for name, listed in ready.items()}
        replacing = made[table][0] if made else None
        Superseded.objects.create(tbl=table, fact=fact, batch_id=batch, by_fact=replacing)
        settle(batch)
        audit.record(
            actor=actor.name, action="evidence.correct", subject=f"{table}:{fact}", why=reason,
            before=_without_person(before), after=_without_person(ready[table][0]) if ready else None,
        )  # fmt: skip
    return Recorded(batch, made)


def describe(*, actor: Actor, partner: str, said: Row, reason: str = "") -> Recorded:
    """What a firm says of itself: its fact with other values in the columns of OWN_WORDS; the old one stays on record.

    For an administrator of the firm. Raises Refused, NotThere, and CallError for another column, a value that cannot be
    read, or where nothing would be otherwise.
    """
    policy.require(actor, "evidence.describe")
    if partner not in actor.administers:
        raise policy.not_there("partner", partner, "ask an administrator of the firm, or the vendor")
    others = sorted(set(said) - OWN_WORDS)
    if others:
        raise CallError(Problem(f"partners {others[0]}", "a firm does not say this of itself", "the vendor answers for it",
                                "ask the vendor to correct it"))  # fmt: skip
    with transaction.atomic():
        moments.recorded_now()  # nobody else says something meanwhile
        before = _fact("partners", _fact_of_firm(partner))
        row = typed.rows({"partners": [before | dict(said)]})["partners"][0]
        changed = [column for column in said if row.get(column) != before[column]]
        if not changed:
            raise CallError(Problem("partners", mark("nothing is otherwise"), mark("each value is what is on record already"),
                                    mark("change one of them, or leave it as it is")))  # fmt: skip
        batch = open_batch(actor=actor, kind="entry", source=PORTAL, reason=reason)
        recorded = Recorded(batch, {"partners": insert(batch, "partners", [row])})
        settle(batch)
        ageing.noted(partner=partner, by=actor.name)
        audit.record(
            actor=actor.name, action="evidence.describe", subject=f"partner {partner}", why=reason,
            before={column: before[column] for column in changed}, after={column: row[column] for column in changed},
        )  # fmt: skip
    return recorded


def _fact_of_firm(partner: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT fact FROM facts.partners WHERE partner = %s", [partner])
        found = cursor.fetchone()
    if found is None:
        raise policy.not_there("partner", partner, "no fact says that it is there; ask the vendor")
    return int(found[0])


def withdraw(*, actor: Actor, batch: int, reason: str) -> None:
    """Takes back everything a batch said, in one row; what others say too stays. Raises Refused, CallError."""
    policy.require(actor, "evidence.withdraw")
    with transaction.atomic():
        at = moments.recorded_now()
        found = Batch.objects.filter(pk=batch).first()
        if found is None:
            raise CallError(Problem(f"batch {batch}", "there is no such batch", "nothing was recorded under that number",
                                    "look up the number with `hanse import --list`"))  # fmt: skip
        if Withdrawal.objects.filter(pk=batch).exists():
            raise CallError(Problem(f"batch {batch}", "it has been taken back already", "a batch is taken back once",
                                    "import the file again to bring its facts back"))  # fmt: skip
        Withdrawal.objects.create(batch_id=batch, at=at, author=actor.name, reason=reason)
        settle(batch)
        audit.record(
            actor=actor.name, action="evidence.withdraw", subject=f"batch:{batch}", why=reason,
            before={"source": found.source, "file": found.file, "recorded": found.recorded}, after={"withdrawn": at},
        )  # fmt: skip


def erase_person(*, actor: Actor, person: str, reason: str) -> dict[str, int]:
    """Erases a person on legal request: every fact keeps its figures and loses who it was. Rows changed, by table.

    The person's key becomes a pseudonym that leads nowhere; a file that brings the key back is not counted.
    Raises Refused, and CallError when no fact names the person.
    """
    policy.require(actor, "evidence.erase_person")
    with transaction.atomic():
        touched = erase(actor=actor, person=person, reason=reason).touched
        if not touched:
            raise CallError(Problem(f"person {person}", "no fact names this person", "there is nothing to erase",
                                    "check the key: it is compared letter by letter"))  # fmt: skip
    return dict(touched)


def erase(*, actor: Actor, person: str, reason: str) -> Erased:
    """The same as part of the caller's act and transaction, who has asked whether the actor may; no fact need name the person."""
    with transaction.atomic(), connection.cursor() as cursor:
        moments.recorded_now()
        salt, pseudonym = secrets.token_bytes(16), pseudonym_for(person)
        key_hash = hashlib.sha256(salt + person.encode()).digest()
        cursor.execute(
            "SELECT evidence_erase(%s, %s, %s, %s, %s, %s)", [person, pseudonym, salt, key_hash, actor.name, reason]
        )
        found = cursor.fetchone()[0]
        touched = {k: int(v) for k, v in (json.loads(found) if isinstance(found, str) else found).items() if v}
        registry.forget(person=person, pseudonym=pseudonym)
        audit.record(actor=actor.name, action="evidence.erase_person", subject=pseudonym, why=reason, after=touched)
    return Erased(pseudonym, touched)


def insert(batch: int, table: str, rows: Sequence[Row]) -> tuple[int, ...]:
    """A few typed rows as facts of a batch; the same twice is two facts here, for somebody says so on purpose. Their numbers."""
    columns = CONTRACT[table].columns
    names = ", ".join(quoted(c.name) for c in columns)
    given = ", ".join(
        f"CAST(%s AS {_stored_type(c.type).partition(' COLLATE')[0]}) AS {quoted(c.name)}" for c in columns
    )
    statement = (
        f"INSERT INTO {table_of(table)} (batch_id, line, digest, {names}) SELECT %s, %s, md5({_content(table, 's')})::uuid, "
        f"{names} FROM (SELECT {given}, NULL::jsonb AS more) AS s RETURNING fact"
    )
    made = []
    with connection.cursor() as cursor:
        for line, row in enumerate(rows, start=1):
            cursor.execute(statement, [batch, line, *(row.get(c.name) for c in columns)])
            made.append(int(cursor.fetchone()[0]))
    return tuple(made)


def _without_person(row: Row) -> Row:
    """The row as the trail keeps it. Who a person is stays in the facts alone, where it can be erased."""
    return {column: value for column, value in row.items() if column != "person"}


def _fact(table: str, fact: int) -> dict[str, Any]:
    """A fact that counts, as it stands. Raises CallError."""
    if table not in CONTRACT:
        raise CallError(Problem(table, "there is no such fact table", "facts are corrected by table and number",
                                f"use one of: {', '.join(CONTRACT)}"))  # fmt: skip
    names = ", ".join(quoted(c.name) for c in CONTRACT[table].columns)
    found = dicts(f"SELECT {names} FROM facts.{quoted(table)} WHERE fact = %s", [fact])
    if not found:
        raise CallError(Problem(f"{table} {fact}", "no such fact counts", "it was never recorded, was taken back, or superseded",
                                "look the fact up again; its history says what replaced it"))  # fmt: skip
    return found[0]


def _stored_type(kind: str) -> str:
    return "timestamptz" if kind == "moment" else sql_type(kind)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _run(statement: str) -> int:
    """Executes generated SQL and returns the number of rows of the last statement."""
    with connection.cursor() as cursor:
        cursor.cursor.execute(sql.SQL(statement))
        return max(cursor.rowcount, 0)
