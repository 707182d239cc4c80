"""How do standings follow what somebody has just recorded? Few partners are judged at once, many beside the request.

Whatever happens here, the job that lies in the database since the facts were recorded does what is left.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

from django.db import connection, connections, transaction
from django.utils import timezone

from hanse.apps.evaluation import alone, facts
from hanse.apps.evaluation.services import FEW, evaluate_touched
from hanse.apps.evidence.selectors import touched_partners
from hanse.apps.programmes.selectors import judged_on, loaded
from hanse.apps.standings.selectors import books_of


def follow(batch: int) -> list[int] | None:
    """Judges anew whom a batch concerns; returns the runs. None where everybody must be judged: that goes on beside.

    Raises what evaluations raise.
    """
    if _few(touched_partners(batch)):
        return evaluate_touched(batch=batch)
    if not somebody_works():
        transaction.on_commit(lambda: beside(lambda: _judge(batch)))
    return None


def somebody_works() -> bool:
    """Does anybody do the jobs (`hanse work`) at this moment?"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute')"
        )
        return bool(cursor.fetchone()[0])


def beside(work: Callable[[], None]) -> Thread:
    """Does something beside the requests of this process, with connections of its own, which it gives back."""

    def done() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = Thread(target=done, name="hanse-beside", daemon=True)
    thread.start()
    return thread


def _judge(batch: int) -> None:
    evaluate_touched(batch=batch)


def _few(concerned: list[str] | None) -> bool:
    """May they be judged one by one, by every edition that standings are of?"""
    if concerned is None or len(concerned) > FEW:
        return False
    for version in judged_on(timezone.now().date()):
        if books_of(version.name) is None:
            continue
        edition = loaded(version.id)
        if alone.needs_everybody(edition) or len(facts.tied(concerned, around=alone.looks_around(edition))) > FEW:
            return False
    return True
