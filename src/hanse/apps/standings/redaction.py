"""Where do runs name a person who is to be erased, and how do they read afterwards?

The database first: rows, and the digests of what will lie in the folders. Files are written anew beside the old ones before the
transaction ends, and take their place after it: whether one may is what the database says. So at no moment is a file there
that is not what was committed, but for those whose turn has not come; `complete` gives them theirs, by the digest alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from hanse.apps.programmes.selectors import loaded
from hanse.apps.standings import turns
from hanse.apps.standings.models import Redacted, Run
from hanse.apps.standings.tables import OUTPUTS, digest_of_rows, table_of
from hanse.apps.statements import dicts
from hanse.decisions import results
from hanse.installation import home
from hanse.language import compiler
from hanse.language.context import Days, FactsInfo
from hanse.language.facts import SQL_TYPES
from hanse.language.money import ecb_rates
from hanse.language.plan import quoted
from hanse.language.problems import CallError, EditionError, Problem

if TYPE_CHECKING:
    from hanse.engines.renamed import Renamed

_READ_ONLY = 0o444
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """What an erasure found: rows in the database, and runs whose folders name the person."""

    rows: int
    runs: int


def erase(person: str, pseudonym: str) -> Found:
    """Puts the pseudonym in the place of the person in every run; part of an erasure's transaction, whose turn it is.

    Raises CallError where a folder cannot be read or written.
    """
    from hanse.engines.renamed import Renamed

    renamed = Renamed(person, pseudonym)
    complete()
    _clear_failed()
    rows, erasure = _in_database(renamed)
    folders = 0
    for run in Run.objects.filter(state=Run.State.DONE).exclude(folder="").order_by("pk"):
        digests = _prepared(run, renamed)
        _noted(run.pk, digests, erasure)
        folders += bool(digests)
    if folders:
        transaction.on_commit(_completed)
    return Found(rows, folders)


# -- the database -----------------------------------------------------------------------------------------------------


def _in_database(renamed: Renamed) -> tuple[int, int]:
    """Renames the rows; returns how many, and the number of the erasure."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT run, array_agg(DISTINCT result) FROM {table_of('results')} WHERE subject = %s OR text = %s GROUP BY run",
            [renamed.before, renamed.before],
        )
        listed: dict[int, list[str]] = dict(cursor.fetchall())
        named = {run.pk: sorted(_of_people(run, listed[run.pk])) for run in Run.objects.filter(pk__in=listed)}
        alone = _alone(renamed, named)
        cursor.execute(
            "SELECT standings_erase(%s, %s, %s, %s, %s)",
            [renamed.before, renamed.after, json.dumps(named), renamed.sentence, renamed.new_sentence],
        )
        found = cursor.fetchone()[0]
    told = json.loads(found) if isinstance(found, str) else found
    for number, digests in alone.items():
        _noted(number, digests, told["erasure"])
    return int(told["rows"]), int(told["erasure"])


def _of_people(run: Run, listed: Collection[str]) -> set[str]:
    """Those of the listed results in which a person may stand. All, where the edition cannot be read any more to say it."""
    try:
        edition = loaded(run.version_id)
        schema = {n: {c.name: SQL_TYPES[c.type] for c in t.columns} for n, t in edition.tables.items()}
        ctx = compiler.context(edition, Days(run.as_of, run.rules_as_of), FactsInfo(schema, ecb_rates()))
        return set(results.of_people(ctx)) & set(listed)
    except EditionError:
        return set(listed)


def _alone(renamed: Renamed, named: Mapping[int, list[str]]) -> dict[int, dict[str, str]]:
    """What will name the rows of partners judged one by one, which have no folder: by run and output.

    Only of runs whose rows are all there still; of the others nobody can say what they were.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT run FROM {table_of('problems')} WHERE what = %s", [renamed.sentence])
        numbers = {number for (number,) in cursor.fetchall()} | set(named)
    found: dict[int, dict[str, str]] = {}
    for run in Run.objects.filter(pk__in=numbers, kind=Run.Kind.SOME):
        known = digests_of([run])[run.pk]
        for output in ("results", "problems"):
            before = _rows(output, run.pk)
            after = [_renamed(output, row, renamed, named.get(run.pk, [])) for row in before]
            if after != before and digest_of_rows(before) == known[output]:
                found.setdefault(run.pk, {})[output] = digest_of_rows(after)
    return found


def _renamed(output: str, row: Row, renamed: Renamed, named: Sequence[str]) -> Row:
    if output == "problems":
        return {**row, "what": renamed.new_sentence} if row["what"] == renamed.sentence else row
    if row["result"] not in named:
        return row
    return {**row, **{c: renamed.after for c in ("subject", "text") if row[c] == renamed.before}}


def _rows(output: str, run: int) -> Sequence[Row]:
    names = ", ".join(quoted(c) for c in OUTPUTS[output] if c != "run")
    return dicts(f"SELECT {names} FROM {table_of(output)} WHERE run = %s", [run])


def digests_of(runs: Collection[Run]) -> dict[int, dict[str, str]]:
    """What names each output of some runs now: the digest of the latest erasure that rewrote it, else the run's own."""
    found = {run.pk: dict(run.digests or {}) for run in runs}
    for number, output, digest in (
        Redacted.objects.filter(run__in=runs).order_by("pk").values_list("run_id", "output", "digest")
    ):
        found[number][output] = digest
    return found


