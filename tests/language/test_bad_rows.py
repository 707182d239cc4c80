"""Is every bad row told, once, whether or not the edition reads its table?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa

from decisions.rehearsed import channel, side
from hanse.decisions.evaluate import plan_of
from hanse.engines.duck import DuckEngine
from hanse.engines.run import problems_of

DAY = date(2024, 3, 1)
FACTS = channel(A={"sells": 10, "certified": ("C-1",)})


def told(folder: Path, facts: dict[str, pa.Table], **changes: str) -> list[tuple[str, int, str, str | None]]:
    judged = side(folder, **changes)
    with DuckEngine(facts, judged.edition.tables, threads=1) as engine:
        plan = plan_of(judged.edition, judged.days, engine.info)
        return [(r["table"], r["line"], r["what"], r["partner"]) for r in problems_of(engine, plan).to_pylist()]


def rows(*listed: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(listed))


def test_bad_rows_of_tables_that_the_edition_never_reads(tmp_path: Path) -> None:
    employed = FACTS["people"]["person"][0].as_py()
    facts = FACTS | {
        "surveys": rows(
            {"partner": "A", "on": DAY, "score": 8},
            {"partner": "A", "on": None, "score": 8},
            {"partner": "X", "on": DAY, "score": 8},
            {"partner": "A", "on": date(1999, 1, 1), "score": 8},
        ),
        "assignments": rows(
            {"person": employed, "role": "am", "subject": "cloud", "from": DAY},
            {"person": employed, "role": "am", "subject": None, "from": DAY},
            {"person": "nobody", "role": "am", "subject": "cloud", "from": DAY},
        ),
        "ownership": rows(
            {"owner": "A", "owned": "A", "percent": 101, "from": DAY},
            {"owner": "A", "owned": "X", "percent": 9, "from": DAY},
        ),
        "customers": rows({"customer": "K", "country": "FR"}, {"customer": "L", "country": "ZZ"}),
    }
    assert told(tmp_path / "guild", facts) == [
        ("assignments", 2, "subject is missing", "A"),
        ("assignments", 3, "person 'nobody' is not known", None),
        ("customers", 2, "country 'ZZ' does not exist", None),
        ("ownership", 1, "percent 101.0000 is not a share", "A"),
        ("ownership", 2, "partner 'X' is not known", "A"),
        ("surveys", 2, "on is missing", "A"),
        ("surveys", 3, "partner 'X' is not known", None),
        ("surveys", 4, "on 1999-01-01 lies before the partner joined", "A"),
    ]


def test_a_row_is_told_once_for_the_first_thing_that_is_wrong(tmp_path: Path) -> None:
    sold = {"partner": "A", "on": DAY, "amount": 1.0, "currency": "XQZ", "country": "FR"}
    facts = FACTS | {
        "sales": rows(
            sold,
            sold | {"partner": "X"},
            sold | {"country": "ZZ"},
            sold | {"amount": None},
            sold | {"currency": "EUR"},
            sold | {"on": date(2022, 1, 1)},  # no metric looks at that year, so nobody asks for its rate
        ),
        "certifications": rows(
            {"person": "nobody", "certificate": "C-1", "earned": date(2020, 1, 1), "expires": date(2021, 1, 1)},
            {"person": "nobody", "certificate": None, "earned": DAY, "expires": None},
        ),
    }
    assert told(tmp_path / "guild", facts) == [
        ("certifications", 1, "person 'nobody' is not known", None),
        ("certifications", 2, "certificate is missing", None),
        ("sales", 1, "currency 'XQZ' does not exist", "A"),
        ("sales", 2, "partner 'X' is not known", None),
        ("sales", 3, "country 'ZZ' does not exist", "A"),
        ("sales", 4, "amount is missing", "A"),
    ]


def test_a_column_that_the_edition_never_mentions_is_checked_all_the_same(tmp_path: Path) -> None:
    partner = FACTS["partners"].to_pylist()[0] | {"employees": "many"}
    found = told(tmp_path / "guild", FACTS | {"partners": rows(partner)})
    assert ("partners", 1, "employees 'many' is not a number", "A") in found
