"""Pages derive the structure of a day as the statements do that judge everybody."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from hanse.decisions.belonging import Told, called, in_a_circle, structure
from hanse.engines.dialects import translated
from hanse.language.plan import Plan, literal
from hanse.language.structure import BELONGS, MERGING, partners, units

DAY = date(2026, 6, 30)
KEYS = tuple("ABCDEF")
_days = st.none() | st.integers(-2, 2).map(lambda n: DAY + timedelta(n))
_told = st.lists(
    st.tuples(
        st.sampled_from(KEYS), st.sampled_from((*MERGING, BELONGS, BELONGS, BELONGS, "split")), _days,
        st.none() | st.sampled_from((*KEYS, "X")), st.none() | st.sampled_from("GH"),
    ),
    max_size=12,
)  # fmt: skip
_groups = st.dictionaries(st.sampled_from(KEYS), st.none() | st.sampled_from("GH"), min_size=1)


def in_sql(groups: dict[str, str | None], told: list[Told], on: date) -> dict[str, str]:
    """The unit of each firm that was not merged, by the statements."""
    plan = Plan()
    plan.add("staged_partners", "SELECT 1")  # a table of this test
    day, known, name = 'r."on"', "TRUE", "r.name"
    partners(plan, on, day, known)
    units(plan, on, day, known, name)
    with duckdb.connect() as db:
        db.execute(
            'CREATE TABLE staged_partners (pid INT, partner TEXT, "group" TEXT, joined DATE, "left" DATE, _bad TEXT)'
        )
        for pid, (key, group) in enumerate(sorted(groups.items())):
            db.execute("INSERT INTO staged_partners VALUES (?, ?, ?, NULL, NULL, NULL)", [pid, key, group])
        texts = 'partner TEXT, kind TEXT, "into" TEXT, name TEXT, _file TEXT'
        db.execute(f'CREATE TABLE raw_events ("on" DATE, _line INT, {texts})')
        for one in told:
            row = [one.on, one.number, one.partner, one.kind, one.into, one.name]
            db.execute("INSERT INTO raw_events VALUES (?, ?, ?, ?, ?, ?, 'f')", row)
        for step in plan.ordered(["units", "merged"]):
            if step.name != "staged_partners":
                db.execute(f"CREATE TABLE {step.name} AS {translated(step.sql, 'duckdb', lambda known: known)}")
        rows = db.execute(
            "SELECT p.partner, u.unit FROM units AS u JOIN staged_partners AS p ON p.pid = u.pid "
            "LEFT JOIN merged AS m ON m.partner = p.partner WHERE m.partner IS NULL"
        ).fetchall()
    return dict(rows)


@given(_groups, _told)
def test_units_of_a_day_are_those_of_the_statements(
    groups: dict[str, str | None], rows: list[tuple[str, str, date | None, str | None, str | None]]
) -> None:
    told = [Told(n, *row) for n, row in enumerate(rows, start=1)]
    found = structure(groups, told, DAY)
    named = {key: found.unit(key) for key in groups if key not in found.merged}
    said = {key: f"group {group}" if group is not None else f"partner {top}" for key, (group, top) in named.items()}
    assert said == in_sql(groups, told, DAY), literal(DAY)


def test_the_first_day_of_a_circle_is_told() -> None:
    groups = dict.fromkeys("ABC")
    told = [Told(1, "A", BELONGS, None, "B"), Told(2, "B", BELONGS, DAY, "C")]
    assert in_a_circle(groups, told, "B") is None
    later = DAY + timedelta(9)
    assert in_a_circle(groups, [*told, Told(3, "C", BELONGS, later, "A")], "C") == later
    left = [*told, Told(3, "A", BELONGS, later), Told(4, "C", BELONGS, later, "A")]
    assert in_a_circle(groups, left, "C") is None


def test_a_firm_is_called_what_it_was_called_on_the_day() -> None:
    told = [
        Told(1, "A", "renamed", DAY, name="First"), Told(2, "A", "renamed", DAY + timedelta(5), name="Second"),
        Told(3, "A", "closed", DAY + timedelta(7)),
    ]  # fmt: skip
    at = {n: called("Third", told, DAY + timedelta(n)) for n in (-1, 0, 4, 5, 8)}
    assert at == {-1: "First", 0: "Second", 4: "Second", 5: "Third", 8: "Third"}
