"""Is a file that comes from outside let through, or refused by what is in it, whatever its name?"""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apps.imports.test_reading import workbook
from hanse.apps.imports import kinds
from hanse.language.problems import CallError

TABLES = {
    "utf8": "partner,on\nP-é,2026-01-01\n".encode(),
    "utf8 with a mark": "partner,on\nP-1,2026-01-01\n".encode("utf-8-sig"),
    "utf16": "partner,on\nP-1,2026-01-01\n".encode("utf-16"),
    "utf16 without a mark": "partner,on\nP-1,2026-01-01\n".encode("utf-16-le"),
    "windows": "Händler;Datum\nP-1;01.02.2026\n".encode("cp1252"),
    "tabs": b"partner\ton\nP-1\t2026-01-01\n",
    "the end as DOS had it": b"partner,on\nP-1,2026-01-01\n\x1a",
}
OTHERS = {
    "the file is a program": (b"\x7fELF\x02\x01\x01", b"MZ\x90\x00\x03", b"#!/bin/sh\nrm -r x\n"),
    "the file is a picture": (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a"),
    "the file is a PDF": (b"%PDF-1.7\n",),
    "the file is a web page": (b"<!DOCTYPE html><html>", b"\xef\xbb\xbf  <html><table>", b"<?xml version='1.0'?>", b"<svg>"),
    "the file is a compressed file": (b"\x1f\x8b\x08\x00", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"BZh9"),
    "the file is neither text nor a workbook": (b"partner,on\nP-1,\x01\x02\x03\n", bytes(range(1, 20))),
    "the file is empty": (b"", b"  \n\n"),
}  # fmt: skip


def file(folder: Path, content: bytes) -> Path:
    path = folder / "sales.csv"
    path.write_bytes(content)
    return path


def refused(path: Path) -> str:
    with pytest.raises(CallError) as error:
        kinds.check(path, "sales.csv")
    (problem,) = error.value.problems
    assert problem.place == "sales.csv"
    assert problem.remedy
    return problem.what


@pytest.mark.parametrize("written", TABLES)
def test_text_is_let_through(tmp_path: Path, written: str) -> None:
    kinds.check(file(tmp_path, TABLES[written]), "sales.csv")


def test_workbooks_and_parquet_are_let_through(tmp_path: Path) -> None:
    kinds.check(workbook(tmp_path), "x.xlsx")
    pq.write_table(pa.table({"partner": ["P-1"]}), tmp_path / "x.parquet")
    kinds.check(tmp_path / "x.parquet", "x.parquet")


@pytest.mark.parametrize(("what", "content"), [(what, one) for what, listed in OTHERS.items() for one in listed])
def test_what_is_no_table_is_named_and_refused(tmp_path: Path, what: str, content: bytes) -> None:
    assert refused(file(tmp_path, content)) == what


def test_a_packed_folder_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("sales.csv", "partner,on\n")
    assert refused(path) == "the file is a packed folder"


def test_a_damaged_workbook(tmp_path: Path) -> None:
    path = workbook(tmp_path)
    path.write_bytes(path.read_bytes()[:-40])
    assert refused(path) == "the workbook is damaged"


def bomb(path: Path, size: int) -> Path:
    """A workbook whose sheet is nothing but blanks."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
        with packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(size >> 20):
                sheet.write(b" " * (1 << 20))
    return path


def test_what_is_packed_small_and_is_large_is_refused(tmp_path: Path) -> None:
    path = bomb(tmp_path / "x.xlsx", kinds.MOST_UNPACKED + (2 << 20))
    assert path.stat().st_size < kinds.MOST_UNPACKED // 500
    assert refused(path) == "the workbook is too large once unpacked"


def test_a_header_that_lies_about_the_size_does_not_help(tmp_path: Path) -> None:
    path = bomb(tmp_path / "x.xlsx", kinds.MOST_UNPACKED + (2 << 20))
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"PK\x01\x02")  # of the sheet, which comes last
    struct.pack_into("<I", content, entry + 24, 1000)
    path.write_bytes(content)
    with zipfile.ZipFile(path) as packed:
        assert packed.getinfo("xl/worksheets/sheet1.xml").file_size == 1000
    assert refused(path) == "the workbook is too large once unpacked"


def test_thousands_of_parts_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
        for number in range(kinds.MOST_PARTS):
            packed.writestr(f"x{number}", "")
    assert refused(path) == "the workbook is too large once unpacked"
