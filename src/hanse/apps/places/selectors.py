"""Where are partners, and of whom is it not known?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from hanse.apps.accounts.actors import Actor
from hanse.apps.accounts.policy import require
from hanse.apps.places.models import FOUND, UNKNOWN, Choice, Place
from hanse.apps.places.towns import towns_of, version
from hanse.apps.registry.selectors import as_placed, see_partner, visible_partners, within
from hanse.decisions.place import Asked, Town, country_of, place, suggestions


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


def behind() -> bool:
    """Has somebody no place yet, or one that was found by other lists of towns? For the system."""
    placed = Place.objects.filter(partner=OuterRef("key"))
    nowhere = as_placed().values("key").filter(~Exists(placed))
    return nowhere.exists() or Place.objects.filter(source=FOUND).exclude(towns=version()).exists()


def as_located() -> QuerySet[Place, Any]:
    """Where each partner is, in degrees: for the system, whose directory is searched by it."""
    return Place.objects.values("partner", "latitude", "longitude")


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
    """Towns that a name may mean: the one of that name, else near ones. No statement. Raises Refused."""
    require(actor, "places.see")
    asked = Asked(country, city)
    towns = towns_of(country_of(asked))
    found = place(asked, towns).town
    return ([found] if found else []) + [one for one in suggestions(asked, towns, limit=limit) if one != found]


def chosen(*, actor: Actor, limit: int = 50) -> list[Choice]:
    """What people have said and what still counts, the latest first; what the actor may see. Two statements. Raises Refused."""
    require(actor, "places.see")
    mine = visible_partners(actor).values("key")
    seen = Q(partner__in=mine) | (Q(partner="") & (Q() if actor.everywhere else Q(country__in=actor.countries)))
    latest: dict[tuple[str, str, str], Choice] = {}
    for one in Choice.objects.filter(seen).order_by("-pk")[: 20 * limit]:
        latest.setdefault(
            (one.partner, "" if one.partner else one.country, "" if one.partner else one.city.lower()), one
        )
    return [one for one in latest.values() if one.latitude is not None][:limit]


def place_of(*, actor: Actor, partner: str) -> Place | None:
    """Where a partner is, if that was ever asked. Raises NotThere."""
    key = partner if partner in actor.partners else see_partner(actor, partner).key
    return Place.objects.filter(partner=key).first()


def _mine(actor: Actor) -> QuerySet[Place]:
    return Place.objects.filter(within(actor, partner="partner", country="country"))
