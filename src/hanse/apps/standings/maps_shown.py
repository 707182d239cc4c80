"""Which partners may a partner see on the map? Itself, and those that show other partners where they are.

Where a firm is belongs to its contact data; its level is told where it shows that too, and is NOT_SHOWN elsewhere.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.db.models import Case, Q, QuerySet, TextField, Value, When

from hanse.apps.accounts.policy import require
from hanse.apps.directory import spread
from hanse.apps.registry import profile
from hanse.apps.standings import maps
from hanse.apps.standings.lists import Wanted, wanted_among
from hanse.apps.standings.models import Listed

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor
    from hanse.apps.directory.search import Wanted as Like
    from hanse.apps.standings.maps import Seen, Window

NOT_SHOWN = spread.NOT_SHOWN


def seen_by_partner(*, actor: Actor, like: Like, window: Window) -> Seen:
    """What the map shows to a partner, and where its own firms are. Three to five statements. Raises Refused."""
    require(actor, "standings.see")
    if maps.is_searched(like):
        seen = maps.seen_like(actor=actor, like=like, window=window)
    else:
        seen = maps.seen_among(like.edition, _shown(actor, like), window)
    own = Listed.objects.filter(partner__in=actor.partners, edition=like.edition)
    return replace(seen, own=maps.spots(own, window))


def extent_for_partner(*, actor: Actor, like: Like) -> Window:
    """The window in which all are that a partner may see. One statement or two. Raises Refused."""
    require(actor, "standings.see")
    if maps.is_searched(like):
        return maps.extent_like(actor=actor, like=like)
    return maps.around_all(_shown(actor, like))


def _theirs(actor: Actor) -> Q:
    return Q(partner__in=profile.showing("contact")) | Q(partner__in=actor.partners)


def _shown(actor: Actor, like: Like) -> QuerySet[Listed]:
    """The rows to be shown by an edition that is not in force, the level of those that do not show theirs taken away
    before anything is asked of it."""
    told = Q(partner__in=profile.showing("level")) | Q(partner__in=actor.partners)
    wanted = Wanted(like.edition, country=like.country, type=like.type, text=like.text)
    rows = wanted_among(Listed.objects.filter(_theirs(actor)), wanted)
    if like.level:
        rows = rows.filter(told, stands=like.level)
    return rows.annotate(shown=Case(When(told, then="stands"), default=Value(NOT_SHOWN), output_field=TextField()))
