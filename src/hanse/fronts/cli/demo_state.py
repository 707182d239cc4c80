"""Is there a demo already, and is it still what this version would make? What a demo left behind, and its lock."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from hanse.language.problems import CallError, Problem

KEPT = "demo.json"
ROOMS = ("facts", "home", "lists", "partnerworld-draft", "rehearsal")  # the folders that a demo makes
FILES = ("umsatz.csv", KEPT, f"{KEPT}.arriving")
_LOCK = ".lock"


@dataclass(frozen=True)
class LogIn:
    """Somebody who can sign in: the address, the role, and what is worth seeing as this one."""

    address: str
    role: str
    sees: str


@dataclass(frozen=True)
class Made:
    """A demo that came to its end: what made it, and who can sign in with its password."""

    by: str
    password: str
    people: tuple[LogIn, ...]


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """No other demo is in this folder meanwhile. Raises CallError where one is, or where the folder is not a demo's."""
    strange = [p.name for p in out.iterdir() if p.name not in (*ROOMS, *FILES, _LOCK)] if out.is_dir() else []
    if strange:
        raise CallError(Problem(
            str(out), f"the folder holds {strange[0]}, which no demo made", "a demo takes away what is in its folder",
            "name another folder with --out",
        ))  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    handle = os.open(out / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise CallError(Problem(
            str(out), "another demo is at work here", "it makes the channel, or shows it in a browser",
            "end that one (Ctrl-C in its window), or name another folder with --out",
        )) from error  # fmt: skip
    try:
        yield
    finally:
        os.close(handle)


def made_by(partners: int) -> str:
    """What names the makings of a demo: the version, the tables, the generator, the edition, and how many partners."""
    package = Path(str(files("hanse")))
    decides = [
        *package.glob("demo/*.*"), *package.glob("fronts/cli/d[er]*.py"), *package.glob("editions/partnerworld/**/*.*"),
    ]  # fmt: skip
    tables = sorted(f"{p.parent.parent.name}.{p.stem}" for p in package.glob("apps/*/migrations/[0-9]*.py"))
    found = sha256(f"{version('hanse')} {partners} {tables}".encode())
    for path in sorted(p for p in decides if p.is_file()):
        found.update(path.read_bytes())
    return found.hexdigest()


def found(out: Path) -> Made | None:
    """The demo that came to its end here; None where none did."""
    try:
        kept = json.loads((out / KEPT).read_text(encoding="utf-8"))
        return Made(kept["by"], kept["password"], tuple(LogIn(**one) for one in kept["people"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):  # cut short, or of another form
        return Made("", "", ())


def keep(out: Path, made: Made) -> None:
    """Notes that a demo came to its end. Only its user may read the note: it holds the password."""
    arriving = out / f"{KEPT}.arriving"
    arriving.touch(mode=0o600)
    arriving.write_text(json.dumps(asdict(made), indent=2), encoding="utf-8")
    arriving.replace(out / KEPT)


def cleared(out: Path) -> bool:
    """Takes away what an earlier demo left, and whether there was anything. Raises CallError where it is in use."""
    from hanse.installation import server

    server.end()
    left = [path for name in (*ROOMS, *FILES) if (path := out / name).exists()]
    for path in left:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return bool(left)
