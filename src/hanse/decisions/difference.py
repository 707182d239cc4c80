"""What has changed between two editions of a programme, or between two days of one?

A list of changes by part of the programme, each with what was, what is, by how much, and a sentence that says it. Nothing
is said of partners here: what a change does to them is the rehearsal's question.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from hanse.decisions import asks, counting, giving, life_told
from hanse.decisions.asks import EVERYBODY, Ask
from hanse.decisions.life_told import Rule
from hanse.decisions.naming import Names
from hanse.language import values
from hanse.language.words import mark

CHANGED, ADDED, REMOVED = "changed", "added", "removed"
_SAYS = {
    CHANGED: mark("{what}: {before} → {after}"),
    ADDED: mark("{what}: new, {after}"),
    REMOVED: mark("{what}: no longer, was {before}"),
}
_UNNAMED = {CHANGED: mark("{before} → {after}"), ADDED: mark("New: {after}"), REMOVED: mark("No longer: {before}")}
_ALONE = {ADDED: mark("{what}: new"), REMOVED: mark("{what}: no longer")}
_TITLES = {
    "dates": mark("Dates and currency"), "levels": mark("Levels"), "asks": mark("What levels ask"),
    "competencies": mark("Competencies"), "competency_asks": mark("What competencies ask"),
    "benefits": mark("Benefits"), "counting": mark("What counts, and how"), "life": mark("The life of a level"),
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One thing that is not as it was. `of` narrows it to a class of countries; `share` is the change in percent.

    `level` names a level where the change is about one, for its colour. `says` is the whole in one sentence.
    """

    kind: str
    where: str
    what: str
    of: str
    before: str
    after: str
    share: str
    says: str
    level: str = ""


@dataclass(frozen=True)
class Part:
    """The changes of one part of the programme; `name` is its key, `title` its words."""

    name: str
    title: str
    changes: tuple[Change, ...]

    @property
    def by_kind(self) -> tuple[tuple[str, tuple[Change, ...]], ...]:
        """What is new, what is changed, what is no longer; each where there is any."""
        found = ((kind, tuple(one for one in self.changes if one.kind == kind)) for kind in (ADDED, CHANGED, REMOVED))
        return tuple((kind, listed) for kind, listed in found if listed)


@dataclass(frozen=True)
class Difference:
    """Two editions side by side: their titles, and the parts in which they differ."""

    before: str
    after: str
    parts: tuple[Part, ...]

    @property
    def count(self) -> int:
        """How many changes there are."""
        return sum(len(part.changes) for part in self.parts)

    def part(self, name: str) -> Part | None:
        """One part, where it differs."""
        return next((part for part in self.parts if part.name == name), None)


def difference(before: Names, after: Names) -> Difference:
    """What changed from one edition (on its day) to the other, in the words of the second. Raises EditionError."""
    both = _Pair(before, after)
    found = {
        "dates": both.dates(), "levels": both.levels(), "asks": both.asks(), "competencies": both.competencies(),
        "competency_asks": both.competency_asks(), "benefits": both.benefits(), "counting": both.counting(),
        "life": both.life(),
    }  # fmt: skip
    say = after.words.say
    parts = tuple(Part(name, say(_TITLES[name]), tuple(listed)) for name, listed in found.items() if listed)
    return Difference(before.title(), after.title(), parts)


