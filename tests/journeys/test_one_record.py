"""One record per firm: two lists come in, the queue is worked with keys alone, the rest at once, and one is undone."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser

from fronts import world
from journeys.conftest import Visited
from journeys.visitor import Visitor

_WORDS = ("Acacia", "Boreal", "Citron", "Dune", "Eclat", "Fanal", "Galet", "Havre", "Iroise", "Jonque")
_TRADES = ("Logistique", "Conseil", "Bois", "Voiles")
_HEADINGS = "partner,name,country,city,website,joined\n"
_ALL = [(word, trade) for word in _WORDS for trade in _TRADES]
ORDERS = _HEADINGS + "".join(
    f"L-{n},{word} {trade},FR,Lyon,https://{word}-{trade}.example,2020-01-01\n" for n, (word, trade) in enumerate(_ALL)
)
REPORT = _HEADINGS + "".join(
    f"A-{n},{word.upper()} {trade} SARL,FR,Lyon,www.{word}-{trade}.example,2021-01-01\n"
    for n, (word, trade) in enumerate(_ALL[1:32:5])
)
WORKS = True


def test_two_lists_are_consolidated_and_one_merger_is_undone(window: Browser, visited: Visited, tmp_path: Path) -> None:
    max_ = Visitor(window, visited.url)
    max_.signs_in(world.address("programme_manager"))
    for name, text in (("orders", ORDERS), ("report", REPORT)):
        imported(max_, tmp_path / f"{name}.csv", text)
    compared(max_)
    merged, left = worked_with_keys(max_)
    all_at_once(max_, left)
    undone(max_, merged)
    max_.leaves(but="status of 400")  # the form without a reason


def imported(max_: Visitor, file: Path, text: str) -> None:
    """He imports one of the lists."""
    file.write_text(text, encoding="utf-8")
    max_.follows("Imports")
    max_.drops("Drop files here, or choose them", file)
    max_.fills("Source", file.stem)
    max_.presses("Look at them")
    max_.is_on(f"{file.name}: what it would do")
    max_.presses("Import")
    max_.reads("No row of this import was refused.")


def compared(max_: Visitor) -> None:
    """Nobody asked for it: once firms have come in, the worker compares all records."""
    max_.follows("Duplicates")
    max_.has_waited_for("Are these one firm", "Duplicates")
    max_.is_on("Are these one firm?")


def worked_with_keys(max_: Visitor) -> tuple[tuple[str, str], int]:
    """One pair is one firm, one is two, one is left for later; the pair that was merged, and how many wait."""
    waiting = waits(max_)
    merged = pair(max_)
    max_.hits("1")
    max_.reads("They are one firm now. It can be taken back on its page.")
    assert waits(max_) < waiting
    assert pair(max_) != merged

    two, waiting = pair(max_), waits(max_)
    max_.hits("0")
    max_.reads("They are two firms. Nobody is asked about them again.")
    assert waits(max_) == waiting - 1

    later = pair(max_)
    assert two != later
    max_.hits("n")
    max_.is_at(re.compile(r"\?after=\d+$"))
    assert pair(max_) != later
    max_.tabs_to("Reason")
    max_.types("1 of 2")  # keys that are typed into a field decide nothing
    assert waits(max_) == waiting - 1
    max_.follows("Duplicates")
    assert pair(max_) == later
    return merged, waits(max_)


def all_at_once(max_: Visitor, waiting: int) -> None:
    """What is likely enough is merged at once."""
    button = max_.page.get_by_role("button", name=re.compile(r"^Merge \d+ pairs?$"))
    many = int(re.findall(r"\d+", button.inner_text())[0])
    assert 1 <= many <= waiting
    button.click()
    max_.reads(re.compile(rf"{many} pairs? (is|are) merged; each can be taken back on its page."))
    assert max_.page.get_by_role("button", name=re.compile("^Merge ")).count() == 0


def undone(max_: Visitor, merged: tuple[str, str]) -> None:
    """The first merger was wrong after all: the record is a firm of its own again, and is not asked about once more."""
    stays, gone = merged
    max_.opens(f"/partners/{stays}/")
    max_.reads("is the same firm as")
    max_.follows("take that back")
    max_.presses("Take the merger back")  # without a reason
    max_.is_on("Two firms after all")
    max_.fills("Reason", "two shops of one street")
    max_.presses("Take the merger back")
    max_.reads("is a firm of its own again, with all that was said of it.")
    max_.is_at(f"/partners/{gone}/")
    max_.follows("Audit")
    max_.reads("evidence.unmerge")


def waits(max_: Visitor) -> int:
    """How many pairs wait, as the page says."""
    found = re.search(r"(\d+) pairs? waits?", max_.page.locator("main").inner_text())
    return int(found[1]) if found else 0


def pair(max_: Visitor) -> tuple[str, str]:
    """The two records that are shown."""
    one, other = max_.page.locator("table.both thead a").all_inner_texts()
    return one, other
