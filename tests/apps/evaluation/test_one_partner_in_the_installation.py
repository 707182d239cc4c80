"""Does one partner, judged where the facts are, come out as in the run of all? For shipped editions and their cases."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from pyarrow import parquet

from apps.conftest import Installation
from apps.quay import DAY
from apps.quay import edition as quay
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation import alone, services, warm
from hanse.apps.evidence.services import add_staged, columns_of, create_staging, open_batch, settle
from hanse.apps.programmes.selectors import loaded, version_named
from hanse.apps.programmes.services import install
from hanse.apps.standings.models import Run
from hanse.apps.standings.selectors import rows_of
from hanse.apps.standings.services import as_json
from hanse.engines.cases import Case, cases_of
from hanse.language.context import Days
from hanse.language.edition import Edition, load
from hanse.language.plan import quoted

KEYS = {"partner", "person", "customer", "deal", "owner", "owned", "group"}  # what would mix the cases up
SHIPPED = ("partnerworld/2017", "dell_emc/2017", "services_path/2023", "cisco_360/2026", "sap_partneredge/2010")


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    yield
    warm.close()


def record(tables: dict[str, list[dict[str, Any]]], edition: Edition) -> None:
    """Rows as an import would bring them: what the contract does not know goes to `more`."""
    with transaction.atomic():
        batch = open_batch(actor=operator(), kind="import", source="cases")
        for name, rows in tables.items():
            create_staging(name)
            columns = columns_of(name)
            marks = ", ".join("%s" for _ in columns)
            with connection.cursor() as cursor:
                for line, row in enumerate(rows, start=1):
                    more = {k: v for k, v in row.items() if k not in columns}
                    given = row | {"line": line, "more": json.dumps(more, default=str) if more else None}
                    listed = ", ".join(quoted(c) for c in columns)
                    cursor.execute(
                        f"INSERT INTO staged_facts ({listed}) VALUES ({marks})", [given.get(c) for c in columns]
                    )
            add_staged(batch=batch, table=name)
        settle(batch)


def together(cases: list[Case]) -> dict[str, list[dict[str, Any]]]:
    """The facts of all cases, with keys of their own."""
    found: dict[str, list[dict[str, Any]]] = {}
    for number, case in enumerate(cases):
        named = {str(r["partner"]) for rows in case.facts.values() for r in rows if r.get("partner")}
        tables = dict(case.facts)
        if not tables.get("partners"):
            tables["partners"] = [{"partner": p, "name": p, "country": "US"} for p in sorted(named)]
        for name, rows in tables.items():
            for row in rows:
                found.setdefault(name, []).append(
                    {k: f"{number}-{v}" if k in KEYS and v is not None else v for k, v in row.items()}
                )
    return found


def same_for_all(edition: Edition, days: Days, run: Run) -> int:
    """Compares every partner's rows alone with its rows in the folder of a run; returns how many partners there were."""
    wanted: dict[str, dict[str, list[str]]] = {}
    outputs = ("standings", "competencies", "checks", "benefits", "results", "problems")
    for output in outputs:
        for row in parquet.read_table(run.place / f"{output}.parquet").to_pylist():
            if row["partner"] is not None:
                wanted.setdefault(row["partner"], {}).setdefault(output, []).append(as_json([row]))
    for partner, rows in wanted.items():
        found = warm.judged(edition, days, [partner]).rows
        for output in outputs:
            got = sorted(as_json([row]) for row in found[output])
            assert got == sorted(rows.get(output, [])), (partner, output)
    return len(wanted)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_rows_are_those_of_the_run_of_all(name: str, installation: Installation) -> None:
    shipped = load(name)
    cases = [c for c in cases_of(shipped) if "rates" not in c.facts]
    days, _ = Counter(c.days for c in cases).most_common(1)[0]
    record(together(cases), shipped)
    version = _kept(name)
    run = Run.objects.get(
        pk=services.evaluate(actor=operator(), edition=version, as_of=days.as_of, rules_as_of=days.rules_as_of)
    )
    edition = loaded(version_named(version, days.as_of).id)
    assert not alone.needs_everybody(edition)
    assert same_for_all(edition, Days(days.as_of, days.rules_as_of), run) > 2


def _kept(name: str) -> str:
    return install(actor=operator(), name=name).version.key


DECLARED = {
    "facts.yaml": """
visits:
  owner: partner
  day: "on"
  columns:
    partner: {type: text, required: true, means: who}
    "on": {type: day, required: true, means: when}
    hours: {type: number, means: how long}
sales: {columns: {shelf: {type: text, means: where it stood}, margin: {type: number, means: what it earned}}}
""",
    "metrics.yaml": """
revenue: {use: revenue, unit: EUR, filter: "shelf = 'top' and margin > 1"}
hours: {table: visits, agg: sum, measure: hours}
""",
    "levels.yaml": "silver: {all_of: [{revenue: {at_least: 10 EUR}}, {hours: {at_least: 7.5}}]}\n",
}  # fmt: skip


def test_tables_and_columns_that_only_an_edition_declares_count(installation: Installation, tmp_path: Path) -> None:
    folder = quay(tmp_path / "quay", more=DECLARED)
    read = loaded(install(actor=operator(), name=str(folder)).version.id)
    good = {"on": "2026-05-01", "amount": 100, "currency": "EUR", "shelf": "top", "margin": 2.5}
    record(
        {
            "partners": [{"partner": p, "name": p, "country": "DE"} for p in ("P-1", "P-2", "P-3")],
            "sales": [
                {"partner": "P-1", **good},
                {"partner": "P-2", **good, "margin": "much"},
                {"partner": "P-3", **good},
            ],
            "visits": [
                {"partner": "P-1", "on": "2026-05-01", "hours": 7.5},
                {"partner": "P-2", "on": "2026-05-01", "hours": 8},
                {"partner": "P-3", "on": "2026-02-31", "hours": 8},
            ],
        },
        read,
    )
    days = Days(DAY, DAY)
    run = Run.objects.get(pk=services.evaluate(actor=operator(), edition="quay/2026", as_of=days.as_of))
    levels = parquet.read_table(run.place / "standings.parquet").to_pylist()
    assert {r["partner"]: r["level"] for r in levels} == {"P-1": "silver", "P-2": "member", "P-3": "member"}
    assert same_for_all(read, days, run) == 3


def test_an_edition_that_ranks_is_judged_for_all(installation: Installation, tmp_path: Path) -> None:
    ranked = {"metrics.yaml": "revenue: {use: revenue, unit: EUR}\nplace: {type: rank, of: revenue}\n",
              "levels.yaml": "silver: {place: {at_most: 1}}\n", "cases/plain.yaml": "[]\n"}  # fmt: skip
    folder = quay(tmp_path / "quay", more=ranked)
    read = loaded(install(actor=operator(), name=str(folder)).version.id)
    record({"partners": [{"partner": p, "name": p, "country": "DE"} for p in ("P-1", "P-2")]}, read)
    run = Run.objects.get(pk=services.evaluate(actor=operator(), edition="quay/2026", as_of=DAY, partners=["P-1"]))
    assert run.kind == "all"
    assert rows_of(operator(), run, "P-2")["standings"]
