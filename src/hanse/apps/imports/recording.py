"""How do staged rows become one batch of facts, or a look at what they would become?"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from hanse.apps.accounts.actors import Actor
from hanse.apps.audit import services as audit
from hanse.apps.duplicates import arriving
from hanse.apps.evaluation import services as evaluation
from hanse.apps.evidence import selectors as evidence_read
from hanse.apps.evidence import services as evidence
from hanse.apps.imports import erasure, loading
from hanse.apps.imports.loading import Staged, staging_of
from hanse.apps.imports.mapping import SheetMapping, as_json, from_json
from hanse.apps.imports.models import Import, SourceMapping
from hanse.apps.imports.workbench import Workbench
from hanse.apps.registry.selectors import newest

State = Import.State
Progress = Callable[[str, int, int], None]
Also = Callable[[list[str] | None], None]


@dataclass(frozen=True)
class Outcome:
    """What an import did, or would do. `state`: done, repeated (it was there already) or preview.

    `touched` counts the partners concerned, None where it may be any; `kinds` are refused rows by (table, kind, column).
    """

    state: str
    number: int | None
    batch: int | None
    file: str
    source: str
    rows: int
    added: int
    already: int
    refused: int
    erased: int
    kinds: dict[tuple[str, str, str], int]
    touched: int | None
    mappings: tuple[SheetMapping, ...]
    notes: tuple[str, ...] = ()


def complete(
    actor: Actor, waiting: Import, bench: Workbench, mappings: tuple[SheetMapping, ...], progress: Progress, *, teach: bool = True
) -> Outcome:  # fmt: skip
    """Stages the rows, then records all of them in one transaction. `teach`: later files of the source are read alike."""
    with loading.database_trouble(waiting.file, waiting=True):
        staged = loading.stage(bench, mappings, progress)
        with transaction.atomic():
            found = Import.objects.select_for_update().get(pk=waiting.pk)
            if found.state != State.WAITING:  # another process was quicker
                return replace(outcome_of(found, mappings, None), state="repeated")
            outcome = _record(actor, found, staged, mappings, progress)
            if teach:
                _remember(actor, found.source, mappings)
        loading.clear(staged)
    return outcome


def _record(
    actor: Actor, found: Import, staged: Staged, mappings: tuple[SheetMapping, ...], progress: Progress
) -> Outcome:
    last = newest()
    batch, counted = _facts(actor, staged, found.file, found.source, found.sha256, found.reason, progress)
    if loading.keep_refused(found.pk) or counted["erased"]:
        found.file_erased = timezone.now()
        erasure.forget_file(found.sha256)
    found.state, found.batch_id, found.finished = State.DONE, batch, timezone.now()
    found.rows, found.refused = staged.rows, staged.refused
    found.added, found.already = counted["added"], counted["already"] + staged.repeated
    found.kinds = {" ".join(kind): count for kind, count in staged.kinds.items()}
    found.save()
    touched = evidence_read.touched_partners(batch)
    evaluation.touched(batch=batch)
    if found.added:
        arriving.arrived(since=last, tables=[mapping.table for mapping in mappings])
    outcome = replace(
        outcome_of(found, mappings, len(touched) if touched is not None else None), erased=counted["erased"]
    )
    audit.record(
        actor=actor.name, action="imports.import_file", subject=f"import:{found.pk}", why=found.reason,
        after={"file": found.file, "sha256": found.sha256, "source": found.source, "batch": batch, "rows": found.rows,
               "added": found.added, "already": found.already, "refused": found.refused, "mapping": found.mapping},
    )  # fmt: skip
    return outcome


def _facts(
    actor: Actor, staged: Staged, file: str, source: str, sha256: str, reason: str, progress: Progress
) -> tuple[int, dict[str, int]]:
    """Opens the batch and turns what is staged into its facts; returns its number and what became of the rows."""
    batch = evidence.open_batch(actor=actor, kind="import", source=source, file=file, sha256=sha256, reason=reason)
    counted = {"added": 0, "already": 0, "erased": 0}
    for number, table in enumerate(staged.tables):
        progress(f"recording {table}", number, len(staged.tables))
        added = evidence.add_staged(batch=batch, table=table, staging=staging_of(table))
        counted["added"] += added.added
        counted["already"] += added.already
        counted["erased"] += added.erased
    evidence.settle(batch)
    return batch, counted


def preview(
    actor: Actor, bench: Workbench, mappings: tuple[SheetMapping, ...], file: str, source: str, progress: Progress,
    also: Also | None = None,
) -> Outcome:  # fmt: skip
    """Does everything, looks at it, and takes it back: what is shown is what would happen.

    `also` may look around while it is so, with the partners touched (None where it may be any).
    """
    staged = loading.stage(bench, mappings, progress)
    with transaction.atomic():
        batch, counted = _facts(actor, staged, file, source, "", "", progress)
        touched = evidence_read.touched_partners(batch)
        if also is not None:
            also(touched)
        transaction.set_rollback(True)
    loading.clear(staged)
    return Outcome(
        "preview", None, None, file, source, staged.rows, counted["added"], counted["already"] + staged.repeated, staged.refused,
        counted["erased"], dict(staged.kinds), len(touched) if touched is not None else None, mappings,
    )  # fmt: skip


def outcome_of(found: Import, mappings: tuple[SheetMapping, ...], touched: int | None) -> Outcome:
    """An import as it stands."""
    kinds = {_kind(text): count for text, count in found.kinds.items()}
    return Outcome(
        str(found.state), found.pk, found.batch_id, found.file, found.source, found.rows, found.added, found.already,
        found.refused, 0, kinds, touched, mappings,
    )  # fmt: skip


def _kind(text: str) -> tuple[str, str, str]:
    table, kind, column = [*text.split(" "), "", ""][:3]
    return table, kind, column


def remembered(source: str) -> list[SheetMapping]:
    """How files of the source were read, the newest first."""
    listed = SourceMapping.objects.filter(source=source).order_by("-id").values_list("mapping", flat=True)[:200]
    return list(from_json(list(listed)))


def _remember(actor: Actor, source: str, mappings: tuple[SheetMapping, ...]) -> None:
    known = remembered(source)
    for mapping in mappings:
        if not any(replace(k, sheet=mapping.sheet) == mapping for k in known[:1] if k.table == mapping.table):
            (kept,) = plain((mapping,))
            SourceMapping.objects.create(
                source=source, tbl=mapping.table, mapping=kept, author=actor.name, at=timezone.now()
            )


def plain(mappings: tuple[SheetMapping, ...]) -> list[dict[str, Any]]:
    """Mappings as JSON can hold them."""
    listed: list[dict[str, Any]] = json.loads(as_json(mappings))
    return listed
