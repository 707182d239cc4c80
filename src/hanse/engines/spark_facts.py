"""Facts as Spark reads them: folders of this machine as DuckDB reads them, and folders of an object store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from hanse.engines import sources
from hanse.engines.dialects import translated
from hanse.language.facts import SQL_TYPES, FactTable
from hanse.language.plan import RAW, quoted
from hanse.language.problems import CallError, Problem, nearest

Malformed = list[tuple[str, str, int, str]]
View = Callable[[str, Any], None]
_TYPES = {"string": "VARCHAR", "timestamp_ntz": "TIMESTAMP", "timestamp": "TIMESTAMP WITH TIME ZONE", "int": "INTEGER"}
_CORRUPT = "_corrupt_line"


def open_facts(
    spark: Any, folder: str, tables: Mapping[str, FactTable], view: View, malformed: Malformed
) -> dict[str, dict[str, str]]:
    """Makes the view `raw_T` of every table; returns the declared columns of those that are there, with their types.

    Lines of CSV that are no rows are added to `malformed`. Raises CallError for a folder that cannot be read.
    """
    schema: dict[str, dict[str, str]] = {}
    remote = "://" in folder
    found = _listed(spark, folder, tables) if remote else _found(Path(folder), tables)
    for name, paths in found.items():
        if paths[0].endswith(".parquet"):
            frame = _parquet(spark, folder, paths)
        elif remote:
            frame = _csv_remote(spark, folder, name, paths, malformed)
        else:
            frame = _csv_here(spark, Path(folder), name, paths, malformed)
        types = {f.name: _kind(f.dataType.simpleString()) for f in frame.schema.fields}
        sources.require_columns(tables[name], set(types), paths[0])
        schema[name] = {c: k for c, k in types.items() if c in tables[name].by_name}
        view(f"{RAW}{name}", frame.select(*(frame[f"`{c}`"] for c in [*schema[name], "_file", "_line"])))
    for name, table in tables.items():
        if name not in schema:
            items = ", ".join(f"CAST(NULL AS {SQL_TYPES[c.type]}) AS {quoted(c.name)}" for c in table.columns)
            text = f"SELECT {items}, CAST(NULL AS VARCHAR) AS _file, CAST(NULL AS BIGINT) AS _line WHERE FALSE"
            view(f"{RAW}{name}", spark.sql(translated(text, "spark", str)))
    return schema


def _kind(spark_type: str) -> str:
    return _TYPES.get(spark_type, spark_type.upper())


def _found(folder: Path, tables: Mapping[str, FactTable]) -> dict[str, list[str]]:
    return {name: [str(p.resolve()) for p in files.paths] for name, files in sources.find(folder, tables).items()}


def _listed(spark: Any, folder: str, tables: Mapping[str, FactTable]) -> dict[str, list[str]]:
    """The files of a folder of an object store by table, as `sources.find` does it for folders of this machine."""
    path = spark._jvm.org.apache.hadoop.fs.Path(folder)
    try:
        system = path.getFileSystem(spark._jsc.hadoopConfiguration())
        entries = sorted(
            (str(s.getPath().getName()), str(s.getPath()), bool(s.isDirectory())) for s in system.listStatus(path)
        )
    except Exception as error:
        raise CallError(Problem("--facts", f"{folder} cannot be listed", str(error).splitlines()[-1][:200],
                                "give a folder, and Spark the store's driver and keys: docs/how-to/spark.md")) from error  # fmt: skip
    found: dict[str, list[str]] = {}
    for entry, full, is_folder in entries:
        inside = [full] if not is_folder else [
            str(s.getPath()) for s in system.listStatus(spark._jvm.org.apache.hadoop.fs.Path(full)) if not s.isDirectory()
        ]  # fmt: skip
        files = sorted(f for f in inside if Path(f).suffix in sources.KINDS and not Path(f).name.startswith(("_", ".")))
        if not files:
            continue
        name = entry if is_folder else Path(entry).stem
        if name not in tables:
            raise CallError(
                Problem(full, f"{name!r} is not a fact table", "it would be silently ignored", nearest(name, tables))
            )
        if len({Path(f).suffix for f in [*found.get(name, []), *files]}) > 1:
            raise CallError(
                Problem(
                    full, f"{name} is there as CSV and as Parquet", "its rows might count twice", "keep one of the two"
                )
            )
        found.setdefault(name, []).extend(files)
    return found


def _parquet(spark: Any, folder: str, paths: list[str]) -> Any:
    """Rows with the place they stand at: file below the folder, and number of the row in it."""
    from pyspark.sql import functions as f

    frame = spark.read.option("mergeSchema", "true").parquet(*paths)
    return frame.select(
        "*",
        _below(folder, f.col("_metadata.file_path")).alias("_file"),
        (f.col("_metadata.row_index") + 1).alias("_line"),
    )


def _below(folder: str, path: Any) -> Any:
    """A file's path without the folder's."""
    from pyspark.sql import functions as f

    shown = folder.rstrip("/") if "://" in folder else str(Path(folder).resolve())
    return f.element_at(f.split(f.url_decode(path), f.lit("\\Q" + shown.split("://")[-1] + "/\\E")), -1)


def _csv_here(spark: Any, folder: Path, name: str, paths: list[str], malformed: Malformed) -> Any:
    parts = []
    for path in paths:
        shown = Path(path).relative_to(folder.resolve()).as_posix()
        table, wrong = sources.read_csv(Path(path), path)
        malformed += [(name, shown, line, why) for line, why in wrong]
        parts.append(table.append_column("_file", pa.array([shown] * table.num_rows, pa.string())))
    return spark.createDataFrame(pa.concat_tables(parts, promote_options="default"))


def _csv_remote(spark: Any, folder: str, name: str, paths: list[str], malformed: Malformed) -> Any:
    """CSV of an object store: all texts, without numbers of lines, which the executors cannot know."""
    from pyspark.sql import functions as f
    from pyspark.sql.types import StringType, StructField, StructType

    options = {"header": "true", "multiLine": "true", "escape": '"', "encoding": "UTF-8"}
    names = spark.read.options(**options).csv(paths).columns
    schema = StructType([StructField(n, StringType()) for n in [*names, _CORRUPT]])
    frame = (
        spark.read.options(columnNameOfCorruptRecord=_CORRUPT, enforceSchema="false", **options)
        .schema(schema)
        .csv(paths)
    )
    frame = frame.select(
        "*", _below(folder, f.col("_metadata.file_path")).alias("_file"), f.lit(None).cast("bigint").alias("_line")
    ).cache()
    for row in frame.where(f.col(_CORRUPT).isNotNull()).select("_file").collect():
        malformed.append((name, row[0], 0, f"the line has not the {len(names)} fields of the header"))
    return frame.where(f.col(_CORRUPT).isNull()).drop(_CORRUPT)


def fetch(spark: Any, folder: str, path: Path) -> int:
    """Copies the one Parquet file that Spark wrote into a folder to a file of this machine; returns its rows."""
    from pyarrow import parquet

    hadoop = spark._jvm.org.apache.hadoop.fs
    source = hadoop.Path(folder)
    system = source.getFileSystem(spark._jsc.hadoopConfiguration())
    parts = [s.getPath() for s in system.listStatus(source) if str(s.getPath().getName()).startswith("part-")]
    system.copyToLocalFile(False, parts[0], hadoop.Path(path.resolve().as_uri()), True)
    return int(parquet.read_metadata(path).num_rows)


def remove(spark: Any, folder: str) -> None:
    """Removes a scratch folder with all that is in it."""
    path = spark._jvm.org.apache.hadoop.fs.Path(folder)
    path.getFileSystem(spark._jsc.hadoopConfiguration()).delete(path, True)
