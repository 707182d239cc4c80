"""How fast, and how heavy, is what the map asks for: any window, at 100,000 partners and at a million?

    python bench/map.py [--partners N ...] [--data DIR] [--json]

A small installation is judged, and so many partners are put straight into what the map reads, in the towns of the world
as people are: the larger the town the more. Half of them have coordinates of their own around it. Then they are
counted, and `hanse serve` is asked for windows: the world, continents, countries and towns, with and without filters.
What counts is processor time, of the process that answers and of the database together; the clock stands beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

import _installation as installation
from _measure import Figure, child, report
from _served import Browser, Served, served
from generate import AS_OF, DATA, channel

SIZES = (100_000, 1_000_000)
JUDGED = 1_000  # partners of the small installation that is there before
PASSWORD = "four words in a row"  # of an installation that only this benchmark uses
CHIEF = "map-chief@bench.example"
MOST_MS, MOST_KB = 100.0, 200.0
WINDOWS = {  # west, south, east, north, zoom: a laptop's map, at each nearness where most partners are
    "the world": (-180, -75, 180, 80, 0.8),
    "the world, near": (-140, -40, 140, 65, 1.9),
    "Europe": (-25, 33, 45, 63, 3.0),
    "Europe, near": (-8, 42, 25, 55, 4.2),
    "France": (-5, 42, 9, 51, 5.4),
    "India": (68, 6, 98, 32, 4.2),
    "South-east China": (103, 20, 124, 34, 5.2),
    "Kanto": (136, 33.6, 143, 37, 6.4),
    "Japan's middle": (134, 33, 142, 38, 6.0),
    "around Paris": (0.6, 47.9, 4.2, 49.7, 7.6),
    "around Shanghai": (119, 29.8, 123, 32.4, 7.4),
    "Shanghai, as near as cells are read": (120.6, 30.6, 122.2, 31.7, 8.2),
    "Paris": (2.0, 48.6, 2.8, 49.1, 9.6),
    "a quarter of Paris": (2.3, 48.84, 2.4, 48.89, 12.7),
    "the Pacific, over the edge": (150, -50, 230, 40, 2.7),
    "nobody": (-40, -45, -20, -35, 5.0),
}
FILTERS = (
    "",
    "&level=silver",
    "&country=FR",
    "&type=reseller",
    "&moving=rising",
    "&text=rep",
    "&certificate=C-3",
    "&text=rep&moving=rising",
    "&town=Paris&radius=250",
    "&country=US&level=gold",
)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="How fast, and how heavy, is what the map asks for?")
    parser.add_argument("--partners", type=int, nargs="+", default=list(SIZES), help="how many (100000 1000000)")
    parser.add_argument("--data", type=Path, default=DATA, help=f"where installations are kept ({DATA})")
    parser.add_argument("--repeat", type=int, default=10, help="how often each window is asked for (10)")
    parser.add_argument("--json", action="store_true", help="one object, for programs")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        print(json.dumps(prepared(asked.inside)))
        return
    channel(JUDGED, asked.data)
    figures = []
    for partners in asked.partners:
        home = asked.data / f"{partners}-map"
        told = json.loads(child(Path(__file__), "--inside", home).output)
        figures += [
            Figure(f"squares counted anew at {partners:,}", told["counted"], "s"),
            Figure(f"squares kept at {partners:,}", told["squares"], "rows"),
            Figure(f"one partner judged alone, what the map adds at {partners:,}", told["alone"], "ms"),
        ]
        with ExitStack() as stack:
            server = stack.enter_context(served(home, workers=1))
            figures += _measured(server, partners, asked.repeat)
    report("map", figures, as_json=asked.json)


# -- in a process of its own ----------------------------------------------------------------------------------------


def prepared(home: Path) -> dict[str, Any]:
    """Makes the installation whose home is given, if need be; what counting cost."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "hanse.config.web"
    installation.ready(home)
    installation.filled(channel(JUDGED, home.parent))
    edition = installation.in_force("2016-01-01")
    from django.db import connection, connections

    from hanse.apps.accounts.actors import operator
    from hanse.apps.evaluation import services
    from hanse.apps.standings import mapped
    from hanse.apps.standings.selectors import run_list

    if not run_list(operator(), edition=edition):
        services.evaluate(actor=operator(), edition=edition, as_of=AS_OF, reason="benchmark")
    _chief()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM standings_listed WHERE partner LIKE 'M-%%'")
        if not cursor.fetchone()[0]:
            _put(cursor, edition, int(home.name.partition("-")[0]))
    _in_directory(edition)
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE standings_listed")
    began = perf_counter()
    mapped.follow(None)
    counted = perf_counter() - began
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE standings_map_cell")
        cursor.execute("VACUUM ANALYZE standings_map_town")
        cursor.execute("SELECT count(*) FROM standings_map_cell")
        squares = cursor.fetchone()[0]
    connections["owner"].close()
    began = perf_counter()
    for number in range(20):
        mapped.follow([f"M-{number:07}"])
    return {"counted": round(counted, 1), "squares": squares, "alone": round((perf_counter() - began) * 50, 1)}


