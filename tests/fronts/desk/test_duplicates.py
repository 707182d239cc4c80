"""Records that look like one firm are compared, decided one by one or at once, and nobody is asked twice."""

from __future__ import annotations

import pytest

from fronts.desk.channel import BLEU, answers, seen_by
from hanse.apps.accounts.actors import operator
from hanse.apps.duplicates import deciding, looking, queue
from hanse.apps.evidence.services import record_facts
from hanse.apps.registry.selectors import keys_of

pytestmark = pytest.mark.usefixtures("desk")
ME = operator()
_TRADES = ("Logistique", "Conseil", "Bois")
_OTHERS = [f"{word} {trade}" for word in ("Acacia", "Boreal", "Citron", "Dune", "Eclat") for trade in _TRADES]


def listed(keys: tuple[str, str, str], name: str, phone: str) -> None:
    """A firm that is there three times, and other firms besides; all compared."""
    website = f"https://{name.replace(' ', '').lower()}.example"
    firm = {"country": "FR", "city": "Brest", "type": "consultancy", "website": website}
    place = {"location": "1", "postcode": "29200", "city": "Brest", "country": "FR", "phone": phone}
    names = (name, f"{name.upper()} SARL", name.replace(" ", "-"))
    streets = ("Rue de Siam 4", "4, rue de Siam", "Rue de Siam 4")
    others = [
        {"partner": f"O-{n}", "name": one, "country": "FR", "city": "Lyon", "website": f"https://other{n}.example"}
        for n, one in enumerate(_OTHERS)
    ]
    record_facts(actor=ME, source="lists", rows={
        "partners": [*({"partner": k, "name": n, **firm} for k, n in zip(keys, names, strict=True)), *others],
        "locations": [{"partner": k, "street": s, **place} for k, s in zip(keys, streets, strict=True)],
    })  # fmt: skip
    looking.run()


def test_the_queue_is_worked_and_nobody_is_asked_twice() -> None:
    listed((BLEU, "X-1", "X-2"), "Port Bleu", "+33298001122")
    client = seen_by("chief")
    first = queue.next_pair(actor=ME)
    assert first is not None
    assert first.probability > 0.9
    page = client.get("/duplicates/").text
    assert "Are these one firm?" in page
    assert first.one in page
    assert "Telephone" in page
    two = client.post("/duplicates/", {"pair": first.number, "act": "other", "why": "two shops"}, follow=True).text
    assert "They are two firms" in two
    looking.run()
    assert all((one.one, one.other) != (first.one, first.other) for one in queue.likely_of(actor=ME, partner=first.one))
    following = queue.next_pair(actor=ME)
    assert following is not None
    merged = client.post("/duplicates/", {"pair": following.number, "into": following.one}, follow=True).text
    assert "They are one firm now" in merged
    assert following.other in keys_of(ME, following.one)
    assert not queue.likely_of(actor=ME, partner=following.other), "it is no record of its own any more"


def test_all_that_are_likely_enough_are_merged_at_once() -> None:
    listed(("Y-1", "Y-2", "Y-3"), "Cap Malo", "+33298334455")
    waiting = queue.waiting(actor=ME, at_least=0.9)
    batches = deciding.all_at_least(actor=ME, probability=0.9, reason="sure")
    assert waiting >= len(batches) > 0
    assert queue.waiting(actor=ME, at_least=0.9) == 0


def test_however_records_are_read_the_same_pairs_are_likely(monkeypatch: pytest.MonkeyPatch) -> None:
    listed(("Z-1", "Z-2", "Z-3"), "Fort Bloqué", "+33297110022")
    at_once = [(one.one, one.other, one.probability) for one in queue.likely_of(actor=ME, partner="Z-1")]
    monkeypatch.setattr(looking, "_PIECE", 4)
    looking.run()
    assert [(one.one, one.other, one.probability) for one in queue.likely_of(actor=ME, partner="Z-1")] == at_once
    assert at_once


def test_what_was_decided_meanwhile_is_said() -> None:
    page = seen_by("chief").post("/duplicates/", {"pair": "999999", "into": BLEU})
    assert page.status_code == 400
    assert "decided meanwhile" in page.text


def test_who_may_not_decide_only_sees() -> None:
    assert "Two firms" not in seen_by("auditor").get("/duplicates/").text


def test_who_enters() -> None:
    seen = {"chief": 200, "finance": 200, "auditor": 200, "manager": 200, "member": 404, "nobody": 404}
    assert answers("/duplicates/") == seen
