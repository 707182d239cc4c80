"""What has been begun and not finished, and are the kept files what they were?

Read from the tables themselves, so that it is known where an app cannot be asked any more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from hanse.installation import address, home
from hanse.installation.health import Finding
from hanse.language.problems import Problem

_PIECE = 1 << 20
_SHOWN = 5
_IMPORTS = "SELECT id, file, created FROM imports_import WHERE state = 'waiting' ORDER BY id"
_RUNS = "SELECT id, edition, started FROM standings_run WHERE state = 'running' ORDER BY id"
_FAILED_JOBS = """
SELECT task_name, array_agg(id ORDER BY id) FROM procrastinate_jobs WHERE status = 'failed'
GROUP BY task_name ORDER BY 1
"""
_STUCK_JOBS = """
SELECT j.id, j.task_name FROM procrastinate_jobs AS j LEFT JOIN procrastinate_workers AS w ON w.id = j.worker_id
WHERE j.status = 'doing' AND coalesce(w.last_heartbeat, '-infinity') < now() - interval '5 minutes' ORDER BY j.id
"""
_WAITING_JOBS = """
SELECT count(*), min(e.at) FROM procrastinate_jobs AS j
JOIN procrastinate_events AS e ON e.job_id = j.id AND e.type = 'deferred'
WHERE j.status = 'todo' AND coalesce(j.scheduled_at, e.at) < now() - interval '1 hour'
"""
_LATEST_RUNS = """
SELECT DISTINCT ON (edition) id, edition, uuid::text, digests FROM standings_run
WHERE state = 'done' AND folder <> '' ORDER BY edition, id DESC
"""
_REDACTED = """
SELECT DISTINCT ON (run_id, output) run_id, output, digest FROM standings_redacted ORDER BY run_id, output, id DESC
"""
_REDACTED_RUNS = """
SELECT id, edition, uuid::text FROM standings_run WHERE folder <> ''
AND id IN (SELECT run_id FROM standings_redacted) ORDER BY id
"""
_OTHER_RUNS = "SELECT id, uuid::text FROM standings_run WHERE state = 'done' AND folder <> '' ORDER BY id"
_FILES = """
SELECT DISTINCT ON (sha256) id, file, sha256 FROM imports_import AS i WHERE state <> 'dropped'
AND NOT EXISTS (SELECT FROM imports_import AS e WHERE e.sha256 = i.sha256 AND e.file_erased IS NOT NULL)
ORDER BY sha256, id
"""
_ERASED_FILES = (
    "SELECT DISTINCT sha256 FROM imports_import WHERE file_erased IS NOT NULL AND state <> 'waiting' ORDER BY 1"
)


def of_the_work(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    """Imports, runs and jobs that stand still. What goes on at this moment is unfinished too: look again later."""
    found = list(_unfinished(connection))
    yield from found
    if not found:
        yield Finding("work", "no import, run or job is left unfinished")


def _unfinished(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    for number, file, created in connection.execute(_IMPORTS):
        yield Finding("imports", f"import {number} waits", Problem(
            f"import {number} ({file})", "it has not been completed",
            f"it was begun at {created:%Y-%m-%d %H:%M} UTC and goes on, or was interrupted; nothing of it counts yet",
            "if no process is at it, hanse doctor --mend completes it, and hanse undo gives it up",
        ))  # fmt: skip
    for number, edition, started in connection.execute(_RUNS):
        yield Finding("runs", f"run {number} has not ended", Problem(
            f"run {number} ({edition})", "it has not ended",
            f"it was begun at {started:%Y-%m-%d %H:%M} UTC and goes on, or was interrupted; nothing of it counts yet",
            "if no process is at it, hanse doctor --mend clears it away; evaluate again then",
        ))  # fmt: skip
    yield from _jobs(connection)


def _jobs(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    for task, numbers in connection.execute(_FAILED_JOBS):
        yield Finding("jobs", f"{len(numbers)} jobs failed: {task}", Problem(
            f"job {numbers[-1]} ({task})", f"{len(numbers)} jobs of this kind have failed",
            "the log of hanse work says why, by their numbers",
            "see to the reason; hanse doctor --mend puts them back in the queue",
        ), mend=partial(_again, numbers))  # fmt: skip
    for number, task in connection.execute(_STUCK_JOBS):
        yield Finding("jobs", f"job {number} stands still", Problem(
            f"job {number} ({task})", "it has stood still for more than 5 minutes", "the worker that began it is gone",
            "hanse doctor --mend puts it back in the queue",
        ), mend=partial(_again, [number]))  # fmt: skip
    waiting = connection.execute(_WAITING_JOBS).fetchone()
    if waiting and waiting[0]:
        yield Finding("jobs", f"{waiting[0]} jobs wait", Problem(
            "the jobs", f"{waiting[0]} jobs have waited for more than an hour",
            f"the oldest since {waiting[1]:%Y-%m-%d %H:%M} UTC",
            "start hanse work, as docs/how-to/install.md says, and keep it running",
        ))  # fmt: skip


def _again(numbers: list[int]) -> str:
    """Puts jobs back in the queue: each may be done twice without harm."""
    with address.connect() as connection:
        for number in numbers:
            connection.execute("SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)", [number])
    return f"{len(numbers)} jobs are in the queue again"


def of_the_files(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    """The folder of each edition's latest run and every file that an erasure rewrote, byte for byte; those of other
    runs, if they are there; kept files."""
    found = [*_runs(connection), *_other_runs(connection), *_imported(connection)]
    yield from found
    if not found:
        yield Finding("files", "results of runs and imported files are what they were")


def _runs(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    waiting = []
    for number, edition, name, digests in _expected(connection):
        folder = home.folder() / "runs" / name
        wrong = [stem for stem, digest in sorted(digests.items()) if digest != _digest(folder / f"{stem}.parquet")]
        ready = [stem for stem in wrong if digests[stem] == _digest(folder / f".{stem}.parquet.erased")]
        waiting += [folder / f"{stem}.parquet" for stem in ready]
        differing = [stem for stem in wrong if stem not in ready]
        if differing:
            yield Finding("files", f"run {number} differs", Problem(
                str(folder), f"the outcome of run {number} ({edition}) is not what was written",
                f"missing or changed: {', '.join(differing)}",
                f"restore the folder from a backup; hanse runs repeat {number} says whether it still gives the same",
            ))  # fmt: skip
    if waiting:
        yield Finding("erasures", f"{len(waiting)} files wait for an erasure to be completed", Problem(
            str(waiting[0]), "it names a person who was erased", "the erasure was interrupted once it was on record",
            "hanse doctor --mend completes it",
        ))  # fmt: skip


def _expected(connection: psycopg.Connection[Any]) -> Iterator[tuple[int, str, str, dict[str, str]]]:
    """What ought to lie in folders: of the latest runs every output, of the others what an erasure rewrote."""
    redacted: dict[int, dict[str, str]] = {}
    for run, output, digest in connection.execute(_REDACTED):
        redacted.setdefault(run, {})[output] = digest
    latest = connection.execute(_LATEST_RUNS).fetchall()
    for number, edition, name, digests in latest:
        yield number, edition, name, {**(digests or {}), **redacted.get(number, {})}
    for number, edition, name in connection.execute(_REDACTED_RUNS):
        if number not in {row[0] for row in latest}:
            yield number, edition, name, redacted[number]


def _other_runs(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    gone = [(n, name) for n, name in connection.execute(_OTHER_RUNS) if not (home.folder() / "runs" / name).is_dir()]
    if gone:
        yield Finding("files", f"{len(gone)} folders of runs are missing", Problem(
            str(home.folder() / "runs" / gone[0][1]), f"the outcomes of {len(gone)} runs are missing",
            f"of run {', '.join(str(n) for n, _ in gone[:_SHOWN])}{' ...' if len(gone) > _SHOWN else ''}",
            "restore the folders from a backup; the standings themselves are in the database",
        ))  # fmt: skip


def _imported(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    for number, file, sha256 in connection.execute(_FILES):
        path = home.folder() / "files" / sha256
        if _digest(path) != sha256:
            yield Finding("files", f"the file of import {number} differs", Problem(
                str(path), f"the kept file of import {number} ({file}) is {'changed' if path.exists() else 'missing'}",
                "its SHA-256 is not the one that was noted", "restore it from a backup; its facts are in the database",
            ))  # fmt: skip
    for (sha256,) in connection.execute(_ERASED_FILES):
        path = home.folder() / "files" / sha256
        if path.exists():
            yield Finding("files", f"{sha256} is kept", Problem(
                str(path), "a copy of a file is kept that names a person who was erased",
                "an import was interrupted before it had taken the copy away", "hanse doctor --mend takes it away",
            ), mend=partial(_taken_away, path))  # fmt: skip


def _taken_away(path: Path) -> str:
    path.unlink(missing_ok=True)
    return f"took {path} away"


def _digest(path: Path) -> str:
    """The SHA-256 of a file; empty where it cannot be read."""
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                found.update(piece)
    except OSError:
        return ""
    return found.hexdigest()
