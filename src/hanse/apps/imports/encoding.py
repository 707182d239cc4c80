"""How is a text file written: in which encoding, and with what between its fields?"""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from hanse.language.problems import CallError, Problem

DELIMITERS = (",", ";", "\t", "|")
_BLOCK = 1 << 20
_SAMPLE_LINES = 60
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class TextForm:
    """Encoding, delimiter, and how many lines stand before the first record (Excel's `sep=;`)."""

    encoding: str
    delimiter: str
    skipped: int = 0


def text_form(path: Path, shown: str) -> TextForm:
    """Finds out. Raises CallError for a file that is empty, or is neither UTF-8 nor UTF-16 nor Windows-1252."""
    encoding = encoding_of(path, shown)
    with path.open(encoding=encoding, newline="") as file:
        lines = [line for line, _ in zip(file, range(_SAMPLE_LINES), strict=False)]
    if not any(line.strip() for line in lines):
        raise CallError(
            Problem(
                shown, "the file is empty", "there is nothing to import", "give a file with a line of headings and rows"
            )
        )
    first = lines[0].strip()
    if first.lower().startswith("sep=") and len(first) == len("sep=") + 1:
        return TextForm(encoding, first[-1], 1)
    return TextForm(encoding, delimiter_of(lines))


def encoding_of(path: Path, shown: str) -> str:
    """UTF-8 where the file is UTF-8, UTF-16 by its mark or its zeros, else Windows-1252. Raises CallError for a damaged file."""
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if len(head) > 1 and head.count(0) > len(head) // 4:
        return "utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"
    broken, good = _not_utf8(path)
    if not broken:
        return "utf-8"
    if good > len(broken):
        raise CallError(
            Problem(f"{shown}:{broken[0]}", "the line is damaged: its bytes are no UTF-8", "the rest of the file is UTF-8",
                    "export the file again, or correct the line")
        )  # fmt: skip
    _check_windows(path, shown)
    return "cp1252"


def _not_utf8(path: Path) -> tuple[list[int], int]:
    """The lines that are no UTF-8 (up to 1000), and how many lines hold letters beyond ASCII that are."""
    broken: list[int] = []
    good = 0
    try:
        decoder = codecs.getincrementaldecoder("utf-8")()
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        return broken, good
    except UnicodeDecodeError:
        pass  # look again, line by line
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                if len(broken) < 1000:
                    broken.append(number)
    return broken, good


def _check_windows(path: Path, shown: str) -> None:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("cp1252")
            except UnicodeDecodeError as error:
                raise CallError(
                    Problem(f"{shown}:{number}", "the line is neither UTF-8 nor Windows-1252 text", str(error.reason),
                            "save the file as UTF-8")
                ) from error  # fmt: skip


def delimiter_of(lines: list[str]) -> str:
    """The delimiter that cuts most lines into the same number of fields, and into the most; a comma where none does."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        # without quotes too: one quote that is never closed must not hide how the other lines are cut
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter, quoting=quoting) if row)
            many = {width: count for width, count in widths.items() if width > 1}
            if many:
                width, count = max(many.items(), key=lambda item: (item[1], item[0]))
                score = (count / sum(widths.values()), width)
                if score > best_score:
                    best, best_score = delimiter, score
    return best
