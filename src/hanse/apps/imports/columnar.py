"""What stands in a Parquet file? Its columns keep their types; DuckDB reads it where it lies."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from hanse.apps.imports.names import headings_of
from hanse.apps.imports.reading import Sheet
from hanse.language.problems import CallError, Problem


def parquet_sheet(path: Path, shown: str) -> Sheet:
    """The file as one sheet. Rows are numbered from 1. Raises CallError for a damaged file."""
    try:
        schema = parquet.read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise CallError(
            Problem(shown, "the Parquet file cannot be read", str(error).splitlines()[0], "write the file again")
        ) from error
    exact = {f.name for f in schema if not (pa.types.is_string(f.type) or pa.types.is_large_string(f.type))}
    return Sheet("", headings_of(schema.names), 0, None, path, exact)
