"""How is an explanation told? Its requirements, numbers, reasons and facts in words, the same in every front.

What is decided comes from the checks alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import floor, log10
from typing import Any

from hanse.decisions.explanation_views import Asked, Explanation, FactRow, FactsView, LevelView, NotCounted, Requirement
from hanse.language.words import Words, mark, mark_many

_SIGNS = {"at_least": "≥", "at_most": "≤", "above": ">", "below": "<", "equals": "="}
_ROWS_OF = {
    "surveys": mark_many("{n} survey", "{n} surveys"),
    "sales": mark_many("{n} sale", "{n} sales"),
    "references": mark_many("{n} reference", "{n} references"),
    "certifications": mark_many("{n} certificate", "{n} certificates"),
    "series": mark_many("{n} usage figure", "{n} usage figures"),
    "associations": mark_many("{n} association", "{n} associations"),
    "contracts": mark_many("{n} contract", "{n} contracts"),
    "deals": mark_many("{n} deal", "{n} deals"),
    "levels_held": mark_many("{n} level on record", "{n} levels on record"),
    "assignments": mark_many("{n} assignment", "{n} assignments"),
    "attestations": mark_many("{n} attestation", "{n} attestations"),
    "benefit_uses": mark_many("{n} use of a benefit", "{n} uses of benefits"),
    "people": mark_many("{n} employment", "{n} employments"),
    "partners": mark_many("{n} entry about the firm itself", "{n} entries about the firm itself"),
    "locations": mark_many("{n} location", "{n} locations"),
    "events": mark_many("{n} event of the firm", "{n} events of the firm"),
    "exceptions": mark_many("{n} waiver or protection", "{n} waivers or protections"),
}
_NARROW = "\u202f"  # a sign and its number stay on one line
_ANY_ROWS = mark_many("{n} row", "{n} rows")
_REASONS = {
    "not yet": mark("not valid yet"),
    "expired": mark("expired"),
    "outside the window": mark("outside the window"),
    "does not match": mark("does not match"),
    "not yet known": mark("not known yet at that moment"),
    "the person has left": mark("the person has left"),
    "the person comes later": mark("the person comes later"),
}
_STATES = {  # what a line says, and the sign beside it; nothing depends on colour alone
    "met": (mark("met"), "✓"),
    "waived": (mark("waived"), "✓"),
    "suspended": (mark("suspended"), "✓"),
    "missing": (mark("missing"), "✗"),
    "awaited": (mark("awaited"), "…"),
    "not needed": (mark("not met, and not needed"), "–"),
}
_DECIDED = re.compile(r"(?P<level>\w+): (?P<name>\w+)(?: \((?P<actual>-?[\d.]+|none) of (?P<needed>-?[\d.]+)\))?")
_CHANGES = (  # what the history says of a move that no requirement decided
    mark("first standing"),
    mark("no longer judged"),
    mark("other rules"),
    mark("the life of the level"),
    mark("what the next review would give"),
)


@dataclass(frozen=True)
class Line:
    """One requirement as a page shows it.

    `above` are the words over it where it is one of several ways, each with its depth; `share` is how much of it is
    there, 0 to 100, where that can be said.
    """

    requirement: str
    metric: str
    label: str
    state: str
    says: str
    sign: str
    actual: str
    needed: str
    detail: str
    clause: str
    depth: int
    above: tuple[tuple[int, str], ...]
    share: int | None
    has_facts: bool

    @property
    def met(self) -> bool:
        """Does it hold, be it waived?"""
        return self.state in ("met", "waived", "suspended")


@dataclass(frozen=True)
class Told:
    """A level as a page shows it: what is missing in one sentence, and its requirements."""

    level: str
    label: str
    says: str
    lines: tuple[Line, ...]
    retired: bool
    lacking: int
    of: int

    @property
    def share(self) -> int:
        """How much of the shortest way is done, 0 to 100."""
        return round(100 * (self.of - self.lacking) / self.of) if self.of else 100


def level_told(explanation: Explanation, level: LevelView, words: Words) -> Told:
    """A level with its requirements, in the order that the programme has them."""
    lines: list[Line] = []
    before: tuple[str, ...] = ()
    for asked in level.requirements:
        new = [n for n in range(len(asked.under)) if asked.under[: n + 1] != before[: n + 1]]
        above = tuple((n, branch(asked.under[n], explanation, words)) for n in new)
        before = asked.under
        lines.append(_line(explanation, asked, frozenset(level.missing), above, words))
    says = summary(level, words)
    return Told(level.level, level.label, says, tuple(lines), level.retired, len(level.missing), level.of)


def summary(level: LevelView, words: Words) -> str:
    """What is missing for a level, in one sentence."""
    if level.retired:
        return words.say("{level} takes no new holders.", level=level.label)
    if not level.missing:
        return words.say("For {level}: nothing is missing.", level=level.label)
    return words.many(
        "For {level}: {n} of {of} requirements is missing.", "For {level}: {n} of {of} requirements are missing.",
        len(level.missing), level=level.label, of=words.number(level.of),
    )  # fmt: skip


def branch(word: str, explanation: Explanation, words: Words) -> str:
    """What stands over requirements that are one of several ways."""
    kind, _, name = word.partition(":")
    say = words.say
    if kind == "path":
        return say("by the way of {name}:", name=name.replace("_", " "))
    if kind == "n":
        return say("at least {n} of these:", n=name)
    if kind == "when":
        return say("one of these, as {test}:", test=name)
    if kind == "level":
        label = next((v.label for v in explanation.next if v.level == name), name)
        return say("as {level} asks:", level=label)
    return {"any": say("any of these:"), "none": say("none of these:")}.get(kind, say("all of these:"))


def state_of(one: Requirement, missing: frozenset[str]) -> str:
    """Which of the states of `_STATES` a requirement is in."""
    if one.met:
        return {None: "met", "": "met", "waived": "waived"}.get(one.note, "suspended")
    if one.requirement not in missing:
        return "not needed"
    return "awaited" if one.kind == "human" else "missing"


def numbers(one: Requirement, words: Words) -> tuple[str, str]:
    """What is, and what is needed: with so many decimals that what is unmet never looks met."""
    say = words.say
    if one.kind in ("boolean", "human", "competency"):
        yes = {1.0: say("yes"), 0.0: say("no"), None: say("unknown")}
        return yes.get(one.actual, say("unknown")), "" if one.needed in (1.0, None) else f"= {say('no')}"
    sign = " ".join(_SIGNS.get(word, word) for word in one.comparison.split(" and ")[:1])
    if one.needed is None:
        return "–" if one.actual is None else words.quantity(one.actual, one.unit), ""
    if one.actual is None:
        return say("none"), f"{sign} {words.quantity(one.needed, one.unit)}"
    for decimals in (2, 4, 6):
        actual, needed = (words.quantity(v, one.unit, decimals) for v in (one.actual, one.needed))
        if actual != needed or one.actual == one.needed:
            break
    return actual, f"{sign} {needed}"


def compared(one: Requirement, words: Words) -> str:
    """What is and, in brackets, what is needed."""
    actual, needed = numbers(one, words)
    return f"{actual} ({needed.replace(' ', _NARROW)})" if needed else actual


def short(one: Requirement, words: Words) -> str:
    """How much is missing, or too much; empty where nothing is, or it is no number."""
    if one.met:
        return ""
    if one.short_by is None:
        return words.say("not enough facts for a number") if one.actual is None and one.kind == "number" else ""
    amount = words.quantity(one.short_by, one.unit, 2 if one.short_by >= 0.01 else _first_digit(one.short_by))
    over = one.comparison.startswith(("at_most", "below"))
    return words.say("{amount} too many", amount=amount) if over else words.say("{amount} more", amount=amount)


def _first_digit(amount: float) -> int:
    """At which decimal a small amount begins: 0.0067 says enough as 0.007, and must not say 0."""
    return min(6, -floor(log10(amount))) if amount > 0 else 2


def rows_of(table: str, n: int, words: Words) -> str:
    """So many facts of a table, such as `11 surveys`."""
    return words.many(*_ROWS_OF.get(table, _ANY_ROWS), n)


def reason(refused: NotCounted, words: Words) -> str:
    """Why some facts did not count."""
    said = words.say(_REASONS.get(refused.reason, refused.reason))
    if refused.reason == "outside the window":
        first, _, last = refused.detail.partition(" to ")
        days = [_iso(first), _iso(last)]
        if days[0] and days[1]:
            return f"{said} ({words.say('{first} to {last}', first=words.day(days[0]), last=words.day(days[1]))})"
    return said


def row(fact: FactRow, words: Words) -> list[str]:
    """A fact's own words, a cell each."""
    values = dict(fact.values)
    currency = values.pop("currency", None) if "amount" in values else None
    cells = [
        words.money(v, str(currency)) if k == "amount" and currency else value(v, None, words)
        for k, v in values.items()
    ]
    return [*([fact.partner] if fact.partner else []), *(cell for cell in cells if cell)]


