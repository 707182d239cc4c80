"""What would be different: levels, requirements, competencies, benefits, results, before and after?

Two explanations of one partner side by side, for what-if and for transitions. What each says comes from its own checks;
here they are only laid beside one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hanse.decisions.explanation import explain
from hanse.decisions.explanation_views import Explanation, LevelView, Outcome
from hanse.fronts.pages import telling
from hanse.language.words import Words


@dataclass(frozen=True)
class Moved:
    """One of the three levels of a standing, before and after: names for the colour, labels for the reader."""

    says: str
    before: str | None
    before_label: str | None
    after: str | None
    after_label: str | None

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Pair:
    """A requirement before and after; either is None where the level did not ask it."""

    before: telling.Line | None
    after: telling.Line | None

    @property
    def line(self) -> telling.Line:
        """Where it stands among the others."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def differs(self) -> bool:
        """Has the number changed, or whether it is met?"""
        if self.before is None or self.after is None:
            return True
        return (self.before.actual, self.before.needed, self.before.met) != (
            self.after.actual, self.after.needed, self.after.met,
        )  # fmt: skip

    @property
    def gained(self) -> bool:
        return self.after is not None and self.after.met and not (self.before is not None and self.before.met)

    @property
    def lost(self) -> bool:
        return self.before is not None and self.before.met and not (self.after is not None and self.after.met)


@dataclass(frozen=True)
class LevelPair:
    """What a level asks, before and after."""

    level: str
    label: str
    says: str  # what is missing afterwards
    lines: tuple[Pair, ...]

    @property
    def differs(self) -> bool:
        return any(line.differs for line in self.lines)


@dataclass(frozen=True)
class Change:
    """Something gained, lost or otherwise than before."""

    kind: str  # gained, lost, changed
    label: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Compared:
    """Everything that differs, and what is still missing for the next level."""

    before: Explanation
    after: Explanation
    headline: str
    direction: str  # up, down, same
    levels: tuple[Moved, ...]
    asked: tuple[LevelPair, ...]
    missing: telling.Told | None
    competencies: tuple[Change, ...]
    benefits: tuple[Change, ...]
    results: tuple[Change, ...]


def compared(before: Outcome, after: Outcome, words: Words) -> Compared:
    """The two outcomes of one partner, laid beside one another."""
    told = (explain(before, words.label), explain(after, words.label))
    names = [str(entry["level"]) for entry in after.outline["levels"]]
    direction = _direction(told, names)
    following = told[1].next[0] if told[1].next else None
    return Compared(
        before=told[0], after=told[1],
        headline=_headline(told, direction, words),
        direction=direction,
        levels=_levels(told, words),
        asked=_asked(before, after, told, names, words),
        missing=telling.level_told(told[1], following, words) if following else None,
        competencies=tuple(_competencies(before, after, words)),
        benefits=tuple(_benefits(told, words)),
        results=tuple(_results(told, words)),
    )  # fmt: skip


def rank(name: str | None, names: Sequence[str]) -> int:
    """The place of a level among all, -1 for none."""
    return names.index(name) if name in names else -1


def _direction(told: tuple[Explanation, Explanation], names: Sequence[str]) -> str:
    """Which way it goes: by the level in force, else by the one achieved, else by the one to expect."""
    for kind in ("granted", "level", "expected"):
        before, after = (rank(getattr(one, kind), names) for one in told)
        if before != after:
            return "up" if after > before else "down"
    return "same"


def _headline(told: tuple[Explanation, Explanation], direction: str, words: Words) -> str:
    before, after = told
    none = words.say("no level")
    if after.level is None and after.partner.standing != "active":
        return words.say("The firm would have no standing on that day.")
    if before.granted != after.granted:
        new, old = after.granted_label or none, before.granted_label or none
        if direction == "up":
            return words.say("{level} instead of {before}", level=new, before=old)
        return words.say("{level} only, instead of {before}", level=new, before=old)
    if before.level != after.level:
        new, kept = after.level_label or none, after.granted_label or none
        if direction == "up":
            enough = words.say("The facts would be enough for {level}.", level=new)
        else:
            enough = words.say("The facts would be enough for {level} only.", level=new)
        stays = words.say("{level} stays in force until the next review.", level=kept)
        return f"{enough} {stays}"
    if before.expected != after.expected:
        return words.say("{level} is to be expected at the next review.", level=after.expected_label or none)
    return words.say("{level} stays.", level=after.granted_label or after.level_label or none)


