"""Partners are found by what they are and where, among those that the reader may see; the map keeps the filters."""

from __future__ import annotations

import pytest

from fronts.desk.channel import EDITION, answers, queries, seen_by

pytestmark = pytest.mark.usefixtures("desk")


def test_partners_are_found_by_place_and_name() -> None:
    chief = seen_by("chief")
    page = chief.get("/find/").text
    assert "3 partners" in page
    assert 'href="/partners/P-1/"' in page
    near = chief.get("/find/?town=Lyon&radius=50").text
    assert "1 partner<" in near or "1 partner " in near
    assert "the nearest first" in near
    assert 'href="/map/?town=Lyon&amp;radius=50"' in near
    assert "No partner is like that." in chief.get("/find/?text=zzzz").text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_partners_near_a_partner(language: str) -> None:
    page = seen_by("chief", language).get("/find/?near=P-3&radius=50").text
    assert 'name="near" value="P-3" checked' in page
    assert 'href="/partners/P-1/"' not in page
    everybody = seen_by("chief", language).get("/find/?near=P-9").text
    assert 'name="near"' not in everybody


def test_a_manager_finds_its_own_countries() -> None:
    page = seen_by("manager").get("/find/").text
    assert "2 partners" in page
    assert 'href="/partners/P-1/"' not in page
    assert 'name="near"' not in seen_by("manager").get("/find/?near=P-1").text, "a stranger's place is not told"


def test_the_ways_to_look_keep_the_filters() -> None:
    listed = seen_by("chief").get("/partners/?country=FR&sort=level").text
    assert f'href="/find/?edition={EDITION.replace("/", "%2F")}&amp;country=FR"' in listed
    assert f'href="/map/?edition={EDITION.replace("/", "%2F")}&amp;country=FR"' in listed


def test_who_may_look() -> None:
    assert answers("/find/") == {
        "chief": 200, "finance": 200, "auditor": 200, "manager": 200, "member": 404, "nobody": 404,
    }  # fmt: skip


def test_a_search_takes_few_statements() -> None:
    assert queries(seen_by("chief"), "/find/?country=FR&after=P-2") <= 8
