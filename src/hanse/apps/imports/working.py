"""Who works on an upload at this moment?

Whoever does holds a lock of the database, which goes with its process: so what was interrupted is known at once, and
taken up again. Large files are worked on beside the requests, one at a time in each process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

from django.db import connection, connections

_WORKING = 0x55504C44  # "UPLD": the first half of the advisory lock of an upload
_EVERY = 0.5  # seconds between two notes of how far the work has come
_one_at_a_time = Lock()
Progress = Callable[[str, int, int], None]


@contextmanager
def alone(upload: int) -> Iterator[bool]:
    """Nobody else works on the upload meanwhile; False where somebody does already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_WORKING, upload])
        got = bool(cursor.fetchone()[0])
    try:
        yield got
    finally:
        if got and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_WORKING, upload])


def worked_on() -> set[int]:
    """The uploads that somebody works on now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %s AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())",
            [_WORKING],
        )
        return {int(row[0]) for row in cursor.fetchall()}


@contextmanager
def in_turn() -> Iterator[None]:
    """One large file at a time in each process: its memory is bounded."""
    with _one_at_a_time:
        yield


@contextmanager
def noted(upload: int) -> Iterator[Progress]:
    """A way to say how far the work on an upload has come, which others see at once, whatever transaction is open here."""
    own = connections.create_connection("default")
    said: list[tuple[float, str]] = [(-_EVERY, "")]

    def tell(text: str, done: int, of: int) -> None:
        at, before = said[0]
        if monotonic() - at < _EVERY and text == before:
            return
        said[0] = (monotonic(), text)
        with own.cursor() as cursor:
            cursor.execute(
                "UPDATE imports_upload SET progress = jsonb_build_object('text', %s::text, 'done', %s::bigint, 'of', %s::bigint) "
                "WHERE id = %s",
                [text, done, of, upload],
            )

    try:
        yield tell
    finally:
        own.close()
