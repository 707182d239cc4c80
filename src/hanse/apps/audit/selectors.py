"""Reads the trail: who sees which entries, and whether the chain holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db.models import BooleanField, Max, Q, QuerySet
from django.db.models.expressions import RawSQL

from hanse.apps.audit import chain
from hanse.apps.audit.models import Entry
from hanse.apps.audit.refusals import Refused, not_there
from hanse.language.problems import CallError, Problem

READERS = frozenset({"channel_chief", "auditor"})
SEARCHED = 20_000  # entries that a search for a text looks at
_AT_A_TIME = 2_000


class Asker(Protocol):
    """As much of accounts' Actor as this app, which stands below it, needs."""

    @property
    def name(self) -> str: ...
    @property
    def roles(self) -> frozenset[str]: ...


@dataclass(frozen=True)
class Shown:
    """One entry as people and programs read it; `before` and `after` are JSON texts or None, `hash` is hexadecimal."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    why: str
    before: str | None
    after: str | None
    hash: str


@dataclass(frozen=True)
class Wrong:
    """The first place where the chain does not hold."""

    number: int
    problem: Problem


@dataclass(frozen=True)
class Verified:
    """What a walk along the chain found: how many entries hold, the head to note down, the first that is wrong."""

    entries: int
    head: str
    first_wrong: Wrong | None = None


def visible_to(actor: Asker) -> QuerySet[Entry]:
    """All entries for a channel chief or an auditor; everybody else sees what they did themselves."""
    return Entry.objects.all() if actor.roles & READERS else Entry.objects.filter(actor=actor.name)


def entries(
    actor: Asker,
    *,
    by: str | None = None,
    action: str | None = None,
    subject: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    text: str | None = None,
    limit: int = 100,
) -> list[Shown]:
    """The newest entries that the actor may see, newest first.

    `by` is who did it; `action` one action, or an app ("imports") for all of its actions; `subject` one subject, or one
    kind of them ("partner:"); `since` and `until` are moments, both included; `before` a number to page on from.
    `text` stands in any field, before and after among them; it is looked for in the newest SEARCHED entries (before
    `before`), so that no search reads the whole trail.
    """
    found = visible_to(actor)
    if by is not None:
        found = found.filter(actor=by)
    if action is not None:
        found = found.filter(action=action) if "." in action else found.filter(action__startswith=f"{action}.")
    if subject is not None:
        kind = subject.endswith(":")
        found = found.filter(subject__startswith=subject) if kind else found.filter(subject=subject)
    if since is not None:
        found = found.filter(at__gte=since)
    if until is not None:
        found = found.filter(at__lte=until)
    if before is not None:
        found = found.filter(number__lt=before)
    if text:
        found = found.filter(_anywhere(text), number__gte=searched_from(before))
    return [_shown(entry) for entry in found.order_by("-number")[:limit]]


def searched_from(before: int | None) -> int:
    """The first entry that a search for a text looks at."""
    last = before if before is not None else int(Entry.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    return max(1, last - SEARCHED)


def entry(actor: Asker, number: int) -> Shown:
    """One entry. Raises NotThere where there is none, or none that the actor may see."""
    found = visible_to(actor).filter(number=number).first()
    if found is None:
        raise not_there("audit entry", number, "hanse audit list says which there are")
    return _shown(found)


def verified(actor: Asker, *, expect: str | None = None) -> Verified:
    """What `verify` finds, for those who read the whole trail. Raises Refused, CallError."""
    if not actor.roles & READERS:
        why = "it takes a channel chief or an auditor, for the answer is about everybody's entries"
        raise Refused(Problem("audit.verify", f"{actor.name} may not do this", why, "ask one of them"))
    return verify(expect=expect)


def verify(*, expect: str | None = None) -> Verified:
    """Recomputes every hash of the chain from its entries and says the first place that does not hold.

    Finds an entry that was changed, taken away, put in between or moved. That the last entries were cut off, or the
    whole chain written anew, only an earlier head can prove: `expect` is one that was noted down (`number:hash`).
    Reads the entries as a stream, in one snapshot. Raises CallError for an `expect` that is no head.
    """
    expected_number, expected_hash = _head_of(expect) if expect else (0, chain.NOTHING)
    number, last = 0, chain.NOTHING
    for found in _links():
        link, written = found
        wrong = _wrong(number, last, link, written)
        if wrong is None and link.number == expected_number and written != expected_hash:
            wrong = _rewritten(link.number)
        if wrong is not None:
            return Verified(number, chain.head(number, last), wrong)
        number, last = link.number, written
    cut_off = _cut_off(number, expected_number) if number < expected_number else None
    return Verified(number, chain.head(number, last), cut_off)


def _anywhere(text: str) -> Q:
    wanted = Q()
    for field in ("actor", "action", "subject", "why"):
        wanted |= Q(**{f"{field}__icontains": text})
    for field in ("before", "after"):
        wanted |= Q(
            RawSQL(f'("audit_entry"."{field}")::text ILIKE %s', [f"%{_plain(text)}%"], output_field=BooleanField())
        )
    return wanted


def _plain(text: str) -> str:
    """A text in which nothing stands for anything else."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _links() -> Iterator[tuple[chain.Link, bytes]]:
    columns = ("number", "at", "actor", "action", "subject", "why", "before", "after", "previous", "hash")
    for row in Entry.objects.order_by("number").values_list(*columns).iterator(chunk_size=_AT_A_TIME):
        number, at, actor, action, subject, why, before, after, previous, written = row
        yield chain.Link(number, at, actor, action, subject, why, before, after, bytes(previous)), bytes(written)


