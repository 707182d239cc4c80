"""How are all partners judged? Facts out of the database, through DuckDB into an immutable folder, and back."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from hanse.apps.audit.services import record
from hanse.apps.evaluation import facts
from hanse.apps.evidence.moments import snapshot
from hanse.apps.programmes.selectors import Seen, loaded
from hanse.apps.standings import services as kept
from hanse.installation import home

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor
    from hanse.apps.standings.models import Run
    from hanse.language.context import Days
    from hanse.language.edition import Edition

MEMORY = "1000MB"  # DuckDB's part; Arrow holds the facts besides
THREADS = 2
_MANY = 1 << 20


@dataclass(frozen=True)
class Written:
    """What lies in a folder: the rows of each output, the sum of each file, the run's own description."""

    rows: Mapping[str, int]
    digests: Mapping[str, str]
    described: Mapping[str, Any]
    outline: Mapping[str, Any]


def evaluate(
    actor: Actor, version: Seen, days: Days, *, reason: str, known_at: datetime | None = None,
    progress: facts.Progress | None = None,
) -> int:  # fmt: skip
    """Judges all partners and makes it what counts; returns the run's number. Raises EditionError."""
    edition = loaded(version.id)
    run = kept.prepared(version=version, days=days, kind="all", reason=reason, actor=actor.name)
    with kept.going_on(run):
        began = process_time()
        try:
            _run(actor, run, edition, days, known_at, progress, began)
        except BaseException as error:
            if connection.is_usable():
                kept.fail(run, str(error) or type(error).__name__)
            discard(run)
            raise
    return int(run.pk)


def _run(
    actor: Actor, run: Run, edition: Edition, days: Days, known_at: datetime | None, progress: facts.Progress | None,
    began: float,
) -> None:  # fmt: skip
    folder = folder_of(run)
    moment, written = write(edition, days, folder, known_at=known_at, progress=progress, about={"run": str(run.uuid)})
    for path in folder.iterdir():
        path.chmod(0o444)
    if progress:
        progress("writing standings", 0, 1)
    outcome = kept.Outcome(
        moment,
        written.rows,
        written.digests,
        written.described["versions"],
        round(process_time() - began, 3),
        written.outline,
    )
    with transaction.atomic():
        moved = kept.publish(run, folder, outcome, levels=edition.level_names)
        record(
            actor=actor.name, action="evaluation.evaluate", subject=f"run {run.pk}", why=run.reason,
            after={"edition": run.edition, "edition_hash": run.edition_hash, "as_of": days.as_of, "known_at": moment,
                   "rows": dict(written.rows), "levels_moved": moved},
        )  # fmt: skip


def write(
    edition: Edition, days: Days, folder: Path, *, known_at: datetime | None = None, partners: list[str] | None = None,
    progress: facts.Progress | None = None, about: Mapping[str, str] | None = None,
) -> tuple[datetime, Written]:  # fmt: skip
    """Evaluates what was on record at a moment (default: now) into a new folder; returns the moment and what lies there."""
    from hanse.engines import run as engine_run
    from hanse.engines.duck import DuckEngine

    with snapshot() as now:
        moment = known_at or now
        tables = facts.tables_of(edition, days, moment, partners=partners, progress=progress)
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        with DuckEngine(tables, edition.tables, memory=MEMORY, threads=THREADS, progress=progress) as engine:
            tables.clear()
            engine_run.evaluate(engine, edition, days, staging)
        found = _described(staging, moment, about or {})
        staging.rename(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return moment, found


def folder_of(run: Run) -> Path:
    """Where the outcome of a run lies, for good."""
    return home.room("runs") / str(run.uuid)


def discard(run: Run) -> None:
    """Clears away what a run left that came to nothing."""
    room = home.folder() / "runs"
    for path in (room / str(run.uuid), *room.glob(f".*{run.uuid}-*")):
        shutil.rmtree(path, ignore_errors=True)


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_MANY):
            digest.update(piece)
    return digest.hexdigest()


def _described(folder: Path, moment: datetime, about: Mapping[str, str]) -> Written:
    path = folder / "run.json"
    described = json.loads(path.read_text(encoding="utf-8"))
    described["known_at"] = moment.astimezone(UTC).isoformat()
    digests = {file.stem: digest_of(file) for file in sorted(folder.glob("*.parquet"))}
    described |= {"digests": digests, "evaluated": timezone.now().isoformat(), **about}
    path.write_text(json.dumps(described, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    outline = json.loads((folder / "outline.json").read_text(encoding="utf-8"))
    return Written(described["rows"], digests, described, outline)
