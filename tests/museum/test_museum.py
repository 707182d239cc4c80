"""Every exhibit is a broken edition or a broken file of facts, with the message that it must give.

An exhibit says what is changed in the small good edition or its facts, and what a person is then told: for a broken
edition place, what, why and remedy, with the exit code; for bad rows the lines of `problems`, and that the rest counts.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from museum.visit import GOOD, build, visit

HERE = Path(__file__).parent
LEVELS = (("P1", "gold"), ("P2", "silver"), ("P3", "silver"))


def exhibits() -> list[dict[str, Any]]:
    """All exhibits, in order of file and place."""
    return [e for path in sorted((HERE / "exhibits").glob("*.yaml")) for e in yaml.safe_load(path.read_text("utf-8"))]


def test_the_good_edition_is_good(tmp_path: Path) -> None:
    seen = visit(GOOD / "edition", GOOD / "facts", tmp_path / "out")
    assert (seen.exit, seen.errors, seen.problems) == (0, (), ())
    assert seen.levels == LEVELS


def test_the_museum_is_large_enough() -> None:
    listed = exhibits()
    assert len({e["id"] for e in listed}) == len(listed)
    assert sum("edition" in e for e in listed) >= 25
    assert sum("facts" in e for e in listed) >= 15


@pytest.mark.parametrize("exhibit", exhibits(), ids=lambda e: e["id"].replace(" ", "-"))
def test_an_exhibit_says_what_is_wrong(exhibit: dict[str, Any], tmp_path: Path) -> None:
    edition, facts = build(tmp_path, exhibit)
    seen = visit(edition, facts, tmp_path / "out", check="edition" in exhibit)
    for error in seen.errors:
        assert error.place, error
        assert error.what, error
        assert error.why, error
        assert error.remedy, error
    if "says" in exhibit:
        assert seen.exit == exhibit["exit"], seen.errors
        assert any(fits(e.__dict__, exhibit["says"], tmp_path) for e in seen.errors), shown(seen.errors)
        return
    assert seen.errors == ()
    rows = list(seen.problems)
    assert len(rows) == len(exhibit["problems"]), rows
    for row, wanted in zip(rows, exhibit["problems"], strict=True):
        assert {k: row[k] for k in ("table", "file", "line")} == {k: wanted[k] for k in ("table", "file", "line")}
        assert fits(row, {k: wanted[k] for k in ("what", "why") if k in wanted}, tmp_path), row
        assert row["why"]
        assert row["effect"] == "not counted"
    assert seen.levels == tuple(pair for pair in LEVELS if pair[0] not in exhibit.get("gone", []))


def fits(found: dict[str, Any], wanted: dict[str, str], folder: Path) -> bool:
    """Each part says what it must (a part of the text is enough); places are relative to the museum's folder."""
    plain = {k: str(v).replace(f"{folder}/museum/", "") for k, v in found.items()}
    return all(text in plain[part] for part, text in wanted.items())


def shown(errors: tuple[Any, ...]) -> str:
    return "\n".join(map(str, errors)) or "nothing was said"
