"""Why does a partner stand where it stands, and what comes next?

From the rows that an evaluation left behind to one structure that people and programs read alike. Nothing
is judged here again: every `met` is the stored check's. What is missing for a level is the smallest set of
unmet requirements that would carry its tree. See docs/algorithms/explanation.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from hanse.decisions.explanation_views import (
    Asked,
    BadRow,
    BenefitView,
    CompetencyView,
    Explanation,
    LevelView,
    Outcome,
    Requirement,
    ResultView,
    Row,
)

Label = Callable[[Mapping[str, str] | None, str], str]


def explain(outcome: Outcome, label: Label) -> Explanation:
    """The explanation of one partner. `label` chooses the reader's language out of an edition's labels."""
    told = _Told(outcome, label)
    base = Explanation(
        edition=str(outcome.outline["edition"]),
        title=label(outcome.outline["title"], str(outcome.outline["edition"])),
        as_of=outcome.as_of,
        rules_as_of=outcome.rules_as_of,
        known_at=outcome.known_at,
        partner=outcome.partner,
        facts=None if outcome.facts is None else tuple(outcome.facts),
        exceptions=None if outcome.exceptions is None else tuple(outcome.exceptions),
        problems=tuple(
            BadRow(*(r[c] for c in ("table", "file", "line", "what", "why", "effect"))) for r in outcome.problems
        ),
    )
    if not outcome.standings:
        return base
    row = outcome.standings[0]
    names = [str(entry["level"]) for entry in outcome.outline["levels"]]
    at = names.index(row["level"]) if row["level"] in names else -1
    levels = [told.level(entry) for entry in outcome.outline["levels"]]
    more = {
        k: row.get(k)
        for k in (
            "level",
            "granted",
            "expected",
            "awaiting",
            "path",
            "status",
            "granted_from",
            "granted_until",
        )
    }
    labels = {f"{k}_label": told.level_label(row[k]) for k in ("level", "granted", "expected")}
    return Explanation(
        **{
            **{k: getattr(base, k) for k in base.__dataclass_fields__},
            **more,
            **labels,
            "own": levels[at] if at >= 0 and levels[at].requirements else None,
            "next": tuple(view for view in levels[at + 1 :] if view.asks),
            "competencies": told.competencies(),
            "assignments": told.assignments(),
            "benefits": told.benefits(),
            "results": told.results(),
        }
    )


def missing(
    node: Mapping[str, Any], met: Mapping[str, bool], trees: Mapping[str, Mapping[str, Any]]
) -> tuple[list[str], list[str]]:
    """The shortest way to make a tree hold: the requirements still unmet, and all that the way consists of.

    Of alternatives the one that lacks least is taken, the first of equals. Where a condition (`when`)
    decides which branch is asked, checks do not say which one applies: the one that lacks less is taken.
    """
    kind = node["kind"]
    if kind == "leaf":
        name = str(node["requirement"])
        return ([] if met.get(name, False) else [name]), [name]
    if kind == "level":
        return missing(trees.get(str(node["level"]), {"kind": "all", "parts": []}), met, {})
    ways = [missing(part, met, trees) for part in node["parts"]]
    if kind == "none":
        held = [name for lacking, whole in ways if not lacking for name in whole]
        return held, [name for _, whole in ways for name in whole]
    if kind in ("any", "when"):
        ways = sorted(ways, key=lambda way: len(way[0]))[:1]
    elif kind == "n":
        ways = sorted(ways, key=lambda way: len(way[0]))[: int(node["n"])]
    return [name for lacking, _ in ways for name in lacking], [name for _, whole in ways for name in whole]


def competency_views(outcome: Outcome, label: Label) -> tuple[CompetencyView, ...]:
    """The competencies alone: held ones first, then every other of which there are checks, in the edition's order."""
    return _Told(outcome, label).competencies()


def as_data(explanation: Explanation) -> dict[str, Any]:
    """The explanation as plain values, ready for JSON: days as ISO text, numbers as they are."""
    plain = _plain(asdict(explanation))
    assert isinstance(plain, dict)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


