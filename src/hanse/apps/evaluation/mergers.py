"""Firms are merged, come apart again, are renamed or close: and whoever is concerned is judged anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.policy import require
from hanse.apps.evaluation import foreseeing
from hanse.apps.evaluation.services import touched
from hanse.apps.evidence import golden, structure


def merge(
    *, actor: Actor, partner: str, into: str, kind: str = "duplicate", on: date | None = None, note: str = "", reason: str
) -> int:  # fmt: skip
    """Merges two records and has both judged anew; returns the batch. Raises what `evidence.structure.merge` does."""
    with transaction.atomic():
        batch = structure.merge(actor=actor, partner=partner, into=into, kind=kind, on=on, note=note, reason=reason)
        touched(batch=batch)
    return batch


def unmerge(*, actor: Actor, partner: str, reason: str) -> int:
    """Takes the latest merger of a record back and has both judged anew. Raises what `evidence.structure.unmerge` does."""
    with transaction.atomic():
        batch = structure.unmerge(actor=actor, partner=partner, reason=reason)
        touched(batch=batch)
    return batch


def became(
    *, actor: Actor, partner: str, kind: str, on: date, into: str = "", name: str = "", note: str = "", reason: str
) -> int:  # fmt: skip
    """Records another event and has the firm judged anew. Raises what `evidence.structure.became` does."""
    with transaction.atomic():
        batch = structure.became(
            actor=actor, partner=partner, kind=kind, on=on, into=into, name=name, note=note, reason=reason
        )
        touched(batch=batch)
    return batch


def unbecame(*, actor: Actor, partner: str, fact: int, reason: str) -> int:
    """Takes an event back and has the firm judged anew. Raises what `evidence.structure.unbecame` does."""
    with transaction.atomic():
        batch = structure.unbecame(actor=actor, partner=partner, fact=fact, reason=reason)
        touched(batch=batch)
    return batch


def chosen(*, actor: Actor, partner: str, field: str, fact: int, reason: str) -> int:
    """Chooses a field by hand and has the firm judged anew; returns the batch. Raises what `evidence.golden.choose` does."""
    with transaction.atomic():
        batch = golden.choose(actor=actor, partner=partner, field=field, fact=fact, reason=reason)
        touched(batch=batch)
    return batch


def trusted(*, actor: Actor, field: str, sources: Sequence[str], reason: str) -> int:
    """Orders the sources of a field and has the firms judged anew that this changed; returns how many those are.

    Raises what `evidence.golden.trust` does.
    """
    with transaction.atomic():
        changed = golden.trust(actor=actor, field=field, sources=sources, reason=reason)
        if changed.batch:
            touched(batch=changed.batch)
    return len(changed.firms)


def foreseen(
    *, actor: Actor, partner: str, into: str, kind: str = "duplicate", on: date | None = None
) -> list[foreseeing.Move] | None:
    """The levels that would be others if two records were merged; nothing is kept. None where everybody must be judged.

    Raises what `evidence.structure.merge` does.
    """
    require(actor, "evidence.merge")
    with transaction.atomic():
        before = transaction.savepoint()
        try:
            structure.merge(actor=actor, partner=partner, into=into, kind=kind, on=on, reason="foreseen")
            return foreseeing.moves([partner, into])
        finally:
            transaction.savepoint_rollback(before)
