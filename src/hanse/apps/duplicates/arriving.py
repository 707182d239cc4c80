"""Partners that have come with a file: which of them look like one firm with another? The queue is told."""

from __future__ import annotations

from collections.abc import Sequence

from hanse.apps.duplicates.looking import LIKELY, put
from hanse.apps.duplicates.models import Pair
from hanse.apps.likeness import services as likeness
from hanse.apps.likeness.selectors import weighed
from hanse.apps.registry.selectors import newcomers, records_of_firms

FEW = likeness.BULK  # newcomers that are looked up one by one; of more, all records are compared
_PIECE = 200


def arrived(*, since: int) -> None:
    """Has those looked at that are newer than the number, by a job of the transaction in which they came."""
    from hanse.apps.duplicates import tasks

    found = len(newcomers(since=since, limit=FEW + 1))
    if found > FEW:
        tasks.look_later()
    elif found:
        tasks.look_at.defer(since=since)


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
