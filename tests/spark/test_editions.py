"""Does Spark give what DuckDB gives? On the fullest case of every shipped edition, and on a demo channel."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet

from engines.channel import DAY, loaded, made
from engines.in_postgres import sorted_rows
from engines.representative import case_of
from hanse.decisions.evaluate import plan_of
from hanse.engines import cases, run
from hanse.engines.dialects import translated
from hanse.engines.duck import DuckEngine
from hanse.engines.spark import SCRATCH, SparkEngine
from hanse.language import edition as editions
from hanse.language.context import Days
from hanse.language.problems import CallError

pytestmark = pytest.mark.spark
DAYS = Days(DAY, DAY)
QUICK = {  # compiling a plan takes longer than running it over a few rows
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
}


@pytest.fixture(scope="module")
def quick(spark: Any) -> Iterator[Any]:
    before = {key: spark.conf.get(key) for key in QUICK}
    for key, value in QUICK.items():
        spark.conf.set(key, value)
    yield spark
    for key, value in before.items():
        spark.conf.set(key, value)


def write(facts: dict[str, pa.Table], folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name, table in facts.items():
        parquet.write_table(table, folder / f"{name}.parquet")


def assert_alike(got: pa.Table, wanted: pa.Table, output: str) -> None:
    assert [(f.name, f.type) for f in got.schema] == [(f.name, f.type) for f in wanted.schema], output
    assert sorted_rows(got) == sorted_rows(wanted), output


@pytest.mark.parametrize("name", editions.shipped())
def test_every_edition_comes_out_alike(name: str, quick: Any, tmp_path: Path) -> None:
    edition = loaded(name)
    case = case_of(edition)
    write(cases.arrow_facts(edition, case.facts), tmp_path)
    with DuckEngine(tmp_path, edition.tables, memory="1GB", threads=1) as engine:
        plan = plan_of(edition, case.days, engine.info)
        expected = {output: engine.arrow(plan, output) for output in plan.outputs}
    with SparkEngine(tmp_path, edition.tables, spark=quick) as cluster:
        plan = plan_of(edition, case.days, cluster.info)
        for output, wanted in expected.items():
            assert sorted_rows(cluster.arrow(plan, output)) == sorted_rows(wanted), output


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_a_channel_gives_the_same_files(format: str, quick: Any, tmp_path: Path) -> None:
    facts, batch = made(tmp_path, partners=300, format=format)
    with SparkEngine(str(facts), loaded().tables, spark=quick) as engine:
        run.evaluate(engine, loaded(), DAYS, tmp_path / "spark")
    for name in run.FILES:
        wanted, got = (parquet.read_table(folder / f"{name}.parquet") for folder in (batch, tmp_path / "spark"))
        assert_alike(got, wanted, name)
    assert json.loads((tmp_path / "spark/run.json").read_text())["versions"]["spark"] == quick.version


def test_a_folder_by_its_address_and_a_scratch_folder(
    quick: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with an object store: the folder is listed by Spark, rows are handed on through a folder that all reach."""
    facts, batch = made(tmp_path, partners=50)
    many = tmp_path / "many"
    for path in facts.glob("*.parquet"):
        (many / path.stem).mkdir(parents=True)
        path.rename(many / path.stem / "part-0.parquet")
    (tmp_path / "scratch").mkdir()
    monkeypatch.setenv(SCRATCH, (tmp_path / "scratch").as_uri())
    with SparkEngine(many.as_uri(), loaded().tables, spark=quick) as engine:
        plan = plan_of(loaded(), DAYS, engine.info)
        assert_alike(engine.arrow(plan, "standings"), parquet.read_table(batch / "standings.parquet"), "standings")
        problems = run.problems_of(engine, plan)["file"].to_pylist()
        assert list((tmp_path / "scratch").iterdir())
    assert problems
    assert set(problems) <= {f"{path.name}/part-0.parquet" for path in many.iterdir()}
    assert list((tmp_path / "scratch").iterdir()) == []


def test_csv_of_an_object_store(quick: Any, tmp_path: Path) -> None:
    (tmp_path / "partners.csv").write_text(
        'partner,name,country\nA,Ä & Co,FR\nB,"B, Inc",DE\nC,too,many,US\n', encoding="utf-8"
    )
    with SparkEngine(tmp_path.as_uri(), loaded().tables, spark=quick) as engine:
        rows = engine.arrow(plan_of(loaded(), DAYS, engine.info), "standings").to_pylist()
        assert sorted(row["partner"] for row in rows) == ["A", "B"]
        assert engine.malformed == [("partners", "partners.csv", 0, "the line has not the 3 fields of the header")]


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (
            "DATE",
            [
                "2017",
                "2017-01",
                "2017-1-5",
                " 2017-01-05 ",
                "2017/01/05",
                "2017-13-01",
                "20170105",
                "2017-01-05 x",
                "",
                "today",
            ],
        ),
        ("DECIMAL(18, 4)", ["1e3", "1,5", "1.23456", "-", "1_000", "NaN", "999999999999999", "1.00005", ".5", "1."]),
        ("BIGINT", ["1.5", "2.5", "1e3", " 7 ", "7.0", "1_000", "99999999999999999999", "7L", ""]),
        ("DOUBLE", ["1.5", "1e3", "1d", "1.5f", " 1 ", "x"]),
        (
            "TIMESTAMP",
            ["2017-01-05", "2017-01-05 10:00", "2017-01-05T10:00:00", "2017", "2017-01-05 10", "2017-01-05 25:00:00"],
        ),
    ],
)
def test_texts_are_read_alike(kind: str, texts: list[str], quick: Any) -> None:
    source = " UNION ALL ".join(f"SELECT '{text}' AS v" for text in texts)
    sql = f"SELECT v, TRY_CAST(v AS {kind}) AS c FROM ({source}) AS t"
    with duckdb.connect() as database:
        wanted = database.execute(sql).fetchall()
    assert sorted(map(tuple, quick.sql(translated(sql, "spark", str)).collect()), key=repr) == sorted(wanted, key=repr)


def test_a_folder_that_is_not_there_is_an_error_without_a_traceback(quick: Any, tmp_path: Path) -> None:
    with pytest.raises(CallError, match="cannot be listed"):
        SparkEngine((tmp_path / "none").as_uri(), loaded().tables, spark=quick)
    with pytest.raises(CallError, match="is not a folder"):
        SparkEngine(tmp_path / "none", loaded().tables, spark=quick)
