"""What does a rehearsal write, and can a channel chief read it?"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pyarrow import parquet

from decisions.rehearsed import COMPETENCIES, LEVELS, channel, side
from hanse.decisions.rehearsal_figures import Side
from hanse.engines import run
from hanse.engines.duck import DuckEngine
from hanse.engines.rehearse import Rehearsal, rehearse, tables_of
from hanse.engines.report import flow
from hanse.language.problems import CallError, EditionError

BOTH = ("C-1", "S-1")
FACTS = channel(
    A={"sells": 450_000, "certified": BOTH, "country": "DE"},
    B={"sells": 900_000, "certified": BOTH},
    C={"sells": 120_000, "certified": ("C-1",)},
    D={"sells": 0},
)
HARDER = LEVELS.replace("400_000", "500_000")


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Side, Side]:
    retired = COMPETENCIES.replace("  cloud:", "  quantum: {name: Quantum, counts: {certificate: [Q-1]}}\n  cloud:")
    return side(tmp_path / "2024"), side(tmp_path / "2025", levels=HARDER, competencies=retired)


def rehearsed(sides: tuple[Side, Side], out: Path, language: str = "en") -> Rehearsal:
    with DuckEngine(FACTS, tables_of(sides[0].edition, sides[1].edition)) as engine:
        return rehearse(engine, *sides, out, fewer_than=2, language=language)


def test_it_writes_both_outcomes_the_moves_the_figures_and_the_report(sides: tuple[Side, Side], tmp_path: Path) -> None:
    done = rehearsed(sides, tmp_path / "out")
    written = {
        path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()
    }
    assert {"moves.parquet", "summary.json", "report.html"} <= written
    assert {f"{s}/{f}.parquet" for s in ("before", "after") for f in run.FILES} <= written
    assert not [name for name in written if "/." in name or name.startswith(".")]
    moves = parquet.read_table(tmp_path / "out/moves.parquet")
    assert moves.column_names[:5] == ["partner", "country", "level_before", "level_after", "because"]
    assert moves.slice(0, 1).to_pylist()[0] | {"partner": "A", "because": "revenue"} == moves.to_pylist()[0]
    assert json.loads((tmp_path / "out/summary.json").read_text(encoding="utf-8"))["moves"] == done.summary["moves"]


def test_moves_are_the_difference_of_the_two_outcomes(sides: tuple[Side, Side], tmp_path: Path) -> None:
    rehearsed(sides, tmp_path / "out")
    levels = [
        {r["partner"]: r["level"] for r in parquet.read_table(tmp_path / "out" / s / "standings.parquet").to_pylist()}
        for s in ("before", "after")
    ]
    differing = {p: (levels[0][p], levels[1][p]) for p in levels[0] if levels[0][p] != levels[1][p]}
    moves = parquet.read_table(tmp_path / "out/moves.parquet").to_pylist()
    assert (
        {m["partner"]: (m["level_before"], m["level_after"]) for m in moves} == differing == {"A": ("gold", "silver")}
    )


def test_the_outcome_of_a_side_is_that_of_an_evaluation(sides: tuple[Side, Side], tmp_path: Path) -> None:
    rehearsed(sides, tmp_path / "out")
    with DuckEngine(FACTS, sides[1].edition.tables) as engine:
        run.evaluate(engine, sides[1].edition, sides[1].days, tmp_path / "alone")
    for name in run.FILES:
        alone, together = (tmp_path / folder / f"{name}.parquet" for folder in ("alone", "out/after"))
        assert parquet.read_table(alone).equals(parquet.read_table(together)), name


def test_the_figures(sides: tuple[Side, Side], tmp_path: Path) -> None:
    summary = rehearsed(sides, tmp_path / "out").summary
    assert summary["moves"] == {"all": 1, "up": 0, "down": 1, "across": 0, "appears": 0, "disappears": 0}
    assert summary["partners"] == {"before": 4, "after": 4}
    assert {(p["before"], p["after"]): p["partners"] for p in summary["achieved"]} == {
        ("gold", "gold"): 1, ("gold", "silver"): 1, ("silver", "silver"): 1, ("member", "member"): 1,
    }  # fmt: skip
    assert [(c["country"], c["partners"], c["down"]) for c in summary["countries"]] == [("DE", 1, 1)]
    assert [(r["because_level"], r["because"], r["change"], r["partners"]) for r in summary["because"]] == [
        ("gold", "revenue", "threshold", 1)
    ]
    given = {b["benefit"]: (b["before"], b["after"], b["difference"], b["currency"]) for b in summary["benefits"]}
    assert given == {"vouchers": (46, 31, -15, None), "fund": (2000, 1000, -1000, "EUR")}
    rule = {"level": "gold", "requirement": "revenue", "metric": "revenue"}
    (changed,) = summary["rules"]
    assert changed | rule == changed
    assert [changed[s][0]["numbers"] for s in ("before", "after")] == [{"": 400_000}, {"": 500_000}]


def test_competencies_with_few_holders_are_candidates(sides: tuple[Side, Side], tmp_path: Path) -> None:
    listed = {c["competency"]: c for c in rehearsed(sides, tmp_path / "out").summary["competencies"]}
    assert {n: (c["before"], c["after"], c["few_before"], c["few_after"]) for n, c in listed.items()} == {
        "quantum": (0, 0, False, True), "security": (2, 2, False, False), "cloud": (3, 3, False, False),
    }  # fmt: skip


def test_it_is_the_same_byte_for_byte(sides: tuple[Side, Side], tmp_path: Path) -> None:
    for folder in ("one", "two"):
        rehearsed(sides, tmp_path / folder)
    for name in ("moves.parquet", "summary.json", "report.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


class _Page(HTMLParser):
    """What a page asks for from elsewhere, and whether every element is closed."""

    VOID = frozenset({"meta", "input", "br", "link", "img"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.outside += [f"{tag} {n}={v}" for n, v in attrs if n in ("src", "href", "srcset", "action")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("1 of 4 partners would change level", "Gold’s revenue", "€500,000", "▼ 1", "Germany", "A &amp; Co")),
     ("fr", ("1 partenaire sur 4 changerait de niveau", "chiffre d", "Allemagne", "Argent"))],
)  # fmt: skip
def test_the_report_stands_alone_and_reads_well(
    sides: tuple[Side, Side], tmp_path: Path, language: str, words: tuple[str, ...]
) -> None:
    html = rehearsed(sides, tmp_path / "out", language).report.read_text(encoding="utf-8")
    page = _Page()
    page.feed(html)
    assert (page.open, page.outside) == ([], [])
    assert not re.search(r"https?://|@import|url\(", html)
    assert f'<html lang="{language}">' in html
    assert [w for w in words if w not in html] == []


def test_nobody_moves_and_the_page_says_so(tmp_path: Path) -> None:
    done = rehearsed((side(tmp_path / "2024"), side(tmp_path / "2025")), tmp_path / "out")
    assert done.sentences == ["No partner's level would change: all 4 stay where they are."]
    assert "moves.parquet" in done.report.read_text(encoding="utf-8")


def test_a_wrong_edition_is_told_before_anything_is_written(tmp_path: Path) -> None:
    wrong = side(tmp_path / "2025", levels="gold: {all_of: [{revenues: 1}]}")
    with pytest.raises(EditionError):
        rehearsed((side(tmp_path / "2024"), wrong), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_one_column_of_two_types_is_refused(tmp_path: Path) -> None:
    own = "visits: {{means: visits, columns: {{length: {{type: {type}, means: how long}}}}}}"
    sides = [side(tmp_path / year, facts=own.format(type=t)) for year, t in (("2024", "text"), ("2025", "number"))]
    with pytest.raises(CallError, match=r"visits\.length is number"):
        tables_of(sides[0].edition, sides[1].edition)


def test_the_picture_keeps_all_partners_and_cuts_short_those_who_stay() -> None:
    cells: dict[flow.Pair, int] = {
        ("low", "low"): 9_000,
        ("low", "high"): 40,
        ("high", "low"): 60,
        ("high", "high"): 900,
    }
    order = ["high", "low"]

    def way(old: str | None, new: str | None) -> str:
        return "" if old == new else "up" if new == "high" else "down"

    drawn = flow.draw(cells, (order, order), way, width=1000, height=430, margin=150)
    assert {(r.before, r.after): r.partners for r in drawn.ribbons} == cells
    assert [(r.before, bool(r.cut)) for r in drawn.ribbons if r.cut] == [("low", True)]
    assert {(n.side, n.level): n.partners for n in drawn.nodes} == {
        ("before", "high"): 960, ("before", "low"): 9_040, ("after", "high"): 940, ("after", "low"): 9_060,
    }  # fmt: skip
    thick = {(r.before, r.after): r.thickness for r in drawn.ribbons}
    assert thick["high", "low"] / thick["low", "high"] == pytest.approx(1.5)
    assert all(r.pill for r in drawn.ribbons if r.way)
    assert all(n.y >= 0 and n.y + n.height <= drawn.height for n in drawn.nodes)
