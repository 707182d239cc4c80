"""Names lead to the town that is meant or nowhere, without accents and in other languages; never by a guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse.apps.places.towns import towns_of
from hanse.decisions.place import (
    ALTERNATIVE,
    EXACT,
    NOWHERE,
    Asked,
    Towns,
    country_of,
    folded,
    one_error_apart,
    place,
    suggestions,
)

LINES = (
    "Springfield\tMissouri\tMO\tGreene County\t37.2\t-93.3\t170000\t",
    "Springfield\tIllinois\tIL\tSangamon County\t39.8\t-89.6\t114000\t",
    "Springfield\tOhio\tOH\tClark County\t39.9\t-83.8\t58000\t",
    "Munich\tBavaria\t02\t\t48.1\t11.6\t1260000\tMünchen|Monaco di Baviera|慕尼黑",
    "Baviera\tBavaria\t02\t\t48.9\t11.9\t900\t",
    "Monaco di Baviera\tBavaria\t02\t\t49.0\t12.0\t1000\t",
    "Saint-Étienne\tLoire\t84\tDépartement de la Loire\t45.4\t4.4\t170000\t",
)
TOWNS = Towns(LINES)


def found(city: str, region: str = "", postcode: str = "", country: str = "US") -> tuple[str, str, str] | None:
    answer = place(Asked(country, city, region, postcode), TOWNS)
    return (answer.town.name, answer.town.region, answer.certainty) if answer.town else None


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (("Springfield",), ("Springfield", "Missouri", EXACT)),  # the largest
        (("SPRINGFIELD", "OH"), ("Springfield", "Ohio", EXACT)),
        (("springfield", "illinois"), ("Springfield", "Illinois", EXACT)),
        (("Springfield", "Clark County"), ("Springfield", "Ohio", EXACT)),
        (("Springfield", "Texas"), ("Springfield", "Missouri", EXACT)),  # the region says nothing about any
        (("Springfield 4",), ("Springfield", "Missouri", ALTERNATIVE)),
        (("Springfield, Home of Cars",), ("Springfield", "Missouri", ALTERNATIVE)),
        (("Muenchen",), ("Munich", "Bavaria", ALTERNATIVE)),
        (("münchen",), ("Munich", "Bavaria", ALTERNATIVE)),
        (("慕尼黑",), ("Munich", "Bavaria", ALTERNATIVE)),
        (("Monaco di Baviera",), ("Munich", "Bavaria", ALTERNATIVE)),  # more than a thousand times as large
        (("St Etienne",), ("Saint-Étienne", "Loire", EXACT)),
        (("ST-ETIENNE CEDEX 1",), ("Saint-Étienne", "Loire", ALTERNATIVE)),
        (("Sprngfield",), None),  # near, and so never taken
        (("",), None),
        (("  -  ",), None),
        (("123",), None),
    ],
)
def test_names_and_what_they_lead_to(asked: tuple[str, ...], expected: tuple[str, str, str] | None) -> None:
    assert found(*asked) == expected


def test_near_names_are_suggested_only() -> None:
    assert place(Asked("US", "Sprngfield"), TOWNS) == NOWHERE
    assert [town.region for town in suggestions(Asked("US", "Sprngfield"), TOWNS)] == ["Missouri", "Illinois", "Ohio"]
    assert [town.name for town in suggestions(Asked("DE", "Munihc"), TOWNS)] == ["Munich"]
    assert suggestions(Asked("DE", "xx"), TOWNS) == []


def test_other_towns_of_a_name_are_counted() -> None:
    assert place(Asked("US", "Springfield"), TOWNS).others == 2


def test_a_french_postcode_names_its_department_and_what_is_overseas() -> None:
    answer = place(Asked("FR", "Villeneuve", "", "12260"), towns_of("FR"))
    assert answer.town is not None
    assert answer.town.district.endswith("Aveyron")
    assert country_of(Asked("FR", "Saint-Denis", "", "97400")) == "RE"
    assert country_of(Asked("FR", "Saint-Denis", "", "93200")) == "FR"


@pytest.mark.parametrize(
    ("country", "city", "latitude", "longitude"),
    [
        ("DE", "Cologne", 50.9, 7.0),
        ("IT", "Mailand", 45.5, 9.2),
        ("RU", "Москва", 55.8, 37.6),
        ("JP", "東京", 35.7, 139.7),
        ("BR", "Sao Paulo", -23.5, -46.6),
        ("VN", "Saigon", 10.8, 106.6),
        ("PL", "Lodz", 51.8, 19.5),
        ("US", "New York", 40.7, -74.0),
    ],
)
def test_towns_of_the_world(country: str, city: str, latitude: float, longitude: float) -> None:
    town = place(Asked(country, city), towns_of(country)).town
    assert town is not None
    assert (town.latitude, town.longitude) == pytest.approx((latitude, longitude), abs=0.2)


def test_an_unknown_country_has_no_towns() -> None:
    assert place(Asked("ZZ", "Lyon"), towns_of("ZZ")) == NOWHERE


@given(st.permutations(LINES), st.sampled_from(["Springfield", "Munich", "münchen", "nowhere", "St Etienne"]))
def test_the_order_of_towns_does_not_matter(lines: list[str], city: str) -> None:
    asked = Asked("US", city)
    assert place(asked, Towns(lines)) == place(asked, TOWNS)
    assert suggestions(asked, Towns(lines)) == suggestions(asked, TOWNS)


@given(st.text(max_size=30))
def test_whatever_is_typed_is_folded_once_and_for_all(name: str) -> None:
    assert folded(folded(name)) == folded(name)
    place(Asked("DE", name), TOWNS)


@given(st.text(alphabet="abc", max_size=6), st.text(alphabet="abc", max_size=6))
def test_one_error_is_what_it_says(one: str, other: str) -> None:
    assert one_error_apart(one, other) == one_error_apart(other, one) == (other in _mistyped(one))


def _mistyped(word: str) -> set[str]:
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    found = {a + b[1:] for a, b in cuts if b} | {a + c + b for a, b in cuts for c in "abc"}
    found |= {a + c + b[1:] for a, b in cuts if b for c in "abc"}
    return (found | {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}) - {word}
