"""What is in the database of an installation: how many rows per table, the end of the audit trail, the version?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

_TABLES = """
SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1, 2
"""
# What every initialised database holds before anybody has done anything.
BOOKKEEPING = frozenset({"public.django_migrations", "public.django_content_type", "public.auth_permission"})
NO_HEAD = "0:" + "00" * 32


@dataclass(frozen=True)
class State:
    """What a backup says of a database, and a restore compares. `rows` has every table, as schema.table."""

    server: int
    rows: dict[str, int]
    audit_head: str
    migrations: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Has nothing been recorded yet?"""
        return not any(count for table, count in self.rows.items() if table not in BOOKKEEPING)


def state_of(connection: psycopg.Connection[Any]) -> State:
    """Counts all rows; in a transaction of one snapshot if the caller has begun one."""
    tables = [(str(schema), str(name)) for schema, name in connection.execute(_TABLES)]
    rows = {}
    for schema, name in tables:
        counted = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, name))).fetchone()
        rows[f"{schema}.{name}"] = int(counted[0]) if counted else 0
    head = NO_HEAD
    migrations: tuple[str, ...] = ()
    if ("public", "audit_entry") in tables:
        last = connection.execute("SELECT number, hash FROM audit_entry ORDER BY number DESC LIMIT 1").fetchone()
        head = f"{last[0]}:{bytes(last[1]).hex()}" if last else NO_HEAD
    if ("public", "django_migrations") in tables:
        found = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY id").fetchall()
        migrations = tuple(str(row[0]) for row in found)
    return State(connection.info.server_version // 10_000, rows, head, migrations)
