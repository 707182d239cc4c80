"""Where does this installation keep its files?

`HANSE_HOME` names the folder; without it, the user's data folder. In it: `database/` (the embedded server's),
`files/` (imported files, by content), `runs/` (results of evaluations), `editions/` (unpacked editions, by hash).
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import platformdirs


def folder() -> Path:
    """The installation's folder; it need not be there yet."""
    named = os.environ.get("HANSE_HOME")
    return Path(named).expanduser().resolve() if named else Path(platformdirs.user_data_path("hanse"))


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
        made = secrets.token_urlsafe(50)
        try:
            with path.open("x", encoding="ascii") as file:
                path.chmod(0o600)
                file.write(made)
        except FileExistsError:  # another process was quicker
            return path.read_text(encoding="ascii").strip()
        return made
