"""How fast can the evaluation of the benchmark be when a person writes its SQL? The bar for `evaluate.py`.

Written for this one programme and for DuckDB only, without the language: keys are packed into integers, windows and
thresholds come as early as they can, every fact file is read as seldom as possible, nothing is kept that is not used
twice. It finds the same bad rows and writes the same outputs. Run as a process of its own:

    python bench/_hand_written.py FACTS OUT [THREADS]
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from time import process_time
from typing import Any

import duckdb
import pyarrow as pa
import yaml

from hanse.language.money import ecb_rates, factor_table, known_currencies

EDITION = Path(__file__).parent / "edition"
AS_OF = date(2017, 6, 30)
YEAR, TWO_YEARS = "DATE '2016-07-01'", "DATE '2015-07-01'"
DAY = "DATE '2017-06-30'"
STEP = 10**14  # the scale of the factors into dollars is 20, amounts have 4 decimals, sums are rounded to 10
LEVELS = ("silver", "gold", "platinum")
REQUIRED = {
    "people": ("person", "partner", "since"),
    "surveys": ("partner", "on", "score"),
    "references": ("partner", "on"),
    "sales": ("partner", "on", "amount", "currency"),
}
METRICS = ("client_satisfaction", "certified_people", "held_competencies", "revenue", "client_references")


def read(name: str) -> dict[str, Any]:
    """A file of the edition as it stands."""
    loaded: dict[str, Any] = yaml.load((EDITION / f"{name}.yaml").read_bytes(), yaml.CSafeLoader)
    return loaded


def number(raw: object) -> float:
    """`200_000 USD` or a number."""
    return float(str(raw).removesuffix(" USD"))


def numbers(db: duckdb.DuckDBPyConnection) -> None:
    """The programme's numbers as small tables: classes, competencies, thresholds, rates, words."""
    country = read("countries")["country_class"]
    classes = list(country)
    rest = next(i for i, c in enumerate(classes) if country[c] == "else")
    from babel import Locale

    known = [c for c in Locale("en").territories if len(c) == 2 and c.isalpha()]
    known = [c for c in known if c not in {"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"}]
    of = {c: i for i, name in enumerate(classes) if country[name] != "else" for c in country[name]}
    put(db, "country", country=known, class_=pa.array([of.get(c, rest) for c in known], pa.int8()))
    competencies = read("competencies")["competencies"]
    put(db, "competency", c=pa.array(range(len(competencies)), pa.int8()), name=list(competencies))
    for column, table in (("certificate", "certs"), ("solution", "solutions")):
        pairs = [(i, n) for n, e in enumerate(competencies.values()) for i in e["counts"][column]]
        put(db, table, item=[i for i, _ in pairs], c=pa.array([n for _, n in pairs], pa.int8()))
    db.execute("INSERT INTO solutions SELECT name, c FROM competency")  # references name either
    db.execute(
        "CREATE TEMP TABLE masks AS SELECT item, BIT_OR(1::UBIGINT << c) AS mask FROM certs GROUP BY item"
    )
    asked = [
        (n, k, *(number(e["thresholds"][f"competency_{m}"][name]) for m in ("people", "references", "revenue")))
        for n, e in enumerate(competencies.values()) for k, name in enumerate(classes)
    ]  # fmt: skip
    put(
        db, "needs", c=pa.array([a[0] for a in asked], pa.int8()), class_=pa.array([a[1] for a in asked], pa.int8()),
        people=[a[2] for a in asked], refs=[a[3] for a in asked], usd=[a[4] for a in asked],
    )  # fmt: skip
    levels = read("levels")
    rows = [
        (k, i * 5 + j, level, metric, comparison["clause"], number(comparison["at_least"][name]))
        for i, level in enumerate(LEVELS)
        for j, (metric, comparison) in enumerate(next(iter(n.items())) for n in levels[level]["all_of"])
        for k, name in enumerate(classes)
    ]
    if [r[3] for r in rows if r[0] == 0] != list(METRICS * 3):
        raise ValueError("levels.yaml asks for other metrics than the SQL here")
    put(
        db, "asked", class_=pa.array([r[0] for r in rows], pa.int8()), i=pa.array([r[1] for r in rows], pa.int8()),
        **{
            n: pa.array([r[p] for r in rows]).dictionary_encode()
            for n, p in (("subject", 2), ("requirement", 3), ("clause", 4))
        },
        needed=[r[5] for r in rows],
    )  # fmt: skip
    db.register("factors", factor_table("USD", rates=ecb_rates(), first=date(2016, 7, 1), last=AS_OF))
    db.execute('CREATE TEMP TABLE fx AS SELECT currency, "on", factor::HUGEINT AS factor FROM factors')
    put(db, "currencies", code=sorted(known_currencies()))


