"""Partners that have come with a file: which of them look like one firm with another? The queue is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hanse.apps.duplicates.looking import LIKELY, look_after, put
from hanse.apps.duplicates.models import Pair
from hanse.apps.likeness import services as likeness
from hanse.apps.likeness.selectors import weighed
from hanse.apps.registry.selectors import count_of_firms, newcomers, records_of_firms

OF_FIRMS = frozenset({"partners", "locations"})
AT_ONCE = 20_000  # records that are all looked at as soon as more have come
FEW = likeness.BULK  # newcomers to more than those, which are looked up one by one
_PIECE = 200


def arrived(*, since: int, tables: Iterable[str]) -> None:
    """Has those looked at who came with facts of these tables, after the number; by a job of the transaction that recorded them.

    Of few partners, all are compared; a few newcomers to many are looked up at once, and of more of them, or where it was
    said anew who others are, all are compared in the night.
    """
    from hanse.apps.duplicates import tasks

    if OF_FIRMS.isdisjoint(tables):
        return
    if count_of_firms() <= AT_ONCE:
        look_after(tonight=False)
    elif 0 < len(newcomers(since=since, limit=FEW + 1)) <= FEW:
        tasks.look_at.defer(since=since)
    else:
        look_after(tonight=True)


def look_at(partners: Sequence[str]) -> int:
    """Puts the likely pairs of these partners into the queue, unless somebody has decided of them; how many."""
    found = []
    for at in range(0, len(partners), _PIECE):
        rows = records_of_firms(list(partners[at : at + _PIECE]))
        for row, others in zip(rows, weighed(rows, least=LIKELY) if rows else (), strict=True):
            for key, one in others:
                first, second = sorted((str(row["id"]), key))
                because = [_turned(part) if first != row["id"] else part for part in one.because]
                found.append({"id1": first, "id2": second, "weight": one.bits, "because": because})
    before = Pair.objects.count()
    put(found)
    return Pair.objects.count() - before


def _turned(part: dict[str, object]) -> dict[str, object]:
    return {**part, "one": part["other"], "other": part["one"]}
