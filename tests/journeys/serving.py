"""`hanse serve` as its users have it: a process of its own over a database, and an address that answers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 60  # seconds


@contextmanager
def served(database: str, *, worker: bool = False) -> Iterator[str]:
    """Serves the pages over a database until the end, the jobs done by a `worker` or left; yields the address."""
    port = _free_port()
    command = [
        "serve",
        "--port",
        str(port),
        "--workers",
        "1",
        "--threads",
        "3",
        "--worker" if worker else "--no-worker",
    ]
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    process = subprocess.Popen(
        [sys.executable, "-m", "hanse.fronts.cli.main", *command], env=kept | {"HANSE_DATABASE_URL": database},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        url = f"http://localhost:{port}"
        _wait_for(f"{url}/alive/", process)
        yield url
    finally:
        process.terminate()
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[str]) -> None:
    """Until the address answers. Raises AssertionError with what the process said, where it never does."""
    for _ in range(PATIENCE * 10):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                assert answer.status == 200
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if process.poll() is not None:
                break
            time.sleep(0.1)
    process.terminate()
    raise AssertionError(f"hanse serve did not answer at {url}:\n{process.communicate()[1]}")
