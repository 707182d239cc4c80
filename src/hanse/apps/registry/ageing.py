"""Is what is known of a firm still right, and how much of it is there? The firm itself says so, and is asked again in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from hanse.apps.accounts.policy import not_there, require
from hanse.apps.audit import services as audit
from hanse.apps.registry.models import Confirmation, Partner
from hanse.apps.registry.selectors import see_partner

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor

ASKED_AGAIN = timedelta(days=274)  # nine months
FIELDS = ("city", "region", "type", "employees", "website", "vat")  # beyond name and country, which are always there


@dataclass(frozen=True)
class Age:
    """When a firm last said that what is known of it is right (None: never), and which of FIELDS nobody has filled in."""

    confirmed: datetime | None
    missing: tuple[str, ...]

    @property
    def due(self) -> bool:
        """Is it time to ask again?"""
        return self.confirmed is None or self.confirmed + ASKED_AGAIN < timezone.now()

    @property
    def share(self) -> int:
        """How much of the profile is there, 0 to 100."""
        return round(100 * (1 - len(self.missing) / len(FIELDS)))


def age_of(*, actor: Actor, partner: str) -> Age:
    """How old and how complete a firm's profile is. One statement besides the door's. Raises NotThere."""
    found = see_partner(actor, partner)
    last = Confirmation.objects.filter(partner=found).order_by("-at").values_list("at", flat=True).first()
    return Age(last, tuple(name for name in FIELDS if getattr(found, name) in (None, "")))


@transaction.atomic
def confirm(*, actor: Actor, partner: str) -> None:
    """An administrator of the firm says that all that is known of it is right. Raises Refused, NotThere."""
    require(actor, "registry.confirm")
    if partner not in actor.administers:
        raise not_there("partner", partner, "ask an administrator of the firm")
    found = see_partner(actor, partner)
    noted(partner=found.key, by=actor.name)
    audit.record(actor=actor.name, action="registry.confirm", subject=f"partner {partner}")


def noted(*, partner: str, by: str) -> None:
    """Part of an act by which a firm says what is right of itself."""
    for found in Partner.objects.filter(key=partner):
        Confirmation.objects.create(partner=found, by=by)
