"""How fast can the evaluation of the benchmark be when a person writes its SQL? The bar for `evaluate.py`.

The statements stand in `hand_written.sql`; here are the small tables of the programme's numbers that they
join, read from the edition, and the run. A process of its own:

    python bench/_hand_written.py FACTS OUT [THREADS]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import process_time
from typing import Any

import duckdb
import pyarrow as pa
import yaml
from babel import Locale

from hanse.language.money import ecb_rates, factor_table, known_currencies

HERE = Path(__file__).parent
LEVELS = ("silver", "gold", "platinum")
METRICS = ("client_satisfaction", "certified_people", "held_competencies", "revenue", "client_references")
NO_COUNTRIES = {"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"}


def read(name: str) -> dict[str, Any]:
    """A file of the edition as it stands."""
    loaded: dict[str, Any] = yaml.load((HERE / "edition" / f"{name}.yaml").read_bytes(), yaml.CSafeLoader)
    return loaded


def number(raw: object) -> float:
    """`200_000 USD`, or a number."""
    return float(str(raw).removesuffix(" USD"))


def put(db: duckdb.DuckDBPyConnection, table: str, /, **columns: Any) -> None:
    """A small table."""
    db.register("arriving", pa.table(columns))
    db.execute(f"CREATE TEMP TABLE {table} AS SELECT * FROM arriving")
    db.unregister("arriving")


def small(numbers: list[int]) -> pa.Array:
    """Numbers below 128."""
    return pa.array(numbers, pa.int8())


def common(db: duckdb.DuckDBPyConnection) -> None:
    """Classes of countries, exchange factors, the names of currencies."""
    country = read("countries")["country_class"]
    rest = next(i for i, listed in enumerate(country.values()) if listed == "else")
    of = {c: i for i, listed in enumerate(country.values()) if listed != "else" for c in listed}
    codes = [str(c) for c in Locale("en").territories if len(str(c)) == 2 and str(c).isalpha()]
    codes = [c for c in codes if c not in NO_COUNTRIES]
    put(db, "country", country=codes, class_=small([of.get(c, rest) for c in codes]))
    db.register("factors", factor_table("USD", rates=ecb_rates(), first=date(2016, 7, 1), last=date(2017, 6, 30)))
    db.execute('CREATE TEMP TABLE fx AS SELECT currency, "on", factor::HUGEINT AS factor FROM factors')
    put(db, "currencies", iso=sorted(known_currencies()))


def competencies(db: duckdb.DuckDBPyConnection) -> None:
    """What counts for a competency, and what it asks by class."""
    classes = list(read("countries")["country_class"])
    listed = read("competencies")["competencies"]
    put(db, "competency", c=small(list(range(len(listed)))), name=list(listed))
    for column, table in (("certificate", "certificates"), ("solution", "solutions")):
        pairs = [(item, n) for n, entry in enumerate(listed.values()) for item in entry["counts"][column]]
        put(db, table, item=[item for item, _ in pairs], c=small([n for _, n in pairs]))
    db.execute("INSERT INTO solutions SELECT name, c FROM competency")  # a reference names either
    db.execute(
        "CREATE TEMP TABLE masks AS SELECT item, BIT_OR(1::UBIGINT << c) AS mask FROM certificates GROUP BY item"
    )
    keys = [(n, k, entry["thresholds"]) for n, entry in enumerate(listed.values()) for k in range(len(classes))]

    def asked(metric: str) -> list[float]:
        return [number(numbers[f"competency_{metric}"][classes[k]]) for _, k, numbers in keys]

    put(
        db,
        "needs",
        c=small([n for n, _, _ in keys]),
        class_=small([k for _, k, _ in keys]),
        people=asked("people"),
        refs=asked("references"),
        usd=asked("revenue"),
    )


def levels(db: duckdb.DuckDBPyConnection) -> None:
    """What the levels ask by class. Raises ValueError if they ask for other metrics than the SQL knows."""
    classes, asked = list(read("countries")["country_class"]), read("levels")
    rows = [
        (k, i * 5 + j, level, metric, comparison["clause"], number(comparison["at_least"][name]))
        for i, level in enumerate(LEVELS)
        for j, (metric, comparison) in enumerate(next(iter(n.items())) for n in asked[level]["all_of"])
        for k, name in enumerate(classes)
    ]
    if [row[3] for row in rows if row[0] == 0] != list(METRICS * 3):
        raise ValueError("levels.yaml asks for other metrics than hand_written.sql")
    put(
        db,
        "asked",
        class_=small([row[0] for row in rows]),
        i=small([row[1] for row in rows]),
        subject=[row[2] for row in rows],
        requirement=[row[3] for row in rows],
        clause=[row[4] for row in rows],
        needed=[row[5] for row in rows],
    )


def words(db: duckdb.DuckDBPyConnection) -> None:
    """The words of the outputs as enumerations, which are written to Parquet without a look at every row."""
    own = [next(iter(n.items())) for n in read("competencies")["requirements"]["all_of"]]
    clauses = [f"{i}.{j}" for i in (2, 3, 4) for j in (1, 2, 3, 4, 5)] + [str(c["clause"]) for _, c in own]
    for name, values in (
        ("ranks", ["registered", *LEVELS]),
        ("subjects", [*LEVELS, *read("competencies")["competencies"]]),
        ("requirements", [*METRICS, *(metric for metric, _ in own)]),
        ("clauses", clauses),
        ("words", ["at_least", "active", "vouchers", "voucher"]),
    ):
        db.execute(f"CREATE TYPE {name} AS ENUM ({', '.join(map(repr, values))})")
    cast = "subject::subjects AS subject, requirement::requirements AS requirement, clause::clauses AS clause"
    db.execute(f"CREATE TEMP TABLE level_rows AS SELECT class_, i, needed, {cast} FROM asked")
    wide = ", ".join(f"MAX(CASE WHEN i = {i} THEN needed END) AS n{i}" for i in range(15))
    db.execute(f"CREATE TEMP TABLE level_needs AS SELECT class_, {wide} FROM asked GROUP BY class_")
    rows = ", ".join(f"({j}, '{metric}', '{c['clause']}')" for j, (metric, c) in enumerate(own))
    db.execute(
        "CREATE TEMP TABLE competency_rows AS SELECT c, class_, j::TINYINT AS j, name::subjects AS subject, "
        "r::requirements AS requirement, l::clauses AS clause, "
        "CASE j WHEN 0 THEN people WHEN 1 THEN refs ELSE usd END AS needed "
        f"FROM (VALUES {rows}) AS v(j, r, l) CROSS JOIN needs JOIN competency USING (c)"
    )


def statements(facts: Path, out: Path) -> Iterator[tuple[str, str]]:
    """The parts of hand_written.sql: name, statements."""
    text = (HERE / "hand_written.sql").read_text(encoding="utf-8")
    for part in text.split("-- name: ")[1:]:
        name, _, sql = part.partition("\n")
        yield name, sql.replace("$facts", str(facts)).replace("$out", str(out))


def main(facts: Path, out: Path, threads: int) -> dict[str, float]:
    """Evaluates the facts into `out`; returns processor seconds per step."""
    out.mkdir(parents=True, exist_ok=True)
    seconds = {}
    with duckdb.connect(config={"memory_limit": "2200MB", "threads": threads}) as db:
        began = process_time()
        for prepared in (common, competencies, levels, words):
            prepared(db)
        seconds["numbers"] = process_time() - began
        for name, sql in statements(facts, out):
            began = process_time()
            db.execute(sql)
            seconds[name] = process_time() - began
    return seconds


if __name__ == "__main__":
    spent = main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 2)
    print(json.dumps(spent, indent=2))
