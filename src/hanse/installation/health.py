"""What is wrong with an installation, as far as the machine and the database server can say?

Each check gives findings: what was looked at, and where something is wrong a problem with its remedy, and where that is
safe, a way to mend it. Nothing here reads what an app alone can judge.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from hanse.installation import address, home
from hanse.installation.address import APPLICATION_ROLE
from hanse.language.problems import Problem

ENOUGH = 2 * 10**9  # bytes free on a disk, below which an import of a million rows may fail
SKEW = 5.0  # seconds that this machine's clock may differ from the server's
_SAFE = ("fsync", "full_page_writes", "synchronous_commit")
_RIGHTS = """
SELECT r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb, r.rolcanlogin,
    has_schema_privilege(r.rolname, 'public', 'CREATE'), has_schema_privilege(r.rolname, 'public', 'USAGE')
FROM pg_roles AS r WHERE r.rolname = %s
"""


@dataclass(frozen=True)
class Finding:
    """What one check saw. `problem` is None where all is well; `mend` puts it right and says what it did."""

    check: str
    says: str
    problem: Problem | None = None
    mend: Callable[[], str] | None = None


def of_the_machine() -> Iterator[Finding]:
    """Python, the folder and its rights, and the space on the disk."""
    yield Finding("python", f"{sys.version.split()[0]} on {sys.platform}")
    yield from _rights()
    free = shutil.disk_usage(_existing(home.folder())).free
    says = f"{free / 1e9:,.1f} GB free"
    if free < ENOUGH:
        yield Finding("disk", says, Problem(
            str(home.folder()), "the disk is nearly full",
            f"{says}, and an import or a run may need {ENOUGH / 1e9:,.0f} GB",
            "make room, or move HANSE_HOME to a larger disk",
        ))  # fmt: skip
    else:
        yield Finding("disk", says)


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _rights() -> Iterator[Finding]:
    folder = home.folder()
    if not folder.is_dir():
        yield Finding("home", str(folder), Problem(
            str(folder), "the folder of the installation is not there",
            "hanse init makes it, or HANSE_HOME names another", "run hanse init, or set HANSE_HOME",
        ))  # fmt: skip
        return
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("home", str(folder), Problem(
            str(folder), "this user may not write here", "the folder belongs to another user",
            "run hanse as the user who made the installation",
        ))  # fmt: skip
        return
    open_to_others = [path for path in _private(folder) if stat.S_IMODE(path.stat().st_mode) & 0o077]
    for path in open_to_others:
        yield Finding("home", str(path), Problem(
            str(path), "others on this machine may read it", f"its rights are {stat.S_IMODE(path.stat().st_mode):o}",
            f"chmod go= {path}",
        ), mend=partial(_closed, path))  # fmt: skip
    if not open_to_others:
        yield Finding("home", str(folder))


def _private(folder: Path) -> list[Path]:
    names = ("secret_key", "files", "runs", "editions", "database", "database/socket", "database/data")
    return [folder / name for name in names if (folder / name).exists()]


def _closed(path: Path) -> str:
    path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o700)
    return f"closed {path} to others"


def of_the_server(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    """The server's settings, its clock, and the application's role. `connection` is the owner's."""
    version = connection.info.server_version
    yield Finding("server", f"PostgreSQL {version // 10_000}.{version % 10_000} at {address.shown()}")
    for name in _SAFE:
        if _one(connection, "SELECT current_setting(%s)", [name]) == "off":
            yield Finding("server", f"{name} is off", Problem(
                name, f"{name} is off", "after a failure of the power, what was recorded may be lost or damaged",
                f"ALTER SYSTEM SET {name} = on, and restart the server",
            ))  # fmt: skip
    encoding = _one(connection, "SELECT getdatabaseencoding()")
    if encoding != "UTF8":
        yield Finding("server", f"the database is {encoding}", Problem(
            address.shown(), f"the encoding of the database is {encoding}", "names of partners need all of Unicode",
            "back up, create the database with ENCODING 'UTF8', and restore",
        ))  # fmt: skip
    yield _clock(connection)
    yield from _role(connection)


def _clock(connection: psycopg.Connection[Any]) -> Finding:
    before = datetime.now(UTC)
    there = _one(connection, "SELECT clock_timestamp()")
    after = datetime.now(UTC)
    skew = max((there - after).total_seconds(), (before - there).total_seconds(), 0.0)
    if skew > SKEW:
        return Finding("clock", f"{skew:,.0f} s apart", Problem(
            "the clock", f"this machine and the database differ by {skew:,.0f} seconds",
            "when a fact was learned is told by the database, and the day that is judged by this machine",
            "set both by a time server (timedatectl set-ntp true)",
        ))  # fmt: skip
    latest = None
    if _one(connection, "SELECT to_regclass('public.audit_entry')") is not None:
        latest = _one(connection, "SELECT max(at) FROM audit_entry")
    if latest is not None and (latest - there).total_seconds() > SKEW:
        return Finding("clock", f"the trail ends at {latest}", Problem(
            "the clock", "the newest entry of the trail lies in the future",
            f"it is of {latest}, and it is {there} now",
            "set the clock right; what is recorded meanwhile carries a moment before what it follows",
        ))  # fmt: skip
    return Finding("clock", f"{there:%Y-%m-%d %H:%M:%S} UTC")


def _role(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    rights = connection.execute(_RIGHTS, [APPLICATION_ROLE]).fetchone()
    if rights is None:
        yield Finding("role", APPLICATION_ROLE, Problem(
            f"the role {APPLICATION_ROLE}", "the application's role is missing",
            "the application may do nothing without it", "run hanse init",
        ))  # fmt: skip
        return
    mighty, logs_in, creates, uses = rights
    wrongs = [
        (mighty, "may more than the application may",
         f"ALTER ROLE {APPLICATION_ROLE} NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB"),
        (logs_in, "can log in by itself", f"ALTER ROLE {APPLICATION_ROLE} NOLOGIN"),
        (creates, "may make tables", f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {APPLICATION_ROLE}"),
        (not uses, "may not see the tables", f"GRANT USAGE ON SCHEMA public TO {APPLICATION_ROLE}"),
    ]  # fmt: skip
    found = False
    for is_wrong, what, statement in wrongs:
        if is_wrong:
            found = True
            yield Finding("role", what, Problem(
                f"the role {APPLICATION_ROLE}", f"the application's role {what}", "somebody changed it in the database",
                f"{statement};",
            ), mend=partial(run_on_a_new, statement))  # fmt: skip
    may = "SET" if connection.info.server_version >= 160_000 else "MEMBER"
    if not _one(connection, "SELECT pg_has_role(current_user, %s, %s)", [APPLICATION_ROLE, may]):
        found = True
        yield Finding("role", "cannot be taken on", Problem(
            f"the role {APPLICATION_ROLE}", "this user may not take on the application's role",
            "every command works as that role", f"GRANT {APPLICATION_ROLE} TO {connection.info.user};",
        ))  # fmt: skip
    if not found:
        yield Finding("role", f"{APPLICATION_ROLE}, with no rights but those of the application")


def run_on_a_new(statement: str) -> str:
    """Runs a statement as the owner, in a connection of its own; says which."""
    with address.connect() as connection:
        connection.execute(statement.encode())
    return statement


def _one(connection: psycopg.Connection[Any], query: str, values: list[object] | None = None) -> Any:
    row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row else None
