"""How is the requirement said that decides: what it is called, what there is, what is needed?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hanse.decisions.explanation_views import Requirement
from hanse.fronts.pages import telling
from hanse.language.words import mark

if TYPE_CHECKING:
    from hanse.apps.standings.lists import Deciding
    from hanse.language.words import Words

TYPES = (
    mark("reseller"), mark("distributor"), mark("system integrator"), mark("consultancy"), mark("software house"),
    mark("service provider"),
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A requirement in words. `needed` is empty where there is nothing but yes or no."""

    label: str
    actual: str
    needed: str


def told(words: Words, read: Mapping[str, Any], one: Deciding) -> Told:
    """The requirement that decides, with the labels that its programme had."""
    kind, _, plain = one.metric.partition(":")
    metric = read["metrics"].get(one.metric, {})
    label = _own_label(read, one.subject, one.requirement) or metric.get("label")
    shown = words.label(label, plain or one.requirement)
    requirement = Requirement(
        one.requirement,
        shown,
        plain or one.metric,
        metric.get("table"),
        kind if plain else str(metric.get("kind", "number")),
        metric.get("unit"),
        one.actual,
        one.needed,
        one.comparison,
        False,
        None,
        one.clause,
        None,
    )
    return Told(shown, *telling.numbers(requirement, words))


def level_label(words: Words, read: Mapping[str, Any], level: str | None) -> str:
    """What a level is called."""
    if not level:
        return words.say("no level")
    labels = next((entry["label"] for entry in read["levels"] if entry["level"] == level), None)
    return words.label(labels, level)


def type_label(words: Words, kind: str | None) -> str:
    """What a kind of partner is called."""
    return words.say(kind.replace("_", " ")) if kind else "–"


def _own_label(read: Mapping[str, Any], level: str, requirement: str) -> Mapping[str, str] | None:
    """The label that a requirement has in its level."""
    trees = [entry["tree"] for entry in read["levels"] if entry["level"] == level]
    while trees:
        node = trees.pop()
        if node["kind"] == "leaf" and node["requirement"] == requirement:
            found: Mapping[str, str] | None = node.get("label")
            return found
        trees += node.get("parts", ())
    return None
