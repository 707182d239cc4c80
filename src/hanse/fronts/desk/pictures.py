"""What is drawn? Numbers turned into rows and into the points of small pictures, made here and not in a browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hanse.apps.standings.lists import FALLING, RISING
from hanse.fronts.desk.deciding import level_label

if TYPE_CHECKING:
    from datetime import date

    from hanse.apps.registry.members import Territory
    from hanse.apps.standings.between import Cost
    from hanse.apps.standings.outlook import Flow, Given, JudgedDay
    from hanse.language.words import Words

Read = Mapping[str, Any]
WIDE, HIGH, EDGE = 240, 40, 5  # of a trace, in its own units
BAR = 100


@dataclass(frozen=True)
class Dot:
    """A number on a day; the places are whole, so that no language writes them with a comma."""

    x: int
    y: int
    day: date
    partners: int


@dataclass(frozen=True)
class Trace:
    """One level over the days judged."""

    level: str
    label: str
    points: str
    dots: tuple[Dot, ...]
    now: int
    change: int | None
    share: float


@dataclass(frozen=True)
class Piece:
    """A part of a bar."""

    level: str
    x: int
    width: int


@dataclass(frozen=True)
class CountryRow:
    """A country: its partners, those at each level that asks for something, and a bar beside that of the largest."""

    country: str
    partners: int
    levels: tuple[tuple[str, str, int], ...]
    rising: int
    falling: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class FlowRow:
    """So many from one level to another: `up` is 1, 0 (came or left) or -1."""

    before: str
    before_label: str
    after: str
    after_label: str
    partners: int
    up: int
    width: int


@dataclass(frozen=True)
class BenefitRow:
    """A benefit over the channel; `width` is how much of it is used, of 100."""

    label: str
    unit: str | None
    currency: str | None
    partners: int
    quantity: float
    used: float
    width: int


@dataclass(frozen=True)
class TerritoryRow:
    """The countries of a partner manager: their partners, those about to rise and fall, a bar beside the largest.

    Of the countries that nobody looks after, `manager` is empty.
    """

    manager: str
    uuid: str
    countries: tuple[str, ...]
    partners: int
    rising: int
    falling: int
    width: int


@dataclass(frozen=True)
class CostRow:
    """What a benefit comes to; `width` is its share of the dearest, `used_width` the part of that which is used."""

    label: str
    currency: str
    given: float
    used: float
    width: int
    used_width: int


def keys(read: Read, words: Words) -> list[tuple[str, str]]:
    """The levels that ask for something, the highest first, with what they are called."""
    return [(name, level_label(words, read, name)) for name in reversed(_asking(read))]


def traces(days: Sequence[JudgedDay], read: Read, words: Words) -> list[Trace]:
    """A line per level, the highest first; each has its own height, for levels differ by orders of magnitude."""
    if not days:
        return []
    first, last = days[0].as_of.toordinal(), days[-1].as_of.toordinal()
    span = max(last - first, 1)
    total = sum(days[-1].levels.values()) or 1
    found = []
    for name in [*reversed([str(entry["level"]) for entry in read["levels"]]), ""]:
        values = [day.levels.get(name, 0) for day in days]
        if not any(values):
            continue
        top = max(values)
        dots = tuple(
            Dot(
                WIDE - EDGE
                if len(days) == 1
                else EDGE + round((WIDE - 2 * EDGE) * (day.as_of.toordinal() - first) / span),
                HIGH - EDGE - round((HIGH - 2 * EDGE) * value / top),
                day.as_of,
                value,
            )
            for day, value in zip(days, values, strict=True)
        )
        found.append(
            Trace(
                name,
                level_label(words, read, name),
                " ".join(f"{dot.x},{dot.y}" for dot in dots),
                dots,
                values[-1],
                values[-1] - values[-2] if len(values) > 1 else None,
                round(100 * values[-1] / total, 1),
            )
        )
    return found


def countries(counted: Mapping[str, Mapping[str, int]], read: Read, words: Words) -> list[CountryRow]:
    """The countries, the largest first."""
    asking = list(reversed(_asking(read)))
    sums = {code: sum(n for name, n in row.items() if name not in (RISING, FALLING)) for code, row in counted.items()}
    most = max(sums.values(), default=0) or 1
    found = []
    for code in sorted(sums, key=lambda c: (-sums[c], words.country(c))):
        row = counted[code]
        at, pieces = 0, []
        for name in [*asking, ""]:
            number = row.get(name, 0) if name else sums[code] - sum(row.get(n, 0) for n in asking)
            width = round(BAR * number / most)
            pieces.append(Piece(name, at, width))
            at += width
        levels = tuple((name, level_label(words, read, name), row.get(name, 0)) for name in asking)
        found.append(
            CountryRow(code, sums[code], levels, row[RISING], row[FALLING], tuple(p for p in pieces if p.width))
        )
    return found


def flows(found: Sequence[Flow], read: Read, words: Words) -> list[FlowRow]:
    """What a run moved between levels, the largest first."""
    rank = {str(entry["level"]): at for at, entry in enumerate(read["levels"])}
    most = max((f.partners for f in found), default=0) or 1

    def label(name: str, otherwise: str) -> str:
        return level_label(words, read, name) if name else otherwise

    return [
        FlowRow(
            f.before,
            label(f.before, words.say("new partner")),
            f.after,
            label(f.after, words.say("left")),
            f.partners,
            0 if not f.before or not f.after else 1 if rank.get(f.after, -1) > rank.get(f.before, -1) else -1,
            max(1, round(BAR * f.partners / most)),
        )
        for f in found
    ]


def benefits(found: Sequence[Given], read: Read, words: Words) -> list[BenefitRow]:
    """What was given, the most used first; what nobody has used at all is at the end."""
    rows = [
        BenefitRow(
            words.label(read["benefits"].get(one.benefit), one.benefit),
            one.unit,
            one.currency,
            one.partners,
            one.quantity,
            one.used,
            min(BAR, round(BAR * one.used / one.quantity)) if one.quantity else 0,
        )
        for one in found
    ]
    return sorted(rows, key=lambda row: (-(row.used > 0), -row.quantity, row.label))


def territories(found: Sequence[Territory], countries: Sequence[CountryRow], words: Words) -> list[TerritoryRow]:
    """The territories, the largest first, and at the end what nobody looks after; a country may be in several."""
    rows = {row.country: row for row in countries}
    sets = [(one.name or one.username, str(one.uuid), [c for c in one.countries if c in rows]) for one in found]
    held = {code for _, _, codes in sets for code in codes}
    if not sets:
        return []
    alone = [code for code in rows if code not in held]
    sums = [(name, uuid, codes, sum(rows[c].partners for c in codes)) for name, uuid, codes in sets]
    listed = sorted(sums, key=lambda s: (-s[3], s[0]))
    if alone:
        listed.append(("", "", alone, sum(rows[c].partners for c in alone)))
    most = max(n for *_, n in listed) or 1
    return [
        TerritoryRow(
            name, uuid, tuple(words.country(c) if c else words.say("no country") for c in codes), n,
            sum(rows[c].rising for c in codes), sum(rows[c].falling for c in codes), round(BAR * n / most),
        )
        for name, uuid, codes, n in listed
    ]  # fmt: skip


def costs(found: Sequence[Cost], read: Read, words: Words) -> list[CostRow]:
    """The benefits that cost, the dearest first."""
    most = max((one.given for one in found), default=0.0) or 1.0
    return [
        CostRow(
            words.label(read["benefits"].get(one.benefit), one.benefit), one.currency, one.given, one.used,
            max(1, round(BAR * one.given / most)), round(BAR * min(one.used, one.given) / most),
        )
        for one in found
    ]  # fmt: skip


def _asking(read: Read) -> list[str]:
    """The levels that ask for something, from low to high: those that one can rise to."""
    return [str(entry["level"]) for entry in read["levels"] if entry["asks"]]
