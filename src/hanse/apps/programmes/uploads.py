"""Which files are in an edition that somebody sends as one archive? A zip or a tar.gz, read within bounds."""

from __future__ import annotations

import io
import re
import stat
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from hanse.language.problems import CallError, Problem

SENT = 2 * 1024 * 1024  # bytes of the archive
WHOLE = 6 * 1024 * 1024  # bytes of all its files
FILES = 300
KINDS = (".yaml", ".sql", ".md")
_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_LEFT_BY_SYSTEMS = ("__MACOSX", ".DS_Store", "Thumbs.db")  # what desktops add of themselves
_Member = tuple[str, int, bool, object]  # path, bytes, is it a plain file, what it is read by


def files_in(name: str, content: bytes) -> dict[str, bytes]:
    """The files of the edition by path, those of a single folder at the top without it. Raises CallError."""
    if len(content) > SENT:
        raise _refused(
            name,
            f"the archive has {len(content):,} bytes",
            f"at most {SENT:,} are read",
            "send the edition's files alone",
        )
    try:
        found = _zip(name, content) if content[:4] == b"PK\x03\x04" else _tar(name, content)
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        EOFError,
        OSError,
        RuntimeError,
        NotImplementedError,
        ValueError,
    ) as error:
        raise _refused(name, "this is no archive that can be read", str(error) or type(error).__name__,
                       "send the folder of the edition as a .zip or a .tar.gz") from error  # fmt: skip
    if not found:
        raise _refused(
            name, "the archive is empty", "an edition has a programme.yaml at least", "send the folder's files"
        )
    return _without_top(name, found)


def _zip(name: str, content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [
            (i.filename, i.file_size, not stat.S_ISLNK(i.external_attr >> 16), i) for i in archive.infolist() if not i.is_dir()
        ]  # fmt: skip
        found = {}
        for path, size, _, info in _allowed(name, members):
            assert isinstance(info, zipfile.ZipInfo)
            with archive.open(info) as file:
                found[path] = _whole(name, path, file.read(size + 1), size)
        return found


def _tar(name: str, content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        found = {}
        for path, size, _, info in _allowed(name, _members(archive)):
            assert isinstance(info, tarfile.TarInfo)
            file = archive.extractfile(info)
            found[path] = _whole(name, path, file.read(size + 1) if file else b"", size)
        return found


def _members(archive: tarfile.TarFile) -> Iterator[_Member]:
    while (info := archive.next()) is not None:
        if not info.isdir():
            yield info.name, info.size, info.isreg(), info


def _allowed(name: str, members: Iterable[_Member]) -> Iterator[_Member]:
    """The members one after the other, as long as they stay within bounds."""
    total, seen = 0, set()
    for count, (path, size, plain, info) in enumerate(members, start=1):
        if count > FILES:
            raise _refused(
                name, f"there are more than {FILES} files", "an edition has a few dozen", "send its files alone"
            )
        total += size
        if total > WHOLE:
            raise _refused(name, f"unpacked it has more than {WHOLE:,} bytes", "an edition has a few hundred thousand at most", "send its files alone")  # fmt: skip
        here = path.removeprefix("./")
        parts = PurePosixPath(here).parts
        if set(parts) & set(_LEFT_BY_SYSTEMS):
            continue
        if not plain:
            raise _refused(
                f"{name}: {path}",
                "this is a link or a device",
                "only plain files are read",
                "put the file itself there",
            )
        if not _PATH.fullmatch(here) or ".." in parts:
            raise _refused(f"{name}: {path}", "the path is not one of an edition", "it would leave the folder, or has other signs than letters, digits, _ . -", "rename the file")  # fmt: skip
        if not here.endswith(KINDS):
            raise _refused(f"{name}: {path}", "this kind of file is not part of an edition", f"its files end in {', '.join(KINDS)}", "leave it out")  # fmt: skip
        if here in seen:
            raise _refused(f"{name}: {path}", "the file is there twice", "only one of the two could count", "keep one")
        seen.add(here)
        yield here, size, plain, info


def _whole(name: str, path: str, content: bytes, size: int) -> bytes:
    """The content, if it is as long as the archive says."""
    if len(content) != size:
        raise _refused(
            f"{name}: {path}", "the file is not as long as the archive says", "the archive is damaged", "pack it anew"
        )
    return content


def _without_top(name: str, found: dict[str, bytes]) -> dict[str, bytes]:
    """The files below the folder that holds programme.yaml."""
    holders = sorted(path.removesuffix("programme.yaml") for path in found if path.endswith("programme.yaml"))
    if not holders:
        raise _refused(
            name,
            "there is no programme.yaml",
            "every edition has one, and begins with it",
            "send the folder in which it is",
        )
    top = holders[0]
    outside = next((path for path in found if not path.startswith(top)), None)
    if outside is not None:
        raise _refused(f"{name}: {outside}", f"the file is not in the folder of {top}programme.yaml", "one edition is sent at a time",
                       "send the folder of the edition alone")  # fmt: skip
    return {path.removeprefix(top): content for path, content in found.items()}


def _refused(place: str, what: str, why: str, remedy: str) -> CallError:
    return CallError(Problem(place, what, why, remedy))
