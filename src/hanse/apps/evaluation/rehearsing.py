"""How is a change rehearsed? Both versions over the facts on record at one moment, in one engine; the outcome is kept.

First the cases of a draft are run, if they have not been. Nothing that counts is touched: no standing, no run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from time import monotonic, process_time
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from hanse.apps.evaluation import facts, warm
from hanse.apps.evaluation.batch import MEMORY, THREADS
from hanse.apps.evaluation.models import Mover, Rehearsal
from hanse.apps.evaluation.rehearsals import counted
from hanse.apps.evidence.moments import snapshot
from hanse.apps.programmes.selectors import loaded
from hanse.apps.programmes.services import check_cases
from hanse.language.context import Days
from hanse.language.plan import literal, quoted
from hanse.language.problems import HanseError, Problem

if TYPE_CHECKING:
    import pyarrow as pa
CASES, READING, JUDGING = "cases", "reading", "judging"
_GOING_ON = 0x52454845  # "REHE": the first half of the advisory lock of a rehearsal that goes on
_TELL_EVERY = 0.4  # seconds
_COLUMNS = tuple(f.attname for f in Mover._meta.concrete_fields if f.attname != "rehearsal_id")


def run(number: int) -> None:
    """Rehearses what was asked for, unless it has been, or goes on. What is wrong with an edition is kept as its outcome."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_GOING_ON, number])
        if not cursor.fetchone()[0]:
            return
    try:
        one = Rehearsal.objects.select_related("before", "after").get(pk=number)
        if one.state in (Rehearsal.State.WAITING, Rehearsal.State.RUNNING):
            _rehearse(one)
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_GOING_ON, number])


def recover() -> list[int]:
    """Marks as failed the rehearsals whose process is gone; returns their numbers."""
    found = []
    for number in Rehearsal.objects.filter(state=Rehearsal.State.RUNNING).values_list("pk", flat=True):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_GOING_ON, number])
            if cursor.fetchone()[0]:
                _failed(number, [Problem(f"rehearsal {number}", "its process ended before it did", "it was killed, or the machine stopped", "rehearse again")])  # fmt: skip
                found.append(number)
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_GOING_ON, number])
    return found


def _rehearse(one: Rehearsal) -> None:
    Rehearsal.objects.filter(pk=one.pk).update(state=Rehearsal.State.RUNNING, started=timezone.now())
    began = process_time()
    told = _Told(one.pk)
    try:
        for version in (one.before, one.after):
            if version.unchecked:
                check_cases(version=version.pk, progress=told.of(CASES))
        with tempfile.TemporaryDirectory(prefix="hanse-") as name:
            summary = _compared(one, Path(name), told)
            _keep(one, summary, Path(name) / "moves.parquet", round(process_time() - began, 3))
    except HanseError as error:
        _failed(one.pk, error.problems)
    except BaseException as error:
        if connection.is_usable():
            _failed(one.pk, [Problem(f"rehearsal {one.pk}", str(error) or type(error).__name__, "it broke on our side", "rehearse again; if it stays, tell those who run the installation")])  # fmt: skip
        raise
    finally:
        told.close()


def _compared(one: Rehearsal, out: Path, told: _Told) -> Mapping[str, Any]:
    """Evaluates both sides into a folder that is gone afterwards; returns the figures."""
    from hanse.decisions.rehearsal_figures import Side
    from hanse.engines.duck import DuckEngine
    from hanse.engines.rehearse import rehearse, tables_of

    days = Days(one.as_of, one.rules_as_of)
    sides = (Side(loaded(one.before_id), days), Side(loaded(one.after_id), days))
    tables = tables_of(sides[0].edition, sides[1].edition)
    with snapshot():
        rows: dict[str, pa.Table] = facts.of_both(
            [side.edition for side in sides], tables, days, one.known_at, progress=told.of(READING)
        )
    with DuckEngine(rows, tables, memory=MEMORY, threads=THREADS, progress=told.of(JUDGING)) as engine:
        rows.clear()
        return rehearse(engine, *sides, out, fewer_than=one.fewer_than).summary


def _keep(one: Rehearsal, summary: Mapping[str, Any], moves: Path, seconds: float) -> None:
    import duckdb

    own = {
        "rank": "row_number() OVER (ORDER BY ABS(steps) DESC, steps, partner) AS rank",
        "country": f"COALESCE(country, {literal('')}) AS country",
    }
    listed = ", ".join(own.get(column, quoted(column)) for column in _COLUMNS)
    statement = f"SELECT {listed} FROM read_parquet({literal(str(moves))}) ORDER BY rank"
    kinds = (
        "SELECT direction, COALESCE(country, ''), level_before, level_after, because_level, because, count(*) "
        f"FROM read_parquet({literal(str(moves))}) GROUP BY ALL ORDER BY ALL"
    )
    with transaction.atomic(), duckdb.connect() as db:
        sums = counted(db.execute(kinds).fetchall())
        reasons = [[level, because, n] for (level, because), n in sums.reasons.items()]
        whole = {**summary, "kinds": {**vars(sums), "reasons": reasons}}
        done = Rehearsal.objects.filter(pk=one.pk, state=Rehearsal.State.RUNNING).update(
            state=Rehearsal.State.DONE, finished=timezone.now(), processor_seconds=seconds, summary=whole, phase="",
        )  # fmt: skip
        if not done:
            return
        found = db.execute(statement)
        names = ", ".join(("rehearsal_id", *_COLUMNS))
        with connection.cursor() as cursor, cursor.cursor.copy(f"COPY evaluation_mover ({names}) FROM STDIN") as copy:
            while rows := found.fetchmany(2000):
                for row in rows:
                    copy.write_row((one.pk, *row))


def _failed(number: int, problems: Any) -> None:
    Rehearsal.objects.filter(pk=number).exclude(state=Rehearsal.State.DONE).update(
        state=Rehearsal.State.FAILED, finished=timezone.now(), failure=[asdict(problem) for problem in problems]
    )


class _Told:
    """Says how far it is, on a connection of its own: the one of the work is inside a transaction."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.database = warm.connected("hanse rehearsal")
        self.last = 0.0
        self.phase = ""

    def of(self, phase: str) -> facts.Progress:
        """What a part of the work calls as it goes on."""

        def tell(_: str, done: int, of: int) -> None:
            now = monotonic()
            if phase == self.phase and now - self.last < _TELL_EVERY:
                return
            self.last, self.phase = now, phase
            self.database.execute(
                'UPDATE evaluation_rehearsal SET phase = %s, done = %s, "of" = %s WHERE id = %s',
                [phase, done, of, self.number],
            )

        return tell

    def close(self) -> None:
        self.database.close()
