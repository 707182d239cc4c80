"""What is on record: the facts of a partner, the history of one fact, whom a batch concerns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.policy import not_there
from hanse.apps.evidence.visible import table_of
from hanse.apps.registry.selectors import keys_of, names_of, visible_partners
from hanse.apps.statements import dicts, rows
from hanse.language.facts import CONTRACT, FactTable
from hanse.language.plan import quoted
from hanse.language.structure import EVENTS

Row = dict[str, Any]
_EVERYBODY = {"rates", "customers"}  # such facts may matter to anybody
_SAID = " UNION ALL ".join(  # the tables in which a batch says something, or hides something
    [f"SELECT '{name}' WHERE EXISTS (SELECT FROM {table_of(name)} WHERE batch_id = %(batch)s)" for name in CONTRACT]
    + [
        f"SELECT tbl FROM evidence_{kept} WHERE batch_id = %(batch)s"
        for kept in ("also_said", "declared", "superseded")
    ]
)


def touched_partners(
    batch: int, *, only: frozenset[str] | None = None, tables: Sequence[str] | None = None
) -> list[str] | None:
    """The partners that a batch is about, in order, whether it counts still or not; None where it may be anybody.

    A fact of a person concerns every firm where that person has worked; so does an employment itself. `only` names the
    tables to look at; `tables` are those in which the batch says something, where somebody has found them before.
    """
    found: set[str] = set()
    for name in tables_of(batch) if tables is None else tables:
        if only is not None and name not in only:
            continue
        if name in _EVERYBODY:
            return None
        found |= {str(row[0]) for row in rows(_touched(CONTRACT.get(name), name), [batch, batch]) if row[0] is not None}
    return sorted(found)


def tables_of(batch: int) -> list[str]:
    """The tables in which a batch says something. One statement."""
    found = {str(name) for (name,) in rows(f"SELECT DISTINCT * FROM ({_SAID}) AS said", {"batch": batch})}
    return [*(name for name in CONTRACT if name in found), *sorted(found - CONTRACT.keys())]


def _touched(table: FactTable | None, name: str) -> str:
    """The keys of partners behind the rows that a batch says, or hides, in one table; takes the batch twice."""
    said = (
        f"(SELECT f.* FROM {table_of(name)} AS f WHERE f.batch_id = %s UNION ALL SELECT f.* FROM (SELECT %s::bigint AS id) AS b "
        f"JOIN (SELECT fact, batch_id FROM evidence_also_said WHERE tbl = '{name}' UNION ALL SELECT fact, batch_id "
        f"FROM evidence_superseded WHERE tbl = '{name}') AS o ON o.batch_id = b.id JOIN {table_of(name)} AS f ON f.fact = o.fact) AS f"
    )
    if table is None:
        return (
            f"SELECT DISTINCT COALESCE(f.partner, p.partner) FROM {said} LEFT JOIN evidence_people AS p "
            f"ON p.person = f.person WHERE f.tbl = '{name}'"
        )
    if name == "ownership":
        return f"SELECT DISTINCT UNNEST(ARRAY[f.owner, f.owned]) FROM {said}"
    if name == EVENTS:  # whoever stands behind either of them in a chain moves with it
        return (
            f'WITH RECURSIVE near(partner) AS (SELECT UNNEST(ARRAY[f.partner, f."into"]) FROM {said} UNION '
            f'SELECT e.partner FROM near AS n JOIN facts.{EVENTS} AS e ON e."into" = n.partner) SELECT partner FROM near'
        )
    if table.owner == "person" or name == "people":
        return f"SELECT DISTINCT p.partner FROM {said} JOIN evidence_people AS p ON p.person = f.person"
    return f"SELECT DISTINCT f.partner FROM {said}"


def facts_of(actor: Actor, partner: str, table: str, *, limit: int = 1000) -> list[Row]:
    """The facts of one partner in one table that count now, each with its source and the moment it was learned.

    Of a person who has left, what happened until then. Raises NotThere where the actor may not see the partner.
    """
    keys = list(keys_of(actor, partner))
    contract = CONTRACT[table]
    if not contract.of_partners:
        return []
    whose = {  # persons as an array, read first: joined, the planner would read the certificates of everybody
        "person": "v.person = ANY (ARRAY(SELECT person FROM facts.people WHERE partner = ANY (%(keys)s)))"
        + _while_there(contract),
        "none": "(v.owner = ANY (%(keys)s) OR v.owned = ANY (%(keys)s))",
    }.get(contract.owner, "v.partner = ANY (%(keys)s)")
    order = quoted(contract.day) + " DESC, " if contract.day else ""
    return dicts(
        f"SELECT v.*, b.source, b.file, l.line, b.recorded, b.author, b.reason FROM facts.{quoted(table)} AS v "
        f"JOIN {table_of(table)} AS l ON l.fact = v.fact JOIN evidence_batch AS b ON b.id = l.batch_id "
        f"WHERE {whose} ORDER BY {order}v.fact DESC LIMIT %(limit)s",
        {"keys": keys, "limit": limit},
    )


def _while_there(contract: FactTable) -> str:
    """Of somebody who has left a firm, the firm sees what happened until then."""
    return (
        " AND EXISTS (SELECT FROM facts.people AS e WHERE e.person = v.person AND e.partner = ANY (%(keys)s) "
        f"AND (e.until IS NULL OR v.{quoted(contract.day or 'from')} <= e.until))"
    )


def texts_of(actor: Actor, partner: str, columns: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], list[str]]:
    """The texts that occur in columns of a partner's own facts, by table and column; `columns` names text columns by table.

    One statement. Raises NotThere where the actor may not see the partner.
    """
    keys = list(keys_of(actor, partner))
    parts: list[str] = []
    for table, names in columns.items():
        if CONTRACT[table].owner == "partner" and names:
            listed = ", ".join(f"('{name}', f.{quoted(name)})" for name in names)
            parts.append(
                f"SELECT '{table}', x.c, x.v FROM facts.{quoted(table)} AS f, LATERAL (VALUES {listed}) AS x(c, v) "
                "WHERE f.partner = ANY (%s) AND x.v IS NOT NULL"
            )
    found: dict[tuple[str, str], list[str]] = {}
    for table, name, value in rows(" UNION ".join(parts) + " ORDER BY 1, 2, 3", [keys] * len(parts)) if parts else []:
        found.setdefault((str(table), str(name)), []).append(str(value))
    return found


def waivers(actor: Actor, *, partner: str | None = None) -> list[Row]:
    """The waivers that count, of partners that the actor may see (or of one), those that end last first.

    Each with the partner's `name`, and with who recorded it, when, and why. Two statements.
    """
    where, values = ("WHERE v.partner = %s ", [partner]) if partner else ("", [])
    found = dicts(
        'SELECT v.fact, v.partner, v.subject, v."from", v.until, v.reason, v.by, b.recorded, b.author, b.source '
        f"FROM facts.exceptions AS v JOIN evidence_batch AS b ON b.id = v.batch {where}ORDER BY v.until DESC, v.fact DESC",
        values,
    )
    names = names_of(actor, [row["partner"] for row in found])
    return [
        row | {"name": names.get(row["partner"], row["partner"])}
        for row in found
        if actor.everywhere or row["partner"] in names
    ]


def history(actor: Actor, table: str, fact: int) -> list[Row]:
    """What was said of the thing that a fact is about, oldest first: by whom, when, and what became of it.

    Beside the fact's own columns: `said_by` (import, entry, correction, waiver, approval), source, file, recorded, author,
    `why`, withdrawn, `why_withdrawn`, and `counts`, whether it counts now.
    Without a key of its own a fact's history is its own row. Raises NotThere where the actor may not see it.
    """
    contract = CONTRACT[table]
    kept = table_of(table)
    found = dicts(f"SELECT * FROM {kept} WHERE fact = %s", [fact])
    if not found or not _sees(actor, found[0]):
        raise not_there(table, fact, "look it up among the facts of a partner")
    same = "f.fact = %s"
    values: list[Any] = [fact]
    if contract.key:
        same = " AND ".join(f"f.{quoted(c)} IS NOT DISTINCT FROM %s" for c in contract.key)
        values = [found[0][c] for c in contract.key]
    said = dicts(
        f"SELECT f.*, b.kind AS said_by, b.source, b.file, b.recorded, b.author, b.reason AS why, w.at AS withdrawn, w.reason AS why_withdrawn, "
        f"v.fact IS NOT NULL AS counts FROM {kept} AS f JOIN evidence_batch AS b ON b.id = f.batch_id "
        f"LEFT JOIN evidence_withdrawal AS w ON w.batch_id = b.id LEFT JOIN facts.{quoted(table)} AS v ON v.fact = f.fact "
        f"WHERE {same} ORDER BY f.fact",
        values,
    )
    return [row for row in said if _sees(actor, row)]  # a deal may have been another partner's before


def _sees(actor: Actor, row: Row) -> bool:
    """Whether a row is of a partner that the actor sees; one that names no partner is for those who see all."""
    if actor.everywhere or "partner" not in row:
        return actor.everywhere
    return visible_partners(actor).filter(key=row["partner"]).exists()


def places_of(table: str, facts: Sequence[int]) -> dict[int, tuple[str, int]]:
    """Where facts were said: the file (or else the source) and the line, by the fact's number."""
    if not facts or table not in CONTRACT:
        return {}
    found = rows(
        f"SELECT f.fact, COALESCE(NULLIF(b.file, ''), b.source), f.line FROM {table_of(table)} AS f "
        "JOIN evidence_batch AS b ON b.id = f.batch_id WHERE f.fact = ANY(%s)",
        [list(facts)],
    )
    return {int(fact): (str(place), int(line)) for fact, place, line in found}


def counted() -> dict[str, int]:
    """How many facts count now, by table; empty tables are left out."""
    found = {name: int(rows(f"SELECT count(*) FROM facts.{quoted(name)}", [])[0][0]) for name in CONTRACT}
    return {name: n for name, n in found.items() if n}


def learned_until() -> datetime | None:
    """The moment from which on nothing was recorded or taken back any more; None where nothing ever was."""
    statement = "SELECT GREATEST((SELECT max(recorded) FROM evidence_batch), (SELECT max(at) FROM evidence_withdrawal))"
    found: datetime | None = rows(statement, [])[0][0]
    return found


def erasures_since(moment: datetime) -> int:
    """How many persons have been erased since a moment."""
    return int(rows("SELECT count(*) FROM evidence_erasure WHERE at > %s", [moment])[0][0])
