"""Who has to wait while a person is being erased, and for whom does an erasure wait?

Whoever judges holds the lock JUDGING, shared, from before facts are read until what follows from them is kept; an erasure
holds it alone. So no run brings back a person whom it had read of before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from hanse.apps.standings.models import Run
from hanse.language.problems import CallError, Problem

JUDGING = 0x4A554447  # "JUDG"
SETTLING = 0x53455454  # "SETT": of an edition whose standings are being replaced


@contextmanager
def judging() -> Iterator[None]:
    """Nobody is erased meanwhile; for work of several transactions."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [JUDGING])
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock_shared(%s)", [JUDGING])


def judging_here() -> None:
    """Nobody is erased until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [JUDGING])


def erasing() -> None:
    """Waits until nobody judges; nobody begins to until this transaction ends. Before any other lock is taken.

    Raises CallError where a run was interrupted: what it left may name the person.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [JUDGING])
    interrupted = Run.objects.filter(state=Run.State.RUNNING, kind=Run.Kind.ALL).order_by("pk").first()
    if interrupted is not None:
        raise CallError(Problem(f"run {interrupted.pk}", "it was interrupted", "what it has left may name the person",
                                "hanse doctor --mend clears it away; then erase again"))  # fmt: skip


def one_at_a_time(edition: str) -> None:
    """Nobody else settles standings of this edition, or what is kept with them, until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [SETTLING, edition])
