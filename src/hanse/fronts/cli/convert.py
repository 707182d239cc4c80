"""`hanse convert`: lines of amount,from,to,on in, the same lines with their answer or their reason out."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TextIO

from hanse.language.money import convert_lines, ecb_rates, read_rates


def convert(input: TextIO, output: TextIO, rates_file: Path | None) -> None:
    """Write each line of `input` to `output` with `,converted,why_not` after it, one of the two empty.

    Rates come from `rates_file` (CSV or Parquet with on, currency, per_euro) or else from the European
    Central Bank's history. Rows of the file that are no rates are reported on standard error and not
    counted. Bytes that are not UTF-8 pass through as they are. Raises CallError if the file cannot be read.
    """
    for stream in (input, output):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="surrogateescape")
    rates = ecb_rates() if rates_file is None else read_rates(rates_file)
    for problem in rates.problems:
        sys.stderr.write(f"{problem}\n")
    for line in convert_lines(input, rates):
        output.write(line + "\n")
    output.flush()