def _noted(run: int, digests: Mapping[str, str], erasure: int) -> None:
    at = timezone.now()
    Redacted.objects.bulk_create(
        Redacted(run_id=run, output=output, digest=digest, at=at, erasure_id=erasure)
        for output, digest in digests.items()
    )


# -- the folders ------------------------------------------------------------------------------------------------------


def _prepared(run: Run, renamed: Renamed) -> dict[str, str]:
    """Writes what names the person in the folder of a run anew, beside it; returns the digests by output.

    A folder that is missing has nothing to be erased; doctor misses it.
    """
    import duckdb
    import pyarrow as pa

    from hanse.engines import renamed as written

    folder, digests = run.place, {}
    if not folder.is_dir():
        return {}
    try:
        counted = written.results_naming(folder / "results.parquet", renamed)
        if people := _of_people(run, counted) if counted else None:
            target = waiting(folder, "results")
            written.write_results(folder / "results.parquet", renamed, people, target)
            digests["results"] = _closed(target)
        if written.problems_naming(folder / "problems.parquet", renamed):
            target = waiting(folder, "problems")
            written.write_problems_anew(folder / "problems.parquet", renamed, target)
            digests["problems"] = _closed(target)
    except (OSError, duckdb.Error, pa.ArrowException) as error:
        raise CallError(Problem(
            str(folder), f"the outcome of run {run.pk} cannot be read or written anew", str(error).splitlines()[0],
            "bring the folder back from a backup, or take it away, and erase again",
        )) from error  # fmt: skip
    return digests


def waiting(folder: Path, output: str) -> Path:
    """Where a file that was written anew waits for its turn."""
    return folder / f".{output}.parquet.erased"


def _closed(path: Path) -> str:
    """Sees to it that a file is on the disk and nobody writes to it; returns its SHA-256."""
    path.chmod(_READ_ONLY)
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


def complete() -> int:
    """Puts files that an erasure has written anew in their places, and clears away those of one that came to nothing.

    Returns how many found their place. To be called while nobody else erases.
    """
    placed = 0
    for path, run, output in _all_waiting():
        wanted = digests_of([run])[run.pk].get(output)
        if _closed(path) == wanted:
            _described(path.parent, output, wanted)
            path.replace(path.parent / f"{output}.parquet")
            _on_disk(path.parent)
            placed += 1
        else:
            path.unlink()
    return placed


def _completed() -> None:
    """The same once the erasure is on record: what fails now has been erased all the same, and stands in a file still."""
    try:
        with transaction.atomic():
            turns.erasing()
            complete()
    except OSError as error:
        raise CallError(Problem(
            str(error.filename), "the erasure is on record, but a file that names the person is still there",
            error.strerror or str(error), "see to the disk; then hanse doctor --mend completes it",
        )) from error  # fmt: skip


def _clear_failed() -> None:
    """What a run that came to nothing may have left, should its process have been killed twice."""
    room = home.folder() / "runs"
    for uuid in Run.objects.filter(state=Run.State.FAILED, kind=Run.Kind.ALL).values_list("uuid", flat=True):
        for path in (room / str(uuid), *room.glob(f".{uuid}-*")):
            shutil.rmtree(path, ignore_errors=True)


def _all_waiting() -> Iterator[tuple[Path, Run, str]]:
    runs = {run.place: run for run in Run.objects.filter(state=Run.State.DONE).exclude(folder="")}
    for path in sorted((home.folder() / "runs").glob("*/.*.parquet.erased")):
        run = runs.get(path.parent)
        if run is not None:
            yield path, run, path.name[1:].partition(".")[0]


def _described(folder: Path, output: str, digest: str) -> None:
    """`run.json` says it too, beside the digests that the run gave."""
    path, target = folder / "run.json", folder / ".run.json.erased"
    described = json.loads(path.read_text(encoding="utf-8"))
    described["redacted"] = {**described.get("redacted", {}), output: digest}
    target.unlink(missing_ok=True)
    target.write_text(json.dumps(described, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    _closed(target)
    target.replace(path)


def _on_disk(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
