"""What does a search of the directory cost, at 100,000 partners and at a million?

    python bench/search.py [--partners N ...] [--requests K] [--json]

Directories as bench/_directory.py makes them, served by `hanse serve`, asked by a partner who has signed in: the page
/allies/ with every filter, alone and with others, names by beginnings, with typing errors and without accents, places,
first pages and later ones. Every address is another one, so nothing is answered from what was counted before. What is
counted is processor time, of the server's processes and the database's together; sizes take turns.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, quantiles
from time import perf_counter
from urllib.parse import urlencode

import _directory as directory
import _installation as installation
from _measure import Figure, child, report
from _served import Browser, Served, served
from generate import DATA

SIZES = (100_000, 1_000_000)
PASSWORD, MEMBER, OWN = "four words in a row", "member@bench.example", "P-0000007"
MOST, SLOWEST, GROWTH = 20.0, 50.0, 2.0
_WORDS = ("nordlicht", "süd", "havhaven", "marmont", "ornsund", "elanport", "stalwick", "tenquai", "vikdal", "salford")
_WRONG = (
    "nordlihct",
    "havhavne",
    "marnont",
    "bruckroft",
    "vreberg",
    "altvile",
    "ostrvie",
    "fenfrod",
    "galbach",
    "rosprot",
)


@dataclass(frozen=True)
class Kind:
    """One kind of search; `asks` gives the n-th address of it, each another one."""

    name: str
    asks: Callable[[int], dict[str, object]]


KINDS = (
    Kind("everybody, later pages", lambda n: {"after": _key(n)}),
    Kind("country", lambda n: {"country": directory.COUNTRIES[n % 36], "after": _key(n)}),
    Kind("competency and level", lambda n: {"competency": f"comp-{n % 50:02}", "level": directory.LEVELS[n % 4]}),
    Kind("certificate and language", lambda n: {"certificate": f"CERT-{n % 60:02}", "language": "en"}),
    Kind("industry (NAICS, ISIC)", lambda n: {"industry": ("541511", "62", "J", "46")[n % 4], "after": _key(n)}),
    Kind("beginnings of a word", lambda n: {"text": _WORDS[n % 10][: 1 + n % 7], "after": _key(n) if n > 40 else ""}),
    Kind("two words", lambda n: {"text": f"{_WORDS[n % 10][:4]} {('syst', 'data', 'cons')[n % 3]}", "after": _key(n)}),
    Kind("typing errors", lambda n: {"text": _WRONG[n % 10], "country": directory.COUNTRIES[n % 7]}),
    Kind("near, 50 km", lambda n: {"near": "me", "radius": 50, "competency": f"comp-{n % 50:02}"}),
    Kind("near, 250 km", lambda n: {"near": "me", "radius": 250, "after": _key(n)}),
    Kind("near other towns, 250 km", lambda n: {"town": directory.town(n), "radius": 250}),
    Kind("four filters", lambda n: {
        "country": directory.COUNTRIES[n % 12], "type": directory.TYPES[n % 6], "industry": "62", "level": "silver",
    }),
)  # fmt: skip


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="What does a search of the directory cost?")
    parser.add_argument("--partners", type=int, nargs="+", default=list(SIZES), help="how many (100000 1000000)")
    parser.add_argument("--data", type=Path, default=DATA, help=f"where installations are kept ({DATA})")
    parser.add_argument("--requests", type=int, default=40, help="requests of each kind (40)")
    parser.add_argument("--json", action="store_true", help="one object, for programs")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        prepared(asked.inside)
        return
    homes = {n: asked.data / f"{n}-directory" for n in asked.partners}
    for home in homes.values():
        child(Path(__file__), "--inside", home)
    with ExitStack() as stack:
        servers = {n: stack.enter_context(served(home, workers=1)) for n, home in homes.items()}
        figures = measured(servers, asked.requests)
    report("search", figures, as_json=asked.json)


def prepared(home: Path) -> None:
    """Makes the installation whose home is given, if need be: its directory, and somebody who asks."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "hanse.config.web"
    installation.ready(home)
    directory.filled(int(home.name.partition("-")[0]))
    from hanse.apps.accounts import services
    from hanse.apps.accounts.actors import operator
    from hanse.apps.accounts.selectors import users
    from hanse.apps.evidence.services import record_facts

    if MEMBER in {one.username for one in users(operator())}:
        return
    row = {"partner": OWN, "name": "Nordlicht Systeme", "country": "DE", "latitude": 36.0, "longitude": -17.0}
    record_facts(actor=operator(), source="bench", rows={"partners": [row]})
    services.user_add(actor=operator(), username=MEMBER)
    services.password_set(actor=operator(), username=MEMBER, password=PASSWORD)
    services.role_grant(actor=operator(), username=MEMBER, role="partner_member", partner=OWN)
    print(json.dumps({"made": str(home)}))


def measured(servers: dict[int, Served], requests: int) -> list[Figure]:
    """What each kind costs at each size, how long answers take, and how the cost grows."""
    browsers = {n: _signed_in(server) for n, server in servers.items()}
    for browser in browsers.values():
        for kind in KINDS:
            browser.get(_address(kind, 0))
    spent: dict[int, dict[str, float]] = {n: {} for n in servers}
    waits: dict[int, list[float]] = {n: [] for n in servers}
    for kind in KINDS:
        for n, server in servers.items():
            before = server.spent()
            waits[n] += [_wait(browsers[n], _address(kind, turn)) for turn in range(1, requests + 1)]
            after = server.spent()
            spent[n][kind.name] = sum(after[side] - before[side] for side in after) * 1000 / requests
    figures = []
    for n in servers:
        figures += [Figure(f"{name} at {n:,}", round(ms, 1), "ms processor", MOST) for name, ms in spent[n].items()]
        figures.append(Figure(f"p95 of all at {n:,}", round(quantiles(waits[n], n=20)[-1], 1), "ms", SLOWEST))
    small, large = min(servers), max(servers)
    ratio = mean(spent[large].values()) / mean(spent[small].values())
    figures.append(Figure(f"{large:,} to {small:,}", round(ratio, 2), "times", GROWTH if large > small else None))
    return figures


def _wait(browser: Browser, address: str) -> float:
    """Milliseconds until the answer is there. Raises SystemExit for an error."""
    began = perf_counter()
    answer = browser.get(address)
    if answer.status != 200:
        raise SystemExit(f"{address} answered {answer.status}")
    return (perf_counter() - began) * 1000


def _signed_in(server: Served) -> Browser:
    browser = server.browser()
    browser.sign_in(MEMBER, PASSWORD)
    return browser


def _address(kind: Kind, turn: int) -> str:
    return "/allies/?" + urlencode({name: value for name, value in kind.asks(turn).items() if value})


def _key(turn: int) -> str:
    """The key of a partner somewhere in the directory."""
    return f"P-{turn * 7919 % 100_000:07}"


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
