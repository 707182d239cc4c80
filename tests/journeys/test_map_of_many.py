"""Many partners on the map in a browser that draws: circles of many open as one comes nearer, down to one partner."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from fronts import world
from fronts.pages.signed_in import browser
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation.services import evaluate
from hanse.apps.evidence.services import record_facts
from journeys import serving
from journeys.conftest import Visited
from journeys.test_map import PATIENCE, in_the_middle, opened, serious

DRAWS = True
MANY, APART = 300, 0.05  # so many around a town, degrees between them


@pytest.fixture(scope="module")
def visited(
    program: str, server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visited]:
    """The world, and many more partners in a square around a place in the middle of France."""
    made = world.made_once(server_url, tmp_path_factory.mktemp("world"))
    with world.cloned(server_url, made, "many") as database:
        rows = [
            {"partner": f"M-{n:03}", "name": f"Middle {n:03}", "country": "FR", "city": "Bourges",
             "joined": "2020-01-01", "latitude": round(47 + n // 20 * APART, 4),
             "longitude": round(2 + n % 20 * APART, 4)}
            for n in range(MANY)
        ]  # fmt: skip
        record_facts(actor=operator(), source="test", rows={"partners": rows})
        evaluate(actor=operator(), edition=world.EDITION, as_of=world.DAY)
        sessions = {"channel_chief": browser(world.address("channel_chief")).cookies["hanse"].value}
        with serving.served(database) as url:
            yield Visited(url, sessions)


@pytest.mark.parametrize("asked", ["", "text=middle&"])  # counted beforehand; and searched
def test_circles_open_until_one_partner_is_pressed(window: Browser, visited: Visited, asked: str) -> None:
    page, wrong = opened(window, visited, "channel_chief", f"/map/?{asked}w=-17.5&s=34.5&e=22.45&n=57.5")
    expect(page.locator("#map")).to_have_attribute("data-partners", "300" if asked else "302")
    in_the_middle(page)  # one circle for all of them
    page.wait_for_function("() => Number(new URLSearchParams(location.search).get('zoom')) > 5", timeout=PATIENCE)
    expect(page.locator("#map-count")).to_contain_text("30")
    expect(page.locator("#places")).to_contain_text("Bourges")
    page.goto(f"/map/?{asked}w=2.14&s=47.14&e=2.16&n=47.16")
    page.wait_for_selector("#map[data-partners='1']", timeout=PATIENCE)
    in_the_middle(page)
    expect(page).to_have_url(re.compile("/partners/M-063/$"), timeout=PATIENCE)
    assert serious(wrong) == []
