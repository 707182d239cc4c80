"""What became of firms: merging two records, taking that back at any later time, and other events with their days.

Nothing is moved. A merger is a fact of the table `events`; evaluations and selectors follow it from its day on, and no
longer once it is taken back. What was said meanwhile of either record stays with that record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from hanse.apps.accounts import policy
from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.policy import not_there
from hanse.apps.audit import services as audit
from hanse.apps.evidence import happened, moments, services
from hanse.apps.evidence.models import Withdrawal
from hanse.apps.registry.selectors import keys_of, see_partner
from hanse.apps.statements import dicts
from hanse.language.facts import CONTRACT
from hanse.language.plan import literal, quoted
from hanse.language.problems import CallError, Problem
from hanse.language.structure import EVENTS, KINDS, MERGING
from hanse.language.words import mark

SOURCE = mark("what became of firms")
FIELDS = tuple(c.name for c in CONTRACT["partners"].columns if c.name not in ("partner", "known"))


@dataclass(frozen=True)
class Merging:
    """What a merger would do: both records field by field, and how many facts of each table would count for the other."""

    partner: str
    into: str
    fields: tuple[tuple[str, Any, Any], ...]
    facts: Mapping[str, int]
    answers_for: tuple[str, ...]


@dataclass(frozen=True)
class Event:
    """Something that became of a firm, as it stands on record."""

    fact: int
    batch: int
    partner: str
    kind: str
    on: date | None
    into: str | None
    name: str | None
    note: str | None
    author: str
    reason: str


def merging(*, actor: Actor, partner: str, into: str) -> Merging:
    """What would become of `partner` if it went into `into`. Raises NotThere, CallError."""
    one, other = (_record(actor, key) for key in (partner, into))
    _may_merge(actor, partner, into)
    counts = _counts(actor, partner)
    fields = tuple((name, one[name], other[name]) for name in FIELDS)
    return Merging(partner, into, fields, counts, keys_of(actor, partner)[1:])


def counted(*, actor: Actor, partner: str) -> int:
    """How many facts are on record of a firm and of the records that it answers for. Raises NotThere."""
    return sum(_counts(actor, partner).values())


def _counts(actor: Actor, partner: str) -> dict[str, int]:
    """The facts of a firm by table, where there are any; those of its people among them. One statement."""
    parts = []
    for name, table in CONTRACT.items():
        if name not in ("partners", EVENTS) and table.owner != "none":
            whose = "partner = ANY (%(keys)s)"
            if table.owner == "person":
                whose = f"person = ANY (ARRAY(SELECT person FROM facts.people WHERE {whose}))"
            parts.append(f"SELECT {literal(name)}, count(*) FROM facts.{quoted(name)} WHERE {whose}")
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), {"keys": list(keys_of(actor, partner))})
        return {str(name): int(n) for name, n in cursor.fetchall() if n}


def merge(
    *,
    actor: Actor,
    partner: str,
    into: str,
    kind: str = "duplicate",
    on: date | None = None,
    note: str = "",
    reason: str,
) -> int:
    """From `on` (a duplicate: always) `into` answers for `partner`; returns the batch, which `unmerge` takes back.

    Raises Refused, NotThere, and CallError for one that went into another already, or a circle.
    """
    policy.require(actor, "evidence.merge")
    with transaction.atomic():
        moments.recorded_now()
        if kind not in MERGING:
            raise CallError(Problem("kind", f"{kind!r} is no merger", f"these are: {', '.join(MERGING)}", "choose one"))
        if kind != "duplicate" and on is None:
            raise CallError(Problem("on", mark("the day is missing"), mark("what was acquired or merged was so from a day on"),
                                    mark("give the day")))  # fmt: skip
        _may_merge(actor, partner, into)
        row = {"partner": partner, "kind": kind, "on": on, "into": into, "note": note or None}
        return _told(actor, "evidence.merge", f"partner {partner}", row, [], reason)


def unmerge(*, actor: Actor, partner: str, reason: str) -> int:
    """Takes back the latest merger of a record, whenever that was; returns the batch that said it.

    Raises Refused, NotThere, and CallError where it went into no other, or a file said so.
    """
    policy.require(actor, "evidence.unmerge")
    with transaction.atomic():
        moments.recorded_now()
        see_partner(actor, partner)
        found = [
            one for one in events_of(actor=actor, partner=partner) if one.kind in MERGING and one.partner == partner
        ]
        if not found:
            raise CallError(Problem(f"partner {partner}", mark("it went into no other firm"), mark("no merger of it counts"),
                                    mark("look at what became of it on its page")))  # fmt: skip
        last = found[0]
        if _says_more(last.batch):
            services.correct(actor=actor, table=EVENTS, fact=last.fact, row=None, reason=reason)
            return last.batch
        Withdrawal.objects.create(batch_id=last.batch, at=moments.recorded_now(), author=actor.name, reason=reason)
        services.settle(last.batch)
        audit.record(
            actor=actor.name, action="evidence.unmerge", subject=f"partner {partner}", why=reason,
            before={"into": last.into, "kind": last.kind, "on": last.on}, after={"withdrawn": last.batch},
        )  # fmt: skip
    return last.batch


def became(
    *, actor: Actor, partner: str, kind: str, on: date, into: str = "", name: str = "", note: str = "", reason: str
) -> int:
    """Records that a firm was renamed (`name`), closed, split (`into` came out of it) or belongs to another (`into`), to a group
    (`name`) or to nobody; returns the batch.

    A firm that closed has left on that day. One that was renamed has the new name from now on; its history has the old one, by
    which it is found. Raises Refused, NotThere, and CallError with what is wrong, by field.
    """
    policy.require(actor, "evidence.became")
    if kind not in KINDS or kind in MERGING:
        others = ", ".join(one for one in KINDS if one not in MERGING)
        raise CallError(Problem("kind", f"{kind!r} cannot be said here", f"these can: {others}", "choose one"))
    into, name = into.strip(), " ".join(name.split())
    with transaction.atomic():
        moments.recorded_now()
        record = _record(actor, partner)
        happened.require_possible(
            happened.Happened(partner, kind, on, into, name), record, see_partner(actor, partner), _there(actor, into),
            events_of(actor=actor, partner=partner),
        )  # fmt: skip
        said: dict[str, dict[str, Any]] = {"renamed": {"name": name}, "closed": {"left": on}}
        old = record["name"] if kind == "renamed" else name or None
        row = {"partner": partner, "kind": kind, "on": on, "into": into or None, "name": old, "note": note or None}
        firm = [record | said[kind]] if kind in said else []
        return _told(actor, "evidence.became", f"partner {partner}", row, firm, reason)


def unbecame(*, actor: Actor, partner: str, fact: int, reason: str) -> int:
    """Takes back an event of a firm that is no merger, with what it changed of the firm; returns the batch to be followed.

    Raises Refused, NotThere, and CallError where there is no such event.
    """
    policy.require(actor, "evidence.unbecame")
    with transaction.atomic():
        moments.recorded_now()
        see_partner(actor, partner)
        found = [one for one in events_of(actor=actor, partner=partner) if one.fact == fact and one.kind not in MERGING]
        if not found:
            raise CallError(Problem("event", mark("there is no such event"), mark("it may have been taken back already"),
                                    mark("look at what became of the firm on its page")))  # fmt: skip
        last = found[0]
        if _says_more(last.batch):
            return services.correct(actor=actor, table=EVENTS, fact=last.fact, row=None, reason=reason).batch
        Withdrawal.objects.create(batch_id=last.batch, at=moments.recorded_now(), author=actor.name, reason=reason)
        services.settle(last.batch)
        audit.record(
            actor=actor.name, action="evidence.unbecame", subject=f"partner {partner}", why=reason,
            before={"kind": last.kind, "on": last.on, "into": last.into, "name": last.name}, after={"withdrawn": last.batch},
        )  # fmt: skip
    return last.batch


def come_due(on: date) -> list[str]:
    """Brings the registry and what follows it up to mergers whose day has come within a week; returns the records: for the night.

    What was said of a day to come changes nobody's registry until then.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT DISTINCT e.partner FROM facts.{EVENTS} AS e WHERE e.kind = ANY (%s) AND e."on" > %s AND e."on" <= %s ORDER BY 1',
            [list(MERGING), on - timedelta(days=7), on],
        )
        keys = [str(row[0]) for row in cursor.fetchall()]
    if keys:
        with transaction.atomic():
            services.follow(keys)
    return keys


