"""How does an installation come back out of a backup file, so that it answers the same?

The file is verified as a whole first. The database is filled in one transaction which ends by counting the rows of
every table and comparing the end of the audit trail: where anything differs, nothing has happened.
"""

from __future__ import annotations

import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from psycopg import sql

from hanse.installation import address, archive, home, programs, start
from hanse.installation.archive import DUMP, ROOMS, Manifest, OnProgress
from hanse.installation.state import NO_HEAD, State, state_of
from hanse.language.problems import CallError, Problem

_NOT_KNOWN_BEFORE_17 = b"SET transaction_timeout = 0;\n"
_PIECE = 1 << 20


@dataclass(frozen=True)
class Restored:
    """What came back, and the migrations that this hanse then applied to it."""

    manifest: Manifest
    replaced: bool
    applied: tuple[str, ...]


def restore(path: Path, *, replace: bool = False, progress: OnProgress | None = None) -> Restored:
    """Fills this installation from a backup. To be called after `start.ready(must_be_initialised=False)`.

    Raises CallError where the file is not whole or is of a newer version, where something is here already (unless
    `replace`, which removes it), or where the result is not what was backed up; the database is untouched then.
    """
    tell = progress or (lambda _now, _done, _total: None)
    manifest = archive.verified(path, tell)
    with address.connect() as connection:
        here = state_of(connection)
        schemas = [str(row[0]) for row in connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'"
        )]  # fmt: skip
    _check_versions(path, manifest, here)
    occupied = not here.empty or any(_occupied(home.folder() / room) for room in ROOMS)
    if occupied and not replace:
        raise CallError(Problem(
            str(home.folder()), "this installation is not empty", "what is in it would be lost",
            "restore into a new HANSE_HOME (and database), or add --replace to give up what is here",
        ))  # fmt: skip
    start.make_role()
    _close_own()
    aside = home.folder() / f".restoring-{secrets.token_hex(4)}"
    try:
        for number, name in enumerate(archive.extract(path, aside)):
            tell(f"unpacking {name}", number, len(manifest.contents))
        tell("filling the database", 0, 0)
        _fill(aside / DUMP, manifest, here.server, schemas)
        for room in ROOMS:
            _move(aside / room, home.folder() / room)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    tell("applying what is new", 0, 0)
    return Restored(manifest, occupied, start.migrate().applied)


def _check_versions(path: Path, manifest: Manifest, here: State) -> None:
    if manifest.server > here.server:
        raise CallError(Problem(
            str(path), f"the backup is of PostgreSQL {manifest.server}, and this server is {here.server}",
            "what a newer server wrote an older one may not read",
            f"restore into PostgreSQL {manifest.server} or newer",
        ))  # fmt: skip
    unknown = sorted(start.ours(manifest.migrations) - start.brought())
    if unknown:
        raise CallError(Problem(
            str(path), f"the backup was made by a newer hanse ({manifest.hanse})",
            f"it has {unknown[-1]}, which this one does not know", f"install hanse {manifest.hanse} or newer",
        ))  # fmt: skip


def _close_own() -> None:
    from django.db import connections

    connections.close_all()


def _occupied(room: Path) -> bool:
    return room.is_dir() and any(room.iterdir())


def _move(unpacked: Path, room: Path) -> None:
    """Puts a room in place; what was there goes away."""
    if room.exists():
        shutil.rmtree(room)
    if unpacked.exists():
        unpacked.rename(room)
        room.chmod(0o700)
    else:
        home.room(room.name)


def _fill(dump: Path, manifest: Manifest, server: int, schemas: list[str]) -> None:
    """Empties and fills the database in one transaction. Raises CallError; nothing has changed then."""
    where, environment = address.for_programs()
    folder = programs.clients(max(server, manifest.server))
    reading = [str(folder / "pg_restore"), "--no-owner", "--exit-on-error", "--file=-", str(dump)]
    filling = [
        str(folder / "psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-", "--output=/dev/null",
        f"--dbname={where}",
    ]  # fmt: skip
    errors = dump.with_name("errors")
    with (
        errors.open("wb") as wrong,
        subprocess.Popen(reading, stdout=subprocess.PIPE, stderr=wrong) as read,
        subprocess.Popen(filling, stdin=subprocess.PIPE, stderr=wrong, env=environment) as fill,
    ):
        assert read.stdout is not None, "asked for"
        assert fill.stdin is not None, "asked for"
        try:
            fill.stdin.write(_emptying(schemas).encode())
            _pour(read.stdout, fill.stdin, old=server < 17)
            # Whoever kills this process, or pg_restore, closes the pipe: without its last word nothing has happened.
            if read.wait() == 0:
                fill.stdin.write((_comparing(manifest) + "COMMIT;\n").encode())
            fill.stdin.close()
        except BrokenPipeError:
            read.kill()
    if fill.returncode or read.returncode:
        said = [line for line in errors.read_text(errors="replace").splitlines() if line.strip()]
        raise CallError(Problem(
            "the database", "it could not be filled, and is as it was", " / ".join(said[:3]) or "psql failed",
            "stop whatever uses the installation, and see that its user owns the database",
        ))  # fmt: skip


def _pour(source: IO[bytes], into: IO[bytes], *, old: bool) -> None:
    """Hands the script on; without the one setting, in its first lines, that an older server does not know."""
    for line in source:
        if old and line == _NOT_KNOWN_BEFORE_17:
            break
        into.write(line)
        if line.startswith(b"COPY "):
            break
    shutil.copyfileobj(source, into, _PIECE)


def _emptying(schemas: list[str]) -> str:
    dropped = "".join(f"DROP SCHEMA {_quoted(name)} CASCADE;\n" for name in schemas)
    return (
        "BEGIN;\nSET client_min_messages = warning;\nSET lock_timeout = '30s';\n" + dropped
        + "CREATE SCHEMA public;\nGRANT USAGE ON SCHEMA public TO PUBLIC;\n"
    )  # fmt: skip


def _comparing(manifest: Manifest) -> str:
    """Statements that fail where the database is not what was backed up."""
    checks = [
        _refusing(
            f"SELECT count(*)::text FROM {'.'.join(_quoted(part) for part in table.split('.', 1))}", str(count), table
        )
        for table, count in sorted(manifest.rows.items())
    ]
    if "public.audit_entry" in manifest.rows:
        head = (
            "SELECT coalesce((SELECT number || ':' || encode(hash, 'hex') FROM public.audit_entry "
            f"ORDER BY number DESC LIMIT 1), '{NO_HEAD}')"
        )
        checks.append(_refusing(head, manifest.audit_head, "the end of the audit trail"))
    return "".join(checks) + "RESET lock_timeout;\n"


def _refusing(query: str, expected: str, what: str) -> str:
    return (
        f"DO $check$ BEGIN IF ({query}) <> {_literal(expected)} THEN RAISE EXCEPTION "
        f"'% is not what was backed up', {_literal(what)}; END IF; END $check$;\n"
    )


def _quoted(name: str) -> str:
    return sql.Identifier(name).as_string(None)


def _literal(text: str) -> Any:
    return sql.Literal(text).as_string(None)
