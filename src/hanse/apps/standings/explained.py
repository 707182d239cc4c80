"""Which rows explain a partner's standing? Those of the run that decided it, from the database or from the run's folder."""

from __future__ import annotations

from datetime import UTC, date
from pathlib import Path
from typing import Any

from hanse.apps.accounts.actors import Actor
from hanse.apps.registry.selectors import see_partner
from hanse.apps.standings import selectors
from hanse.apps.standings.models import Run
from hanse.decisions.explanation_views import Outcome, Partner
from hanse.language.problems import CallError, Problem

_TABLES = ("standings", "checks", "competencies", "benefits", "results", "problems")


def outcome(*, actor: Actor, partner: str, edition: str | None = None, as_of: date | None = None) -> Outcome:
    """The rows of one partner as it stands, or as it stood on a day that was judged.

    Nothing is calculated. Raises NotThere for a partner that the actor may not see, CallError for a day nobody judged.
    """
    known = see_partner(actor, partner)
    run = selectors.deciding_run(actor, partner, edition=edition, as_of=as_of)
    rows = selectors.rows_of(actor, run, partner)
    if not rows["standings"] and run.folder:
        rows = _from_folder(run, run.place, partner)
    assert run.known_at is not None
    standing = "active"
    if known.left and known.left <= run.as_of:
        standing = "left"
    elif known.joined and known.joined > run.as_of:
        standing = "not_yet"
    elif not rows["standings"]:
        standing = "absent"
    return Outcome(
        partner=Partner(known.key, known.name, known.country, known.joined, known.left, standing),
        as_of=run.as_of,
        rules_as_of=run.rules_as_of,
        known_at=run.known_at.astimezone(UTC).isoformat(timespec="seconds"),
        outline=selectors.outline_of(run),
        standings=rows["standings"],
        checks=rows["checks"],
        competencies=rows["competencies"],
        benefits=rows["benefits"],
        results=rows["results"],
        problems=rows["problems"],
    )


def _from_folder(run: Run, folder: Path, partner: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of a partner in the folder of a run whose rows have left the database."""
    from pyarrow import parquet

    try:
        return {
            name: parquet.read_table(folder / f"{name}.parquet", filters=[("partner", "=", partner)]).to_pylist()
            for name in _TABLES
        }
    except OSError as error:
        raise CallError(Problem(
            str(folder), f"the folder of run {run.pk} cannot be read", error.strerror or str(error),
            "bring it back from a backup, or evaluate that day again",
        )) from error  # fmt: skip
