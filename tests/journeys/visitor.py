"""Somebody at a browser, in the words of people: signs in, reads, follows, fills, presses; or uses keys alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from fronts.pages.signed_in import PASSWORD
from journeys import pages

PATIENCE = 30_000  # milliseconds until something must have appeared


class Visitor:
    """One person with a browser of their own."""

    def __init__(self, window: Browser, url: str, *, language: str = "en", phone: bool = False) -> None:
        self._room = window.new_context(
            base_url=url, viewport=pages.NARROW if phone else pages.WIDE, locale=language, reduced_motion="reduce"
        )
        self._room.set_default_timeout(PATIENCE)
        self.page: Page = self._room.new_page()
        self.wrong = pages.watch(self.page)

    # -- going -----------------------------------------------------------------------------------------------

    def opens(self, address: str) -> int:
        """Opens an address; returns the status of the answer."""
        answer = self.page.goto(address)
        assert answer is not None
        return answer.status

    def signs_in(self, address: str, password: str = PASSWORD) -> None:
        """Signs in on the page that asks for it."""
        if "/login/" not in self.page.url:
            self.opens("/login/")
        self.fills("E-mail address", address)
        self.fills("Password", password)
        self.presses("Sign in")

    def follows(self, name: str | re.Pattern[str]) -> None:
        """Follows the first link of this name."""
        self._one("link", name).click()
        self.page.wait_for_load_state("domcontentloaded")

    def leaves(self, *, but: str = "") -> None:
        """Closes the browser; what went wrong in it unseen is an error of the pages, `but` what was meant to."""
        self._room.close()
        assert [one for one in self.wrong if not but or but not in one] == []

    # -- doing -----------------------------------------------------------------------------------------------

    def fills(self, label: str | re.Pattern[str], value: str) -> None:
        self._field(label).fill(value)

    def chooses(self, label: str | re.Pattern[str], value: str) -> None:
        self._field(label).select_option(value)

    def drops(self, label: str | re.Pattern[str], file: Path) -> None:
        self._field(label).set_input_files(file)

    def unfolds(self, summary: str | re.Pattern[str]) -> None:
        self.page.locator("summary", has_text=summary).first.click()

    def presses(self, name: str | re.Pattern[str]) -> None:
        self._one("button", name).click()
        self.page.wait_for_load_state("domcontentloaded")

    # -- reading ---------------------------------------------------------------------------------------------

    def reads(self, text: str | re.Pattern[str]) -> None:
        """Finds a text on the page, which may take a moment to appear."""
        expect(self.page.locator("main")).to_contain_text(text, timeout=PATIENCE)

    def has_waited_for(self, text: str | re.Pattern[str], link: str) -> None:
        """Looks again, by a link, until a text is there."""
        for _ in range(60):
            if re.search(text, self.page.locator("main").inner_text()):
                return
            self.page.wait_for_timeout(500)
            self.follows(link)
        self.reads(text)

    def misses(self, text: str | re.Pattern[str]) -> None:
        """Does not find a text on the page."""
        expect(self.page.locator("main")).not_to_contain_text(text)

    def is_at(self, path: str | re.Pattern[str]) -> None:
        """Is at an address, the last redirect followed."""
        wanted = path if isinstance(path, re.Pattern) else re.compile(re.escape(path) + "$")
        expect(self.page).to_have_url(wanted, timeout=PATIENCE)

    def is_on(self, heading: str | re.Pattern[str]) -> None:
        """Is on the page of this heading, once it is there."""
        expect(self.page.locator("h1")).to_contain_text(heading, timeout=PATIENCE)

    def row(self, text: str | re.Pattern[str]) -> str:
        """The text of the first row of a table that holds a text."""
        found: str = self.page.locator("main tr", has_text=text).first.inner_text()
        return re.sub(r"\s+", " ", found).strip()

    def value(self, label: str | re.Pattern[str]) -> str:
        return self._field(label).input_value()

    # -- with keys alone ---------------------------------------------------------------------------------------

    def tabs_to(self, name: str, at_most: int = 150) -> None:
        """Presses Tab until what has the focus is called so; where the focus is can be seen all the while."""
        for _ in range(at_most):
            self.page.keyboard.press("Tab")
            said: dict[str, Any] = self.page.evaluate(_FOCUS)
            assert said["seen"], f"one cannot see that {said['name']!r} has the focus"
            if name.lower() in said["name"].lower():
                return
        raise AssertionError(f"{name!r} cannot be reached with the Tab key")

    def types(self, text: str) -> None:
        """Types into what has the focus, over what stands there."""
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def hits(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.page.wait_for_load_state("domcontentloaded")

    def _one(self, role: Any, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role(role, name=name).first

    def _field(self, label: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_label(label).first


_FOCUS = """() => { const one = document.activeElement; const style = getComputedStyle(one);
  const box = one.getBoundingClientRect(); const label = one.labels && one.labels[0];
  const named = (one.getAttribute("aria-labelledby") || "").split(" ").map(id => document.getElementById(id))
    .filter(Boolean).map(each => each.textContent).join(" ");
  return {name: one === document.body ? "" : (one.getAttribute("aria-label") || named || (label && label.textContent) ||
      one.textContent || one.value || "").replace(/\\s+/g, " ").trim(),
    seen: one === document.body || (box.width > 0 && box.height > 0 &&
      (style.outlineStyle !== "none" || style.boxShadow !== "none"))} }"""
