"""What did a process cost, and does the figure hold? What the benchmarks share."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table

from generate import DATA, PARTNERS, channel

BENCH = Path(__file__).parent
PACKAGES = ("hanse", "duckdb", "sqlglot", "pyarrow")
_MB = 1024 if sys.platform != "darwin" else 1024 * 1024  # ru_maxrss counts kilobytes, on a Mac bytes


@dataclass(frozen=True)
class Spent:
    """What a process cost: seconds of processors (user and system), seconds on the clock, peak megabytes."""

    processor: float
    wall: float
    peak: float
    output: str


@dataclass(frozen=True)
class Figure:
    """One number; `must` is what it has to be at most, None where nothing is asked (at this size)."""

    name: str
    value: float
    unit: str
    must: float | None = None

    @property
    def holds(self) -> bool | None:
        return None if self.must is None else self.value <= self.must


def child(*arguments: str | Path) -> Spent:
    """Runs Python with these arguments to its end. Raises CalledProcessError if it fails."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        began = perf_counter()
        process = subprocess.Popen([sys.executable, *map(str, arguments)], stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        wall = perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, process.args)
        output.seek(0)
        return Spent(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / _MB, output.read())


def middle(runs: list[Spent]) -> Spent:
    """The medians of several runs; the peak is the largest."""
    return Spent(
        median(r.processor for r in runs),
        median(r.wall for r in runs),
        max(r.peak for r in runs),
        runs[-1].output,
    )


def call(description: str, *, partners: int = PARTNERS) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--partners", type=int, default=partners, help=f"how many partners ({partners:,})")
    parser.add_argument("--data", type=Path, default=DATA, help=f"where channels are kept ({DATA})")
    parser.add_argument("--threads", type=int, default=2, help="threads of every engine (2)")
    parser.add_argument("--repeat", type=int, default=1, help="runs; the figures are medians (1)")
    parser.add_argument("--json", action="store_true", help="one object, for programs")
    return parser


@contextmanager
def facts_and_folder(asked: argparse.Namespace) -> Iterator[tuple[Path, Path]]:
    """The channel asked for, and a folder for outcomes that goes away."""
    with tempfile.TemporaryDirectory(prefix="hanse-bench-") as folder:
        yield channel(asked.partners, asked.data), Path(folder)


def report(bench: str, figures: list[Figure], *, as_json: bool, more: dict[str, Any] | None = None) -> None:
    """Prints the figures, and ends the process with 1 if one of them does not hold."""
    versions = {name: version(name) for name in PACKAGES} | {"python": platform.python_version()}
    if as_json:
        listed = [{**asdict(f), "holds": f.holds} for f in figures]
        print(json.dumps({"bench": bench, "versions": versions, "figures": listed, **(more or {})}, indent=2))
    else:
        table = Table("figure", "value", "unit", "at most", "holds", title=bench)
        for f in figures:
            must = "" if f.must is None else f"{f.must:,}"
            table.add_row(f.name, f"{f.value:,}", f.unit, must, {None: "", True: "yes", False: "NO"}[f.holds])
        Console().print(table)
    if any(f.holds is False for f in figures):
        raise SystemExit(1)
