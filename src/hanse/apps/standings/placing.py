"""Where is a place that could not be found? A person says so, and map and directory follow."""

from __future__ import annotations

from django.db import transaction

from hanse.apps.accounts.actors import Actor
from hanse.apps.directory import services as directory
from hanse.apps.places import services as places
from hanse.apps.places.services import Chosen
from hanse.apps.standings import mapped


def place_choose(
    *, actor: Actor, country: str, city: str, partner: str, chosen: Chosen | None, reason: str
) -> list[str]:
    """What `places.services.choose` does and raises; map and directory follow in the same transaction."""
    with transaction.atomic():
        moved = places.choose(actor=actor, country=country, city=city, partner=partner, chosen=chosen, reason=reason)
        if moved:
            mapped.follow(moved)
            directory.refresh(moved)
    return moved


def place_everybody() -> None:
    """Finds where everybody is, for the system: after an upgrade, or with other towns."""
    with transaction.atomic():
        places.refresh(None)
        mapped.follow(None)
        directory.refresh(None)
