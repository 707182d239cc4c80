"""A page on a slow line: it is drawn once, when all of it is there, and nothing moves under a reader's eyes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from fronts.addresses import PAGES
from journeys import pages
from journeys.conftest import Visited
from journeys.slow_line import slowly


@pytest.mark.parametrize("name", ["benefits", "home", "partners"])
@pytest.mark.parametrize(("language", "size"), [("en", pages.WIDE), ("fr", pages.NARROW)])
def test_nothing_moves_while_a_page_arrives(
    name: str, language: str, size: dict[str, int], window: Browser, visited: Visited
) -> None:
    one = PAGES[name]
    with slowly(visited.url) as url:
        room = window.new_context(base_url=url, viewport=size)
        room.add_cookies([each | {"url": url} for each in visited.cookies(one.by, language)])
        page = room.new_page()
        pages.watch(page)
        for _ in ("the style arrives with it", "the style is in the cache, and what there is could be drawn at once"):
            page.goto(one.path)
            page.wait_for_load_state("networkidle")
            assert page.evaluate("() => window.shifted") == 0
        room.close()
