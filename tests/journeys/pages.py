"""What a browser finds wrong with a page: rules of accessibility, errors, shifts, a page wider than its window."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, Response

AXE = Path(__file__).resolve().parents[2] / "frontend/node_modules/axe-core/axe.min.js"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
STILL = 0.02  # what nobody sees; test_slow_line.py holds that a page is drawn when it is whole
AT_MOST = 60 * 1024  # bytes of a first page, compressed, its styles cached

_WATCH = """
window.shifted = 0; window.violations = [];
new PerformanceObserver(list => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
}).observe({type: "layout-shift", buffered: true});
document.addEventListener("securitypolicyviolation", one =>
  window.violations.push(one.violatedDirective + " " + one.blockedURI + " " + one.sourceFile + ":" + one.lineNumber));
"""
_DOCUMENT = """() => { const ids = [...document.querySelectorAll("[id]")].map(one => one.id);
  return {lang: document.documentElement.lang, title: document.title, headings: document.querySelectorAll("h1").length,
    twice: ids.filter((id, at) => ids.indexOf(id) !== at)} }"""
# colours are all that differs in the dark; the rules are otherwise all those of axe
_AXE = """async rules => (await axe.run(document, {resultTypes: ["violations"],
  ...(rules ? {runOnly: {type: "rule", values: rules}} : {})})).violations.map(rule =>
  rule.id + ": " + rule.nodes.slice(0, 3).map(node => node.target.join(" ") + ": " +
  (node.any[0] || node.all[0] || node.none[0] || {}).message).join(" | "))"""
_FRENCH = """() => { const copy = document.querySelector("main").cloneNode(true);
  copy.querySelectorAll("script, pre, code, [lang], .problems dd, option[value*='/']").forEach(one => one.remove());
  return copy.textContent }"""
_TEXT = """() => { const copy = document.querySelector("main").cloneNode(true);
  copy.querySelectorAll("noscript, script, [data-chart], [data-scripted]").forEach(one => one.remove());
  return copy.textContent.replace(/\\s+/g, " ").trim() }"""
# words that English has and French has not: where one stands on a French page, something was left untranslated
_ENGLISH = re.compile(
    r"(?<![\w@./=-])(?:the|of|and|is|are|was|were|with|without|not|this|that|these|from|by|has|have|been|it|its|they|who|"
    r"which|what|when|where|there|until|since|before|after|none|nothing|nobody|more|than|less|needs?|missing|show)"
    r"(?![\w@=/-]|\.\w)",
    re.IGNORECASE,
)


def watch(page: Page) -> list[str]:
    """Notes what goes wrong on a page from now on; to be called before it is opened."""
    wrong: list[str] = []
    page.add_init_script(_WATCH)
    page.on("pageerror", lambda error: wrong.append(f"a script failed: {error}"))
    page.on("console", lambda said: wrong.append(f"console: {said.text}") if _matters(said) else None)
    page.on("requestfailed", lambda one: wrong.append(f"not loaded: {one.url} {one.failure}"))
    return wrong


def _matters(said: ConsoleMessage) -> bool:
    """Errors and warnings; but a graphics card in software says of every picture that it is slow."""
    return said.type in ("error", "warning") and "GPU stall due to ReadPixels" not in said.text


def remarks(page: Page, language: str) -> Iterator[str]:
    """What is wrong with the document that is open, whatever the window."""
    document: dict[str, Any] = page.evaluate(_DOCUMENT)
    if document["lang"] != language:
        yield f"its language is said to be {document['lang']!r}"
    if document["headings"] != 1:
        yield f"it has {document['headings']} headings of the first rank"
    if document["twice"]:
        yield f"what is named twice: {', '.join(document['twice'])}"
    if not document["title"].removesuffix("· Hanse").strip():
        yield "it has no title"
    if language == "fr":
        yield from (f"English: …{found}…" for found in english_in(page))


def barriers(page: Page) -> Iterator[str]:
    """What keeps somebody from reading the page that is open, in a wide window and a narrow one, light and dark.

    The page's context must have loaded AXE.
    """
    found: dict[str, list[str]] = {}
    page.evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for one in page.evaluate(_AXE, None if scheme == "light" else ["color-contrast", "link-in-text-block"]):
                found.setdefault(one, []).append(f"{size['width']} {scheme}")
        wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            yield f"at {size['width']} pixels it is {wide} pixels too wide"
    yield from (f"{one} ({', '.join(where)})" for one, where in found.items())


def unsettled(page: Page) -> Iterator[str]:
    """What moved by itself while it was loaded, and what the policy of the page refused."""
    page.wait_for_load_state("networkidle")
    if (moved := page.evaluate("() => window.shifted")) > STILL:
        yield f"what is shown moves while it loads: {moved}"
    yield from (f"refused by the policy: {one}" for one in page.evaluate("() => window.violations"))


def text_of(page: Page) -> str:
    """What the page says, without pictures and what only scripts show."""
    said: str = page.evaluate(_TEXT)
    return said


def english_in(page: Page) -> list[str]:
    """English words on a French page, each with what stands around it; code and what is said to be English may be."""
    text = re.sub(r"\s+", " ", page.evaluate(_FRENCH))
    return [text[max(0, one.start() - 30) : one.end() + 30] for one in _ENGLISH.finditer(text)]


def weight(document: bytes, others: Iterable[Response]) -> int:
    """How much is sent for a page, compressed, once its style and the script of its pictures are in the cache."""
    scripts = [one for one in others if re.search(r"/pages\.\w+\.js$", one.url)]
    return len(gzip.compress(document)) + sum(int(one.headers.get("content-length", 0)) for one in scripts)
