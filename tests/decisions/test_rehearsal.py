"""Who moves, and which requirement decided?"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from decisions.rehearsed import COMPETENCIES, LEVELS, PROGRAMME, channel, side
from hanse.decisions import rehearsal
from hanse.decisions.evaluate import plan_of
from hanse.decisions.rehearsal_figures import Side
from hanse.engines.duck import DuckEngine
from hanse.engines.rehearse import tables_of

BOTH = ("C-1", "S-1")
CHANNEL = channel(
    A={"sells": 450_000, "certified": BOTH, "country": "DE"},
    B={"sells": 900_000, "certified": BOTH},
    C={"sells": 120_000, "certified": ("C-1",)},
    D={"sells": 0},
)


def moves(before: Side, after: Side, facts: Any = CHANNEL) -> dict[str, dict[str, Any]]:
    """The moves by partner."""
    with DuckEngine(facts, tables_of(before.edition, after.edition)) as engine:
        plans = [plan_of(s.edition, s.days, engine.info) for s in (before, after)]
        for plan in plans:
            engine.prepare(plan)
        known = set(engine.seconds)
        engine.seconds.clear()
        found = engine.arrow(rehearsal.plan_of(*plans), "moves").to_pylist()
        computed = set(engine.seconds)
        assert {"movers", "moves"} <= computed
        assert not {name for name in computed if name.startswith(("before__", "after__"))}, "computed a second time"
        assert known
    return {row["partner"]: row for row in found}


@pytest.fixture
def before(tmp_path: Path) -> Side:
    return side(tmp_path / "2024")


def test_nothing_changed_nobody_moves(tmp_path: Path, before: Side) -> None:
    assert moves(before, side(tmp_path / "2025")) == {}


def test_a_fall_is_decided_by_the_number_that_rose(tmp_path: Path, before: Side) -> None:
    found = moves(before, side(tmp_path / "2025", levels=LEVELS.replace("400_000", "500_000")))
    assert list(found) == ["A"]
    row = found["A"]
    assert (row["country"], row["level_before"], row["level_after"], row["direction"]) == (
        "DE",
        "gold",
        "silver",
        "down",
    )
    assert (row["because_level"], row["because"], row["change"], row["clause"]) == (
        "gold",
        "revenue",
        "threshold",
        "3.1",
    )
    assert (row["actual_after"], row["needed_before"], row["needed_after"]) == (450_000, 400_000, 500_000)


@pytest.mark.parametrize(("needed", "fallen"), [("450_000", []), ("450_000.01", ["A"]), ("449_999.99", [])])
def test_the_edge(tmp_path: Path, before: Side, needed: str, fallen: list[str]) -> None:
    assert list(moves(before, side(tmp_path / "2025", levels=LEVELS.replace("400_000", needed)))) == fallen


def test_of_two_that_fail_the_first_in_the_editions_order_decided(tmp_path: Path, before: Side) -> None:
    harder = LEVELS.replace("{people: 2}", "{people: 3}").replace("400_000", "500_000")
    found = moves(before, side(tmp_path / "2025", levels=harder))
    assert {k: v["because"] for k, v in found.items()} == {"A": "people", "B": "people"}


def test_a_retired_competency_is_what_counts_no_more(tmp_path: Path, before: Side) -> None:
    retired = COMPETENCIES.replace("  security: {", "  security: {until: 2024-06-29, ")
    found = moves(before, side(tmp_path / "2025", competencies=retired))
    assert set(found) == {"A", "B"}
    row = found["A"]
    assert (row["because"], row["change"], row["actual_before"], row["actual_after"]) == (
        "competencies",
        "actual",
        2,
        1,
    )
    assert (row["competencies_lost"], row["competencies_gained"]) == ("security", None)


def test_a_rise_is_decided_by_the_last_that_was_missing(tmp_path: Path, before: Side) -> None:
    easier = "silver: {all_of: [{people: 0}, {revenue: 0 EUR}]}\n" + LEVELS.strip().splitlines()[1]
    found = moves(before, side(tmp_path / "2025", levels=easier))
    assert list(found) == ["D"]
    row = found["D"]
    assert (row["direction"], row["because"], row["because_level"]) == ("up", "revenue", "silver")
    assert (row["needed_before"], row["needed_after"]) == (100_000, 0)


def test_newly_asked_and_no_longer_asked(tmp_path: Path, before: Side) -> None:
    more = side(
        tmp_path / "2025",
        levels=LEVELS.replace("gold: {all_of: [", "gold: {all_of: [{blacklisted: {at_least: 1}}, "),
    )
    there = moves(before, more)
    assert {(r["because"], r["change"], r["direction"]) for r in there.values()} == {
        ("blacklisted", "newly_asked", "down")
    }
    back = moves(more, before)
    assert {(r["because"], r["change"], r["direction"]) for r in back.values()} == {
        ("blacklisted", "no_longer_asked", "up")
    }


def test_only_the_path_that_carried_the_level_decides(tmp_path: Path) -> None:
    both = "gold: {{paths: {{trained: {{people: {people}}}, selling: {{revenue: {revenue} EUR}}}}}}"
    old = side(tmp_path / "2024", levels=both.format(people=3, revenue=400_000))
    new = side(tmp_path / "2025", levels=both.format(people=3, revenue=500_000))
    row = moves(old, new)["A"]
    assert (row["because"], row["path_before"], row["path_after"]) == ("revenue", "selling", None)


def test_what_must_not_be_met_decides_when_it_is(tmp_path: Path) -> None:
    without = "gold: {{all_of: [{{people: 1}}, {{none_of: [{{revenue: {{above: {most} EUR}}}}]}}]}}"
    old, new = (
        side(tmp_path / year, levels=without.format(most=n)) for year, n in (("2024", 500_000), ("2025", 400_000))
    )
    row = moves(old, new)["A"]
    assert (row["direction"], row["because"], row["change"]) == ("down", "revenue", "threshold")


def test_a_level_that_is_no_more(tmp_path: Path, before: Side) -> None:
    new = side(
        tmp_path / "2025", levels=LEVELS.strip().splitlines()[0],
        programme=PROGRAMME.format(edition="2025").replace("  gold: {en: Gold, fr: Or}\n", ""),
        benefits="vouchers: {quantity: {member: 1}}",
    )  # fmt: skip
    assert {(r["level_after"], r["because"], r["change"]) for r in moves(before, new).values()} == {
        ("silver", None, "level_gone")
    }
    assert {(r["direction"], r["change"]) for r in moves(new, before).values()} == {("up", "level_new")}


def test_two_days_of_one_edition(tmp_path: Path, before: Side) -> None:
    facts = channel(
        A={"sells": 450_000, "certified": BOTH},
        E={"sells": 120_000, "certified": ("C-1",), "joined": date(2024, 7, 10)},
        F={"sells": 120_000, "certified": ("C-1",), "left": date(2024, 7, 1)},
    )
    found = moves(before, side(tmp_path / "2025", day=date(2025, 3, 2)), facts)
    told = {k: (r["level_before"], r["level_after"], r["direction"], r["change"]) for k, r in found.items()}
    assert told["A"] == ("gold", "member", "down", "actual")
    assert told["F"] == ("silver", None, "disappears", None)
    assert told["E"][2] == "appears"


@pytest.mark.parametrize(
    ("old", "new", "order"),
    [
        (["a", "b"], ["a", "b"], ({"a": 0, "b": 1}, {"a": 0, "b": 1})),
        (["a", "x", "b"], ["a", "b"], ({"a": 0, "x": 1, "b": 2}, {"a": 0, "b": 2})),
        (["x", "b"], ["a", "b"], ({"x": 0, "b": 2}, {"a": 1, "b": 2})),
        (["m", "n"], ["a", "b", "c"], ({"m": 0, "n": 1}, {"a": 0, "b": 1, "c": 2})),
        ([], [], ({}, {})),
    ],
)
def test_levels_of_two_editions_have_one_order(
    old: list[str], new: list[str], order: tuple[dict[str, int], ...]
) -> None:
    assert rehearsal.scale(old, new) == {"before": order[0], "after": order[1]}
