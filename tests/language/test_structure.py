"""Whose facts count for whom, as of a day?"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from decisions.rehearsed import DAY, METRICS, channel, side
from hanse.decisions.evaluate import OUTPUTS, plan_of
from hanse.engines.duck import DuckEngine
from hanse.engines.run import problems_of
from hanse.engines.scope import narrow
from hanse.language.context import Days

FACTS = channel(
    A={"sells": 60_000, "certified": ("C-1",)}, B={"sells": 70_000, "certified": ("S-1",)}, C={"sells": 150_000},
    D={"sells": 300_000},
)  # fmt: skip
EARLIER, LATER = DAY - timedelta(90), DAY + timedelta(1)


def events(*rows: tuple[str, str, date | None, str | None]) -> pa.Table:
    schema = pa.schema([("partner", pa.string()), ("kind", pa.string()), ("on", pa.date32()), ("into", pa.string())])
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)


def belongs(*rows: tuple[str, date | None, str | None, str | None]) -> pa.Table:
    """Rows of partner, day, firm above, group."""
    schema = pa.schema(
        {c: pa.date32() if c == "on" else pa.string() for c in ("partner", "kind", "on", "into", "name")}
    )
    said = [{"partner": p, "kind": "belongs", "on": on, "into": into, "name": name} for p, on, into, name in rows]
    return pa.Table.from_pylist(said, schema)


def in_groups(facts: dict[str, pa.Table], groups: dict[str, str]) -> dict[str, pa.Table]:
    """The facts with the groups that partners' own facts name."""
    partners = facts["partners"]
    names = pa.array([groups.get(key) for key in partners["partner"].to_pylist()], pa.string())
    return facts | {"partners": partners.append_column("group", names)}


def judged(
    folder: Path, facts: dict[str, pa.Table], *, only: str | None = None, on: date = DAY, **changes: str
) -> dict[str, Any]:
    """The rows of every output, sorted; of one partner alone where `only` names it."""
    edition = side(folder, **changes).edition
    with DuckEngine(facts, edition.tables, threads=1) as engine:
        if only:
            narrow(engine, edition, only)
        plan = plan_of(edition, Days(on, on), engine.info)
        found = {name: sorted(engine.arrow(plan, name).to_pylist(), key=repr) for name in OUTPUTS}
        found["problems"] = [
            (r["table"], r["line"], r["what"], r["partner"]) for r in problems_of(engine, plan).to_pylist()
        ]
    if only:
        found = {name: [r for r in rows if name == "problems" or r["partner"] == only] for name, rows in found.items()}
    return found


def renamed(facts: dict[str, pa.Table], names: dict[str, str]) -> dict[str, pa.Table]:
    """The facts as if everything had been said of the firm that others went into, and these had never been there."""
    found = {}
    for table, rows in facts.items():
        listed = [row for row in rows.to_pylist() if table != "partners" or row["partner"] not in names]
        for row in listed:
            if "partner" in row:
                row["partner"] = names.get(row["partner"], row["partner"])
        found[table] = pa.Table.from_pylist(listed, rows.schema)
    return found


@pytest.mark.parametrize("kind", ["duplicate", "acquired", "merged"])
@pytest.mark.parametrize("on", [None, EARLIER, DAY])
def test_facts_of_what_was_merged_count_for_the_firm_it_went_into(tmp_path: Path, kind: str, on: date | None) -> None:
    found = judged(tmp_path / "one", FACTS | {"events": events(("B", kind, on, "A"))})
    assert found == judged(tmp_path / "other", renamed(FACTS, {"B": "A"}))
    assert {row["partner"] for row in found["standings"]} == {"A", "C", "D"}


def test_before_the_day_they_are_two(tmp_path: Path) -> None:
    acquired = FACTS | {"events": events(("B", "acquired", LATER, "A"))}
    assert judged(tmp_path / "one", acquired) == judged(tmp_path / "other", FACTS)
    assert {row["partner"] for row in judged(tmp_path / "next", acquired, on=LATER)["standings"]} == {"A", "C", "D"}


def test_what_is_no_merger_moves_no_facts(tmp_path: Path) -> None:
    told = events(("B", "split", EARLIER, "A"), ("C", "renamed", EARLIER, None), ("D", "closed", EARLIER, None))
    assert judged(tmp_path / "one", FACTS | {"events": told}) == judged(tmp_path / "other", FACTS)


def test_chains_are_followed_and_the_latest_event_counts(tmp_path: Path) -> None:
    chain = events(("D", "merged", EARLIER, "C"), ("C", "acquired", DAY, "B"), ("B", "duplicate", None, "A"))
    assert judged(tmp_path / "one", FACTS | {"events": chain}) == judged(
        tmp_path / "other", renamed(FACTS, {"B": "A", "C": "A", "D": "A"})
    )
    sold_on = events(("B", "acquired", EARLIER, "C"), ("B", "acquired", DAY, "D"))
    assert judged(tmp_path / "three", FACTS | {"events": sold_on}) == judged(
        tmp_path / "four", renamed(FACTS, {"B": "D"})
    )


