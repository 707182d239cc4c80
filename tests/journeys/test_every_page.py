"""Every page there is, in a browser: both languages, phone and desk, light and dark, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from fronts import addresses
from fronts.addresses import PAGES, VARIANTS, Address
from journeys import pages
from journeys.conftest import LANGUAGES, Visited

LOOKS = PAGES | VARIANTS
FIRST = {"en": pages.WIDE, "fr": pages.NARROW}  # how wide the window is while the page is loaded


class Rooms:
    """A browser's contexts: one for each user, language and whether scripts run."""

    def __init__(self, window: Browser, visited: Visited) -> None:
        self._window, self._visited, self._open = window, visited, {}  # type: ignore[var-annotated]

    def of(self, name: str, language: str, *, scripts: bool = True) -> BrowserContext:
        key = (name, language, scripts)
        if key not in self._open:
            room = self._window.new_context(
                base_url=self._visited.url, viewport=pages.WIDE, java_script_enabled=scripts, reduced_motion="reduce"
            )
            if scripts:
                room.add_init_script(path=pages.AXE)
            room.add_cookies(self._visited.cookies(name, language))
            self._open[key] = room
        found: BrowserContext = self._open[key]
        return found


@pytest.fixture(scope="module")
def rooms(window: Browser, visited: Visited) -> Rooms:
    return Rooms(window, visited)


def test_every_route_has_an_example_address() -> None:
    assert addresses.missing() == set(), "add them to tests/fronts/addresses.py"


@pytest.mark.parametrize("name", LOOKS)
def test_a_page_is_as_good_as_the_others(name: str, rooms: Rooms) -> None:
    wrong = [f"{language}: {one}" for language in LANGUAGES for one in looked_at(LOOKS[name], language, rooms)]
    assert not wrong, f"{LOOKS[name].path}\n" + "\n".join(wrong)


def looked_at(one: Address, language: str, rooms: Rooms) -> Iterator[str]:
    """What is wrong with a page in a language."""
    page = rooms.of(one.by, language).new_page()
    page.set_viewport_size(FIRST[language])
    heard, others = pages.watch(page), {}
    page.on("response", lambda each: others.update({each.url: each}))
    try:
        answer: Any = page.goto(one.path)
        if answer.status != one.status:
            yield f"it is answered with {answer.status}"
        yield from pages.unsettled(page)
        if (heavy := pages.weight(answer.body(), others.values())) > pages.AT_MOST:
            yield f"{heavy} bytes, at most {pages.AT_MOST}"
        text = pages.text_of(page)
        yield from pages.remarks(page, language)
        yield from pages.barriers(page)
        yield from (found for found in heard if one.status == 200 or f"status of {one.status}" not in found)
    finally:
        page.close()
    yield from without_scripts(one, language, rooms, text)


def without_scripts(one: Address, language: str, rooms: Rooms, text: str) -> Iterator[str]:
    """Where a page without scripts says something else than with them: from there on."""
    page = rooms.of(one.by, language, scripts=False).new_page()
    try:
        page.goto(one.path)
        plain = pages.text_of(page)
    finally:
        page.close()
    if plain != text:
        both = zip(plain, text, strict=False)
        at = next((at for at, (here, there) in enumerate(both) if here != there), min(len(plain), len(text)))
        yield f"without scripts it says {plain[at : at + 80]!r}, with them {text[at : at + 80]!r}"
