"""What must hold of every evaluation: over a generated channel, with its bad rows, on the real engine."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import compute, parquet

from hanse.decisions.evaluate import OUTPUTS, plan_of
from hanse.demo.catalogue import catalogue_of
from hanse.demo.channel import generate
from hanse.engines import run
from hanse.engines.duck import DuckEngine
from hanse.language import edition as editions
from hanse.language.context import Days

DAY = date(2017, 6, 30)
DAYS = Days(DAY, DAY)
PARTNERS, SEED = 250, 41
SPOILT: dict[tuple[str, str], int] = {}  # rows that the generator made wrong, by table and kind
Facts = Mapping[str, pa.Table]
Rows = list[dict[str, Any]]


@cache
def edition() -> editions.Edition:
    return editions.load("partnerworld/2017")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("channel")
    channel = generate(made, partners=PARTNERS, seed=SEED, catalogue=catalogue_of(edition().folder), as_of=DAY)
    SPOILT.update(channel.bad)
    return made


@pytest.fixture(scope="module")
def facts(folder: Path) -> Facts:
    """The channel in memory; of partners that stand there twice the first."""
    read = {path.stem: parquet.read_table(path) for path in sorted(folder.glob("*.parquet"))}
    keys = read["partners"]["partner"].to_pylist()
    first = [keys.index(k) == i for i, k in enumerate(keys)]
    return read | {"partners": read["partners"].filter(pa.array(first))}


@pytest.fixture(scope="module")
def whole(facts: Facts) -> dict[str, Rows]:
    return outcome(facts)


def outcome(facts: Facts) -> dict[str, Rows]:
    """The rows of every output but `problems`, whose line numbers are those of the facts given."""
    with DuckEngine(facts, edition().tables, memory="1GB", threads=1) as engine:
        plan = plan_of(edition(), DAYS, engine.info)
        return {name: sorted(engine.arrow(plan, name).to_pylist(), key=repr) for name in OUTPUTS}


def of(partners: set[str], rows: dict[str, Rows]) -> dict[str, Rows]:
    return {name: [r for r in listed if r["partner"] in partners] for name, listed in rows.items()}


def is_in(table: pa.Table, column: str, values: set[str]) -> pa.Table:
    return table.filter(compute.is_in(table[column], pa.array(sorted(values), pa.string())))


def neighbours(facts: Facts, partner: str) -> set[str]:
    """The partner, its group, and everyone connected with them by holdings or groups."""
    firms = facts["partners"].select(["partner", "group"]).to_pylist()
    group = {r["partner"]: r["group"] for r in firms if r["group"]}
    holdings = facts["ownership"].select(["owner", "owned"]).to_pylist() if "ownership" in facts else []
    found, size = {partner}, 0
    while len(found) != size:
        size = len(found)
        groups = {group[p] for p in found if p in group}
        found |= {p for p, g in group.items() if g in groups}
        found |= {p for h in holdings if {h["owner"], h["owned"]} & found for p in (h["owner"], h["owned"]) if p}
    return found


def restricted(facts: Facts, partners: set[str]) -> Facts:
    """The facts of these partners, and of the people who work there or did."""
    staff = set(is_in(facts["people"], "partner", partners)["person"].to_pylist())
    small = {}
    for name, table in facts.items():
        if name == "ownership":
            mask = compute.or_(*(compute.is_in(table[c], pa.array(sorted(partners))) for c in ("owner", "owned")))
            small[name] = table.filter(mask)
        elif "partner" in table.column_names:
            small[name] = is_in(table, "partner", partners)
        elif "person" in table.column_names:
            small[name] = is_in(table, "person", {p for p in staff if p})
        else:
            small[name] = table
    return small


def chosen(facts: Facts, whole: dict[str, Rows]) -> list[str]:
    """One partner of each level, one of a group, one who owns another, and one with nothing."""
    by_level = {r["level"]: r["partner"] for r in whole["standings"]}
    grouped = next(r["partner"] for r in facts["partners"].to_pylist() if r["group"] and r["country"])
    owner = next((h["owner"] for h in facts["ownership"].to_pylist() if h["owner"]), grouped)
    return sorted({*by_level.values(), grouped, owner})


def test_one_partner_alone_equals_its_rows_in_the_batch(facts: Facts, whole: dict[str, Rows]) -> None:
    picked = chosen(facts, whole)
    assert len(picked) >= 4
    for partner in picked:
        alone = outcome(restricted(facts, neighbours(facts, partner)))
        assert of({partner}, alone) == of({partner}, whole), partner


def test_the_order_of_rows_does_not_matter(facts: Facts, whole: dict[str, Rows]) -> None:
    chance = random.Random(SEED)
    shuffled = {
        name: t.take(pa.array(chance.sample(range(t.num_rows), t.num_rows), pa.int64())) for name, t in facts.items()
    }
    assert outcome(shuffled) == whole


def test_a_fact_of_an_unrelated_partner_changes_nothing(facts: Facts, whole: dict[str, Rows]) -> None:
    def more(name: str, /, **row: Any) -> pa.Table:
        table = facts[name]
        new = pa.table({f.name: pa.array([row.get(f.name)], f.type) for f in table.schema})
        return pa.concat_tables([new, table])

    rows = facts["sales"].slice(0, 1).to_pylist()[0]
    stranger = "A-STRANGER"  # sorts first, so that every other partner gets another number
    changed = dict(facts) | {
        "partners": more("partners", partner=stranger, name="A Stranger", country="DE"),
        "people": more("people", person="STRANGE-1", partner=stranger, since=date(2010, 1, 1)),
        "certifications": more("certifications", person="STRANGE-1", certificate="C1", earned=date(2016, 1, 1)),
        "sales": more(
            "sales", **(rows | {"partner": stranger, "on": date(2017, 2, 1), "amount": 10**6, "currency": "EUR"})
        ),
    }
    found = outcome(changed)
    assert [r for r in found["standings"] if r["partner"] == stranger]
    others = {r["partner"] for r in whole["standings"]}
    assert of(others, found) == of(others, whole)


def test_a_run_repeats_byte_for_byte_with_any_number_of_threads(folder: Path, tmp_path: Path) -> None:
    prints = []
    for threads in (1, 1, 2, 3):
        out = tmp_path / f"out{len(prints)}"
        with DuckEngine(folder, edition().tables, memory="1GB", threads=threads) as engine:
            run.evaluate(engine, edition(), DAYS, out)
        prints.append({p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(out.glob("*.parquet"))})
    assert set(prints[0]) == {f"{name}.parquet" for name in (*OUTPUTS, "problems")}
    assert prints[1:] == prints[:1] * 3


def test_no_bad_row_is_lost_and_none_counts(folder: Path, tmp_path: Path) -> None:
    """The generator knows how many rows it spoilt: each of a table that is read is a problem, in one place."""
    with DuckEngine(folder, edition().tables, memory="1GB", threads=1) as engine:
        plan = plan_of(edition(), DAYS, engine.info)
        found = run.problems_of(engine, plan).to_pylist()
    read = {
        name.removeprefix("raw_") for step in plan.steps.values() for name in step.inputs if name.startswith("raw_")
    }
    spoilt = Counter(dict.fromkeys(read, 0))
    for (table, _), rows in SPOILT.items():
        spoilt[table] += rows if table in read else 0
    assert Counter(r["table"] for r in found) == +spoilt
    places = [(r["table"], r["file"], r["line"]) for r in found]
    assert len(places) == len(set(places))
    assert all(r["what"] and r["why"] and r["effect"] == "not counted" for r in found)