def put(db: duckdb.DuckDBPyConnection, table: str, /, **columns: Any) -> None:
    """A small table."""
    db.register("arriving", pa.table(columns))
    db.execute(f"CREATE TEMP TABLE {table} AS SELECT * FROM arriving")
    db.unregister("arriving")


def words(db: duckdb.DuckDBPyConnection) -> None:
    """The words of `checks` as enumerations: they are written to Parquet as they are, without hashing every row."""
    competencies = list(read("competencies")["competencies"])
    asked = [next(iter(n.items())) for n in read("competencies")["requirements"]["all_of"]]
    clauses = [f"{i}.{j}" for i in (2, 3, 4) for j in (1, 2, 3, 4, 5)]
    listed = {
        "subjects": [*LEVELS, *competencies],
        "requirements": [*METRICS, *(metric for metric, _ in asked)],
        "clauses": [*clauses, *(str(c["clause"]) for _, c in asked)],
        "comparisons": ["at_least"],
    }
    for name, values in listed.items():
        db.execute(f"CREATE TYPE {name} AS ENUM ({', '.join(repr(v) for v in values)})")
    cast = "subject::subjects AS subject, requirement::requirements AS requirement, clause::clauses AS clause"
    db.execute(f"CREATE TEMP TABLE level_rows AS SELECT class_, i, needed, {cast} FROM asked")
    wide = ", ".join(f"MAX(CASE WHEN i = {i} THEN needed END) AS n{i}" for i in range(15))
    db.execute(f"CREATE TEMP TABLE level_needs AS SELECT class_, {wide} FROM asked GROUP BY class_")
    rows = ", ".join(f"({j}, '{metric}', '{c['clause']}')" for j, (metric, c) in enumerate(asked))
    db.execute(
        "CREATE TEMP TABLE competency_rows AS SELECT c, class_, j::TINYINT AS j, name::subjects AS subject, "
        "r::requirements AS requirement, l::clauses AS clause, CASE j WHEN 0 THEN people WHEN 1 THEN refs ELSE usd END AS needed "
        f"FROM (VALUES {rows}) AS v(j, r, l) CROSS JOIN needs JOIN competency USING (c)"
    )


def file(facts: Path, table: str, *, numbered: bool = False) -> str:
    """A fact file in FROM, as r."""
    return f"read_parquet('{facts / table}.parquet'{', file_row_number = true' if numbered else ''}) AS r"


def checked(facts: Path, table: str, required: tuple[str, ...]) -> str:
    """The bad rows of a table of partners' facts: table, line, code, and the value that is wrong."""
    missing = " ".join(f"WHEN r.\"{c}\" IS NULL THEN 'missing:{c}'" for c in required)
    stranger = "WHEN k.pid IS NULL THEN 'partner'"
    if table == "people":
        rest = f"WHEN r.until < r.since THEN 'until' {stranger}"
        value = "CASE WHEN r.until < r.since THEN CAST(r.until AS VARCHAR) ELSE r.partner END"
    else:
        rest = f"{stranger} WHEN r.\"on\" < k.joined THEN 'on'"
        value = 'CASE WHEN k.pid IS NULL THEN r.partner ELSE CAST(r."on" AS VARCHAR) END'
    return (
        f"SELECT '{table}' AS t, file_row_number + 1 AS line, code, value, partner FROM ("
        f"SELECT file_row_number, k.partner, CASE {missing} {rest} END AS code, {value} AS value "
        f"FROM {file(facts, table, numbered=True)} LEFT JOIN k ON k.partner = r.partner) WHERE code IS NOT NULL"
    )


