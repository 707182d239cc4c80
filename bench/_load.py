"""Many people at once: mixed pages for some minutes, asked by wrk (a load generator); what becomes of them?"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from _measure import Figure
from _served import HOST, Browser, Served

CLIENTS = 32
LEAST_PER_SECOND, SLOWEST_MS, GROWTH = 100.0, 500.0, 1.10
WARM_UP, BETWEEN = 20.0, 5.0  # seconds before it counts; and between two looks at the memory
WEIGHTS = {  # how many of a hundred requests go to a page
    "standing": 25, "portal home": 12, "what if": 3, "people": 4, "competencies": 4, "benefits": 4, "history": 4,
    "desk partner": 16, "desk list": 14, "overview": 8, "runs": 2, "imports": 2, "approvals": 1, "audit": 1,
}  # fmt: skip
_SCRIPT = """
local asked = {}
%s
local turn, wrong = 0, 0
function request()
  turn = turn %% #asked + 1
  return wrk.format("GET", asked[turn][1], {["Cookie"] = asked[turn][2], ["Accept-Encoding"] = "gzip"})
end
function response(status)
  if status ~= 200 then wrong = wrong + 1; wrk.thread:set("wrong", wrong) end
end
local threads = {}
function setup(thread) thread:set("wrong", 0); table.insert(threads, thread) end
function done(summary, latency)
  local wrong = 0
  for _, thread in ipairs(threads) do wrong = wrong + thread:get("wrong") end
  local e = summary.errors
  local told = '{"requests": %%d, "seconds": %%f, "wrong": %%d, "errors": %%d, "p50": %%f, "p99": %%f, "max": %%f}'
  io.write("\\n" .. string.format(told,
    summary.requests, summary.duration / 1e6, wrong, e.connect + e.read + e.write + e.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000) .. "\\n")
end
"""

Mixed = Sequence[tuple[str, str]]


def mixed(pages: Sequence[Any], address: Callable[[Any, int], str], people: Mapping[str, Browser]) -> Mixed:
    """A thousand requests, each with its cookie, the pages evenly among one another."""
    there = [page for page in pages if page.name in WEIGHTS and (page.who in people)]
    places = []
    for page in there:
        number = WEIGHTS[page.name] * 10
        for turn in range(number):
            places.append(((turn + 0.5) / number, address(page, turn), people[page.who].cookie))
    return [(path, cookie) for _, path, cookie in sorted(places)]


def measured(server: Served, asked: Mixed, *, minutes: float, clients: int) -> list[Figure]:
    """Asks for so many minutes. Raises SystemExit without wrk."""
    if shutil.which("wrk") is None:
        raise SystemExit("--load needs wrk; install it (Debian: apt-get install wrk)")
    with tempfile.TemporaryDirectory(prefix="hanse-load-") as folder:
        script = Path(folder) / "pages.lua"
        lines = (
            f"asked[{n}] = {{{json.dumps(path)}, {json.dumps(cookie)}}}" for n, (path, cookie) in enumerate(asked, 1)
        )
        script.write_text(_SCRIPT % "\n".join(lines), encoding="utf-8")
        _ask(server, script, WARM_UP, clients)
        before = server.spent()
        with _Memory(server) as memory:
            told = _ask(server, script, minutes * 60, clients)
        after = server.spent()
    spent = sum(after[side] - before[side] for side in after) * 1000 / max(1, told["requests"])
    early, late = memory.early_and_late()
    return [
        Figure("clients", clients, "clients"),
        Figure("requests", told["requests"], "requests"),
        Figure(
            "seconds for a hundred requests",
            round(100 * told["seconds"] / told["requests"], 3),
            "seconds",
            100 / LEAST_PER_SECOND,
        ),
        Figure("requests a second", round(told["requests"] / told["seconds"], 1), "a second"),
        Figure("half were answered within", round(told["p50"]), "ms"),
        Figure("99 of a hundred within", round(told["p99"]), "ms", SLOWEST_MS),
        Figure("the slowest within", round(told["max"]), "ms"),
        Figure("answers other than 200", told["wrong"], "answers", 0),
        Figure("errors of the connection", told["errors"], "errors", 0),
        Figure("processor time, server and database", round(spent, 1), "ms a request"),
        Figure("memory of the server, early", round(early), "MB"),
        Figure("memory, late to early", round(late / early, 2), "times", GROWTH),
    ]


def _ask(server: Served, script: Path, seconds: float, clients: int) -> dict[str, Any]:
    command = ["wrk", "-t1", f"-c{clients}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "-s", str(script)]
    done = subprocess.run([*command, f"http://{HOST}:{server.port}"], capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


class _Memory:
    """Looks at the server's memory from time to time."""

    def __init__(self, server: Served) -> None:
        self.server, self.seen, self.over = server, [server.memory()], threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Memory:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()
        self.seen.append(self.server.memory())

    def _look(self) -> None:
        while not self.over.wait(BETWEEN):
            self.seen.append(self.server.memory())

    def early_and_late(self) -> tuple[float, float]:
        """The middle of the first fifth, and of the last."""
        some = max(1, len(self.seen) // 5)
        return median(self.seen[:some]), median(self.seen[-some:])