def test_a_circle_and_what_is_unknown_are_told_and_followed_nowhere(tmp_path: Path) -> None:
    wrong = events(
        ("A", "merged", None, "B"), ("B", "merged", None, "A"), ("C", "merged", None, "C"), ("D", "merged", None, "X"),
        ("D", "swallowed", None, "A"), ("D", "acquired", EARLIER, None),
    )  # fmt: skip
    found = judged(tmp_path / "one", FACTS | {"events": wrong})
    alone = judged(tmp_path / "other", FACTS)
    assert {n: rows for n, rows in found.items() if n != "problems"} == {
        n: r for n, r in alone.items() if n != "problems"
    }
    assert [(line, what) for _, line, what, _ in found["problems"]] == [
        (1, "'B' leads back to where it began"), (2, "'A' leads back to where it began"),
        (3, "'C' leads back to where it began"), (4, "partner 'X' is not known"), (5, "kind 'swallowed' is not known"),
        (6, "into is missing"),
    ]  # fmt: skip


@pytest.mark.parametrize("only", ["A", "C"])
def test_one_partner_is_judged_with_what_went_into_it(tmp_path: Path, only: str) -> None:
    facts = FACTS | {"events": events(("B", "acquired", EARLIER, "A"), ("D", "duplicate", None, "B"))}
    every = judged(tmp_path / "one", facts)
    found = judged(tmp_path / "other", facts, only=only)
    assert {n: found[n] for n in OUTPUTS} == {n: [r for r in every[n] if r["partner"] == only] for n in OUTPUTS}


# -- groups ------------------------------------------------------------------------------------------------------------

_TOGETHER = {
    "metrics": METRICS.replace("agg: sum, measure: amount", "agg: sum, over: group, measure: amount"),
    "levels": "silver: {all_of: [{revenue: {at_least: 100_000 EUR}}]}\n"
    "gold: {all_of: [{revenue: {at_least: 400_000 EUR}}]}\n",
}


def sums(folder: Path, facts: dict[str, pa.Table], *, on: date = DAY, only: str | None = None) -> dict[str, int]:
    """What each partner is told of its group's revenue, in thousands."""
    rows = judged(folder, facts, on=on, only=only, **_TOGETHER)["checks"]
    return {row["partner"]: int(row["actual"] / 1000) for row in rows if row["subject"] == "gold"}


def test_a_group_counts_from_the_day_on_which_a_firm_belongs_to_it(tmp_path: Path) -> None:
    facts = in_groups(FACTS, {"A": "G", "B": "G"}) | {"events": belongs(("C", DAY, None, "G"), ("B", DAY, None, None))}
    assert sums(tmp_path / "before", facts, on=DAY - timedelta(1)) == {"A": 130, "B": 130, "C": 150, "D": 300}
    assert sums(tmp_path / "on", facts) == {"A": 210, "B": 70, "C": 210, "D": 300}


def test_firms_below_a_firm_are_of_its_group_however_deep(tmp_path: Path) -> None:
    told = belongs(("B", None, "A", None), ("C", EARLIER, "B", None), ("D", LATER, "C", None))
    assert sums(tmp_path / "one", FACTS | {"events": told}) == {"A": 280, "B": 280, "C": 280, "D": 300}
    assert sums(tmp_path / "two", FACTS | {"events": told}, on=LATER) == dict.fromkeys("ABCD", 580)
    grouped = in_groups(FACTS, {"A": "G", "D": "G", "B": "H"}) | {"events": told}
    assert sums(tmp_path / "three", grouped) == dict.fromkeys("ABCD", 580), "what is below A is of A's group"


def test_a_merged_parent_is_the_firm_that_answers_for_it(tmp_path: Path) -> None:
    told = pa.concat_tables(
        [belongs(("C", EARLIER, "B", None)), events(("B", "merged", EARLIER, "A"))], promote_options="default"
    )
    assert sums(tmp_path / "one", FACTS | {"events": told}) == {"A": 280, "C": 280, "D": 300}


def test_a_group_that_leads_round_in_a_circle_leads_nowhere(tmp_path: Path) -> None:
    told = belongs(("A", None, "B", None), ("B", None, "A", None), ("C", None, "C", None), ("D", None, "X", None))
    assert sums(tmp_path / "one", FACTS | {"events": told}) == {"A": 60, "B": 70, "C": 150, "D": 300}
    found = judged(tmp_path / "two", FACTS | {"events": told})["problems"]
    assert [(line, what) for _, line, what, _ in found] == [
        (3, "'C' leads back to where it began"), (4, "partner 'X' is not known"),
    ]  # fmt: skip


@pytest.mark.parametrize("only", ["A", "B", "C", "D"])
def test_one_partner_is_judged_with_its_group(tmp_path: Path, only: str) -> None:
    facts = in_groups(FACTS, {"A": "G"}) | {"events": belongs(("B", None, "A", None), ("C", EARLIER, None, "G"))}
    every = sums(tmp_path / "one", facts)
    assert sums(tmp_path / "other", facts, only=only) == {only: every[only]}