def statements(facts: Path, out: Path) -> list[tuple[str, str]]:
    """The evaluation, statement by statement."""
    joined = '(k.joined IS NULL OR r."on" >= k.joined)'
    year = f'r."on" BETWEEN {YEAR} AND {DAY} AND {joined}'
    two_years = f'r."on" BETWEEN {TWO_YEARS} AND {DAY} AND {joined}'
    key = "(k.pid::BIGINT << 6) | COALESCE(s.c, 63) AS key"
    working = f"since <= {DAY} AND (until IS NULL OR until >= {DAY})"
    valid = f"earned <= {DAY} AND (expires IS NULL OR expires >= {DAY})"
    fine = "person IS NOT NULL AND certificate IS NOT NULL AND earned IS NOT NULL AND (expires IS NULL OR expires >= earned)"
    late = {t: checked(facts, t, required) for t, required in REQUIRED.items()}
    found = [
        ("partners", f"""
            CREATE TEMP TABLE p0 AS SELECT file_row_number::INT AS pid, partner, r.country, class_, joined,
              (joined IS NULL OR joined <= {DAY}) AND ("left" IS NULL OR "left" > {DAY}) AS active,
              CASE WHEN partner IS NULL THEN 'missing:partner' WHEN name IS NULL THEN 'missing:name'
                WHEN r.country IS NULL THEN 'missing:country' WHEN c.country IS NULL THEN 'country'
                WHEN "left" < joined THEN 'left' END AS code, "left"
            FROM {file(facts, "partners", numbered=True)} LEFT JOIN country AS c ON c.country = r.country"""),
        ("partners twice", """
            CREATE TEMP TABLE twice AS SELECT p0.pid, p0.partner FROM p0 JOIN (
              SELECT partner, MIN(pid) AS first FROM p0 WHERE partner IS NOT NULL GROUP BY partner HAVING COUNT(*) > 1) AS d
            ON d.partner = p0.partner AND p0.pid > d.first WHERE p0.code IS NULL OR p0.code = 'left'"""),
        ("partners good", """
            CREATE TEMP TABLE k AS SELECT pid, partner, country, class_, joined, active FROM p0
            WHERE code IS NULL AND pid NOT IN (SELECT pid FROM twice)"""),
        ("employed", f"""
            CREATE TEMP TABLE employed AS SELECT k.pid, person, {working} AS now
            FROM {file(facts, "people")} JOIN k ON k.partner = r.partner
            WHERE since IS NOT NULL AND person IS NOT NULL AND (until IS NULL OR until >= since)"""),
        ("persons", f"""
            CREATE TEMP TABLE persons AS SELECT person, BIT_OR(CASE WHEN {valid}
              THEN COALESCE(mask, 0) | (1::UBIGINT << 63) ELSE 0::UBIGINT END) AS mask
            FROM {file(facts, "certifications")} LEFT JOIN masks ON item = certificate WHERE {fine} GROUP BY person"""),
        ("certified", """
            CREATE TEMP TABLE certified AS SELECT pid, mask, CASE WHEN pid IS NULL THEN persons.person END AS unknown
            FROM persons LEFT JOIN employed ON employed.person = persons.person WHERE pid IS NULL OR (now AND mask > 0)"""),
        ("unknown persons", """
            CREATE TEMP TABLE unknown AS SELECT DISTINCT unknown AS person FROM certified WHERE unknown IS NOT NULL"""),
        ("bad rows", f"""
            CREATE TEMP TABLE bad AS
            SELECT 'partners' AS t, pid + 1 AS line, code,
              CASE code WHEN 'left' THEN CAST("left" AS VARCHAR) ELSE country END AS value, partner
              FROM p0 WHERE code IS NOT NULL AND pid NOT IN (SELECT pid FROM twice)
            UNION ALL SELECT 'partners', pid + 1, 'twice', partner, partner FROM twice
            UNION ALL {late['people']}
            UNION ALL {late['surveys']}
            UNION ALL {late['references']}
            UNION ALL {late['sales']}
            UNION ALL SELECT 'sales', file_row_number + 1, 'rate:' || r.currency, CAST(r."on" AS VARCHAR), k.partner
              FROM (SELECT * FROM {file(facts, "sales", numbered=True)}
                ANTI JOIN fx ON fx.currency = r.currency AND fx."on" = r."on"
                WHERE r."on" BETWEEN {YEAR} AND {DAY} AND r.currency IS NOT NULL AND r.amount IS NOT NULL) AS r
              JOIN k ON k.partner = r.partner WHERE {joined}
            UNION ALL SELECT 'certifications', b.line, code, value, k.partner FROM (SELECT file_row_number + 1 AS line, person,
              CASE WHEN person IS NULL THEN 'missing:person' WHEN certificate IS NULL THEN 'missing:certificate'
                WHEN earned IS NULL THEN 'missing:earned' ELSE 'expires' END AS code, CAST(expires AS VARCHAR) AS value
              FROM {file(facts, "certifications", numbered=True)} WHERE NOT ({fine})) AS b
              LEFT JOIN employed AS e ON e.person = b.person AND now LEFT JOIN k ON k.pid = e.pid
            UNION ALL SELECT 'certifications', file_row_number + 1, 'person', person, NULL
              FROM {file(facts, "certifications", numbered=True)} SEMI JOIN unknown ON unknown.person = r.person WHERE {fine}"""),
        ("sales and references", f"""
            CREATE TEMP TABLE earned AS SELECT key, SUM(usd) AS usd, COUNT(*) - COUNT(usd) AS refs FROM (
              SELECT {key}, (amount * 100)::BIGINT * 100::HUGEINT * factor AS usd
              FROM {file(facts, "sales")} JOIN k ON k.partner = r.partner JOIN fx ON fx.currency = r.currency AND fx."on" = r."on"
              LEFT JOIN solutions AS s ON s.item = r.solution WHERE {year} AND amount IS NOT NULL
              UNION ALL SELECT {key}, NULL::HUGEINT FROM {file(facts, "references")} JOIN k ON k.partner = r.partner
              LEFT JOIN solutions AS s ON s.item = COALESCE(r.competency, r.solution) WHERE {two_years}) GROUP BY key"""),
        ("candidates", f"""
            CREATE TEMP TABLE candidates AS SELECT key, k.pid, n.c, n.class_, e.usd, e.refs, n.people,
              COALESCE(e.usd >= n.usd::HUGEINT * {STEP * 10**10}::HUGEINT - {STEP // 2}, FALSE) AS has_usd, e.refs >= n.refs AS has_refs
            FROM earned AS e JOIN k ON k.pid = (key >> 6) AND active JOIN needs AS n ON n.c = (key & 63) AND n.class_ = k.class_
            WHERE has_usd OR has_refs"""),
        ("near", f"""
            CREATE TEMP TABLE near AS SELECT key, c, class_, COALESCE(x.people, 0) AS people, refs, {rounded("usd")} AS usd,
              COALESCE(x.people >= l.people, FALSE) AS has_people, has_refs, has_usd
            FROM candidates AS l LEFT JOIN (
              SELECT key, COUNT(*) AS people FROM candidates AS i JOIN certified AS e ON e.pid = i.pid
              WHERE ((mask >> c::UBIGINT) & 1) = 1 GROUP BY key) AS x USING (key)
            WHERE has_people::INT + has_refs::INT + has_usd::INT >= 2"""),
        ("levels", f"""
            CREATE TEMP TABLE levels AS SELECT *, CASE WHEN (bits >> 10) = 31 THEN 3 WHEN ((bits >> 5) & 31) = 31 THEN 2
              WHEN (bits & 31) = 31 THEN 1 ELSE 0 END AS rank FROM (
            SELECT k.pid, partner, country, k.class_, s / (answers * 10000)::DOUBLE AS a0, COALESCE(people, 0)::DOUBLE AS a1,
              COALESCE(held, 0)::DOUBLE AS a2, COALESCE({rounded("usd")}, 0)::DOUBLE / 1e10 AS a3, COALESCE(refs, 0)::DOUBLE AS a4,
              {" | ".join(met(i) for i in range(15))} AS bits
            FROM k JOIN level_needs AS n ON n.class_ = k.class_
            LEFT JOIN (SELECT key >> 6 AS pid, SUM(usd) AS usd, SUM(refs) AS refs FROM earned GROUP BY 1) AS e ON e.pid = k.pid
            LEFT JOIN (SELECT pid, COUNT(*) AS people FROM certified GROUP BY pid) AS c ON c.pid = k.pid
            LEFT JOIN (SELECT key >> 6 AS pid, COUNT(*) AS held FROM near WHERE has_people AND has_refs AND has_usd GROUP BY 1)
              AS h ON h.pid = k.pid
            LEFT JOIN (SELECT k.pid, SUM((score * 10000)::BIGINT)::DOUBLE AS s, COUNT(*) AS answers
              FROM {file(facts, "surveys")} JOIN k ON k.partner = r.partner WHERE {two_years} AND score IS NOT NULL
              GROUP BY k.pid) AS v ON v.pid = k.pid
            WHERE active)"""),
    ]  # fmt: skip
    return found + [(f"write {n}", copy(sql, out / f"{n}.parquet")) for n, sql in outputs().items()]


