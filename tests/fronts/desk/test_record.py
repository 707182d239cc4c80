"""Where each field comes from is seen, and a value is chosen by hand."""

from __future__ import annotations

import re

import pytest

from fronts.desk.channel import BLEU, answers, seen_by
from hanse.apps.accounts.actors import operator
from hanse.apps.evidence.services import record_facts
from hanse.apps.registry.selectors import see_partner

pytestmark = pytest.mark.usefixtures("desk")


@pytest.fixture
def two_sources(desk: None) -> None:
    row = {"partner": BLEU, "name": "Port Bleu SARL", "country": "FR", "city": "Quimper", "type": "consultancy"}
    record_facts(actor=operator(), source="orders", rows={"partners": [row]})


@pytest.mark.usefixtures("two_sources")
def test_every_source_is_told_and_one_is_chosen() -> None:
    client = seen_by("chief")
    page = client.get(f"/partners/{BLEU}/record/").text
    assert "City: Quimper" in page
    assert "it was said last" in page
    fact = re.search(r'name="field" value="city"><input type="hidden" name="fact" value="(\d+)"', page)
    assert fact
    sent = {"field": "city", "fact": fact[1], "why": "they told us on the phone"}
    after = client.post(f"/partners/{BLEU}/record/", sent, follow=True).text
    assert "City is chosen by hand now" in after
    assert "City: Brest" in after
    assert see_partner(operator(), BLEU).city == "Brest"


@pytest.mark.usefixtures("two_sources")
def test_what_is_no_source_s_is_refused() -> None:
    page = seen_by("chief").post(f"/partners/{BLEU}/record/", {"field": "city", "fact": "999999", "why": "so"})
    assert page.status_code == 400
    assert "no source says this now" in page.text


@pytest.mark.usefixtures("two_sources")
def test_who_may_not_correct_sees_and_chooses_nothing() -> None:
    page = seen_by("auditor").get(f"/partners/{BLEU}/record/").text
    assert "Quimper" in page
    assert "Choose this" not in page


def test_who_enters() -> None:
    seen = {"chief": 200, "finance": 200, "auditor": 200, "manager": 200, "member": 404, "nobody": 404}
    assert answers(f"/partners/{BLEU}/record/") == seen
