"""When does a level granted become one that is held? When somebody confirms a run: its levels go on record as facts.

Reviews, grace and protection look at the levels a partner holds on record (`levels_held`). A run only says what would be
granted; what a person confirms is what partners were told, and counts from then on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from hanse.apps.evidence.services import STAGING, add_staged, create_staging, open_batch, settle
from hanse.apps.programmes.selectors import version_of_hash
from hanse.apps.standings.selectors import books_of
from hanse.language.problems import CallError, Problem

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor
    from hanse.apps.standings.models import Run

TABLE = "levels_held"


def hold(actor: Actor, run: Run, reason: str) -> tuple[int, int]:
    """Records the levels that a run grants, where they differ from those held; returns the batch, and how many are new.

    Inside the caller's transaction.
    """
    programme = run.edition.partition("/")[0]
    batch = open_batch(actor=actor, kind="approval", source=f"run:{run.pk}", reason=reason)
    create_staging(TABLE)
    statement = f'COPY {STAGING} (line, partner, subject, "from", programme) FROM STDIN'
    with connection.cursor() as cursor, cursor.cursor.copy(statement) as copy:
        for line, (partner, _, level) in enumerate(would_hold(run), start=1):
            copy.write_row((line, partner, level, run.as_of, programme))
    added = add_staged(batch=batch, table=TABLE).added
    settle(batch)
    return batch, added


def must_be_current(run: Run, reason: str) -> None:
    """Only what counts now, by the rules in force, is told to partners. Raises CallError."""
    place = f"run {run.pk}"
    if not reason.strip():
        raise CallError(Problem("--reason", "no reason is given", "whoever looks back must see why", "add --reason"))
    books = books_of(run.edition)
    if books is None or books.run != run.pk:
        raise CallError(Problem(place, "it is not the run that standings are of", "a later one has replaced it, or it failed",
                                f"confirm run {books.run}" if books else "evaluate first"))  # fmt: skip
    version = version_of_hash(run.edition, run.edition_hash)
    if "in_force" not in {event.state for event in version.events if event.on <= run.as_of and not event.taken_back}:
        raise CallError(Problem(place, f"{run.edition} was not in force on {run.as_of}", "only an edition in force grants levels",
                                "put it in force first, or evaluate a later day"))  # fmt: skip


def would_hold(run: Run) -> list[tuple[str, str, str]]:
    """The partners whose level granted is another one than they hold: partner, held (or nothing), granted."""
    from pyarrow import parquet

    rows = parquet.read_table(run.place / "standings.parquet", columns=["partner", "held", "granted"])
    lines = zip(*(rows[name].to_pylist() for name in ("partner", "held", "granted")), strict=True)
    return [(partner, held or "", granted) for partner, held, granted in lines if granted and granted != held]
