"""When was a fact recorded, and what had been recorded by then?

Whoever records facts holds the lock RECORDING from the stamp to the commit; whoever judges holds it, shared, while its
snapshot is taken. So a snapshot taken at a moment holds every batch recorded before it and none after: asking
later for what was known then finds the same facts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.db import connection, transaction

RECORDING = 0x46414354  # "FACT"
_LOOKING: ContextVar[bool] = ContextVar("looking", default=False)


def recorded_now() -> datetime:
    """The moment for facts that this transaction records; others wait until it has ended.

    Raises RuntimeError outside a transaction: the lock would be gone before the facts are there.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("facts are recorded inside a transaction")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [RECORDING])
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found


@contextmanager
def snapshot() -> Iterator[datetime]:
    """A transaction that sees the facts as of one moment, which it gives: `known_at` of a run.

    Raises RuntimeError inside a transaction that has read already, unless it is that of a look.
    """
    if _LOOKING.get():
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            yield cursor.fetchone()[0]
        return
    if connection.in_atomic_block:
        raise RuntimeError("a snapshot is the outermost transaction")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [RECORDING])
        locked = True
        try:
            with transaction.atomic():
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("SELECT clock_timestamp()")
                moment: datetime = cursor.fetchone()[0]
                cursor.execute("SELECT pg_advisory_unlock_shared(%s)", [RECORDING])
                locked = False
                yield moment
        finally:
            if locked:
                cursor.execute("SELECT pg_advisory_unlock_shared(%s)", [RECORDING])


@contextmanager
def look() -> Iterator[None]:
    """A transaction of somebody who only looks: it sees one moment, as snapshots within it do, and is taken back."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        before = _LOOKING.set(outermost)
        try:
            yield
        finally:
            _LOOKING.reset(before)
            transaction.set_rollback(True)
