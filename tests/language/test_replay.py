"""A replay is what judging every day of the window one by one gives, whatever it leaves out to be quick."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from hanse.engines.cases import arrow_facts
from hanse.engines.duck import DuckEngine
from hanse.language import edition as editions
from hanse.language.compiler import metric_plan
from hanse.language.context import Days

METRICS = {
    "people": {"use": "certified_people"},
    "sold": {"table": "sales", "agg": "sum", "measure": "amount", "window": "20 days"},
    "so": {"type": "derived", "kind": "boolean", "expr": "people >= 2 and sold >= 10"},
    "ever": {"type": "replay", "of": "so", "how": "any", "window": {"months": 1, "inclusive": True}},
    "always": {"type": "replay", "of": "so", "how": "every", "window": "10 days"},
    "lately": {"type": "replay", "of": "people_so", "how": "any", "window": {"months": 1, "whole": True}},
    "people_so": {"type": "derived", "kind": "boolean", "expr": "people >= 2"},
}
DAY = date(2020, 5, 20)


def edition(folder: Path) -> editions.Edition:
    programme = {"programme": "bench", "edition": "1", "title": "Bench", "levels": {"low": None},
                 "people": {"counted_after_leaving": {"months": 1, "day": 10}}}  # fmt: skip
    for name, content in {"programme": programme, "metrics": METRICS}.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content), "utf-8")
    return editions.load(str(folder))


def facts(chance: random.Random) -> dict[str, list[dict[str, Any]]]:
    """A few partners whose people come and go, and whose sales fall into and out of the window."""

    def day(first: int = -70, last: int = 0) -> date:
        return DAY + timedelta(days=chance.randint(first, last))

    partners = [f"P{n}" for n in range(5)]
    people, certifications = [], []
    for n in range(15):
        since = day(-120, -20)
        until = since + timedelta(days=chance.randint(0, 90)) if chance.random() < 0.6 else None
        people.append({"person": f"a{n}", "partner": chance.choice(partners), "since": since, "until": until})
        earned = day(-100, -5)
        expires = earned + timedelta(days=chance.randint(0, 80)) if chance.random() < 0.5 else None
        certifications.append({"person": f"a{n}", "certificate": "C", "earned": earned, "expires": expires})
    sales = [
        {"partner": chance.choice(partners), "on": day(), "amount": chance.choice([4, 6, 10]), "currency": "EUR"}
        for _ in range(20)
    ]
    listed = [{"partner": p, "name": p, "country": "FR"} for p in partners]
    return {"partners": listed, "people": people, "certifications": certifications, "sales": sales}


def held(engine: DuckEngine, loaded: editions.Edition, metric: str, day: date) -> set[str]:
    plan = metric_plan(loaded, [metric], Days(day, day), engine.info)
    return {r["partner"] for r in engine.arrow(plan, f"metric_{metric}").to_pylist() if r["value"]}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_replay_equals_judging_each_day(seed: int, tmp_path: Path) -> None:
    loaded = edition(tmp_path)
    spans = {
        "ever": ("so", date(2020, 4, 20), any),
        "always": ("so", DAY - timedelta(days=9), all),
        "lately": ("people_so", date(2020, 4, 1), any),
    }
    with DuckEngine(arrow_facts(loaded, facts(random.Random(seed))), loaded.tables, memory="1GB", threads=1) as engine:
        first = min(start for _, start, _ in spans.values())
        days = [first + timedelta(days=n) for n in range((DAY - first).days + 1)]
        by_day = {(m, d): held(engine, loaded, m, d) for m in ("so", "people_so") for d in days}
        for metric, (of, start, how) in spans.items():
            wanted = {p for p in (f"P{n}" for n in range(5)) if how(p in by_day[of, d] for d in days if d >= start)}
            assert held(engine, loaded, metric, DAY) == wanted, metric
