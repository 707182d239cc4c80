"""Is a file read as it was written: encodings, delimiters, sheets, lines, days and numbers?"""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hanse.apps.imports.encoding import text_form
from hanse.apps.imports.mapping import Answers, Question, SheetMapping
from hanse.apps.imports.reading import sheets_of
from hanse.apps.imports.workbench import Workbench
from hanse.language.problems import CallError

HEAD = "Partner;Datum;Betrag;Währung;Kunde"
ROWS = ["P-1;2017-06-30;12,50;EUR;Müller", "P-2;2017-07-01;1.234,00;EUR;Café Zoë"]


def file(folder: Path, content: str | bytes, *, name: str = "sales.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def read(
    path: Path, answers: Answers | None = None, taught: list[SheetMapping] | None = None
) -> tuple[list[dict[str, Any]], list[Question]]:
    """The rows as facts with their codes, and the questions."""
    rows: list[dict[str, Any]] = []
    with Workbench(path, path.name) as bench:
        bench.load()
        mappings, questions, _ = bench.recognise(answers or Answers(), taught or [])
        for mapping in mappings if not questions else ():
            rows += [{"line": bad.line, "codes": [bad.code]} for bad in bench.loaded(mapping).malformed]
            for batch in bench.typed(mapping):
                rows += batch.to_pylist()
    return sorted(rows, key=lambda row: row["line"]), questions


