"""How is the index written: for each term the places of the entries that have it, as compressed sets?

Roaring bitmaps in rows of `directory_posting`. A set of few places is one row; a larger one is cut by 65,536, so that
what one partner changes rewrites some kilobytes. Next to the sets stand columns (`#latitude`, `#longitude`): hundredths
of a degree by place, chunk by chunk.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from django.db import connection
from psycopg import sql
from pyroaring import BitMap

from hanse.apps.directory import terms
from hanse.apps.directory.models import Posting, State

CHUNK = 1 << 16
FEW = 256  # places up to which a set is one row
FREQUENT = 2_000  # words that more entries have, by their beginning, get a set of their own for it
WHOLE = -1
NOWHERE = np.iinfo(np.int16).min
COLUMNS = ("latitude", "longitude")
_BEGINS = {terms.NAME: terms.NAME_BEGINS, terms.CITY: terms.CITY_BEGINS}
_PUT = """
INSERT INTO directory_posting (term, chunk, places, size, version) SELECT * FROM unnest(%s::text[], %s::smallint[],
    %s::bytea[], %s::int[], %s::bigint[]) ON CONFLICT (term, chunk) DO UPDATE
SET places = EXCLUDED.places, size = EXCLUDED.size, version = EXCLUDED.version
"""
Row = Mapping[str, Any]


def new_version() -> int:
    """The version of what is about to be written: larger than any before, also than one that came to nothing.

    Whoever else writes waits until this transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE directory_state SET version = GREATEST(version + 1, "
            "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint) RETURNING version"
        )
        return int(cursor.fetchone()[0])


# -- everything anew ----------------------------------------------------------------------------------------------


def write_all(rows: Iterable[Row], version: int) -> None:
    """The whole index from all entries, which have places; in one go through them."""
    found: dict[str, array[int]] = {}
    where: dict[str, array[int]] = {name: array("h") for name in COLUMNS}
    for row in rows:
        place = row["place"]
        for term in terms.of(row):
            kept = found.get(term)
            if kept is None:
                kept = found[term] = array("I")
            kept.append(place)
        for name, column in where.items():
            if len(column) <= place:
                column.extend([NOWHERE] * (place + 1 - len(column)))
            column[place] = hundredths(row[name])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM directory_posting")
    _copy(_all_rows(found, where), version)
    State.objects.update(epoch=version, behind=False)


def _all_rows(found: dict[str, array[int]], where: dict[str, array[int]]) -> Iterator[tuple[str, int, bytes, int]]:
    for begins, places in _frequent(found):
        yield from _cut(begins, places)
    for term, numbers in found.items():
        yield from _cut(term, BitMap(numbers))
    for name, column in where.items():
        for chunk in range(0, len(column), CHUNK):
            part = column[chunk : chunk + CHUNK]
            yield terms.WHERE + name, chunk // CHUNK, part.tobytes(), len(part)


def _frequent(found: dict[str, array[int]]) -> Iterator[tuple[str, BitMap]]:
    """Beginnings of words that very many entries have, each with all of them."""
    for kind, begins in _BEGINS.items():
        listed = sorted(term for term in found if term.startswith(kind))
        for length in range(1, 12):
            yield from _beginnings(found, listed, len(kind), begins, length)
            listed = [term for term in listed if len(term) > len(kind) + length]


def _beginnings(
    found: dict[str, array[int]], listed: Sequence[str], skip: int, begins: str, length: int
) -> Iterator[tuple[str, BitMap]]:
    at = 0
    while at < len(listed):
        start = listed[at][skip : skip + length]
        end, count = at, 0
        while end < len(listed) and listed[end].startswith(start, skip):
            count += len(found[listed[end]])
            end += 1
        if count > FREQUENT:
            yield begins + start, BitMap().union(*(BitMap(found[term]) for term in listed[at:end]))
        at = end


