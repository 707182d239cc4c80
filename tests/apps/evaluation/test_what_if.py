"""Is what-if the same decision? What it answers is what recording the facts and judging anew gives; and nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import connection

from apps.conftest import Installation
from apps.evaluation.test_one_partner_in_the_installation import record, together
from apps.quay import BLEU, DAY, NORDLICHT, facts, installed
from hanse.apps.accounts.actors import Actor, operator
from hanse.apps.accounts.policy import NotThere
from hanse.apps.evaluation import laid_over, services, warm
from hanse.apps.evaluation.laid_over import Supposed
from hanse.apps.evaluation.suggestions import suggestions
from hanse.apps.evaluation.supposed import About, Change, WrongChangeError, meant
from hanse.apps.evaluation.what_if import Answer, what_if
from hanse.apps.evidence.services import correct, record_facts, withdraw
from hanse.apps.programmes.selectors import loaded
from hanse.apps.programmes.services import install
from hanse.apps.standings.services import as_json
from hanse.decisions.evaluate import OUTPUTS
from hanse.decisions.explanation import explain
from hanse.engines.cases import cases_of
from hanse.language.context import Days
from hanse.language.edition import load
from hanse.language.facts import CONTRACT

Rows = dict[str, list[str]]
ANN = Actor("ann@p-1.example", frozenset({"partner_member"}), partners=frozenset({NORDLICHT}))
PEOPLE = """
revenue: {use: revenue, unit: EUR}
certified_people: {use: certified_people, filter: "certificate in ('C-1', 'C-2')"}
deals_won: {use: deals_won}
"""
ASKED = """
silver: {all_of: [{revenue: {at_least: 20_000 EUR}}, {certified_people: {at_least: 2}}]}
gold: {all_of: [{revenue: {at_least: 90_000 EUR}}, {certified_people: {at_least: 3}}, {deals_won: {at_least: 1}}]}
"""
STAFF = {
    "people": [{"person": p, "partner": NORDLICHT, "since": "2020-01-01"} for p in ("A", "B")],
    "certifications": [
        {"person": "A", "certificate": "C-1", "earned": "2024-01-01"},
        {"person": "B", "certificate": "C-1", "earned": "2024-01-01", "expires": "2026-08-31"},
    ],
    "deals": [{"deal": "D-7", "partner": NORDLICHT, "opened": "2026-01-10", "stage": "proposal"}],
}


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    yield
    warm.close()
    laid_over.close()


@pytest.fixture
def staffed(installation: Installation, tmp_path: Path) -> None:
    """Nordlicht is silver: it sells enough, and two of its people hold a certificate."""
    installed(tmp_path / "quay", more={"metrics.yaml": PEOPLE, "levels.yaml": ASKED})
    facts()
    record_facts(actor=operator(), source="test", rows=STAFF)
    services.evaluate(actor=operator(), edition="quay/2026", as_of=DAY)


def asked(*changes: Change, on: date | None = None, actor: Actor = ANN) -> Answer:
    return what_if(actor=actor, partner=NORDLICHT, changes=changes, on=on)


def levels(answer: Answer) -> tuple[str | None, str | None]:
    assert answer.after is not None
    return answer.before.standings[0]["level"], answer.after.standings[0]["level"]


def comparable(rows: dict[str, list[dict[str, Any]]]) -> Rows:
    return {output: sorted(as_json([row]) for row in rows[output]) for output in OUTPUTS}


# -- the same decision ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["partnerworld/2017", "services_path/2023", "sap_partneredge/2010", "dell_emc/2017"])
def test_it_answers_what_recording_the_facts_and_judging_anew_gives(name: str, installation: Installation) -> None:
    """For changes drawn at random: row for row; and once they are taken back, everything is as before."""
    shipped = load(name)
    cases = [c for c in cases_of(shipped) if "rates" not in c.facts]
    days, _ = Counter(c.days for c in cases).most_common(1)[0]
    record(together(cases), shipped)
    edition = loaded(install(actor=operator(), name=name).version.id)
    services.evaluate(
        actor=operator(), edition=edition.name, as_of=days.as_of, rules_as_of=days.rules_as_of, reason="test"
    )
    partners = [str(row[0]) for row in _rows("SELECT partner FROM standings_standing ORDER BY partner")]
    chance, told, moved = Random(7), Days(days.as_of, days.rules_as_of), 0
    for _ in range(12):
        partner = chance.choice(partners)
        about = what_if(actor=operator(), partner=partner, edition=edition.name).about
        supposed = meant(drawn(chance, about), about)
        before = comparable(warm.judged(edition, told, [partner]).rows)
        assert comparable(laid_over.judged(edition, told, partner, Supposed()).rows) == before
        imagined = comparable(laid_over.judged(edition, told, partner, supposed).rows)
        batches = recorded(supposed)
        assert comparable(warm.judged(edition, told, [partner]).rows) == imagined
        for batch in reversed(batches):
            withdraw(actor=operator(), batch=batch, reason="it was supposed")
        assert comparable(warm.judged(edition, told, [partner]).rows) == before
        moved += imagined != before
    assert moved > 3


def drawn(chance: Random, about: About) -> list[Change]:
    """One to three changes that the edition allows."""
    found: list[Change] = []
    kinds = [name for name in about.asks.tables if name in CONTRACT and CONTRACT[name].owner == "partner"]
    if about.asks.people:
        kinds += ["certified", *(["passes", "leaves"] if about.present else []), *(["lapses"] if about.held else [])]
    for _ in range(chance.randint(1, 3)):
        kind = chance.choice(kinds)
        certificate = chance.choice([*about.asks.certificates, *(r["certificate"] for r in about.held), "C2040-111"])
        if kind == "certified" and about.asks.knows(certificate):
            found.append(Change(kind, {"people": str(chance.randint(1, 4)), "certificate": certificate}))
        elif kind == "passes" and about.asks.knows(certificate):
            found.append(Change(kind, {"person": chance.choice(list(about.present)), "certificate": certificate}))
        elif kind == "leaves":
            found.append(Change(kind, {"person": chance.choice(list(about.present))}))
        elif kind == "lapses":
            row = chance.choice(about.held)
            found.append(Change(kind, {"person": row["person"], "certificate": row["certificate"]}))
        elif kind in about.asks.tables:
            found.append(_row_of(kind, chance, about))
    return found


def _row_of(table: str, chance: Random, about: About) -> Change:
    numbers = {"amount": 300_000, "monthly": 5_000, "number": 10, "integer": 9}
    values: dict[str, str] = {}
    for one in about.asks.tables[table]:
        if one.values and (one.required or chance.random() < 0.6):
            values[one.name] = chance.choice(list(one.values))
        elif one.column.type in numbers and (one.required or chance.random() < 0.6):
            values[one.name] = str(chance.randint(0, numbers[one.column.type]))
        elif one.column.type == "currency" and one.required:
            values[one.name] = "EUR"
        elif one.required:
            values[one.name] = "something"
    return Change(table, values)


def recorded(supposed: Supposed) -> list[int]:
    """The same facts on record: what is hidden by corrections, what is added by one batch."""
    batches = [
        correct(actor=operator(), table=table, fact=fact, row=None, reason="supposed").batch
        for table, listed in supposed.hidden.items()
        for fact in listed
    ]
    if supposed.added:
        batches.append(record_facts(actor=operator(), source="supposed", rows=supposed.added).batch)
    return batches


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


# -- each kind of change ----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("staffed")
def test_more_people_sales_and_a_deal_that_is_won_lead_up() -> None:
    people = Change("certified", {"people": "1", "certificate": "C-2"})
    sale = Change("sales", {"amount": "60 000,00", "currency": "EUR"})
    won = Change("won", {"deal": "D-7"})
    assert levels(asked(people, sale)) == ("silver", "silver")
    answer = asked(people, sale, won)
    assert levels(answer) == ("silver", "gold")
    assert answer.after is not None
    assert {row["requirement"]: row["actual"] for row in answer.after.checks if row["subject"] == "gold"} == {
        "revenue": 90_000, "certified_people": 3, "deals_won": 1,
    }  # fmt: skip


@pytest.mark.usefixtures("staffed")
def test_who_leaves_and_what_lapses_leads_down() -> None:
    assert levels(asked(Change("leaves", {"person": "A"}))) == ("silver", "member")
    assert levels(asked(Change("lapses", {"person": "B", "certificate": "C-1"}))) == ("silver", "member")
    both = (Change("leaves", {"person": "A"}), Change("certified", {"people": "2", "certificate": "C-1"}))
    assert levels(asked(*both)) == ("silver", "silver")


@pytest.mark.usefixtures("staffed")
def test_people_of_the_firm_may_pass() -> None:
    record_facts(
        actor=operator(), source="test", rows={"people": [{"person": "C", "partner": NORDLICHT, "since": "2020-01-01"}]}
    )
    found = asked(Change("passes", {"person": "C", "certificate": "C-2"}))
    assert found.after is not None
    (people,) = {row["actual"] for row in found.after.checks if row["requirement"] == "certified_people"}
    assert people == 3


@pytest.mark.usefixtures("staffed")
def test_another_day_is_judged_by_what_counts_then() -> None:
    assert levels(asked(on=date(2026, 8, 31))) == ("silver", "silver")
    assert levels(asked(on=date(2026, 9, 1))) == ("silver", "member")
    later = Change("certified", {"people": "1", "certificate": "C-1", "on": "2026-08-15"})
    assert levels(asked(later, on=date(2026, 9, 1))) == ("silver", "silver")


@pytest.mark.usefixtures("staffed")
def test_without_changes_there_is_nothing_to_answer() -> None:
    answer = asked()
    assert answer.after is None
    assert levels_of(answer.before.standings) == "silver"


def levels_of(standings: Any) -> Any:
    return standings[0]["level"]


@pytest.mark.usefixtures("staffed")
@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (Change("certified", {"people": "1", "certificate": "X-9"}), ("certificate", "unknown certificate")),
        (Change("certified", {"people": "0", "certificate": "C-1"}), ("people", "not so many")),
        (Change("certified", {"people": "101", "certificate": "C-1"}), ("people", "not so many")),
        (Change("certified", {"people": "1"}), ("certificate", "missing")),
        (Change("passes", {"person": "Z", "certificate": "C-1"}), ("person", "not there")),
        (Change("lapses", {"person": "A", "certificate": "C-2"}), ("certificate", "not held")),
        (Change("won", {"deal": "D-8"}), ("deal", "no such deal")),
        (Change("sales", {"amount": "much", "currency": "EUR"}), ("amount", "no number")),
        (Change("sales", {"amount": "10", "currency": "XXQ"}), ("currency", "no currency")),
        (Change("sales", {"amount": "10", "currency": "EUR", "on": "2026-02-30"}), ("on", "no day")),
        (Change("sales", {"amount": "10", "currency": "EUR", "on": "2026-07-01"}), ("on", "after the day")),
        (Change("sales", {"amount": "10", "currency": "EUR", "on": "2014-07-01"}), ("on", "before joining")),
        (Change("sales", {"amount": "10", "currency": "EUR", "shoe": "42"}), ("shoe", "not asked")),
        (Change("surveys", {"score": "9"}), ("", "not asked")),
        (Change("exceptions", {"subject": "gold"}), ("", "not asked")),
    ],
)
def test_what_means_nothing_is_said_by_field(change: Change, wrong: tuple[str, str]) -> None:
    fine = Change("sales", {"amount": "1", "currency": "EUR"})
    with pytest.raises(WrongChangeError) as raised:
        asked(fine, change)
    assert raised.value.number == 1
    assert [(one.field, one.why) for one in raised.value.wrong] == [wrong]


@pytest.mark.usefixtures("staffed")
def test_too_much_at_once_and_days_too_far_are_refused() -> None:
    with pytest.raises(WrongChangeError):
        asked(*[Change("sales", {"amount": "1", "currency": "EUR"})] * 21)
    with pytest.raises(WrongChangeError) as raised:
        asked(on=DAY + timedelta(days=365 * 7))
    assert (raised.value.number, raised.value.wrong[0].why) == (-1, "too far")


@pytest.mark.usefixtures("staffed")
def test_suggestions_come_from_what_is_missing_and_lead_up_together() -> None:
    answer = asked()
    found = suggestions(explain(answer.before, lambda _, name: name), answer.about)
    closing = [one for one in found if one.closes]
    assert {one.closes for one in closing} == {"revenue", "certified_people", "deals_won"}
    assert levels(asked(*(change for one in closing for change in one.changes))) == ("silver", "gold")
    (risk,) = [one for one in found if not one.closes]
    assert levels(asked(*risk.changes)) == ("silver", "member")


# -- for whom, and at what price ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("staffed")
def test_a_stranger_is_not_there() -> None:
    for key in (BLEU, "P-404"):
        with pytest.raises(NotThere):
            what_if(actor=ANN, partner=key, changes=[Change("sales", {"amount": "1", "currency": "EUR"})])


@pytest.mark.usefixtures("staffed")
def test_nothing_is_written_and_no_lock_is_taken() -> None:
    """While somebody records (and holds the lock that runs wait for), what-if answers."""
    tables = [name for (name,) in _rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    counted = [_rows(f'SELECT count(*) FROM "{name}"') for name in tables]
    with warm.connected() as other:
        other.execute("BEGIN")
        other.execute("SELECT pg_advisory_xact_lock(%s)", [0x46414354])
        assert levels(asked(Change("certified", {"people": "1", "certificate": "C-1"}))) == ("silver", "silver")
        other.execute("ROLLBACK")
    assert [_rows(f'SELECT count(*) FROM "{name}"') for name in tables] == counted


@pytest.mark.usefixtures("staffed")
def test_many_at_once_do_not_mix() -> None:
    edition = loaded(_rows("SELECT id FROM programmes_version")[0][0])
    days = Days(DAY, DAY)

    def people(n: int) -> float:
        rows = [{"person": f"N-{k}", "partner": NORDLICHT, "since": DAY} for k in range(n)]
        certificates = [{"person": f"N-{k}", "certificate": "C-1", "earned": DAY} for k in range(n)]
        found = laid_over.judged(edition, days, NORDLICHT, Supposed({"people": rows, "certifications": certificates}))
        return next(float(r["actual"]) for r in found.rows["checks"] if r["requirement"] == "certified_people")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(people, range(24))) == [2.0 + n for n in range(24)]


@pytest.mark.usefixtures("staffed")
def test_new_rates_count_at_once() -> None:
    """Rates are prepared with the statement; where others come, it is prepared anew."""
    sale = Change("sales", {"amount": "1000", "currency": "USD"})

    def revenue() -> float:
        answer = asked(sale)
        assert answer.after is not None
        return next(float(row["actual"]) for row in answer.after.checks if row["requirement"] == "revenue")

    for rate in ("2", "4"):
        rows = [
            {"on": "2014-01-01", "currency": "USD", "per_euro": rate},
            {"on": "2026-06-30", "currency": "USD", "per_euro": rate},
        ]
        record_facts(actor=operator(), source="bank", rows={"rates": rows})
        assert revenue() == 30_000 + 1000 / float(rate)


def test_an_edition_that_compares_partners_says_so(installation: Installation, tmp_path: Path) -> None:
    ranked = {"metrics.yaml": "revenue: {use: revenue, unit: EUR}\nplace: {type: rank, of: revenue}\n",
              "levels.yaml": "silver: {all_of: [{place: {at_most: 2}}, {revenue: {at_least: 20_000 EUR}}]}\n"}  # fmt: skip
    installed(tmp_path / "quay", more=ranked)
    facts()
    services.evaluate(actor=operator(), edition="quay/2026", as_of=DAY)
    answer = asked(Change("sales", {"amount": "100000", "currency": "EUR"}))
    assert (answer.after, answer.everybody) == (None, ("place",))