def _put(cursor: Any, edition: str, partners: int) -> None:
    """So many partners in the towns of the world: a town is chosen by its people, a level as channels have them."""
    from hanse.apps.places import towns
    from hanse.apps.places.square import x_of, y_of

    with towns._archive() as archive:
        lines = [
            (name.removesuffix(".tsv"), line.split("\t"))
            for name in sorted(archive.namelist())
            for line in archive.read(name).decode().splitlines()
        ]
    dice = Random(20260630)
    weights = [max(1, int(line[6])) ** 0.85 for _, line in lines]
    chosen = dice.choices(range(len(lines)), weights, k=partners)
    cursor.execute("CREATE TEMP TABLE towns (id int, country text, city text, x int, y int)")
    with cursor.cursor.copy("COPY towns FROM STDIN") as copy:
        for number, (country, line) in enumerate(lines):
            copy.write_row((number, country, line[0], x_of(float(line[5])), y_of(float(line[4]))))
    cursor.execute("CREATE TEMP TABLE chosen (n int, town int, east real, south real, kind int, level int)")
    with cursor.cursor.copy("COPY chosen FROM STDIN") as copy:
        for number, town in enumerate(chosen):
            near = number % 2 and (dice.gauss(0, 6000), dice.gauss(0, 6000))
            east, south = near or (0, 0)
            copy.write_row(
                (number, town, east, south, dice.randrange(4), dice.choices((0, 1, 2, 3), (71, 17, 9, 3))[0])
            )
    cursor.execute(_LISTED, [edition])


_LISTED = """
    INSERT INTO standings_listed (edition, partner, name, folded, words, country, city, type, stands, height, until,
        lacking, falling, nearness, x, y, cell)
    SELECT %s, key, name, lower(name), lower(name || ' ' || key || ' ' || city), country, city, type, stands, height,
        DATE '9999-12-31', lacking, lacking = 3, 0, x, y, (x >> 14) * 1024 + (y >> 14)
    FROM (
        SELECT 'M-' || lpad(c.n::text, 7, '0') AS key, t.country, t.city, -c.level AS height, c.n %% 7 AS lacking,
            (ARRAY['Reppen', 'Molto', 'Sander', 'Quint', 'Reparto', 'Vell', 'Norden', 'Tarn'])[1 + c.n %% 8]
                || ' ' || t.city || ' ' || c.n AS name,
            (ARRAY['reseller', 'distributor', 'consultancy', 'service_provider'])[1 + c.kind] AS type,
            (ARRAY['registered', 'silver', 'gold', 'platinum'])[1 + c.level] AS stands,
            GREATEST(0, LEAST(16777215, t.x + c.east::int)) AS x,
            GREATEST(0, LEAST(16777215, t.y + c.south::int)) AS y
        FROM chosen AS c JOIN towns AS t ON t.id = c.town
    ) AS r
"""


