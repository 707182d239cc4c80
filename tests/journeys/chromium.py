"""Where is the browser of the journeys? The machine's own: HANSE_CHROMIUM, or a Chromium found by its usual names."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ABSENT = "NO CHROMIUM"
ADVICE = f"{ABSENT} on this machine: install one (Debian: apt-get install chromium) or name it in HANSE_CHROMIUM"
# quiet, and the same everywhere: no pictures of a graphics card, no calls home, letters drawn alike
ARGUMENTS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",
    "--no-first-run",
]


def path() -> str | None:
    """The program, if there is one."""
    named = os.environ.get("HANSE_CHROMIUM")
    return shutil.which(named) if named else next((found for name in NAMES if (found := shutil.which(name))), None)


# what draws maps where there is no graphics card
DRAWING = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]


@contextmanager
def opened(program: str, *, draws: bool = False) -> Iterator[Browser]:
    """A browser without a window; one that `draws` shows maps.

    Playwright keeps a loop of asyncio in this thread meanwhile: use no ORM inside.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = [one for one in ARGUMENTS if one != "--disable-gpu"] + DRAWING if draws else ARGUMENTS
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield browser
        finally:
            browser.close()