def values(path: Path, column: str, answers: Answers | None = None) -> list[Any]:
    rows, questions = read(path, answers)
    assert questions == []
    return [row[column] for row in rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_encoding_gives_the_same_rows(tmp_path: Path, encoding: str, end: str) -> None:
    path = file(tmp_path, end.join([HEAD, *ROWS, ""]), encoding=encoding)
    rows, _ = read(path)
    assert [(r["line"], r["partner"], r["customer"], r["amount"]) for r in rows] == [
        (2, "P-1", "Müller", Decimal("12.5")), (3, "P-2", "Café Zoë", Decimal("1234")),
    ]  # fmt: skip


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    lines = [delimiter.join(f'"{cell}"' for cell in line.split(";")) for line in [HEAD, *ROWS]]
    assert values(file(tmp_path, "\n".join(lines)), "amount") == [Decimal("12.5"), Decimal("1234")]


def test_the_first_line_of_a_spreadsheet_program_says_the_delimiter(tmp_path: Path) -> None:
    path = file(tmp_path, "sep=;\n" + "\n".join([HEAD, *ROWS]))
    assert [row["line"] for row in read(path)[0]] == [3, 4]


def test_titles_and_blank_lines_above_the_headings_are_passed_over(tmp_path: Path) -> None:
    path = file(tmp_path, "\n".join(["Umsatzbericht;;;;", "", HEAD, ROWS[0], ";;;;", ROWS[1]]))
    assert [row["line"] for row in read(path)[0]] == [4, 6]


def test_a_line_is_where_its_record_begins(tmp_path: Path) -> None:
    path = file(tmp_path, HEAD + '\nP-1;2017-06-30;1,5;EUR;"two\nlines"\n' + ROWS[1] + "\nP-3;x;1,5;EUR;\n")
    assert [(row["line"], row["codes"]) for row in read(path)[0]] == [(2, None), (4, None), (5, ["not_a_day:on:x"])]


def test_a_line_that_is_no_row_is_refused_with_its_number(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        "\n".join(
            [HEAD, ROWS[0], "P-9;2017-06-30;1,00", 'P-8;2017-06-30;"1",00";EUR;x', ROWS[1], "P-7;a\0b;1,0;EUR;y"]
        ),
    )
    rows, _ = read(path)
    assert [(r["line"], r["codes"]) for r in rows if r["codes"]] == [
        (3, ["malformed:fields:3:5"]), (4, ["malformed:quotes:';' expected after '\"'"]), (6, ["malformed:zero:"]),
    ]  # fmt: skip


def test_a_quote_that_is_never_closed_stops_the_import(tmp_path: Path) -> None:
    path = file(tmp_path, "\n".join([HEAD, ROWS[0], 'P-2;"2017-07-01;1,00;EUR;x', ROWS[1]]))
    with pytest.raises(CallError) as refused:
        read(path)
    assert refused.value.problems[0].place == "sales.csv:3"


@pytest.mark.parametrize("content", [b"", b"\n\n", b"   \n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(CallError):
        read(file(tmp_path, content))


def test_a_damaged_line_in_a_utf_8_file_is_named(tmp_path: Path) -> None:
    lines = [HEAD, *ROWS, *ROWS, ROWS[0].replace("ü", "\udcfc")]
    with pytest.raises(CallError) as refused:
        read(file(tmp_path, "\n".join(lines).encode("utf-8", "surrogateescape")))
    assert refused.value.problems[0].place == "sales.csv:6"


def test_a_file_of_headings_only_has_no_rows(tmp_path: Path) -> None:
    assert read(file(tmp_path, HEAD + "\n"))[0] == []


def test_equal_headings_are_told_apart(tmp_path: Path) -> None:
    (sheet,) = sheets_of(file(tmp_path, "Partner,Amount,Amount,,Date\nP,1,2,3,4\n"), "sales.csv")
    assert sheet.headings == ["Partner", "Amount", "Amount (2)", "column 4", "Date"]
    assert text_form(tmp_path / "sales.csv", "sales.csv").delimiter == ","


# -- workbooks and Parquet ----------------------------------------------------------------------------------------


def workbook(folder: Path) -> Path:
    book = openpyxl.Workbook()
    sales, people, notes = book.active, book.create_sheet("Mitarbeiter"), book.create_sheet("hidden")
    sales.title = "Umsätze"
    sales["B2"] = "Bericht"
    sales.append([])
    for row in (["", "Partner", "Datum", "Betrag", "Währung"], ["", "P-1", datetime.date(2017, 6, 30), 0.1 + 0.2, "EUR"],
                ["", "P-2", datetime.datetime.fromisoformat("2017-07-01 12:30"), 1234, "Euro"], ["", "P-3", "31.12.2017", "1.234,5", "EUR"]):  # fmt: skip
        sales.append(row)
    people.append(["Personalnummer", "Firma", "Eintritt"])
    people.append(["PE-1", "P-1", datetime.date(2015, 1, 1)])
    notes.append(["nothing", "of use"])
    notes.sheet_state = "hidden"
    path = folder / "channel.xlsx"
    book.save(path)
    return path


def test_every_visible_sheet_of_a_workbook_is_a_table(tmp_path: Path) -> None:
    with Workbench(workbook(tmp_path), "channel.xlsx") as bench:
        bench.load()
        mappings, questions, _ = bench.recognise(Answers(), [])
        assert questions == []
        assert [(m.sheet, m.table) for m in mappings] == [("Umsätze", "sales"), ("Mitarbeiter", "people")]
        sales = [row for batch in bench.typed(mappings[0]) for row in batch.to_pylist()]
    assert [(r["line"], r["on"], r["amount"], r["currency"]) for r in sales[:2]] == [
        (5, datetime.date(2017, 6, 30), Decimal("0.3"), "EUR"), (6, datetime.date(2017, 7, 1), Decimal(1234), "EUR"),
    ]  # fmt: skip
    assert sales[2]["codes"] == ["not_a_number:amount:1.234,5"]  # the others of the column are numbers, not texts
    assert sales[2]["on"] == datetime.date(2017, 12, 31)


@pytest.mark.parametrize("content", [b"PK\x03\x04 no workbook", b"PAR1 no parquet"])
def test_a_damaged_binary_file_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(CallError) as refused:
        read(file(tmp_path, content))
    assert refused.value.problems[0].place == "sales.csv"


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    table = pa.table({
        "partner": pa.array([" P-1 ", ""]), "on": pa.array([datetime.date(2017, 6, 30), None], pa.date32()),
        "amount": pa.array([Decimal("1.234"), Decimal("2.500")], pa.decimal128(12, 3)), "currency": pa.array(["EUR", "EUR"]),
        "known": pa.array([datetime.datetime.fromisoformat("2018-01-01 10:00"), None], pa.timestamp("us")),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "sales.parquet")
    rows, questions = read(tmp_path / "sales.parquet")
    assert questions == []
    assert (rows[0]["line"], rows[0]["partner"], rows[0]["amount"]) == (1, "P-1", Decimal("1.234"))
    assert rows[0]["known"] == datetime.datetime.fromisoformat("2018-01-01 10:00")
    assert rows[1]["codes"] == ["missing:partner", "missing:on"]


# -- days and numbers ---------------------------------------------------------------------------------------------


def column(folder: Path, texts: list[str], *, kind: str) -> Path:
    """A file of sales in which one column is written in a special way."""
    lines = ["partner\ton\tamount\tcurrency"]
    for text in texts:
        on, amount = (text, "1.5") if kind == "day" else ("2017-06-30", text)
        lines.append(f"P-1\t{on}\t{amount}\tEUR")
    return file(folder, "\n".join(lines))


JUNE, MAY = datetime.date(2017, 6, 30), datetime.date(2017, 5, 4)


@pytest.mark.parametrize(
    "texts",
    [
        ["2017-06-30", "2017-05-04"], ["30.06.2017", "4.5.2017"], ["30/06/2017", "04/05/2017"], ["06/30/2017", "05/04/2017"],
        ["30-06-2017", "04-05-2017"], ["20170630", "20170504"], ["2017/06/30", "2017/5/4"], ["30.06.17", "04.05.17"],
        ["2017-06-30 00:00:00", "2017-05-04T12:30:00Z"], ["30.06.2017 12:00", "04.05.2017 00:00:00"], ["30 06 2017", "2017-05-04"],
    ],
    ids=str,
)  # fmt: skip
def test_days_in_many_forms(tmp_path: Path, texts: list[str]) -> None:
    assert values(column(tmp_path, texts, kind="day"), "on") == [JUNE, MAY]


def test_full_stops_say_that_the_day_comes_first(tmp_path: Path) -> None:
    assert values(column(tmp_path, ["04.05.2017", "01.02.2017"], kind="day"), "on")[0] == MAY


@pytest.mark.parametrize(
    "texts", [["04/05/2017", "01/02/2017"], ["30/06/2017", "06/30/2017"]], ids=["both ways", "both are there"]
)
def test_days_that_can_be_read_both_ways_are_asked_about(tmp_path: Path, texts: list[str]) -> None:
    path = column(tmp_path, texts, kind="day")
    _, (question,) = read(path)
    assert (question.kind, question.option) == ("dates", "--dates dmy")
    rows, _ = read(path, Answers(dates={"": "dmy"}))
    assert rows[0]["on"] == (MAY if texts[0].startswith("04") else JUNE)
    assert rows[1]["codes"] == (None if texts[0].startswith("04") else ["not_a_day:on:06/30/2017"])
    taught = SheetMapping("", "sales", {c: c for c in ("partner", "on", "amount", "currency")}, dates={"on": "mdy"})
    again, questions = read(path, taught=[taught])
    assert (questions == []) == texts[0].startswith("04")
    assert not again or again[0]["on"] == datetime.date(2017, 4, 5)


@pytest.mark.parametrize(
    "text", ["31.02.2017", "2017-13-01", "spring 2016", "30.06", "0000-00-00", "infinity", "2017-06-30x", "99999-01-01"]
)
def test_no_day_at_all(tmp_path: Path, text: str) -> None:
    rows, _ = read(column(tmp_path, ["30.06.2017", text], kind="day"))
    assert rows[1]["codes"] == [f"not_a_day:on:{text}"]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1234.56", "-7"], ["1234.56", "-7"]), (["1,234.56", "12"], ["1234.56", "12"]), (["1.234,56", "12"], ["1234.56", "12"]),
        (["1 234,56", "1,5"], ["1234.56", "1.5"]), (["1\u00a0234,56", "1\u202f000,0"], ["1234.56", "1000"]), (["1'234.56", "5"], ["1234.56", "5"]),
        (["1.234.567", "1,5"], ["1234567", "1.5"]), (["12,3", "1.234"], ["12.3", "1234"]), (["12.3", "1,234"], ["12.3", "1234"]),
        (["(1,234.50)", "1.0"], ["-1234.5", "1"]), (["1.234,50-", "1,0"], ["-1234.5", "1"]), (["€ 1.234,50", "2,00 €"], ["1234.5", "2"]),
        (["1.5e3", "2"], ["1500", "2"]), (["0,125", "1,5"], ["0.125", "1.5"]), (["12,34,567.50", "1.5"], ["1234567.5", "1.5"]),
    ],
    ids=str,
)  # fmt: skip
def test_numbers_in_many_forms(tmp_path: Path, texts: list[str], expected: list[str]) -> None:
    assert values(column(tmp_path, texts, kind="amount"), "amount") == [Decimal(e) for e in expected]


def test_a_number_that_can_be_read_both_ways_is_asked_about(tmp_path: Path) -> None:
    path = column(tmp_path, ["1.234", "12"], kind="amount")
    _, (question,) = read(path)
    assert (question.kind, question.option) == ("decimals", "--decimal comma")
    assert values(path, "amount", Answers(decimals={"": "comma"})) == [Decimal(1234), Decimal(12)]
    assert values(path, "amount", Answers(decimals={"amount": "point"})) == [Decimal("1.234"), Decimal(12)]


def test_another_column_tells_how_a_number_is_written(tmp_path: Path) -> None:
    path = file(tmp_path, "partner\ton\tamount\tcurrency\tquantity\nP-1\t2017-06-30\t1.234\tEUR\t1,5\n")
    assert values(path, "amount") == [Decimal(1234)]


def test_one_number_in_another_form_is_refused_rather_than_guessed(tmp_path: Path) -> None:
    rows, questions = read(column(tmp_path, [*["12.5"] * 30, "12.500,00", "1,5"], kind="amount"))
    assert questions == []
    assert [r["codes"] for r in rows if r["codes"]] == [["not_a_number:amount:12.500,00"], ["not_a_number:amount:1,5"]]


def test_whole_numbers_have_thousands_only(tmp_path: Path) -> None:
    fine = file(tmp_path, "partner\tname\tcountry\temployees\nP-1\tA\tDE\t1.200\nP-3\tC\tDE\t70\n", name="partners.csv")
    assert values(fine, "employees") == [1200, 70]
