"""Files into facts, and back out again.

An import is first written down as waiting, with its file kept; then everything it says becomes true in one transaction.
Whatever happens in between (kill -9, a full disk, a lost connection), nothing is half done, and a second start completes it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from hanse.apps.accounts import policy
from hanse.apps.accounts.actors import Actor
from hanse.apps.audit import services as audit
from hanse.apps.evaluation import services as evaluation
from hanse.apps.evidence import selectors as evidence_read
from hanse.apps.evidence import services as evidence
from hanse.apps.imports import erasure, keeping, loading
from hanse.apps.imports.loading import Staged, staging_of
from hanse.apps.imports.mapping import Answers, Question, SheetMapping, as_json, from_json, recipe_of
from hanse.apps.imports.models import Import, SourceMapping
from hanse.apps.imports.workbench import Workbench
from hanse.apps.standings import services as standings
from hanse.apps.standings import turns
from hanse.language.problems import CallError, Problem

SOURCE = "files"  # of imports that name no source
State = Import.State
Progress = Callable[[str, int, int], None]
Ask = Callable[[Sequence[Question]], Answers]


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


@dataclass(frozen=True)
class Undone:
    """An import that was taken back (or given up: dropped), and how many facts it had brought."""

    number: int
    state: str
    batch: int | None
    file: str
    added: int


def import_file(
    *, actor: Actor, path: Path, source: str = SOURCE, name: str = "", answers: Answers | None = None, reason: str = "",
    dry_run: bool = False, ask: Ask | None = None, progress: Progress | None = None,
) -> Outcome:  # fmt: skip
    """Imports a file: recognised, checked, and recorded as one batch, or not at all.

    `ask` is called with what cannot be known, and gives the answers; without it that is an error which names the option to
    give. Raises Refused and CallError.
    """
    policy.require(actor, "imports.import_file")
    shown, tell = name or path.name, progress or (lambda _text, _done, _total: None)
    sha256, size = (keeping.digest_of(path, shown), 0) if dry_run else keeping.keep(path, shown)
    with Workbench(path if dry_run else keeping.kept(sha256), shown, progress=tell) as bench:
        bench.load()
        with loading.database_trouble(shown, waiting=False):
            mappings, notes = _mappings(bench, source, answers or Answers(), ask)
            before = Import.objects.filter(sha256=sha256, recipe=recipe_of(mappings), state=State.DONE).first()
            if before is not None:
                if before.file_erased:
                    erasure.forget_file(sha256)
                return replace(_outcome(before, mappings, None), state="repeated", added=0, already=before.rows - before.refused,
                               notes=tuple(notes))  # fmt: skip
            if dry_run:
                return replace(_preview(actor, bench, mappings, shown, source, tell), notes=tuple(notes))
            found = _waiting(actor, bench, mappings, sha256=sha256, size=size, file=shown, source=source, reason=reason)
        done = _complete(actor, found, bench, mappings, tell)
    return replace(done, notes=tuple(notes))


def resume(*, actor: Actor, progress: Progress | None = None) -> list[Outcome]:
    """Completes every import that was interrupted, in the order in which they were started. Raises Refused, CallError."""
    policy.require(actor, "imports.resume")
    tell = progress or (lambda _text, _done, _total: None)
    finished = []
    for found in Import.objects.filter(state=State.WAITING).order_by("id"):
        mappings = from_json(found.mapping)
        with Workbench(_kept(found), found.file, progress=tell) as bench:
            bench.load()
            finished.append(_complete(actor, found, bench, mappings, tell))
    return finished


def undo(*, actor: Actor, number: int, reason: str) -> Undone:
    """Takes an import back, whatever its size and age; one that waits is given up.

    What others say too stays. What was built on it is judged again. Raises Refused, CallError.
    """
    policy.require(actor, "imports.undo")
    with loading.database_trouble(f"import {number}", waiting=False), transaction.atomic():
        found = Import.objects.select_for_update().filter(pk=number).first()
        if found is None:
            raise _unknown(number)
        before = State(found.state)
        if before in (State.UNDONE, State.DROPPED):
            raise CallError(Problem(f"import {number}", "it has been taken back already", f"that was on {found.ended:%Y-%m-%d %H:%M}",
                                    "import the file again to bring its facts back"))  # fmt: skip
        found.state = State.UNDONE if before == State.DONE else State.DROPPED
        found.ended = timezone.now()
        found.save(update_fields=["state", "ended"])
        if found.batch_id is not None:
            evidence.withdraw(actor=actor, batch=found.batch_id, reason=reason)
            evaluation.touched(batch=found.batch_id)
        audit.record(
            actor=actor.name, action="imports.undo", subject=f"import:{number}", why=reason, before={"state": before},
            after={"state": found.state, "file": found.file, "source": found.source, "rows": found.rows},
        )  # fmt: skip
    return Undone(number, str(found.state), found.batch_id, found.file, found.added)


def erase_person(*, actor: Actor, person: str, reason: str) -> dict[str, int]:
    """Erases a person on legal request: from the facts, from what runs concluded, and from what is kept of the files. Refused
    rows that name the person lose what stood in them, and copies of files that name the person go.

    Returns the rows changed by table, `results` of runs, folders of `runs`, `refused` rows and `files`. Raises Refused, and
    CallError when the person stands nowhere, when an import waits or a run was interrupted that might bring the person back.
    """
    policy.require(actor, "imports.erase_person")
    evaluation.recover()
    with transaction.atomic(), connection.cursor() as cursor:
        turns.erasing()
        waiting = Import.objects.filter(state=State.WAITING).order_by("id").first()
        if waiting is not None:
            raise CallError(Problem(f"import {waiting.pk}", f"{waiting.file} waits to be completed", "it may name the person",
                                    f"complete it (hanse import --resume), or give it up: hanse undo {waiting.pk}"))  # fmt: skip
        erased = evidence.erase(actor=actor, person=person, reason=reason)
        concluded = standings.erase(person=person, pseudonym=erased.pseudonym)
        files = list(erasure.files_naming(person))
        if not (erased.touched or any(concluded.values()) or erasure.is_said_of_a_person(person, files)):
            raise CallError(Problem(f"person {person}", "no fact names this person", "nor does a run, or the person's column of a file",
                                    "check the key: it is compared letter by letter"))  # fmt: skip
        cursor.execute("SELECT imports_erase(%s)", [person])
        refused = int(cursor.fetchone()[0])
        found = {**erased.touched, **concluded, "refused": refused, "files": len(files)}
        audit.record(actor=actor.name, action="imports.erase_person", subject="person", why=reason, after=found)
        Import.objects.filter(sha256__in=[path.name for path in files]).update(file_erased=timezone.now())
        for path in files:  # before the commit: a copy may go though the rest fails, but never stay though it succeeds
            path.unlink(missing_ok=True)
    return {what: count for what, count in found.items() if count}


# -- recognising ------------------------------------------------------------------------------------------------------


def _mappings(
    bench: Workbench, source: str, answers: Answers, ask: Ask | None
) -> tuple[tuple[SheetMapping, ...], list[str]]:
    """The mappings of all sheets; what is unknown is asked until nothing is. Raises CallError where nobody can be asked."""
    remembered = _remembered(source)
    while True:
        mappings, questions, notes = bench.recognise(answers, remembered)
        if not questions:
            break
        if ask is None:
            raise CallError(Problem(q.place, q.what, q.why, f"say it: {q.option}{_or_else(q)}") for q in questions)
        answers = ask(questions)
    if not mappings:
        raise CallError(
            Problem(
                bench.shown, "nothing is left to import", "every sheet is left out or empty", "give a table for one"
            )
        )
    return mappings, notes


def _or_else(question: Question) -> str:
    shown = [repr(c) for c in question.choices[:8]]
    return f" (or {', '.join(shown[1:])})" if len(shown) > 1 else ""


def _remembered(source: str) -> list[SheetMapping]:
    """How files of the source were read, the newest first."""
    listed = SourceMapping.objects.filter(source=source).order_by("-id").values_list("mapping", flat=True)[:200]
    return list(from_json(list(listed)))


def _remember(actor: Actor, source: str, mappings: tuple[SheetMapping, ...]) -> None:
    known = _remembered(source)
    for mapping in mappings:
        if not any(replace(k, sheet=mapping.sheet) == mapping for k in known[:1] if k.table == mapping.table):
            (plain,) = _plain((mapping,))
            SourceMapping.objects.create(
                source=source, tbl=mapping.table, mapping=plain, author=actor.name, at=timezone.now()
            )


def _plain(mappings: tuple[SheetMapping, ...]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(as_json(mappings))
    return listed


# -- recording --------------------------------------------------------------------------------------------------------


def _waiting(
    actor: Actor, bench: Workbench, mappings: tuple[SheetMapping, ...], *, sha256: str, size: int, file: str, source: str, reason: str
) -> Import:  # fmt: skip
    """Writes the import down, so that it can be completed whatever happens; one that waits already is taken up."""
    found, _ = Import.objects.get_or_create(
        sha256=sha256, recipe=recipe_of(mappings), state=State.WAITING,
        defaults={
            "mapping": _plain(mappings),
            "file": file, "size": size, "source": source, "author": actor.name, "reason": reason, "created": timezone.now(),
            "headings": {s.sheet.name: s.sheet.headings for s in bench.sheets},
        },
    )  # fmt: skip
    return found


def _kept(found: Import) -> Path:
    path = keeping.kept(found.sha256)
    if not path.is_file():
        raise CallError(Problem(str(path), f"the file of import {found.pk} is gone", f"{found.file} was kept there",
                                f"import the file again, or give this import up: hanse undo {found.pk}"))  # fmt: skip
    return path


def _complete(
    actor: Actor, waiting: Import, bench: Workbench, mappings: tuple[SheetMapping, ...], progress: Progress
) -> Outcome:
    """Stages the rows, then records all of them in one transaction."""
    with loading.database_trouble(waiting.file, waiting=True):
        staged = loading.stage(bench, mappings, progress)
        with transaction.atomic():
            found = Import.objects.select_for_update().get(pk=waiting.pk)
            if found.state != State.WAITING:  # another process was quicker
                return replace(_outcome(found, mappings, None), state="repeated")
            outcome = _record(actor, found, staged, mappings, progress)
        loading.clear(staged)
    return outcome


def _record(
    actor: Actor, found: Import, staged: Staged, mappings: tuple[SheetMapping, ...], progress: Progress
) -> Outcome:
    batch, counted = _facts(actor, staged, found.file, found.source, found.sha256, found.reason, progress)
    if loading.keep_refused(found.pk) or counted["erased"]:
        found.file_erased = timezone.now()
        erasure.forget_file(found.sha256)
    found.state, found.batch_id, found.finished = State.DONE, batch, timezone.now()
    found.rows, found.refused = staged.rows, staged.refused
    found.added, found.already = counted["added"], counted["already"] + staged.repeated
    found.kinds = {" ".join(kind): count for kind, count in staged.kinds.items()}
    found.save()
    _remember(actor, found.source, mappings)
    touched = evidence_read.touched_partners(batch)
    evaluation.touched(batch=batch)
    outcome = replace(
        _outcome(found, mappings, len(touched) if touched is not None else None), erased=counted["erased"]
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


def _preview(
    actor: Actor, bench: Workbench, mappings: tuple[SheetMapping, ...], file: str, source: str, progress: Progress
) -> Outcome:
    """Does everything, looks at it, and takes it back: what is shown is what would happen."""
    staged = loading.stage(bench, mappings, progress)
    with transaction.atomic():
        batch, counted = _facts(actor, staged, file, source, "", "", progress)
        touched = evidence_read.touched_partners(batch)
        transaction.set_rollback(True)
    loading.clear(staged)
    return Outcome(
        "preview", None, None, file, source, staged.rows, counted["added"], counted["already"] + staged.repeated, staged.refused,
        counted["erased"], dict(staged.kinds), len(touched) if touched is not None else None, mappings,
    )  # fmt: skip


def _outcome(found: Import, mappings: tuple[SheetMapping, ...], touched: int | None) -> Outcome:
    kinds = {_kind(text): count for text, count in found.kinds.items()}
    return Outcome(
        str(found.state), found.pk, found.batch_id, found.file, found.source, found.rows, found.added, found.already,
        found.refused, 0, kinds, touched, mappings,
    )  # fmt: skip


def _kind(text: str) -> tuple[str, str, str]:
    table, kind, column = [*text.split(" "), "", ""][:3]
    return table, kind, column


def _unknown(number: int) -> CallError:
    return CallError(
        Problem(
            f"import {number}", "there is no such import", "no import has that number", "hanse import --list shows them"
        )
    )
