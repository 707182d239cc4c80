"""The index as searches read it: sets of places by term, kept by each process as long as they hold.

Every search asks which version the index is of (one small statement); terms that changed since are read again when
they are next asked for. What a transaction of this process has written and may yet take back is kept no longer than it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray
from pyroaring import BitMap

from hanse.apps.accounts.one_look import once
from hanse.apps.directory import postings, terms

NOTHING = BitMap()
_KEPT = 4_000  # terms that a process keeps besides those that are counted
_QUESTIONS = 500  # whose counts a process keeps
_LARGE = 16  # sets made for a question that a process keeps, of up to a megabyte
_COUNTED = (
    terms.COUNTRY, terms.TYPE, terms.LEVEL, terms.COMPETENCY, terms.CERTIFICATE, terms.INDUSTRY, terms.LANGUAGE,
    terms.SOLUTION, terms.SEEN,
)  # fmt: skip
LAST = "\U0010ffff"
_CHANGED_AT_MOST = 20_000
_VERSION = "SELECT version, epoch, (SELECT oid FROM pg_database WHERE datname = current_database())::bigint FROM directory_state"
Column = NDArray[np.int16]


@dataclass
class Index:
    """The sets of one version. Sets are never changed once they are here."""

    database: int
    version: int
    epoch: int
    counted: dict[str, dict[str, BitMap]] = field(default_factory=dict)
    others: dict[str, BitMap] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)
    counts: dict[Hashable, Any] = field(default_factory=dict)
    large: dict[Hashable, Any] = field(default_factory=dict)
    earth: Any = None  # what was made of both columns

    def remembered(self, question: Hashable, count: Callable[[], Any], *, large: bool = False) -> Any:
        """What was counted for a question, counted when it is first asked of this version; of what is `large`, fewer."""
        kept, most = (self.large, _LARGE) if large else (self.counts, _QUESTIONS)
        found = kept.get(question)
        if found is None:
            if len(kept) >= most:
                kept.clear()
            found = kept[question] = count()
        return found

    def of(self, wanted: Sequence[str]) -> list[BitMap]:
        """The sets of terms, empty where nothing has one. At most one statement."""
        found: dict[str, BitMap] = {}
        missing = []
        for term in wanted:
            kind = next((kind for kind in _COUNTED if term.startswith(kind)), None)
            if kind is not None:
                found[term] = self.kind(kind).get(term, NOTHING)
            elif (kept := self.others.get(term)) is not None:
                found[term] = kept
            else:
                missing.append(term)
        if missing:
            read = postings.read(missing)
            if len(self.others) > _KEPT:
                self.others.clear()
            for term in missing:
                found[term] = self.others[term] = read.get(term, NOTHING)
        return [found[term] for term in wanted]

    def one(self, term: str) -> BitMap:
        """The set of one term."""
        return self.of([term])[0]

    @property
    def everybody(self) -> BitMap:
        """All places: the vendor sees everyone."""
        return self.one(f"{terms.SEEN}{terms.BASIC}:{terms.VENDOR}")

    def kind(self, kind: str) -> dict[str, BitMap]:
        """Every term of a kind that is counted, with its set."""
        found = self.counted.get(kind)
        if found is None:
            found = self.counted[kind] = _range(kind, kind + LAST)
        return found

    def beginning(self, words: str, begins: str, text: str) -> BitMap:
        """Where a word of a kind begins so. At most two statements."""
        kept = self.one(begins + text)
        if kept:
            return kept
        memo = f"{words}{text}*"
        found = self.others.get(memo)
        if found is None:
            found = self.others[memo] = together(_range(words + text, words + text + LAST).values())
        return found

    def column(self, name: str) -> Column:
        """Hundredths of a degree by place."""
        found = self.columns.get(name)
        if found is None:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT chunk, places FROM directory_posting WHERE term = %s ORDER BY chunk", [terms.WHERE + name]
                )
                parts = {chunk: np.frombuffer(bytes(places), dtype=np.int16) for chunk, places in cursor.fetchall()}
            found = np.full((max(parts, default=-1) + 1) * postings.CHUNK, postings.NOWHERE, dtype=np.int16)
            for chunk, part in parts.items():
                found[chunk * postings.CHUNK : chunk * postings.CHUNK + len(part)] = part
            self.columns[name] = found
        return found

    def on_earth(self, made: Callable[[], Any]) -> Any:
        """What is made of both columns, made once for as long as they hold."""
        if self.earth is None:
            self.earth = made()
        return self.earth


_lock = RLock()
_kept: dict[str, Index] = {}
_unsure: set[int] = set()  # versions of transactions of this process that have not come to their end


@once
def current() -> Index:
    """The index as it is now. One statement, two where something has changed."""
    with connection.cursor() as cursor:
        cursor.execute(_VERSION)
        version, epoch, database = cursor.fetchone()
    name = str(connection.settings_dict["NAME"])
    if version in _unsure:
        return Index(database, version, epoch)
    with _lock:
        kept = _kept.get(name)
        if kept is not None and (kept.database, kept.version, kept.epoch) == (database, version, epoch):
            return kept
        if kept is None or kept.database != database or kept.epoch != epoch or kept.version > version:
            found = Index(database, version, epoch)
        else:
            found = _caught_up(kept, version)
        _kept[name] = found
        return found


def written(version: int) -> None:
    """A transaction of this process writes a version: until it is over, what is read of it is not kept."""
    _unsure.add(version)
    transaction.on_commit(lambda: _unsure.discard(version))


def _caught_up(kept: Index, version: int) -> Index:
    """The same index without the sets that changed since."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT term FROM directory_posting WHERE version > %s LIMIT %s", [kept.version, _CHANGED_AT_MOST]
        )
        changed = [str(row[0]) for row in cursor.fetchall()]
    found = Index(kept.database, version, kept.epoch)
    if len(changed) == _CHANGED_AT_MOST:
        return found
    found.columns = {name: one for name, one in kept.columns.items() if terms.WHERE + name not in changed}
    found.earth = kept.earth if len(found.columns) == len(kept.columns) else None
    words = any(term.startswith((terms.NAME, terms.CITY)) for term in changed)
    found.others = {} if words else {term: one for term, one in kept.others.items() if term not in changed}
    again: dict[str, list[str]] = {}
    for term in changed:
        kind = next((kind for kind in _COUNTED if term.startswith(kind)), None)
        if kind in kept.counted:
            again.setdefault(str(kind), []).append(term)
    read = postings.read([term for listed in again.values() for term in listed])
    for kind, sets in kept.counted.items():
        fresh = {term: read.get(term, NOTHING) for term in again.get(kind, ())}
        found.counted[kind] = {**sets, **fresh} if fresh else sets
    return found


def _range(first: str, last: str) -> dict[str, BitMap]:
    found: dict[str, BitMap] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT term, places FROM directory_posting WHERE term >= %s AND term < %s", [first, last])
        for term, places in cursor.fetchall():
            part = BitMap.deserialize(bytes(places))
            found[term] = found[term] | part if term in found else part
    return found


def together(sets: Iterable[Any]) -> BitMap:
    """What any of the sets holds."""
    listed = list(sets)
    return BitMap.union(*listed) if len(listed) > 1 else BitMap(listed[0]) if listed else BitMap()
