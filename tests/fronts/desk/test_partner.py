"""Everything of one partner: why it stands there, its people, its facts with their sources, its history."""

from __future__ import annotations

import re

import pytest

from fronts.desk.channel import BLEU, ELAN, NORDLICHT, answers, queries, seen_by
from hanse.apps.accounts.actors import operator
from hanse.apps.evidence.services import record_facts
from hanse.language.facts import CONTRACT

pytestmark = pytest.mark.usefixtures("desk")


def test_standing_with_reasons() -> None:
    page = seen_by("chief").get(f"/partners/{ELAN}/").text
    assert "Élan Conseil" in page
    assert "The facts of the day give Member." in page
    assert "In force until 15 Jan 2027." in page
    assert "≥ €20,000" in page
    assert '<td class="clause">3.1</td>' in page


def test_people_and_history() -> None:
    page = seen_by("chief").get(f"/partners/{BLEU}/").text
    assert "T-1" in page
    assert "first standing" in page


def test_a_change_of_name_that_does_not_say_the_name_is_no_former_name() -> None:
    row = {"partner": ELAN, "kind": "renamed", "on": "2026-01-01"}
    record_facts(actor=operator(), source="a file", rows={"events": [row]})
    assert "Called" not in seen_by("chief").get(f"/partners/{ELAN}/").text


def test_facts_name_their_source() -> None:
    page = seen_by("chief").get(f"/partners/{BLEU}/?facts=sales").text
    assert "sales.csv:2" in page
    assert "test:3" in page
    assert "19,000" in page


@pytest.mark.parametrize("table", [*CONTRACT, "nonsense", "%00"])
def test_every_kind_of_fact_has_its_page(table: str) -> None:
    assert seen_by("chief").get(f"/partners/{NORDLICHT}/?facts={table}").status_code == 200


def test_a_strangers_partner_is_not_there() -> None:
    vendor = {"chief": 200, "finance": 200, "auditor": 200, "manager": 200, "member": 404, "nobody": 404}
    assert answers(f"/partners/{BLEU}/") == vendor
    assert answers(f"/partners/{NORDLICHT}/") == vendor | {"manager": 404}
    assert answers(f"/partners/{NORDLICHT}/?facts=sales") == vendor | {"manager": 404}
    assert set(answers("/partners/P-99/").values()) == {404}
    assert set(answers("/partners/%00/").values()) == {404}


def test_a_strangers_partner_and_none_at_all_are_answered_alike() -> None:
    client = seen_by("manager")
    pages = [
        re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", client.get(f"/partners/{key}/").text.replace(key, "KEY"))
        for key in (NORDLICHT, "P-99")
    ]
    assert pages[0] == pages[1]


def test_so_many_queries() -> None:
    client = seen_by("chief")
    assert queries(client, f"/partners/{BLEU}/") == 17
    assert queries(client, f"/partners/{BLEU}/?facts=sales") == 18
