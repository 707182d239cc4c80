"""Is every line of a CSV file a row or a problem with its number, whatever quotes do to it?"""

from pathlib import Path

import pyarrow as pa
import pytest

from hanse.engines.sources import read_csv
from hanse.language.problems import CallError

NEVER_CLOSED = "a quote begins here and is never closed; the lines after it are read without it"
Read = tuple[list[tuple[str | None, ...]], list[tuple[int, str]]]


def read(folder: Path, text: str) -> Read:
    """The rows with their lines, and the malformed lines."""
    path = folder / "partners.csv"
    path.write_bytes(text.encode())
    table, wrong = read_csv(path, str(path))
    assert table.schema.field("_line").type == pa.int64()
    return [tuple(row.values()) for row in table.to_pylist()], wrong


def test_lines_that_are_no_rows(tmp_path: Path) -> None:
    rows, wrong = read(tmp_path, "partner,name,country\nA,a,FR\n\nB,b\nC,c,DE\nD,d,DE,x\nE,e,US\n")
    assert rows == [("A", "a", "FR", 2), ("C", "c", "DE", 5), ("E", "e", "US", 7)]
    assert wrong == [(4, "2 fields, the header has 3"), (6, "4 fields, the header has 3")]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_value_of_two_lines_moves_no_number(end: str, tmp_path: Path) -> None:
    rows, wrong = read(tmp_path, f'partner,name,country{end}A,"a{end}b",FR{end}B,b,DE{end}C,c{end}')
    assert rows == [("A", f"a{end}b", "FR", 2), ("B", "b", "DE", 4)]
    assert wrong == [(5, "2 fields, the header has 3")]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("ended", [True, False], ids=["ended", "not ended"])
@pytest.mark.parametrize("opened", ['B,"b,DE', 'B,b,"DE', '"B,b,DE', 'B,b,"'])
def test_a_quote_that_is_never_closed_costs_its_own_row(opened: str, ended: bool, end: str, tmp_path: Path) -> None:
    lines = ["partner,name,country", "A,a,FR", opened, "C,c,US", "D,d", 'E,"",FR']
    rows, wrong = read(tmp_path, end.join(lines) + (end if ended else ""))
    assert [row[0] for row in rows] == ["A", "C", "E"]
    assert [row[3] for row in rows] == [2, 4, 6]
    assert wrong == [(3, NEVER_CLOSED), (5, "2 fields, the header has 3")]


def test_the_quote_is_named_where_it_begins(tmp_path: Path) -> None:
    """Not where its record begins: the value of two lines before it is closed."""
    rows, wrong = read(tmp_path, 'partner,name,country\n"A\nA","a,FR\nB,b,DE\n\n')
    assert rows == [("B", "b", "DE", 4)]
    assert wrong == [(3, NEVER_CLOSED)]


def test_a_quote_on_the_last_line(tmp_path: Path) -> None:
    rows, wrong = read(tmp_path, 'partner,name,country\nA,a,FR\nB,b,"')
    assert rows == [("A", "a", "FR", 2)]
    assert wrong == [(3, NEVER_CLOSED)]


def test_a_quote_that_a_later_one_closes_says_how_far_it_reaches(tmp_path: Path) -> None:
    rows, wrong = read(tmp_path, 'partner,name,country\nA,"a,FR\nB,b,DE\nC,c","US",FR\nD,d,US\n')
    assert rows == [("D", "d", "US", 5)]
    assert wrong == [(2, "4 fields, the header has 3; a quote holds it together up to line 4")]


def test_much_after_a_quote_that_is_never_closed(tmp_path: Path) -> None:
    """More than the csv module takes for a field, and more than Arrow reads at once."""
    many = "".join(f"P{n},name of partner {n},FR\n" for n in range(60_000))
    rows, wrong = read(tmp_path, f'partner,name,country\nA,"a,FR\n{many}')
    assert len(rows) == 60_000
    assert rows[-1] == ("P59999", "name of partner 59999", "FR", 60_002)
    assert wrong == [(2, NEVER_CLOSED)]


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    rows, wrong = read(tmp_path, '\ufeffpartner,name\nA,a\nB,"b\n')
    assert rows == [("A", "a", 2)]
    assert wrong == [(3, NEVER_CLOSED)]


def test_what_is_no_csv_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "partners.csv"
    path.write_bytes(b"partner\n\xff\n")
    with pytest.raises(CallError, match="not UTF-8"):
        read_csv(path, "partners.csv")
    path.write_text("")
    with pytest.raises(CallError, match="the file is empty"):
        read_csv(path, "partners.csv")
    path.write_text("partner,partner\n")
    with pytest.raises(CallError, match="stands twice"):
        read_csv(path, "partners.csv")