def place(fact: FactRow) -> str:
    """Where a fact was said: its file (or source) and line."""
    return f"{fact.file}:{fact.line}" if fact.file and fact.line else fact.file or ""


def because(text: str, outline: Mapping[str, Any], words: Words) -> str:
    """Why a level moved, as the history keeps it, in the reader's words."""
    found = _DECIDED.fullmatch(text)
    if found is None:
        return words.sentence(text, _CHANGES)
    level, name, actual, needed = found["level"], found["name"], found["actual"], found["needed"]
    metric = outline["metrics"].get(name, {})
    said = words.label(metric.get("label"), name)
    if needed:
        unit = metric.get("unit")
        is_, must = (words.say("none") if n == "none" else words.quantity(Decimal(n), unit) for n in (actual, needed))
        said = words.say("{name}: {actual} of {needed}", name=said, actual=is_, needed=must)
    return f"{level_labels(outline, words).get(level, level)} · {said}"


def value(given: Any, unit: str | None, words: Words) -> str:
    """A value of a fact or a result in the reader's language."""
    if given is None:
        return ""
    if isinstance(given, date):
        return words.day(given)
    if given in ("true", "false"):
        return words.say("yes") if given == "true" else words.say("no")
    if isinstance(given, int | float | Decimal):
        return words.quantity(given, unit)
    return str(given)


