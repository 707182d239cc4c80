"""What does a rehearsal come to: how many move, where, because of what, and what becomes of benefits and competencies?

Plain sums over the few rows that the plan of `rehearsal` counted; nothing here grows with the number of partners.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hanse.decisions.benefits import cost_of
from hanse.decisions.rehearsal import ACROSS, AFTER, APPEARS, BEFORE, DISAPPEARS, DOWN, UP, asked, scale
from hanse.language import values
from hanse.language.conditions import Trees, needed_value
from hanse.language.context import Days
from hanse.language.edition import Edition

DIRECTIONS = (UP, DOWN, ACROSS, APPEARS, DISAPPEARS)
ABSENT = "(absent)"  # the level of one who is not a partner on that side; no level is None

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Side:
    """One of the two evaluations: an edition, on its days."""

    edition: Edition
    days: Days


@dataclass(frozen=True)
class Totals:
    """What one evaluation gave in all: rows (benefit, unit, currency, quantity, partners) and holders by competency."""

    benefits: Sequence[Row]
    holders: Mapping[str, int]


def figures(
    before: Side, after: Side, *, trees: tuple[Trees, Trees], cells: Sequence[Row], deciding: Sequence[Row],
    totals: tuple[Totals, Totals], fewer_than: int,
) -> dict[str, Any]:  # fmt: skip
    """The summary as JSON has it. Counts are partners; quantities are in the benefit's unit or currency."""
    order = scale(before.edition.level_names, after.edition.level_names)
    benefits = _benefits(*totals, (before.edition, after.edition))
    return {
        "before": _described(before),
        "after": _described(after),
        "levels": _levels(order),
        "partners": {s: sum(c["partners"] for c in cells if c[p]) for s, p in ((BEFORE, "was"), (AFTER, "stays"))},
        "moves": _moves(cells, "level", order),
        "achieved": _pairs(cells, "level", order),
        "granted_moves": _moves(cells, "granted", order),
        "granted": _pairs(cells, "granted", order),
        "because": [{k: v for k, v in row.items() if not k.startswith("needed")} for row in deciding],
        "countries": _countries(cells, order),
        "rules": changed_rules(*trees),
        "benefits": benefits,
        "costs": _costs(benefits, before, after),
        "fewer_than": fewer_than,
        "competencies": _competencies(before, after, totals, fewer_than),
    }


def _described(side: Side) -> dict[str, Any]:
    days = side.days
    return {
        "edition": side.edition.name,
        "edition_hash": side.edition.content_hash,
        "as_of": days.as_of.isoformat(),
        "rules_as_of": days.rules_as_of.isoformat(),
        "known_at": days.known_at.isoformat() if days.known_at else None,
    }


