"""How are a few partners judged? By the same statements, in PostgreSQL, where the facts are."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING, Any

from django.db import transaction

from hanse.apps.audit.services import record
from hanse.apps.evaluation import warm
from hanse.apps.standings import services as kept
from hanse.apps.standings import turns
from hanse.apps.standings.tables import digest_of_rows
from hanse.language import model

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor
    from hanse.apps.programmes.selectors import Seen
    from hanse.language.context import Days
    from hanse.language.edition import Edition


def evaluate(actor: Actor, version: Seen, edition: Edition, days: Days, partners: list[str], *, reason: str) -> int:
    """Judges these partners and makes it what counts; returns the run's number."""
    began = process_time()
    with transaction.atomic():
        turns.judging_here()
        found = warm.judged(edition, days, partners)
        run = kept.prepared(version=version, days=days, kind="some", reason=reason, actor=actor.name, partners=partners)
        outcome = kept.Outcome(
            found.known_at, {name: len(rows) for name, rows in found.rows.items()}, digests_of(found.rows), warm.versions(),
            round(process_time() - began, 4), found.outline,
        )  # fmt: skip
        moved = kept.publish_alone(run, found.rows, outcome, levels=edition.level_names, partners=partners)
        record(
            actor=actor.name, action="evaluation.evaluate", subject=f"run {run.pk}", why=reason,
            after={"edition": run.edition, "edition_hash": run.edition_hash, "as_of": days.as_of,
                   "known_at": found.known_at, "partners": partners, "levels_moved": moved},
        )  # fmt: skip
    return int(run.pk)


def digests_of(rows: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    """What names the rows of each output, in whatever order they came."""
    return {name: digest_of_rows(listed) for name, listed in rows.items()}


def needs_everybody(edition: Edition) -> bool:
    """Whether a partner's outcome may depend on anybody: a metric that ranks, or one written in SQL."""
    return bool(edition.sql) or any(isinstance(m, model.Rank) for m in edition.metrics.values())


def looks_around(edition: Edition) -> bool:
    """Whether partners of one group or one enterprise matter for one another."""
    rollup = edition.rollup
    handed = rollup is not None and bool(rollup.share or rollup.best_of or rollup.n_of)
    return handed or any(isinstance(m, model.Simple) and m.over for m in edition.metrics.values())


def human_answers(edition: Edition, level: str) -> dict[str, dict[str, str]]:
    """The attestations that say yes to what people are asked, by requirement: those of a level before those of others."""
    found: dict[str, dict[str, str]] = {}

    def visit(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("human"), str):
                said = {k: str(node[k]) for k in ("kind", "level") if k in node}
                found.setdefault(str(node.get("name", node["human"])), {"name": node["human"], **said})
            for part in node.values():
                visit(part)
        elif isinstance(node, list):
            for part in node:
                visit(part)

    visit(edition.levels.get(level))
    visit(edition.levels)
    return found
