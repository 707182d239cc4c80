"""What does a page cost, at 10,000 partners and at 100,000; and how many can be had in a second?

    python bench/pages.py [--partners N ...] [--requests K] [--repeat R] [--json]
    python bench/pages.py --load 10        # minutes, 32 clients, mixed pages; needs wrk (Debian: apt-get install wrk)

Installations as bench/batch_from_database.py makes them, judged on two days, served by `hanse serve`, asked by people
who have signed in. What is counted is processor time, of the server's processes and the database's together; sizes take
turns, and so does a plain page of Django's own, which ours are compared with.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import _installation as installation
import _load as load
from _measure import Figure, child, report
from _served import Browser, Served, served
from generate import AS_OF, DATA, channel

SIZES = (10_000, 100_000)
BEFORE = date(2016, 12, 31)
PASSWORD = "four words in a row"  # of installations that only benchmarks use
MEMBERS = 20  # so many partners are asked about in turn
GROWTH, FIRST_KB = 1.10, 60.0
_SCRIPT = re.compile(r'<script src="([^"]+)"')


@dataclass(frozen=True)
class Page:
    """A page, whom it is for, and where it is: {partner} is one of many in turn. Of several addresses the dearest
    counts.

    `most` are the milliseconds it may take; `alike` says that it must cost the same in the larger channel.
    """

    name: str
    who: str
    paths: tuple[str, ...]
    most: float | None = None
    alike: bool = False


def lists() -> tuple[str, ...]:
    """The desk's list: every order both ways, every filter alone and with others, first pages and later ones."""
    orders = [f"sort={sort}{down}" for sort in ("name", "level", "country", "until") for down in ("", "&down=1")]
    filters = (
        "country=FR", "country=US", "level=silver", "level=registered", "type=reseller", "moving=rising",
        "moving=falling", "moving=waiting", "text=sys", "text=a", "text=nobody+there",
        "country=US&level=silver&moving=rising",
    )  # fmt: skip
    found = [
        *orders,
        *(f"{order}&after={{partner}}" for order in orders),
        *(f"{order}&before={{partner}}" for order in orders[::3]),
    ]
    found += [
        *filters,
        *(f"{one}&sort=until&down=1" for one in filters),
        *(f"{one}&sort=level&after={{partner}}" for one in filters),
    ]
    return tuple(f"/partners/?{one}" for one in found)


PAGES = (
    Page("standing", "member", ("/standing/",), 15.0, True),
    Page("desk partner", "chief", ("/partners/{partner}/",), 15.0, True),
    Page("desk list", "chief", lists(), 20.0),
    Page("desk list, two countries", "manager", lists()[:16], 20.0),
    Page("what if", "member", ("/what-if/?{change}",), 60.0),
    Page("overview", "chief", ("/",), 30.0),
    Page("portal home", "member", ("/",)),
    Page("people", "member", ("/people/",)),
    Page("competencies", "member", ("/competencies/",)),
    Page("benefits", "member", ("/benefits/",)),
    Page("history", "member", ("/history/",)),
    Page("runs", "chief", ("/runs/",)),
    Page("imports", "chief", ("/imports/",)),
    Page("approvals", "chief", ("/approvals/",)),
    Page("audit", "chief", ("/audit/",)),
    Page("standing, with the facts behind a number", "member", ("/standing/?behind=revenue",)),
)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="What does a page cost, and how many can be had in a second?")
    parser.add_argument("--partners", type=int, nargs="+", default=list(SIZES), help="how many partners (10000 100000)")
    parser.add_argument("--data", type=Path, default=DATA, help=f"where channels are kept ({DATA})")
    parser.add_argument("--requests", type=int, default=40, help="requests of each page in a turn (40)")
    parser.add_argument("--repeat", type=int, default=5, help="turns; the figures are their medians (5)")
    parser.add_argument("--page", nargs="+", help="only these pages, by name")
    parser.add_argument("--load", type=float, metavar="MINUTES", help="ask for mixed pages for so long")
    parser.add_argument("--clients", type=int, default=load.CLIENTS, help=f"with --load: how many ask ({load.CLIENTS})")
    parser.add_argument("--json", action="store_true", help="one object, for programs")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        print(json.dumps(prepared(asked.inside)))
        return
    homes = {n: _made(n, asked.data) for n in asked.partners}
    told = {n: json.loads(child(Path(__file__), "--inside", home).output) for n, home in homes.items()}
    if asked.load:
        n = max(homes)
        with served(homes[n]) as server:
            people = {who: _signed_in(server, who) for who in ("chief", "manager", "member")}
            there = [page for page in PAGES if told[n]["queries"][page.name] is not None]
            mixed = load.mixed(there, lambda page, turn: _address(page, turn, told[n]), people)
            figures = load.measured(server, mixed, minutes=asked.load, clients=asked.clients)
        report("pages --load", [Figure("partners", n, "partners"), *figures], as_json=asked.json)
        return
    with ExitStack() as stack:
        servers = {n: stack.enter_context(served(home, workers=1)) for n, home in homes.items()}
        plain = stack.enter_context(served(homes[min(homes)], plain=True, workers=1))
        figures = _measured(servers, plain, told, asked)
    report("pages", figures, as_json=asked.json, more={"queries": {n: told[n]["queries"] for n in told}})


