"""The tests' end of the process that forks, and of what it leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg

from apps.imports import zygote


class Zygote:
    """Sends orders to the process that forks."""

    def __init__(self, home: Path) -> None:
        environment = os.environ | {
            "HANSE_HOME": str(home),
            "TMPDIR": str(home),
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        self.process = subprocess.Popen(
            [sys.executable, str(Path(zygote.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def __call__(self, url: str, do: str, *, kill_after: float | None = None, **more: Any) -> dict[str, Any]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"url": url, "do": do, "kill_after": kill_after, **more}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()


def settled(connection: psycopg.Connection[Any]) -> None:
    """Waits until the server has noticed that a client is dead, and has ended what it was doing for it."""
    while True:
        count = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' "
            "AND pid <> pg_backend_pid()"
        ).fetchone()
        if count == (0,):
            return
        connection.execute("SELECT pg_sleep(0.002)")