def _wrong(number: int, last: bytes, link: chain.Link, written: bytes) -> Wrong | None:
    """What is wrong with an entry that comes after `number`, whose hash is `last`."""
    if link.number <= number:
        what = f"entry {link.number} stands in the trail where entry {number + 1} belongs"
        return _found(link.number, what, "it was put in, for the trail gives a number once and counts from 1")
    if link.number > number + 1:
        gone = (
            f"entry {number + 1} is" if link.number == number + 2 else f"entries {number + 1} to {link.number - 1} are"
        )
        return _found(number + 1, f"{gone} missing", "the trail counts without gaps, so they were taken away")
    if chain.hash_of(link) != written:
        what = f"entry {link.number} is not what was written"
        return _found(link.number, what, "its content and its place do not give its hash: it was changed or moved")
    if link.previous != last:
        what = f"entry {link.number} does not follow entry {number}"
        return _found(link.number, what, "it holds another hash than the entry before it: one of the two was replaced")
    return None


def _rewritten(number: int) -> Wrong:
    why = "the chain holds in itself but is not the one whose head was noted down: it was written anew"
    return _found(number, f"entry {number} has another hash than expected", why)


def _cut_off(number: int, expected: int) -> Wrong:
    what = f"the trail ends at entry {number}, and entry {expected} was there once"
    return _found(number + 1, what, "the entries at the end were cut off")


def _found(number: int, what: str, why: str) -> Wrong:
    remedy = (
        "compare with a backup (hanse restore into a folder of its own), and look who may act as the database's owner"
    )
    return Wrong(number, Problem(f"audit entry {number}", what, why, remedy))


def _head_of(expect: str) -> tuple[int, bytes]:
    number, _, hash = expect.partition(":")
    try:
        found = int(number), bytes.fromhex(hash)
    except ValueError:
        found = 0, b""
    if len(found[1]) != len(chain.NOTHING):
        why = "a head is the number of an entry, a colon and its hash of 64 hexadecimal digits"
        raise CallError(Problem("--expect", f"{expect!r} is no head", why, "give what hanse audit verify printed"))
    return found


def _shown(found: Entry) -> Shown:
    hash = bytes(found.hash).hex()
    return Shown(
        found.number, found.at, found.actor, found.action, found.subject, found.why, found.before, found.after, hash
    )
