"""What does a backup file look like, and is it whole?

A tar of `database.dump` (pg_dump's custom format), the files below `files/` and `runs/`, and at the very end
`manifest.json`: versions, row counts, the head of the audit trail, and the SHA-256 of everything before it. A file that
was cut short therefore has no manifest, and is refused.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import IO, Any

from hanse.language.problems import CallError, Problem

FORMAT = 1
DUMP, MANIFEST = "database.dump", "manifest.json"
ROOMS = ("files", "runs")
OnProgress = Callable[[str, int, int], None]
_PIECE = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `contents` maps each name in the tar to its SHA-256; `server` is a major version."""

    made: str
    hanse: str
    server: int
    migrations: tuple[str, ...]
    rows: dict[str, int]
    audit_head: str
    contents: dict[str, str]
    format: int = FORMAT


class Writer:
    """Fills a backup file. Nothing is at its name until `finish`."""

    def __init__(self, path: Path) -> None:
        """Begins a file beside the final one; a remainder of somebody who was interrupted is written over."""
        self._path = path
        self._partial = path.with_name(path.name + ".partial")
        self._partial.unlink(missing_ok=True)
        self._partial.touch(mode=0o600)
        self._file = self._partial.open("wb")
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self._contents: dict[str, str] = {}

    @property
    def beside(self) -> Path:
        """A file that may be used meanwhile, on the same disk; it goes away at the end."""
        return self._path.with_name(self._path.name + ".dump.partial")

    def add(self, path: Path, name: str) -> None:
        """Takes a file in under a name."""
        with path.open("rb") as file:
            entry = self._tar.gettarinfo(arcname=name, fileobj=file)
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            read = _Summed(file)
            self._tar.addfile(entry, read)
        self._contents[name] = read.digest()

    def finish(self, manifest: dict[str, Any]) -> Manifest:
        """Writes the manifest, and puts the file at its name, on the disk for good."""
        import os

        written = Manifest(**manifest, contents=self._contents)
        text = json.dumps(asdict(written), indent=1).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size = len(text)
        entry.mode = 0o600
        self._tar.addfile(entry, io.BytesIO(text))
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._partial.replace(self._path)
        self.beside.unlink(missing_ok=True)
        return written

    def give_up(self) -> None:
        """Clears away what was begun."""
        self._file.close()
        self._partial.unlink(missing_ok=True)
        self.beside.unlink(missing_ok=True)


class _Summed:
    """A file that is read once and summed up meanwhile."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._sum = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self._sum.update(piece)
        return piece

    def digest(self) -> str:
        return self._sum.hexdigest()


def verified(path: Path, progress: OnProgress | None = None) -> Manifest:
    """Reads a whole backup and compares every checksum. Raises CallError where anything differs or is missing."""
    found: dict[str, str] = {}
    manifest: dict[str, Any] | None = None
    try:
        size = path.stat().st_size
        with tarfile.open(path, "r:") as tar:
            for entry in tar:
                if manifest is not None or not _harmless(entry):
                    raise _broken(path, f"{entry.name} does not belong in a backup")
                file = tar.extractfile(entry)
                assert file is not None, "a harmless entry is a file"
                if entry.name == MANIFEST:
                    manifest = json.loads(file.read())
                    continue
                read = _Summed(file)
                while read.read(_PIECE):
                    if progress:
                        progress("verifying", tar.fileobj.tell() if tar.fileobj else 0, size)
                found[entry.name] = read.digest()
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise _broken(path, str(error) or type(error).__name__) from error
    if manifest is None:
        raise _broken(path, "its end is missing")
    return _compared(path, manifest, found)


def _compared(path: Path, manifest: dict[str, Any], found: dict[str, str]) -> Manifest:
    if manifest.get("format") != FORMAT:
        raise CallError(Problem(
            str(path), f"the backup is of format {manifest.get('format')}", f"this hanse reads format {FORMAT}",
            "restore it with the hanse that made it, and upgrade then",
        ))  # fmt: skip
    if set(manifest) != {field.name for field in fields(Manifest)}:
        raise _broken(path, "its manifest lacks something")
    expected = manifest["contents"]
    for name in sorted(expected.keys() | found.keys()):
        if name not in found or name not in expected:
            raise _broken(path, f"{name} is {'missing' if name in expected else 'not in its manifest'}")
        if expected[name] != found[name]:
            raise _broken(path, f"{name} is not what was written: its SHA-256 differs")
    if DUMP not in found:
        raise _broken(path, "it has no database")
    return Manifest(**{**manifest, "migrations": tuple(manifest["migrations"])})


def _harmless(entry: tarfile.TarInfo) -> bool:
    parts = Path(entry.name).parts
    inside = entry.name in (DUMP, MANIFEST) or (len(parts) > 1 and parts[0] in ROOMS and ".." not in parts)
    return entry.isfile() and inside


def _broken(path: Path, why: str) -> CallError:
    return CallError(Problem(
        str(path), "this is no whole backup", why, "fetch the file again from where it is kept, or take another backup"
    ))  # fmt: skip


def extract(path: Path, to: Path) -> Iterator[str]:
    """Unpacks a verified backup into an empty folder, file by file; gives each name."""
    with tarfile.open(path, "r:") as tar:
        for entry in tar:
            source = tar.extractfile(entry) if _harmless(entry) else None
            if source is None:
                raise _broken(path, f"{entry.name} is no file of a backup")
            target = to / entry.name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with target.open("wb") as out:  # not tar.extract: its filters came with Python 3.11.4
                shutil.copyfileobj(source, out, _PIECE)
            target.chmod(entry.mode & 0o755 | 0o600)
            os.utime(target, (entry.mtime, entry.mtime))
            yield entry.name
