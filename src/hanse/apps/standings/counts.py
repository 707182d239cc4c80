"""What does it change in the counts of a channel that a few partners are listed anew?

Counting everybody again for one of them would read a country. So it is noted what they count for before and after: the
difference is added to what lists (`tallies.py`) and the map (`mapped.py`) have counted.
"""

from __future__ import annotations

from collections.abc import Sequence

from hanse.apps.standings.models import Listed

KINDS = ("country", "type", "stands")
SUMS = ("partners", "rising", "falling")
COUNTED = (  # the same out of the lists, in SQL: who lacks one requirement and loses nothing is about to rise
    "count(*) AS partners, count(*) FILTER (WHERE lacking = 1 AND NOT falling) AS rising, "
    "count(*) FILTER (WHERE falling) AS falling"
)
_NONE = (0, 0, 0, 0, 0)

# by cell (None: nobody knows where), city, country, type, level: partners, rising, falling, sums of x and y
Counts = dict[tuple[int | str | None, ...], tuple[int, ...]]


def of(edition: str, only: Sequence[str]) -> Counts:
    """What partners count for as they are listed now. One statement."""
    found: Counts = {}
    rows = Listed.objects.filter(edition=edition, partner__in=only)
    for cell, city, *kind, lacking, falling, x, y in rows.values_list(
        "cell", "city", *KINDS, "lacking", "falling", "x", "y"
    ):
        own = (1, int(lacking == 1 and not falling), int(falling), x or 0, y or 0)
        at = (cell, city or "", *kind)
        found[at] = _added(found.get(at, _NONE), own)
    return found


def difference(was: Counts, now: Counts) -> Counts:
    """What must be added to what was counted; where nothing must, there is nothing."""
    return {
        at: tuple(a - b for a, b in zip(now.get(at, _NONE), was.get(at, _NONE), strict=True))
        for at in (*was, *(now.keys() - was.keys()))
        if now.get(at) != was.get(at)
    }


def by_kind(counts: Counts) -> dict[tuple[int | str | None, ...], tuple[int, ...]]:
    """The same wherever they are: by country, type and level; kinds of which nothing is left to add are left out."""
    found: Counts = {}
    for (_, _, *kind), numbers in counts.items():
        found[tuple(kind)] = _added(found.get(tuple(kind), _NONE), numbers)
    return {kind: numbers[: len(SUMS)] for kind, numbers in found.items() if any(numbers[: len(SUMS)])}


def _added(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(one, other, strict=True))
