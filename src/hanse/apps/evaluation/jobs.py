"""What happens by itself: partners are judged anew after an import or a new fact, and everybody every night.

The jobs lie in the database, in the transaction of what they are for: a fact that was not recorded leaves no job.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from django.db import connection, connections
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params

NIGHTLY = "15 0 * * *"  # UTC
QUEUE = "evaluation"
POLL = 0.5  # seconds; a job told of while another is being fetched is found by looking again


@app.task(queue=QUEUE, pass_context=False)
def judge_touched(batch: int, since: str | None = None) -> list[int]:
    """Judges whom a batch concerns, unless a run since has seen it."""
    from hanse.apps.evaluation import services

    return services.evaluate_touched(batch=batch, since=datetime.fromisoformat(since) if since else None)


@app.periodic(cron=NIGHTLY)
@app.task(queue=QUEUE, queueing_lock="nightly", pass_context=False)
def judge_all(timestamp: int) -> list[int]:
    """Judges everybody on the day that has begun."""
    from hanse.apps.evaluation import services

    return services.evaluate_nightly(as_of=datetime.fromtimestamp(timestamp, UTC).date())


def work(*, once: bool = False) -> None:
    """Does the jobs there are and, unless `once`, those that come, one after the other, until it is told to end.

    Runs that were killed are cleared away first.
    """
    from hanse.apps.evaluation import services, warm

    services.recover()
    connector = PsycopgConnector(kwargs=connector_params("default"), min_size=1, max_size=3)
    try:
        with app.replace_connector(connector):
            asyncio.run(_worked(once=once))
    finally:
        warm.close()


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
