"""Which partners may a partner see on the map? Itself, and those that show other partners where they are.

Where a firm is belongs to its contact data; its level is told where it shows that too, and is NOT_SHOWN elsewhere.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.db.models import Case, Q, QuerySet, TextField, Value, When

from hanse.apps.accounts.policy import require
from hanse.apps.registry import profile
from hanse.apps.standings import maps
from hanse.apps.standings.lists import wanted_among
from hanse.apps.standings.models import Listed

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor
    from hanse.apps.standings.lists import Wanted
    from hanse.apps.standings.maps import Seen, Window

NOT_SHOWN = "?"


def seen_by_partner(*, actor: Actor, wanted: Wanted, window: Window) -> Seen:
    """What the map shows to a partner. Two or three statements. Raises Refused."""
    require(actor, "standings.see")
    return maps.seen_among(wanted.edition, _shown(actor, wanted), window)


def extent_for_partner(*, actor: Actor, wanted: Wanted) -> Window:
    """The window in which all are that a partner may see. One statement. Raises Refused."""
    require(actor, "standings.see")
    return maps.around_all(_shown(actor, wanted))


def countries_shown(*, actor: Actor, edition: str) -> list[str]:
    """The countries in which somebody is to be seen. One statement. Raises Refused."""
    require(actor, "standings.see")
    found = Listed.objects.filter(_theirs(actor), edition=edition, cell__isnull=False)
    return sorted(set(found.values_list("country", flat=True)) - {""})


def _theirs(actor: Actor) -> Q:
    return Q(partner__in=profile.showing("contact")) | Q(partner__in=actor.partners)


def _shown(actor: Actor, wanted: Wanted) -> QuerySet[Listed]:
    """The rows to be shown, the level of those that do not show theirs taken away before anything is asked of it."""
    told = Q(partner__in=profile.showing("level")) | Q(partner__in=actor.partners)
    rows = wanted_among(Listed.objects.filter(_theirs(actor)), replace(wanted, level="", moving="", within=0))
    if wanted.level:
        rows = rows.filter(told, stands=wanted.level)
    return rows.annotate(shown=Case(When(told, then="stands"), default=Value(NOT_SHOWN), output_field=TextField()))
