"""By which editions has somebody's firm been judged, ever?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hanse.apps.standings.models import LevelChange

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor


def editions_lived(*, actor: Actor) -> frozenset[str]:
    """The editions by which the firms of the actor have had a standing; empty for the vendor's people, who see all."""
    if not actor.partners:
        return frozenset()
    lived = LevelChange.objects.filter(partner__in=actor.partners).order_by().values_list("edition", flat=True)
    return frozenset(lived.distinct())
