"""Which pictures does a browser draw? Options of ECharts, with colours by their names in the style sheet.

Each stands beside a table that says the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.text import slugify

from hanse.fronts.desk.deciding import level_label

if TYPE_CHECKING:
    from datetime import date

    from hanse.apps.standings.outlook import Flow, JudgedDay
    from hanse.language.words import Words

Read = Mapping[str, Any]
_INK, _LINE = "var(--ink-soft)", "var(--line)"
_COLOURED = ("bronze", "silver", "gold", "platinum", "diamond")


@dataclass(frozen=True)
class Node:
    """A level on one side, `before` (left) or `after`, with what stands beside it."""

    side: str
    level: str | None
    colour: str
    says: str


@dataclass(frozen=True)
class Link:
    """A band from one level to another, as wide as `drawn`."""

    before: str | None
    after: str | None
    drawn: int
    colour: str
    opacity: float = 0.35
    says: str = ""


def levels(days: Sequence[JudgedDay], read: Read, words: Words) -> dict[str, Any]:
    """Partners at each level that asks for something, over the days judged; each line ends with its level."""
    names = [str(entry["level"]) for entry in read["levels"] if entry["asks"]]
    held = [name for name in names if any(day.levels.get(name) for day in days)]
    series = [
        {
            "name": level_label(words, read, name), "type": "line", "symbol": "circle", "symbolSize": 7,
            "data": [[day.as_of.isoformat(), day.levels.get(name, 0)] for day in days],
            "itemStyle": {"color": hue(name, names)}, "lineStyle": {"width": 2.5},
            "endLabel": {
                "show": True, "color": hue(name, names), "fontWeight": 600, "distance": 8,
                "formatter": f"{level_label(words, read, name)} {words.number(days[-1].levels.get(name, 0))}",
            },
            "labelLayout": {"moveOverlap": "shiftY"}, "emphasis": {"disabled": True},
        }
        for name in held
    ]  # fmt: skip
    longest = max((len(str(one["endLabel"]["formatter"])) for one in series), default=0)  # type: ignore[index]
    return {
        "grid": {"left": 8, "right": 24 + 8 * longest, "top": 16, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis"},
        "xAxis": {
            "type": "time", "axisLine": {"lineStyle": {"color": _LINE}}, "axisTick": {"show": False},
            "axisLabel": {"formatter": "{yyyy}-{MM}", "hideOverlap": True, "color": _INK}, "splitNumber": 4,
        },
        "yAxis": {
            "type": "value", "min": 0, "minInterval": 1, "splitNumber": 4, "axisLabel": {"color": _INK},
            "splitLine": {"lineStyle": {"color": _LINE}},
        },
        "series": series,
    }  # fmt: skip


def by_day(days: Sequence[JudgedDay], read: Read, words: Words) -> dict[str, Any]:
    """The same as a table: a row for each day judged, the latest first, a column for each level."""
    names = [*reversed([str(entry["level"]) for entry in read["levels"]]), ""]
    held = [name for name in names if any(day.levels.get(name) for day in days)]
    rows: list[tuple[date, int, list[int]]] = [
        (day.as_of, day.run, [day.levels.get(name, 0) for name in held]) for day in reversed(days)
    ]
    return {"levels": [(name, level_label(words, read, name)) for name in held], "rows": rows}


def flows(found: Sequence[Flow], read: Read, words: Words) -> dict[str, Any]:
    """Those who went from one level to another; who came is on the left, who left on the right."""
    names = [str(entry["level"]) for entry in read["levels"] if entry["asks"]]
    order = {str(entry["level"]): -at for at, entry in enumerate(read["levels"])}
    shown = [f for f in found if f.before or f.after]
    sides = {
        side: sorted({getattr(f, side) for f in shown}, key=lambda name: order.get(name, 1))
        for side in ("before", "after")
    }
    other = {"before": words.say("new partner"), "after": words.say("left")}
    nodes = [
        Node(
            side, name, hue(name, names),
            f"{level_label(words, read, name) if name else other[side]} "
            + words.number(sum(f.partners for f in shown if getattr(f, side) == name)),
        )
        for side, listed in sides.items() for name in listed
    ]  # fmt: skip
    return sankey(nodes, [Link(f.before, f.after, f.partners, hue(_higher(f, order), names)) for f in shown])


def sankey(nodes: Sequence[Node], links: Sequence[Link], **further: object) -> dict[str, Any]:
    """Two columns of levels in the order given, and what goes from left to right; `further` is told the series."""
    one = {
        "type": "sankey", "left": 8, "right": 8, "top": 12, "bottom": 12, "nodeWidth": 10, "nodeGap": 16,
        "draggable": False, "layoutIterations": 0, "emphasis": {"disabled": True},
        "data": [
            {
                "name": f"{node.side}:{node.level}", "depth": 0 if node.side == "before" else 1,
                "itemStyle": {"color": node.colour, "borderWidth": 0},
                "label": {
                    "position": "right" if node.side == "before" else "left", "color": "var(--ink)",
                    "textBorderWidth": 0, "formatter": node.says,
                },
            }
            for node in nodes
        ],
        "links": [
            {
                "source": f"before:{link.before}", "target": f"after:{link.after}", "value": link.drawn,
                "lineStyle": {"color": link.colour, "opacity": link.opacity},
                **({"tooltip": {"formatter": link.says}} if link.says else {}),
            }
            for link in links
        ],
        **further,
    }  # fmt: skip
    return {"series": [one]}


def hue(level: str | None, names: Sequence[str]) -> str:
    """The colour of a level: its own, else by its place among those that ask for something one that no other has."""
    plain = slugify(level or "")
    if plain in _COLOURED:
        return f"var(--level-{plain})"
    free = [name for name in _COLOURED if name not in {slugify(other) for other in names}]
    if level is None or level not in names or not free:
        return "var(--level)"
    return f"var(--level-{free[list(names).index(level) % len(free)]})"


def _higher(one: Flow, order: Mapping[str, int]) -> str:
    return min((one.before, one.after), key=lambda name: order.get(name, 1))
