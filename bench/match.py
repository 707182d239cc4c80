"""Which records are one firm: how many are found, how many wrongly, at what cost, beside a join of equal values?

    python bench/match.py [--records N] [--seed S] [--json]

Made-up firms of eight countries in five lists, a fifth of the records an earlier firm said otherwise (`_firms.py`),
through `hanse match` in a process of its own. The baseline joins records of the same folded name and of the same
telephone.
"""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from _firms import DUPLICATES, records
from _measure import Figure, call, child, report

RECORDS = 1_000_000
SECONDS, PEAK_MB, PRECISION, RECALL = 360, 5_000, 0.99, 0.95
MAIN = ("-m", "hanse.fronts.cli.main")
LEAST = 100_000  # records from which the shares are asked of a list


def scores(truth: Mapping[str, str], found: Mapping[str, str]) -> tuple[float, float]:
    """Precision and recall over pairs of records."""

    def pairs(sizes: Counter[tuple[str, ...]]) -> int:
        return sum(n * (n - 1) // 2 for n in sizes.values())

    both = pairs(Counter((truth[one], found[one]) for one in truth))
    said, true = pairs(Counter((found[one],) for one in truth)), pairs(Counter((group,) for group in truth.values()))
    return both / max(said, 1), both / max(true, 1)


def joined(table: pa.Table) -> dict[str, str]:
    """The baseline: records of one name (without case and punctuation) or one telephone (its last eight digits)."""
    with duckdb.connect() as db:
        db.register("given", table)
        db.execute(
            """
            CREATE TABLE keys AS SELECT id, regexp_replace(strip_accents(lower(name)), '[^a-z0-9]', '', 'g') AS name,
                right(regexp_replace(phone, '[^0-9]', '', 'g'), 8) AS phone FROM given
            """
        )
        return dict(
            db.execute(
                """
                SELECT id, least(id, coalesce(n, id), coalesce(p, id)) FROM keys
                LEFT JOIN (SELECT name, min(id) AS n FROM keys WHERE name <> '' GROUP BY name) USING (name)
                LEFT JOIN (SELECT phone, min(id) AS p FROM keys WHERE phone IS NOT NULL GROUP BY phone) USING (phone)
                """
            ).fetchall()
        )


def main() -> None:
    """The command."""
    parser = call("Which records are one firm?", partners=0)
    parser.add_argument("--records", type=int, default=RECORDS, help=f"how many records ({RECORDS:,})")
    parser.add_argument("--seed", type=int, default=1, help="of the made-up firms (1)")
    asked = parser.parse_args()
    table, truth = records(asked.records, asked.seed)
    with tempfile.TemporaryDirectory(prefix="hanse-bench-") as folder:
        given, out = Path(folder) / "records.parquet", Path(folder) / "out"
        pq.write_table(table, given)
        spent = child(*MAIN, "match", given, "--out", out, "--threads", str(asked.threads), "--json")
        with (out / "clusters.csv").open(encoding="utf-8", newline="") as made:
            found = {row["id"]: row["cluster"] for row in csv.DictReader(made)}
    precision, recall = scores(truth, found)
    base_precision, base_recall = scores(truth, joined(table))
    asks, large = asked.records >= LEAST, asked.records >= RECORDS
    figures = [
        Figure("records", asked.records, "records"),
        Figure("said again", DUPLICATES, "of the records"),
        Figure(
            "wrongly together (1 - precision)",
            round(1 - precision, 4),
            "of the pairs",
            round(1 - PRECISION, 4) if asks else None,
        ),
        Figure("missed (1 - recall)", round(1 - recall, 4), "of the pairs", round(1 - RECALL, 4) if asks else None),
        Figure("wrongly together, name or phone joined", round(1 - base_precision, 4), "of the pairs"),
        Figure("missed, name or phone joined", round(1 - base_recall, 4), "of the pairs"),
        Figure("wall time", round(spent.wall, 1), "seconds", SECONDS if large else None),
        Figure("processor time", round(spent.processor, 1), "seconds"),
        Figure("peak memory", round(spent.peak), "MB", PEAK_MB if large else None),
    ]
    report("match", figures, as_json=asked.json, more={"splink": version("splink")})


if __name__ == "__main__":
    main()
