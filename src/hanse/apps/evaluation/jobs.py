"""What happens by itself: partners are judged anew after an import or a new fact, and everybody every night.

The jobs lie in the database, in the transaction of what they are for: a fact that was not recorded leaves no job.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.db import connection, connections
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params

NIGHTLY = "15 0 * * *"  # UTC
QUEUE = "evaluation"
_WORKING = 0x574F524B  # the advisory lock of whoever works (WORK in ASCII): shared, or alone to clear up
_log = logging.getLogger(__name__)
POLL = 0.5  # seconds; a job told of while another is being fetched is found by looking again


@app.task(queue=QUEUE, pass_context=False)
def judge_touched(batch: int, since: str | None = None) -> list[int]:
    """Judges whom a batch concerns, unless a run since has seen it."""
    from hanse.apps.evaluation import services

    return services.evaluate_touched(batch=batch, since=datetime.fromisoformat(since) if since else None)


@app.task(queue=QUEUE, pass_context=False)
def rehearse(number: int) -> None:
    """Rehearses what was asked for."""
    from hanse.apps.evaluation import rehearsing

    rehearsing.run(number)


@app.task(queue=QUEUE, pass_context=False)
def do_asked(act: str, by: str, reason: str, given: dict[str, Any]) -> None:
    """Does what somebody asked for on a page."""
    from hanse.apps.evaluation import asked_for

    asked_for.do(act, by, reason, given)


@app.task(queue=QUEUE, pass_context=False)
def check_cases(version: int) -> bool:
    """Runs the cases of a draft."""
    from hanse.apps.programmes import services

    return services.check_cases(version=version)


@app.periodic(cron=NIGHTLY)
@app.task(queue=QUEUE, queueing_lock="nightly", pass_context=False)
def judge_all(timestamp: int) -> list[int]:
    """Judges everybody on the day that has begun."""
    from hanse.apps.evaluation import services

    return services.evaluate_nightly(as_of=datetime.fromtimestamp(timestamp, UTC).date())


def work(*, once: bool = False) -> None:
    """Does the jobs there are and, unless `once`, those that come, one after the other, until it is told to end.

    Runs that were killed are cleared away first, and the jobs of workers that were killed begin again.
    """
    from hanse.apps.evaluation import rehearsing, services, warm

    services.recover()
    rehearsing.recover()
    connector = PsycopgConnector(kwargs=connector_params("default"), min_size=1, max_size=3)
    try:
        with _at_work(), app.replace_connector(connector):
            asyncio.run(_worked(once=once))
    finally:
        warm.close()


@contextmanager
def _at_work() -> Iterator[None]:
    """Says that somebody works, until this process ends, however it does. Who is alone puts back what others left undone."""
    with psycopg.connect(**connector_params("default"), autocommit=True) as here:
        alone = here.execute("SELECT pg_try_advisory_lock(%s)", [_WORKING]).fetchone()
        if alone == (True,):
            _put_back()
            here.execute("SELECT pg_advisory_unlock(%s)", [_WORKING])
        here.execute("SELECT pg_advisory_lock_shared(%s)", [_WORKING])
        yield


def _put_back() -> None:
    """Jobs that a killed worker was doing wait again; one that waits anew already, as every night's does, is given up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.id, EXISTS (SELECT FROM procrastinate_jobs AS t WHERE t.status = 'todo' AND t.queueing_lock = "
            "d.queueing_lock) FROM procrastinate_jobs AS d WHERE d.status = 'doing'"
        )
        for job, again in cursor.fetchall():
            if again:
                cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'aborted', false)", [job])
            else:
                cursor.execute("SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)", [job])
            _log.warning(
                "a job whose worker was killed %s",
                "waits anew already" if again else "begins again",
                extra={"job": job},
            )


async def _worked(*, once: bool) -> None:
    """Jobs run in one thread, which keeps its connection from job to job and gives it back at the end."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=1, thread_name_prefix="hanse-work"))
    async with app.open_async():
        try:
            await app.run_worker_async(
                wait=not once, concurrency=1, delete_jobs="successful", install_signal_handlers=not once, name="hanse",
                fetch_job_polling_interval=POLL,
            )  # fmt: skip
        finally:
            await loop.run_in_executor(None, connections.close_all)


def waiting() -> int:
    """How many jobs are still to be done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")
        return int(cursor.fetchone()[0])


def failed() -> list[str]:
    """The jobs that came to nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, task_name, args::text FROM procrastinate_jobs WHERE status = 'failed' ORDER BY id")
        return [f"job {number}: {name} {args}" for number, name, args in cursor.fetchall()]
