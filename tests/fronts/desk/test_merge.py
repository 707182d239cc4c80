"""Two records are seen to be one firm, are merged, and come apart again."""

from __future__ import annotations

import re

import pytest

from fronts.desk.channel import BLEU, ELAN, NORDLICHT, answers, seen_by
from hanse.apps.accounts.actors import operator
from hanse.apps.registry.selectors import keys_of
from hanse.apps.standings.selectors import standing_list

pytestmark = pytest.mark.usefixtures("desk")


def levels() -> dict[str, str | None]:
    return {row["partner"]: row["level"] for row in standing_list(operator(), "quay/2025")}


def test_both_are_seen_side_by_side_with_what_would_move() -> None:
    page = seen_by("chief").get(f"/partners/{BLEU}/merge/?into={NORDLICHT}").text
    assert re.search(r"<th scope=\"row\">City</th><td>Brest</td><td>Hamburg</td>", page)
    assert "employments" in page
    assert "sales" in page
    assert "Port Bleu" in page
    assert keys_of(operator(), NORDLICHT) == (NORDLICHT,), "looking keeps nothing"
    assert "Member" in page
    assert "no level" in page


def test_they_are_merged_for_a_reason_and_come_apart_again() -> None:
    client, before = seen_by("chief"), levels()
    sent = {"into": NORDLICHT, "kind": "duplicate", "why": "two registrations"}
    page = client.post(f"/partners/{BLEU}/merge/", sent, follow=True).text
    assert "Port Bleu is one firm with Nordlicht Systeme now" in page
    assert "Port Bleu is the same firm as Nordlicht Systeme" in page
    assert set(levels()) == {NORDLICHT, ELAN}
    assert "T-1" in page, "who worked at one works at the other"
    assert f'href="/partners/{NORDLICHT}/">Nordlicht Systeme</a>' in client.get(f"/partners/{BLEU}/").text
    back = client.post(f"/partners/{BLEU}/unmerge/", {"why": "they are two"}, follow=True).text
    assert "Port Bleu is a firm of its own again" in back
    assert levels() == before


def test_who_belonged_to_one_sees_the_other() -> None:
    seen_by("chief").post(f"/partners/{BLEU}/merge/", {"into": NORDLICHT, "kind": "duplicate", "why": "one"})
    assert "Nordlicht Systeme" in seen_by("member").get("/").text
    seen_by("chief").post(f"/partners/{BLEU}/unmerge/", {"why": "two"})
    assert "Port Bleu" in seen_by("member").get("/").text


def test_what_is_wrong_is_said_and_nothing_typed_is_lost() -> None:
    client = seen_by("chief")
    page = client.post(f"/partners/{BLEU}/merge/", {"into": ELAN, "kind": "acquired", "on": "", "why": "bought in May"})
    assert page.status_code == 400
    assert "the day is missing" in page.text
    assert "bought in May" in page.text
    assert "does not go into itself" in client.get(f"/partners/{BLEU}/merge/?into={BLEU}").text
    assert "P-99" in client.get(f"/partners/{BLEU}/merge/?into=P-99").text


def test_who_enters() -> None:
    seen = {"chief": 200, "finance": 404, "auditor": 404, "manager": 404, "member": 404, "nobody": 404}
    assert answers(f"/partners/{BLEU}/merge/") == seen
    assert set(answers(f"/partners/{BLEU}/unmerge/").values()) == {404}, "it was not merged"
