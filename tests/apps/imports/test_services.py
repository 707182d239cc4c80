"""Importing, again, overlapping, undoing, mending, completing: what counts afterwards, and what the trail says."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from apps.imports.channel import PARTNERS, SALES, brought_in, csv_file, sale, visible
from hanse.apps.accounts.actors import Actor, operator
from hanse.apps.audit.refusals import Refused
from hanse.apps.imports import keeping, selectors, services
from hanse.apps.imports.mapping import Answers
from hanse.apps.imports.models import Import
from hanse.decisions.trouble import sentences
from hanse.language.problems import CallError

pytestmark = pytest.mark.usefixtures("database")


def trail() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT action, subject FROM audit_entry ORDER BY number")
        return list(cursor.fetchall())


def jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        return int(cursor.fetchone()[0])


def undone(number: int | None) -> None:
    assert number is not None
    services.undo(actor=operator(), number=number, reason="a test")


# -- adding -------------------------------------------------------------------------------------------------------


def test_what_a_file_says_counts(tmp_path: Path) -> None:
    outcome = brought_in(csv_file(tmp_path, [sale("P-1", 1), sale("P-2", 2)]), source="order system")
    assert (outcome.state, outcome.rows, outcome.added, outcome.already, outcome.refused) == ("done", 2, 2, 0, 0)
    assert outcome.touched == 2
    assert visible() == ["C-1", "C-2"]
    with connection.cursor() as cursor:
        cursor.execute('SELECT s.line, s.partner, s."on", s.amount, b.source, b.file, b.kind, b.author FROM evidence_sales AS s '
                       "JOIN evidence_batch AS b ON b.id = s.batch_id ORDER BY s.line")  # fmt: skip
        first = cursor.fetchone()
    assert first == (2, "P-1", date(2017, 3, 1), Decimal("1.5"), "order system", "sales.csv", "import", operator().name)


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    path = csv_file(tmp_path, [sale("P-1"), sale("P-1")])
    first = brought_in(path)
    before = (trail(), jobs(), Import.objects.count())
    again = brought_in(path)
    assert (again.state, again.number, again.added, again.already) == ("repeated", first.number, 0, 2)
    assert (trail(), jobs(), Import.objects.count()) == before
    assert visible() == ["C-1", "C-1"]


def test_an_overlapping_file_adds_only_what_is_new(tmp_path: Path) -> None:
    brought_in(csv_file(tmp_path, [sale("P-1", 1), sale("P-1", 2)], name="january.csv"))
    outcome = brought_in(csv_file(tmp_path, [sale("P-1", 2), sale("P-1", 3), sale("P-1", 3)], name="february.csv"))
    assert (outcome.added, outcome.already) == (2, 1)
    assert visible() == ["C-1", "C-2", "C-3", "C-3"]


def test_the_same_rows_written_in_another_way_are_the_same_facts(tmp_path: Path) -> None:
    brought_in(csv_file(tmp_path, [sale("P-1", 1), sale("P-2", 2)]))
    other = tmp_path / "umsatz.csv"
    other.write_text("Währung;Endkunde;Händler-Nr.;Nettobetrag;Rechnungsdatum\nEuro;C-2;P-2;2,50;01.03.2017\nEUR;C-1;P-1;1,5000;1.3.2017\n",
                     encoding="cp1252")  # fmt: skip
    outcome = brought_in(other)
    assert (outcome.added, outcome.already) == (0, 2)


def test_rows_of_a_thing_replace_what_was_said_of_it(tmp_path: Path) -> None:
    brought_in(csv_file(tmp_path, [("P-1", "Old", "DE")], name="partners.csv", columns=PARTNERS))
    newer = brought_in(
        csv_file(tmp_path, [("P-1", "New", "DE"), ("P-1", "New", "DE")], name="partners.csv", columns=PARTNERS)
    )
    assert (newer.added, newer.already) == (1, 1)  # the second line says the first again
    assert visible("partners", "name") == ["New"]
    undone(newer.number)
    assert visible("partners", "name") == ["Old"]


def test_every_sheet_of_a_workbook_is_one_import(tmp_path: Path) -> None:
    from apps.imports.test_reading import workbook

    outcome = brought_in(workbook(tmp_path))
    assert (outcome.rows, outcome.added, outcome.refused) == (4, 3, 1)
    assert visible("people", "person") == ["PE-1"]
    (bad,) = selectors.refused_rows(operator(), outcome.number or 0)
    assert (bad.sheet, bad.line, bad.table) == ("Umsätze", 7, "sales")


def test_undeclared_columns_are_kept_beside(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path, [(*sale("P-1"), "INV-1"), (*sale("P-1"), "INV-2"), (*sale("P-1"), None)], columns=(*SALES, "Invoice")
    )
    brought_in(path)
    with connection.cursor() as cursor:
        cursor.execute("SELECT more FROM evidence_sales ORDER BY line")
        assert [row[0] for row in cursor.fetchall()] == ['{"Invoice": "INV-1"}', '{"Invoice": "INV-2"}', None]


def test_a_column_that_an_edition_declares_is_kept_under_its_name(tmp_path: Path) -> None:
    path = csv_file(tmp_path, [(*sale("P-1"), "gold")], columns=(*SALES, "Stufe"))
    for _ in range(2):
        brought_in(path, answers=Answers(kept={"tier": "Stufe"}), source="orders")
    later = csv_file(tmp_path, [(*sale("P-1", 2), "silver")], columns=(*SALES, "Stufe"), name="later.csv")
    brought_in(later, source="orders")
    with connection.cursor() as cursor:
        cursor.execute("SELECT more ->> 'tier' FROM evidence_sales ORDER BY fact")
        assert [row[0] for row in cursor.fetchall()] == ["gold", "silver"]


def test_a_new_column_of_a_source_does_not_double_its_rows(tmp_path: Path) -> None:
    brought_in(csv_file(tmp_path, [sale("P-1")]), source="orders")
    wider = csv_file(tmp_path, [(*sale("P-1"), "x")], columns=(*SALES, "Remark"), name="wider.csv")
    outcome = brought_in(wider, source="orders")
    assert (outcome.added, outcome.already) == (0, 1)
    assert any("Remark" in note for note in outcome.notes)


# -- undoing ------------------------------------------------------------------------------------------------------


def test_an_undo_takes_back_what_one_file_said_and_nothing_else(tmp_path: Path) -> None:
    first = brought_in(csv_file(tmp_path, [sale("P-1", 1), sale("P-1", 2)], name="a.csv"))
    second = brought_in(csv_file(tmp_path, [sale("P-1", 2), sale("P-1", 3)], name="b.csv"))
    undone(first.number)
    assert visible() == ["C-2", "C-3"]
    undone(second.number)
    assert visible() == []
    again = brought_in(csv_file(tmp_path, [sale("P-1", 1), sale("P-1", 2)], name="a.csv"))
    assert (again.state, again.added) == ("done", 2)
    assert again.number != first.number
    assert visible() == ["C-1", "C-2"]


def test_an_undo_leaves_a_job_and_entries_in_the_trail(tmp_path: Path) -> None:
    outcome = brought_in(csv_file(tmp_path, [sale("P-1")]))
    before, jobs_before = trail(), jobs()
    undone(outcome.number)
    assert [entry[0] for entry in trail()[len(before) :]] == ["evidence.withdraw", "imports.undo"]
    assert jobs() == jobs_before + 1


@pytest.mark.parametrize("twice", [False, True])
def test_what_cannot_be_undone_is_refused(tmp_path: Path, twice: bool) -> None:
    number = 10**9
    if twice:
        number = brought_in(csv_file(tmp_path, [sale("P-1")])).number or 0
        undone(number)
    with pytest.raises(CallError) as refused:
        undone(number)
    assert refused.value.problems[0].place == f"import {number}"


# -- asking and remembering ---------------------------------------------------------------------------------------


def test_what_cannot_be_known_is_an_error_that_names_the_option(tmp_path: Path) -> None:
    columns = ("Partner", "Datum", "Umsatz netto", "Umsatz brutto")
    path = csv_file(tmp_path, [("P-1", "04/05/2017", "1.5", "1.8")], columns=columns)
    with pytest.raises(CallError) as asked:
        brought_in(path)
    assert [p.remedy.split(" (")[0] for p in asked.value.problems] == [
        'say it: --map amount="Umsatz netto"', "say it: --currency EUR", "say it: --dates dmy",
    ]  # fmt: skip
    answers = Answers(columns={"amount": "Umsatz netto"}, values={"currency": "SEK"}, dates={"": "mdy"})
    brought_in(path, answers=answers, source="erp")
    assert visible("sales", "on") == [date(2017, 4, 5)]
    later = csv_file(tmp_path, [("P-2", "06/07/2017", "1.5", "1.8")], columns=columns, name="later.csv")
    brought_in(later, source="erp")  # nothing is asked again
    assert visible("sales", "on") == [date(2017, 4, 5), date(2017, 6, 7)]
    assert visible("sales", "currency") == ["SEK", "SEK"]


def test_questions_are_put_to_whoever_can_answer(tmp_path: Path) -> None:
    asked = []

    def ask(questions: object) -> Answers:
        asked.append(questions)
        return Answers(values={"currency": "EUR"})

    path = csv_file(tmp_path, [("P-1", "2017-03-01", "1.5")], columns=("partner", "on", "amount"))
    assert brought_in(path, ask=ask).added == 1
    assert len(asked) == 1


# -- looking first ------------------------------------------------------------------------------------------------


def test_a_dry_run_says_what_would_happen_and_leaves_nothing(tmp_path: Path) -> None:
    brought_in(csv_file(tmp_path, [sale("P-1", 1)], name="a.csv"))
    before = (trail(), jobs(), visible(), Import.objects.count())
    path = csv_file(tmp_path, [sale("P-1", 1), sale("P-2", 2), sale("P-3", 3, day="soon")], name="b.csv")
    shown = brought_in(path, dry_run=True)
    assert (shown.state, shown.number, shown.rows, shown.added, shown.already, shown.refused) == (
        "preview",
        None,
        3,
        1,
        1,
        1,
    )
    assert shown.touched == 2
    assert shown.kinds == {("sales", "not_a_day", "on"): 1}
    assert (trail(), jobs(), visible(), Import.objects.count()) == before
    done = brought_in(path)
    assert (done.rows, done.added, done.already, done.refused, done.touched) == (3, 1, 1, 1, 2)


# -- refused rows -------------------------------------------------------------------------------------------------

WRONG = [
    (("", "2017-03-01", "1.50", "EUR", ""), "missing:partner"),
    (("P-1", "", "1.50", "EUR", ""), "missing:on"),
    (("P-1", "2017-02-30", "1.50", "EUR", ""), "not_a_day:on:2017-02-30"),
    (("P-1", "2017-03-01", "twelve", "EUR", ""), "not_a_number:amount:twelve"),
    (("P-1", "2017-03-01", "1.23456", "EUR", ""), "too_precise:amount:1.23456"),
    (("P-1", "2017-03-01", "1e15", "EUR", ""), "too_large:amount:1e15"),
    (("P-1", "2017-03-01", "1.50", "XQZ", ""), "unknown_currency:currency:XQZ"),
    (("P" * 301, "2017-03-01", "1.50", "EUR", ""), "too_long:partner:" + "P" * 40),
]


def test_each_wrong_row_is_refused_with_its_line_and_its_words(tmp_path: Path) -> None:
    good = sale("P-1")
    outcome = brought_in(csv_file(tmp_path, [line for bad, _ in WRONG for line in (good, bad)]))
    assert (outcome.added, outcome.refused) == (len(WRONG), len(WRONG))
    found = list(selectors.refused_rows(operator(), outcome.number or 0))
    assert [row.line for row in found] == [3 + 2 * n for n in range(len(WRONG))]
    assert all(row.remedy and row.why for row in found)
    for row, (cells, code) in zip(found, WRONG, strict=True):
        assert row.cells == tuple(c or None for c in cells)
        if not code.startswith("too_long"):
            assert (row.what, row.why) == sentences(code, "sales")  # what an evaluation would say of the row


KEYED = {
    "partners": (PARTNERS, [("P-1", "A", "DE"), ("P-1", "B", "DE")], "partner 'P-1' stands in line 2 already, with other values"),
    "ownership": (("owner", "owned", "percent", "from"), [("P-1", "P-2", "120", "2017-01-01")], "percent 120 is not a share"),
    "people": (("person", "partner", "since", "until"), [("PE-1", "P-1", "2017-01-02", "2017-01-01")], "until 2017-01-01 lies before the beginning"),
    "customers": (("customer", "name", "country"), [("C-1", "A", "Atlantis")], "country 'Atlantis' does not exist"),
    "series": (("partner", "metric", "on", "value"), [("P-1", "seats", "2017-01-01", "x")], "value 'x' is not a number"),
}  # fmt: skip


@pytest.mark.parametrize("table", sorted(KEYED))
def test_wrong_rows_of_other_tables(tmp_path: Path, table: str) -> None:
    columns, rows, what = KEYED[table]
    outcome = brought_in(csv_file(tmp_path, rows, name=f"{table}.csv", columns=columns))
    assert outcome.refused == 1
    (row,) = selectors.refused_rows(operator(), outcome.number or 0)
    assert row.what == what


def test_what_depends_on_other_rows_is_accepted(tmp_path: Path) -> None:
    """Nobody has said yet that the partner exists; the next file may."""
    assert brought_in(csv_file(tmp_path, [sale("P-unheard-of")])).added == 1


def test_refused_rows_are_mended_and_imported_again(tmp_path: Path) -> None:
    rows = [sale("P-1", 1), sale("P-2", 2, day="31/02/2017"), sale("P-3", 3, currency="XQZ")]
    outcome = brought_in(csv_file(tmp_path, rows), source="orders")
    mend = tmp_path / "mend.csv"
    assert selectors.write_refused(operator(), outcome.number or 0, mend) == [(mend, 2)]
    with mend.open(encoding="utf-8-sig", newline="") as file:
        listed = list(csv.DictReader(file))
    assert list(listed[0]) == [*SALES, "what is wrong", "why", "remedy"]
    assert listed[0]["what is wrong"] == "on '31/02/2017' is not a day"
    listed[0]["on"], listed[1]["currency"] = "2017-02-28", "EUR"
    with mend.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(listed[0]))
        writer.writeheader()
        writer.writerows(listed)
    mended = brought_in(mend, source="orders")
    assert (mended.added, mended.refused) == (2, 0)
    assert visible() == ["C-1", "C-2", "C-3"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM evidence_sales WHERE more IS NOT NULL")
        assert cursor.fetchone() == (0,)


def test_lines_that_are_no_rows_are_given_out_with_all_that_stands_in_them(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text(
        'partner,on,amount,currency,customer\nP-1,2017-03-01,1.5,EUR,"A" Ltd\nP-2,2017-03-01,1.5,EUR,A, Ltd\nP-3\n'
    )
    outcome = brought_in(path)
    assert (outcome.rows, outcome.added, outcome.refused) == (3, 0, 3)
    selectors.write_refused(operator(), outcome.number or 0, tmp_path / "mend.csv")
    with (tmp_path / "mend.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = [(row["customer"], row["what is wrong"]) for row in csv.DictReader(file)]
    assert listed == [
        ('"A" Ltd', "the quotes of the line are wrong"), ("A  Ltd", "the line has 6 fields"), ("", "the line has 1 field"),
    ]  # fmt: skip


# -- completing ---------------------------------------------------------------------------------------------------


def waiting(tmp_path: Path) -> Import:
    """An import as a process leaves it that dies before its transaction."""
    path = csv_file(tmp_path, [sale("P-1")])
    number = brought_in(path).number or 0
    undone(number)
    done = Import.objects.get(pk=number)
    return Import.objects.create(
        state="waiting", file=done.file, sha256=done.sha256, size=done.size, source=done.source, author=done.author,
        mapping=done.mapping, recipe=done.recipe, headings=done.headings, created=done.created,
    )  # fmt: skip


def test_what_was_interrupted_is_completed_from_the_kept_file(tmp_path: Path) -> None:
    found = waiting(tmp_path)
    (tmp_path / "sales.csv").unlink()
    (outcome,) = services.resume(actor=operator())
    assert (outcome.number, outcome.state, outcome.added) == (found.pk, "done", 1)
    assert visible() == ["C-1"]
    assert services.resume(actor=operator()) == []


def test_the_same_command_again_completes_it_too(tmp_path: Path) -> None:
    found = waiting(tmp_path)
    assert brought_in(tmp_path / "sales.csv").number == found.pk
    assert visible() == ["C-1"]


def test_what_waits_can_be_given_up(tmp_path: Path) -> None:
    found = waiting(tmp_path)
    assert services.undo(actor=operator(), number=found.pk, reason="a test").state == "dropped"
    assert services.resume(actor=operator()) == []
    assert visible() == []


# -- erasing ------------------------------------------------------------------------------------------------------


def test_an_erased_person_is_gone_from_refused_rows_and_kept_files_too(tmp_path: Path) -> None:
    columns = ("person", "partner", "since")
    rows = [("PE-gone", "P-1", "2015-01-01"), ("PE-gone", "P-2", "soon"), ("PE-stays", "P-1", "later")]
    outcome = brought_in(csv_file(tmp_path, rows, name="people.csv", columns=columns))
    other = brought_in(csv_file(tmp_path, [sale("PE-gone-too")]))
    found = services.erase_person(actor=operator(), person="PE-gone", reason="a letter of 3 March")
    assert found == {"people": 1, "refused": 1, "files": 1}
    kept = Import.objects.in_bulk([outcome.number, other.number])
    assert not keeping.kept(kept[outcome.number].sha256).exists()
    assert keeping.kept(kept[other.number].sha256).exists()
    said = [(row.line, row.cells, row.what) for row in selectors.refused_rows(operator(), outcome.number or 0)]
    assert said == [
        (3, (), "the row named a person whose data was erased"), (4, ("PE-stays", "P-1", "later"), "since 'later' is not a day"),
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_entry WHERE after::text LIKE '%PE-gone%' OR why LIKE '%PE-gone%'")
        assert cursor.fetchone() == (0,)
    undone(outcome.number)
    again = brought_in(csv_file(tmp_path, rows, name="people.csv", columns=columns))
    assert (again.added, again.erased) == (0, 1)


def test_nobody_is_erased_while_an_import_waits(tmp_path: Path) -> None:
    found = waiting(tmp_path)
    with pytest.raises(CallError) as refused:
        services.erase_person(actor=operator(), person="PE-1", reason="a letter")
    assert refused.value.problems[0].place == f"import {found.pk}"


# -- who may, and what the database refuses -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "role", ["partner_manager", "finance", "adviser", "executive", "auditor", "partner_administrator", "partner_member"]
)
def test_only_a_programme_s_people_may_import(tmp_path: Path, role: str) -> None:
    somebody = Actor(name="somebody", roles=frozenset({role}), everywhere=True)
    path = csv_file(tmp_path, [sale("P-1")])
    for call in (
        lambda: services.import_file(actor=somebody, path=path),
        lambda: services.undo(actor=somebody, number=1, reason="x"),
        lambda: services.resume(actor=somebody),
    ):
        with pytest.raises(Refused):
            call()
    assert visible() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE imports_import SET state = 'done'",
        "UPDATE imports_import SET state = 'lost'",
        "UPDATE imports_import SET ended = now()",
        "UPDATE imports_import SET rows = -1",
        "UPDATE imports_import SET batch_id = 12345, finished = now(), state = 'done'",
        "INSERT INTO imports_import (state, file, sha256, size, source, author, reason, mapping, recipe, headings, created, rows, added, "
        "already, refused, kinds) SELECT state, file, sha256, size, source, author, reason, mapping, recipe, headings, created, rows, added, "
        "already, refused, kinds FROM imports_import WHERE state = 'waiting'",
    ],
)  # fmt: skip
def test_the_database_refuses_what_must_not_be(tmp_path: Path, statement: str) -> None:
    waiting(tmp_path)
    where = "" if "INSERT" in statement else " WHERE state = 'waiting'"
    with connection.cursor() as cursor, pytest.raises(IntegrityError), transaction.atomic():
        cursor.execute(f"{statement}{where}; SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("table", ["imports_refused", "imports_mapping"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET tbl = 'x'", "DELETE FROM {}"])
def test_refused_rows_and_mappings_are_append_only(tmp_path: Path, table: str, statement: str) -> None:
    brought_in(csv_file(tmp_path, [sale("P-1"), sale("P-1", day="soon")]))
    with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute(statement.format(table))
