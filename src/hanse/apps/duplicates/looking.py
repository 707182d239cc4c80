"""All records are looked at: which of them are likely one firm?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    import pyarrow as pa

NIGHT = time(2, 30)  # UTC
LAST = -10  # after what partners wait for
LIKELY = 0.0  # bits: from here on a pair is as likely one firm as not
MEMORY = "1000MB"
_PIECE = 20_000


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

    records = _records()
    settled = list(Pair.objects.exclude(verdict=Pair.Verdict.WAITING).values_list("one", "other"))
    there = {key for pair in settled for key in pair}.intersection(records["id"].to_pylist())
    decided = [Decided(one, other, same=False) for one, other in settled if {one, other} <= there]
    with engine(threads=1, memory=MEMORY) as db:
        found = same_firm(records, db, decided) if len(records) > 1 else None
        if found is not None:
            likeness.rebuild(records, found, db)
    with transaction.atomic():
        Pair.objects.filter(verdict=Pair.Verdict.WAITING).delete()
        for pairs in found.pairs.to_batches(max_chunksize=_PIECE) if found is not None else ():
            put([row for row in pairs.to_pylist() if row["weight"] >= LIKELY])
        waiting = Pair.objects.filter(verdict=Pair.Verdict.WAITING).count()
        Look.objects.create(records=len(records), pairs=waiting)
    return waiting


def _records() -> pa.Table:
    """All records that went into no other, read a piece at a time: as rows of Python a million take gigabytes."""
    import pyarrow as pa

    pieces, after = [], ""
    while rows := records_of_firms(after=after, limit=_PIECE):
        pieces.append(learned.table_of(rows))
        after = str(rows[-1]["id"])
    return pa.concat_tables(pieces) if pieces else learned.table_of([{"id": None}]).slice(0, 0)


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
