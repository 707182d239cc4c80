"""The map shows whom a reader may see, the list beside it says the same, and the data is what the picture asks for."""

from __future__ import annotations

import pytest

from fronts.desk.channel import EDITION, answers, queries, seen_by

pytestmark = pytest.mark.usefixtures("desk")
EUROPE = "w=-12&s=35&e=30&n=65&zoom=4"


def test_the_list_says_where_partners_are() -> None:
    page = seen_by("chief").get("/map/").text
    for there in ("Hamburg", "Brest", "Lyon", "In this window: 3", 'type="module"', "GeoNames", "Natural Earth"):
        assert there in page
    assert f"/partners/?edition={EDITION.replace('/', '%2F')}&amp;text=Lyon&amp;country=FR" in page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_filters_are_those_of_the_list(language: str) -> None:
    client = seen_by("chief", language)
    assert "Hamburg" not in client.get("/map/?country=FR").text
    assert "Brest" not in client.get("/map/?type=reseller").text
    assert "Lyon" in client.get("/map/?moving=falling").text
    assert "Lyon" not in client.get("/map/?moving=rising").text
    assert "Hamburg" in client.get("/map/?text=nordl").text
    assert "Lyon" not in client.get("/map/?text=nordl").text


def test_profiles_are_looked_for_on_the_map_as_in_the_list() -> None:
    chief = seen_by("chief")
    near = "town=Lyon&radius=50"
    assert [one[3] for one in chief.get(f"/map/data/?{EUROPE}&{near}").json()["p"]] == ["P-3"]
    page = chief.get(f"/map/?{near}").text
    assert "In this window: 1" in page
    assert f"/find/?edition={EDITION.replace('/', '%2F')}&amp;town=Lyon&amp;radius=50" in page
    assert chief.get(f"/map/data/?{EUROPE}&{near}&moving=rising").json()["n"] == 0
    assert [one[3] for one in chief.get(f"/map/data/?{EUROPE}&{near}&moving=falling").json()["p"]] == ["P-3"]
    assert chief.get(f"/map/data/?{EUROPE}&town=Atlantis").json()["n"] == 0
    assert chief.get(f"/map/data/?{EUROPE}&certificate=none").json()["n"] == 0


def test_the_data_of_a_window() -> None:
    found = seen_by("chief").get(f"/map/data/?{EUROPE}").json()
    assert (found["n"], found["c"], found["more"]) == (3, [], False)
    assert {(one[3], one[5], one[6]) for one in found["p"]} == {
        ("P-1", "Hamburg", "DE"), ("P-2", "Brest", "FR"), ("P-3", "Lyon", "FR"),
    }  # fmt: skip
    west = seen_by("chief").get("/map/data/?w=-12&s=35&e=0&n=65&zoom=4").json()
    assert [one[3] for one in west["p"]] == ["P-2"]
    around = seen_by("chief").get("/map/data/?w=100&s=35&e=370&n=65&zoom=2").json()
    assert around["n"] == 3, "a window over the edge of the world"
    assert seen_by("chief").get("/map/data/?w=100&s=35&e=110&n=65&zoom=2").json()["n"] == 0


@pytest.mark.parametrize(
    "asked", ["w=x&s=1&e=2&n=3", "w=nan&s=1&e=2&n=3&zoom=inf", "w=2&s=3&e=1&n=1", "zoom=-99", "w=1e99&s=0&e=2&n=3"]
)
def test_windows_that_are_none_are_the_whole_world(asked: str) -> None:
    assert seen_by("chief").get(f"/map/data/?{asked}").json()["n"] == 3
    assert seen_by("chief").get(f"/map/?{asked}").status_code == 200


def test_a_manager_sees_the_countries_that_are_its_own() -> None:
    found = seen_by("manager").get(f"/map/data/?{EUROPE}").json()
    assert {one[3] for one in found["p"]} == {"P-2", "P-3"}
    page = seen_by("manager").get("/map/").text
    assert "Lyon" in page
    assert "Hamburg" not in page


def test_who_may_look() -> None:
    assert answers("/map/") == {
        "chief": 200,
        "finance": 200,
        "auditor": 200,
        "manager": 200,
        "member": 200,
        "nobody": 404,
    }


def test_a_window_takes_few_statements() -> None:
    assert queries(seen_by("chief"), f"/map/data/?{EUROPE}") <= 7
    assert queries(seen_by("chief"), "/map/") <= 13
