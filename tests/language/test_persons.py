"""Is a person counted once for each competency, whichever way the plan counts?"""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from decisions.rehearsed import DAY, side
from hanse.decisions.evaluate import OUTPUTS, plan_of
from hanse.decisions.rehearsal_figures import Side
from hanse.engines.duck import DuckEngine
from hanse.language.plan import Plan

NUMBER = 70  # competencies: more than the bits of one integer
METRICS = """
people: {table: certifications, agg: count_distinct, measure: person}
skilled: {table: certifications, agg: count_distinct, per: competency, measure: person}
told: {table: references, per: competency, window: 24 months}
sold: {table: sales, agg: sum, measure: amount, per: competency, window: 12 months}
"""
REQUIREMENTS = "requirements: {all_of: [{skilled: {at_least: 2}}, {told: {at_least: 1}}, {sold: {above: 50 EUR}}]}\n"
LEVELS = "silver: {all_of: [{people: 3}]}\n"


def competencies(requirements: str = REQUIREMENTS) -> str:
    """Competency n counts certificates n and n + 1, so that most certificates count for two."""
    listed = "".join(
        f"  area_{n}: {{name: Area {n}, counts: {{certificate: [C-{n}, C-{n + 1}], solution: [S-{n}]}}}}\n"
        for n in range(NUMBER)
    )
    return f"{requirements}competencies:\n{listed}"


def facts(seed: int = 7) -> dict[str, pa.Table]:
    """Forty partners whose people hold several certificates each, some twice, and work for two firms now and then."""
    chance = random.Random(seed)
    partners = [f"P{n:02d}" for n in range(40)]
    people: list[dict[str, Any]] = []
    held: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    sold: list[dict[str, Any]] = []
    for n in range(160):
        firms = chance.sample(partners, chance.choice([1, 1, 1, 2]))
        people += [{"person": f"E{n}", "partner": p, "since": date(2020, 1, 1)} for p in firms]
        some = chance.choice([0, 30, 60])
        for _ in range(chance.randrange(6)):
            item = f"C-{some + chance.randrange(12)}"
            held.append({"person": f"E{n}", "certificate": item, "earned": date(2023, chance.randrange(1, 13), 1)})
    for partner in partners:
        for n in [some + chance.randrange(10) for some in (0, 30, 60) for _ in range(8)]:
            told.append({"partner": partner, "on": date(2024, 2, 1), "solution": f"S-{n}"})
            amount = float(chance.randrange(100))
            sold.append(
                {"partner": partner, "on": date(2024, 2, 1), "amount": amount, "currency": "EUR", "solution": f"S-{n}"}
            )
    firms = [{"partner": p, "name": p, "country": "FR", "joined": date(2019, 1, 1)} for p in partners]
    tables = {"partners": firms, "people": people, "certifications": held, "references": told, "sales": sold}
    return {name: pa.Table.from_pylist(rows) for name, rows in tables.items()}


def outcome(judged: Side, given: dict[str, pa.Table]) -> tuple[Plan, dict[str, list[dict[str, Any]]]]:
    with DuckEngine(given, judged.edition.tables, threads=1) as engine:
        plan = plan_of(judged.edition, judged.days, engine.info)
        names = [n for n in OUTPUTS if n != "results"]
        return plan, {n: sorted(engine.arrow(plan, n).to_pylist(), key=repr) for n in names}


def test_bits_count_as_distinct_rows_do(tmp_path: Path) -> None:
    files = {"metrics": METRICS, "competencies": competencies(), "levels": LEVELS}
    by_bits, found = outcome(side(tmp_path / "bits", **files), facts())
    shown = side(tmp_path / "rows", results="shown: {metric: skilled}\n", **files)  # read elsewhere: every row is there
    by_rows, wanted = outcome(shown, facts())
    assert "persons_skilled" in by_bits.steps
    assert "persons_skilled" not in by_rows.steps
    assert found == wanted
    assert any(r["competency"] == "area_65" for r in found["competencies"]), "the second integer of bits is used"
    people = {r["actual"] for r in found["checks"] if r["metric"] == "people"}
    assert len(people) > 3


@pytest.mark.parametrize(
    "requirements",
    [
        pytest.param(REQUIREMENTS.replace("at_least: 1", "at_least: 0"), id="a comparison that holds without rows"),
        pytest.param(REQUIREMENTS.replace("all_of", "any_of"), id="one comparison is enough"),
        pytest.param(REQUIREMENTS.replace(", {sold: {above: 50 EUR}}", ""), id="one of two comparisons is near"),
        pytest.param(
            REQUIREMENTS.replace(
                "told: {at_least: 1}", "told: {at_least: 1, suspended: [{from: 2024-01-01, reason: moved}]}"
            ),
            id="a comparison that is suspended",
        ),
    ],
)
def test_rows_of_people_alone_count_where_they_may_come_near(tmp_path: Path, requirements: str) -> None:
    judged = side(tmp_path / "guild", metrics=METRICS, competencies=competencies(requirements), levels=LEVELS)
    plan, found = outcome(judged, facts())
    assert "persons_skilled" not in plan.steps
    known = {r["partner"] for r in found["checks"] if r["subject"].startswith("area_")}
    assert known


def test_waivers_make_every_row_of_people_count(tmp_path: Path) -> None:
    judged = side(tmp_path / "guild", metrics=METRICS, competencies=competencies(), levels=LEVELS)
    waived = {"partner": "P00", "subject": "told", "from": DAY, "until": DAY, "reason": "fire", "by": "desk"}
    given = facts() | {"exceptions": pa.Table.from_pylist([waived])}
    plan, _ = outcome(judged, given)
    assert "persons_skilled" not in plan.steps
