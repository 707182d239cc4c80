"""A fact written down by hand: the form of its table, and the level that moves at once."""

from __future__ import annotations

import pytest

from fronts.desk.channel import BLEU, NORDLICHT, answers, seen_by
from hanse.apps.accounts.actors import operator
from hanse.apps.evidence.selectors import facts_of
from hanse.language.facts import CONTRACT

pytestmark = pytest.mark.usefixtures("desk")
SALE = {
    "on": "2026-05-02",
    "amount": "2 500,50",
    "currency": "EUR",
    "customer": "Hand",
    "source": "a call",
    "why": "told",
}
HERE = f"/facts/new/?partner={BLEU}&table=sales"


def test_a_sale_is_recorded_and_the_level_follows() -> None:
    client = seen_by("chief")
    page = client.get(HERE).text
    assert 'name="amount"' in page
    for label in ("Day", "Amount", "Currency", "Who says so", "Reason"):
        assert f">{label}</label>" in page
    assert "known since" not in page.lower()
    answer = client.post(HERE, SALE, follow=True)
    assert "The fact is recorded." in answer.text
    assert "Port Bleu: Member → Silver" in answer.text
    assert answer.redirect_chain[0][0] == f"/partners/{BLEU}/?facts=sales#facts"
    (fact,) = [row for row in facts_of(operator(), BLEU, "sales") if row["customer"] == "Hand"]
    assert (str(fact["amount"]), fact["source"], fact["author"], fact["reason"]) == (
        "2500.5000", "a call", "chief@vendor.example", "told",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"amount": "much"}, "numbers are written like 1234.56"),
        ({"on": ""}, "This field is required."),
        ({"currency": ""}, "This field is required."),
        ({"amount": "1.23456"}, "to four decimals"),
        ({"why": ""}, "This field is required."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(changed: dict[str, str], said: str) -> None:
    answer = seen_by("chief").post(HERE, SALE | {"customer": "Nobody"} | changed)
    assert answer.status_code == 400
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'value="Nobody"' in answer.text


@pytest.mark.parametrize("table", [*CONTRACT, "nonsense"])
def test_every_table_has_its_form_in_both_languages(table: str) -> None:
    for language in ("en", "fr"):
        page = seen_by("chief", language).get(f"/facts/new/?partner={BLEU}&table={table}")
        assert page.status_code == 200


def test_a_manager_records_what_happened_and_grants_nothing() -> None:
    client = seen_by("manager")
    page = client.get(f"/facts/new/?partner={BLEU}").text
    assert "attestations" not in page
    answer = client.post(HERE, SALE | {"customer": "Managed"}, follow=True)
    assert "The fact is recorded." in answer.text
    assert client.get(f"/facts/new/?partner={NORDLICHT}").status_code == 404


def test_who_enters() -> None:
    seen = {"chief": 200, "finance": 404, "auditor": 404, "manager": 200, "member": 404, "nobody": 404}
    assert answers(HERE) == seen
    assert set(answers("/facts/new/?partner=P-99").values()) == {404}
    assert set(answers("/facts/new/").values()) == {404}
