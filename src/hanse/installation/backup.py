"""How is a whole installation put into one file, as it was at one moment?

The database and the counts that a restore compares are read in one snapshot. Files and results of runs are immutable
once they are there, and are read after the snapshot: whatever it names is among them.
"""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

from hanse.installation import address, archive, home, programs
from hanse.installation.archive import DUMP, ROOMS, Manifest, OnProgress
from hanse.installation.state import state_of
from hanse.language.problems import CallError, Problem

_SHA256 = re.compile("[0-9a-f]{64}")


def back_up(path: Path, *, replace: bool = False, progress: OnProgress | None = None) -> Manifest:
    """Writes the installation into a file, whole or not at all; gives what it holds.

    The installation is in use meanwhile. Raises CallError where the file exists already (unless `replace`), or the
    database cannot be read.
    """
    if path.exists() and not replace:
        raise CallError(Problem(
            str(path), "the file exists already", "a backup does not silently take the place of another",
            "choose another name, or add --replace",
        ))  # fmt: skip
    if not path.parent.is_dir():
        raise CallError(Problem(
            str(path.parent), "the folder does not exist", "a backup goes into a folder that is there",
            "make it first, or choose another one",
        ))  # fmt: skip
    writer = archive.Writer(path)
    try:
        return _written(writer, progress or _silent)
    except BaseException:
        writer.give_up()
        raise


def _silent(now: str, done: int, total: int) -> None:
    """Tells nobody."""


def _written(writer: archive.Writer, progress: OnProgress) -> Manifest:
    progress("counting", 0, 0)
    with address.connect() as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        state = state_of(connection)
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert snapshot is not None, "a function gives a row"
        progress("dumping the database", 0, 0)
        _dump(connection, str(snapshot[0]), writer.beside)
    writer.add(writer.beside, DUMP)
    writer.beside.unlink()
    files = [(room, path) for room in ROOMS for path in _files_of(home.folder() / room)]
    for number, (room, path) in enumerate(files):
        progress("adding files", number, len(files))
        writer.add(path, f"{room}/{path.relative_to(home.folder() / room)}")
    progress("finishing", len(files), len(files))
    about: dict[str, Any] = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"), "hanse": version("hanse"), "server": state.server,
        "migrations": state.migrations, "rows": state.rows, "audit_head": state.audit_head,
    }  # fmt: skip
    return writer.finish(about)


def _files_of(room: Path) -> list[Path]:
    """The files in place. What somebody is still writing has other names: begun runs a dot, imports no SHA-256."""
    found = (path for path in room.rglob("*") if path.is_file() and not path.is_symlink())
    if room.name == "files":
        return sorted(path for path in found if _SHA256.fullmatch(path.name))
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(room).parts))


def _dump(connection: psycopg.Connection[Any], snapshot: str, to: Path) -> None:
    where, environment = address.for_programs()
    program = programs.clients(connection.info.server_version // 10_000) / "pg_dump"
    to.unlink(missing_ok=True)
    to.touch(mode=0o600)
    command = [
        str(program), "--format=custom", "--compress=1", "--no-owner", f"--snapshot={snapshot}", f"--file={to}",
        f"--dbname={where}",
    ]  # fmt: skip
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["pg_dump failed"]
        raise CallError(Problem(
            str(to), "the database could not be dumped", said[-1],
            "look at the space on the disk and the rights of the user in the database",
        ))  # fmt: skip
