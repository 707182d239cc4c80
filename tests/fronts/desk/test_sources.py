"""Which source is believed first is ordered on a page, and firms follow."""

from __future__ import annotations

import pytest

from fronts.desk.channel import BLEU, answers, seen_by
from hanse.apps.accounts.actors import operator
from hanse.apps.evidence.golden import ranks
from hanse.apps.evidence.services import record_facts
from hanse.apps.registry.selectors import see_partner

pytestmark = pytest.mark.usefixtures("desk")


def test_an_order_is_kept_and_firms_follow() -> None:
    row = {"partner": BLEU, "name": "Port Bleu SARL", "country": "FR", "city": "Quimper", "type": "consultancy"}
    record_facts(actor=operator(), source="orders", rows={"partners": [row]})
    client = seen_by("chief")
    assert '<label for="place-0">orders</label>' in client.get("/sources/").text
    sent = {"place-0": "2", "place-1": "1", "why": "the register is kept well"}
    page = client.post("/sources/?field=city", sent, follow=True).text
    assert "1 firm has another field now" in page
    assert ranks() == {"city": ["test", "orders"]}
    assert (see_partner(operator(), BLEU).city, see_partner(operator(), BLEU).name) == ("Brest", "Port Bleu SARL")
    assert "These fields have an order of their own: City" in client.get("/sources/").text


def test_who_may_not_order_sees_it() -> None:
    assert "Keep this order" not in seen_by("auditor").get("/sources/").text
    before = ranks()
    seen_by("auditor").post("/sources/", {"place-0": "1"})
    assert ranks() == before


def test_who_enters() -> None:
    seen = {"chief": 200, "finance": 404, "auditor": 200, "manager": 404, "member": 404, "nobody": 404}
    assert answers("/sources/") == seen
