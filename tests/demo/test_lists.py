"""Do the two lists name firms of the channel and of one another, always alike, and some that only look alike?"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from hanse.demo.catalogue import catalogue_of
from hanse.demo.channel import generate
from hanse.demo.command import edition_folder
from hanse.demo.lists import FILES, write_lists

EDITION = edition_folder("partnerworld/2017")


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(
        tmp_path_factory.mktemp("facts"), partners=600, seed=3, catalogue=catalogue_of(EDITION), bad_rows=True
    ).folder


def rows(path: Path, comma: str) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.reader(opened, delimiter=comma))[1:]


def test_they_overlap_and_are_always_alike(facts: Path, tmp_path: Path) -> None:
    web, distributor = write_lists(facts, tmp_path / "one", seed=3, catalogue=catalogue_of(EDITION))
    again = write_lists(facts, tmp_path / "two", seed=3, catalogue=catalogue_of(EDITION))
    assert [path.name for path in again] == list(FILES)
    assert [path.read_bytes() for path in again] == [web.read_bytes(), distributor.read_bytes()]
    one, other = rows(web, ","), rows(distributor, ";")
    assert len({row[0] for row in [*one, *other]}) == len(one) + len(other), "no number stands twice"
    sites = [{row[4].removeprefix("https://").removeprefix("www.") for row in listed} - {""} for listed in (one, other)]
    assert len(sites[0] & sites[1]) > 20
    names = [{row[1] for row in listed} for listed in (one, other)]
    assert len(names[0] & names[1]) < len(sites[0] & sites[1]), "they are not said alike"
    assert sum(row[0].startswith("BP-") for row in other) >= 4, "two sources speak of one record"


def test_a_small_channel_has_lists_too(tmp_path: Path) -> None:
    generate(tmp_path / "facts", partners=2, seed=3, catalogue=catalogue_of(EDITION))
    web, _ = write_lists(tmp_path / "facts", tmp_path, seed=3, catalogue=catalogue_of(EDITION))
    assert rows(web, ",")
