"""Where are partners, and of whom is it not known?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, QuerySet

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.policy import require
from hanse.apps.places.models import UNKNOWN, Place
from hanse.apps.places.towns import towns_of
from hanse.apps.registry.selectors import see_partner, within
from hanse.decisions.place import Asked, Town, country_of, suggestions


@dataclass(frozen=True)
class Unknown:
    """A town's name that no list of towns has; how many partners name it so, and one of them. Without a name: no town is named."""

    country: str
    city: str
    partners: int
    partner: str


@dataclass(frozen=True)
class Coverage:
    """Of how many partners the place is known, by who says so, and of how many it is not."""

    fact: int = 0
    found: int = 0
    hand: int = 0
    unknown: int = 0

    @property
    def known(self) -> int:
        return self.fact + self.found + self.hand


def as_mapped() -> QuerySet[Place, Any]:
    """Where each partner is on the map: for the system, which keeps it beside each standing."""
    return Place.objects.values("partner", "x", "y", "cell")


def unknown(*, actor: Actor, limit: int = 25, after: tuple[str, str] | None = None) -> list[Unknown]:
    """The names that could not be found, by country and name, those after one of them; the partners that the actor may see.

    One statement. Raises Refused.
    """
    require(actor, "places.see")
    found = _mine(actor).filter(source=UNKNOWN).values("country", "city")
    if after is not None:
        country, city = after
        found = found.filter(country__gte=country).exclude(country=country, city__lte=city)
    counted = found.annotate(partners=Count("partner"), one=Min("partner")).order_by("country", "city")[:limit]
    return [Unknown(row["country"], row["city"], row["partners"], row["one"]) for row in counted]


def coverage(*, actor: Actor) -> Coverage:
    """How many places are known. One statement. Raises Refused."""
    require(actor, "places.see")
    counted = dict(_mine(actor).values_list("source").annotate(Count("partner")).order_by())
    return Coverage(**{source or "unknown": n for source, n in counted.items()})


def suggested(*, actor: Actor, country: str, city: str, limit: int = 5) -> list[Town]:
    """Towns that a name may mean that none has. No statement. Raises Refused."""
    require(actor, "places.see")
    asked = Asked(country, city)
    return suggestions(asked, towns_of(country_of(asked)), limit=limit)


def place_of(*, actor: Actor, partner: str) -> Place | None:
    """Where a partner is, if that was ever asked. Raises NotThere."""
    return Place.objects.filter(partner=see_partner(actor, partner).key).first()


def _mine(actor: Actor) -> QuerySet[Place]:
    return Place.objects.filter(within(actor, partner="partner", country="country"))
