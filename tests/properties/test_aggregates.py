"""Aggregates over random rows equal the same said in plain Python, exactly."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hanse.engines.cases import arrow_facts
from hanse.engines.duck import DuckEngine
from hanse.language import edition as editions
from hanse.language.compiler import metric_plan
from hanse.language.context import Days

DAY = date(2020, 6, 30)
FIRST = date(2019, 7, 1)  # of the trailing twelve months
KINDS = ("new", "upsell", "downsell", "churn", "renewal")
METRICS: dict[str, dict[str, Any]] = {
    "total": {"use": "revenue"},
    "net": {"use": "net_units"},
    "mean": {"table": "sales", "agg": "average", "measure": "amount", "window": "12 months", "min_count": 2},
    "mid": {"use": "median_sale"},
    "low": {"table": "sales", "agg": "min", "measure": "quantity", "window": "12 months"},
    "customers": {"use": "customers_sold_to"},
    "capped": {
        "table": "sales",
        "agg": "sum",
        "measure": "amount",
        "window": "12 months",
        "each": {"per": "customer", "at_most": 5},
    },
    "p80": {"table": "sales", "agg": "percentile", "percentile": 80, "measure": "amount", "window": "12 months"},
}
Row = dict[str, Any]
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "partner": st.sampled_from(["P", "Q"]),
            "on": st.integers(-380, 10).map(lambda n: DAY + timedelta(days=n)),
            "amount": st.decimals(-20, 20, places=2),
            "quantity": st.integers(0, 9),
            "customer": st.sampled_from(["X", "Y", None]),
            "kind": st.sampled_from(KINDS),
        }
    ),
    min_size=1,
    max_size=12,
)


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> editions.Edition:
    folder = tmp_path_factory.mktemp("bench")
    programme = {"programme": "bench", "edition": "1", "title": "Bench", "currency": "EUR", "levels": {"low": None}}
    for name, content in {"programme": programme, "metrics": METRICS}.items():
        Path(folder / f"{name}.yaml").write_text(yaml.safe_dump(content), "utf-8")
    return editions.load(str(folder))


def said_plainly(rows: list[Row]) -> dict[str, Fraction | None]:
    """The metrics of one partner, from its rows."""
    inside = [r for r in rows if FIRST <= r["on"] <= DAY]
    amounts = sorted(Fraction(r["amount"]) for r in inside)
    n = len(amounts)
    signs = {"new": 1, "upsell": 1, "downsell": -1, "churn": -1, "renewal": 0}
    by_customer: dict[Any, Fraction] = defaultdict(Fraction)
    for r in inside:
        by_customer[r["customer"]] += Fraction(r["amount"])
    return {
        "total": sum(amounts, Fraction(0)),
        "net": Fraction(sum(signs[r["kind"]] * r["quantity"] for r in inside)),
        "mean": sum(amounts, Fraction(0)) / n if n >= 2 else None,
        "mid": (amounts[(n - 1) // 2] + amounts[n // 2]) / 2 if n else None,
        "low": Fraction(min(r["quantity"] for r in inside)) if n else None,
        "customers": Fraction(len({r["customer"] for r in inside} - {None})),
        "capped": sum((min(v, Fraction(5)) for v in by_customer.values()), Fraction(0)),
        "p80": amounts[max(1, -(-n * 4 // 5)) - 1] if n else None,
    }


@given(rows=ROWS)
def test_an_aggregate_is_what_it_says(rows: list[Row], edition: editions.Edition) -> None:
    sales = [r | {"currency": "EUR", "amount": Decimal(r["amount"])} for r in rows]
    partners = [{"partner": p, "name": p, "country": "FR"} for p in ("P", "Q")]
    with DuckEngine(arrow_facts(edition, {"partners": partners, "sales": sales}), edition.tables, threads=1) as engine:
        plan = metric_plan(edition, METRICS, Days(DAY, DAY), engine.info)
        for name in METRICS:
            found = {r["partner"]: value_of(r) for r in engine.arrow(plan, f"metric_{name}").to_pylist()}
            wanted = {p: said_plainly([r for r in rows if r["partner"] == p])[name] for p in ("P", "Q")}
            assert found == wanted, name


def value_of(row: Row) -> Fraction | None:
    if row["value"] is None or row["over"] is None:
        return None
    return Fraction(row["value"]) / row["den"] / Fraction(row["over"])
