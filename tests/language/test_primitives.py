"""Each primitive of docs/primitives.md is tested by a case or a worked example that is there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from hanse.engines import cases
from hanse.language import edition as editions
from hanse.language import source

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| `(\w+)` \| (.+) \| (.*) \|$", re.MULTILINE)
PRIMITIVES = {
    tag: (said, tested) for tag, said, tested in ROW.findall((ROOT / "docs" / "primitives.md").read_text("utf-8"))
}


@cache
def case_ids() -> frozenset[str]:
    return frozenset(case.id for name in editions.shipped() for case in cases.cases_of(editions.load(name)))


@cache
def worked() -> dict[str, list[str]]:
    """Worked examples by id, with the primitives that each says it shows."""
    folder = Path(__file__).parent / "worked"
    return {e["id"]: e["tags"] for path in folder.glob("*.yaml") for e in source.read(path).data}


def test_all_of_them_are_listed() -> None:
    assert len(PRIMITIVES) == 124
    assert {tag for tags in worked().values() for tag in tags} <= set(PRIMITIVES)


@pytest.mark.parametrize("tag", PRIMITIVES)
def test_a_primitive_is_tested(tag: str) -> None:
    said, tested = PRIMITIVES[tag]
    by_case = set(re.findall(r"`([\w.-]+)`", tested))
    by_example = set(re.findall(r"\*([\w-]+)\*", tested))
    assert said.strip()
    assert by_case | by_example
    assert by_case <= case_ids()
    assert all(tag in worked()[example] for example in by_example)
