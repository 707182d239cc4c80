"""How does a programme read: which levels are there, what does each ask, and what is everything called?

The outline is plain data (it becomes `outline.json` beside a run's tables), so that a standing can be
explained later without compiling the edition again, and in the words that the edition had on that day.
"""

from __future__ import annotations

from typing import Any

from hanse.language import compiler, model
from hanse.language.conditions import Node, Trees
from hanse.language.context import Context, Days, FactsInfo
from hanse.language.edition import Edition

Outline = dict[str, Any]


def outline(edition: Edition, days: Days, facts: FactsInfo) -> Outline:
    """Levels from low to high with their trees, and labels by name. Raises EditionError.

    Labels are `{language: text}`; a tree is nested nodes, see `_node`. Text that an edition does not label
    is left out.
    """
    ctx = compiler.context(edition, days, facts)
    trees = level_trees(ctx)
    asked = [leaf.requirement for leaf in competency_trees(ctx).leaves]
    retired = {r.level for r in edition.programme.life.retired if days.as_of >= r.no_new_from}
    listed = edition.competencies
    return {
        "edition": edition.name,
        "title": edition.programme.title,
        "levels": [
            {
                "level": name,
                "label": edition.programme.levels[name],
                "asks": name in edition.levels,
                "retired": name in retired,
                "tree": _node(ctx, trees.trees[name]),
            }
            for name in edition.level_names
        ],
        "depths": {d: (listed.depth_names.get(d) if listed else None) for d in edition.depths},
        "competency": listed.label if listed else None,
        "competencies": {n: c.name for n, c in (listed.competencies if listed else {}).items()},
        "competency_asks": list(dict.fromkeys(asked)),
        "metrics": {n: _metric(m) for n, m in edition.metrics.items()},
        "benefits": {n: b.label for n, b in edition.benefits.items()},
        "results": {n: {"label": r.label, "metric": r.metric} for n, r in edition.results.items()},
        "assignments": sorted(n for n, m in edition.metrics.items() if isinstance(m, model.Assignment)),
        "order": order(edition),
    }


def order(edition: Edition) -> dict[str, list[str]]:
    """Depths from low to high, and competencies as listed: a database that keeps JSON sorts the keys of the mappings above."""
    listed = edition.competencies
    return {"depths": list(edition.depths), "competencies": list(listed.competencies) if listed else []}


def level_trees(ctx: Context) -> Trees:
    """What each level asks."""
    trees = Trees(ctx, "levels")
    for name in ctx.edition.level_names:
        trees.add(name, ctx.edition.levels.get(name), (name,))
    return trees


def competency_trees(ctx: Context) -> Trees:
    """What competencies ask: the shared requirements by depth, and those of competencies with their own."""
    trees = Trees(ctx, "competencies")
    listed = ctx.edition.competencies
    if listed is None:
        return trees
    own = [(n, c.requirements) for n, c in listed.competencies.items() if c.requirements is not None]
    for subject, raw in [("", listed.requirements), *own]:
        depths = raw if raw and ctx.edition.depths and set(raw) <= set(ctx.edition.depths) else {"": raw}
        for depth, tree in depths.items():
            trees.add(f"{subject}/{depth}", tree, ("competencies", subject))
    return trees


def _metric(metric: Any) -> dict[str, Any]:
    """What is needed to show a number: its label, unit and kind, and the table it reads."""
    return {
        "label": metric.label,
        "unit": metric.unit or getattr(metric, "currency", None),
        "kind": metric.kind,
        "table": getattr(metric, "table", None),
    }


def _node(ctx: Context, node: Node) -> dict[str, Any]:
    """A leaf names its requirement; the others have a kind (all, any, n, none, when, level) and parts."""
    found: dict[str, Any] = {"kind": node.kind}
    if node.name:
        found["name"] = node.name
    if node.leaf is not None:
        label = own_label(ctx, "levels", node.leaf.path) or ctx.edition.metrics[node.leaf.metric].label
        return found | {"requirement": node.leaf.requirement, "of": node.leaf.kind, "label": label}
    if node.kind == "n":
        found["n"] = node.n
    if node.kind == "level":
        found["level"] = node.level
    if node.kind == "when":
        found["test"] = node.test
    return found | {"parts": [_node(ctx, part) for part in node.parts]}


def own_label(ctx: Context, file: str, path: tuple[str | int, ...]) -> Any:
    """The label that a requirement carries itself."""
    raw: Any = ctx.edition.source_of(file).data
    for part in path:
        inside = isinstance(raw, list) or (isinstance(raw, dict) and part in raw)
        raw = raw[part] if inside else None
    label = raw.get("label") if isinstance(raw, dict) else None
    return {"en": label} if isinstance(label, str) else label
