"""What does a rehearsal show? Its figures as rows and pictures; the title of each is its finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hanse.decisions.rehearsal import DOWN, UP
from hanse.decisions.rehearsal_figures import ABSENT
from hanse.engines.report.sentences import by_reason, paragraphs
from hanse.fronts.desk.charts import Link, Node, hue, sankey

if TYPE_CHECKING:
    from hanse.engines.report.reading import Reading
    from hanse.language.words import Words

Summary = Mapping[str, Any]
COUNTRIES = 10
REASONS = 8
HARDEST = 5
FEW_PARTNERS = 5  # of a country with fewer the share says little
BAR = 100


def whole(summary: Summary, read: Reading) -> dict[str, Any]:
    """The figures of the whole channel, for who sees all of it."""
    return {
        "paragraphs": paragraphs(summary, read),
        "flow_title": _flow_title(summary, read),
        "sankey": _sankey(summary, read),
        "levels": _levels(summary, read),
        "matrix": _matrix(summary, read),
        "reasons": _reasons(summary, read),
        "reason_title": _reason_title(summary, read),
        "countries": _countries(summary, read),
        "country_title": _country_title(summary, read),
        "hardest": _hardest(summary, read),
        "costs": summary["costs"],
        "cost_title": _cost_title(summary, read),
        "benefits": [
            {**row, "label": read.benefit(row["benefit"]), "signed": read.signed(row["difference"], row["currency"])}
            for row in summary["benefits"]
            if row["difference"]
        ],
        "few": [
            {**row, "label": read.competency(row["competency"])} for row in summary["competencies"] if row["few_after"]
        ],
        "partners": max(summary["partners"].values()),
    }


def changed(summary: Summary, read: Reading) -> dict[str, Any]:
    """What else is different besides the numbers: competencies that are retired or new."""
    listed = summary["competencies"]
    return {
        "retired": [
            (read.competency(c["competency"]), c["before"])
            for c in listed
            if c["in_force_before"] and not c["in_force_after"]
        ],
        "new": [read.competency(c["competency"]) for c in listed if c["in_force_after"] and not c["in_force_before"]],
    }


def _flow_title(summary: Summary, read: Reading) -> str:
    moves, words = summary["moves"], read.words
    if not moves["all"]:
        return words.say("Nobody would change level")
    total = max(summary["partners"].values())
    if moves[UP] and moves[DOWN]:
        return words.say(
            "{down} of {all} partners would fall, {up} would rise",
            down=words.number(moves[DOWN]),
            up=words.number(moves[UP]),
            all=words.number(total),
        )
    if moves[DOWN]:
        return words.many(
            "{n} of {all} partners would fall, nobody would rise",
            "{n} of {all} partners would fall, nobody would rise",
            moves[DOWN],
            all=words.number(total),
        )
    return words.many(
        "{n} of {all} partners would rise, nobody would fall",
        "{n} of {all} partners would rise, nobody would fall",
        moves[UP] or moves["all"],
        all=words.number(total),
    )


def _orders(summary: Summary) -> dict[str, list[str | None]]:
    """The levels of each side from the top; none and absent only where somebody is there."""
    found: dict[str, list[str | None]] = {}
    for side in ("before", "after"):
        here = {pair[side] for pair in summary["achieved"]}
        levels: list[str | None] = [row["level"] for row in reversed(summary["levels"]) if row[side]]
        found[side] = [name for name in [*levels, None, ABSENT] if name in here or name in levels]
    return found


def _sankey(summary: Summary, read: Reading) -> dict[str, Any]:
    """The flows as an option of ECharts. Those who stay are drawn no wider than all movers: so moves are seen."""
    pairs = [pair for pair in summary["achieved"] if pair["partners"]]
    moved = sum(pair["partners"] for pair in pairs if pair["before"] != pair["after"]) or 1
    ladder = [str(row["level"]) for row in summary["levels"]]
    orders = _orders(summary)
    sums = {side: _sums(pairs, side) for side in orders}
    nodes = [
        Node(side, level, hue(level, ladder), f"{read.level(level)} {read.number(sums[side][level])}")
        for side, levels in orders.items()
        for level in levels
        if sums[side].get(level)
    ]
    links = []
    for pair in pairs:
        before, after, many = pair["before"], pair["after"], pair["partners"]
        stays = before == after
        says = f"{read.level(before)} → {read.level(after)}: {read.number(many)}"
        width = min(many, moved) if stays else many
        links.append(Link(before, after, width, hue(before, ladder), 0.16 if stays else 0.5, says))
    aria = {"enabled": True, "label": {"description": _flow_title(summary, read)}}
    drawn = sankey(nodes, links, emphasis={"focus": "adjacency"})
    return {**drawn, "animation": False, "tooltip": {"trigger": "item"}, "aria": aria}


def _sums(pairs: Sequence[Mapping[str, Any]], side: str) -> dict[str | None, int]:
    found: dict[str | None, int] = {}
    for pair in pairs:
        found[pair[side]] = found.get(pair[side], 0) + pair["partners"]
    return found


def _levels(summary: Summary, read: Reading) -> list[dict[str, Any]]:
    """Partners at each level before and after, the highest first."""
    sums = [_sums(summary["achieved"], side) for side in ("before", "after")]
    names = dict.fromkeys([*_orders(summary)["after"], *_orders(summary)["before"]])
    return [
        {
            "level": name if name != ABSENT else "",
            "label": read.level(name),
            "before": sums[0].get(name, 0),
            "after": sums[1].get(name, 0),
            "difference": read.signed(sums[1].get(name, 0) - sums[0].get(name, 0)),
        }
        for name in names
    ]


def _matrix(summary: Summary, read: Reading) -> dict[str, Any]:
    """The flows as a table: rows before, columns after. It says what the picture shows."""
    orders = _orders(summary)
    cells = {(pair["before"], pair["after"]): pair["partners"] for pair in summary["achieved"]}
    ways = {name: at for at, name in enumerate([*[row["level"] for row in summary["levels"]]])}
    rows = []
    for old in orders["before"]:
        found = [
            {
                "n": cells.get((old, new), 0),
                "way": _way(ways, old, new),
                "before": old or "-",
                "after": new or "-",
                "moves": old != new and ABSENT not in (old, new),
            }
            for new in orders["after"]
        ]
        rows.append({"level": old if old != ABSENT else "", "label": read.level(old), "cells": found})
    return {"columns": [(name if name != ABSENT else "", read.level(name)) for name in orders["after"]], "rows": rows}


def _way(ways: Mapping[str, int], old: str | None, new: str | None) -> int:
    """1 up, -1 down, 0 neither."""
    if old == new or ABSENT in (old, new):
        return 0
    return 1 if ways.get(new or "", -1) > ways.get(old or "", -1) else -1


def _reasons(summary: Summary, read: Reading) -> list[dict[str, Any]]:
    """Because of what, falls first, the commonest first; the link filters the movers."""
    found: list[dict[str, Any]] = []
    keys: dict[tuple[str, str], str] = {}
    for row in summary["because"]:
        if row["because"] is not None:
            said = read.phrase(
                "reason",
                level=read.level(row["because_level"]),
                requirement=read.requirement(row["because"], row["metric"]),
            )
            keys[row["direction"], said] = f"{row['because_level']}:{row['because']}"
    for way in (DOWN, UP):
        listed = by_reason(summary, read, way) if summary["moves"][way] else []
        most = max((n for _, n in listed), default=1)
        found += [
            {
                "way": way,
                "label": label,
                "n": n,
                "width": max(1, round(BAR * n / most)),
                "because": keys.get((way, label), ""),
            }
            for label, n in listed[:REASONS]
        ]
    return found


def _reason_title(summary: Summary, read: Reading) -> str:
    moves, words = summary["moves"], read.words
    way = DOWN if moves[DOWN] >= moves[UP] else UP
    if not moves[way]:
        return words.say("Nothing decides, for nobody moves")
    label, n = by_reason(summary, read, way)[0]
    share = words.quantity(100 * n / moves[way], "percent", 0)
    if way == DOWN:
        return words.say("{share} of the falls are because of {reason}", share=share, reason=label)
    return words.say("{share} of the rises are because of {reason}", share=share, reason=label)


def _countries(summary: Summary, read: Reading) -> list[dict[str, Any]]:
    listed = summary["countries"]
    most = max((row["moves"] for row in listed), default=1)
    return [
        {
            **row,
            "label": read.country(row["country"]),
            "width": max(1, round(BAR * row["moves"] / most)),
            "share": 100 * row["moves"] / row["partners"],
        }
        for row in listed[:COUNTRIES]
    ]


def _country_title(summary: Summary, read: Reading) -> str:
    listed, words = summary["countries"], read.words
    if not listed:
        return words.say("No country has movers")
    first = listed[:3]
    share = 100 * sum(row["moves"] for row in first) / summary["moves"]["all"]
    return words.say(
        "{share} of all movers are in: {countries}",
        share=words.quantity(share, "percent", 0),
        countries=words.listed(read.country(row["country"]) for row in first),
    )


def _hardest(summary: Summary, read: Reading) -> list[dict[str, Any]]:
    """The countries where the greatest share of partners falls."""
    listed = [row for row in summary["countries"] if row[DOWN] and row["partners"] >= FEW_PARTNERS]
    listed.sort(key=lambda row: (-row[DOWN] / row["partners"], row["country"]))
    return [
        {
            "country": row["country"],
            "label": read.country(row["country"]),
            "down": row[DOWN],
            "partners": row["partners"],
            "share": 100 * row[DOWN] / row["partners"],
        }
        for row in listed[:HARDEST]
    ]


def _cost_title(summary: Summary, read: Reading) -> str:
    words: Words = read.words
    if summary["costs"]:
        parts = [read.signed(row["difference"], row["currency"]) for row in summary["costs"]]
        if all(not row["difference"] for row in summary["costs"]):
            return words.say("Benefits would cost as much as before")
        return words.say("Benefits would cost {difference}", difference=", ".join(parts))
    if not any(row["difference"] for row in summary["benefits"]):
        return words.say("Benefits would be given as before")
    row = max(summary["benefits"], key=lambda r: abs(r["difference"]))
    return words.say(
        "{benefit}: {difference}", benefit=read.benefit(row["benefit"]), difference=read.signed(row["difference"])
    )