def views_of(explanation: Explanation, metric: str) -> list[FactsView]:
    """The facts behind one metric: one view, or one for each competency."""
    return [view for view in explanation.facts or () if view.metric == metric]


def _line(
    explanation: Explanation, asked: Asked, missing: frozenset[str], above: tuple[tuple[int, str], ...], words: Words
) -> Line:
    one = asked.requirement
    state = state_of(one, missing)
    says, sign = _STATES[state]
    actual, needed = numbers(one, words)
    return Line(
        requirement=one.requirement,
        metric=one.metric,
        label=one.label,
        state=state,
        says=words.say(says),
        sign=sign,
        actual=actual,
        needed=needed,
        detail="; ".join(part for part in (_noted(one), short(one, words), _held(explanation, one, words)) if part),
        clause=one.clause or "",
        depth=asked.depth,
        above=above,
        share=_share(one),
        has_facts=one.table is not None and one.table != "competencies_held",
    )


def _noted(one: Requirement) -> str:
    return "" if one.note in (None, "", "waived") else str(one.note)


def _held(explanation: Explanation, one: Requirement, words: Words) -> str:
    """The competencies held, beside a number of all of them."""
    held = [c.label for c in explanation.competencies if c.held]
    counts_all = one.table == "competencies_held" and one.actual == len(held) > 0
    return words.say("held: {names}", names=words.listed(held, 3)) if counts_all else ""


def _share(one: Requirement) -> int | None:
    if one.kind != "number" or not one.needed or one.actual is None or one.needed < 0:
        return None
    if not one.comparison.startswith(("at_least", "above")):
        return None
    return max(0, min(100, int(100 * one.actual / one.needed)))


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def level_labels(outline: Mapping[str, Any], words: Words) -> dict[str, str]:
    """The labels of all levels of a programme, by name."""
    return {str(entry["level"]): words.label(entry["label"], str(entry["level"])) for entry in outline["levels"]}
