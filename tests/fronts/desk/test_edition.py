"""One edition from draft to force on its page: asked for by one, approved by another, taken back, piloted, retired."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from fronts.desk.changed import found, sent
from fronts.desk.channel import BLEU, EDITION, address, answers, queries, seen_by
from fronts.pages.signed_in import account, browser

pytestmark = pytest.mark.usefixtures("desk")
DRAFT = "/office/quay/2026/"


@pytest.fixture(scope="module")
def second(desk: None) -> Client:
    """A programme manager beside the chief, and a draft."""
    sent()
    return browser(account(address("second"), role="programme_manager"))


def ahead(days: int = 30) -> str:
    return str(timezone.now().date() + timedelta(days=days))


def test_one_asks_and_another_approves(second: Client) -> None:
    chief = seen_by("chief")
    asked = chief.post(
        DRAFT, {"act": "ask", "state": "announced", "on": ahead(), "reason": "the board agreed"}, follow=True
    )
    assert "waits for a second person" in asked.text
    assert "You asked for it, so somebody else answers." in asked.text
    number = found(r'name="publication" value="(\d+)"', asked.text)
    own = chief.post(DRAFT, {"act": "approve", "publication": number})
    assert own.status_code == 400
    assert "cannot answer as well" in own.text
    bare = second.post(DRAFT, {"act": "send_back", "publication": number, "comment": ""})
    assert "nothing is said" in bare.text
    done = second.post(DRAFT, {"act": "approve", "publication": number, "comment": "fine"}, follow=True)
    assert "is published" in done.text
    assert "announced from" in done.text
    back = second.post(DRAFT, {"act": "take_back", "reason": "the board changed its mind"}, follow=True)
    assert "what lay ahead was taken back" in back.text
    again = chief.post(DRAFT, {"act": "ask", "state": "in_force", "on": ahead(), "reason": "again"}, follow=True)
    number = found(r'name="publication" value="(\d+)"', again.text)
    assert (
        "Withdrawn"
        in chief.post(DRAFT, {"act": "withdraw", "publication": number, "comment": "not yet"}, follow=True).text
    )


def test_a_pilot_names_partners_that_there_are(second: Client) -> None:
    given = {"act": "pilot", "on": ahead(0), "reason": "does it read well?", "partners": f"{BLEU}, P-99"}
    wrong = second.post(DRAFT, given)
    assert wrong.status_code == 400
    assert "these are no partners: P-99" in wrong.text
    assert f"{BLEU}, P-99</textarea>" in wrong.text
    done = second.post(DRAFT, given | {"partners": BLEU}, follow=True)
    assert "1 partner of the pilot sees it" in done.text
    assert "Port Bleu" in done.text


def test_feedback_of_the_pilot_is_counted_on_the_page(second: Client) -> None:
    second.post(DRAFT, {"act": "pilot", "on": ahead(0), "reason": "try", "partners": BLEU})
    member = seen_by("member")
    version = found(r'name="version" value="(\d+)"', member.get("/feedback/").text)
    said = {"version": version, "partner": BLEU, "opinion": "unfair", "requirement": "revenue", "text": "too much"}
    assert "Thank you" in member.post("/feedback/", said, follow=True).text
    page = second.get(DRAFT).text
    assert "1 × not fair" in page
    assert "too much" in page


def test_whoever_may_not_act_sees_no_form_and_is_refused() -> None:
    for name in ("auditor", "finance", "manager"):
        page = seen_by(name).get(DRAFT)
        assert "What may be done next" not in page.text
        assert seen_by(name).post(DRAFT, {"act": "retire", "on": ahead(), "reason": "no"}).status_code == 400
    assert answers(DRAFT) == {
        "chief": 200,
        "finance": 200,
        "auditor": 200,
        "manager": 200,
        "member": 404,
        "nobody": 404,
    }
    assert seen_by("chief").post(DRAFT, {"act": "dance"}).status_code == 400
    assert seen_by("chief").get(DRAFT + "?version=9").status_code == 404
    assert seen_by("chief").post(DRAFT, {"act": "retire", "on": "soon", "reason": "no"}).status_code == 400


def test_it_speaks_french() -> None:
    page = seen_by("chief", "fr").get(f"/office/{EDITION}/").text
    assert "en vigueur" in page
    assert "What has become" not in page


def test_so_many_queries() -> None:
    assert queries(seen_by("chief"), f"/office/{EDITION}/") == 12
