"""How is the embedded database server found, started, waited for and stopped?

One server per installation, at a socket below `home/database/`, which nobody else on the machine can reach. Every
process that uses it holds a shared lock that the operating system takes back however the process ends; whoever leaves
last stops the server. Whether a server runs is never read from a file: it runs when it answers.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import logging
import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

from hanse.installation import data_folder, home, programs
from hanse.installation.data_folder import SUPERUSER
from hanse.installation.programs import Runner
from hanse.language.problems import CallError, Problem

DATABASE = "hanse"
OWNER = "hanse"  # owns the database; no superuser, as on a server that somebody else runs
PATIENCE = 1800.0  # seconds that crash recovery may take before we give up waiting
_LONGEST_SOCKET = 100  # bytes of a socket's path that every system takes
_OLD_LOG = 20_000_000  # bytes after which the server's log begins again
_PAUSE = 0.05
_ATTEMPTS = 8
_STOPPING = 60  # seconds after which a server that stops is taken to hang (seen where it is stopped amid a recovery)
_ORPHANS = "pre-existing shared memory block"  # processes of a killed server still run: they end by themselves
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "wal_compression": "on",
}
_log = logging.getLogger(__name__)
_held: dict[Path, int] = {}  # folder -> the file descriptor that holds the lock of a user of the server


def start(*, keep: bool = False, patience: float = PATIENCE) -> str:
    """Finds or starts the server of this installation; gives the address of its database, made if missing.

    Waits up to `patience` seconds for the recovery after a crash. When this process ends and is the last one that uses
    the server, it stops it, unless `keep`. Raises CallError where the server cannot run.
    """
    database = home.room("database").resolve()
    deadline = time.monotonic() + patience
    with _alone(database, deadline):
        held_before = database in _held
        _hold(database)
        try:
            socket = _running(database, deadline)
        except BaseException:
            if not held_before:
                _release(database)
            raise
    if not held_before and not keep:
        atexit.register(_leave, database)
    return address(socket, user=OWNER, database=DATABASE)


def is_made() -> bool:
    """Is there a database in this installation, running or not? Raises CallError where it is another user's."""
    data = home.folder() / "database" / "data"
    try:
        return data.is_dir()
    except PermissionError as error:
        raise CallError(Problem(
            str(data.parent), "the installation belongs to another user of this machine",
            "only its user may enter the folder of its database",
            "run hanse as that user, or name another folder in HANSE_HOME",
        )) from error  # fmt: skip


def stop() -> bool:
    """Leaves the server of this installation, and stops it if no other process uses it; says whether it was stopped."""
    database = home.folder().resolve() / "database"
    atexit.unregister(_leave)
    for other in _held:
        if other != database:
            atexit.register(_leave, other)
    return _leave(database)