def _made(partners: int, data: Path) -> Path:
    channel(partners, data)
    return data / f"{partners}-installation"


# -- in a process of its own: the installation, its people, and how often each page reads -----------------------------


def prepared(home: Path) -> dict[str, Any]:
    """Makes the installation whose home is given, if need be; says who may be asked about, and how often pages read."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "hanse.config.web"
    installation.ready(home)
    installation.filled(channel(int(home.name.partition("-")[0]), home.parent))
    edition = installation.in_force("2016-01-01")
    from hanse.apps.accounts.actors import operator
    from hanse.apps.evaluation import services
    from hanse.apps.standings.selectors import run_list, standing_list

    if not run_list(operator(), edition=edition):
        for day in (BEFORE, AS_OF):
            services.evaluate(actor=operator(), edition=edition, as_of=day, reason="benchmark")
    every = [row["partner"] for row in standing_list(operator(), edition, limit=10**9)]
    partners = every[:: max(1, len(every) // MEMBERS)][:MEMBERS]
    _people(partners[0])
    told = {"partners": partners, "changes": [_change(one) for one in partners]}
    return {**told, "queries": {page.name: _queries(page, told) for page in PAGES}}


def _people(partner: str) -> None:
    """One of each role; the member belongs to the first partner."""
    from hanse.apps.accounts import services
    from hanse.apps.accounts.actors import operator
    from hanse.apps.accounts.selectors import users

    there = {one.username for one in users(operator())}
    for who, held in {
        "chief": {"role": "channel_chief"}, "manager": {"role": "partner_manager", "countries": ["FR", "US"]},
        "member": {"role": "partner_member", "partner": partner},
    }.items():  # fmt: skip
        if _mail(who) not in there:
            services.user_add(actor=operator(), username=_mail(who))
            services.password_set(actor=operator(), username=_mail(who), password=PASSWORD)
            services.role_grant(actor=operator(), username=_mail(who), **held)  # type: ignore[arg-type]


def _change(partner: str) -> str:
    """Two more people with a certificate, and one that lapses."""
    from hanse.apps.accounts.actors import operator
    from hanse.apps.evidence.selectors import facts_of
    from hanse.apps.registry.selectors import people_of

    there = {one.person.key for one in people_of(operator(), partner, AS_OF)}
    for held in facts_of(operator(), partner, "certifications", limit=1000):
        name, person = held["certificate"], held["person"]
        if person in there and (held["expires"] is None or held["expires"] >= AS_OF):
            break
    else:
        return ""
    return f"change=certified,people:2,certificate:{name}&change=lapses,person:{person},certificate:{name}"


def _queries(page: Page, told: dict[str, Any]) -> int | None:
    """How often the page reads, at most; None where it is not there."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from hanse.apps.accounts.models import User

    client = Client(SERVER_NAME="localhost")
    client.force_login(
        User.objects.get(username=_mail(page.who)), "allauth.account.auth_backends.AuthenticationBackend"
    )
    most = 0
    for turn in range(len(page.paths)):
        path = _address(page, turn, told)
        if client.get(path).status_code != 200:
            return None
        with CaptureQueriesContext(connection) as caught:
            client.get(path)
            most = max(most, len(caught))
    return most


