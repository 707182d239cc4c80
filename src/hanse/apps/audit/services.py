"""Writes the trail. Every service of every app calls `record` once, last in its own transaction."""

from __future__ import annotations

from django.db import connection

from hanse.apps.audit.canonical import canonical, storable

_INSERT = """
    INSERT INTO public.audit_entry (actor, action, subject, why, before, after)
    VALUES (%s, %s, %s, %s, %s::json, %s::json) RETURNING number
"""


def record(*, actor: str, action: str, subject: str, why: str = "", before: object = None, after: object = None) -> int:
    """Writes one entry and returns its number.

    `action` is app and verb ("imports.undo"); `before` and `after` are anything that JSON can hold, with days,
    moments, decimals, UUIDs, sets and dataclasses too. From here to the end of the transaction other writers wait, so
    that numbers have no gaps: call it last. Raises TypeError for a value that has no JSON form, and RuntimeError
    outside a transaction, for then the entry could stand without the act.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{action}: an audit entry belongs into the transaction of the act that it records")
    texts = [storable(text) for text in (actor, action, subject, why)]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [*texts, canonical(before), canonical(after)])
        (number,) = cursor.fetchone()
    return int(number)
