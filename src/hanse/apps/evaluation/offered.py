"""What would each level give this partner, by the edition that decides where it stands?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hanse.apps.programmes.selectors import loaded
from hanse.apps.registry.selectors import see_partner
from hanse.apps.standings.selectors import deciding_run
from hanse.decisions.benefits_by_level import Offer, offers
from hanse.language.context import Days, FactsInfo
from hanse.language.facts import SQL_TYPES
from hanse.language.money import ecb_rates

if TYPE_CHECKING:
    from hanse.apps.accounts.actors import Actor

_MOST = 512  # editions, days and countries whose benefits are kept in memory
_read: dict[tuple[str, Days, str | None], tuple[Offer, ...]] = {}


def offered(*, actor: Actor, partner: str) -> tuple[Offer, ...]:
    """The benefits in force in the partner's country, with how much each level gives. Raises NotThere."""
    country = see_partner(actor, partner).country
    run = deciding_run(actor, partner, edition=None, as_of=None)
    edition, days = loaded(run.version_id), Days(run.as_of, run.rules_as_of)
    key = (edition.content_hash, days, country)
    if key not in _read:
        if len(_read) >= _MOST:
            _read.clear()
        schema = {n: {c.name: SQL_TYPES[c.type] for c in t.columns} for n, t in edition.tables.items()}
        _read[key] = offers(edition, days, FactsInfo(schema, ecb_rates()), country)
    return _read[key]
