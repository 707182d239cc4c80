"""Keeps what evaluations conclude: opens a run, publishes its outcome, or notes that it failed.

These are part of an act of the app `evaluation`, which asks who may and leaves the audit entry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from hanse.apps.standings import listing, loading, redaction, settling, totals, turns
from hanse.apps.standings.models import Current, Outline, Run, Standing
from hanse.apps.standings.tables import ALONE, as_json, table_of

if TYPE_CHECKING:
    from hanse.apps.programmes.selectors import Seen
    from hanse.language.context import Days

_GOING_ON = 0x52554E  # "RUN": the first half of the advisory lock of a run that goes on
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What an evaluation gave: what it knew, what it cost, and what names its result."""

    known_at: datetime
    rows: Mapping[str, int]
    digests: Mapping[str, str]
    versions: Mapping[str, str]
    processor_seconds: float
    outline: Mapping[str, Any]


def prepared(
    *, version: Seen, days: Days, kind: str, reason: str, actor: str, partners: Sequence[str] | None = None
) -> Run:
    """A run that is about to begin; nothing is in the database yet."""
    return Run(
        version_id=version.id, edition=version.name, edition_hash=version.content_hash, as_of=days.as_of,
        rules_as_of=days.rules_as_of, kind=kind, reason=reason, actor=actor, state=Run.State.RUNNING,
        started=timezone.now(), partners=None if partners is None else sorted(partners),
    )  # fmt: skip


@contextmanager
def going_on(run: Run) -> Iterator[None]:
    """The run is seen to go on as long as this process works on it: when it dies, others see that it does no more."""
    with turns.judging():
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            run.save(force_insert=True)
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_GOING_ON, run.pk])
        try:
            yield
        finally:
            if connection.is_usable():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_GOING_ON, run.pk])


def publish(run: Run, folder: Path, outcome: Outcome, *, levels: Sequence[str]) -> int:
    """Makes a run of all partners what counts, in one transaction of the caller; returns how many levels moved.

    A run of a day before the one that standings are of, or that knew less, is kept as its folder alone.
    """
    loaded = not _is_older(run, outcome)
    if loaded:
        loading.load(run.pk, folder)
        turns.one_at_a_time(run.edition)
    if not loaded or _is_older(run, outcome):  # a later run was quicker
        _finish(run, outcome, folder=folder.name)
        totals.add_up(run, folder)
        if loaded:
            loading.drop(run.pk)
        return 0
    loading.attach(run.pk)
    _finish(run, outcome, folder=folder.name)
    moved = settling.settle(run, levels=levels, checks=table_of("checks", run.pk))
    Current.objects.update_or_create(edition=run.edition, defaults={"run": run})
    loading.forget_alone(run.edition)
    loading.drop_earlier(run.edition, run.pk)
    listing.refresh(run)
    totals.add_up(run, folder)
    return moved


def publish_alone(
    run: Run, rows: Mapping[str, Sequence[Row]], outcome: Outcome, *, levels: Sequence[str], partners: Sequence[str]
) -> int:
    """The same for partners judged one by one, whose rows are given. Who was judged with more knowledge stays as is."""
    turns.one_at_a_time(run.edition)
    _finish(run, outcome, folder="")
    later = set(
        Standing.objects.filter(edition=run.edition, partner__in=partners)
        .filter(Q(as_of__gt=run.as_of) | Q(as_of=run.as_of, known_at__gt=outcome.known_at))
        .values_list("partner", flat=True)
    )
    settled = [p for p in partners if p not in later]
    if not settled:
        return 0
    own = {name: [r for r in listed if r["partner"] not in later] for name, listed in rows.items()}
    loading.replace_alone(run.pk, run.edition, settled, own)
    checks = f"{table_of('checks')}_{ALONE}"
    moved = settling.settle(run, levels=levels, checks=checks, only=settled, rows=as_json(own["standings"]))
    listing.refresh(run, only=settled)
    return moved


def fail(run: Run, why: str) -> None:
    """Notes that a run came to nothing."""
    Run.objects.filter(pk=run.pk, state=Run.State.RUNNING).update(
        state=Run.State.FAILED, finished=timezone.now(), failure=why[:2000]
    )


def fail_abandoned() -> list[Run]:
    """Marks as failed the runs whose process is gone, and returns them."""
    found = []
    for run in Run.objects.filter(state=Run.State.RUNNING):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_GOING_ON, run.pk])
            if not cursor.fetchone()[0]:
                continue
            try:
                fail(run, "its process ended before it did")
                found.append(run)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_GOING_ON, run.pk])
    return found


def erase(*, person: str, pseudonym: str) -> dict[str, int]:
    """Puts a pseudonym in the place of a person in every run: `results` rows in the database, folders of `runs`.

    Part of an erasure, which has waited for its turn (turns.py). Raises CallError where a folder cannot be read or written.
    """
    found = redaction.erase(person, pseudonym)
    return {"results": found.rows, "runs": found.runs}


def complete_erasures() -> int:
    """Puts the files in their places that an erasure had written anew when it was interrupted; returns how many."""
    with transaction.atomic():
        turns.erasing()
        return redaction.complete()


def _finish(run: Run, outcome: Outcome, *, folder: str) -> None:
    run.state, run.finished, run.known_at = Run.State.DONE, timezone.now(), outcome.known_at
    run.rows, run.digests, run.versions = dict(outcome.rows), dict(outcome.digests), dict(outcome.versions)
    run.processor_seconds, run.folder, run.outline_id = outcome.processor_seconds, folder, outline_of(outcome.outline)
    run.save()


def outline_of(data: Mapping[str, Any]) -> int:
    """The number under which an outline is kept."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()
    found, _ = Outline.objects.get_or_create(digest=digest, defaults={"data": json.loads(text)})
    return int(found.pk)


def _is_older(run: Run, outcome: Outcome) -> bool:
    """The standings are of a later day already, or of this day with everything known then and more."""
    now = Current.objects.filter(edition=run.edition).select_related("run").first()
    return now is not None and (now.run.as_of, now.run.known_at) > (run.as_of, outcome.known_at)
