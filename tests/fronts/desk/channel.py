"""A channel for the desk: Nordlicht stands firm, Port Bleu is nearly silver, Élan is about to fall."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.quay import installed
from fronts.pages.signed_in import account, browser
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation.services import evaluate
from hanse.apps.evidence.services import record_facts
from hanse.apps.imports.services import import_file

BEFORE, DAY = date(2025, 12, 31), date(2026, 6, 30)
EDITION = "quay/2025"
NORDLICHT, BLEU, ELAN = "P-1", "P-2", "P-3"
_PROGRAMME = """
programme: quay
edition: "2025"
title: {en: Quay, fr: Le quai}
currency: EUR
levels: {member: {en: Member, fr: Membre}, silver: {en: Silver, fr: Argent}, gold: {en: Gold, fr: Or}}
life: {up: at_once, down: {at: [01-15]}}
"""
_LEVELS = """
silver: {all_of: [{revenue: {at_least: 20_000 EUR, clause: "3.1"}}]}
gold:
  all_of:
    - {revenue: {at_least: 100_000 EUR, clause: "4.1"}}
    - {client_satisfaction: {at_least: 8, clause: "4.2"}}
"""
_PARTNERS = [
    {"partner": NORDLICHT, "name": "Nordlicht Systeme", "country": "DE", "city": "Hamburg", "type": "reseller"},
    {"partner": BLEU, "name": "Port Bleu", "country": "FR", "city": "Brest", "type": "consultancy"},
    {"partner": ELAN, "name": "Élan Conseil", "country": "FR", "city": "Lyon", "type": "reseller"},
]
_GROUP = (NORDLICHT, ELAN)
_SOLD = [
    (NORDLICHT, "2025-11-01", "40000"),
    (NORDLICHT, "2026-05-01", "30000"),
    (BLEU, "2026-05-01", "19000"),
    (ELAN, "2025-03-01", "25000"),
]
ROLES = {
    "chief": {"role": "channel_chief"},
    "finance": {"role": "finance"},
    "auditor": {"role": "auditor"},
    "manager": {"role": "partner_manager", "countries": ["FR"]},
    "member": {"role": "partner_member", "partner": BLEU},
    "nobody": {},
}


def make(folder: Path) -> None:
    """The partners, judged on two days; an import with a refused row; one user of each kind."""
    installed(folder / "quay", "2025", more={"programme.yaml": _PROGRAMME, "levels.yaml": _LEVELS})
    record_facts(actor=operator(), source="test", rows={
        "partners": [_joined(one) for one in _PARTNERS],
        "people": [{"person": "T-1", "partner": BLEU, "since": "2016-01-01", "role": "sales"}],
        "levels_held": [{"partner": ELAN, "subject": "silver", "from": "2026-01-15", "until": "2027-01-15"}],
        "sales": [{"partner": p, "on": on, "amount": amount, "currency": "EUR"} for p, on, amount in _SOLD],
    })  # fmt: skip
    file = folder / "sales.csv"
    file.write_text(f"partner,on,amount,currency\n{BLEU},2026-04-01,10,EUR\n{BLEU},2026-04-31,10,EUR\n")
    import_file(actor=operator(), path=file)
    for day in (BEFORE, DAY):
        evaluate(actor=operator(), edition=EDITION, as_of=day, reason="test")
    for name, held in ROLES.items():
        account(address(name), **held)  # type: ignore[arg-type]


def _joined(one: dict[str, str]) -> dict[str, str]:
    return {**one, "joined": "2015-01-01", **({"group": "G-1"} if one["partner"] in _GROUP else {})}


def address(name: str) -> str:
    return f"{name}@vendor.example"


def seen_by(name: str, language: str = "en") -> Client:
    """The browser of one of them."""
    return browser(address(name), language=language)


def answers(path: str, language: str = "en") -> dict[str, int]:
    """What each of them is answered at an address."""
    return {name: seen_by(name, language).get(path).status_code for name in ROLES}


def queries(client: Client, path: str) -> int:
    """How many statements a page takes, its session and its reader among them."""
    client.get(path)  # what is read once in a process's life
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 200
    return len(caught)