def _levels(told: tuple[Explanation, Explanation], words: Words) -> tuple[Moved, ...]:
    before, after = told
    says = {
        "granted": words.say("In force"),
        "level": words.say("Achieved by the facts of the day"),
        "expected": words.say("Expected at the next review"),
    }
    return tuple(
        Moved(
            says[k], getattr(before, k), getattr(before, f"{k}_label"), getattr(after, k), getattr(after, f"{k}_label")
        )
        for k in says
    )


def _asked(
    before: Outcome, after: Outcome, told: tuple[Explanation, Explanation], names: Sequence[str], words: Words
) -> tuple[LevelPair, ...]:
    """What the levels ask that this is about: from the lower of the two achieved to the next above the higher."""
    low, high = sorted(rank(one.level, names) for one in told)
    views = [_as_if(one, names[low] if low >= 0 else None, words) for one in (before, after)]
    wanted = [name for name in names[low + 1 : high + 2] if name in {v.level for view in views for v in view.next}]
    pairs = [_pair(views, name, words) for name in wanted]
    if not pairs and views[1].own is not None:
        pairs = [_pair([replace(v, next=(v.own,) if v.own else ()) for v in views], views[1].own.level, words)]
    return tuple(pairs)


def _as_if(outcome: Outcome, level: str | None, words: Words) -> Explanation:
    """The explanation with the levels above this one as those to come, whatever was achieved."""
    rows = [{**row, "level": level} for row in outcome.standings]
    return explain(replace(outcome, standings=rows), words.label)


def _pair(views: Sequence[Explanation], level: str, words: Words) -> LevelPair:
    found = [next((one for one in view.next if one.level == level), None) for view in views]
    lines = [_lines(view, one, words) for view, one in zip(views, found, strict=True)]
    keys = list(dict.fromkeys([*lines[1], *lines[0]]))
    last = found[1] or found[0]
    assert last is not None
    pairs = tuple(Pair(lines[0].get(key), lines[1].get(key)) for key in keys)
    return LevelPair(level, last.label, telling.summary(last, words), pairs)


def _lines(view: Explanation, level: LevelView | None, words: Words) -> Mapping[tuple[str, int], telling.Line]:
    """The lines of a level, by requirement; one that stands there twice by its place among its equals."""
    found: dict[tuple[str, int], telling.Line] = {}
    for line in telling.level_told(view, level, words).lines if level else ():
        n = 0
        while (line.requirement, n) in found:
            n += 1
        found[line.requirement, n] = line
    return found


def _competencies(before: Outcome, after: Outcome, words: Words) -> Iterable[Change]:
    old = {str(r["competency"]): r["depth"] for r in before.competencies}
    new = {str(r["competency"]): r["depth"] for r in after.competencies}
    outline = after.outline
    for name in [*outline["competencies"], *sorted({*old, *new} - set(outline["competencies"]))]:
        label = words.label(outline["competencies"].get(name), name)
        depths = [_depth(held.get(name), outline, words) for held in (old, new)]
        if name in new and name not in old:
            yield Change("gained", label, after=depths[1])
        elif name in old and name not in new:
            yield Change("lost", label, before=depths[0])
        elif old.get(name) != new.get(name):
            yield Change("changed", label, *depths)


def _depth(name: str | None, outline: Mapping[str, Any], words: Words) -> str:
    return words.label(outline["depths"].get(name), name) if name else ""


def _benefits(told: tuple[Explanation, Explanation], words: Words) -> Iterable[Change]:
    old, new = ({one.benefit: one for one in side.benefits} for side in told)
    for name in dict.fromkeys([*old, *new]):
        one, other = old.get(name), new.get(name)
        shown = [
            (words.money(b.quantity, b.currency) if b.currency else words.number(b.quantity)) if b else ""
            for b in (one, other)
        ]
        if one is None or other is None:
            label = (other or one).label  # type: ignore[union-attr]
            yield Change("gained" if one is None else "lost", label, *shown)
        elif one.quantity != other.quantity:
            yield Change("changed", other.label, *shown)


def _results(told: tuple[Explanation, Explanation], words: Words) -> Iterable[Change]:
    old, new = ({(r.label, r.subject): telling.value(r.value, r.unit, words) for r in side.results} for side in told)
    for key in dict.fromkeys([*old, *new]):
        if old.get(key) != new.get(key):
            label = " · ".join(part for part in key if part)
            yield Change("changed", label, old.get(key) or "–", new.get(key) or "–")
