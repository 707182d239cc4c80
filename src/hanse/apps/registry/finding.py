"""Which people does somebody mean who types the beginning of a key?"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from hanse.apps.accounts.actors import Actor
from hanse.apps.registry.models import Employment
from hanse.apps.registry.selectors import visible_partners


@dataclass(frozen=True)
class FoundPerson:
    """Somebody who works, or has worked, at a partner."""

    person: str
    partner: str
    role: str


def people_named(*, actor: Actor, text: str, limit: int = 8) -> list[FoundPerson]:
    """The people whose key begins so, as typed or in capitals, at partners that the actor may see. One statement."""
    named = Q(person__key__startswith=text) | Q(person__key__startswith=text.upper())
    found = Employment.objects.filter(named).select_related("person")
    if not actor.everywhere:
        found = found.filter(partner__in=visible_partners(actor).values("key"))
    listed = found.order_by("person__key", "partner").values_list("person__key", "partner", "role")
    people = {
        (person, partner): FoundPerson(person, partner, role or "") for person, partner, role in listed[: 4 * limit]
    }
    return list(people.values())[:limit]
