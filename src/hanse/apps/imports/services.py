"""Files into facts, and back out again.

An import is first written down as waiting, with its file kept; then everything it says becomes true in one transaction.
Whatever happens in between (kill -9, a full disk, a lost connection), nothing is half done, and a second start completes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from hanse.apps.accounts import policy
from hanse.apps.accounts.actors import Actor
from hanse.apps.audit import services as audit
from hanse.apps.evaluation import services as evaluation
from hanse.apps.evidence import services as evidence
from hanse.apps.imports import erasure, keeping, loading, recording
from hanse.apps.imports.mapping import Answers, Question, SheetMapping, from_json, recipe_of
from hanse.apps.imports.models import Import, Upload
from hanse.apps.imports.recording import Outcome
from hanse.apps.imports.workbench import Workbench
from hanse.apps.standings import services as standings
from hanse.apps.standings import turns
from hanse.language.problems import CallError, Problem

__all__ = ["Mended", "Outcome", "Undone", "erase_person", "import_file", "resume", "undo"]

SOURCE = "files"  # of imports that name no source
State = Import.State
Progress = Callable[[str, int, int], None]
Ask = Callable[[Sequence[Question]], Answers]


@dataclass(frozen=True)
class Mended:
    """The import whose refused rows a file mends, and which of them, by their number (None: nobody knows)."""

    number: int
    rows: tuple[int, ...] | None = None


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
    dry_run: bool = False, ask: Ask | None = None, progress: Progress | None = None, teach: bool = True,
    mends: Mended | None = None,
) -> Outcome:  # fmt: skip
    """Imports a file: recognised, checked, and recorded as one batch, or not at all.

    `ask` is called with what cannot be known, and gives the answers; without it that is an error which names the option to
    give. `teach`: later files of the source are read as this one. Raises Refused and CallError.
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
                return replace(recording.outcome_of(before, mappings, None), state="repeated", added=0, already=before.rows - before.refused,
                               notes=tuple(notes))  # fmt: skip
            if dry_run:
                return replace(recording.preview(actor, bench, mappings, shown, source, tell), notes=tuple(notes))
            found = _waiting(actor, bench, mappings, sha256=sha256, size=size, file=shown, source=source, reason=reason,
                             mends=mends)  # fmt: skip
        done = recording.complete(actor, found, bench, mappings, tell, teach=teach)
    return replace(done, notes=tuple(notes))


def resume(*, actor: Actor, number: int | None = None, progress: Progress | None = None) -> list[Outcome]:
    """Completes every import that was interrupted (or one), in the order in which they were started.

    Raises Refused, CallError.
    """
    policy.require(actor, "imports.resume")
    tell = progress or (lambda _text, _done, _total: None)
    finished = []
    waiting = Import.objects.filter(state=State.WAITING).order_by("id")
    for found in waiting if number is None else waiting.filter(pk=number):
        mappings = from_json(found.mapping)
        with Workbench(_kept(found), found.file, progress=tell) as bench:
            bench.load()
            finished.append(recording.complete(actor, found, bench, mappings, tell))
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
        Upload.objects.filter(sha256__in=[path.name for path in files]).delete()
        for path in files:  # before the commit: a copy may go though the rest fails, but never stay though it succeeds
            path.unlink(missing_ok=True)
    return {what: count for what, count in found.items() if count}


# -- recognising ------------------------------------------------------------------------------------------------------


def _mappings(
    bench: Workbench, source: str, answers: Answers, ask: Ask | None
) -> tuple[tuple[SheetMapping, ...], list[str]]:
    """The mappings of all sheets; what is unknown is asked until nothing is. Raises CallError where nobody can be asked."""
    remembered = recording.remembered(source)
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


def _waiting(
    actor: Actor, bench: Workbench, mappings: tuple[SheetMapping, ...], *, sha256: str, size: int, file: str, source: str, reason: str,
    mends: Mended | None,
) -> Import:  # fmt: skip
    """Writes the import down, so that it can be completed whatever happens; one that waits already is taken up."""
    found, _ = Import.objects.get_or_create(
        sha256=sha256, recipe=recipe_of(mappings), state=State.WAITING,
        defaults={
            "mapping": recording.plain(mappings),
            "file": file, "size": size, "source": source, "author": actor.name, "reason": reason, "created": timezone.now(),
            "headings": {s.sheet.name: s.sheet.headings for s in bench.sheets},
            "mends_id": mends.number if mends else None, "mended": list(mends.rows) if mends and mends.rows is not None else None,
        },
    )  # fmt: skip
    return found


def _kept(found: Import) -> Path:
    path = keeping.kept(found.sha256)
    if not path.is_file():
        raise CallError(Problem(str(path), f"the file of import {found.pk} is gone", f"{found.file} was kept there",
                                f"import the file again, or give this import up: hanse undo {found.pk}"))  # fmt: skip
    return path


def _unknown(number: int) -> CallError:
    return CallError(
        Problem(
            f"import {number}", "there is no such import", "no import has that number", "hanse import --list shows them"
        )
    )
