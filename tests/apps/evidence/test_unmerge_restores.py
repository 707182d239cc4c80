"""Whatever is on record of two firms: a merger that is taken back leaves every row as it was, and no earlier day moves."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from apps.conftest import Installation
from apps.quay import BLEU, DAY, NORDLICHT, SALT, facts, installed, sale
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation.services import evaluate, evaluate_touched
from hanse.apps.evidence import structure
from hanse.apps.evidence.services import record_facts, withdraw
from hanse.apps.standings.models import Run
from hanse.language.facts import CONTRACT
from hanse.language.structure import EVENTS

ME = operator()
DURING = date(2026, 4, 1)  # the day of the merger
BEFORE = DURING - timedelta(1)
# what is derived from facts; with what names a run, or the moment of a page's index, left out
_DERIVED = {
    "registry_partner": "*", "registry_group": "*", "registry_person": "*", "registry_visibility": "*",
    "registry_employment": "person_id, partner, since, until, role, country",
    "registry_location": "partner_id, key, name, street, postcode, city, country, phone",
    "registry_agreement": "partner_id, name, version, signed, expires, signer",
    "places_place": "*", "connections_connection": "*", "connections_given": "*", "accounts_membership": "*",
    "directory_entry": "partner, name, folded, country, city, type, called, certificates, solutions, industries, languages, fades",
    "directory_held": "*",
    "standings_standing": "edition, partner, level, granted, expected, held",
    "standings_listed": "edition, partner, name, words, country, stands, level, expected, next, lacking, falling",
}  # fmt: skip
_keys = st.sampled_from((BLEU, NORDLICHT))
_people = st.sampled_from(("pia", "tom", "eva"))
_days = st.integers(0, 500).map(lambda n: (date(2025, 3, 1) + timedelta(n)).isoformat())
_told = st.fixed_dictionaries({
    "sales": st.lists(st.builds(sale, _keys, st.integers(1, 60_000).map(str)), max_size=4),
    "surveys": st.lists(
        st.fixed_dictionaries({"partner": _keys, "on": _days, "score": st.integers(1, 10).map(str)}), max_size=3
    ),
    "people": st.lists(
        st.fixed_dictionaries({"person": _people, "partner": _keys, "since": _days}), max_size=4,
        unique_by=lambda row: (row["person"], row["partner"], row["since"]),
    ),
    "certifications": st.lists(
        st.fixed_dictionaries({"person": _people, "certificate": st.sampled_from(("C-1", "C-2")), "earned": _days}),
        max_size=3, unique_by=lambda row: (row["person"], row["certificate"], row["earned"]),
    ),
    "locations": st.lists(
        st.fixed_dictionaries({"partner": _keys, "location": st.sampled_from("12"), "city": st.sampled_from(("Brest", "Hamburg"))}),
        max_size=3, unique_by=lambda row: (row["partner"], row["location"]),
    ),
    "attestations": st.lists(
        st.fixed_dictionaries({"partner": _keys, "name": st.sampled_from(("audit", "fr")), "granted": _days,
                               "kind": st.sampled_from(("agreement", "solution", "language"))}), max_size=3,
        unique_by=lambda row: (row["partner"], row["name"], row["granted"], row["kind"]),
    ),
})  # fmt: skip
_mergers = st.tuples(
    st.sampled_from(("duplicate", "acquired", "merged")), st.sampled_from(((BLEU, NORDLICHT), (NORDLICHT, BLEU), (BLEU, SALT)))
)  # fmt: skip


@pytest.fixture(autouse=True)
def quay(installation: Installation, tmp_path: Path) -> None:
    """The quay, evaluated."""
    installed(tmp_path / "quay")
    facts()
    evaluate(actor=ME, edition="quay/2026", as_of=DAY)


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row that is derived, and every fact that counts, but for what became of firms."""
    found = {}
    with connection.cursor() as cursor:
        for table, columns in _DERIVED.items():
            cursor.execute(f"SELECT {columns} FROM {table}")
            found[table] = sorted(cursor.fetchall(), key=repr)
        for name, table in CONTRACT.items():
            if name != EVENTS:
                columns = ", ".join(f'"{c.name}"' for c in table.columns)
                cursor.execute(f'SELECT {columns} FROM facts."{name}"')
                found[f"facts.{name}"] = sorted(cursor.fetchall(), key=repr)
    return found


def earlier() -> list[dict[str, Any]]:
    """The standings of the day before the merger, judged now; they lie in the folder of their run."""
    run = Run.objects.get(pk=evaluate(actor=ME, edition="quay/2026", as_of=BEFORE))
    return sorted(parquet.read_table(run.place / "standings.parquet").to_pylist(), key=repr)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_told, _mergers)
def test_taken_back_every_row_is_as_it_was_and_no_earlier_day_moves(
    told: dict[str, list[dict[str, str]]], merger: tuple[str, tuple[str, str]]
) -> None:
    kind, (partner, into) = merger
    rows = {table: listed for table, listed in told.items() if listed}
    said = record_facts(actor=ME, source="test", rows=rows).batch if rows else None
    if said is not None:
        evaluate_touched(batch=said)
    judged_before = earlier()
    before = everything()
    on = None if kind == "duplicate" else DURING
    evaluate_touched(batch=structure.merge(actor=ME, partner=partner, into=into, kind=kind, on=on, reason="one firm"))
    merged = everything()
    assert merged["registry_partner"] != before["registry_partner"]
    assert partner not in {row[1] for row in merged["standings_standing"]}
    if on is not None:
        assert earlier() == judged_before
    evaluate_touched(batch=structure.unmerge(actor=ME, partner=partner, reason="two"))
    after = everything()
    assert {table: listed for table, listed in after.items() if listed != before[table]} == {}
    assert earlier() == judged_before
    if said is not None:  # the next example begins with nothing of this one
        withdraw(actor=ME, batch=said, reason="the next")
        evaluate_touched(batch=said)
