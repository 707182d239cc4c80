"""From a file dropped on a page to an import, step by step: looked at, asked about, tried, imported, mended.

Each step is written down, so that one may leave and come back. What takes long is worked on beside the requests; what was
interrupted is taken up by `go_on`, as `services.resume` completes an import that waits.
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.policy import not_there, require
from hanse.apps.audit.services import record
from hanse.apps.evaluation.following import beside, follow
from hanse.apps.imports import keeping, kinds, looking, services, working
from hanse.apps.imports.mapping import NOTHING, Answers, answers_as_data, answers_from_data, from_json
from hanse.apps.imports.models import Import, Refused, Upload
from hanse.apps.imports.services import SOURCE, Mended
from hanse.language.problems import CallError, HanseError, Problem

SMALL = 1 << 20  # bytes: a smaller file is done within the request
KEPT_DAYS = 7  # an upload that nobody carries on is cleared away
_LONGEST = 150
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
State = Upload.State


def receive(*, actor: Actor, path: Path, name: str, source: str = "", mends: int | None = None) -> int:
    """Takes a file from outside in and looks at it; returns the upload's number. `name` is shown and nothing else.

    With `mends` it holds refused rows of that import, mended. Raises Refused, and CallError for a file of a kind that
    cannot be imported, or that cannot be kept.
    """
    require(actor, "imports.upload")
    shown = plain_name(name)
    kinds.check(path, shown)
    clear_away()
    sha256, size = keeping.keep(path, shown)
    before = _import(mends) if mends is not None else None
    found = _uploaded(actor, shown, sha256, size, source or (before.source if before else ""), mends=before)
    go_on(actor=actor, upload=found.pk)
    return int(found.pk)


def answer(*, actor: Actor, upload: int, answers: Answers, remember: bool = True) -> None:
    """Takes answers down and looks at the file again. Raises Refused, NotThere, CallError."""
    require(actor, "imports.upload")
    found = _open(upload)
    _must_be(found, State.ASKED, State.READY, State.FAILED)
    _turned(found, State.LOOKING, answers=answers_as_data(answers), remember=remember, problems=[])
    go_on(actor=actor, upload=upload)


def bring_in(*, actor: Actor, upload: int, reason: str = "") -> None:
    """Imports a file of which it is known what it would do. Raises Refused, NotThere, CallError."""
    require(actor, "imports.upload")
    found = _open(upload)
    _must_be(found, State.READY)
    _turned(found, State.IMPORTING, reason=reason, problems=[])
    go_on(actor=actor, upload=upload)


def go_on(*, actor: Actor, upload: int) -> None:
    """Does what an upload waits for: at once where it is small, else beside the requests; one that failed begins anew.

    Raises Refused, NotThere.
    """
    require(actor, "imports.upload")
    found = _open(upload)
    if found.state == State.FAILED:
        _turned(found, State.LOOKING, problems=[])
    if found.state not in (State.LOOKING, State.IMPORTING):
        return
    if found.size <= SMALL:
        _work(actor, upload, lambda _text, _done, _of: None)
    else:
        Upload.objects.filter(pk=upload).update(changed=timezone.now(), progress={})
        transaction.on_commit(lambda: beside(lambda: _work_beside(actor, upload)))


def give_up(*, actor: Actor, upload: int) -> str:
    """Forgets an upload and its file; returns the file's name. Raises Refused, NotThere, CallError while it is worked on."""
    require(actor, "imports.upload")
    found = _open(upload)
    with working.alone(upload) as mine, transaction.atomic():
        if not mine:
            raise CallError(Problem(found.file, "it is being worked on", "what goes on cannot be given up",
                                    "wait until it is done; an import is taken back with undo"))  # fmt: skip
        found.delete()
        _forget_file(found.sha256)
        record(
            actor=actor.name, action="imports.give_up", subject=f"upload:{upload}",
            before={"file": found.file, "sha256": found.sha256, "source": found.source, "state": found.state},
        )  # fmt: skip
    return str(found.file)


def mend(*, actor: Actor, number: int, rows: Mapping[int, Sequence[str]]) -> int:
    """Imports refused rows of one sheet as they were mended, under the same source; returns the upload's number.

    `rows` are the cells by the refused row's number; what reads as it did before is left out. Raises Refused, NotThere,
    and CallError where nothing was mended.
    """
    require(actor, "imports.upload")
    before = _import(number)
    changed = [
        (row, [*cells])
        for row in Refused.objects.filter(of=before, pk__in=list(rows)).order_by("pk")
        if [c or "" for c in row.cells] != (cells := rows[row.pk])
    ]
    sheets = {row.sheet for row, _ in changed}
    if len(sheets) != 1:
        raise CallError(Problem(f"import {number}", "no row has been changed" if not sheets else "rows of several sheets",
                                "what reads as before would be refused again", "mend a row, then import it"))  # fmt: skip
    (sheet,) = sheets
    mapping = next(m for m in from_json(before.mapping) if m.sheet == sheet)
    answers = Answers(settled={"": replace(mapping, sheet="")})
    with tempfile.TemporaryDirectory(prefix="hanse-mended-") as folder:
        path = Path(folder) / "mended.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(before.headings[sheet])
            writer.writerows(cells for _, cells in changed)
        sha256, size = keeping.keep(path, before.file)
    found = _uploaded(
        actor, before.file, sha256, size, before.source, state=State.IMPORTING, answers=answers_as_data(answers),
        remember=False, mends=before, mended=[row.pk for row, _ in changed], reason=f"mended rows of import {number}",
    )  # fmt: skip
    go_on(actor=actor, upload=found.pk)
    return int(found.pk)


