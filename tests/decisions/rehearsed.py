"""A small programme and a small channel that the tests of the rehearsal share; each test changes one thing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from hanse.decisions.rehearsal_figures import Side
from hanse.language.context import Days
from hanse.language.edition import load

PROGRAMME = """
programme: guild
edition: "{edition}"
title: {{en: "Guild {edition}", fr: "Guilde {edition}"}}
currency: EUR
levels:
  member: {{en: Member, fr: Membre}}
  silver: {{en: Silver, fr: Argent}}
  gold: {{en: Gold, fr: Or}}
"""
METRICS = """
revenue:
  {label: {en: revenue, fr: chiffre d'affaires}, unit: EUR, table: sales, agg: sum, measure: amount, window: 12 months}
people:
  {label: {en: certified people, fr: personnes certifiées}, table: certifications, agg: count_distinct, measure: person}
skilled: {table: certifications, agg: count_distinct, per: competency, measure: person}
competencies: {label: {en: competencies held, fr: compétences acquises}, table: competencies_held}
blacklisted: {table: attestations, filter: "name = 'blacklist'"}
"""
COMPETENCIES = """
requirements:
  all_of: [{skilled: {at_least: 1}}]
competencies:
  cloud: {name: {en: Cloud, fr: Nuage}, counts: {certificate: [C-1]}}
  security: {name: {en: Security, fr: Sécurité}, counts: {certificate: [S-1]}}
"""
LEVELS = """
silver: {all_of: [{people: 1}, {revenue: {at_least: 100_000 EUR, clause: "2.1"}}]}
gold: {all_of: [{people: 2}, {competencies: 2}, {revenue: {at_least: 400_000 EUR, clause: "3.1"}}]}
"""
BENEFITS = """
vouchers: {label: {en: vouchers, fr: bons}, quantity: {member: 1, silver: 5, gold: 20}, unit: voucher}
fund: {label: {en: marketing fund, fr: fonds de marketing}, quantity: {gold: 1000}, currency: EUR}
"""
DAY = date(2024, 6, 30)


def side(folder: Path, *, day: date = DAY, **changes: str) -> Side:
    """The programme with some of its files changed, on a day."""
    files = {
        "programme": PROGRAMME.format(edition=folder.name), "metrics": METRICS, "competencies": COMPETENCIES,
        "levels": LEVELS, "benefits": BENEFITS, **changes,
    }  # fmt: skip
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return Side(load(str(folder)), Days(day, day))


def channel(**partners: Mapping[str, Any]) -> dict[str, pa.Table]:
    """Partners by key: `sells` (EUR, March 2024), `certified` (a certificate a person), `country`, `joined`, `left`."""
    listed, people, certified, sold = [], [], [], []
    for key, given in partners.items():
        listed.append({
            "partner": key, "name": f"{key} & Co", "country": given.get("country", "FR"),
            "joined": given.get("joined", date(2020, 1, 1)), "left": given.get("left"),
        })  # fmt: skip
        sold.append(
            {
                "partner": key,
                "on": date(2024, 3, 1),
                "amount": float(given.get("sells", 0)),
                "currency": "EUR",
            }
        )
        for number, certificate in enumerate(given.get("certified", ())):
            people.append({"person": f"{key}{number}", "partner": key, "since": date(2020, 1, 1)})
            certified.append({"person": f"{key}{number}", "certificate": certificate, "earned": date(2023, 1, 1)})
    schema = pa.schema(
        {
            "partner": pa.string(),
            "name": pa.string(),
            "country": pa.string(),
            "joined": pa.date32(),
            "left": pa.date32(),
        }
    )
    return {
        "partners": pa.Table.from_pylist(listed, schema), "people": pa.Table.from_pylist(people),
        "certifications": pa.Table.from_pylist(certified), "sales": pa.Table.from_pylist(sold),
    }  # fmt: skip