def end() -> None:
    """Ends the server of this installation, should one still run that nobody uses: a killed process may have left it.

    Raises CallError where another process uses it.
    """
    database = home.folder().resolve() / "database"
    if not database.is_dir():
        return
    with _alone(database, time.monotonic() + _STOPPING):
        handle = os.open(database / "in_use.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if not _locked(handle, fcntl.LOCK_EX):
                raise CallError(Problem(
                    str(database), "another process uses this database", "it may be serving pages, or working",
                    "end that one first",
                ))  # fmt: skip
            if (database / "data").is_dir():
                _stopped(database)
        finally:
            os.close(handle)


def address(socket: Path, *, user: str, database: str) -> str:
    """The address of a database behind a socket."""
    return f"postgresql://{user}@/{database}?host={quote(str(socket), safe='')}"


def socket_folder(database: Path) -> Path:
    """Where the server listens: beside its data, or where that path is too long for a socket in a folder of its own."""
    beside = database / "socket"
    if len(os.fsencode(beside / ".s.PGSQL.5432.lock")) <= _LONGEST_SOCKET:
        return beside
    name = hashlib.sha256(os.fsencode(database)).hexdigest()[:16]
    return Path(tempfile.gettempdir()).resolve() / f"hanse-{name}"


@contextmanager
def _alone(database: Path, deadline: float) -> Iterator[None]:
    """No other process starts, stops or upgrades this server meanwhile."""
    handle = os.open(database / "starting.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        told = time.monotonic() + 2
        while not _locked(handle, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise CallError(Problem(
                    str(database), "another process has been starting the database for too long",
                    "it holds the lock starting.lock", "see what that process waits for in database/log, or end it",
                ))  # fmt: skip
            if time.monotonic() > told:
                _log.warning("waiting for another process that starts or stops the database")
                told = time.monotonic() + 15
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(handle)


def _locked(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _hold(database: Path) -> None:
    if database not in _held:
        handle = os.open(database / "in_use.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_SH)  # only asked for exclusively by whoever holds the lock `_alone`
        _held[database] = handle


def _release(database: Path) -> None:
    with suppress(KeyError):
        os.close(_held.pop(database))


def _leave(database: Path) -> bool:
    """Gives the lock back; stops the server where nobody else holds one. A forked child's lock counts too."""
    if database not in _held or not database.exists():
        _release(database)
        return False
    with _alone(database, time.monotonic() + PATIENCE):
        _release(database)
        handle = os.open(database / "in_use.lock", os.O_RDWR | os.O_CLOEXEC)
        try:
            return _locked(handle, fcntl.LOCK_EX) and _stopped(database)
        finally:
            os.close(handle)


def _stopped(database: Path, modes: tuple[str, ...] = ("fast", "immediate")) -> bool:
    """Stops the server: sessions are ended, nothing is lost. What does not end in order is ended at once."""
    data = database / "data"
    runner = programs.runner(data)
    for mode in modes:
        try:
            programs.run("pg_ctl", "-w", "-t", str(_STOPPING), "-m", mode, "-D", str(data), "stop", runner=runner)
        except subprocess.CalledProcessError as error:
            if "does not exist" in error.stderr:  # it has ended already
                return False
            _log.warning("the database was not stopped (%s): %s", mode, error.stderr.strip())
        else:
            return True
    return False


def _running(database: Path, deadline: float) -> Path:
    """Waits for a server that answers, starting it as often as that takes; gives its socket's folder."""
    socket = socket_folder(database)
    begun = time.monotonic()
    told, hanging = begun + 5, begun + _STOPPING
    runner: Runner | None = None
    failures, against = 0, ""
    while (answer := _answer(socket)) != "yes":
        if answer == "no":
            failures += bool(against) and _ORPHANS not in against
            if failures == _ATTEMPTS:
                raise CallError(_would_not_start(database, against))
            time.sleep(_PAUSE * 4 * failures)
            if runner is None:
                runner = data_folder.prepare(database)
                _private(socket, runner)
            against = _started(database, socket, runner)
        elif answer == "stopping" and time.monotonic() > hanging:
            _log.warning("the database has been stopping for too long and is started anew")
            _stopped(database, ("immediate",))
        else:
            time.sleep(_PAUSE)
        if time.monotonic() > deadline:
            raise CallError(Problem(
                str(database / "log"), "the database does not answer yet", _last_log(database),
                "it goes on recovering by itself: wait, and run the command again",
            ))  # fmt: skip
        if time.monotonic() > told:
            _log.warning("waiting for the database to recover after a crash: %s", _last_log(database))
            told = time.monotonic() + 15
    return socket


def _answer(socket: Path) -> str:
    """Does a server answer there: "yes", "soon" (it starts or recovers), "stopping", "no"?

    libpq gives no code where the server refuses a connection; its words are not translated here.
    """
    try:
        _make_missing(socket)
    except psycopg.OperationalError as error:
        said = str(error)
        if "shutting down" in said:
            return "stopping"
        if any(words in said for words in ("starting up", "recovery mode", "not yet accepting", "in recovery")):
            return "soon"
        return "yes" if "too many clients" in said or "remaining connection slots" in said else "no"
    return "yes"


def _make_missing(socket: Path) -> None:
    """Connects as the owner, making its role and its database where they are missing."""
    mine = address(socket, user=OWNER, database=DATABASE)
    try:
        psycopg.connect(mine, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        if "does not exist" not in str(error):
            raise
    else:
        return
    with psycopg.connect(address(socket, user=SUPERUSER, database="postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone():
            connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE")
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")


def _private(socket: Path, runner: Runner) -> None:
    """The socket's folder, which only the server's user may enter: the server trusts whoever reaches it."""
    with suppress(FileExistsError):
        socket.mkdir(mode=0o700)
    found = socket.lstat()
    if runner.other and found.st_uid == 0:
        os.chown(socket, runner.uid, runner.gid)
        found = socket.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != runner.uid:
        raise CallError(Problem(
            str(socket), "somebody else's file is where the database would listen",
            f"it belongs to the user numbered {found.st_uid}", "remove it, or choose a shorter HANSE_HOME",
        ))  # fmt: skip
    if stat.S_IMODE(found.st_mode) != 0o700:
        socket.chmod(0o700)


def _started(database: Path, socket: Path, runner: Runner) -> str:
    """Starts the server and waits a while until it is up; gives what stood against it, else an empty text."""
    log = database / "log"
    if log.exists() and log.stat().st_size > _OLD_LOG:
        log.replace(database / "log.old")
    settings = {**_SETTINGS, "unix_socket_directories": str(socket), **_shared_memory()}
    switches = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    _forget_stranger(database / "data")
    command = ("-w", "-t", "2", "-s", "-l", str(log), "-o", switches, "-D", str(database / "data"), "start")
    try:
        programs.run("pg_ctl", *command, runner=runner)
    except subprocess.CalledProcessError as error:
        return f"{error.stderr.strip()} / {_last_log(database)}"
    return ""


def _shared_memory() -> dict[str, str]:
    """Containers often have too little of /dev/shm for parallel queries: then files in the data folder do."""
    with suppress(OSError):
        if shutil.disk_usage("/dev/shm").total >= 512 * 2**20:
            return {}
    return {"dynamic_shared_memory_type": "mmap"}


def _forget_stranger(data: Path) -> None:
    """Removes a postmaster.pid that cannot be a running server's, for PostgreSQL itself would not start beside it.

    Its number may belong to another program by now (a container starts its numbers anew), or to a dead server that
    nobody has buried. A server that lives keeps its shared memory, so that a second one could not start in any case.
    """
    import psutil

    path = data / "postmaster.pid"
    try:
        process = psutil.Process(int(path.read_text(encoding="utf-8").split()[0]))
        dead = process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres")
    except (FileNotFoundError, psutil.NoSuchProcess):  # the server itself copes with a number that nobody has
        return
    except (IndexError, ValueError):  # cut short, as where the disk was full
        dead = True
    if dead:
        path.unlink(missing_ok=True)


def _last_log(database: Path) -> str:
    try:
        lines = (database / "log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except FileNotFoundError:
        return "its log is empty"
    telling = [line for line in lines[-30:] if "FATAL" in line or "PANIC" in line or "LOG" in line or "HINT" in line]
    return " / ".join(telling[-2:]) or "its log is empty"


def _would_not_start(database: Path, said: str) -> Problem:
    return Problem(
        str(database / "log"), "the database does not start", said,
        "its log says more; look at the space on the disk, the rights of the folder and the memory",
    )  # fmt: skip
