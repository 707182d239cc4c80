"""An upload step by step: who may, what is written down, what is foreseen, and what an erasure takes with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from apps.imports.channel import SALES, csv_file, sale, visible
from hanse.apps.accounts import roles
from hanse.apps.accounts.actors import Actor, operator
from hanse.apps.audit.refusals import NotThere, Refused
from hanse.apps.evidence.services import record_facts
from hanse.apps.imports import keeping, selectors, services, uploads
from hanse.apps.imports.mapping import Answers, SheetMapping, answers_as_data, answers_from_data
from hanse.apps.imports.models import Upload
from hanse.language.problems import CallError

pytestmark = pytest.mark.usefixtures("database")
MAY = {"channel_chief", "programme_manager"}


def received(path: Path, **more: Any) -> int:
    return uploads.receive(actor=operator(), path=path, name=path.name, **more)


def state(number: int) -> str:
    return str(selectors.upload_of(operator(), number)["state"])


def actions() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT action FROM audit_entry ORDER BY number")
        return [row[0] for row in cursor.fetchall()]


def test_nothing_is_recorded_before_it_is_brought_in(tmp_path: Path) -> None:
    number = received(csv_file(tmp_path, [sale("P-1", 1), sale("P-2", 2)]), source="orders")
    assert state(number) == "ready"
    assert visible() == []
    seen = selectors.upload_of(operator(), number)["seen"]["trial"]
    assert (seen["rows"], seen["added"], seen["touched"], seen["partners"]) == (2, 2, 2, ["P-1", "P-2"])
    assert actions() == ["imports.upload"]
    uploads.bring_in(actor=operator(), upload=number, reason="a test")
    assert state(number) == "done"
    assert visible() == ["C-1", "C-2"]
    made = selectors.import_of(operator(), selectors.upload_of(operator(), number)["made_id"])
    assert (made["source"], made["reason"], made["file"]) == ("orders", "a test", "sales.csv")
    assert actions() == ["imports.upload", "imports.import_file"]


@pytest.mark.parametrize("role", [*sorted(roles.ALL), ""])
def test_who_may(tmp_path: Path, role: str) -> None:
    actor = Actor("somebody", frozenset({role}) if role else frozenset())
    path = csv_file(tmp_path, [sale("P-1", 1)])
    number = received(path)
    acts = (
        lambda: uploads.receive(actor=actor, path=path, name="x.csv"),
        lambda: uploads.answer(actor=actor, upload=number, answers=Answers()),
        lambda: uploads.bring_in(actor=actor, upload=number),
        lambda: uploads.go_on(actor=actor, upload=number),
        lambda: uploads.give_up(actor=actor, upload=received(path)),
        lambda: uploads.mend(actor=actor, number=10**9, rows={}),
        lambda: uploads.again(actor=actor, number=10**9),
    )
    for act in acts:
        if role in MAY:
            with_luck(act)
        else:
            with pytest.raises(Refused):
                act()


def with_luck(act: Any) -> None:
    """It is done, or there is no such thing: but nobody is refused."""
    try:
        act()
    except NotThere:
        return


def test_a_step_that_has_passed_is_not_taken_again(tmp_path: Path) -> None:
    number = received(csv_file(tmp_path, [sale("P-1", 1)]))
    uploads.bring_in(actor=operator(), upload=number)
    for act in (uploads.bring_in, uploads.answer):
        with pytest.raises(CallError, match="this step has passed"):
            act(actor=operator(), upload=number, **({"answers": Answers()} if act is uploads.answer else {}))
    with pytest.raises(NotThere):
        uploads.go_on(actor=operator(), upload=10**9)


def test_a_settled_mapping_is_taken_as_it_is(tmp_path: Path) -> None:
    path = csv_file(tmp_path, [("P-1", "2026-04-01", "1,5", "x")], columns=("a", "b", "c", "d"))
    path.write_text(path.read_text().replace("1,5", '"1,5"'))
    number = received(path)
    assert state(number) == "asked"
    mapping = SheetMapping("", "sales", {"partner": "a", "on": "b", "amount": "c"}, {"currency": "EUR"},
                           kept={"colour": "d"}, decimals={"amount": "comma"})  # fmt: skip
    uploads.answer(actor=operator(), upload=number, answers=Answers(settled={"": mapping}), remember=False)
    assert state(number) == "ready"
    uploads.bring_in(actor=operator(), upload=number)
    with connection.cursor() as cursor:
        cursor.execute("SELECT partner, amount::text, currency, more ->> 'colour' FROM evidence_sales")
        assert cursor.fetchall() == [("P-1", "1.5000", "EUR", "x")]
    assert services.recording.remembered("files") == []


def test_what_a_settled_mapping_lacks_is_asked(tmp_path: Path) -> None:
    number = received(csv_file(tmp_path, [sale("P-1", 1)]))
    mapping = SheetMapping("", "sales", {"partner": "partner", "amount": "amount"})
    uploads.answer(actor=operator(), upload=number, answers=Answers(settled={"": mapping}))
    sheet = selectors.upload_of(operator(), number)["seen"]["sheets"][0]
    assert [(q["kind"], q["subject"]) for q in sheet["questions"]] == [("column", "on"), ("value", "currency")]


def test_answers_survive_being_kept() -> None:
    mapping = SheetMapping(
        "S", "sales", {"on": "Tag"}, {"currency": "EUR"}, {"x": "X"}, ("Y",), {"on": "dmy"}, {"amount": "comma"}
    )
    answers = Answers(tables={"T": "none"}, ignored=frozenset({"a"}), settled={"S": mapping})
    assert answers_from_data(answers_as_data(answers)) == answers
    assert answers_from_data({}) == Answers()
    assert answers.about("S").dates == {"Tag": "dmy"}


def test_what_cannot_be_read_is_written_down_with_its_remedy(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text('partner,on,amount,currency\nP-1,"2026\n')
    number = received(path)
    (problem,) = selectors.upload_of(operator(), number)["problems"]
    assert (state(number), problem["what"]) == ("failed", "a quote is opened here and never closed")
    assert state(number) == "failed"


def test_the_same_mended_rows_stay_with_the_import_they_mend(tmp_path: Path) -> None:
    path = csv_file(tmp_path, [("P-1", "2026-02-30", "1", "EUR", "C-1"), ("P-1", "x", "2", "EUR", "C-2")])
    first = services.import_file(actor=operator(), path=path, source="orders")
    assert first.number is not None
    wanted = selectors.to_mend(operator(), first.number)
    assert (wanted.of, wanted.headings) == (2, SALES)
    (number, row, wrong) = wanted.rows[0]
    assert wrong == {"on"}
    cells = [c or "" for c in row.cells]
    cells[1] = "2026-02-28"
    upload = uploads.mend(
        actor=operator(),
        number=first.number,
        rows={number: cells, wanted.rows[1][0]: [c or "" for c in wanted.rows[1][1].cells]},
    )
    made = selectors.import_of(operator(), selectors.upload_of(operator(), upload)["made_id"])
    assert (made["mends_id"], made["source"], made["added"]) == (first.number, "orders", 1)
    assert selectors.to_mend(operator(), first.number).of == 1
    assert selectors.import_of(operator(), first.number)["taken"] == 1
    assert first.number in [one["id"] for one in selectors.unsettled(operator())]
    services.undo(actor=operator(), number=made["id"], reason="no")
    assert selectors.to_mend(operator(), first.number).of == 2
    with pytest.raises(CallError, match="no row has been changed"):
        uploads.mend(actor=operator(), number=first.number, rows={})


def test_an_erasure_takes_uploads_that_name_the_person(tmp_path: Path) -> None:
    record_facts(actor=operator(), source="x", rows={
        "partners": [{"partner": "P-1", "name": "N", "country": "FR"}],
        "people": [{"person": "anna@x.example", "partner": "P-1", "since": "2016-01-01"}],
    })  # fmt: skip
    path = csv_file(tmp_path, [("anna@x.example", "C-1", "2026-01-01")], columns=("person", "certificate", "earned"))
    number = received(path)
    kept = keeping.kept(Upload.objects.get(pk=number).sha256)
    assert kept.is_file()
    services.erase_person(actor=operator(), person="anna@x.example", reason="asked to")
    assert not kept.exists()
    assert not Upload.objects.filter(pk=number).exists()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        (r"C:\orders\may.csv", "may.csv"),
        ("a\x00b\n.csv", "ab.csv"),
        ("", "file"),
        ("x" * 300, "x" * 150),
    ],
)
def test_a_name_is_shown_and_nothing_else(given: str, shown: str) -> None:
    assert uploads.plain_name(given) == shown
