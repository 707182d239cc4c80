"""YAML with places, and numbers as authors write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from hanse.language import values
from hanse.language.problems import EditionError
from hanse.language.source import parse
from hanse.language.values import ByClass, Number

CLASSES = {"country_class": frozenset({"a", "b"}), "segment": frozenset({"smb", "enterprise"})}
DAY = date(2020, 6, 30)


def resolved(text: str, day: date = DAY) -> values.Resolved:
    read = parse(f"value: {text}", "file.yaml")
    return values.resolve(read.data["value"], day, CLASSES, read, ("value",))


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("7", Fraction(7), None),
        ("7.50", Fraction(15, 2), None),
        ("200_000", Fraction(200_000), None),
        ("40/6", Fraction(20, 3), None),
        ("200_000 USD", Fraction(200_000), "USD"),
        ("1.05 EUR", Fraction(21, 20), "EUR"),
        ("70 %", Fraction(70), "%"),
        ("70%", Fraction(70), "%"),
        ("-3", Fraction(-3), None),
        ("'12.5'", Fraction(25, 2), None),
        ("0.1", Fraction(1, 10), None),
        ("1 000 EUR", Fraction(1000), "EUR"),
    ],
)
def test_a_number_is_exact(text: str, number: Fraction, unit: str | None) -> None:
    assert resolved(text) == Number(number, unit)


@pytest.mark.parametrize(
    "text",
    ["seven", "true", "", "1/0", "7,5", "1e3", "USD 7", "7 usd", "[]", "{}", "{a: [1]}", "{a: 1, smb: 2}", "{c: 1}"],
)
def test_what_is_no_number_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(EditionError) as caught:
        resolved(text)
    assert caught.value.problems[0].place.startswith("file.yaml:1")
    assert caught.value.problems[0].remedy


def test_a_table_by_class_knows_its_classification() -> None:
    found = resolved("{a: 1, else: 2/3}")
    assert isinstance(found, ByClass)
    assert (found.classification, found.of("a"), found.of("b")) == (
        "country_class",
        Number(Fraction(1)),
        Number(Fraction(2, 3)),
    )


@pytest.mark.parametrize(("day", "number"), [(date(2020, 6, 30), 1), (date(2020, 7, 1), 2), (date(2030, 1, 1), 2)])
def test_a_version_holds_on_both_of_its_days(day: date, number: int) -> None:
    assert resolved("[{until: 2020-06-30, is: 1}, {from: 2020-07-01, is: 2}]", day) == Number(Fraction(number))
    nested = resolved("{a: [{until: 2020-06-30, is: 1}, {from: 2020-07-01, is: 2}], b: 5}", day)
    assert isinstance(nested, ByClass)
    assert nested.of("a") == Number(Fraction(number))


def test_a_day_without_a_version_is_an_error() -> None:
    with pytest.raises(EditionError, match="no version of this number is in force on 2020-07-01"):
        resolved("[{until: 2020-06-30, is: 1}, {from: 2020-07-02, is: 2}]", date(2020, 7, 1))


def test_a_share_is_seventy_of_percent_and_seven_tenths_of_anything_else() -> None:
    read = parse("value: 70 %", "file.yaml")
    assert values.plain(Number(Fraction(70), "%"), "percent", read, ("value",)) == Number(Fraction(70))
    assert values.plain(Number(Fraction(70), "%"), "EUR", read, ("value",)) == Number(Fraction(7, 10))
    with pytest.raises(EditionError, match="the amount is in USD, the metric in EUR"):
        values.plain(Number(Fraction(70), "USD"), "EUR", read, ("value",))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("1_000", 1000),
        ("1.50", Decimal("1.50")),
        ("2020-06-30", DAY),
        ("yes", "yes"),
        ("off", "off"),
        ("true", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("'12'", "12"),
        ('"2020-06-30"', "2020-06-30"),
        ("08-01", "08-01"),
        ("1e3", "1e3"),
        ("0x1F", "0x1F"),
    ],
)
def test_scalars_are_what_they_look_like(text: str, value: Any) -> None:
    found = parse(f"on: {text}", "file.yaml").data["on"]
    assert (found, type(found)) == (value, type(value))


def test_every_value_knows_its_line() -> None:
    read = parse("a:\n  b: 1\n  c:\n    - x\n    - {d: 2}\n", "file.yaml")
    assert read.place(("a", "b")) == "file.yaml:2"
    assert read.place(("a", "c", 1, "d")) == "file.yaml:5"
    assert read.place(("a", "nothing", "there")) == "file.yaml:1"


@pytest.mark.parametrize(
    ("text", "line"), [("a: 1\na: 2", 2), ("a: 1\nb:\n  c: 1\n  c: 2", 4), ("a: [1\nb: 2", 2), ("a: 2020-02-30", 1)]
)
def test_bad_yaml_is_refused_at_its_line(text: str, line: int) -> None:
    with pytest.raises(EditionError) as caught:
        parse(text, "file.yaml")
    assert caught.value.problems[0].place == f"file.yaml:{line}"
