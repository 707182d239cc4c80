"""Which value wins, and why?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from hanse.decisions.golden_record import SAYS, Choice, Said, golden

FIELDS = ("name", "city", "website")


def said(fact: int, source: str, day: int = 1, *, by_hand: bool = False, **values: Any) -> Said:
    return Said(fact, source, datetime(2026, 1, day, tzinfo=UTC), values, by_hand)


def chosen(*listed: Said, **ranks: list[str]) -> dict[str, tuple[Any, str, str]]:
    given_ranks = {name.replace("every", "*"): order for name, order in ranks.items()}
    return {one.field: (one.value, one.source, one.because) for one in golden(listed, FIELDS, given_ranks)}


def test_what_was_said_last_wins_and_an_empty_value_never_does() -> None:
    found = chosen(said(1, "crm", 1, name="Acme", city="Lyon"), said(2, "orders", 2, name="Acme SA", city=None))
    assert found == {
        "name": ("Acme SA", "orders", "freshest"), "city": ("Lyon", "crm", "alone"), "website": (None, "", "alone"),
    }  # fmt: skip


def test_most_sources_win_over_the_last_one_and_spelling_is_no_difference() -> None:
    found = chosen(
        said(1, "crm", 1, city="Orléans"), said(2, "training", 2, city="ORLEANS "), said(3, "orders", 3, city="Olivet")
    )
    assert found["city"] == ("ORLEANS ", "training", "agreement")


def test_a_source_that_comes_first_wins_over_any_number() -> None:
    listed = (said(1, "crm", 1, city="Lyon"), said(2, "training", 2, city="Bron"), said(3, "orders", 3, city="Bron"))
    assert chosen(*listed, every=["crm", "orders"])["city"] == ("Lyon", "crm", "rank")
    assert chosen(*listed, every=["crm"], city=["orders"])["city"] == ("Bron", "orders", "rank")


def test_what_was_chosen_by_hand_wins_over_everything_even_by_emptying_it() -> None:
    crm = said(1, "crm", 9, name="Acme", website="http://old")
    found = chosen(crm, said(2, "correction", 2, by_hand=True, website=None), every=["crm"])
    assert found["website"] == (None, "correction", "hand")
    assert found["name"] == ("Acme", "crm", "alone")


def test_the_others_are_told() -> None:
    (name, *_) = golden([said(1, "crm", 1, name="Acme"), said(2, "orders", 2, name="Acme SA")], FIELDS)
    assert name == Choice("name", "Acme SA", 2, "orders", "freshest", (("crm", "Acme"),))


@given(
    some.lists(
        some.tuples(
            some.sampled_from(["a", "b", "c"]),
            some.integers(1, 28),
            some.sampled_from([None, "", "x", "y", "X"]),
            some.booleans(),
        ),
        max_size=8,
    ),
    some.permutations(["a", "b", "c"]),
    some.randoms(),
)
def test_the_order_does_not_matter_and_the_value_is_one_that_was_said(
    rows: list[tuple[str, int, str | None, bool]], order: list[str], chance: Any
) -> None:
    listed = [said(n, source, day, by_hand=hand, name=value) for n, (source, day, value, hand) in enumerate(rows)]
    found = golden(listed, FIELDS, {"*": order[:2]})
    shuffled = listed[:]
    chance.shuffle(shuffled)
    assert golden(shuffled, FIELDS, {"*": order[:2]}) == found
    (name, *_) = found
    assert name.because in SAYS
    assert name.fact is None or listed[name.fact].values["name"] == name.value


def test_between_two_records_of_one_firm_the_one_that_stays_wins() -> None:
    twin = Said(2, "crm", datetime(2026, 1, 9, tzinfo=UTC), {"name": "Acme SARL", "city": "Lyon"}, own=False)
    found = chosen(said(1, "crm", 1, name="Acme"), twin)
    assert found["name"] == ("Acme", "crm", "stays")
    assert found["city"] == ("Lyon", "crm", "alone")
