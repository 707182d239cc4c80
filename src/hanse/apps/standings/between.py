"""Who went from which level to which between two days that were judged, and what do a run's benefits cost?

Runs of all never change, so what is counted of two of them, or of one, is counted once in the life of a process.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from hanse.apps.accounts.policy import require
from hanse.apps.programmes.selectors import loaded
from hanse.apps.standings.models import Run, RunBenefit
from hanse.apps.standings.outlook import Flow
from hanse.decisions.benefits import cost_of

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor

_FILE = "standings.parquet"


@dataclass(frozen=True)
class Cost:
    """What one benefit comes to in a currency: given, and used of it."""

    benefit: str
    currency: str
    given: float
    used: float


def flows_between(*, actor: Actor, before: int, after: int) -> list[Flow]:
    """The flows from one run of all to a later one, the largest first; none where a folder is gone. Raises Refused."""
    require(actor, "standings.see_runs")
    return list(_flows(before, after))


def costs_of(*, actor: Actor, run: int) -> list[Cost]:
    """What the benefits of a run of all cost: amounts of money, and pieces of which the edition says what one costs.

    The dearest first. Raises Refused.
    """
    require(actor, "standings.see_runs")
    return list(_costs(run))


@lru_cache(maxsize=16)
def _flows(before: int, after: int) -> tuple[Flow, ...]:
    runs = Run.objects.in_bulk([before, after])
    places = [runs[number].place / _FILE for number in (before, after) if number in runs]
    if len(places) < 2 or not all(place.is_file() for place in places):
        return ()
    was, now = (_levels(str(place)) for place in places)
    counted = Counter((was.get(partner, ""), now.get(partner, "")) for partner in {*was, *now})
    flows = (Flow(old, new, n) for (old, new), n in counted.items() if old != new)
    return tuple(sorted(flows, key=lambda f: (-f.partners, f.before, f.after)))


def _levels(place: str) -> dict[str, str]:
    """Where each partner stands: the level granted, else achieved; those without one are left out."""
    from pyarrow import parquet

    table = parquet.read_table(place, columns=["partner", "level", "granted"])
    rows = zip(*(table[name].to_pylist() for name in ("partner", "level", "granted")), strict=True)
    return {partner: granted or level for partner, level, granted in rows if granted or level}


@lru_cache(maxsize=64)
def _costs(run: int) -> tuple[Cost, ...]:
    found = Run.objects.only("version_id", "rules_as_of").get(pk=run)
    edition = loaded(found.version_id)
    costs = []
    for one in RunBenefit.objects.filter(run=run):
        if one.currency:
            costs.append(Cost(one.benefit, one.currency, one.quantity, one.used))
        elif one.benefit in edition.benefits:
            each = cost_of(edition, one.benefit, found.rules_as_of)
            if each is not None and each.unit:
                price = float(each.value)
                costs.append(Cost(one.benefit, each.unit, price * one.quantity, price * one.used))
    return tuple(sorted(costs, key=lambda c: (-c.given, c.benefit)))
