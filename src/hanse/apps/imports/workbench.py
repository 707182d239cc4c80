"""The rows of a file between reading and recording: kept as texts on disk, looked at, typed and checked in DuckDB.

A file of any size passes through in chunks; what does not fit into the memory allowed is spilled to a folder that
goes away with the workbench.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hanse.apps.imports import codes, forms, recognition
from hanse.apps.imports.contents import SAMPLE, look_at
from hanse.apps.imports.keeping import scratch
from hanse.apps.imports.mapping import Answers, Question, SheetMapping
from hanse.apps.imports.reading import Malformed, Sheet, sheets_of
from hanse.apps.imports.recognition import Given, Recognised
from hanse.apps.imports.typing_rules import statement
from hanse.language.facts import CONTRACT
from hanse.language.plan import literal, quoted
from hanse.language.problems import CallError, Problem

MEMORY = "160MB"
BATCH = 20_000
_MOST_MALFORMED = 20_000  # and more than there are rows: the file is something else
Progress = Callable[[str, int, int], None]


@dataclass
class Loaded:
    """A sheet whose rows lie on the workbench: its relation, how many there are, and the lines that are no rows."""

    sheet: Sheet
    source: str
    rows: int
    malformed: list[Malformed] = field(default_factory=list)

    def cell(self, heading: str) -> str:
        """The SQL of the text under a heading: trimmed, null where it is blank."""
        return f"s.c{self.sheet.headings.index(heading)}"


class Workbench:
    """One file on its way. Use as a context manager."""

    def __init__(self, path: Path, shown: str, *, progress: Progress | None = None) -> None:
        self.shown = shown
        self._path = path
        self._tell = progress or (lambda _text, _done, _total: None)
        self._open = ExitStack()
        self._folder = self._open.enter_context(scratch())
        self.db = duckdb.connect(config={
            "memory_limit": MEMORY, "temp_directory": str(self._folder), "threads": 2, "autoinstall_known_extensions": False,
        })  # fmt: skip
        self.sheets: list[Loaded] = []

    def __enter__(self) -> Workbench:
        return self

    def __exit__(self, *_: object) -> None:
        self.db.close()
        self._open.close()

    # -- laying the rows out -----------------------------------------------------------------------------------

    def load(self) -> None:
        """Reads the whole file. Raises CallError where it cannot be read, or the disk is full."""
        found = sheets_of(self._path, self.shown)
        for number, sheet in enumerate(found):
            try:
                loaded = self._parquet(sheet) if sheet.parquet else self._texts(sheet, number)
            except OSError as error:
                raise no_room(str(self._folder), error) from error
            if loaded.rows or loaded.malformed or len(found) == 1:  # other sheets with headings alone say nothing
                self.sheets.append(loaded)

    def _texts(self, sheet: Sheet, number: int) -> Loaded:
        path = self._folder / f"sheet{number}.parquet"
        names = ["line", *(f"c{i}" for i in range(len(sheet.headings)))]
        schema = pa.schema([("line", pa.int64()), *((n, pa.string()) for n in names[1:])])
        loaded = Loaded(sheet, f"read_parquet({literal(str(path))})", 0)
        with pq.ParquetWriter(path, schema, compression="lz4", use_dictionary=False, write_statistics=False) as writer:
            assert sheet.chunks is not None
            for chunk in sheet.chunks():
                arrays = [pa.array(chunk.lines, pa.int64()), *map(_trimmed, chunk.columns)]
                writer.write_batch(pa.record_batch(arrays, schema=schema))
                loaded.rows += len(chunk.lines)
                loaded.malformed += chunk.malformed
                if len(loaded.malformed) > max(_MOST_MALFORMED, loaded.rows):
                    raise _no_table(self.shown, loaded.malformed[0].line)
                self._tell("reading", loaded.rows, 0)
        return loaded

    def _parquet(self, sheet: Sheet) -> Loaded:
        assert sheet.parquet is not None
        file = f"read_parquet({literal(str(sheet.parquet))}, file_row_number = true)"
        given = pq.read_schema(sheet.parquet).names
        items = ", ".join(f"NULLIF(trim(CAST({quoted(n)} AS VARCHAR)), '') AS c{i}" for i, n in enumerate(given))
        ((count,),) = self.db.execute(f"SELECT count(*) FROM {file}").fetchall()
        return Loaded(sheet, f"(SELECT file_row_number + 1 AS line, {items} FROM {file})", int(count))

    # -- recognising -------------------------------------------------------------------------------------------

    def recognise(
        self, answers: Answers, remembered: list[SheetMapping]
    ) -> tuple[tuple[SheetMapping, ...], list[Question], list[str]]:
        """The mapping of every sheet as far as it is known, what must be asked, and what people should know."""
        mappings: list[SheetMapping] = []
        questions: list[Question] = []
        notes: list[str] = []
        for loaded in self.sheets:
            found = self.recognise_sheet(loaded, answers, remembered)
            questions += found.questions
            notes += found.notes
            if found.mapping is not None:
                mappings.append(found.mapping)
        return tuple(mappings), questions, notes

    def recognise_sheet(self, loaded: Loaded, answers: Answers, remembered: list[SheetMapping]) -> Recognised:
        """The same for one sheet."""
        given, own = self._given(loaded), answers.about(loaded.sheet.name)
        found = recognition.recognise(given, own, remembered)
        if found.mapping is None:
            return found
        taught = next((m for m in remembered if m.table == found.mapping.table), None)
        written = forms.forms_of(
            self.db,
            f"{loaded.source} AS s",
            found.mapping,
            loaded.cell,
            loaded.sheet.exact,
            own,
            taught,
            given.place,
        )
        mapping = replace(found.mapping, dates=written.dates, decimals=written.decimals)
        return Recognised(mapping, [*found.questions, *written.questions], found.notes)

    def sample(self, loaded: Loaded, rows: int = SAMPLE) -> list[tuple[str | None, ...]]:
        """The first cells under each heading."""
        headings = loaded.sheet.headings
        cells = ", ".join(f"c{i}" for i in range(len(headings)))
        found = self.db.execute(f"SELECT {cells} FROM {loaded.source} LIMIT {rows}").fetchall()
        return list(zip(*found, strict=True)) if found else [()] * len(headings)

    def _given(self, loaded: Loaded) -> Given:
        """The headings with a look at the first rows."""
        headings = loaded.sheet.headings
        contents = {h: look_at(column) for h, column in zip(headings, self.sample(loaded), strict=True)}
        return Given(loaded.sheet.name, headings, contents, self.shown)

    # -- typing ------------------------------------------------------------------------------------------------

    def loaded(self, mapping: SheetMapping) -> Loaded:
        return next(sheet for sheet in self.sheets if sheet.sheet.name == mapping.sheet)

    def typed(self, mapping: SheetMapping) -> Iterator[pa.RecordBatch]:
        """The rows of a sheet in order: `line`, the table's columns typed, `more`; `codes` and `cells` are null for a good row.

        Where the table has a key, a second row of the same key is refused; one that repeats the first word for word
        says nothing new and has the single code `repeated`.
        """
        loaded = self.loaded(mapping)
        lookups = self._lookups(mapping, loaded)
        sql = statement(mapping, loaded.source, loaded.cell, lookups, width=len(loaded.sheet.headings))
        if CONTRACT[mapping.table].key:
            self._mark_repeated(mapping, sql)
            named = ", ".join(["t.line", *(f"t.{quoted(c.name)}" for c in CONTRACT[mapping.table].columns), "t.more"])
            cells = ", ".join(f"w.c{i}" for i in range(len(loaded.sheet.headings)))
            sql = (
                f"SELECT {named}, COALESCE(t.codes, CASE WHEN m.code IS NOT NULL THEN [m.code] END) AS codes, "
                f"COALESCE(t.cells, m.cells) AS cells FROM ({sql}) AS t LEFT JOIN (SELECT m.line, m.code, [{cells}] AS cells FROM "
                f"repeated_keys AS m JOIN {loaded.source} AS w ON w.line = m.line) AS m ON m.line = t.line ORDER BY t.line"
            )
        try:
            yield from self.db.sql(sql).to_arrow_reader(BATCH)
        except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
            raise no_room(str(self._folder), error) from error

    def _lookups(self, mapping: SheetMapping, loaded: Loaded) -> dict[str, str]:
        """For columns of countries and currencies, a relation of the texts that stand there with their codes."""
        found = {}
        for column in CONTRACT[mapping.table].columns:
            translate = {"country": codes.country_code, "currency": codes.currency_code}.get(column.type)
            if translate is None or not (column.name in mapping.columns or column.name in mapping.constants):
                continue
            if column.name in mapping.constants:
                texts = [mapping.constants[column.name]]
            else:
                cell = loaded.cell(mapping.columns[column.name])
                sql = f"SELECT DISTINCT {cell} AS v FROM {loaded.source} AS s WHERE v IS NOT NULL"
                texts = [row[0] for row in self.db.execute(sql).fetchall()]
            name = f"code_of_{column.name}"
            table = pa.table({
                "text": pa.array(texts, pa.string()), "code": pa.array([translate(t) for t in texts], pa.string()),
            })  # fmt: skip
            self.db.register("arriving", table)
            self.db.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM arriving")
            self.db.unregister("arriving")
            found[column.name] = name
        return found

    def _mark_repeated(self, mapping: SheetMapping, sql: str) -> None:
        """Lines that say a key again, each with its code: `repeated`, or what is wrong and where the key stands first."""
        table = CONTRACT[mapping.table]
        key = ", ".join(f"COALESCE(CAST({quoted(c)} AS VARCHAR), '')" for c in table.key)
        content = ", ".join(f"CAST({quoted(c.name)} AS VARCHAR)" for c in table.columns)
        shown = " || ' ' || ".join(f"COALESCE(CAST({quoted(c)} AS VARCHAR), '')" for c in table.key)
        self.db.execute(
            "CREATE OR REPLACE TEMP TABLE row_keys AS SELECT line, md5_number(concat_ws(chr(31), "
            f"{key})) AS k, md5_number(to_json([{content}, more])::VARCHAR) AS c, left({shown}, 80) AS shown "
            f"FROM ({sql}) WHERE codes IS NULL"
        )
        self.db.execute(
            "CREATE OR REPLACE TEMP TABLE repeated_keys AS SELECT r.line, CASE WHEN r.c = f.c THEN 'repeated' ELSE "
            f"'twice_in_file:{' '.join(table.key)}:' || f.line || ':' || trim(r.shown) END AS code FROM row_keys AS r JOIN ("
            "SELECT k, min(line) AS line, arg_min(c, line) AS c FROM row_keys GROUP BY k HAVING count(*) > 1) AS f "
            "ON f.k = r.k AND r.line > f.line"
        )
        self.db.execute("DROP TABLE row_keys")


def _trimmed(texts: Sequence[str | None]) -> pa.Array:
    """A column without blanks around its texts, blank ones as nulls."""
    array = pc.utf8_trim_whitespace(pa.array(texts, pa.string()))
    return pc.if_else(pc.equal(array, ""), pa.scalar(None, pa.string()), array)


def _no_table(shown: str, line: int) -> CallError:
    return CallError(
        Problem(f"{shown}:{line}", "most lines are no rows", "they have other fields than the headings, or wrong quotes",
                "look at the delimiter and the quotes; export the file again")
    )  # fmt: skip


def no_room(folder: str, error: Exception) -> CallError:
    """What to say when the disk is full, or a file cannot be written."""
    return CallError(
        Problem(folder, "the rows cannot be kept while they are read", str(error).splitlines()[0],
                "make room on the disk, or set TMPDIR to a folder that has some; nothing was recorded")
    )  # fmt: skip
