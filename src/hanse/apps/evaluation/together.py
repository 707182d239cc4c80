"""What would the level of two connected firms be, were they one? For both, while both agree, and no more than totals.

The same decision over the facts on record, with one more event laid over them: nothing is recorded, and nobody waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from hanse.apps.accounts.actors import SYSTEM
from hanse.apps.accounts.policy import NotThere, not_there
from hanse.apps.connections.joint import AGREED, asking
from hanse.apps.evaluation import alone, laid_over
from hanse.apps.evaluation.laid_over import Supposed
from hanse.apps.evaluation.what_if import outcome_of
from hanse.apps.programmes.selectors import loaded, rank_on
from hanse.apps.standings import explained
from hanse.apps.standings.selectors import deciding_run
from hanse.language.context import Days
from hanse.language.structure import EVENTS

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor
    from hanse.decisions.explanation_views import Outcome


@dataclass(frozen=True)
class Together:
    """The firm as which both were judged, and how it would stand; `outcome` is None where nobody is judged alone, or yet."""

    into: str
    outcome: Outcome | None
    before: str | None = None  # the level of the actor's own firm now


def together(*, actor: Actor, partner: str, other: str) -> Together:
    """How a firm of the actor's and one that it is connected with would stand as one, by the edition in force.

    As if the one that was asked had gone into the one that asked, so that both are told the same. Of the outcome only levels and
    the totals of their requirements may be shown. Raises NotThere unless both agree.
    """
    stands = asking(actor=actor, partner=partner, other=other)
    if stands.stands != AGREED:
        raise not_there("question", other, "both firms must agree first")
    into, went = (partner, other) if stands.into == partner else (other, partner)
    try:
        before = explained.outcome(actor=SYSTEM, partner=into)
        run = deciding_run(SYSTEM, into, edition=None, as_of=None)
        own = explained.outcome(actor=actor, partner=partner)
    except NotThere:  # one of them has no standing
        return Together(into, None)
    edition = loaded(run.version_id)
    if rank_on(timezone.now().date()).get(run.version_id) != 0 or alone.needs_everybody(edition):
        return Together(into, None)
    days = Days(run.as_of, run.rules_as_of)
    row = {"partner": went, "kind": "merged", "on": None, "into": into}
    found = laid_over.judged(edition, days, into, Supposed({EVENTS: [row]}))
    level = own.standings[0]["granted"] or own.standings[0]["level"] if own.standings else None
    return Together(into, outcome_of(before.partner, days, found), level)
