"""What does `hanse convert` answer, line by line, and why not?"""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from hanse.fronts.cli.convert import convert
from hanse.language import money
from language.exchange import ECB, answer, converted, refused, table

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0", "0"),
        ("-0.00", "0"),
        ("+3", "3"),
        (" 3 ", "3"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1e3", "1000"),
        ("25E-1", "2.5"),
        ("-1234.5678", "-1234.5678"),
        ("0.00000000005", "0.0000000001"),
        ("-0.00000000005", "-0.0000000001"),
        ("0.000000000049999999999999999999999999", "0"),
        ("1.12345678915000000000000000000000001", "1.1234567892"),
        ("123456789012345678901234567890.12345", "123456789012345678901234567890.12345"),
        ("1" + "0" * 60 + "e-60", "1"),
        ("9" * 100, "9" * 100),
    ],
)
def test_amounts(amount: str, expected: str) -> None:
    assert converted(amount, "EUR", "EUR", "2020-01-01") == expected


@given(st.decimals(allow_nan=False, allow_infinity=False, places=14), st.sampled_from(["1.25", "0.8", "12800"]))
def test_decimals_past_four_count(amount: Decimal, per_euro: str) -> None:
    own = table(("2020-01-01", "USD", per_euro))
    value = converted(f"{amount:f}", "EUR", "USD", "2020-01-01", own)
    exactly = Fraction(amount) * Fraction(per_euro) * 10**10
    away = int(abs(exactly) + Fraction(1, 2)) * (1 if exactly >= 0 else -1)
    assert Fraction(value) * 10**10 == away
    assert "e" not in value.lower()


@pytest.mark.parametrize("amount", ["", "abc", "1,5", "NaN", "inf", "--1", "1_000", "1 000", "0x10", ".", "e5", "٣"])
def test_what_is_not_an_amount(amount: str) -> None:
    assert answer(f'"{amount}",USD,EUR,2020-01-02') == ("", "the amount is not a number")


@pytest.mark.parametrize("amount", ["9" * 101, "1e100", "1e-101", "1e999999", "0." + "1" * 101])
def test_amounts_beyond_measure(amount: str) -> None:
    assert refused(amount, "USD", "EUR", "2020-01-02") == "the amount has more than 100 digits"


@pytest.mark.parametrize(
    ("line", "why_not"),
    [
        ("", "the line is empty"),
        ("  ", "the line is empty"),
        ("1", "4 fields are needed and there are 1"),
        ("1,USD,EUR", "4 fields are needed and there are 3"),
        ("1,USD,EUR,2020-01-02,", "4 fields are needed and there are 5"),
        ("amount,from,to,on", "the amount is not a number"),
        ("1,XXY,EUR,2020-01-02", "'XXY' is not a currency of ISO 4217"),
        ("1,EUR,XXY,2020-01-02", "'XXY' is not a currency of ISO 4217"),
        ("1,XXY,XXY,2020-01-02", "'XXY' is not a currency of ISO 4217"),
        ("1,usd,EUR,2020-01-02", "'usd' is not a currency of ISO 4217; write USD"),
        ("1,,EUR,2020-01-02", "'' is not a currency of ISO 4217"),
        ('1,"U,D",EUR,2020-01-02', "'U,D' is not a currency of ISO 4217"),
        ("1,USD,EUR,2019-02-29", "'2019-02-29' is not a day (YYYY-MM-DD)"),
        ("1,USD,EUR,20200102", "'20200102' is not a day (YYYY-MM-DD)"),
        ("1,USD,EUR,2020-W01-1", "'2020-W01-1' is not a day (YYYY-MM-DD)"),
        ("1,EUR,EUR,", "'' is not a day (YYYY-MM-DD)"),
    ],
)
def test_reasons(line: str, why_not: str) -> None:
    assert answer(line) == ("", why_not)