class _Told:
    """Rows turned into views, with the labels of the reader's language."""

    def __init__(self, outcome: Outcome, label: Label) -> None:
        self.outcome, self.label, self.outline = outcome, label, outcome.outline
        self.checks: dict[str, dict[str, Row]] = {}
        for row in outcome.checks:
            self.checks.setdefault(str(row["subject"]), {})[str(row["requirement"])] = row
        order = self.outline.get("order", {})  # outlines of earlier versions have none
        self.depths = list(order.get("depths", self.outline["depths"]))
        self.listed = list(order.get("competencies", self.outline["competencies"]))
        self.asks = {str(name): at for at, name in enumerate(self.outline["competency_asks"])}

    def level_label(self, name: str | None) -> str | None:
        for entry in self.outline["levels"]:
            if entry["level"] == name:
                return self.label(entry["label"], str(name))
        return name

    def competency_label(self, name: str) -> str:
        return self.label(self.outline["competencies"].get(name), name)

    def level(self, entry: Row) -> LevelView:
        name = str(entry["level"])
        checks = self.checks.get(name, {})
        met = {requirement: bool(row["met"]) for requirement, row in checks.items()}
        trees = {str(e["level"]): e["tree"] for e in self.outline["levels"] if e["level"] != name}
        lacking, whole = missing(entry["tree"], self._met_below(entry["tree"], met), trees)
        asked = tuple(self._asked(entry["tree"], checks, (), name))
        return LevelView(
            level=name,
            label=self.label(entry["label"], name),
            asks=bool(entry["asks"]),
            retired=bool(entry["retired"]),
            requirements=asked,
            missing=tuple(dict.fromkeys(lacking)),
            of=len(dict.fromkeys(whole)),
        )

    def _met_below(self, tree: Row, met: dict[str, bool]) -> dict[str, bool]:
        """Requirements of a level asked for as a prerequisite are met as that level's own checks say."""
        found = dict(met)
        for part in tree.get("parts", ()):
            if part["kind"] == "level":
                for name, row in self.checks.get(str(part["level"]), {}).items():
                    found.setdefault(name, bool(row["met"]))
            else:
                found = self._met_below(part, found)
        return found

    def _asked(self, node: Row, checks: Mapping[str, Row], under: tuple[str, ...], subject: str) -> Iterable[Asked]:
        if node["kind"] == "leaf":
            row = checks.get(str(node["requirement"]))
            if row is not None:
                label = self.label(node.get("label"), str(node["requirement"]))
                yield Asked(self.requirement(row, label), len(under), under)
            return
        if node["kind"] == "level":
            tree = next((e["tree"] for e in self.outline["levels"] if e["level"] == node["level"]), None)
            if tree is not None and node["level"] != subject:
                yield from self._asked(
                    tree,
                    self.checks.get(str(node["level"]), {}),
                    (*under, f"level:{node['level']}"),
                    str(node["level"]),
                )
            return
        here = {"n": f"n:{node.get('n')}", "when": f"when:{node.get('test')}"}.get(node["kind"], str(node["kind"]))
        for part in node["parts"]:
            inner = under if here == "all" else (*under, here)
            if part.get("name"):
                inner = (*inner, f"path:{part['name']}")
            yield from self._asked(part, checks, inner, subject)

    def requirement(self, row: Row, label: str | None = None) -> Requirement:
        name = str(row["metric"])
        kind, _, plain = name.partition(":")
        metric = self.outline["metrics"].get(name, {})
        if label is None:
            label = self.label(metric.get("label"), plain or name)
        actual, needed, comparison = row["actual"], row["needed"], str(row["comparison"])
        return Requirement(
            requirement=str(row["requirement"]),
            label=label,
            metric=plain or name,
            table=metric.get("table"),
            kind=kind if plain else str(metric.get("kind", "number")),
            unit=metric.get("unit"),
            actual=actual,
            needed=needed,
            comparison=comparison,
            met=bool(row["met"]),
            short_by=_short_by(actual, needed, comparison),
            clause=row["clause"],
            note=row["note"],
        )

    def competencies(self) -> tuple[CompetencyView, ...]:
        """Those held, at the depth held, then those nearly held, in the edition's order."""
        held = {str(r["competency"]): r for r in self.outcome.competencies}
        order = {name: i for i, name in enumerate(self.listed)}
        found = []
        for subject, checks in self.checks.items():
            name, _, depth = subject.partition("/")
            if name not in order or (not depth and self.outline["depths"]):
                continue
            row = held.get(name)
            is_held = row is not None and (row["depth"] or "") == depth
            lacking = [r for r in checks.values() if not r["met"]]
            if not is_held and (not lacking or self._deeper(row, depth)):
                continue
            found.append(
                CompetencyView(
                    competency=name,
                    label=self.competency_label(name),
                    depth=depth or None,
                    depth_label=self.label(self.outline["depths"].get(depth), depth) if depth else None,
                    held=is_held,
                    since=row["since"] if row is not None and is_held else None,
                    requirements=tuple(
                        self.requirement(checks[r]) for r in sorted(checks, key=lambda n: (self.asks.get(n, 0), n))
                    ),
                )
            )
        shown = {c.competency for c in found if c.held}
        for name, row in held.items():
            if name not in shown:
                own = row["depth"] or None
                own_label = self.label(self.outline["depths"].get(own), own) if own else None
                view = CompetencyView(name, self.competency_label(name), own, own_label, True, row["since"], ())
                found.append(view)
        return tuple(sorted(found, key=lambda c: (not c.held, order.get(c.competency, len(order)))))

    def _deeper(self, row: Row | None, depth: str) -> bool:
        """Is what is held deeper than the depth that is nearly held?"""
        depths = self.depths
        return (
            row is not None
            and bool(depth)
            and row["depth"] in depths
            and depths.index(row["depth"]) >= depths.index(depth)
        )

    def assignments(self) -> dict[str, tuple[str, ...]]:
        """Who serves which competency, where people are put forward and nobody counts twice."""
        found: dict[str, list[str]] = {}
        for row in self.outcome.results:
            if row["result"] in self.outline["assignments"] and row["text"] and row["subject"]:
                name, bracket, role = str(row["text"]).partition(" (")
                found.setdefault(self.competency_label(name) + bracket + role, []).append(str(row["subject"]))
        return {k: tuple(v) for k, v in found.items()}

    def benefits(self) -> tuple[BenefitView, ...]:
        return tuple(
            BenefitView(
                benefit=str(r["benefit"]),
                label=self.label(self.outline["benefits"].get(r["benefit"]), str(r["benefit"])),
                quantity=float(r["quantity"]),
                used=float(r["used"]),
                left=float(r["left"]),
                unit=r["unit"],
                currency=r["currency"],
                first=r["from"],
                last=r["until"],
            )
            for r in self.outcome.benefits
        )

    def results(self) -> tuple[ResultView, ...]:
        found = []
        for row in self.outcome.results:
            entry = self.outline["results"].get(row["result"])
            if entry is None:
                continue
            metric = self.outline["metrics"].get(entry["metric"], {})
            subject = row["subject"]
            if subject in self.outline["competencies"]:
                subject = self.competency_label(str(subject))
            value = row["on"] or row["text"] or row["number"]
            found.append(
                ResultView(
                    str(row["result"]),
                    self.label(entry["label"] or metric.get("label"), str(row["result"])),
                    subject,
                    value,
                    metric.get("unit"),
                )
            )
        return tuple(found)


def _short_by(actual: float | None, needed: float | None, comparison: str) -> float | None:
    """By how much a number falls short, or exceeds what it may be; None where neither."""
    if actual is None or needed is None:
        return None
    if comparison.startswith(("at_least", "above")) and actual < needed:
        return needed - actual
    if comparison.startswith(("at_most", "below")) and actual > needed:
        return actual - needed
    return None
