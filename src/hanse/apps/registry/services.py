"""Keeping the registry equal to the facts that count.

The registry reads the views of the schema `facts`, which the app `evidence` writes above it, and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction
from psycopg import sql

from hanse.language.plan import literal
from hanse.language.structure import MERGING

_COLUMNS = (
    "name", "country", "region", "city", "latitude", "longitude", "type", "joined", "left", "employees", "website", "vat",
)  # fmt: skip


def refresh(partners: Sequence[str] | None) -> None:
    """Brings the registry up to the facts for some partners; None means all. What did not change is not written."""
    with transaction.atomic(), connection.cursor() as cursor:
        if partners is not None and not partners:
            return
        _put_keys(cursor, partners)
        for statement in (*_groups_and_partners(), _merged(), *_locations(), *_people(), *_agreements()):
            cursor.cursor.execute(sql.SQL(statement))
        cursor.cursor.execute(sql.SQL("DROP TABLE touched_keys"))


def forget(*, person: str, pseudonym: str) -> None:
    """A person's key becomes the pseudonym that its facts have now: part of an erasure."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_person SET key = %s WHERE key = %s", [pseudonym, person])


def _put_keys(cursor: object, partners: Sequence[str] | None) -> None:
    run = cursor.cursor.execute  # type: ignore[attr-defined]
    run(sql.SQL('DROP TABLE IF EXISTS touched_keys; CREATE TEMP TABLE touched_keys (key text COLLATE "C" PRIMARY KEY)'))
    if partners is None:
        run(sql.SQL(
            "INSERT INTO touched_keys SELECT partner FROM facts.partners UNION SELECT key FROM registry_partner "
            "UNION SELECT partner FROM facts.people UNION SELECT partner FROM registry_employment"
        ))  # fmt: skip
    else:
        run(sql.SQL("INSERT INTO touched_keys SELECT DISTINCT unnest(%s::text[])"), [list(partners)])
    run(sql.SQL("ANALYZE touched_keys"))


def _groups_and_partners() -> list[str]:
    named = ", ".join(f'"{c}"' for c in _COLUMNS)
    theirs = ", ".join(f'f."{c}"' for c in _COLUMNS)
    updates = ", ".join(f'"{c}" = EXCLUDED."{c}"' for c in _COLUMNS)
    own = ", ".join(f'p."{c}"' for c in _COLUMNS)
    new = ", ".join(f'EXCLUDED."{c}"' for c in _COLUMNS)
    return [
        'INSERT INTO registry_group (uuid, key) SELECT gen_random_uuid(), g.key FROM (SELECT DISTINCT f."group" AS key '
        'FROM facts.partners AS f JOIN touched_keys AS t ON t.key = f.partner WHERE f."group" IS NOT NULL) AS g '
        "ON CONFLICT (key) DO NOTHING",
        f"INSERT INTO registry_partner AS p (uuid, key, present, group_id, {named}) SELECT gen_random_uuid(), f.partner, TRUE, g.id, "
        f'{theirs} FROM facts.partners AS f JOIN touched_keys AS t ON t.key = f.partner LEFT JOIN registry_group AS g ON g.key = f."group" '
        f"ON CONFLICT (key) DO UPDATE SET present = TRUE, group_id = EXCLUDED.group_id, {updates} "
        f"WHERE (p.present, p.group_id, {own}) IS DISTINCT FROM (TRUE, EXCLUDED.group_id, {new})",
        "UPDATE registry_partner AS p SET present = FALSE FROM touched_keys AS t WHERE t.key = p.key AND p.present "
        "AND NOT EXISTS (SELECT FROM facts.partners AS f WHERE f.partner = p.key)",
    ]


def _merged() -> str:
    """Who answers for a record today: mergers followed to their end, as the engines follow them; not round in a circle."""
    kinds = ", ".join(map(literal, MERGING))
    return (
        'WITH RECURSIVE latest AS MATERIALIZED (SELECT DISTINCT ON (e.partner) e.partner, e."into" FROM facts.events AS e '
        f'WHERE e.kind IN ({kinds}) AND e."into" IS NOT NULL AND (e."on" IS NULL OR e."on" <= CURRENT_DATE) '
        'ORDER BY e.partner, e."on" DESC NULLS LAST, e.fact DESC), '
        'chain AS (SELECT t.key, l."into", 1 AS depth FROM touched_keys AS t JOIN latest AS l ON l.partner = t.key '
        'UNION ALL SELECT c.key, l."into", c.depth + 1 FROM chain AS c JOIN latest AS l ON l.partner = c."into" WHERE c.depth < 8), '
        'ends AS (SELECT c.key, c."into" FROM chain AS c JOIN registry_partner AS s ON s.key = c."into" AND s.present '
        'WHERE NOT EXISTS (SELECT FROM latest AS l WHERE l.partner = c."into")) '
        'UPDATE registry_partner AS p SET merged_into = e."into" FROM touched_keys AS t LEFT JOIN ends AS e ON e.key = t.key '
        'WHERE p.key = t.key AND p.merged_into IS DISTINCT FROM e."into"'
    )


def _locations() -> list[str]:
    columns = ("name", "street", "postcode", "city", "country", "latitude", "longitude", "phone")
    return [
        "DELETE FROM registry_location AS l USING registry_partner AS p, touched_keys AS t WHERE p.id = l.partner_id AND p.key = t.key",
        f"INSERT INTO registry_location (partner_id, key, {', '.join(columns)}) SELECT p.id, f.location, "
        f"{', '.join(f'f.{c}' for c in columns)} FROM facts.locations AS f JOIN touched_keys AS t ON t.key = f.partner "
        "JOIN registry_partner AS p ON p.key = f.partner",
    ]


def _people() -> list[str]:
    return [
        "INSERT INTO registry_person (uuid, key) SELECT gen_random_uuid(), k.person FROM (SELECT DISTINCT f.person FROM facts.people AS f "
        "JOIN touched_keys AS t ON t.key = f.partner) AS k ON CONFLICT (key) DO NOTHING",
        "DELETE FROM registry_employment AS e USING touched_keys AS t WHERE t.key = e.partner AND NOT EXISTS (SELECT FROM facts.people AS f "
        "JOIN registry_person AS p ON p.key = f.person WHERE p.id = e.person_id AND f.partner = e.partner AND f.since = e.since)",
        "INSERT INTO registry_employment AS e (person_id, partner, since, until, role, country) SELECT p.id, f.partner, f.since, f.until, "
        "f.role, f.country FROM facts.people AS f JOIN touched_keys AS t ON t.key = f.partner JOIN registry_person AS p ON p.key = f.person "
        "ON CONFLICT (person_id, partner, since) DO UPDATE SET until = EXCLUDED.until, role = EXCLUDED.role, country = EXCLUDED.country "
        "WHERE (e.until, e.role, e.country) IS DISTINCT FROM (EXCLUDED.until, EXCLUDED.role, EXCLUDED.country)",
    ]


def _agreements() -> list[str]:
    return [
        "DELETE FROM registry_agreement AS a USING registry_partner AS p, touched_keys AS t WHERE p.id = a.partner_id AND p.key = t.key",
        "INSERT INTO registry_agreement (partner_id, name, version, signed, expires, signer) SELECT p.id, f.name, f.version, f.granted, "
        'f.expires, f."by" FROM facts.attestations AS f JOIN touched_keys AS t ON t.key = f.partner '
        "JOIN registry_partner AS p ON p.key = f.partner WHERE f.kind = 'agreement'",
    ]