def _levels(order: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """Every level once, from low to high, with the sides that have it."""
    ranked = sorted({(r, n) for s in (AFTER, BEFORE) for n, r in order[s].items()})
    return [{"level": n, BEFORE: n in order[BEFORE], AFTER: n in order[AFTER]} for _, n in ranked]


def direction(cell: Row, what: str, order: Mapping[str, Mapping[str, int]]) -> str | None:
    """Where the partners of a cell go; None if they stay."""
    if not cell["was"]:
        return APPEARS
    if not cell["stays"]:
        return DISAPPEARS
    old, new = cell[f"{what}_before"], cell[f"{what}_after"]
    if old == new:
        return None
    steps = order[AFTER].get(new, -1) - order[BEFORE].get(old, -1)
    return UP if steps > 0 else DOWN if steps < 0 else ACROSS


def _moves(cells: Iterable[Row], what: str, order: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    found = {"all": 0, **dict.fromkeys(DIRECTIONS, 0)}
    for cell in cells:
        where = direction(cell, what, order)
        if where:
            found["all"] += cell["partners"]
            found[where] += cell["partners"]
    return found


def _pairs(cells: Iterable[Row], what: str, order: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """Partners by level before and after, the highest levels first; ABSENT where they are no partner."""
    found: dict[tuple[str | None, str | None], int] = {}
    for cell in cells:
        old = cell[f"{what}_before"] if cell["was"] else ABSENT
        new = cell[f"{what}_after"] if cell["stays"] else ABSENT
        found[old, new] = found.get((old, new), 0) + cell["partners"]

    def height(pair: tuple[str | None, str | None]) -> tuple[int, int]:
        return tuple(
            -2 if n == ABSENT else order[s].get(n or "", -1) for s, n in zip((BEFORE, AFTER), pair, strict=True)
        )  # type: ignore[return-value]

    return [
        {"before": old, "after": new, "partners": found[old, new]}
        for old, new in sorted(found, key=height, reverse=True)
    ]


def _countries(cells: Iterable[Row], order: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """Countries with movers, those with most first."""
    found: dict[str, dict[str, Any]] = {}
    for cell in cells:
        country = cell["country"] or ""
        row = found.setdefault(country, {"country": country, "partners": 0, "moves": 0, **dict.fromkeys(DIRECTIONS, 0)})
        row["partners"] += cell["partners"]
        where = direction(cell, "level", order)
        if where:
            row["moves"] += cell["partners"]
            row[where] += cell["partners"]
    return sorted((r for r in found.values() if r["moves"]), key=lambda r: (-r["moves"], r["country"]))


def _benefits(before: Totals, after: Totals, editions: tuple[Edition, Edition]) -> list[dict[str, Any]]:
    """Each benefit by unit and currency, in the editions' order: quantity and partners before and after."""
    keys = ("benefit", "unit", "currency")
    sides = [{tuple(r[k] for k in keys): r for r in t.benefits} for t in (before, after)]
    place = {n: i for i, n in enumerate(dict.fromkeys([*editions[1].benefits, *editions[0].benefits]))}
    found = []
    for key in sorted({*sides[0], *sides[1]}, key=lambda k: (place.get(k[0], len(place)), str(k))):
        old, new = (s.get(key, {"quantity": 0.0, "partners": 0}) for s in sides)
        found.append({
            **dict(zip(keys, key, strict=True)), "before": old["quantity"], "after": new["quantity"],
            "difference": round(new["quantity"] - old["quantity"], 4),
            "partners_before": old["partners"], "partners_after": new["partners"],
        })  # fmt: skip
    return found


def _costs(benefits: Sequence[Row], before: Side, after: Side) -> list[dict[str, Any]]:
    """What the benefits cost, by currency: those that are amounts of money, and those of which one has a cost.

    A cost that only one of the two editions says counts on both sides: what changes is then how much is given.
    """
    found: dict[str, dict[str, float]] = {}
    for row in benefits:
        said = {key: _cost(side, row["benefit"]) for key, side in ((BEFORE, before), (AFTER, after))}
        for key, other in ((BEFORE, AFTER), (AFTER, BEFORE)):
            one = said[key] or said[other]
            currency, each = (one.unit, float(one.value)) if one else (row["currency"], 1.0)
            if currency:
                found.setdefault(currency, {BEFORE: 0.0, AFTER: 0.0})[key] += row[key] * each
    return [
        {"currency": c, **{k: round(v, 2) for k, v in sums.items()}, "difference": round(sums[AFTER] - sums[BEFORE], 2)}
        for c, sums in sorted(found.items())
    ]


def _cost(side: Side, benefit: str) -> values.Number | None:
    return cost_of(side.edition, benefit, side.days.rules_as_of) if benefit in side.edition.benefits else None


def _competencies(before: Side, after: Side, totals: tuple[Totals, Totals], fewer_than: int) -> list[dict[str, Any]]:
    """Every competency in force on either side, those with fewest holders first. `few`: a candidate for retirement."""
    there = [_in_force(s) for s in (before, after)]
    names = dict.fromkeys([*there[1], *there[0]])
    found = []
    for name in names:
        old, new = (t.holders.get(name, 0) for t in totals)
        found.append({
            "competency": name, "area": there[1].get(name) or there[0].get(name), "before": old, "after": new,
            "difference": new - old, "in_force_before": name in there[0], "in_force_after": name in there[1],
            "few_before": name in there[0] and old < fewer_than, "few_after": name in there[1] and new < fewer_than,
        })  # fmt: skip
    return sorted(found, key=lambda r: (r["after"] if r["in_force_after"] else r["before"], r["competency"]))


def _in_force(side: Side) -> dict[str, str | None]:
    listed = side.edition.competencies.competencies if side.edition.competencies else {}
    day = side.days.rules_as_of
    return {n: c.area for n, c in listed.items() if values.in_force({"from": c.from_, "until": c.until}, day)}


def changed_rules(before: Trees, after: Trees) -> list[dict[str, Any]]:
    """What the levels ask differently: per level and requirement the numbers before and after, None where nothing is asked."""
    found = []
    for level in dict.fromkeys([*after.trees, *before.trees]):
        old, new = _own(before, level), _own(after, level)
        for requirement in dict.fromkeys([*new, *old]):
            sides = {BEFORE: old.get(requirement), AFTER: new.get(requirement)}
            if sides[BEFORE] != sides[AFTER]:
                metric = (sides[AFTER] or sides[BEFORE] or {}).get("metric")
                found.append({"level": level, "requirement": requirement, "metric": metric} | {
                    s: None if a is None else a["tests"] for s, a in sides.items()
                })  # fmt: skip
    return found


def _own(trees: Trees, level: str) -> dict[str, dict[str, Any]]:
    """What a level itself asks: requirement -> metric and tests, each a comparison with its numbers by class."""
    found: dict[str, dict[str, Any]] = {}
    for item in asked(trees, level):
        leaf = item.leaf
        if leaf.subject != level:
            continue
        tests = []
        for comparison, raw, path in leaf.tests:
            if isinstance(raw, bool) or comparison == "is" or trees.ctx.edition.metrics[leaf.metric].kind != "number":
                tests.append({"comparison": comparison, "numbers": {"": raw if isinstance(raw, bool) else str(raw)}})
                continue
            value = needed_value(trees.ctx, leaf, trees.file, raw, path)
            tests.append({"comparison": comparison, "numbers": _numbers(value)})
        found[leaf.requirement] = {"metric": leaf.metric, "tests": tests}
    return found


def _numbers(value: values.Resolved) -> dict[str, float]:
    if isinstance(value, values.ByClass):
        rows = {str(c): float(n.value) for c, n in value.numbers}
        return rows if value.otherwise is None else {**rows, "else": float(value.otherwise.value)}
    return {"": float(value.value)}