def test_quotes_are_csv_and_stay_as_they_are() -> None:
    own = table(("2020-01-01", "USD", "2"))
    lines = ['"1.5","USD",EUR,"2020-01-01"\n', '\ufeff3, "USD",EUR,2020-01-01\r\n', '"3,USD,EUR,2020-01-01']
    assert list(money.convert_lines(lines, own)) == [
        '"1.5","USD",EUR,"2020-01-01",0.75,',
        '\ufeff3, "USD",EUR,2020-01-01,1.5,',
        '"3,USD,EUR,2020-01-01,,the line cannot be read as CSV: unexpected end of data',
    ]


@given(st.lists(st.text(st.characters(exclude_characters="\r\n"), max_size=30) | st.just("1,USD,EUR,2020-01-02")))
def test_no_line_is_dropped_and_one_of_the_two_is_empty(lines: list[str]) -> None:
    written = list(money.convert_lines(lines, ECB))
    assert len(written) == len(lines)
    for line, whole in zip(lines, written, strict=True):
        assert whole.startswith(f"{line},")
        value, why_not = next(csv.reader([whole[len(line) + 1 :]]))
        assert (value == "") != (why_not == "")


def test_batches_keep_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(money, "_BATCH", 7)
    monkeypatch.setattr(money, "_REMEMBERED", 3)
    lines = (f"{n},EUR,{code},2020-01-02\n" for n, code in enumerate(["EUR", "", "USD", "IDR"] * 25))
    written = list(money.convert_lines(lines, ECB))
    assert [line.split(",")[0] for line in written] == [str(n) for n in range(100)]
    assert [line.split(",")[4] for line in written[::4]] == [str(n) for n in range(0, 100, 4)]
    assert [line.split(",")[4] for line in written[2::4]] == [
        converted(str(n), "EUR", "USD", "2020-01-02") for n in range(2, 100, 4)
    ]


@pytest.mark.parametrize("name", ["rates.csv", "rates.parquet"])
def test_the_command_with_rates_of_its_own(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    path, rows = tmp_path / name, [("2020-01-01", "USD", "1.0643"), ("2020-01-02", "XXY", "2")]
    if path.suffix == ".csv":
        path.write_text("\ufeffon,currency,per_euro,note\n" + "".join(f"{','.join(row)},x\n" for row in rows))
    else:
        columns = dict(zip(("on", "currency", "per_euro"), zip(*rows, strict=True), strict=True))
        parquet.write_table(pa.table(columns), path)
    output = io.StringIO()
    convert(io.StringIO("106430.00,USD,EUR,2020-01-02\n\n5,GBP,EUR,2020-01-01"), output, path)
    assert output.getvalue() == (
        "106430.00,USD,EUR,2020-01-02,100000,\n,,the line is empty\n5,GBP,EUR,2020-01-01,,no rate of GBP is published\n"
    )
    place = f"{path}:3" if path.suffix == ".csv" else f"{path}, row 2"
    assert capsys.readouterr().err.startswith(f"{place}: the rate of 'XXY' is not counted\n  why: ")


def test_bytes_pass_through() -> None:
    raw = io.BytesIO()
    output = io.TextIOWrapper(raw, encoding="utf-8")
    convert(io.TextIOWrapper(io.BytesIO(b"1,\xff,EUR,2020-01-02\n"), encoding="utf-8"), output, None)
    assert raw.getvalue() == b"1,\xff,EUR,2020-01-02,,'\\udcff' is not a currency of ISO 4217\n"


def test_the_page_shows_what_is_so() -> None:
    page = (ROOT / "docs/algorithms/exchange.md").read_text(encoding="utf-8")
    shown = re.search(r"printf '%s\\n' (.*) \| hanse convert\n((?: {4}.*\n)+)", page)
    assert shown
    lines = [line.strip() for line in shown[2].splitlines()]
    assert list(money.convert_lines(shown[1].split(), ECB)) == lines
