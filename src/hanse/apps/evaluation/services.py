"""Has partners judged: all of them, or those whom a new fact concerns; and lets a level go that waits for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from hanse.apps.accounts.actors import SYSTEM
from hanse.apps.accounts.policy import require
from hanse.apps.audit.services import record
from hanse.apps.evaluation import alone, facts, granting, warm
from hanse.apps.evaluation import batch as everybody
from hanse.apps.evidence.moments import recorded_now
from hanse.apps.evidence.selectors import touched_partners
from hanse.apps.evidence.services import Recorded, correct, record_facts
from hanse.apps.evidence.structure import come_due
from hanse.apps.programmes.selectors import Seen, judged_on, loaded, version_named
from hanse.apps.standings import selectors as standings
from hanse.apps.standings import services as kept
from hanse.language.context import Days
from hanse.language.problems import CallError, HanseError, Problem, nearest

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor
    from hanse.language.edition import Edition

FEW = 50  # so many partners are judged one by one; more, and all are


def evaluate(
    *, actor: Actor, edition: str, as_of: date, rules_as_of: date | None = None, known_at: datetime | None = None,
    partners: Sequence[str] | None = None, reason: str = "", progress: facts.Progress | None = None,
) -> int:  # fmt: skip
    """Judges all partners (or some) by an edition on a day, makes that what counts, and returns the run's number.

    The standings there are stay where they are of a later day, or of this one with more knowledge; the run is on record all
    the same. Raises Refused, CallError, EditionError.
    """
    require(actor, "evaluation.evaluate")
    recover()
    version = version_named(edition, as_of)
    days = Days(as_of, rules_as_of or as_of)
    _not_ahead(known_at)
    why = reason or "asked for"
    if partners is None:
        return _all(actor, version, days, known_at=known_at, reason=why, progress=progress)
    if known_at is not None:
        raise CallError(Problem("--known-at", "some partners are judged with what is known now",
                                "what was known earlier is the matter of a run of all", "leave out the partners"))  # fmt: skip
    return _judge(actor, version, days, sorted(set(partners)), why)


def touched(*, batch: int) -> None:
    """Has those whom a batch concerns judged anew, by a job of the transaction that recorded it, or took it back."""
    from hanse.apps.evaluation import jobs

    jobs.judge_touched.defer(batch=batch, since=recorded_now().isoformat())


def new_fact(
    *, actor: Actor, table: str, row: Mapping[str, Any], source: str, reason: str = "", kind: str = "entry",
    until: date | None = None,
) -> Recorded:  # fmt: skip
    """Records one fact and has those judged anew whom it concerns. Raises what `evidence.record_facts` does."""
    return new_facts(actor=actor, kind=kind, source=source, rows={table: [row]}, reason=reason, until=until)


def new_facts(
    *, actor: Actor, rows: Mapping[str, Sequence[Mapping[str, Any]]], source: str, reason: str = "", kind: str = "entry",
    until: date | None = None,
) -> Recorded:  # fmt: skip
    """The same of several facts said at once, by table."""
    with transaction.atomic():
        said = record_facts(actor=actor, kind=kind, source=source, rows=rows, reason=reason, until=until)
        touched(batch=said.batch)
    return said


def waive(*, actor: Actor, partner: str, subject: str, since: date, until: date, reason: str) -> Recorded:
    """Grants in spite of the numbers: `level:gold`, a requirement (`revenue`), or a requirement of one level (`gold:revenue`).

    Raises Refused, and CallError for a subject that no edition in use knows, which would waive nothing.
    """
    known = standings.waivable()
    if known and subject not in known:
        raise CallError(Problem("SUBJECT", f"nothing is called {subject!r}", "a waiver of it would change nothing: it names "
                                "a level (level:gold), a requirement (revenue) or both (gold:revenue)", nearest(subject, known)))  # fmt: skip
    row = {"partner": partner, "subject": subject, "from": since, "until": until, "reason": reason, "by": actor.name}
    return new_fact(
        actor=actor, table="exceptions", row=row, source="waiver", kind="waiver", reason=reason, until=until
    )


def correct_fact(*, actor: Actor, table: str, fact: int, row: Mapping[str, Any] | None, reason: str) -> Recorded:
    """Replaces or hides one fact and has those judged anew whom it concerns. Raises what `evidence.correct` does."""
    with transaction.atomic():
        said = correct(actor=actor, table=table, fact=fact, row=row, reason=reason)
        touched(batch=said.batch)
    return said


def evaluate_touched(*, batch: int, since: datetime | None = None) -> list[int]:
    """Judges anew whom a batch of facts concerns, by every edition whose standings are kept; returns the runs.

    Few partners are judged one by one, many in a run of all. The day judged is that of the standings there are: a night's
    run moves it on. A run of all that knew what was recorded until `since` has seen the batch: nothing is to be done.
    """
    concerned = touched_partners(batch)
    runs: list[int] = []
    for version in judged_on(timezone.now().date()):
        books = standings.books_of(version.name)
        if books is None or (since is not None and books.known_at >= since):
            continue
        runs += _judge_touched(version, Days(books.as_of, books.rules_as_of), concerned, f"batch {batch}")
    return runs


def evaluate_nightly(*, as_of: date) -> list[int]:
    """Judges all partners by every edition that is in force, announced or piloted on a day; returns the runs.

    One that fails does not keep the others from being judged; it is raised at the end.
    """
    recover()
    come_due(as_of)
    found: list[int] = []
    wrong: list[Problem] = []
    for version in judged_on(as_of):
        try:
            found.append(_all(SYSTEM, version, Days(as_of, as_of), reason="nightly"))
        except HanseError as error:
            wrong += error.problems
    if wrong:
        raise HanseError(wrong)
    return found


def approve(*, actor: Actor, partner: str, subject: str, reason: str, edition: str | None = None) -> int:
    """Says yes to what a partner's level waits for, and judges the partner anew; returns the batch of the approval.

    `subject` is what the standing awaits (`gold: executive_review`), or the name of one answer. Raises Refused,
    and CallError where nothing of that name is awaited.
    """
    require(actor, "evaluation.approve")
    standing = standings.awaited(partner, subject, edition)
    answers = standings.answers_of(str(standing.awaiting))
    level = str(standing.awaiting).partition(":")[0]
    name = subject.partition(":")[2].strip() or subject.strip()
    wanted = [a for a in answers if a == name] or answers
    version = version_named(standing.edition, standing.as_of)
    rows = [
        _attestation(loaded(version.id), level, answer, standing.partner, standing.as_of, actor) for answer in wanted
    ]
    with transaction.atomic():
        said = record_facts(
            actor=actor,
            kind="approval",
            source=f"approval:{standing.edition}",
            rows={"attestations": rows},
            reason=reason,
        )
        touched(batch=said.batch)  # should this process end here, the worker goes on
        record(
            actor=actor.name, action="evaluation.approve", subject=f"partner {partner}", why=reason,
            before={"awaiting": standing.awaiting, "level": standing.level, "edition": standing.edition},
            after={"answers": wanted, "batch": said.batch},
        )  # fmt: skip
    evaluate_touched(batch=said.batch)
    return said.batch


def confirm(*, actor: Actor, run: int, reason: str) -> int:
    """Puts the levels that the latest run of an edition in force grants on record: from then on they are held.

    Returns how many went on record; confirming the same run again adds nothing. Raises Refused, NotThere, CallError.
    """
    require(actor, "evaluation.confirm")
    old = standings.run_of(actor, run)
    granting.must_be_current(old, reason)
    with transaction.atomic():
        batch, added = granting.hold(actor, old, reason)
        touched(batch=batch)
        record(
            actor=actor.name, action="evaluation.confirm", subject=f"run {run}", why=reason,
            after={"batch": batch, "levels": added},
        )  # fmt: skip
    return added


def recover() -> list[int]:
    """Marks runs that were killed as failed and clears away what they left; returns their numbers."""
    found = kept.fail_abandoned()
    for run in found:
        everybody.discard(run)
    return [run.pk for run in found]


def _judge_touched(version: Seen, days: Days, partners: list[str] | None, reason: str) -> list[int]:
    if partners is None:
        warm.close()  # what concerns everybody may be what was prepared: rates
        return [_all(SYSTEM, version, days, reason=reason)]
    if not partners:
        return []
    return [_judge(SYSTEM, version, days, partners, reason)]


def _judge(actor: Actor, version: Seen, days: Days, partners: list[str], reason: str) -> int:
    """Partners one by one where they are few and the edition allows it; else all."""
    edition = loaded(version.id)
    if len(partners) <= FEW and not alone.needs_everybody(edition):
        near = facts.tied(partners, around=alone.looks_around(edition))
        if len(near) <= FEW:
            return alone.evaluate(actor, version, edition, days, near, reason=reason)
    return _all(actor, version, days, reason=reason)


def _all(
    actor: Actor, version: Seen, days: Days, *, reason: str, known_at: datetime | None = None,
    progress: facts.Progress | None = None,
) -> int:  # fmt: skip
    """Everybody; then once more those of whom something was learned meanwhile."""
    run = everybody.evaluate(actor, version, days, known_at=known_at, reason=reason, progress=progress)
    books = standings.books_of(version.name)
    if books is not None and books.run == run:
        edition = loaded(version.id)
        late = [] if alone.needs_everybody(edition) else standings.judged_since(version.name, books.known_at)
        for first in range(0, len(late), FEW):
            alone.evaluate(actor, version, edition, days, late[first : first + FEW], reason=f"learned during run {run}")
    return run


def _attestation(edition: Edition, level: str, answer: str, partner: str, on: date, actor: Actor) -> dict[str, object]:
    """The fact that says yes, as the edition asks for it: with the kind and the level it names."""
    asked = alone.human_answers(edition, level).get(answer, {"name": answer})
    return {"partner": partner, "granted": on, "by": actor.name, **asked}


def _not_ahead(known_at: datetime | None) -> None:
    if known_at is not None and known_at > timezone.now():
        raise CallError(Problem("--known-at", f"{known_at} has not come yet", "nobody knows what will be recorded by then",
                                "leave it out, or give a moment that has passed"))  # fmt: skip
