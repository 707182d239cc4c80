"""Keeping the directory equal to the registry, to facts and to standings.

A few partners are brought up at once, in the transaction of what changed them. Of many, the rows are brought up at once
where that is cheap, and the index by a job (tasks.py); `hanse doctor --mend` does the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import nullcontext
from typing import Any

from django.db import transaction

from hanse.apps.directory import index, postings, projecting
from hanse.apps.directory.models import Book, Entry, State
from hanse.apps.directory.tasks import defer_renewal
from hanse.apps.registry.selectors import as_found

BULK = 1_000  # partners from which on the index is made anew by a job


@transaction.atomic
def refresh(partners: Sequence[str] | None) -> None:
    """Brings entries and index up for some partners; None means everybody. Of many, a job does it."""
    if partners is not None and not partners:
        return
    if partners is None:
        rebuild() if not _many() else _later()
    elif len(partners) > BULK:
        _later()
    else:
        _change(partners)


@transaction.atomic
def rebuild() -> int:
    """Everything anew: entries, their order by name, the index. Returns how many entries there are."""
    version = postings.new_version()
    projecting.keys(None)
    with projecting.of_everybody():
        projecting.entries()
        projecting.number(anew=True)
        postings.write_all(projecting.rows(), version)
    index.written(version)
    return Entry.objects.count()


@transaction.atomic
def stood(
    *, edition: str, says: Mapping[str, Any], source: str, only: Sequence[str] | None, others: Sequence[str]
) -> None:
    """Keeps what partners hold by an edition in force: `source` is SQL that selects partner, level, competencies.

    `says` has `title`, `levels` (pairs of name and label, from low to high), `competencies` and `depths` (labels by name).
    `only` names those it is about, None everybody. `others` are the other editions in force: of those that are not, what
    was held is forgotten.
    """
    if only is not None and not only:
        return
    in_force = {edition, *others}
    same_books = _books_are(edition, says, in_force)
    with projecting.of_everybody() if only is None else nullcontext():
        changed = projecting.held_changes(edition, source, only)
        gone = [] if same_books and only is not None else projecting.held_by_others(in_force)
    if same_books and not changed and not gone:
        return
    version = postings.new_version()
    index.written(version)
    if not same_books:
        Book.objects.exclude(edition__in=in_force).delete()
        Book.objects.update_or_create(edition=edition, defaults={"says": dict(says)})
    moved = sorted({*changed, *gone})
    if len(moved) <= BULK:
        _change(moved, lambda: projecting.held(edition, source, in_force, only), says_more=False)
        return
    with projecting.of_everybody():
        projecting.held(edition, source, in_force, only)
    _later()


def _books_are(edition: str, says: Mapping[str, Any], in_force: Set[str]) -> bool:
    """Is what the edition says known already, and no other edition than those in force?"""
    known = dict(Book.objects.values_list("edition", "says"))
    return known.get(edition) == json.loads(json.dumps(dict(says))) and in_force >= set(known)


def _change(partners: Sequence[str], act: Callable[[], None] | None = None, *, says_more: bool = True) -> None:
    """Writes what some partners are now, and what that changes in the index; `says_more`: registry and facts are read again."""
    version = postings.new_version()
    projecting.keys(partners)
    before = list(projecting.rows(of_keys=True))
    if says_more:
        projecting.entries(few=True)
    if act is not None:
        act()
    if says_more:
        projecting.number(anew=False)
    after = list(projecting.rows(of_keys=True))
    postings.change(before, after, version)
    index.written(version)


def _many() -> bool:
    """Are there so many partners, in the registry or still here, that a job makes the directory anew?"""
    beyond = slice(BULK, BULK + 1)
    return bool(as_found().order_by("key")[beyond]) or bool(Entry.objects.order_by("partner")[beyond])


def _later() -> None:
    State.objects.update(behind=True)
    defer_renewal()