def events_of(*, actor: Actor, partner: str) -> list[Event]:
    """What became of a firm and of the records that it answers for, the latest first. Raises NotThere."""
    keys = list(keys_of(actor, partner))
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT e.fact, e.batch, e.partner, e.kind, e."on", e."into", e.name, e.note, b.author, b.reason FROM facts.events AS e '
            'JOIN evidence_batch AS b ON b.id = e.batch WHERE e.partner = ANY (%(keys)s) OR e."into" = ANY (%(keys)s) '
            'ORDER BY e."on" DESC NULLS LAST, e.fact DESC',
            {"keys": keys},
        )
        return [Event(*row) for row in cursor.fetchall()]


def _told(actor: Actor, action: str, subject: str, row: dict[str, Any], firm: list[dict[str, Any]], reason: str) -> int:
    batch = services.open_batch(actor=actor, kind="correction", source=SOURCE, reason=reason)
    services.insert(batch, EVENTS, [row])
    services.insert(batch, "partners", firm)
    services.settle(batch)
    audit.record(actor=actor.name, action=action, subject=subject, why=reason, after=dict(row))
    return batch


def _may_merge(actor: Actor, partner: str, into: str) -> None:
    one, other = see_partner(actor, partner), see_partner(actor, into)
    if partner == into:
        raise CallError(Problem("into", mark("a firm does not go into itself"), mark("both are the same record"),
                                mark("choose two")))  # fmt: skip
    for record in (one, other):
        if record.merged_into:
            raise CallError(Problem(
                f"partner {record.key}", f"it went into {record.merged_into}", "a record goes into one firm",
                f"choose {record.merged_into}, or take that merger back first",
            ))  # fmt: skip


def _there(actor: Actor, key: str) -> bool:
    try:
        return bool(key) and see_partner(actor, key).present
    except policy.NotThere:
        return False


def _record(actor: Actor, partner: str) -> dict[str, Any]:
    """What counts of a firm's own fact."""
    see_partner(actor, partner)
    names = ", ".join(quoted(c.name) for c in CONTRACT["partners"].columns)
    found = dicts(f"SELECT {names} FROM facts.partners WHERE partner = %s", [partner])
    if not found:
        raise not_there("partner", partner, "no fact says that it is there")
    return found[0]


def _says_more(batch: int) -> bool:
    """Does a batch say anything but one event?"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT source <> %s FROM evidence_batch WHERE id = %s", [SOURCE, batch])
        return bool(cursor.fetchone()[0])
