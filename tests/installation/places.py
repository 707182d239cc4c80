"""An installation of the tests' own, and how to get another one on the same server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

_numbers = count(1)


@dataclass
class Place:
    """An installation, and the command line that works on it."""

    home: Path
    url: str = ""
    more: Mapping[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """What a process must be told to use it."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("HANSE_")}
        named = {"HANSE_HOME": str(self.home)} | ({"HANSE_DATABASE_URL": self.url} if self.url else {})
        return kept | named | dict(self.more)

    def run(self, *arguments: object, fails: int = 0) -> str:
        """Runs `hanse ...`, asserts its exit code, and returns what it wrote."""
        done = subprocess.run(
            [sys.executable, "-m", "hanse.fronts.cli.main", *map(str, arguments)],
            env=self.environment(), capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == fails, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout if not fails else done.stdout + done.stderr

    def connect(self) -> psycopg.Connection[Any]:
        """A connection as the owner."""
        return psycopg.connect(self.url, autocommit=True)


def new_folder() -> Path:
    """A folder that is short enough for a socket, and that the user of the server may be led to."""
    return Path(tempfile.mkdtemp(prefix="hanse-at-")).resolve()


def database_beside(place: Place, template: str = "") -> Iterator[Place]:
    """Another installation on the same server: its own home, its own database, empty or a copy of another."""
    name, folder = f"place_{next(_numbers)}", new_folder()
    with psycopg.connect(on(place.url, "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} {f'TEMPLATE {template}' if template else ''}".encode())
    yield Place(folder, on(place.url, name))
    with psycopg.connect(on(place.url, "postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
    shutil.rmtree(folder)


def on(url: str, database: str) -> str:
    """The same server, another database."""
    return url.replace("/hanse?", f"/{database}?")
