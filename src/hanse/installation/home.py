"""Where does this installation keep its files?

`HANSE_HOME` names the folder; without it, the user's data folder, and `/var/lib/hanse` for root (whose own folders the
database's user may not enter). In it: `database/` (the embedded server's), `files/` (imported files, by content),
`runs/` (results of evaluations), `editions/` (unpacked editions, by hash), `secret_key`.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

import platformdirs

OF_ROOT = Path("/var/lib/hanse")


def folder() -> Path:
    """The installation's folder; it need not be there yet."""
    named = os.environ.get("HANSE_HOME")
    if named:
        return Path(named).expanduser().resolve()
    return OF_ROOT if os.geteuid() == 0 else Path(platformdirs.user_data_path("hanse"))


def room(name: str) -> Path:
    """A folder inside, made when first asked for, that others on the machine cannot read."""
    found = folder() / name
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def secret_key() -> str:
    """The key that signs sessions: `HANSE_SECRET_KEY`, or one made once and kept beside the data."""
    given = os.environ.get("HANSE_SECRET_KEY")
    if given:
        return given
    path = folder() / "secret_key"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        folder().mkdir(parents=True, exist_ok=True)
    made = path.with_name(f".secret_key.{secrets.token_hex(8)}")
    try:
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(50), encoding="ascii")
        with suppress(FileExistsError):  # another process was quicker: its key counts
            os.link(made, path)
    finally:
        made.unlink(missing_ok=True)
    return path.read_text(encoding="ascii").strip()
