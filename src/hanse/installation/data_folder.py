"""Is the embedded server's data folder there, and of the version that runs it?

`home/database/` holds `data` (the server's own), `log`, and two empty files that processes lock. A folder is made, or
upgraded, beside its final place and moved there whole: whatever interrupts that, what was there before is untouched.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
from pathlib import Path

from hanse.installation import programs
from hanse.installation.programs import VERSION, Runner
from hanse.language.problems import CallError, Problem

SUPERUSER = "postgres"
_INITDB = (
    "--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
    f"--username={SUPERUSER}",
)  # fmt: skip
_log = logging.getLogger(__name__)


def prepare(database: Path) -> Runner:
    """Makes sure of a data folder of the right version; gives as whom its server runs. To be called under the lock.

    Raises CallError where the folder is of a version that cannot be upgraded, or is newer; it is not touched then.
    """
    data = database / "data"
    found = version_of(data)
    if found is not None and found not in programs.CARRIED:
        raise CallError(_foreign(data, found))
    runner = programs.runner(data)
    _open_to(runner, database)
    if found is None:
        _make(database, runner)
    elif found != VERSION:
        _upgrade(database, runner, found)
    return runner


def version_of(data: Path) -> int | None:
    """The major version that made a data folder; None where there is none.

    Raises CallError where something else is there.
    """
    try:
        return int((data / "PG_VERSION").read_text(encoding="ascii").strip())
    except FileNotFoundError:
        if not data.exists():
            return None
        why = "it lacks the file PG_VERSION that every data folder has"
    except ValueError:
        why = "its file PG_VERSION does not hold a version"
    raise CallError(Problem(
        str(data), "this is not a data folder of PostgreSQL", why,
        "put the folder back from a backup of the disk; or move it away, run hanse init and hanse restore FILE",
    ))  # fmt: skip


def _foreign(data: Path, found: int) -> Problem:
    carried = " and ".join(str(v) for v in sorted(programs.CARRIED))
    if found > VERSION:
        return Problem(
            str(data), f"the database was made by PostgreSQL {found}, and this hanse runs {VERSION}",
            "an older server cannot read the folder of a newer one; nothing was changed",
            f"install the hanse that made it; or dump it with the programs of PostgreSQL {found} and load it elsewhere",
        )  # fmt: skip
    return Problem(
        str(data), f"the database was made by PostgreSQL {found}, and this hanse runs {VERSION}",
        f"it carries only the programs of {carried}, which an upgrade needs; nothing was changed",
        "with the hanse that made it run hanse backup FILE, move the folder away, and here run hanse restore FILE",
    )  # fmt: skip


def _open_to(runner: Runner, database: Path) -> None:
    """Where root calls and the server is another user's: gives that user the folder, and a way to it."""
    if not runner.other:
        return
    changed = programs.let_through(database) + programs.let_through(programs.carried() / "postgres")
    for folder in changed:
        _log.info("others may now pass through %s (not look into it): the database server must", folder)
    if database.stat().st_uid != runner.uid:
        os.chown(database, runner.uid, runner.gid)
    log = database / "log"
    if log.exists() and log.stat().st_uid != runner.uid:
        os.chown(log, runner.uid, runner.gid)


def _make(database: Path, runner: Runner) -> None:
    made = database / "data.new"
    shutil.rmtree(made, ignore_errors=True)  # of somebody who was interrupted
    try:
        programs.run("initdb", *_INITDB, "-D", str(made), runner=runner)
    except subprocess.CalledProcessError as error:
        raise CallError(Problem(
            str(database), "the database cannot be made", _last_lines(error.stderr),
            "look at the rights of the folder and the space on the disk",
        )) from error  # fmt: skip
    made.rename(database / "data")
    _log.info("made a database in %s", database)


def _upgrade(database: Path, runner: Runner, found: int) -> None:
    """Copies the data into a new folder of this version; the old one is kept beside it."""
    data, made, kept = database / "data", database / "data.new", database / f"data.{found}"
    if kept.exists():
        raise CallError(Problem(
            str(kept), "an earlier upgrade kept a database here", "a second one would take its place",
            "when the database in use is complete, move this folder away and start again",
        ))  # fmt: skip
    _log.warning("upgrading the database from PostgreSQL %s to %s; this takes as long as copying it", found, VERSION)
    shutil.rmtree(made, ignore_errors=True)
    if runner.other:
        programs.let_through(programs.carried(found) / "postgres")
    try:
        _finish_recovery(data, runner, found)
        state = programs.run("pg_controldata", "-D", str(data), runner=runner, version=found)
        sums = "--no-data-checksums" if re.search(r"checksum version:\s*0\b", state) else "--data-checksums"
        programs.run("initdb", "--auth=trust", f"--username={SUPERUSER}", sums, "-D", str(made), runner=runner)
        programs.run(
            "pg_upgrade", "-b", str(programs.carried(found)), "-d", str(data), "-D", str(made), "-U", SUPERUSER,
            "-s", str(made), runner=runner, folder=made,
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        said = f"{_last_lines(error.stderr)}{_upgrade_log(made)}"
        shutil.rmtree(made, ignore_errors=True)
        raise CallError(Problem(
            str(data), f"the database of PostgreSQL {found} cannot be upgraded to {VERSION}", said,
            f"the data are as they were; see to the reason, or start the hanse that used PostgreSQL {found} again",
        )) from error  # fmt: skip
    data.rename(kept)
    made.rename(data)
    _log.warning("upgraded; the old database is kept in %s until you remove it", kept)


def _finish_recovery(data: Path, runner: Runner, version: int) -> None:
    """pg_upgrade wants a folder that was shut down in order: starts its own server once where it was not."""
    state = programs.run("pg_controldata", "-D", str(data), runner=runner, version=version)
    if re.search(r"Database cluster state:\s+shut down\n", state):
        return
    where = f"-h '' -k {data}"
    programs.run(
        "pg_ctl", "-w", "-t", "3600", "-o", where, "-l", str(data.parent / "log"), "-D", str(data), "start",
        runner=runner, version=version,
    )  # fmt: skip
    programs.run("pg_ctl", "-w", "-t", "600", "-D", str(data), "stop", runner=runner, version=version)


def _upgrade_log(made: Path) -> str:
    logs = sorted(made.glob("pg_upgrade_output.d/*/log/*.log"), key=lambda path: path.stat().st_mtime)
    return f" / {_last_lines(logs[-1].read_text(encoding='utf-8', errors='replace'))}" if logs else ""


def _last_lines(text: str, count: int = 4) -> str:
    return " / ".join(line.strip() for line in text.strip().splitlines()[-count:]) or "it did not say why"
