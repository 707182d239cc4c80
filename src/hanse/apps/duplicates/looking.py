"""All records are looked at: which of them are likely one firm?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from procrastinate import exceptions

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.policy import require
from hanse.apps.audit.services import record
from hanse.apps.duplicates.models import Look, Pair
from hanse.apps.likeness import learned
from hanse.apps.likeness import services as likeness
from hanse.apps.registry.selectors import records_of_firms

NIGHT = time(2, 30)  # UTC
LAST = -10  # after what partners wait for
LIKELY = 0.0  # bits: from here on a pair is as likely one firm as not
MEMORY = "1000MB"


@dataclass(frozen=True)
class Looked:
    """The last time that all records were looked at, and whether somebody has asked for another."""

    at: datetime | None
    records: int
    pairs: int
    asked: bool


@transaction.atomic
def look(*, actor: Actor) -> None:
    """Has all records looked at by a job. Raises Refused."""
    require(actor, "duplicates.look")
    from hanse.apps.duplicates.tasks import look as job

    if not _asked():
        job.defer()
    record(actor=actor.name, action="duplicates.look", subject="all records")


def look_after(*, tonight: bool) -> None:
    """Has all records looked at once more, unless that waits already: part of the act that makes it necessary.

    Of many records that is for the night: it takes minutes of the worker that judges too.
    """
    from hanse.apps.duplicates.tasks import look as job

    try:
        with transaction.atomic():  # a refusal must not take what is around it along
            job.configure(
                queueing_lock="duplicates", priority=LAST, schedule_at=_tonight() if tonight else None
            ).defer()
    except exceptions.AlreadyEnqueued:
        return


def _tonight() -> datetime:
    now = timezone.now()
    night = now.replace(hour=NIGHT.hour, minute=NIGHT.minute, second=0, microsecond=0)
    return night if night > now else night + timedelta(days=1)


def looked() -> Looked:
    """When all records were last looked at."""
    last = Look.objects.order_by("-pk").first()
    if last is None:
        return Looked(None, 0, 0, _asked())
    return Looked(last.at, last.records, last.pairs, _asked())


def run() -> int:
    """Looks at all records that went into no other, and keeps the likely pairs; what was decided stays. How many wait.

    A pair that was merged and has come apart again is two firms, as one that never was.
    """
    from hanse.decisions.same_firm import Decided, same_firm
    from hanse.engines.firm_lists import engine

    rows = records_of_firms()
    keys = {str(row["id"]) for row in rows}
    decided = [
        Decided(pair.one, pair.other, same=False)
        for pair in Pair.objects.exclude(verdict=Pair.Verdict.WAITING)
        if pair.one in keys and pair.other in keys
    ]
    with engine(threads=1, memory=MEMORY) as db:
        found = same_firm(learned.table_of(rows), db, decided) if len(rows) > 1 else None
        if found is not None:
            likeness.rebuild(rows, found, db)
    pairs = [] if found is None else [row for row in found.pairs.to_pylist() if row["weight"] >= LIKELY]
    with transaction.atomic():
        Pair.objects.filter(verdict=Pair.Verdict.WAITING).delete()
        put(pairs)
        waiting = Pair.objects.filter(verdict=Pair.Verdict.WAITING).count()
        Look.objects.create(records=len(rows), pairs=waiting)
    return waiting


def put(pairs: list[dict[str, Any]]) -> None:
    """Likely pairs, into the queue; of those that are on record nothing changes."""
    statement = (
        "INSERT INTO duplicates_pair (one, other, weight, because, verdict, by, reason) VALUES (%s, %s, %s, %s, '', '', '') "
        "ON CONFLICT (one, other) DO NOTHING"
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            statement, [(row["id1"], row["id2"], row["weight"], json.dumps(row["because"])) for row in pairs]
        )


def _asked() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE task_name = %s AND status IN ('todo', 'doing') "
            "AND (scheduled_at IS NULL OR scheduled_at <= now()))",
            ["hanse.apps.duplicates.tasks.look"],
        )
        return bool(cursor.fetchone()[0])