def met(i: int) -> str:
    """Bit i: whether comparison i of the levels holds, exactly."""
    actual = ("s", "people", "held", "usd", "refs")[i % 5]
    needed = {
        0: f"ROUND(n{i} * 10000) * answers", 3: f"n{i}::HUGEINT * {STEP * 10**10}::HUGEINT - {STEP // 2}",
    }.get(i % 5, f"n{i}")  # fmt: skip
    return f"(COALESCE({actual} >= {needed}, FALSE)::INT << {i})"


def rounded(total: str) -> str:
    """A sum of units x factor in 1e-10, half away from zero: HUGEINT division is slow, so by corrected doubles."""
    q, step = f"({total}::DOUBLE / 1e14)::HUGEINT", f"{STEP}::HUGEINT"
    rest = f"({total} - {q} * {step})"
    q2 = f"({rest}::DOUBLE / 1e14)::HUGEINT"
    last = f"({rest} - {q2} * {step})::BIGINT"
    up, down = f"({last} + {STEP * 3 // 2}) // {STEP} - 1", f"({STEP * 3 // 2} - {last}) // {STEP} - 1"
    return f"({q} + {q2} + CASE WHEN {total} < 0 THEN -({down}) ELSE {up} END)"


def outputs() -> dict[str, str]:
    """The contract's tables."""
    level = "CASE rank WHEN 0 THEN 'registered' WHEN 1 THEN 'silver' WHEN 2 THEN 'gold' ELSE 'platinum' END"
    none = "NULL::VARCHAR"
    vouchers = "(CASE rank WHEN 0 THEN 6 WHEN 1 THEN 12 WHEN 2 THEN 20 ELSE 40 END)::DOUBLE"
    rest = f"clause, 'at_least'::comparisons AS comparison, {none} AS note"
    return {
        "standings": f"SELECT partner, {level} AS level, level AS granted, level AS expected, {none} AS path, {none} AS awaiting, "
        f"{none} AS held, {DAY} AS granted_from, NULL::DATE AS granted_until, 'active' AS status, country FROM levels",
        "competencies": f"SELECT partner, name AS competency, TRUE AS held, {DAY} AS since, {none} AS depth FROM near "
        "JOIN k ON k.pid = (key >> 6) JOIN competency USING (c) WHERE has_people AND has_refs AND has_usd",
        "checks": f"SELECT partner, subject, requirement, requirement AS metric, actual, needed, met, {rest} FROM ("
        "SELECT partner, subject, requirement, CASE i % 5 WHEN 0 THEN a0 WHEN 1 THEN a1 WHEN 2 THEN a2 WHEN 3 THEN a3 ELSE a4 END "
        "AS actual, needed, ((bits >> i) & 1) = 1 AS met, clause FROM levels JOIN level_rows USING (class_) "
        "UNION ALL SELECT partner, subject, requirement, CASE j WHEN 0 THEN people::DOUBLE WHEN 1 THEN refs::DOUBLE "
        "ELSE COALESCE(usd, 0)::DOUBLE / 1e10 END, needed, CASE j WHEN 0 THEN has_people WHEN 1 THEN has_refs ELSE has_usd END, clause "
        "FROM near JOIN k ON k.pid = (key >> 6) JOIN competency_rows AS r ON r.c = near.c AND r.class_ = near.class_)",
        "benefits": f"SELECT partner, 'vouchers' AS benefit, {vouchers} AS quantity, 'voucher' AS unit, {none} AS currency, "
        f'DATE \'2017-01-01\' AS "from", DATE \'2017-12-31\' AS "until", 0::DOUBLE AS used, quantity AS "left" FROM levels',
        "results": f"SELECT partner, 'client_satisfaction' AS result, {none} AS subject, a0 AS number, {none} AS text, "
        'NULL::DATE AS "on" FROM levels WHERE a0 IS NOT NULL',
        "problems": _problems(),
    }


