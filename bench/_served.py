"""An installation that is served, a browser that asks, and what both sides of the server cost."""

from __future__ import annotations

import gzip
import http.client
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlencode

import psutil

HOST = "127.0.0.1"
_SERVE = ("-m", "hanse.fronts.cli.main", "serve", "--no-worker")
_PLAIN = (str(Path(__file__).parent / "_plain.py"),)
_KEPT_OPEN = 10.0  # seconds after which the server may have closed a connection that nobody used
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the body as it travelled, and what it says."""

    status: int
    body: bytes
    packed: bool

    @property
    def text(self) -> str:
        return (gzip.decompress(self.body) if self.packed else self.body).decode()


@dataclass
class Browser:
    """Somebody who asks over one connection that is kept open, with the cookies it was given."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    _open: http.client.HTTPConnection | None = None
    _used: float = 0.0

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def sign_in(self, address: str, password: str) -> None:
        """Raises SystemExit where it is refused."""
        token = _TOKEN.search(self.get("/login/").text)
        form = {"login": address, "password": password, "csrfmiddlewaretoken": token[1] if token else ""}
        if self._ask("POST", "/login/", urlencode(form)).status != 302:
            raise SystemExit(f"{address} could not sign in")

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _ask(self, method: str, path: str, form: str | None = None) -> Answer:
        if self._open is None or monotonic() - self._used > _KEPT_OPEN:
            self._open = http.client.HTTPConnection(HOST, self.port, timeout=60)
        headers = {"Accept-Encoding": "gzip", "Cookie": self.cookie}
        if form is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://{HOST}/login/"}
        self._open.request(method, path, form, headers)
        got = self._open.getresponse()
        for cookie in got.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].strip().partition("=")
            self.cookies[name] = value
        self._used = monotonic()
        return Answer(got.status, got.read(), got.headers.get("Content-Encoding") == "gzip")


@dataclass(frozen=True)
class Served:
    """A server over an installation."""

    home: Path
    port: int
    process: psutil.Process

    def browser(self) -> Browser:
        return Browser(self.port)

    def spent(self) -> dict[str, float]:
        """Processor seconds so far: of the processes that answer, and of the database's that work for somebody."""
        return {"server": _seconds(self.processes()), "database": _seconds(self._sessions())}

    def processes(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]

    def memory(self) -> float:
        """Megabytes of the processes that answer, what they share counted once."""
        return sum(one.memory_full_info().pss for one in self.processes()) / 2**20

    def _sessions(self) -> list[psutil.Process]:
        number = (self.home / "database" / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0]
        found = []
        for one in psutil.Process(int(number)).children():
            with _gone():
                if "[local]" in " ".join(one.cmdline()):
                    found.append(one)
        return found


@contextmanager
def served(home: Path, *, plain: bool = False, workers: int = 0) -> Iterator[Served]:
    """Serves an installation as `hanse serve` does, or with `plain` the page that ours are compared with."""
    port = _free_port()
    command = [sys.executable, *(_PLAIN if plain else _SERVE), "--port", str(port), "--workers", str(workers)]
    environment = {**os.environ, "HANSE_HOME": str(home)}
    for name in ("HANSE_DATABASE_URL", "HANSE_EMBEDDED_URL", "HANSE_HOSTS", "DJANGO_SETTINGS_MODULE"):
        environment.pop(name, None)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _await(port, process)
        yield Served(home, port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(timeout=60)


def _await(port: int, process: subprocess.Popen[bytes], patience: float = 120.0) -> None:
    until = monotonic() + patience
    while monotonic() < until and process.poll() is None:
        with socket.socket() as tried:
            if tried.connect_ex((HOST, port)) == 0:
                return
        sleep(0.1)
    raise SystemExit("the server did not start")


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind((HOST, 0))
        return int(tried.getsockname()[1])


def _seconds(processes: list[psutil.Process]) -> float:
    total = 0.0
    for one in processes:
        with _gone():
            used = one.cpu_times()
            total += used.user + used.system
    return total


@contextmanager
def _gone() -> Iterator[None]:
    try:
        yield
    except psutil.NoSuchProcess:
        return
