"""What did somebody ask for on a page that takes a while: an evaluation, a confirmation, a repetition?

It is looked at when it is asked for, and done by a job with the rights that whoever asked has by then.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from hanse.apps.accounts.actors import actor_of
from hanse.apps.accounts.policy import require
from hanse.apps.audit.services import record
from hanse.apps.evaluation import granting, services
from hanse.apps.programmes.selectors import version_named
from hanse.apps.standings.selectors import run_of
from hanse.language.problems import CallError, Problem

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor

EVALUATE, CONFIRM, REPEAT = "evaluate", "confirm", "repeat"


@dataclass(frozen=True)
class Asked:
    """Something asked for that waits, goes on or failed. `run` is that of a confirmation or a repetition."""

    job: int
    act: str
    by: str
    state: str  # todo, doing, failed
    edition: str
    as_of: date | None
    run: int | None


@dataclass(frozen=True)
class Preview:
    """What confirming a run would put on record: levels by what was held and is granted, and the first partners."""

    levels: dict[tuple[str, str], int]
    partners: tuple[tuple[str, str, str], ...]

    @property
    def total(self) -> int:
        """So many partners."""
        return sum(self.levels.values())


@transaction.atomic
def evaluate_later(*, actor: Actor, edition: str, as_of: date, reason: str) -> None:
    """Has everybody judged by an edition on a day. Raises Refused, CallError."""
    require(actor, "evaluation.evaluate")
    _reason(reason)
    version = version_named(edition, as_of)
    if as_of > timezone.now().date():
        raise CallError(Problem("as_of", f"{as_of} has not come yet", "a day is judged by what happened until then",
                                "give today, or an earlier day"))  # fmt: skip
    _defer(actor, EVALUATE, reason, edition=version.key, as_of=as_of.isoformat())
    about = {"edition": version.key, "as_of": as_of}
    record(actor=actor.name, action="evaluation.asked", subject=f"edition:{version.name}", why=reason, after=about)


@transaction.atomic
def confirm_later(*, actor: Actor, run: int, reason: str) -> None:
    """Puts the levels that a run grants on record. Raises Refused, NotThere, CallError."""
    require(actor, "evaluation.confirm")
    _reason(reason)
    granting.must_be_current(run_of(actor, run), reason)
    _defer(actor, CONFIRM, reason, run=run)
    record(actor=actor.name, action="evaluation.asked", subject=f"run {run}", why=reason, after={"act": CONFIRM})


@transaction.atomic
def repeat_later(*, actor: Actor, run: int) -> None:
    """Evaluates again what a run did, beside it, to prove that it comes out the same. Raises Refused, NotThere, CallError."""
    require(actor, "evaluation.repeat")
    if run_of(actor, run).state != "done":
        what, why = "the run did not come to an end", "only what came to an end can be compared"
        raise CallError(Problem(f"run {run}", what, why, "choose one that did"))
    _defer(actor, REPEAT, "", run=run)
    record(actor=actor.name, action="evaluation.asked", subject=f"run {run}", after={"act": REPEAT})


def preview(*, actor: Actor, run: int, at_most: int = 50) -> Preview:
    """What confirming a run would put on record. Raises Refused, NotThere, CallError."""
    require(actor, "evaluation.confirm")
    found = run_of(actor, run)
    granting.must_be_current(found, "looked at")
    rows = granting.would_hold(found)
    levels = Counter((held, granted) for _, held, granted in rows)
    return Preview(dict(levels.most_common()), tuple(rows[:at_most]))


def in_hand(*, actor: Actor) -> list[Asked]:
    """What waits or goes on, the first first, then what failed, the newest first. One statement. Raises Refused."""
    require(actor, "standings.see_runs")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, status::text, args::text FROM procrastinate_jobs WHERE task_name LIKE '%%jobs.do_asked' "
            "AND status IN ('todo', 'doing', 'failed') ORDER BY status = 'failed', CASE WHEN status = 'failed' THEN -id ELSE id END LIMIT 20",
            [],
        )
        return [_asked(int(job), str(state), json.loads(args)) for job, state, args in cursor.fetchall()]


def do(act: str, by: str, reason: str, given: dict[str, Any]) -> None:
    """Does what was asked for: called by its job alone. Raises what the services do."""
    from hanse.apps.evaluation.repeats import repeat

    actor = actor_of(by)
    if act == EVALUATE:
        day = date.fromisoformat(given["as_of"])
        services.evaluate(actor=actor, edition=given["edition"], as_of=day, reason=reason)
    elif act == CONFIRM:
        services.confirm(actor=actor, run=given["run"], reason=reason)
    else:
        repeat(actor=actor, run=given["run"])


def _defer(actor: Actor, act: str, reason: str, **given: Any) -> None:
    from hanse.apps.evaluation import jobs

    jobs.do_asked.defer(act=act, by=actor.name, reason=reason, given=given)


def _reason(reason: str) -> None:
    if not reason.strip():
        raise CallError(
            Problem("reason", "no reason is given", "whoever looks back must see why", "say it in a few words")
        )


def _asked(job: int, state: str, args: dict[str, Any]) -> Asked:
    given = args["given"]
    day = given.get("as_of")
    return Asked(
        job, args["act"], args["by"], state, given.get("edition", ""), date.fromisoformat(day) if day else None, given.get("run")
    )  # fmt: skip