def _problems() -> str:
    """The codes as the sentences of `decisions/trouble.py`."""
    column, currency = "SUBSTRING(code, 9)", "SUBSTRING(code, 6)"
    what = f"""CASE WHEN code LIKE 'missing:%' THEN {column} || ' is missing'
        WHEN code = 'country' THEN 'country ''' || value || ''' does not exist'
        WHEN code = 'twice' THEN 'the partner ''' || value || ''' stands there twice'
        WHEN code IN ('partner', 'person') THEN code || ' ''' || value || ''' is not known'
        WHEN code = 'on' THEN 'on ' || value || ' lies before the partner joined'
        WHEN code IN ('until', 'expires', 'left') THEN code || ' ' || value || ' lies before the beginning'
        WHEN {currency} IN (SELECT code FROM currencies) THEN 'no exchange rate for ' || {currency} || ' on ' || value
        ELSE 'currency ''' || {currency} || ''' does not exist' END"""
    why = f"""CASE WHEN code LIKE 'missing:%' THEN t || ' needs it in every row'
        WHEN code = 'country' THEN 'countries are ISO 3166-1 alpha-2 codes'
        WHEN code = 'twice' THEN 'a key belongs to one partner; the first row counts'
        WHEN code = 'partner' THEN 'partners has no valid row with that key'
        WHEN code = 'person' THEN 'people has no valid row with that key'
        WHEN code = 'on' THEN 'a fact cannot be older than the partnership'
        WHEN code IN ('until', 'expires', 'left') THEN 'a period ends on or after its first day'
        WHEN {currency} IN (SELECT code FROM currencies) THEN 'none was published on that day or the ten publication days before'
        ELSE 'currencies are ISO 4217 codes' END"""
    return (
        f"SELECT t AS \"table\", t || '.parquet' AS file, line::BIGINT AS line, {what} AS what, {why} AS why, "
        "'not counted' AS effect, partner FROM bad ORDER BY t, line"
    )


def copy(sql: str, path: Path) -> str:
    """Writes a statement's rows as the engine does."""
    return f"COPY ({sql}) TO '{path}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"


def main(facts: Path, out: Path, threads: int) -> dict[str, float]:
    """Evaluates the facts into `out`; returns processor seconds per step."""
    out.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"memory_limit": "2200MB", "threads": threads}) as db:
        seconds = {}
        began = process_time()
        numbers(db)
        words(db)
        seconds["numbers"] = process_time() - began
        for name, sql in statements(facts, out):
            began = process_time()
            db.execute(sql)
            seconds[name] = process_time() - began
    return seconds


if __name__ == "__main__":
    spent = main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 2)
    sys.stdout.write(json.dumps(spent, indent=2) + "\n")