def again(*, actor: Actor, number: int) -> int:
    """Takes up the file of an import that was taken back, read as it was then; returns the upload's number.

    Raises Refused, NotThere, and CallError where the file is no longer kept.
    """
    require(actor, "imports.upload")
    before = _import(number)
    if before.state not in (Import.State.UNDONE, Import.State.DROPPED) or not keeping.kept(before.sha256).is_file():
        raise CallError(Problem(f"import {number}", "it cannot be imported again from here",
                                "it counts already, or its file is no longer kept", "drop the file itself"))  # fmt: skip
    settled = {m.sheet: m for m in from_json(before.mapping)}
    left_out = {sheet: NOTHING for sheet in before.headings if sheet not in settled}
    answers = Answers(tables=left_out, settled=settled)
    found = _uploaded(
        actor, before.file, before.sha256, before.size, before.source, answers=answers_as_data(answers), remember=False
    )
    go_on(actor=actor, upload=found.pk)
    return int(found.pk)


def clear_away() -> int:
    """Forgets uploads that nobody has carried on for some days, with their files; returns how many."""
    old = Upload.objects.filter(changed__lt=timezone.now() - timedelta(days=KEPT_DAYS)).exclude(
        pk__in=working.worked_on()
    )
    cleared = 0
    for found in old.order_by("pk")[:100]:
        found.delete()
        _forget_file(found.sha256)
        cleared += 1
    return cleared


def plain_name(name: str) -> str:
    """The name of a file as it is shown: without folders and what cannot be printed."""
    return _UNPRINTABLE.sub("", name.replace("\\", "/").rpartition("/")[2]).strip()[-_LONGEST:] or "file"


# -- working ------------------------------------------------------------------------------------------------------


def _work_beside(actor: Actor, upload: int) -> None:
    with working.noted(upload) as tell:
        _work(actor, upload, tell, working.in_turn())


def _work(actor: Actor, upload: int, tell: working.Progress, turn: AbstractContextManager[None] | None = None) -> None:
    """Looks at a file, or imports it, unless somebody does so already; what goes wrong is written down."""
    with working.alone(upload) as mine:
        found = Upload.objects.filter(pk=upload).first() if mine else None
        if found is None or found.state not in (State.LOOKING, State.IMPORTING):
            return
        with turn or nullcontext():
            try:
                batch = _look(actor, found, tell) if found.state == State.LOOKING else _import_it(actor, found, tell)
            except HanseError as error:
                _turned(found, State.FAILED, problems=[asdict(one) for one in error.problems[:20]])
                return
            if batch is not None:
                tell("judging the partners touched", 0, 0)
                follow(batch)


def _look(actor: Actor, found: Upload, tell: working.Progress) -> int | None:
    seen = looking.look(actor, found, tell)
    known = "trial" in seen or "repeated" in seen
    _turned(found, State.READY if known else State.ASKED, seen=seen)
    return None


def _import_it(actor: Actor, found: Upload, tell: working.Progress) -> int | None:
    """Imports the file; returns the batch that is to be judged, None where the file said nothing new."""
    mends = Mended(found.mends_id, None if found.mended is None else tuple(found.mended)) if found.mends_id else None
    outcome = services.import_file(
        actor=actor, path=looking.kept(found), name=found.file, source=found.source, reason=found.reason, progress=tell,
        answers=answers_from_data(found.answers), teach=found.remember, mends=mends,
    )  # fmt: skip
    _turned(found, State.DONE, made_id=outcome.number, seen={}, answers={}, mended=None)
    return outcome.batch if outcome.state == "done" else None


# -- what is written down ------------------------------------------------------------------------------------------


def _uploaded(actor: Actor, shown: str, sha256: str, size: int, source: str, **more: Any) -> Upload:
    now = timezone.now()
    with transaction.atomic():
        found = Upload.objects.create(
            **{"state": State.LOOKING} | more, file=shown, sha256=sha256, size=size, source=_UNPRINTABLE.sub("", source).strip()[:100] or SOURCE,
            author=actor.name, created=now, changed=now,
        )  # fmt: skip
        record(
            actor=actor.name, action="imports.upload", subject=f"upload:{found.pk}",
            after={"file": shown, "sha256": sha256, "size": size, "source": found.source, "mends": found.mends_id},
        )  # fmt: skip
    return found


def _turned(found: Upload, state: str, **changed: Any) -> None:
    """Brings an upload into its next state, unless it was given up meanwhile."""
    changed |= {"state": state, "changed": timezone.now()}
    Upload.objects.filter(pk=found.pk).update(**changed)
    for name, value in changed.items():
        setattr(found, name, value)


def _open(upload: int) -> Upload:
    found = Upload.objects.filter(pk=upload).first()
    if found is None:
        raise not_there("upload", upload, "the list of imports names those there are")
    return found


def _import(number: int) -> Import:
    found = Import.objects.filter(pk=number).first()
    if found is None:
        raise not_there("import", number, "the list of imports names those there are")
    return found


def _must_be(found: Upload, *states: str) -> None:
    if found.state not in states:
        raise CallError(Problem(found.file, "this step has passed, or has not come yet", f"the file is {found.state}",
                                "go back to the list of imports, and take it up from there"))  # fmt: skip


def _forget_file(sha256: str) -> None:
    """Takes a copy away that no import and no upload needs any more."""
    if not Import.objects.filter(sha256=sha256).exists() and not Upload.objects.filter(sha256=sha256).exists():
        keeping.kept(sha256).unlink(missing_ok=True)
