"""Is a file of a kind that can be imported? Judged by what is in it: anybody may give a file any name.

For files that come from outside, over a page. Text, Parquet and workbooks are let through; a workbook is unpacked once
beforehand, within bounds, for what is packed small may be larger than any memory.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from hanse.language.problems import CallError, Problem
from hanse.language.words import mark

MOST_UNPACKED = 512 << 20  # bytes of a workbook, unpacked
MOST_PARTS = 5_000
_LOOK = 64 << 10
_PIECE = 1 << 20
_LOCAL_HEADER = 30
_ZIP, _OLD_OFFICE, _PARQUET = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1"
_KNOWN = (  # how files begin that hold no table, and what they are called
    (b"%PDF", mark("a PDF")),
    (b"\x89PNG", mark("a picture")),
    (b"\xff\xd8\xff", mark("a picture")),
    (b"GIF8", mark("a picture")),
    (b"RIFF", mark("a sound, a film or a picture")),
    (b"\x7fELF", mark("a program")),
    (b"MZ", mark("a program")),
    (b"\xca\xfe\xba\xbe", mark("a program")),
    (b"\xcf\xfa\xed\xfe", mark("a program")),
    (b"#!", mark("a program")),
    (b"\x1f\x8b", mark("a compressed file")),
    (b"BZh", mark("a compressed file")),
    (b"\xfd7zXZ", mark("a compressed file")),
    (b"7z\xbc\xaf", mark("a compressed file")),
    (b"Rar!", mark("a compressed file")),
    (b"\x28\xb5\x2f\xfd", mark("a compressed file")),
    (b"SQLite format 3", mark("a database")),
    (b"{\\rtf", mark("a letter")),
)
_MARKUP = (b"<!doctype", b"<html", b"<head", b"<body", b"<script", b"<table", b"<svg", b"<?xml", b"<?php", b"<!--")
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # UTF-16
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\r\f\x1a")
NO_TABLE = (mark("the file is {kind}"), mark("only tables can be imported"))
REMEDY = mark("save the table as CSV or as a workbook (.xlsx), and drop that")
OTHERS = (  # what else may be said here
    mark("the file is empty"), mark("there is nothing to import"), mark("give a file with a line of headings and rows"),
    mark("the file is a packed folder"), mark("only workbooks are opened; other packed files are not"),
    mark("unpack it, and drop the files that are in it"),
    mark("the workbook is damaged"), mark("save it again as .xlsx or CSV"),
    mark("the workbook is too large once unpacked"), mark("it would take more memory than there is"),
    mark("save its sheets as CSV, one file each"),
    mark("the file is neither text nor a workbook"), mark("a web page"), mark("no table is written in such bytes"),
)  # fmt: skip


def check(path: Path, shown: str) -> None:
    """Lets a file through that can be a table. Raises CallError saying what it is instead, and what helps."""
    with path.open("rb") as file:
        head = file.read(_LOOK)
    if not head.strip():
        raise _refused(shown, "the file is empty", "there is nothing to import",
                       "give a file with a line of headings and rows")  # fmt: skip
    if head.startswith(_ZIP):
        _workbook(path, shown)
    elif not head.startswith((_PARQUET, _OLD_OFFICE)):
        _text(head, shown)


def _text(head: bytes, shown: str) -> None:
    for begins, kind in _KNOWN:
        if head.startswith(begins):
            raise _no_table(shown, kind)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(_MARKUP):
        raise _no_table(shown, "a web page")
    wide = head.startswith(_WIDE) or head[:200].count(0) > len(head[:200]) // 4
    plain = head.replace(b"\0", b"") if wide else head
    if len(plain.translate(None, _CONTROLS)) < len(plain):
        raise _refused(shown, "the file is neither text nor a workbook", "no table is written in such bytes", REMEDY)


def _workbook(path: Path, shown: str) -> None:
    """A packed file that is a workbook, and whose parts are as large as it says."""
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
            kept = packed.read("mimetype")[:200] if "mimetype" in packed.namelist() else b""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, zlib.error, ValueError) as error:
        raise _damaged(shown, error) from error
    names = {part.filename.lower() for part in parts}
    office = {"xl/workbook.xml", "xl/workbook.bin"} & names
    if not office and b"opendocument.spreadsheet" not in kept:
        raise _refused(shown, "the file is a packed folder", "only workbooks are opened; other packed files are not",
                       "unpack it, and drop the files that are in it")  # fmt: skip
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise _too_large(shown)
    with path.open("rb") as file:
        left = MOST_UNPACKED
        for part in parts:
            file.seek(part.header_offset)
            header = file.read(_LOCAL_HEADER)
            if len(header) < _LOCAL_HEADER or not header.startswith(_ZIP):
                raise _damaged(shown, ValueError(part.filename[:80]))
            file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
            if part.compress_type == zipfile.ZIP_DEFLATED:
                left -= _unpacked(file, part.compress_size, left, shown)


def _unpacked(file: BinaryIO, packed: int, most: int, shown: str) -> int:
    """How many bytes the part really is that begins here, whatever its header says. Raises CallError beyond `most`."""
    unpacking, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
    try:
        while packed > 0 and not unpacking.eof:
            rest = file.read(min(packed, _PIECE))
            packed -= len(rest) or packed
            while rest and not unpacking.eof:
                size += len(unpacking.decompress(rest, _PIECE))
                rest = unpacking.unconsumed_tail
                if size > most:
                    raise _too_large(shown)
    except zlib.error as error:
        raise _damaged(shown, error) from error
    return size


def _no_table(shown: str, kind: str) -> CallError:
    return _refused(shown, NO_TABLE[0].format(kind=kind), NO_TABLE[1], REMEDY)


def _damaged(shown: str, error: Exception) -> CallError:
    return _refused(
        shown, "the workbook is damaged", str(error)[:200] or type(error).__name__, "save it again as .xlsx or CSV"
    )


def _too_large(shown: str) -> CallError:
    return _refused(shown, "the workbook is too large once unpacked", "it would take more memory than there is",
                    "save its sheets as CSV, one file each")  # fmt: skip


def _refused(shown: str, what: str, why: str, remedy: str) -> CallError:
    return CallError(Problem(shown, what, why, remedy))
