"""The page: sentences first, then the flow picture, then why, where, what is given, and the movers one by one.

Everything stands in the file itself (style, pictures, thirty lines of script that only sort and find), so that it can
be sent, printed and kept. The same figures give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from hanse.decisions.rehearsal import ACROSS, APPEARS, DISAPPEARS, DOWN, UP
from hanse.decisions.rehearsal_figures import ABSENT
from hanse.engines.report import flow
from hanse.engines.report.reading import Reading, is_money
from hanse.engines.report.sentences import Summary, by_reason, paragraphs, reason, told

SHOWN_COUNTRIES = 24
FEWEST = 5  # competencies that are shown where none has few holders
WIDE = {"width": 1000.0, "height": 430.0, "margin": 150.0}
NARROW = {"width": 380.0, "height": 430.0, "margin": 84.0}
_SIGNS = {UP: "▲", DOWN: "▼", ACROSS: "▶", APPEARS: "＋", DISAPPEARS: "✕"}


def sentences(summary: Summary, read: Reading) -> list[str]:
    return told(summary, read)


def html(summary: Summary, shown: Sequence[Mapping[str, Any]], read: Reading) -> str:
    """The report as one HTML document."""
    ladder = [row["level"] for row in summary["levels"]]
    return _template().render(
        read=read, say=read.phrase, s=summary, signs=_SIGNS, version=version("hanse"),
        paragraphs=paragraphs(summary, read), days=_days(read), tiles=_tiles(summary, read), ladder=ladder,
        pictures=_pictures(summary, read, ladder), matrices=_matrices(summary, read, ladder),
        rules=[rule(row, read) for row in summary["rules"]],
        reasons=[(way, by_reason(summary, read, way)) for way in (DOWN, UP, ACROSS, APPEARS, DISAPPEARS) if summary["moves"][way]],
        countries=summary["countries"][:SHOWN_COUNTRIES], more=summary["countries"][SHOWN_COUNTRIES:],
        benefits=summary["benefits"], **_competencies(summary), movers=[mover(row, read) for row in shown],
    ) + "\n"  # fmt: skip


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("hanse.engines.report", ""), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("page.html.j2")


def _days(read: Reading) -> list[str]:
    first, second = read.before.days, read.after.days
    found = [
        read.phrase("judged", day=read.day(second.as_of))
        if first.as_of == second.as_of
        else read.phrase("judged_two", first=read.day(first.as_of), second=read.day(second.as_of))
    ]
    if second.rules_as_of != second.as_of and first.rules_as_of == second.rules_as_of:
        found.append(read.phrase("rules_of", day=read.day(second.rules_as_of)))
    if second.known_at:
        found.append(read.phrase("known_at", day=read.day(second.known_at.date())))
    return found


def _tiles(summary: Summary, read: Reading) -> list[dict[str, str]]:
    moves = summary["moves"]
    few = [sum(1 for c in summary["competencies"] if c[f"few_{side}"]) for side in ("before", "after")]
    found = [
        {"n": read.number(moves["all"]), "what": read.phrase("tile_move"),
         "small": read.phrase("tile_of", n=max(summary["partners"].values())), "way": ""},
        {"n": read.number(moves[DOWN]), "what": read.phrase("tile_down"), "small": "", "way": DOWN},
        {"n": read.number(moves[UP]), "what": read.phrase("tile_up"), "small": "", "way": UP},
        {"n": read.number(summary["granted_moves"]["all"]), "what": read.phrase("tile_force"), "small": "", "way": ""},
    ]  # fmt: skip
    if summary["competencies"]:
        what = read.phrase("tile_few", n=summary["fewer_than"])
        found.append({"n": read.number(few[1]), "what": what, "small": read.phrase("tile_before", n=few[0]), "way": ""})
    return found


def _orders(summary: Summary, pairs: Sequence[Mapping[str, Any]]) -> tuple[list[str | None], list[str | None]]:
    """The levels of each side from the top; no level and no partner only where somebody is there."""
    found = []
    for side in ("before", "after"):
        here = {p[side] for p in pairs}
        levels: list[str | None] = [row["level"] for row in reversed(summary["levels"]) if row[side]]
        found.append(levels + [n for n in (None, ABSENT) if n in here])
    return found[0], found[1]


def _way(summary: Summary) -> Any:
    """Which way a pair of levels goes; the merged order of the levels decides."""
    rank = {row["level"]: i for i, row in enumerate(summary["levels"])}
    shared = any(row["before"] and row["after"] for row in summary["levels"])
    if not shared:
        sides = {s: [r["level"] for r in summary["levels"] if r[s]] for s in ("before", "after")}
        rank = {n: i for listed in sides.values() for i, n in enumerate(listed)}

    def way(before: str | None, after: str | None) -> str:
        if before == after:
            return ""
        if ABSENT in (before, after):
            return APPEARS if before == ABSENT else DISAPPEARS
        steps = rank.get(after or "", -1) - rank.get(before or "", -1)
        return UP if steps > 0 else DOWN if steps < 0 else ACROSS

    return way


def _pictures(summary: Summary, read: Reading, ladder: list[str]) -> list[dict[str, Any]]:
    found = []
    for what in ("achieved", "granted"):
        pairs = summary[what]
        if not pairs or not ladder:
            continue
        cells = {(p["before"], p["after"]): p["partners"] for p in pairs}
        drawn = [
            (form, flow.draw(cells, _orders(summary, pairs), _way(summary), **size))
            for form, size in (("wide", WIDE), ("narrow", NARROW))
        ]
        cut = next((r for r in drawn[0][1].ribbons if r.cut), None)
        note = read.phrase("cut", level=read.level(cut.before), n=read.some("partners", cut.partners)) if cut else ""
        found.append({"title": read.phrase(f"t_{what}"), "drawn": drawn, "note": note})
    return found


def _matrices(summary: Summary, read: Reading, ladder: list[str]) -> list[dict[str, Any]]:
    found = []
    for what in ("achieved", "granted"):
        pairs = summary[what]
        if not pairs or not ladder:
            continue
        rows, columns = _orders(summary, pairs)
        cells = {(p["before"], p["after"]): p["partners"] for p in pairs}
        way = _way(summary)
        found.append({
            "title": read.phrase(f"t_{what}"), "columns": columns,
            "rows": [
                {"level": r, "cells": [(cells.get((r, c), 0), way(r, c)) for c in columns],
                 "sum": sum(n for (old, _), n in cells.items() if old == r)}
                for r in rows
            ],
            "sums": [sum(n for (_, new), n in cells.items() if new == c) for c in columns],
        })  # fmt: skip
    return found


def rule(row: Mapping[str, Any], read: Reading) -> dict[str, Any]:
    """A changed requirement with a line for each class whose number changed."""
    unit = read.unit(row["metric"])
    sides = {s: _tests(row[s], unit, read) for s in ("before", "after")}
    classes = list(dict.fromkeys([*sides["after"], *sides["before"]]))
    lines = [
        {"class": "" if c == "" else read.phrase("everywhere_else") if c == "else" else c.replace("_", " "),
         **{s: sides[s].get(c, read.phrase("asked_not")) for s in sides}}
        for c in classes
        if sides["before"].get(c) != sides["after"].get(c)
    ]  # fmt: skip
    return {
        "level": row["level"],
        "requirement": read.requirement(row["requirement"], row["metric"]),
        "lines": lines,
    }


def _tests(tests: Sequence[Mapping[str, Any]] | None, unit: str | None, read: Reading) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for test in tests or ():
        for name, value in test["numbers"].items():
            if isinstance(value, bool):
                text = read.phrase("yes" if value else "no")
            else:
                text = value if isinstance(value, str) else read.number(value, unit)
            found.setdefault(name, []).append(read.phrase(test["comparison"], v=text))
    return {name: ", ".join(texts) for name, texts in found.items()}


def _competencies(summary: Summary) -> dict[str, Any]:
    listed = summary["competencies"]
    changed = [c for c in listed if c["in_force_before"] != c["in_force_after"]]
    few = [c for c in listed if c["few_after"] or (c["few_before"] and c["in_force_after"])]
    fewest = [c for c in listed if c["in_force_after"]][:FEWEST]
    return {
        "few": few,
        "fewest": fewest,
        "changed": sorted(changed, key=lambda c: (c["in_force_after"], -c["before"], c["competency"])),
    }


def mover(row: Mapping[str, Any], read: Reading) -> dict[str, Any]:
    """A mover as the table shows it. `order` sorts by how far the partner moves."""
    names = {
        key: ", ".join(read.competency(n) for n in row[column].split(", ")) if row[column] else None
        for key, column in (("lost", "competencies_lost"), ("gained", "competencies_gained"))
    }
    told_names = [read.phrase(key, names=text) for key, text in names.items() if text]
    old, new = (
        None if row["direction"] == w else row[c] for w, c in ((APPEARS, "level_before"), (DISAPPEARS, "level_after"))
    )
    return {
        "partner": row["partner"], "name": row["name"] or row["partner"], "country": read.country(row["country"] or ""),
        "old": ABSENT if row["direction"] == APPEARS else old, "new": ABSENT if row["direction"] == DISAPPEARS else new,
        "way": row["direction"], "order": row["steps"], "reason": reason(row, read), "detail": _detail(row, read),
        "names": "; ".join(told_names),
    }  # fmt: skip


def _detail(row: Mapping[str, Any], read: Reading) -> str:
    """The numbers behind a reason: what the partner has and what is needed, before and after."""
    change = row["change"]
    if row["because"] is None or change is None:
        return ""
    unit = read.unit(row["metric"])
    kind = next((e.metrics[row["metric"]].kind for e in read.editions if row["metric"] in e.metrics), "boolean")
    if kind != "number":
        return (
            read.phrase(f"c_{change}_yes")
            if change in ("newly_asked", "no_longer_asked")
            else read.phrase(f"k_{change}")
        )
    numbers = {
        "threshold": ("actual_after", "needed_after", "needed_before", "actual_before"),
        "actual": ("actual_after", "needed_after", "actual_before", "actual_before"),
    }.get(change, ("actual_after", "needed_after", "needed_before", "actual_before"))
    actual, needed, old, was = (read.number(row[n], unit, _decimals(row, unit, read)) for n in numbers)
    return read.phrase(f"c_{change}", actual=actual, needed=needed, old=old, was=was)


def _decimals(row: Mapping[str, Any], unit: str | None, read: Reading) -> int:
    """Cents only where two amounts that differ would read the same without them."""
    if not is_money(unit):
        return 0
    amounts = [row[n] for n in ("actual_before", "actual_after", "needed_before", "needed_after") if row[n] is not None]
    different = {read.number(a, unit) for a in amounts}
    return 2 if len(different) < len(set(amounts)) else 0
