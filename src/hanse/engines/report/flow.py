"""The flow picture: partners by level before on the left, after on the right, and a ribbon for each move.

Pure geometry in pixels. Ribbons are as thick as their partners are many, and never thinner than can be seen. Where those
who stay at one level outnumber everybody else by far, their ribbon is cut short and shows it, so that moves can be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Pair = tuple[str | None, str | None]
_THINNEST = 1.6
_SLOT = 40.0  # the least height that a node and its two lines of text need
_GAP = 10.0
_PILL = 20.0
_FAR = 1.6  # from so many times all others on, those who stay at one level are cut short
_LEFT_OF_CUT = 0.7


@dataclass
class Node:
    """One level on one side."""

    level: str | None
    side: str
    partners: int
    x: float
    y: float = 0.0
    height: float = 0.0
    slot: float = 0.0
    delta: int = 0

    @property
    def middle(self) -> float:
        return round(self.y + self.height / 2, 1)


@dataclass
class Ribbon:
    """The partners of one level before and one after; `way` is up, down, ... or empty for those who stay."""

    before: str | None
    after: str | None
    partners: int
    way: str
    thickness: float
    left: float = 0.0
    right: float = 0.0
    path: str = ""
    cut: str = ""  # the line of the cut, where the ribbon is cut short
    pill: tuple[float, float, float] | None = None  # middle x, middle y, width of the label; None: no room


@dataclass
class Flow:
    """A picture of `width` x `height` with its nodes and ribbons, those who stay first."""

    width: float
    height: float
    bar: float
    nodes: list[Node] = field(default_factory=list)
    ribbons: list[Ribbon] = field(default_factory=list)


def draw(
    cells: Mapping[Pair, int], orders: tuple[Sequence[str | None], Sequence[str | None]], way: Callable[[str | None, str | None], str],
    *, width: float, height: float, margin: float, bar: float = 14.0,
) -> Flow:  # fmt: skip
    """`orders` are the levels of each side from the top. `margin` is kept free left and right for the names."""
    shown, cut = _cut_short(cells, way)
    spare = max(len(o) for o in orders) * _GAP
    unit = max(height - spare, 100.0) / max(sum(shown.values()), 1)
    ribbons = [
        Ribbon(old, new, cells[old, new], way(old, new), max(n * unit, _THINNEST))
        for (old, new), n in shown.items()
        if n
    ]
    left = _nodes(ribbons, orders[0], "before", margin)
    right = _nodes(ribbons, orders[1], "after", width - margin - bar)
    tall = max(_stack(left), _stack(right))
    for side in (left, right):
        _centre(side, tall)
    by_level = {n.level: n.partners for n in left}
    for node in right:
        node.delta = node.partners - by_level.get(node.level, 0)
    places = tuple({n.level: i for i, n in enumerate(side)} for side in (left, right))
    _attach(ribbons, left, right, places)
    start, end = margin + bar, width - margin - bar
    for ribbon in ribbons:
        ribbon.path = _curve(ribbon, start, end)
        if (ribbon.before, ribbon.after) == cut:
            ribbon.cut = _torn(ribbon, start - bar - 2, end + bar + 2)
    ribbons.sort(key=lambda r: (bool(r.way), -r.partners))
    _label(ribbons, start, end)
    return Flow(width, round(tall, 1), bar, [*left, *right], ribbons)


def _cut_short(
    cells: Mapping[Pair, int], way: Callable[[str | None, str | None], str]
) -> tuple[dict[Pair, float], Pair | None]:
    """The partners as they are drawn, and the pair whose ribbon is cut short: those who stay, if they are most by far."""
    shown: dict[Pair, float] = dict(cells)
    stay = max((p for p in cells if not way(*p)), key=lambda p: cells[p], default=None)
    if stay is None:
        return shown, None
    others = sum(cells.values()) - cells[stay]
    if not others or cells[stay] < _FAR * others:
        return shown, None
    shown[stay] = others * _LEFT_OF_CUT
    return shown, stay


def _torn(r: Ribbon, start: float, end: float) -> str:
    """A wave along the middle of a ribbon that is cut short."""
    step, x = 12.0, start
    y = [r.left + r.thickness * 0.62, r.right + r.thickness * 0.62]
    points = [f"M{start:.1f} {y[0]:.1f}"]
    up = True
    while x + step <= end + 0.5:
        x += step
        share = (x - start) / (end - start)
        at = y[0] + (y[1] - y[0]) * share
        points.append(f"Q{x - step / 2:.1f} {at + (-6 if up else 6):.1f} {x:.1f} {at:.1f}")
        up = not up
    return "".join(points)


def _nodes(ribbons: list[Ribbon], order: Sequence[str | None], side: str, x: float) -> list[Node]:
    found = []
    for level in order:
        own = [r for r in ribbons if (r.before if side == "before" else r.after) == level]
        height = max(sum(r.thickness for r in own), 2.0)
        found.append(Node(level, side, sum(r.partners for r in own), x, height=height, slot=max(height, _SLOT)))
    return found


def _stack(nodes: list[Node]) -> float:
    return sum(n.slot for n in nodes) + _GAP * max(len(nodes) - 1, 0) + 2


def _centre(nodes: list[Node], tall: float) -> None:
    """Stacks the nodes from the top and spreads what room is left between them."""
    room = (tall - _stack(nodes)) / max(len(nodes), 1)
    y = 1.0 + room / 2
    for node in nodes:
        node.y = round(y + (node.slot - node.height) / 2, 1)
        y += node.slot + _GAP + room


def _attach(
    ribbons: list[Ribbon], left: list[Node], right: list[Node], places: tuple[dict[str | None, int], ...]
) -> None:
    """Gives each ribbon its place at both nodes, so that ribbons of a node do not cross there."""
    for node in left:
        at = node.y
        for ribbon in sorted((r for r in ribbons if r.before == node.level), key=lambda r: places[1][r.after]):
            ribbon.left = at
            at += ribbon.thickness
    for node in right:
        at = node.y
        for ribbon in sorted((r for r in ribbons if r.after == node.level), key=lambda r: places[0][r.before]):
            ribbon.right = at
            at += ribbon.thickness


def _curve(r: Ribbon, start: float, end: float) -> str:
    middle = (start + end) / 2
    a, b, t = r.left, r.right, r.thickness
    return (
        f"M{start:.1f} {a:.1f}C{middle:.1f} {a:.1f} {middle:.1f} {b:.1f} {end:.1f} {b:.1f}V{b + t:.1f}"
        f"C{middle:.1f} {b + t:.1f} {middle:.1f} {a + t:.1f} {start:.1f} {a + t:.1f}Z"
    )


def _label(ribbons: list[Ribbon], start: float, end: float) -> None:
    """Puts a number on every moving ribbon where there is room, the greatest first; none covers another."""
    placed: list[tuple[float, float, float]] = []
    for ribbon in sorted((r for r in ribbons if r.way), key=lambda r: -r.partners):
        width = 24.0 + 7.5 * len(f"{ribbon.partners:,}")
        for share in (0.5, 0.38, 0.62, 0.28, 0.72, 0.2, 0.8, 0.13, 0.87):
            x = start + (end - start) * share
            y = _height_at(ribbon, share)
            clear = all(abs(x - px) > (width + pw) / 2 + 3 or abs(y - py) > _PILL + 2 for px, py, pw in placed)
            if clear and start + width / 2 < x < end - width / 2:
                ribbon.pill = (round(x, 1), round(y, 1), width)
                placed.append((x, y, width))
                break


def _height_at(r: Ribbon, share: float) -> float:
    """The middle of a ribbon at a share of its way. Its control points make x a cubic of t."""
    low, high = 0.0, 1.0
    for _ in range(24):
        t = (low + high) / 2
        x = 1.5 * t * (1 - t) ** 2 + 1.5 * t * t * (1 - t) + t**3
        low, high = (t, high) if x < share else (low, t)
    climb = 3 * t * t * (1 - t) + t**3
    return r.left + (r.right - r.left) * climb + r.thickness / 2
