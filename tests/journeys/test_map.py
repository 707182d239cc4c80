"""The map in a browser that draws: clusters open, circles lead to partners, the list and the keys do the same."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from fronts.world import QUARZ, ZEPHYR
from journeys import pages
from journeys.conftest import Visited

DRAWS = True
PATIENCE = 60_000


def opened(
    window: Browser, visited: Visited, name: str, address: str, *, phone: bool = False, dark: bool = False
) -> tuple[Page, list[str]]:
    """The map as somebody sees it, once it is drawn; and what goes wrong from then on."""
    room = window.new_context(
        base_url=visited.url, viewport=pages.NARROW if phone else pages.WIDE, reduced_motion="reduce",
        color_scheme="dark" if dark else "light", has_touch=phone,
    )  # fmt: skip
    room.add_cookies(visited.cookies(name, "en"))
    page = room.new_page()
    wrong = pages.watch(page)
    page.goto(address)
    page.wait_for_selector("#map[data-partners]", timeout=PATIENCE)
    return page, wrong


def in_the_middle(page: Page) -> None:
    """Presses in the middle of the map."""
    page.locator("#map canvas").scroll_into_view_if_needed()
    box = page.locator("#map canvas").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def serious(wrong: list[str]) -> list[str]:
    """What went wrong but for questions that were given up because the map moved on."""
    return [one for one in wrong if "ERR_ABORTED" not in one]


def test_a_circle_leads_to_the_partners_behind_it(window: Browser, visited: Visited) -> None:
    page, wrong = opened(window, visited, "channel_chief", "/map/?w=3.2&s=47.4&e=5.2&n=48.8")
    expect(page.locator("#map")).to_have_attribute("data-partners", "2")
    in_the_middle(page)
    popup = page.locator(".maplibregl-popup")
    expect(popup).to_contain_text("Zephyr1", timeout=PATIENCE)
    popup.get_by_role("link", name=re.compile("Quarz1")).click()
    expect(page).to_have_url(re.compile(f"/partners/{QUARZ.key}/$"))
    assert serious(wrong) == []
    assert page.evaluate("() => window.violations") == []


def test_one_partner_opens_at_once_and_a_manager_sees_no_other(window: Browser, visited: Visited) -> None:
    page, wrong = opened(window, visited, "manager.fr", "/map/?w=3.2&s=47.4&e=5.2&n=48.8", phone=True, dark=True)
    expect(page.locator("#map")).to_have_attribute("data-partners", "1")
    in_the_middle(page)
    expect(page).to_have_url(re.compile(f"/partners/{ZEPHYR.key}/$"), timeout=PATIENCE)
    assert serious(wrong) == []


def test_the_list_follows_the_map_and_leads_it(window: Browser, visited: Visited) -> None:
    page, wrong = opened(window, visited, "channel_chief", "/map/")
    before = page.locator("#places").inner_text()
    assert "Zephyr3" in before
    page.get_by_role("button", name="Nearer").click()
    page.wait_for_function("() => new URLSearchParams(location.search).has('zoom')", timeout=PATIENCE)
    expect(page.locator("#map-count")).to_have_text(re.compile("In this window: 2"))
    page.locator("#map canvas").focus()
    for _ in range(40):
        page.keyboard.press("ArrowLeft")
    expect(page.locator("#places-none")).to_be_visible(timeout=PATIENCE)
    page.goto("/map/")
    page.wait_for_selector("#map[data-partners]", timeout=PATIENCE)
    page.locator("#places").get_by_role("link", name="Zephyr3", exact=True).click()
    page.wait_for_function("() => Number(new URLSearchParams(location.search).get('zoom')) > 8", timeout=PATIENCE)
    assert serious(wrong) == []


def test_a_partner_finds_itself(window: Browser, visited: Visited) -> None:
    page, wrong = opened(window, visited, f"administrator.{ZEPHYR.word}", "/map/", phone=True)
    expect(page.locator("#map")).to_have_attribute("data-partners", "1")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= pages.NARROW["width"]
    assert serious(wrong) == []
