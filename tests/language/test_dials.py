"""Numbers of an edition are turned in its text, and nothing else of it changes."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from hanse.language import dials
from hanse.language.edition import load, shipped

DAY = date(2017, 6, 30)


@pytest.mark.parametrize("name", shipped())
def test_every_dial_is_where_it_says(name: str) -> None:
    edition = load(name)
    found = dials.dials_of(edition, edition.programme.in_force or DAY)
    assert len({dial.key for dial in found}) == len(found)
    for dial in found:
        text = (edition.folder / f"{dial.file}.yaml").read_text(encoding="utf-8")
        before, after = text.splitlines(), dials.rewritten(text, {dial.path: "31_337"}).splitlines()
        ((old, new),) = [(b, a) for b, a in zip(before, after, strict=True) if b != a]
        assert "31_337" in new
        assert dial.text.replace("_", "") in old.replace("_", "")


def test_turning_changes_one_number_and_keeps_how_it_was_written() -> None:
    edition = load("partnerworld/2017")
    key = "levels:gold:all_of:3:revenue:at_least:class_a"
    satisfaction = "levels:gold:all_of:0:client_satisfaction:at_least"
    changes = dials.turned(edition, {key: Fraction(1_250_000), satisfaction: Fraction("7.8")}, DAY)
    text = (edition.folder / "levels.yaml").read_text(encoding="utf-8")
    before, after = text.splitlines(), dials.rewritten(text, changes["levels"]).splitlines()
    assert [(b, a) for b, a in zip(before, after, strict=True) if b != a] == [
        (line, line.replace("7.5", "7.8").replace("1_000_000 USD", "1_250_000 USD"))
        for line in before
        if line.startswith("    - client_satisfaction: {at_least: 7.5") or "class_a: 1_000_000 USD" in line
    ]
    assert dials.turned(edition, {key: Fraction(1_000_000)}, DAY) == {}


def test_a_version_by_date_is_turned_where_it_is_in_force() -> None:
    edition = load("dell_partnerdirect/2013")
    early = {d.of: d.number for d in dials.dials_of(edition, date(2013, 3, 1)) if d.subject == "enterprise_sales"}
    late = {d.of: d.number for d in dials.dials_of(edition, date(2013, 4, 1)) if d.subject == "enterprise_sales"}
    assert (early["canada"], late["canada"]) == (500_000, 750_000)


def test_a_competency_is_retired_and_kept() -> None:
    text = "competencies:\n  cloud:\n    name: Cloud\n    counts: {certificate: [A]}   # one\n\n  data: {name: Data}\n"
    retired = dials.retired(text, "cloud", date(2018, 1, 1))
    assert "counts: {certificate: [A]}   # one\n    until: 2017-12-31\n\n" in retired
    assert dials.kept(retired, "cloud") == text
    inline = dials.retired(text, "data", date(2018, 1, 1))
    assert "data: {name: Data, until: 2017-12-31}" in inline
    assert dials.kept(inline, "data") == text
    assert "until: 2018-12-31" in dials.retired(retired, "cloud", date(2019, 1, 1))


@pytest.mark.parametrize(
    ("number", "text", "unit", "says"),
    [
        (Fraction(12), "6", None, "12"),
        (Fraction(1_250_000), "5 USD", "USD", "1_250_000 USD"),
        (Fraction("7.80"), "7", None, "7.8"),
        (Fraction(20, 3), "40/6", None, "20/3"),
        (Fraction(65), "70 %", "%", "65 %"),
    ],
)
def test_numbers_are_written_as_authors_do(number: Fraction, text: str, unit: str | None, says: str) -> None:
    dial = dials.Dial("levels", (), "gold", "revenue", "at_least", "", text, Fraction(1), unit, None)
    assert dials.written(number, dial) == says
