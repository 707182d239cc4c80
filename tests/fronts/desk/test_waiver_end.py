"""A waiver ends before its day, or is taken back before it began."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from fronts.desk.channel import BLEU, ELAN, NORDLICHT, answers, seen_by
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation.services import waive
from hanse.apps.evidence.selectors import waivers

pytestmark = pytest.mark.usefixtures("desk")


def granted(partner: str, first: int, last: int) -> int:
    today = timezone.localdate()
    done = waive(actor=operator(), partner=partner, subject="level:gold", since=today + timedelta(days=first),
                 until=today + timedelta(days=last), reason="the board agreed")  # fmt: skip
    return done.facts["exceptions"][0]


def until(partner: str) -> list[date]:
    return [row["until"] for row in waivers(operator(), partner=partner)]


def test_it_ends_early_with_a_reason() -> None:
    client, fact = seen_by("chief"), granted(BLEU, -30, 30)
    page = client.get(f"/waivers/{fact}/end/").text
    assert "the board agreed" in page
    day = timezone.localdate() - timedelta(days=2)
    answer = client.post(f"/waivers/{fact}/end/", {"until": day.isoformat(), "why": "it is over"}, follow=True)
    assert "Port Bleu: the waiver ends on" in answer.text
    assert until(BLEU) == [day]


def test_before_its_first_day_it_is_taken_back() -> None:
    client, fact = seen_by("chief"), granted(ELAN, 10, 30)
    day = timezone.localdate()
    answer = client.post(f"/waivers/{fact}/end/", {"until": day.isoformat(), "why": "no"}, follow=True)
    assert "the waiver is taken back" in answer.text
    assert until(ELAN) == []


def test_it_cannot_be_made_longer() -> None:
    client, fact = seen_by("chief"), granted(NORDLICHT, -5, 5)
    day = timezone.localdate() + timedelta(days=50)
    answer = client.post(f"/waivers/{fact}/end/", {"until": day.isoformat(), "why": "more"})
    assert answer.status_code == 400
    assert "it ends on" in answer.text
    assert day.isoformat() in answer.text


def test_who_enters() -> None:
    seen = {"chief": 200, "finance": 404, "auditor": 404, "manager": 404, "member": 404, "nobody": 404}
    assert answers(f"/waivers/{granted(BLEU, -3, 3)}/end/") == seen
    assert set(answers("/waivers/999999/end/").values()) == {404}
