"""Where is an imported file kept? By its content, below the installation's folder: the same file is kept once."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time

from hanse.installation import home
from hanse.language.problems import CallError, Problem

_BLOCK = 1 << 20
_PARTIAL, _SCRATCH, _LOCK = "partial-", "hanse-import-", "in-use"
_YOUNG = 60
_FORGOTTEN = 24 * 3600  # seconds after which a part of a file that nobody finished is taken away


def digest_of(path: Path, shown: str) -> str:
    """The SHA-256 of a file. Raises CallError where there is none that can be read."""
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                found.update(block)
    except OSError as error:
        raise _unreadable(shown, error) from error
    return found.hexdigest()


def kept(sha256: str) -> Path:
    """Where the file of this content is, or would be."""
    return home.room("files") / sha256


def keep(path: Path, shown: str) -> tuple[str, int]:
    """Copies a file into the installation; returns its SHA-256 and size. What is there under its name is always whole.

    Raises CallError where it cannot be read, or there is no room.
    """
    room = home.room("files")
    _clear(room)
    found, size = hashlib.sha256(), 0
    try:
        source = path.open("rb")
    except OSError as error:
        raise _unreadable(shown, error) from error
    partial = ""
    try:
        with source, tempfile.NamedTemporaryFile("wb", dir=room, prefix=_PARTIAL, delete=False) as copy:
            partial = copy.name
            while block := source.read(_BLOCK):
                found.update(block)
                size += copy.write(block)
            copy.flush()
            os.fsync(copy.fileno())
        Path(partial).rename(room / found.hexdigest())
    except OSError as error:
        if partial:
            Path(partial).unlink(missing_ok=True)
        raise CallError(
            Problem(str(room), f"the file {shown} cannot be kept", error.strerror or str(error),
                    "make room on the disk and import it again; nothing was recorded")
        ) from error  # fmt: skip
    return found.hexdigest(), size


def _unreadable(shown: str, error: OSError) -> CallError:
    return CallError(
        Problem(shown, "the file cannot be read", error.strerror or str(error), "check its name and your rights")
    )


def _clear(room: Path) -> None:
    """Takes away what a process that died left half copied."""
    for partial in room.glob(f"{_PARTIAL}*"):
        try:
            if time() - partial.stat().st_mtime > _FORGOTTEN:
                partial.unlink(missing_ok=True)
        except FileNotFoundError:  # its owner has just finished it
            continue


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for what is needed while a file is read. Those that dead processes left behind are taken away first."""
    parent = Path(tempfile.gettempdir())
    for old in parent.glob(f"{_SCRATCH}*"):
        _take_away_if_dead(old)
    folder = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=parent))
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _take_away_if_dead(folder: Path) -> None:
    """Whoever lives holds the lock; a folder younger than a minute may not have it yet."""
    try:
        if time() - folder.stat().st_mtime < _YOUNG or folder.stat().st_uid != os.getuid():
            return
        with (folder / _LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except (FileNotFoundError, BlockingIOError, PermissionError):
        return
