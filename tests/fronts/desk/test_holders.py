"""Competencies with too few holders are named, and lead to a rehearsal without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.quay import DAY, installed
from database import Installation
from fronts.desk.channel import EDITION, answers, seen_by
from fronts.pages.signed_in import account, browser
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation import holders
from hanse.apps.evaluation.services import evaluate
from hanse.apps.evidence.services import record_facts

_COMPETENCIES = """
requirements: {all_of: [{certified_people: {at_least: 2}}]}
competencies:
  cloud: {name: {en: Cloud, fr: Nuage}, counts: {certificate: [C-1]}}
  data: {name: {en: Data, fr: Données}, counts: {certificate: [C-2]}}
"""
_METRICS = """
revenue: {use: revenue, unit: EUR}
certified_people: {table: certifications, agg: count_distinct, measure: person, per: competency}
"""


@pytest.mark.usefixtures("desk")
def test_without_competencies_the_page_says_so() -> None:
    page = seen_by("chief").get(f"/office/{EDITION}/competencies/")
    assert "it has no competencies" in page.text
    found = answers(f"/office/{EDITION}/competencies/")
    assert found == {"chief": 200, "finance": 200, "auditor": 200, "manager": 404, "member": 404, "nobody": 404}


def test_holders_near_and_certified_people(installation: Installation, tmp_path: Path) -> None:
    more = {
        "competencies.yaml": _COMPETENCIES,
        "metrics.yaml": _METRICS,
        "levels.yaml": "silver: {all_of: [{revenue: {at_least: 1 EUR}}]}\n",
    }
    installed(tmp_path / "quay", more=more)
    record_facts(actor=operator(), source="test", rows={
        "partners": [{"partner": p, "name": p, "country": "DE", "joined": "2015-01-01"} for p in ("P-1", "P-2")],
        "people": [{"person": f"T-{n}", "partner": f"P-{1 + n // 2}", "since": "2016-01-01"} for n in range(3)],
        "certifications": [{"person": f"T-{n}", "certificate": "C-1", "earned": "2026-01-01"} for n in range(3)],
    })  # fmt: skip
    evaluate(actor=operator(), edition="quay/2026", as_of=DAY)
    data, cloud = holders.of_edition(actor=operator(), edition="quay/2026")
    assert (data.competency, data.holders, data.near, data.people) == ("data", 0, 0, 0)
    assert (cloud.competency, cloud.holders, cloud.near, cloud.people, cloud.before) == ("cloud", 1, 1, 3, None)
    client = browser(account("ann@vendor.example", role="channel_chief"))
    page = client.get("/office/quay/2026/competencies/?fewer=1").text
    assert "1 of 2 competencies have fewer than 1 holders" in page
    assert "retire=data" in page
    form = client.get("/office/quay/2026/change/?version=1&retire=data").text
    assert 'value="cloud" checked' in form
    assert 'value="data" checked' not in form
    assert str(installation)
