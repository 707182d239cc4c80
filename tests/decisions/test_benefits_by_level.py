"""What each level would give: by level, by country, by date; what facts or a condition decide is said to be so."""

from __future__ import annotations

from datetime import date

from hanse.decisions.benefits_by_level import Offer, offers
from hanse.language import edition as editions
from hanse.language.context import Days, FactsInfo
from hanse.language.facts import SQL_TYPES
from hanse.language.money import ecb_rates

DAY = date(2017, 6, 30)


def offered(country: str | None, name: str = "partnerworld/2017", day: date = DAY) -> dict[str, Offer]:
    edition = editions.load(name)
    schema = {n: {c.name: SQL_TYPES[c.type] for c in t.columns} for n, t in edition.tables.items()}
    return {one.benefit: one for one in offers(edition, Days(day, day), FactsInfo(schema, ecb_rates()), country)}


def test_quantities_by_level_without_the_levels_that_give_none() -> None:
    found = offered("DE")
    assert found["vouchers"].quantities == {"registered": 6, "silver": 12, "gold": 20, "platinum": 40}
    assert found["lab_advocate"].quantities == {"platinum": 1}
    assert found["vouchers"].clause == "vouchers by level"


def test_what_facts_or_a_condition_decide_is_said_to_be_so() -> None:
    found = offered("DE")
    assert found["class_vouchers"].quantities is None
    assert found["business_partner_mark_registered"].conditional
    assert not found["vouchers"].conditional


def test_a_benefit_of_other_countries_is_not_offered() -> None:
    assert "digital_experience_help" in offered("DE")
    assert "digital_experience_help" not in offered("CN")
    assert "strongest_technical_support" not in offered("CU")


def test_every_shipped_edition_can_say_what_it_offers() -> None:
    for name in editions.shipped():
        day = date(
            int("".join(c for c in name.rpartition("/")[2] if c.isdigit())[:4] or 2017)
            if name[-4:].isdigit()
            else 2017,
            6,
            30,
        )
        for one in offered("DE", name, day).values():
            assert one.quantities is None or all(value > 0 for value in one.quantities.values())
