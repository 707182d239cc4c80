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
    "running": {"table": "running_sales", "agg": "max", "measure": "running", "window": "30 days"},
    "by_customer": {"table": "sales", "per": "customer", "agg": "sum", "measure": "amount", "window": "15 days"},
    "large_customers": {"table": "by_customer", "agg": "count", "filter": "value >= 6"},
    "grown": {"type": "growth", "of": "sold", "before": {"days": 10}, "as": "absolute"},
    "mixed": {
        "type": "derived", "kind": "boolean",
        "expr": "large_customers >= 1 and coalesce(grown, 0) > 0 and coalesce(running, 0) < limit",
    },
    "mixed_lately": {"type": "replay", "of": "mixed", "how": "any", "window": "6 days"},
    "mixed_always": {"type": "replay", "of": "mixed", "how": "every", "window": "3 days"},
}  # fmt: skip
RUNNING = """
select partner, "on",
  case when "on" <= :as_of then sum(amount) over (partition by partner order by "on", amount) end as running
from sales union all select partner, "on", 0 as running from sales where "on" > :as_of
"""
DAY = date(2020, 5, 20)


def edition(folder: Path) -> editions.Edition:
    programme = {"programme": "bench", "edition": "1", "title": "Bench", "levels": {"low": None},
                 "people": {"counted_after_leaving": {"months": 1, "day": 10}},
                 "parameters": {"limit": [{"from": date(2000, 1, 1), "is": 22}, {"from": date(2020, 5, 18), "is": 30}]},
                 "currency": "EUR"}  # fmt: skip
    for name, content in {"programme": programme, "metrics": METRICS}.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content), "utf-8")
    (folder / "tables").mkdir()
    (folder / "tables" / "running_sales.sql").write_text(RUNNING, "utf-8")
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
        {"partner": chance.choice(partners), "on": day(), "amount": chance.choice([4, 6, 10]),
         "currency": chance.choice(["EUR", "USD"]), "customer": chance.choice("XY")}
        for _ in range(20)
    ]  # fmt: skip
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
        "mixed_lately": ("mixed", DAY - timedelta(days=5), any),
        "mixed_always": ("mixed", DAY - timedelta(days=2), all),
    }
    with DuckEngine(arrow_facts(loaded, facts(random.Random(seed))), loaded.tables, memory="1GB", threads=1) as engine:
        by_day: dict[tuple[str, date], set[str]] = {}
        for metric, (of, start, how) in spans.items():
            days = [start + timedelta(days=n) for n in range((DAY - start).days + 1)]
            by_day |= {(of, d): held(engine, loaded, of, d) for d in days if (of, d) not in by_day}
            wanted = {p for p in (f"P{n}" for n in range(5)) if how(p in by_day[of, d] for d in days)}
            assert held(engine, loaded, metric, DAY) == wanted, metric