def _cut(term: str, places: BitMap) -> Iterator[tuple[str, int, bytes, int]]:
    """The rows of a set."""
    if len(places) <= FEW:
        yield term, WHOLE, places.serialize(), len(places)
        return
    places.run_optimize()
    for chunk in range(places.min() // CHUNK, places.max() // CHUNK + 1):
        part = _part(places, chunk)
        if part:
            yield term, chunk, part.serialize(), len(part)


def _part(places: BitMap, chunk: int) -> BitMap:
    return places & BitMap(range(chunk * CHUNK, (chunk + 1) * CHUNK))


def _copy(rows: Iterable[tuple[str, int, bytes, int]], version: int) -> None:
    into = sql.SQL("COPY directory_posting (term, chunk, places, size, version) FROM STDIN (FORMAT binary)")
    with connection.cursor() as cursor, cursor.cursor.copy(into) as copy:
        copy.set_types(["text", "int2", "bytea", "int4", "int8"])
        for row in rows:
            copy.write_row((*row, version))


# -- a few ----------------------------------------------------------------------------------------------------------


def change(before: Sequence[Row], after: Sequence[Row], version: int) -> None:
    """Brings the index from what some entries were to what they are; both have their places."""
    gone, new = _by_term(before), _by_term(after)
    taken = {term: gone.get(term, set()) - new.get(term, set()) for term in gone}
    added = {term: places - gone.get(term, set()) for term, places in new.items()}
    touched = sorted({t for t, places in taken.items() if places} | {t for t, places in added.items() if places})
    _extend_beginnings(touched, taken, added)
    touched = sorted({t for t, places in [*taken.items(), *added.items()] if places})
    kept = read(touched)
    for term in touched:
        places = kept.get(term, BitMap())
        rows = list(_cut(term, (places - BitMap(taken.get(term, ()))) | BitMap(added.get(term, ()))))
        _replace(term, rows, _cut(term, places), version)
    _place_on_earth(before, after, version)


def _by_term(rows: Iterable[Row]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for row in rows:
        if row["place"] is not None:
            for term in terms.of(row):
                found.setdefault(term, set()).add(row["place"])
    return found


def _extend_beginnings(touched: Sequence[str], taken: dict[str, set[int]], added: dict[str, set[int]]) -> None:
    """Where the beginning of a word has a set of its own, it changes with the word.

    An entry may keep the beginning with another word, so nothing is taken out: it is one more word to look at, until
    the index is made anew.
    """
    wanted: dict[str, set[int]] = {}
    for term in touched:
        begins = _BEGINS.get(term[:3])
        if begins and added.get(term):
            for length in range(4, min(len(term), 14) + 1):
                wanted.setdefault(begins + term[3:length], set()).update(added[term])
    there = set(Posting.objects.filter(term__in=wanted).values_list("term", flat=True))
    added.update({term: wanted[term] for term in there})
    taken.update({term: set() for term in there})


def _replace(
    term: str, rows: list[tuple[str, int, bytes, int]], was: Iterable[tuple[str, int, bytes, int]], version: int
) -> None:
    """Writes the rows of a set that are not as they were. An empty set stays as a row: readers learn of it that way."""
    old = {chunk: places for _, chunk, places, _ in was}
    gone = [chunk for chunk in old if chunk not in {row[1] for row in rows}]
    if gone:
        Posting.objects.filter(term=term, chunk__in=gone).delete()
    changed = [row for row in rows if old.get(row[1]) != row[2]]
    changed = changed or (rows[:1] if gone else [])
    _put([(*row, version) for row in changed])


def _put(rows: Sequence[tuple[str, int, bytes, int, int]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_PUT, [list(column) for column in zip(*rows, strict=True)])


def _place_on_earth(before: Sequence[Row], after: Sequence[Row], version: int) -> None:
    was = {row["place"]: row for row in before if row["place"] is not None}
    now = {row["place"]: row for row in after if row["place"] is not None}
    for name in COLUMNS:
        wanted = {place: hundredths(now[place][name] if place in now else None) for place in {*was, *now}}
        moved = {p: v for p, v in wanted.items() if p not in was or hundredths(was[p][name]) != v}
        if moved:
            _set_column(name, moved, version)


def _set_column(name: str, wanted: dict[int, int], version: int) -> None:
    for chunk in sorted({place // CHUNK for place in wanted}):
        kept = Posting.objects.filter(term=terms.WHERE + name, chunk=chunk).values_list("places", flat=True).first()
        column = np.frombuffer(bytes(kept or b""), dtype=np.int16)
        here = {place % CHUNK: value for place, value in wanted.items() if place // CHUNK == chunk}
        changed = np.full(max(len(column), max(here) + 1), NOWHERE, dtype=np.int16)
        changed[: len(column)] = column
        for at, value in here.items():
            changed[at] = value
        _put([(terms.WHERE + name, chunk, changed.tobytes(), len(changed), version)])


# -- what readers and writers share ---------------------------------------------------------------------------------


def read(wanted: Iterable[str]) -> dict[str, BitMap]:
    """The sets of some terms; a term that nothing has is left out. One statement."""
    found: dict[str, BitMap] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT term, places FROM directory_posting WHERE term = ANY(%s)", [list(wanted)])
        for term, places in cursor.fetchall():
            part = BitMap.deserialize(bytes(places))
            found[term] = found[term] | part if term in found else part
    return found


def hundredths(degrees: float | None) -> int:
    """Degrees as the index keeps them, in hundredths: a place is known to about half a kilometre."""
    return NOWHERE if degrees is None else round(degrees * 100)
