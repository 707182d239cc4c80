"""The demo's partners show themselves: most to other partners, many to everybody; two ask to be connected.

Those in the towns of the firms that sign in show all of it, so that whoever looks for allies nearby finds some.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_INDUSTRIES = (
    "ISIC 6201",
    "NACE 62.02",
    "NAICS 541519",
    "ISIC 6311",
    "ISIC 4651",
    "ISIC 7020",
    "NACE 61.10",
    "ISIC 8559",
)
_SOLUTIONS = (
    "Backup and recovery", "Managed security", "Data warehouse", "Customer service", "Warehouse automation", "Payroll",
    "Fleet tracking", "Clinic records",
)  # fmt: skip
_SPOKEN = {"FR": "fr", "DE": "de", "AT": "de", "ES": "es", "IT": "it", "BR": "pt", "PT": "pt", "NL": "nl", "PL": "pl",
           "JP": "ja", "CN": "zh", "KR": "ko", "MX": "es", "BE": "fr", "CH": "de", "SE": "sv"}  # fmt: skip
SHOWN = 1_000  # partners at most that show themselves, so that a large demo is made soon
_SECRET = 5  # one of so many shows nothing


def shown(asking: Sequence[str]) -> None:
    """Says what partners are good at, who may see it, and makes the directory; two ask the first of `asking`."""
    from hanse.apps.accounts.actors import operator
    from hanse.apps.directory import services
    from hanse.apps.evidence.services import record_facts
    from hanse.apps.registry.profile import PARTS
    from hanse.apps.registry.selectors import partner_list, see_partner
    from hanse.demo.channel import AS_OF

    own = [see_partner(operator(), key) for key in asking]
    near, towns = {firm.country for firm in own}, {(firm.country, firm.city) for firm in own if firm.city}
    everybody = partner_list(operator(), limit=10**6)
    order = sorted(
        everybody, key=lambda firm: ((firm.country, firm.city) not in towns, firm.country not in near, firm.key)
    )
    firms = order[:SHOWN]
    rows = []
    for n, firm in enumerate(firms):
        said = {"partner": firm.key, "granted": AS_OF.replace(month=1, day=2).isoformat()}
        rows += [
            {**said, "kind": "industry", "name": _INDUSTRIES[n * (1 + turn) % len(_INDUSTRIES)]} for turn in range(2)
        ]
        rows += [
            {**said, "kind": "solution", "name": _SOLUTIONS[(n * 3 + turn) % len(_SOLUTIONS)]} for turn in range(n % 3)
        ]
        rows += [{**said, "kind": "language", "name": name} for name in {"en", _SPOKEN.get(firm.country, "en")}]
    distinct = {tuple(sorted(row.items())): row for row in rows}
    record_facts(
        actor=operator(), source="partner portal", rows={"attestations": list(distinct.values())},
        reason="a demonstration",
    )  # fmt: skip
    for n, firm in enumerate(firms):
        neighbour = (firm.country, firm.city) in towns
        if n % _SECRET or neighbour:
            audience = "public" if n % 2 else "partners"
            parts = {part: audience if neighbour or (n + at) % 7 else "vendor" for at, part in enumerate(PARTS)}
            _opened(firm.key, parts)
    services.rebuild()
    _asked(asking)


def _opened(partner: str, audiences: dict[str, str]) -> None:
    from hanse.apps.accounts.actors import Actor
    from hanse.apps.accounts.roles import ADMINISTRATOR
    from hanse.apps.registry.profile import visibility_set

    of = frozenset({partner})
    firm = Actor(name="demo", roles=frozenset({ADMINISTRATOR}), partners=of, administers=of)
    visibility_set(actor=firm, partner=partner, shown=audiences)


def _asked(asking: Sequence[str]) -> None:
    from hanse.apps.accounts.actors import Actor
    from hanse.apps.accounts.roles import ADMINISTRATOR
    from hanse.apps.connections import services

    for partner in asking[1:]:
        of = frozenset({partner})
        firm = Actor(name="demo", roles=frozenset({ADMINISTRATOR}), partners=of, administers=of)
        message = "We met at the partner day: shall we bid for the clinics of your region together?"
        services.ask(actor=firm, partner=partner, other=asking[0], message=message)
