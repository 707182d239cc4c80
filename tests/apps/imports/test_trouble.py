"""A full disk, a lost connection, a database that has no room: what is said, and does a second start complete it?"""

from __future__ import annotations

import json
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from apps.conftest import Installation, connect
from apps.imports.channel import brought_in, csv_file, sale, visible
from hanse.apps.accounts.actors import operator
from hanse.apps.imports import keeping, services
from hanse.apps.imports.models import Import
from hanse.installation import home
from hanse.installation.data_folder import SUPERUSER
from hanse.language.problems import CallError

MANY = 30_000


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """A disk that is nearly full: writing beyond so many bytes fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def cut_off(url: str, when: str) -> Callable[[str, int, int], None]:
    """An onlooker who, as soon as this is being done, ends all connections of others to the database; once."""
    done = []

    def tell(text: str, _done: int, _total: int) -> None:
        if text.startswith(when) and not done:
            done.append(text)
            with psycopg.connect(url, autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

    return tell


def test_no_room_for_the_kept_file(installation: Installation, tmp_path: Path) -> None:
    path = csv_file(tmp_path, [sale("P-1", n) for n in range(1000)])
    with no_file_larger_than(4096), pytest.raises(CallError) as full:
        brought_in(path)
    (problem,) = full.value.problems
    assert problem.place == str(home.room("files"))
    assert "nothing was recorded" in problem.remedy
    assert list(home.room("files").iterdir()) == []
    assert Import.objects.count() == 0
    assert brought_in(path).added == 1000


def test_no_room_for_the_rows_while_they_are_read(installation: Installation, tmp_path: Path) -> None:
    rows = [sale("P-1", n) for n in range(MANY)]
    path = csv_file(tmp_path, rows)
    sha256, size = keeping.keep(path, "sales.csv")  # there was room for the file, and then none
    assert size > 4096
    (tmp_path / "sales.csv").unlink()
    kept = keeping.kept(sha256)
    with no_file_larger_than(4096), pytest.raises(CallError) as full:
        brought_in(kept, dry_run=True)
    assert "nothing was recorded" in full.value.problems[0].remedy


def as_superuser(url: str, statement: str) -> None:
    """Only the server's own superuser may take room away."""
    parts = conninfo_to_dict(url) | {"user": SUPERUSER}
    with psycopg.connect(make_conninfo(**parts), autocommit=True) as connection:  # type: ignore[arg-type]
        connection.execute(statement)


def test_no_room_in_the_database(installation: Installation, tmp_path: Path) -> None:
    name = conninfo_to_dict(installation.url)["dbname"]
    path = csv_file(tmp_path, [sale("P-1", n) for n in range(MANY)])
    for setting in ("work_mem = '64kB'", "temp_file_limit = '64kB'"):
        as_superuser(installation.url, f"ALTER DATABASE {name} SET {setting}")
    connect(installation.url)
    with pytest.raises(CallError) as full:
        brought_in(path)
    (problem,) = full.value.problems
    assert problem.what == "the database has no room for the rows"
    assert "hanse import --resume" in problem.remedy
    assert [i.state for i in Import.objects.all()] == ["waiting"]
    assert visible() == []
    as_superuser(installation.url, f"ALTER DATABASE {name} RESET ALL")
    connect(installation.url)
    (outcome,) = services.resume(actor=operator())
    assert (outcome.state, outcome.added) == ("done", MANY)


@pytest.mark.parametrize("when", ["checking", "recording sales"])
def test_a_lost_connection(installation: Installation, tmp_path: Path, when: str) -> None:
    path = csv_file(tmp_path, [sale("P-1", n) for n in range(100)])
    with pytest.raises(CallError) as lost:
        brought_in(path, progress=cut_off(installation.url, when))
    (problem,) = lost.value.problems
    assert problem.place == "sales.csv"
    assert problem.what in ("the connection to the database was lost", "the database was stopped")
    assert "hanse import --resume" in problem.remedy
    connect(installation.url)
    assert [i.state for i in Import.objects.all()] == ["waiting"]
    assert visible() == []
    assert brought_in(path).added == 100
    assert len(visible()) == 100


def number_of(answer: str) -> int:
    """The number of the only import in an answer for programs."""
    (outcome,) = json.loads(answer)
    return int(outcome["number"])


def test_the_command_line_says_it_in_place_what_why_and_remedy(installation: Installation, tmp_path: Path) -> None:
    path = csv_file(tmp_path, [("P-1", "04/05/2017", "1.5")], columns=("partner", "on", "amount"))
    said = installation.run("import", path, fails=2)
    assert "in which currency are the amounts?" in said
    assert "remedy: say it: --currency EUR" in said
    assert "remedy: say it: --dates dmy" in said
    number = number_of(installation.run("import", path, "--currency", "EUR", "--dates", "dmy", "--json"))
    assert f"was imported before as import {number}" in installation.run("import", path)
    assert '"state": "done"' in installation.run("import", "--list", "--json")
    assert "is taken back" in installation.run("undo", number, "--reason", "a test")
    assert "has been taken back already" in installation.run("undo", number, fails=2)
    assert "the file cannot be read" in installation.run("import", tmp_path / "gone.csv", fails=2)


def test_refused_rows_by_command_line(installation: Installation, tmp_path: Path) -> None:
    path = csv_file(tmp_path, [sale("P-1"), sale("P-2", day="soon")])
    assert "on: not a day" in installation.run("import", path, "--dry-run")
    number = number_of(installation.run("import", path, "--no-evaluate", "--json"))
    assert "on 'soon' is not a day" in installation.run("import", "--refused", number)
    mend = tmp_path / "mend.csv"
    assert f"hanse import {mend}" in installation.run("import", "--refused", number, "--to", mend)
    mend.write_text(mend.read_text(encoding="utf-8-sig").replace("P-2,soon", "P-2,2017-04-01"), encoding="utf-8")
    assert "mend.csv imported as import" in installation.run("import", mend)
    assert "say one thing to do" in installation.run("import", "--resume", "--list", fails=2)
