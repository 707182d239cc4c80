"""What was granted in spite of the numbers: in force, to come, ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from fronts.desk.channel import BLEU, ELAN, NORDLICHT, answers, queries, seen_by
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation.services import waive

pytestmark = pytest.mark.usefixtures("desk")


def granted(partner: str, subject: str, first: int, last: int, reason: str = "the board agreed") -> None:
    """A waiver from so many days hence to so many."""
    today = timezone.localdate()
    waive(actor=operator(), partner=partner, subject=subject, since=today + timedelta(days=first),
          until=today + timedelta(days=last), reason=reason)  # fmt: skip


def test_each_stands_where_it_is_in_time() -> None:
    client = seen_by("chief")
    assert "Nothing is waived." in client.get("/waivers/").text
    granted(BLEU, "level:silver", -10, 20, "a merger")
    granted(ELAN, "gold:revenue", 10, 40)
    granted(NORDLICHT, "client_satisfaction", -400, -40)
    page = client.get("/waivers/").text
    for said in ("1 in force", "1 to come", "1 has ended", "20 days left", "a merger", "Gold: "):
        assert said in page
    assert page.index("Port Bleu") < page.index("Élan Conseil") < page.index("Nordlicht")
    french = seen_by("chief", "fr").get("/waivers/").text
    assert "encore 20 jours" in french
    assert "Argent" in french
    only = client.get(f"/waivers/?partner={ELAN}").text
    assert "Élan Conseil" in only
    assert "Port Bleu" not in only


def test_a_manager_sees_those_of_its_partners() -> None:
    granted(NORDLICHT, "level:gold", -1, 5, "of a stranger")
    granted(BLEU, "level:gold", -1, 5, "of ours")
    page = seen_by("manager").get("/waivers/").text
    assert "of ours" in page
    assert "of a stranger" not in page
    assert "waivers/new/" not in page


def test_who_enters() -> None:
    seen = {"chief": 200, "finance": 200, "auditor": 200, "manager": 200, "member": 404, "nobody": 404}
    assert answers("/waivers/") == seen


def test_so_many_queries() -> None:
    assert queries(seen_by("chief"), "/waivers/") <= 9