# -- what pages cost -------------------------------------------------------------------------------------------------


def _measured(
    servers: dict[int, Served], plain: Served, told: dict[int, dict[str, Any]], asked: argparse.Namespace
) -> list[Figure]:
    browsers = {
        (n, who): _signed_in(server, who) for n, server in servers.items() for who in ("chief", "manager", "member")
    }
    stranger = plain.browser()
    stranger.cookies = dict(browsers[min(servers), "chief"].cookies)
    plainly: list[float] = []
    figures = []
    for page in PAGES if not asked.page else [one for one in PAGES if one.name in asked.page]:
        there = [n for n in servers if told[n]["queries"][page.name] is not None]
        costs: dict[int, list[list[float]]] = {n: [[] for _ in page.paths] for n in there}
        beside: list[float] = []
        for turn in range(asked.repeat + 1):
            compared = _cost(plain, stranger, ["/"] * asked.requests)
            for n in there:
                for at in range(len(page.paths)):
                    again = range(_each(page, asked))
                    cost = _cost(
                        servers[n],
                        browsers[n, page.who],
                        [_address(page, at + one * len(page.paths), told[n]) for one in again],
                    )
                    if turn:  # the first warms up
                        costs[n][at].append(cost)
            beside += [compared] if turn else []
        figures += _figures(page, {n: [median(turns) for turns in costs[n]] for n in there}, median(beside))
        plainly += beside
    figures.insert(0, Figure("a plain page of Django's own", round(median(plainly), 2), "ms"))
    return [*figures, *_weights(browsers[max(servers), "member"])]


def _each(page: Page, asked: argparse.Namespace) -> int:
    """How often each address is asked for in a turn."""
    return max(8, asked.requests // len(page.paths))


def _figures(page: Page, costs: dict[int, list[float]], compared: float) -> list[Figure]:
    figures = []
    for n, by_address in costs.items():
        large = n == max(costs)
        if len(by_address) > 1:
            figures.append(Figure(f"{page.name} at {n:,}, the middle address", round(median(by_address), 1), "ms"))
        name = f"{page.name} at {n:,}" + (", the dearest address" if len(by_address) > 1 else "")
        figures.append(Figure(name, round(max(by_address), 1), "ms", page.most if large or page.alike else None))
        if large:
            figures.append(Figure(f"{page.name}, of the plain page", round(median(by_address) / compared, 1), "times"))
    if len(costs) > 1 and page.most is not None:
        ratio = max(costs[max(costs)]) / max(costs[min(costs)])
        figures.append(
            Figure(f"{page.name}, larger channel to smaller", round(ratio, 2), "times", GROWTH if page.alike else None)
        )
    return figures


def _cost(server: Served, browser: Browser, paths: list[str]) -> float:
    """Milliseconds of processor time a request, server and database together. Raises SystemExit for an error."""
    before = server.spent()
    for path in paths:
        answer = browser.get(path)
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
    after = server.spent()
    return sum(after[side] - before[side] for side in after) * 1000 / len(paths)


def _weights(browser: Browser) -> list[Figure]:
    """Kilobytes of the first page with its scripts, as they travel; the style sheet is there already."""
    page = browser.get("/")
    scripts = sum(len(browser.get(address).body) for address in _SCRIPT.findall(page.text))
    return [
        Figure("first page, compressed", round(len(page.body) / 1024, 1), "KB"),
        Figure("first page with its scripts, compressed", round((len(page.body) + scripts) / 1024, 1), "KB", FIRST_KB),
    ]


def _signed_in(server: Served, who: str) -> Browser:
    browser = server.browser()
    browser.sign_in(_mail(who), PASSWORD)
    return browser


def _mail(who: str) -> str:
    return f"{who}@bench.example"


def _address(page: Page, turn: int, told: dict[str, Any]) -> str:
    """The address of a page in a turn, about the partner whose turn it is."""
    at = turn // len(page.paths) if len(page.paths) > 1 else turn
    partner = told["partners"][at % len(told["partners"])]
    return page.paths[turn % len(page.paths)].format(partner=partner, change=told["changes"][0])


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
