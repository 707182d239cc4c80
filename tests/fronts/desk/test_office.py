"""The programme office: every edition with its state, its partners and its cases; what waits for a second person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from fronts.desk.changed import sent
from fronts.desk.channel import answers, queries, seen_by

pytestmark = pytest.mark.usefixtures("desk")


def test_editions_with_their_states_partners_and_cases() -> None:
    sent()
    page = seen_by("chief").get("/office/").text
    assert "Quay 2026" in page
    assert "in force" in page
    assert ">3</a>" in page
    assert "Upload an edition" in page
    assert "quay/2026@1 against quay/2025@1" in page
    assert ">2</a>" in seen_by("manager").get("/office/").text
    assert "Upload an edition" not in seen_by("manager").get("/office/").text


def test_what_was_asked_for_waits_in_sight() -> None:
    on = str(timezone.now().date() + timedelta(days=30))
    seen_by("chief").post(
        "/office/quay/2026/", {"act": "ask", "state": "announced", "on": on, "reason": "the board agreed"}
    )
    page = seen_by("auditor").get("/office/").text
    assert "1 publication waits for a second person" in page
    assert "the board agreed" in page


def test_it_is_for_the_vendors_people() -> None:
    assert answers("/office/") == {
        "chief": 200,
        "finance": 200,
        "auditor": 200,
        "manager": 200,
        "member": 404,
        "nobody": 404,
    }


def test_it_speaks_french() -> None:
    page = seen_by("chief", "fr").get("/office/").text
    assert "en vigueur" in page
    assert "Kept by" not in page


def test_so_many_queries() -> None:
    assert queries(seen_by("chief"), "/office/") == 10
