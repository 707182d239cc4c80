"""What was said about a thing; a fact corrected, and taken back."""

from __future__ import annotations

import re

import pytest

from fronts.desk.channel import BLEU, NORDLICHT, answers, seen_by
from hanse.apps.accounts.actors import operator
from hanse.apps.evidence.selectors import facts_of
from hanse.apps.evidence.services import record_facts

pytestmark = pytest.mark.usefixtures("desk")


def sale(customer: str, amount: str = "7", partner: str = BLEU) -> int:
    row = {
        "partner": partner,
        "on": "2026-05-02",
        "amount": amount,
        "currency": "EUR",
        "customer": customer,
        "kind": "new",
    }
    return record_facts(actor=operator(), source="a letter", rows={"sales": [row]}, reason="it came").facts["sales"][0]


def amounts(customer: str) -> list[tuple[str, str | None]]:
    return [
        (str(row["amount"]), row["kind"]) for row in facts_of(operator(), BLEU, "sales") if row["customer"] == customer
    ]


def form(page: str) -> dict[str, str]:
    """The form as a browser would send it untouched."""
    inside = page.partition('class="panel form"')[2]
    found = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', inside))
    found |= {name: value for value, name in re.findall(r'value="([^"]*)"[^>]*name="([^"]+)"', inside)}
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', inside, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return {name: value for name, value in found.items() if name != "csrfmiddlewaretoken"}


def test_a_fact_is_corrected_and_the_rest_stays() -> None:
    client, fact = seen_by("chief"), sale("C-1")
    page = client.get(f"/facts/sales/{fact}/").text
    assert "a letter" in page
    assert "it came" in page
    for label in ("Day", "Amount", "Currency", "Customer", "Reason"):
        assert f">{label}</label>" in page
    given = form(page)
    assert given["amount"] == "7"
    answer = client.post(
        f"/facts/sales/{fact}/", given | {"amount": "8", "why": "typed wrong", "act": "correct"}, follow=True
    )
    assert "The fact is corrected" in answer.text
    assert amounts("C-1") == [("8.0000", "new")]
    assert "counts no longer" not in client.get(f"/facts/sales/{fact}/").text


def test_a_level_that_moves_is_told() -> None:
    client, fact = seen_by("chief"), sale("L-1", "1")
    given = form(client.get(f"/facts/sales/{fact}/").text)
    answer = client.post(
        f"/facts/sales/{fact}/", given | {"amount": "50000", "why": "in euro", "act": "correct"}, follow=True
    )
    assert "Port Bleu: Member → Silver" in answer.text
    (row,) = [r for r in facts_of(operator(), BLEU, "sales") if r["customer"] == "L-1"]
    given = form(client.get(f"/facts/sales/{row['fact']}/").text)
    answer = client.post(f"/facts/sales/{row['fact']}/", given | {"why": "no", "act": "withdraw"}, follow=True)
    assert "it counts no longer" in answer.text
    assert "Port Bleu: Silver → Member" in answer.text


def test_without_a_reason_nothing_is_done_and_nothing_lost() -> None:
    client, fact = seen_by("chief"), sale("R-1")
    for act in ("correct", "withdraw"):
        given = form(client.get(f"/facts/sales/{fact}/").text) | {"amount": "9", "act": act}
        answer = client.post(f"/facts/sales/{fact}/", given)
        assert answer.status_code == 400
        assert 'value="9"' in answer.text
    answer = client.post(f"/facts/sales/{fact}/", given | {"amount": "x", "why": "y", "act": "correct"})
    assert "numbers are written like 1234.56" in answer.text
    assert amounts("R-1") == [("7.0000", "new")]


def test_a_certificate_is_of_a_person() -> None:
    row = {"person": "T-1", "certificate": "C-1", "earned": "2026-01-01"}
    fact = record_facts(actor=operator(), source="x", rows={"certifications": [row]}).facts["certifications"][0]
    client = seen_by("chief")
    page = client.get(f"/facts/certifications/{fact}/?partner={BLEU}").text
    given = form(page) | {"earned": "2026-02-01", "why": "a month later", "act": "correct"}
    answer = client.post(f"/facts/certifications/{fact}/?partner={BLEU}", given)
    assert answer["Location"] == f"/partners/{BLEU}/?facts=certifications#facts"


def test_who_reads_and_who_corrects() -> None:
    fact, other = sale("W-1"), sale("W-2", partner=NORDLICHT)
    seen = {"chief": 200, "finance": 200, "auditor": 200, "manager": 200, "member": 404, "nobody": 404}
    assert answers(f"/facts/sales/{fact}/") == seen
    assert answers(f"/facts/sales/{other}/") == seen | {"manager": 404}
    assert "Correct it" not in seen_by("manager").get(f"/facts/sales/{fact}/").text
    seen_by("manager").post(f"/facts/sales/{fact}/", {"act": "withdraw", "why": "x"})
    assert amounts("W-1") == [("7.0000", "new")]
    assert set(answers("/facts/sales/999999/").values()) == {404}
    assert set(answers(f"/facts/sales/{10**30}/").values()) == {404}
    assert set(answers("/facts/nonsense/1/").values()) == {404}
