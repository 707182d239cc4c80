"""Facts: what counts after additions, repetitions, corrections and withdrawals, and what the database refuses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from hanse.apps.accounts.actors import operator
from hanse.apps.evidence import selectors, services
from hanse.apps.evidence.visible import visible_sql
from hanse.apps.registry import selectors as registry
from hanse.apps.registry.services import refresh
from hanse.language.facts import CONTRACT
from hanse.language.plan import quoted
from hanse.language.problems import CallError

NORDLICHT = {"partner": "P-1", "name": "Nordlicht Systeme", "country": "DE", "group": "G-1", "joined": "2015-01-01"}
SALE = {"partner": "P-1", "on": "2017-03-01", "amount": "1250.50", "currency": "EUR"}

pytestmark = pytest.mark.usefixtures("database")


def said(**rows: list[dict[str, Any]]) -> services.Recorded:
    return services.record_facts(actor=operator(), source="test", rows=rows)


def counting(table: str, column: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM facts."{table}" ORDER BY fact')
        return [row[0] for row in cursor.fetchall()]


def staged(table: str, rows: list[dict[str, Any]], kind: str = "import") -> tuple[int, services.Added]:
    """The rows as a file would bring them."""
    services.create_staging(table)
    columns = services.columns_of(table)
    with connection.cursor() as cursor:
        for line, row in enumerate(rows, start=2):
            values = {**row, "line": line}
            names = [c for c in columns if c in values]
            listed, marks = ", ".join(map(quoted, names)), ", ".join(["%s"] * len(names))
            cursor.execute(f"INSERT INTO {services.STAGING} ({listed}) VALUES ({marks})", [values[n] for n in names])
    batch = services.open_batch(actor=operator(), kind=kind, source="file")
    return batch, services.add_staged(batch=batch, table=table)


def test_the_same_again_changes_nothing() -> None:
    _, first = staged("sales", [SALE, SALE | {"amount": "7"}])
    _, second = staged("sales", [SALE | {"amount": "7"}, SALE | {"amount": "8"}])
    assert (first.added, first.already) == (2, 0)
    assert (second.added, second.already) == (1, 1)
    assert counting("sales", "amount") == [Decimal("1250.5"), Decimal(7), Decimal(8)]


def test_equal_rows_of_one_file_are_facts_of_their_own() -> None:
    _, first = staged("sales", [SALE, SALE, SALE])
    _, second = staged("sales", [SALE, SALE])
    assert (first.added, second.added, second.already) == (3, 0, 2)


def test_a_fact_stays_while_anybody_says_it() -> None:
    first, _ = staged("sales", [SALE])
    second, _ = staged("sales", [SALE])
    services.withdraw(actor=operator(), batch=first, reason="wrong file")
    assert len(counting("sales", "fact")) == 1
    services.withdraw(actor=operator(), batch=second, reason="wrong file too")
    assert counting("sales", "fact") == []
    staged("sales", [SALE])
    assert len(counting("sales", "fact")) == 1


def test_the_latest_living_fact_of_a_key_counts() -> None:
    first, _ = staged("partners", [NORDLICHT])
    second, _ = staged("partners", [NORDLICHT | {"name": "Nordlicht AG"}])
    third, _ = staged("partners", [NORDLICHT | {"name": "Nordlicht SE"}])
    assert counting("partners", "name") == ["Nordlicht SE"]
    services.withdraw(actor=operator(), batch=second, reason="no such name")
    assert counting("partners", "name") == ["Nordlicht SE"]
    services.withdraw(actor=operator(), batch=third, reason="not yet")
    assert counting("partners", "name") == ["Nordlicht Systeme"]
    services.withdraw(actor=operator(), batch=first, reason="gone")
    assert counting("partners", "name") == []


def test_a_correction_replaces_a_fact_as_long_as_it_lives() -> None:
    (sale,) = said(partners=[NORDLICHT], sales=[SALE]).facts["sales"]
    corrected = services.correct(
        actor=operator(), table="sales", fact=sale, row=SALE | {"amount": "99"}, reason="typed wrong"
    )
    assert counting("sales", "amount") == [Decimal(99)]
    _, again = staged("sales", [SALE])  # the old file again does not bring the mistake back
    assert again == services.Added(0, 1)
    assert counting("sales", "amount") == [Decimal(99)]
    services.withdraw(actor=operator(), batch=corrected.batch, reason="it was right before")
    assert counting("sales", "amount") == [Decimal("1250.5")]


def test_what_counted_at_a_moment_counts_for_that_moment_for_ever() -> None:
    with connection.cursor() as cursor:
        first, _ = staged("sales", [SALE])
        cursor.execute("SELECT clock_timestamp()")
        moment = cursor.fetchone()[0]
        services.withdraw(actor=operator(), batch=first, reason="wrong")
        staged("sales", [SALE | {"amount": "5"}])
        cursor.execute(f"SELECT amount FROM ({visible_sql('sales', moment)}) AS v")
        assert cursor.fetchall() == [(Decimal("1250.5"),)]
    assert counting("sales", "amount") == [Decimal(5)]


@pytest.mark.parametrize("table", sorted(CONTRACT))
def test_the_view_and_the_moment_agree_for_every_table(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        cursor.execute(f"SELECT count(*) FROM ({visible_sql(table, cursor.fetchone()[0])}) AS v")
        assert cursor.fetchone() == (0,)


def test_bad_values_are_named_with_table_row_and_column() -> None:
    with pytest.raises(CallError) as error:
        said(
            sales=[
                SALE | {"amount": "1.00001", "currency": "EURO", "on": "2017-13-01"},
                {"partner": "P-1", "colour": "red"},
            ]
        )
    told = [f"{p.place}: {p.what} ({p.why})" for p in error.value.problems]
    assert "sales, row 1, on: '2017-13-01' cannot be read (days are written like 2017-06-30)" in told
    assert "sales, row 1, amount: '1.00001' cannot be read (amounts are kept exactly, to four decimals)" in told
    assert "sales, row 1, currency: 'EURO' cannot be read (currencies are ISO 4217 codes)" in told
    assert any(t.startswith("sales, row 2: sales has no column 'colour'") for t in told)
    assert any(t.startswith("sales, row 2: on is missing") for t in told)
    assert counting("sales", "fact") == []


ROW = "INSERT INTO evidence_sales (batch_id, line, digest, partner, \"on\", amount, currency) SELECT id, 1, gen_random_uuid(), {} FROM evidence_batch"  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evidence_sales SET amount = 0",
        "DELETE FROM evidence_sales",
        "TRUNCATE evidence_sales",
        "UPDATE evidence_batch SET author = 'nobody'",
        "DELETE FROM evidence_withdrawal",
        "UPDATE evidence_also_said SET line = 0",
        "DELETE FROM evidence_superseded",
        "DELETE FROM evidence_erasure",
        ROW.format("'', '2017-01-01', 1, 'EUR'"),
        ROW.format("'P-1', '2017-01-01', 1, 'euro'"),
        ROW.format("'P-1', NULL, 1, 'EUR'"),
        "INSERT INTO evidence_people (batch_id, line, digest, person, partner, since, until) "
        "SELECT id, 1, gen_random_uuid(), 'A', 'P', '2017-01-02', '2017-01-01' FROM evidence_batch",
        "INSERT INTO evidence_batch (kind, source, file, sha256, recorded, author, reason) VALUES ('guess', 's', '', '', now(), 'a', '')",
        "INSERT INTO evidence_batch (kind, source, file, sha256, recorded, author, reason) VALUES ('import', 's', '', '', now(), '', '')",
        "INSERT INTO evidence_batch (kind, source, file, sha256, recorded, author, reason, until) "
        "VALUES ('waiver', 's', '', '', now(), 'a', 'r', NULL)",
        "INSERT INTO evidence_batch (kind, source, file, sha256, recorded, author, reason) VALUES ('correction', 's', '', '', now(), 'a', '')",
    ],
)  # fmt: skip
@pytest.mark.parametrize("alias", ["default", "owner"])
def test_the_database_refuses(alias: str, statement: str) -> None:
    with transaction.atomic(using=alias):
        if alias == "owner":
            with connections[alias].cursor() as cursor:  # rows of its own: it cannot see those of the other transaction
                cursor.execute(
                    "INSERT INTO evidence_batch (kind, source, file, sha256, recorded, author, reason) "
                    "VALUES ('entry', 's', '', '', now(), 'a', '')"
                )
                cursor.execute(ROW.format("'P-1', '2017-01-01', 1, 'EUR'"))
                cursor.execute(
                    "INSERT INTO evidence_also_said (tbl, fact, batch_id, line) SELECT 'sales', fact, batch_id, 1 FROM evidence_sales"
                )
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        else:
            said(sales=[SALE])
        from django.db.utils import Error

        with pytest.raises(Error) as refused, transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute(statement)
        assert isinstance(refused.value, IntegrityError) or "permission denied" in str(refused.value)
        transaction.set_rollback(True, using=alias)


def test_an_erased_person_keeps_the_figures_and_does_not_come_back() -> None:
    anna = {"person": "anna@nordlicht.example", "partner": "P-1", "since": "2016-01-01"}
    exam = {"person": "anna@nordlicht.example", "certificate": "C-210", "earned": "2017-01-05"}
    said(partners=[NORDLICHT], people=[anna], certifications=[exam])
    assert services.erase_person(actor=operator(), person=anna["person"], reason="request of 3 May") == {
        "people": 1,
        "certifications": 1,
    }
    (person,) = counting("people", "person")
    assert person.startswith("erased-")
    assert counting("certifications", "person") == [person]
    assert staged("people", [anna])[1] == services.Added(0, 0, erased=1)
    with pytest.raises(CallError, match="no fact names this person"):
        services.erase_person(actor=operator(), person=anna["person"], reason="again")


def test_whom_a_batch_concerns() -> None:
    said(partners=[NORDLICHT, NORDLICHT | {"partner": "P-2"}])
    said(
        people=[
            {"person": "A", "partner": "P-1", "since": "2016-01-01"},
            {"person": "A", "partner": "P-2", "since": "2017-01-01"},
        ]
    )
    batch = said(certifications=[{"person": "A", "certificate": "C", "earned": "2017-01-01"}]).batch
    assert selectors.touched_partners(batch) == ["P-1", "P-2"]
    assert selectors.touched_partners(said(sales=[SALE]).batch) == ["P-1"]
    assert selectors.touched_partners(
        said(ownership=[{"owner": "P-9", "owned": "P-1", "percent": 60, "from": "2016-01-01"}]).batch
    ) == [
        "P-1",
        "P-9",
    ]
    assert (
        selectors.touched_partners(said(rates=[{"on": "2017-01-02", "currency": "USD", "per_euro": "1.05"}]).batch)
        is None
    )


def test_the_history_of_a_fact_names_every_source() -> None:
    said(partners=[NORDLICHT])
    second = said(partners=[NORDLICHT | {"name": "Nordlicht AG"}])
    refresh(["P-1"])
    told = selectors.history(operator(), "partners", second.facts["partners"][0])
    assert [(row["name"], row["counts"]) for row in told] == [("Nordlicht Systeme", False), ("Nordlicht AG", True)]
    (fact,) = selectors.facts_of(operator(), "P-1", "partners")
    assert (fact["name"], fact["source"]) == ("Nordlicht AG", "test")


def test_the_registry_follows_the_facts() -> None:
    batch = said(
        partners=[NORDLICHT],
        locations=[{"partner": "P-1", "location": "HQ", "city": "Hamburg", "country": "DE"}],
        people=[{"person": "A", "partner": "P-1", "since": "2016-01-01"}],
        attestations=[
            {"partner": "P-1", "name": "reseller", "kind": "agreement", "granted": "2015-02-01", "by": "Frau Lund"}
        ],
    ).batch
    assert registry.differences() == []
    partner = registry.see_partner(operator(), "P-1")
    assert (partner.name, partner.group.key, partner.locations.get().city) == ("Nordlicht Systeme", "G-1", "Hamburg")  # type: ignore[union-attr]
    assert partner.agreements.get().signer == "Frau Lund"
    services.withdraw(actor=operator(), batch=batch, reason="a test")
    assert registry.differences() == []
    assert registry.partner_list(operator()) == []
    assert registry.see_partner(operator(), "P-1").uuid == partner.uuid
