"""A firm for the portal's tests: Port Bleu holds Cloud, is one sale away from Data, and one exam short of Security.

T-1 and T-2 are certified, T-3 holds one that has expired, T-4 has left, and passed one more since at another firm.
"""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from pathlib import Path

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.quay import installed
from fronts.pages.signed_in import account, browser
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation.services import evaluate
from hanse.apps.evidence.services import correct, record_facts, withdraw
from hanse.apps.programmes.selectors import Seen

BEFORE, DAY = date(2025, 6, 30), date(2026, 6, 30)
BLEU, SALT, GONE = "P-1", "P-2", "P-3"
YEAR = "2025"
_PROGRAMME = """
programme: quay
edition: "2025"
title: {en: Quay, fr: Le quai}
currency: EUR
levels: {member: {en: Member, fr: Membre}, silver: {en: Silver, fr: Argent}, gold: {en: Gold, fr: Or}}
"""
_METRICS = """
revenue: {use: revenue, unit: EUR, label: {en: revenue, fr: chiffre d'affaires}}
engineers:
  label: {en: engineers, fr: ingénieurs}
  table: certifications
  agg: count_distinct
  measure: person
  filter: "certificate like 'E-%'"
  per: competency
certified_people:
  label: {en: certified people, fr: personnes certifiées}
  table: certifications
  agg: count_distinct
  measure: person
trade:
  label: {en: revenue in the competency, fr: chiffre d'affaires dans la compétence}
  table: sales
  agg: sum
  measure: amount
  unit: EUR
  currency: EUR
  per: competency
"""
_LEVELS = """
silver: {all_of: [{certified_people: {at_least: 2, clause: "3.1"}}]}
gold: {all_of: [{revenue: {at_least: 100_000 EUR, clause: "4.1"}}, {certified_people: {at_least: 4, clause: "4.2"}}]}
"""
_COMPETENCIES = """
depths: [specialist, expert]
depth_names: {specialist: {en: Specialist, fr: Spécialiste}, expert: {en: Expert, fr: Expert}}
requirements:
  specialist:
    all_of:
      - engineers: {at_least: 1, clause: "5.1"}
      - trade: {at_least: 1_000 EUR, clause: "5.2"}
  expert:
    all_of:
      - engineers: {at_least: 2, clause: "6.1"}
      - trade: {at_least: 1_000 EUR, clause: "6.2"}
competencies:
  security: {name: {en: Security, fr: Sécurité}, counts: {certificate: [E-30, S-30], product: [shield]}}
  cloud: {name: {en: Cloud, fr: Informatique en nuage}, counts: {certificate: [E-10, E-11], product: [cloud]}}
  data: {name: {en: Data, fr: Données}, counts: {certificate: [E-10, E-20], product: [warehouse]}}
  robotics: {name: {en: Robotics, fr: Robotique}, counts: {certificate: [E-40], product: [arm]}}
"""
_BENEFITS = """
vouchers:
  label: {en: vouchers, fr: bons}
  quantity: {silver: 10, gold: 20}
  unit: voucher
  period: calendar year
  clause: "7.1"
lounge: {label: {en: lounge, fr: salon}, quantity: {gold: 1}, clause: "7.2"}
sledge: {label: {en: sledge, fr: traîneau}, quantity: {gold: 1}, countries: {only: [FI]}}
"""
_PEOPLE = [
    {"person": "T-1", "partner": BLEU, "since": "2016-01-01", "role": "technical"},
    {"person": "T-2", "partner": BLEU, "since": "2017-01-01"},
    {"person": "T-3", "partner": BLEU, "since": "2018-01-01"},
    {"person": "T-4", "partner": BLEU, "since": "2016-01-01", "until": "2026-01-31"},
    {"person": "T-4", "partner": SALT, "since": "2026-02-01"},
    {"person": "T-5", "partner": SALT, "since": "2026-01-01"},
]
_CERTIFICATES = [
    {"person": "T-1", "certificate": "E-10", "earned": "2024-07-10", "expires": "2026-07-20"},
    {"person": "T-1", "certificate": "S-30", "earned": "2025-07-10", "expires": "2028-01-31"},
    {"person": "T-2", "certificate": "X-1", "earned": "2025-01-01"},
    {"person": "T-3", "certificate": "E-30", "earned": "2022-01-01", "expires": "2026-03-31"},
    {"person": "T-4", "certificate": "E-10", "earned": "2024-01-01", "expires": "2027-01-01"},
    {"person": "T-5", "certificate": "X-2", "earned": "2026-01-02"},
    {"person": "T-4", "certificate": "E-40", "earned": "2026-05-01", "expires": "2028-05-01"},
]
_SALES = [
    {"partner": BLEU, "on": "2026-05-01", "amount": "5000", "currency": "EUR", "product": "cloud"},
    {"partner": BLEU, "on": "2026-05-02", "amount": "7000", "currency": "EUR", "product": "shield"},
]


def programme(folder: Path) -> Seen:
    """The edition, in force."""
    more = {
        "programme.yaml": _PROGRAMME, "metrics.yaml": _METRICS, "levels.yaml": _LEVELS,
        "competencies.yaml": _COMPETENCIES, "benefits.yaml": _BENEFITS,
    }  # fmt: skip
    return installed(folder / "quay", YEAR, more=more)


def make(folder: Path) -> None:
    """The firms, judged on two days, with somebody at each."""
    programme(folder)
    joined = {"joined": "2015-01-01"}
    record_facts(actor=operator(), source="crm", rows={
        "partners": [
            {"partner": BLEU, "name": "Port Bleu", "country": "FR", "city": "Brest", **joined},
            {"partner": SALT, "name": "Salt", "country": "DE", **joined},
            {"partner": GONE, "name": "Gone", "country": "DE", **joined},
        ],
        "people": _PEOPLE,
        "certifications": _CERTIFICATES,
    })  # fmt: skip
    evaluate(actor=operator(), edition=f"quay/{YEAR}", as_of=BEFORE, reason="test")
    used = {"partner": BLEU, "benefit": "vouchers", "on": "2026-02-01", "quantity": "3"}
    record_facts(actor=operator(), source="erp", rows={"sales": _SALES, "benefit_uses": [used]})
    mistake = record_facts(
        actor=operator(), source="erp", rows={"surveys": [{"partner": BLEU, "on": "2026-04-01", "score": "9"}]}
    )
    withdraw(actor=operator(), batch=mistake.batch, reason="twice")
    wrong = record_facts(actor=operator(), source="erp", rows={"references": [{"partner": BLEU, "on": "2026-04-01"}]})
    correct(
        actor=operator(), table="references", fact=wrong.facts["references"][0], row=None, reason="it was no reference"
    )
    evaluate(actor=operator(), edition=f"quay/{YEAR}", as_of=DAY, reason="test")
    for name, partner in (("ann", BLEU), ("bob", SALT), ("zoe", GONE)):
        account(address(name), "partner_member", partner=partner)
    account(address("vendor"), "channel_chief")


def address(name: str) -> str:
    """Whose account."""
    return f"{name}@firm.example"


def said_to(name: str, path: str, language: str = "en") -> str:
    """What the main part of a page says to one of them, without its marks."""
    answer = seen_by(name, language).get(path)
    assert answer.status_code == 200, answer.status_code
    text = re.sub(r"<script.*?</script>", " ", answer.text.partition("<main")[2], flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def queries(client: Client, path: str) -> int:
    """How many statements a page takes, its session and its reader among them."""
    client.get(path)  # what is read once in a process's life
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


def seen_by(name: str, language: str = "en") -> Client:
    """The browser of one of them."""
    return browser(address(name), language=language)
