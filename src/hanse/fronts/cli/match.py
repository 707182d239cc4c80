"""`hanse match`: which records of one or several lists are the same firm, and why."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hanse.language.problems import CallError, Problem

if TYPE_CHECKING:
    from hanse.decisions.same_firm import Decided, Firms
    from hanse.engines.firm_lists import FirmList

_OUT = typer.Option(metavar="DIR", help="Where clusters.csv and pairs.parquet go.")
_COLUMNS = typer.Option(
    "--columns", metavar='COLUMN="HEADING"', help="Where a column stands, if its heading does not say it."
)
_DECIDED = typer.Option(
    metavar="FILE", help="What people decided: a CSV of id1, id2, same (yes or no). It holds, and teaches."
)
_SAME, _OTHER = {"yes", "y", "true", "1", "same", "oui", "ja"}, {"no", "n", "false", "0", "different", "non", "nein"}


def match(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Lists of firms, CSV or Parquet.")],
    *,
    out: Annotated[Path, _OUT],
    columns: Annotated[list[str] | None, _COLUMNS] = None,
    decided: Annotated[Path | None, _DECIDED] = None,
    threads: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Threads; else one for each processor.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The summary (and errors) as JSON.")] = False,
) -> None:
    """Find the records that are the same firm, in one list or across several: groups, and likely pairs with reasons."""
    from hanse.decisions.same_firm import same_firm
    from hanse.engines.firm_lists import engine, read

    began = perf_counter()
    said = _said(columns or ())
    with engine(threads=threads) as db:
        given = read(files, said, db)
        firms = same_firm(given.records, db, _decided(decided) if decided else ())
        _write(out, firms)
    _tell(_summary(given, firms, perf_counter() - began, out), given, as_json=as_json)


def _said(columns: Sequence[str]) -> dict[str, str]:
    """The answers of --columns. Raises CallError for one that is none."""
    said = {}
    for text in columns:
        for one in text.split(",") if text.count("=") > 1 else [text]:
            column, equals, heading = one.partition("=")
            if not equals or not column.strip() or not heading.strip():
                raise CallError(
                    Problem(
                        "--columns",
                        f"{one!r} names no column and heading",
                        "it says where a column stands",
                        "write it as --columns name=Company",
                    )
                )
            said[column.strip()] = heading.strip().strip('"')
    return said


def _decided(path: Path) -> list[Decided]:
    """The decisions of a file. Raises CallError if it cannot be read as such."""
    from hanse.decisions.same_firm import Decided

    found = []
    with path.open(encoding="utf-8-sig", newline="") as given:
        for line, row in enumerate(csv.DictReader(given), start=2):
            word = str(row.get("same", "")).strip().lower()
            if not row.get("id1") or not row.get("id2") or word not in _SAME | _OTHER:
                raise CallError(
                    Problem(
                        f"{path}, line {line}",
                        "it decides nothing",
                        "a decision has id1, id2 and same",
                        "write yes or no under same",
                    )
                )
            found.append(Decided(row["id1"], row["id2"], word in _SAME))
    return found


def _write(out: Path, firms: Firms) -> None:
    import pyarrow.csv
    import pyarrow.parquet

    out.mkdir(parents=True, exist_ok=True)
    pyarrow.csv.write_csv(firms.clusters, out / "clusters.csv")
    pyarrow.parquet.write_table(firms.pairs, out / "pairs.parquet", compression="zstd")


def _summary(given: FirmList, firms: Firms, seconds: float, out: Path) -> dict[str, Any]:
    import pyarrow.compute as pc

    rows = max(given.records.num_rows, 1)
    filled = {c: round(1 - given.records[c].null_count / rows, 4) for c in given.records.column_names if c != "id"}
    return {
        "records": given.records.num_rows,
        "firms": pc.count_distinct(firms.clusters["cluster"]).as_py(),
        "pairs": firms.pairs.num_rows,
        "seconds": round(seconds, 2),
        "columns": {file: dict(columns) for file, columns in given.columns.items()},
        "filled": filled,
        "learned_from": firms.model.learned_from if firms.model else [],
        "notes": given.notes,
        "out": str(out),
    }


def _tell(summary: Mapping[str, Any], given: FirmList, *, as_json: bool) -> None:
    from hanse.fronts.cli.tables import console, print_json, print_problems, table

    if given.problems:
        print_problems(given.problems, as_json=as_json)
    if as_json:
        print_json(summary)
        return
    to = console()
    to.print(
        f"{summary['records']:,} records are {summary['firms']:,} firms; {summary['pairs']:,} likely pairs; "
        f"{summary['seconds']} seconds"
    )
    headings = {column: heading for columns in given.columns.values() for column, heading in columns.items()}
    rows = [(column, headings.get(column, ""), f"{share:.0%}") for column, share in summary["filled"].items()]
    to.print(table("", ("column", "heading", "filled"), rows))
    for note in given.notes:
        to.print(note, soft_wrap=True)
    to.print(f"\n{summary['out']}/clusters.csv, pairs.parquet", soft_wrap=True)
