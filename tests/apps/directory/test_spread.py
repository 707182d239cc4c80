"""The map of a search says what its list says: all who are found, each in its square, whatever the window."""

from __future__ import annotations

import random

import pytest

from hanse.apps.accounts.actors import Actor, operator
from hanse.apps.accounts.roles import ADMINISTRATOR
from hanse.apps.directory import services
from hanse.apps.directory.models import Held
from hanse.apps.directory.search import Wanted, search
from hanse.apps.directory.showing import visibility_set
from hanse.apps.directory.spread import NOT_SHOWN, Frame, Spread, edges, spread
from hanse.apps.evidence.services import record_facts
from hanse.apps.places.square import WHOLE, x_of, y_of

EDITION = "quay/2026"
LEVELS = ("silver", "gold", "")
WORLD = ((0, WHOLE - 1),)
DOWN = (0, WHOLE - 1)


@pytest.fixture(autouse=True)
def firms(database: None) -> list[tuple[str, float, float, str]]:
    """Sixty firms all over the world, some at the same place, three of nowhere."""
    dice = random.Random(7)
    listed = []
    for n in range(60):
        east, north = round(dice.uniform(-179.9, 179.9), 2), round(dice.uniform(-60, 70), 2)
        if n % 10 == 9:
            east, north = listed[-1][1:3]
        listed.append((f"P-{n:02}", east, north, LEVELS[n % 3]))
    rows = [
        {"partner": key, "name": f"Firm {key}", "country": ("DE", "FR")[n % 2], "joined": "2015-01-01", "latitude": north,
         "longitude": east}
        for n, (key, east, north, _) in enumerate(listed)
    ]  # fmt: skip
    nowhere = [{"partner": f"X-{n}", "name": "Nowhere", "country": "FR", "joined": "2015-01-01"} for n in range(3)]
    record_facts(actor=operator(), source="test", rows={"partners": [*rows, *nowhere]})
    Held.objects.bulk_create([
        Held(partner=key, edition=EDITION, level=level, competencies=[]) for key, _, _, level in listed if level
    ])  # fmt: skip
    services.rebuild()
    return listed


def counted(found: Spread) -> dict[tuple[int, int], tuple[int, dict[str, int]]]:
    return {(one.column, one.row): (one.partners, one.levels) for one in found.squares}


@pytest.mark.parametrize("grid", [0, 3, 7, 11])
@pytest.mark.parametrize(
    "columns", [WORLD, ((x_of(-60.0), x_of(100.0)),), ((0, x_of(-120.0)), (x_of(100.0), WHOLE - 1))]
)
def test_each_is_in_its_square(
    grid: int, columns: tuple[tuple[int, int], ...], firms: list[tuple[str, float, float, str]]
) -> None:
    rows = (y_of(65.0), y_of(-40.0))
    found = spread(actor=operator(), wanted=Wanted(edition=EDITION), frame=Frame(columns, rows, grid), few=0)
    wanted: dict[tuple[int, int], tuple[int, dict[str, int]]] = {}
    for _, east, north, level in firms:
        x, y = x_of(east), y_of(north)
        if rows[0] <= y <= rows[1] and any(first <= x <= last for first, last in columns):
            n, levels = wanted.get((x >> 24 - grid, y >> 24 - grid), (0, {}))
            wanted[x >> 24 - grid, y >> 24 - grid] = (n + 1, {**levels, level: levels.get(level, 0) + 1})
    assert counted(found) == wanted
    assert found.partners == sum(n for n, _ in wanted.values())


def test_the_map_counts_as_the_list_does() -> None:
    for wanted in (Wanted(country="FR"), Wanted(text="firm p"), Wanted(edition=EDITION, level="gold")):
        listed = search(actor=operator(), wanted=wanted)
        nowhere = 3 if wanted.country else 0
        for few in (0, 1_000):
            found = spread(actor=operator(), wanted=wanted, frame=Frame(WORLD, DOWN, 5), few=few)
            assert found.partners == listed.total - nowhere
    assert {line.partner for line in found.lines} == {line.partner for line in listed.lines}


def test_who_is_alone_at_a_place_is_told_from_who_is_not(firms: list[tuple[str, float, float, str]]) -> None:
    found = spread(actor=operator(), wanted=Wanted(edition=EDITION), frame=Frame(WORLD, DOWN, 1), few=0)
    assert {one.spot for one in found.squares} == {None}
    near = spread(actor=operator(), wanted=Wanted(edition=EDITION), frame=Frame(WORLD, DOWN, 14), few=0)
    both = {(x_of(east), y_of(north)) for key, east, north, _ in firms if key in ("P-08", "P-09")}
    assert len(both) == 1
    assert [one.partners for one in near.squares if one.spot in both] == [2]


def test_a_partner_sees_itself_and_levels_that_are_shown() -> None:
    mine = frozenset({"P-00"})
    actor = Actor("somebody", frozenset({ADMINISTRATOR}), partners=mine, administers=mine)
    others = frozenset({"P-01"})
    visibility_set(
        actor=Actor("other", frozenset({ADMINISTRATOR}), partners=others, administers=others), partner="P-01",
        shown={"contact": "partners"},
    )  # fmt: skip
    wanted = Wanted(edition=EDITION)
    found = spread(actor=actor, wanted=wanted, frame=Frame(WORLD, DOWN, 0), few=0)
    assert counted(found) == {(0, 0): (2, {"silver": 1, NOT_SHOWN: 1})}
    few = spread(actor=actor, wanted=wanted, frame=Frame(WORLD, DOWN, 0), few=9)
    assert {line.partner: line.level for line in few.lines} == {"P-00": "silver", "P-01": ""}
    assert edges(actor=actor, wanted=Wanted(edition=EDITION, level="gold")) is None
    nobody = Actor("nobody", frozenset())
    assert spread(actor=nobody, wanted=wanted, frame=Frame(WORLD, DOWN, 0), few=9).partners == 0
