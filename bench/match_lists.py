"""How well are firms found in lists of many kinds, with the same settings for all?

    python bench/match_lists.py [--input FILE --gold FILE] [--json]

Made-up firms (`_firms.py`) with names alone, with web sites, with addresses, with everything, of which 5, 20 and 60 %
stand again; a reference list and what others call its organisations (`_variants.py`); of another list (`--input`, with
`--gold`: id, cluster) the same columns. Chains, of which names alone tell nothing, are in lists with addresses or
telephones only. Each goes through `hanse match`.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

import _firms
from _measure import Figure, call, child, report
from _variants import lists
from match import MAIN, scores

RECORDS, REFERENCE, VARIANTS = 4_000, 6_000, 2_500
_PLACE = ("address", "postcode", "zip", "city", "country")
KINDS: Mapping[str, Sequence[str]] = {
    "names": ("name",),
    "names, countries": ("name", "country"),
    "names, web sites": ("name", "website"),
    "names, addresses": ("name", *_PLACE),
    "names, telephones": ("name", "phone"),
    "all columns": (),
}


def f1(files: Sequence[pa.Table], truth: Mapping[str, str], threads: int) -> float:
    """Pairwise F1 of what `hanse match` makes of the lists."""
    with tempfile.TemporaryDirectory(prefix="hanse-bench-") as folder:
        given = [Path(folder) / f"list{number}.parquet" for number in range(len(files))]
        for path, table in zip(given, files, strict=True):
            pq.write_table(table, path)
        child(*MAIN, "match", *given, "--out", Path(folder) / "out", "--threads", str(threads), "--json")
        with (Path(folder) / "out/clusters.csv").open(encoding="utf-8", newline="") as made:
            found = {row["id"]: row["cluster"] for row in csv.DictReader(made)}
    precision, recall = scores(truth, found)
    return round(2 * precision * recall / max(precision + recall, 1e-9), 3)


def kept(table: pa.Table, columns: Sequence[str]) -> pa.Table | None:
    """The columns of one kind of list, with the ids; None if the list has no other of them than names."""
    there = [column for column in columns if column in table.column_names]
    return table if not columns else table.select(["id", *there]) if len(there) > 1 or len(columns) == 1 else None


def made(threads: int, seed: int) -> list[Figure]:
    """Lists of made-up firms."""
    figures = []
    chains = _firms.CHAINS
    for again in (0.05, 0.2, 0.6):
        for kind, columns in KINDS.items():
            _firms.CHAINS = 0 if columns and not {"address", "phone"} & set(columns) else chains
            table, truth = _firms.records(RECORDS, seed, again)
            figures.append(Figure(f"{again:.0%} again, {kind}", f1([kept(table, columns)], truth, threads), "F1"))
    _firms.CHAINS = chains
    return figures


def against_a_reference(threads: int, seed: int) -> list[Figure]:
    """A list that says each organisation once, and what others call them."""
    reference, variants, truth, _ = lists(REFERENCE, VARIANTS, seed)
    everybody = {one: one for one in reference["id"].to_pylist()} | truth
    figures = []
    for kind, columns in {**KINDS, "names, countries, web sites": ("name", "country", "website")}.items():
        if columns and set(columns) <= set(reference.column_names):
            both = [kept(reference, columns), kept(variants, columns)]
            figures.append(Figure(f"variants of a reference, {kind}", f1(both, everybody, threads), "F1"))
    return figures


def given(path: Path, gold: Path, threads: int) -> list[Figure]:
    """A list of somebody's, in which it is known which records are one."""
    table = pa.csv.read_csv(path)
    table = pa.table({column: table[column].cast(pa.string()) for column in table.column_names})
    with gold.open(encoding="utf-8-sig", newline="") as rows:
        truth = {row["id"]: row["cluster"] for row in csv.DictReader(rows)}
    parts = {kind: kept(table, columns) for kind, columns in KINDS.items()}
    return [
        Figure(f"{path.stem}, {kind}", f1([part], truth, threads), "F1")
        for kind, part in parts.items()
        if part is not None
    ]


def main() -> None:
    """The command."""
    parser = call("How well are firms found in lists of many kinds?", partners=0)
    parser.add_argument("--seed", type=int, default=1, help="of what is made up (1)")
    parser.add_argument("--input", type=Path, help="a list of yours, CSV")
    parser.add_argument("--gold", type=Path, help="which of its records are one firm: id, cluster")
    asked = parser.parse_args()
    figures = given(asked.input, asked.gold, asked.threads) if asked.input and asked.gold else []
    report("match_lists", [*figures, *made(asked.threads, asked.seed), *against_a_reference(asked.threads, asked.seed)],
           as_json=asked.json)  # fmt: skip


if __name__ == "__main__":
    main()
