"""What a page has looked up it does not look up again; elsewhere every question is asked anew."""

from __future__ import annotations

import pytest

from hanse.apps.accounts.one_look import once, one_look

asked: list[tuple[str, int]] = []


@once
def looked_up(key: str, *, deep: int = 0) -> str:
    asked.append((key, deep))
    if not key:
        raise LookupError(key)
    return f"{key} {deep}"


@pytest.fixture(autouse=True)
def _nothing_asked() -> None:
    asked.clear()


def test_outside_a_page_every_call_asks() -> None:
    assert [looked_up("P-1"), looked_up("P-1")] == ["P-1 0", "P-1 0"]
    assert len(asked) == 2


def test_a_page_asks_once_for_each_question() -> None:
    with one_look():
        assert [looked_up("P-1"), looked_up("P-2"), looked_up("P-1", deep=1), looked_up("P-1")] == [
            "P-1 0", "P-2 0", "P-1 1", "P-1 0",
        ]  # fmt: skip
    assert asked == [("P-1", 0), ("P-2", 0), ("P-1", 1)]


def test_the_next_page_knows_nothing_of_it_even_after_an_error() -> None:
    with pytest.raises(LookupError), one_look():
        looked_up("") or looked_up("P-1")
    with one_look():
        looked_up("P-1")
    assert asked == [("", 0), ("P-1", 0)]
    with one_look():
        looked_up("P-1")
    assert asked == [("", 0), ("P-1", 0), ("P-1", 0)]