@dataclass(frozen=True)
class _Pair:
    before: Names
    after: Names

    def change(
        self, where: str, what: str, before: str, after: str, *, of: str = "", share: str = "", level: str = ""
    ) -> Change:
        kind = ADDED if not before else REMOVED if not after else CHANGED
        name = " · ".join(part for part in (where, what, of) if part)
        bare = _ALONE.get(kind) if self._bare(before, after) else None
        says = bare or (_SAYS if name else _UNNAMED)[kind]
        sentence = self.after.words.say(says, what=name, before=before, after=after)
        return Change(
            kind, where, what, of, before, after, share, f"{sentence} ({share})" if share else sentence, level
        )

    def _bare(self, before: str, after: str) -> bool:
        yes = self.after.words.say("yes")
        return {before, after} <= {"", yes}

    def dates(self) -> list[Change]:
        say, pair = self.after.words.say, (self.before.edition.programme, self.after.edition.programme)
        found = []
        for says, name in ((mark("announced"), "announced"), (mark("in force"), "in_force"), (mark("ends"), "until")):
            days: list[date | None] = [getattr(one, name) for one in pair]
            if days[0] != days[1]:
                found.append(self.change("", say(says), *(self.after.words.day(d) if d else "" for d in days)))
        if pair[0].currency != pair[1].currency:
            found.append(self.change("", say("currency"), pair[0].currency, pair[1].currency))
        return found

    def levels(self) -> list[Change]:
        old, new = self.before.edition.programme.levels, self.after.edition.programme.levels
        say, yes, found = self.after.words.say, self.after.words.say("yes"), []
        for name in dict.fromkeys([*new, *old]):
            if (name in old) != (name in new):
                side = self.after if name in new else self.before
                sides = ("", yes) if name in new else (yes, "")
                found.append(self.change("", say("level {level}", level=side.level(name)), *sides, level=name))
            elif self.before.level(name) != self.after.level(name):
                found.append(
                    self.change(
                        "", say("name of the level"), self.before.level(name), self.after.level(name), level=name
                    )
                )
        return found

    def asks(self) -> list[Change]:
        old, new = asks.of_levels(self.before), asks.of_levels(self.after)
        shared = [name for name in new if name in old]
        found = []
        for level in shared:
            found += self._asked(self.after.level(level), old[level], new[level], level=level)
        for level in new:
            if level not in old:
                found += self._asked(self.after.level(level), [], new[level], level=level)
        return found

    def competency_asks(self) -> list[Change]:
        old, new = asks.of_competencies(self.before), asks.of_competencies(self.after)
        found = []
        for key in dict.fromkeys([*new, *old]):
            competency, depth = key
            if competency and key in old and key not in new and competency not in self._listed(self.after):
                continue  # it is gone as a whole, and is said to be
            side = self.after if key in new else self.before
            parts = [side.competency(competency) if competency else "", side.depth(depth) if depth else ""]
            where = " · ".join(part for part in parts if part) or side.words.say(
                "every {competency}", competency=side.competencies()
            )
            found += self._asked(where, old.get(key, []), new.get(key, []))
        return found

    def competencies(self) -> list[Change]:
        old, new = self._listed(self.before), self._listed(self.after)
        yes, found = self.after.words.say("yes"), []
        for name in dict.fromkeys([*new, *old]):
            if name not in old or name not in new:
                sides = ("", yes) if name in new else (yes, "")
                found.append(self.change("", (self.after if name in new else self.before).competency(name), *sides))
            elif old[name] != new[name]:
                before, after = (
                    self._counts(one, side) for one, side in ((old[name], self.before), (new[name], self.after))
                )
                found.append(
                    self.change(self.after.competency(name), self.after.words.say("what counts for it"), before, after)
                )
        return found

    @staticmethod
    def _listed(names: Names) -> dict[str, Mapping[str, Sequence[str]]]:
        """The competencies in force on the day, and what counts for each."""
        listed = names.edition.competencies
        day = names.ctx.days.rules_as_of
        return {
            name: one.counts for name, one in (listed.competencies if listed else {}).items()
            if values.in_force({"from": one.from_, "until": one.until}, day)
        }  # fmt: skip

    @staticmethod
    def _counts(counts: Mapping[str, Sequence[str]], names: Names) -> str:
        return (
            "; ".join(f"{names.column(c)}: {', '.join(map(life_told.code, given))}" for c, given in counts.items())
            or "–"
        )

    def benefits(self) -> list[Change]:
        old, new = ({one.name: one for one in giving.of_benefits(side)} for side in (self.before, self.after))
        found = []
        for name in dict.fromkeys([*new, *old]):
            pair = (old.get(name), new.get(name))
            label = (pair[1] or pair[0]).label  # type: ignore[union-attr]
            rows = [one.numbers if one else {} for one in pair]
            classification = next((one.classification for one in reversed(pair) if one and one.classification), "")
            for key in dict.fromkeys([*rows[1], *rows[0]]):
                numbers = [row.get(key) for row in rows]
                if numbers[0] != numbers[1]:
                    texts = [
                        giving.quantity(one, n, side) if one else ""
                        for one, n, side in zip(pair, numbers, (self.before, self.after), strict=True)
                    ]
                    of = self.after.one_of(classification, key) if key else ""
                    level = key if classification == "level" else ""
                    found.append(self.change(label, "", *texts, of=of, share=_share(numbers, self.after), level=level))
            terms = ["; ".join(filter(None, (one.counted, one.period, *one.terms))) if one else "" for one in pair]
            if terms[0] != terms[1] and bool(rows[0]) == bool(rows[1]):
                found.append(self.change(label, self.after.words.say("terms"), *terms))
        return found

    def counting(self) -> list[Change]:
        """Metrics of one name that both editions compare or show, and that are counted in another way."""
        old, new = self.before.edition.metrics, self.after.edition.metrics
        found = []
        for name in new:
            if name in old and old[name] != new[name]:
                before, after = (" ".join(counting.told(name, side)) for side in (self.before, self.after))
                if before != after:
                    found.append(self.change(self.after.metric(name), "", before, after))
        return found

    def life(self) -> list[Change]:
        pair = (self.before, self.after)
        tellers = (life_told.of_life, life_told.of_firms, life_told.of_transition, life_told.waivers)
        return [change for teller in tellers for change in self._rules(*(teller(side) for side in pair))]

    def _rules(self, old: Iterable[Rule], new: Iterable[Rule]) -> list[Change]:
        sides = [{rule.key: rule.says for rule in listed} for listed in (old, new)]
        return [
            self.change("", "", sides[0].get(key, ""), sides[1].get(key, ""))
            for key in dict.fromkeys([*sides[1], *sides[0]])
            if sides[0].get(key) != sides[1].get(key)
        ]

    def _asked(self, where: str, old: Sequence[Ask], new: Sequence[Ask], *, level: str = "") -> list[Change]:
        sides = ({one.place: one for one in old}, {one.place: one for one in new})
        found = []
        for place in dict.fromkeys([*sides[1], *sides[0]]):
            pair = (sides[0].get(place), sides[1].get(place))
            if (
                pair[0] is not None
                and pair[1] is not None
                and pair[0].numbers == pair[1].numbers
                and pair[0].note == pair[1].note
            ):
                continue
            found += self._one_asked(where, pair, level)
        return found

    def _one_asked(self, where: str, pair: tuple[Ask | None, Ask | None], level: str) -> list[Change]:
        shown = pair[1] or pair[0]
        assert shown is not None
        what = " – ".join([*(one.says for one in shown.under), shown.label])
        found = []
        for key in _classes(pair):
            tests = [_tests(one, key) for one in pair]
            if tests[0] == tests[1]:
                continue
            texts = [
                asks.text_of(one, t, side) if one else ""
                for one, t, side in zip(pair, tests, (self.before, self.after), strict=True)
            ]
            of = (self.after if pair[1] else self.before).one_of(shown.classification, key) if key else ""
            numbers = [_single(t) for t in tests]
            same_unit = pair[0] is not None and pair[1] is not None and pair[0].unit == pair[1].unit
            share = _share(numbers, self.after) if same_unit else ""
            found.append(self.change(where, what, *texts, of=of, share=share, level=level))
        notes = [one.note if one else "" for one in pair]
        if notes[0] != notes[1]:
            found.append(self.change(where, what, *notes, level=level))
        return found


def _classes(pair: tuple[Ask | None, Ask | None]) -> list[str]:
    """The classes to compare: those of both; one number for everybody stands for each class of the other."""
    rows = [list(one.numbers) for one in pair if one is not None]
    found = list(dict.fromkeys(key for row in reversed(rows) for key in row))
    return [key for key in found if key != EVERYBODY] or found


def _tests(ask: Ask | None, key: str) -> tuple[asks.Test, ...] | None:
    if ask is None:
        return None
    return ask.numbers.get(key, ask.numbers.get(values.ELSE, ask.numbers.get(EVERYBODY)))


def _single(tests: Sequence[asks.Test] | None) -> Fraction | None:
    if tests and len(tests) == 1 and isinstance(tests[0][1], Fraction):
        return tests[0][1]
    return None


def _share(pair: Sequence[Fraction | None], names: Names) -> str:
    """The change in percent with its sign; empty where there is no base to take it of."""
    old, new = pair
    if not old or new is None or old == new or old < 0:
        return ""
    share = (new - old) / old * 100
    sign = "+" if share > 0 else "−"
    return sign + names.quantity(Fraction(round(abs(share))) if abs(share) >= 1 else abs(share), "percent")
