"""A small programme, and the three partners by which it is tested: Nordlicht sells enough, Port Bleu does not, Salt waits."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from hanse.apps.accounts.actors import Actor, operator
from hanse.apps.evidence.services import record_facts
from hanse.apps.programmes import services
from hanse.apps.programmes.selectors import Seen

DAY = date(2026, 6, 30)
NORDLICHT, BLEU, SALT = "P-1", "P-2", "P-3"
SECOND = Actor("eva@vendor.example", frozenset({"programme_manager"}), everywhere=True)
_METRICS = """
revenue: {use: revenue, unit: EUR, label: {en: revenue, fr: chiffre d'affaires}}
client_satisfaction: {table: surveys, agg: average, measure: score, window: 12 months, unit: points}
"""
_LEVELS = """
silver: {{all_of: [{{revenue: {{at_least: {silver} EUR, clause: "3.1"}}}}]}}
gold:
  all_of:
    - {{revenue: {{at_least: 100_000 EUR, clause: "4.1"}}}}
    - {{human: executive_review, level: gold, clause: "4.2"}}
"""
_CASES = """
- id: none
  says: Who sells nothing is a member.
  as_of: 2026-06-30
  facts: {partners: [{partner: P}]}
  expect: {P: {level: member}}
"""


def edition(folder: Path, year: str = "2026", *, silver: str = "20_000", more: dict[str, str] | None = None) -> Path:
    """Writes an edition of the programme `quay`."""
    files = {
        "programme.yaml": f'programme: quay\nedition: "{year}"\ntitle: {{en: Quay}}\ncurrency: EUR\n'
        "levels: {member: {en: Member}, silver: {en: Silver}, gold: {en: Gold}}\n",
        "metrics.yaml": _METRICS, "levels.yaml": _LEVELS.format(silver=silver), "cases/plain.yaml": _CASES,
        **(more or {}),
    }  # fmt: skip
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def installed(folder: Path, year: str = "2026", *, in_force: bool = True, **more: Any) -> Seen:
    """The edition installed, and in force since the year began."""
    found = services.install(actor=operator(), name=str(edition(folder / year, year, **more))).version
    if not in_force:
        return found
    return services.put_in_force(actor=SECOND, name=found.key, on=date(int(year), 1, 1), reason="it is time")


def facts() -> None:
    """The partners, with what they sold."""
    sold = {NORDLICHT: "30000", BLEU: "500", SALT: "150000"}
    record_facts(actor=operator(), source="test", rows={
        "partners": [{"partner": p, "name": p, "country": "DE", "joined": "2015-01-01"} for p in sold],
        "sales": [sale(p, amount) for p, amount in sold.items()],
    })  # fmt: skip


def sale(partner: str, amount: str, on: str = "2026-05-01") -> dict[str, str]:
    """A sale in euro."""
    return {"partner": partner, "on": on, "amount": amount, "currency": "EUR"}
