"""`hanse convert`: the exchange rule of the metrics, for lines on standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

_RATES = "A CSV or Parquet file with on, currency, per_euro; without it the European Central Bank's history."


def convert(*, rates: Annotated[Path | None, typer.Option(metavar="FILE", help=_RATES)] = None) -> None:
    """Convert money: lines of amount,from,to,on come back with ,converted,why_not, one of the two empty."""
    from hanse.fronts.cli import convert as lines

    lines.convert(sys.stdin, sys.stdout, rates)