_FOUND = """
    INSERT INTO directory_entry (partner, name, folded, country, city, latitude, longitude, type, certificates,
        solutions, industries, languages, reach_contact, reach_competencies, reach_level, reach_people,
        reach_references)
    SELECT partner, name, folded, country, city, degrees(atan(sinh(pi() * (1 - 2 * (y + 0.5) / 16777216)))),
        (x + 0.5) / 16777216 * 360 - 180, type, ARRAY['C-' || abs(hashtext(partner)) %% 9], '{}', '{}',
        ARRAY[lower(country)], 1, 1, 1, 1, 1
    FROM standings_listed WHERE edition = %s AND partner LIKE 'M-%%'
"""


def _in_directory(edition: str) -> None:
    """The same partners in the directory, out of which the map of a search is counted."""
    from django.db import connection, connections, transaction

    from hanse.apps.directory import postings, projecting
    from hanse.apps.directory.models import Entry

    if Entry.objects.filter(partner__startswith="M-").exists():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FOUND, [edition])
        cursor.execute(
            "INSERT INTO directory_held SELECT partner, edition, stands, '{}' FROM standings_listed "
            "WHERE edition = %s AND partner LIKE 'M-%%'",
            [edition],
        )
        version = postings.new_version()
        with projecting.of_everybody():
            projecting.number(anew=True)
            postings.write_all(projecting.rows(), version)
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE directory_entry")
        cursor.execute("VACUUM ANALYZE directory_posting")
    connections["owner"].close()


def _chief() -> None:
    from hanse.apps.accounts import services
    from hanse.apps.accounts.actors import operator
    from hanse.apps.accounts.selectors import users

    if CHIEF not in {one.username for one in users(operator())}:
        services.user_add(actor=operator(), username=CHIEF)
        services.password_set(actor=operator(), username=CHIEF, password=PASSWORD)
        services.role_grant(actor=operator(), username=CHIEF, role="channel_chief")


# -- what windows cost ----------------------------------------------------------------------------------------------


def _measured(server: Served, partners: int, repeat: int) -> list[Figure]:
    browser = server.browser()
    browser.sign_in(CHIEF, PASSWORD)
    paths = {
        where + more: "/map/data/?"
        + "&".join(f"{n}={v}" for n, v in zip("wsen", edges, strict=False))
        + f"&zoom={edges[4]}"
        + more
        for where, edges in WINDOWS.items()
        for more in FILTERS
    }
    asked = {name: _asked(server, browser, path, repeat) for name, path in paths.items()}
    first = [_asked(server, browser, "/map/" + more.replace("&", "?", 1), repeat)[0] for more in FILTERS]
    cost, wait, weight = ({name: one[at] for name, one in asked.items()} for at in range(3))
    dearest, heaviest = max(cost, key=cost.__getitem__), max(weight, key=weight.__getitem__)
    if os.environ.get("HANSE_BENCH_EVERY"):
        for name in sorted(cost, key=lambda one: -cost[one])[:25]:
            sys.stderr.write(f"{cost[name]:8.1f} ms {wait[name]:8.1f} on the clock {weight[name]:7.1f} KB  {name}\n")
    told = f"at {partners:,}"
    return [
        Figure(f"the middle window {told}", round(median(cost.values()), 1), "ms"),
        Figure(f"the middle window {told}, on the clock", round(median(wait.values()), 1), "ms"),
        Figure(f"the dearest window {told} ({dearest})", round(cost[dearest], 1), "ms", MOST_MS),
        Figure(f"the slowest window {told}, on the clock", round(max(wait.values()), 1), "ms"),
        Figure(f"the heaviest window {told} ({heaviest})", round(weight[heaviest], 1), "KB", MOST_KB),
        Figure(f"the page {told}, its dearest filter", round(max(first), 1), "ms"),
    ]


def _asked(server: Served, browser: Browser, path: str, repeat: int) -> tuple[float, float, float]:
    """Of one answer: milliseconds of processors and on the clock (the middle of several), kilobytes unpacked."""
    browser.get(path)
    took, before = [], server.spent()
    for _ in range(repeat):
        began = perf_counter()
        answer = browser.get(path)
        took.append((perf_counter() - began) * 1000)
        if answer.status != 200:
            raise SystemExit(f"{path} was answered with {answer.status}")
    spent = sum(server.spent().values()) - sum(before.values())
    return spent * 1000 / repeat, median(took), len(answer.text.encode()) / 1024


if __name__ == "__main__":
    main()
