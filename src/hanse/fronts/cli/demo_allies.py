"""The demo's partners show themselves: most to other partners, many to everybody; two ask to be connected."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

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
_NEAR = 0.45  # degrees
_SECRET = 5  # one of so many shows nothing


def shown(asking: Sequence[str]) -> None:
    """Says what partners are good at, who may see it, and makes the directory; two ask the first of `asking`."""
    from hanse.apps.accounts.actors import operator
    from hanse.apps.directory import services
    from hanse.apps.evidence.services import record_facts
    from hanse.apps.registry.profile import PARTS
    from hanse.apps.registry.selectors import partner_list, see_partner
    from hanse.demo.channel import AS_OF

    askers = [see_partner(operator(), key) for key in asking]
    near = {one.country for one in askers}
    everybody = partner_list(operator(), limit=10**6)
    firms = sorted(everybody, key=lambda firm: (firm.country not in near, firm.key))[:SHOWN]
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
        beside = any(_beside(firm, one) for one in askers)
        if n % _SECRET or beside:
            audience = "public" if n % 2 else "partners"
            hides = 0 if beside else 7
            _opened(
                firm.key,
                {part: "vendor" if hides and not (n + at) % hides else audience for at, part in enumerate(PARTS)},
            )
    services.rebuild()
    _asked(asking)


def _beside(firm: Any, other: Any) -> bool:
    """In the same surroundings, so that whoever looks for allies near itself finds some: about 50 km."""
    if firm.latitude is None or other.latitude is None or firm.longitude is None or other.longitude is None:
        return firm.key == other.key
    return abs(firm.latitude - other.latitude) < _NEAR and abs(firm.longitude - other.longitude) < _NEAR


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
