"""Requirements: from a tree as an author writes it to rows of numbers and one boolean column per comparison.

A `Matrix` is what one statement judges: the leaves of all trees of a group of subjects (the levels; or competencies
that ask the same). Thresholds are rows, keyed by competency and class, so that another number is another row and not
another statement. Every leaf gives `met_i`; a subject's tree is a boolean expression over them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hanse.language import model, values
from hanse.language.context import Context
from hanse.language.expressions import ExpressionError
from hanse.language.metrics import PARTNER, Instance
from hanse.language.plan import literal
from hanse.language.problems import nearest
from hanse.language.source import Path_
from hanse.language.values import ByClass, Number, in_force

OPERATORS = {"at_least": ">=", "at_most": "<=", "above": ">", "below": "<", "equals": "="}
REMARKS = {"clause", "name", "label", "from", "until", "suspended", "source", "note", "invented"}
TREES = {"all_of", "any_of", "none_of", "n_of", "paths", "every", "human", "competency", "level", "when"}
_COMPARISONS = {*OPERATORS, "between", "is"}


@dataclass
class Leaf:
    """One comparison of one subject: what `checks` has a row for."""

    index: int
    subject: str
    requirement: str
    metric: str
    kind: str  # metric, human, competency
    tests: list[tuple[str, object, Path_]]  # comparison, raw value, its path
    clause: str | None
    suspended: str | None  # the reason, while it is
    suspended_in: list[str]  # countries; empty: everywhere
    path: Path_
    actual: str  # the column of the number looked at, shared by all comparisons of its metric
    depth: str | None = None

    @property
    def column(self) -> str:
        return f"met_{self.index}"

    @property
    def needed(self) -> str:
        return f"need_{self.index}"


@dataclass
class Node:
    """all, any, none, n, leaf, level, when; `name` is that of a path."""

    kind: str
    parts: list[Node] = field(default_factory=list)
    n: int = 0
    leaf: Leaf | None = None
    level: str = ""
    test: str = ""
    name: str = ""
    path: Path_ = ()


@dataclass
class Trees:
    """The requirement trees of a group of subjects of one file, and all their leaves."""

    ctx: Context
    file: str
    leaves: list[Leaf] = field(default_factory=list)
    trees: dict[str, Node] = field(default_factory=dict)

    def add(self, subject: str, raw: dict[str, Any] | None, path: Path_) -> Node:
        """Reads the tree of one subject. Raises EditionError with the place of what is wrong."""
        node = self._node(subject, raw, path) if raw else None
        self.trees[subject] = node or Node("all")
        return self.trees[subject]

    def _error(self, path: Path_, what: str, why: str, remedy: str) -> Exception:
        return self.ctx.edition.source_of(self.file).error(path, what, why, remedy)

    def _node(self, subject: str, raw: Any, path: Path_) -> Node | None:
        """One node, or None where it is not in force."""
        if not isinstance(raw, dict):
            raise self._error(
                path, f"{raw!r} is not a requirement", "a requirement is a mapping", "see docs/language.md"
            )
        if not in_force(raw, self.ctx.days.rules_as_of):
            return None
        words = [k for k in raw if k not in REMARKS]
        if words and words[0] in ("when", "then", "else"):
            return self._when(subject, raw, path)
        if words and words[0] in ("competency", "human"):
            return self._leaf(subject, raw, path, words[0])
        if not words:
            return Node("all")
        nodes = [self._one(subject, word, raw, path) for word in words]
        kept = [n for n in nodes if n is not None]
        if len(nodes) == 1:
            return kept[0] if kept else None
        return Node("all", kept)

    def _one(self, subject: str, word: str, raw: dict[str, Any], path: Path_) -> Node | None:
        here = (*path, word)
        if word in ("all_of", "any_of", "none_of"):
            return Node(word.removesuffix("_of"), self._list(subject, raw[word], here))
        readers = {"n_of": self._n_of, "paths": self._paths, "every": self._every, "level": self._level}
        if word in readers:
            return readers[word](subject, raw[word], here)
        entry = raw[word]
        if not isinstance(entry, dict):
            entry = {"is": entry} if isinstance(entry, bool) else {"at_least": entry}
        merged = {k: v for k, v in raw.items() if k in REMARKS} | entry
        if not in_force(entry, self.ctx.days.rules_as_of):
            return None
        return self._compared(subject, word, merged, here)

    def _n_of(self, subject: str, inner: Any, here: Path_) -> Node:
        if not isinstance(inner, dict) or not isinstance(inner.get("n"), int) or "of" not in inner:
            raise self._error(
                here, "`n_of` needs `n` and `of`", "at least n of the list must hold", "n_of: {n: 2, of: [...]}"
            )
        listed = self._list(subject, inner["of"], (*here, "of"))
        if not 1 <= inner["n"] <= len(inner["of"]):
            raise self._error(
                here, f"{inner['n']} of {len(inner['of'])} are asked", "that many can never hold, or nothing is asked",
                f"write a number from 1 to {len(inner['of'])}",
            )  # fmt: skip
        return Node("n", listed, n=inner["n"])

    def _paths(self, subject: str, inner: Any, here: Path_) -> Node:
        if not isinstance(inner, dict) or not inner:
            raise self._error(
                here,
                "`paths` needs names",
                "the standing says which path carried it",
                "paths: {revenue: {...}, skills: {...}}",
            )
        nodes = {name: self._node(subject, path, (*here, name)) for name, path in inner.items()}
        return Node("any", [Node("all", [node], name=name) for name, node in nodes.items() if node is not None])

    def _every(self, subject: str, inner: Any, here: Path_) -> Node:
        if not isinstance(inner, dict) or not isinstance(inner.get("of"), list) or not inner["of"]:
            raise self._error(
                here,
                "`every` needs `of` and a comparison",
                "each metric of the list is compared",
                "every: {of: [a, b], above: 0}",
            )
        comparisons = {k: v for k, v in inner.items() if k != "of"}
        return Node("all", [self._compared(subject, str(metric), dict(comparisons), here) for metric in inner["of"]])

    def _level(self, subject: str, level: Any, here: Path_) -> Node:
        levels = self.ctx.edition.levels
        if level not in self.ctx.edition.programme.levels:
            raise self._error(
                here, f"{level!r} is not a level", "a prerequisite is a level of the programme",
                nearest(str(level), self.ctx.edition.level_names),
            )  # fmt: skip
        if level == subject or subject in _prerequisites(levels.get(level), levels):
            raise self._error(
                here, f"{subject!r} needs itself, by way of {level!r}", "it would never end", "break the circle"
            )
        return Node("level", level=level)

    def _list(self, subject: str, raw: object, path: Path_) -> list[Node]:
        if not isinstance(raw, list):
            raise self._error(
                path, "a list is needed here", "several requirements stand under it", "begin each with `- `"
            )
        nodes = [self._node(subject, entry, (*path, index)) for index, entry in enumerate(raw)]
        return [n for n in nodes if n is not None]

    def _compared(self, subject: str, metric: str, entry: dict[str, Any], path: Path_) -> Node:
        if metric not in self.ctx.edition.metrics:
            known = {*self.ctx.edition.metrics, *TREES}
            raise self._error(path, f"{metric!r} is neither a metric nor a kind of requirement",
                              "a requirement compares a metric that metrics.yaml declares", nearest(metric, known))  # fmt: skip
        unknown = [k for k in entry if k not in REMARKS and k not in _COMPARISONS]
        if unknown:
            raise self._error((*path, unknown[0]), f"unknown key {unknown[0]!r}", "it would be silently ignored",
                              nearest(unknown[0], _COMPARISONS | REMARKS))  # fmt: skip
        tests: list[tuple[str, object, Path_]] = []
        for key, value in entry.items():
            if key == "between":
                if not isinstance(value, list) or len(value) != 2:
                    raise self._error((*path, key), "`between` needs two numbers", "it has a lowest and a highest value",
                                      "write between: [low, high]")  # fmt: skip
                low, high = value
                tests += [("at_least", low, (*path, key, 0)), ("at_most", high, (*path, key, 1))]
            elif key in _COMPARISONS:
                tests.append((key, value, (*path, key)))
        if not tests:
            raise self._error(path, f"nothing is asked of {metric!r}", "a requirement compares", "add `at_least: ...`")
        return self._add(subject, str(entry.get("name", metric)), metric, "metric", tests, entry, path)

    def _leaf(self, subject: str, raw: dict[str, Any], path: Path_, word: str) -> Node:
        name = str(raw[word])
        if word == "human":
            parts = [name, *(str(raw[k]) for k in ("kind", "level") if k in raw)]
            metric = "human_" + "_".join(parts)
            tests = " and ".join(f"{c} = {literal(str(raw[c]))}" for c in ("kind", "level") if c in raw)
            filter_ = f"name = {literal(name)}" + (f" and {tests}" if tests else "")
            label = raw.get("label") or {"en": name.replace("_", " ")}
            self.ctx.edition.metrics.setdefault(
                metric, model.Simple(table="attestations", agg="any", filter=filter_, kind="boolean",
                                     label=label if isinstance(label, dict) else {"en": label})
            )  # fmt: skip
            return self._add(subject, str(raw.get("name", name)), metric, "human", [("is", True, path)], raw, path)
        listed = self.ctx.edition.competencies
        if listed is None or name not in listed.competencies:
            known = listed.competencies if listed else []
            raise self._error(
                (*path, word), f"{name!r} is not a competency", "competencies.yaml lists them", nearest(name, known)
            )
        depth = raw.get("depth")
        if depth is not None and depth not in self.ctx.edition.depths:
            raise self._error((*path, "depth"), f"{depth!r} is not a depth", "competencies.yaml lists the depths",
                              nearest(str(depth), self.ctx.edition.depths))  # fmt: skip
        at_least = self.ctx.edition.depths.index(depth) if depth in self.ctx.edition.depths else 0
        metric = f"holds_{name}" + (f"_{depth}" if depth else "")
        self.ctx.edition.metrics.setdefault(
            metric,
            model.Simple(table="competencies_held", agg="any", kind="boolean",
                         filter=f"competency = {literal(name)} and depth_rank >= {at_least}",
                         label={"en": f"{name} {depth or ''}".strip()}),
        )  # fmt: skip
        return self._add(subject, str(raw.get("name", name)), metric, "competency", [("is", True, path)], raw, path)

    def _add(
        self, subject: str, name: str, metric: str, kind: str, tests: list[tuple[str, object, Path_]],
        entry: dict[str, Any], path: Path_,
    ) -> Node:  # fmt: skip
        taken = {leaf.requirement for leaf in self.leaves if leaf.subject == subject}
        requirement, n = name, 2
        while requirement in taken:
            requirement, n = f"{name}_{n}", n + 1
        listed = entry.get("suspended") or []
        if not isinstance(listed, list) or not all(isinstance(s, dict) for s in listed):
            raise self._error((*path, "suspended"), "`suspended` is not a list of times", "each time has its days and its reason",
                              "suspended: [{from: 2020-01-01, until: 2020-12-31, reason: ...}]")  # fmt: skip
        now = [s for s in listed if in_force(s, self.ctx.days.rules_as_of)]
        alike = next((known.actual for known in self.leaves if known.metric == metric), f"act_{len(self.leaves)}")
        leaf = Leaf(
            index=len(self.leaves), actual=alike, subject=subject, requirement=requirement, metric=metric, kind=kind, tests=tests,
            clause=None if entry.get("clause") is None else str(entry["clause"]),
            suspended=str(now[0].get("reason", "suspended")) if now else None,
            suspended_in=[str(c) for c in now[0].get("countries", [])] if now else [], path=path,
        )  # fmt: skip
        self.leaves.append(leaf)
        return Node("leaf", leaf=leaf)

    def _when(self, subject: str, raw: dict[str, Any], path: Path_) -> Node:
        if "when" not in raw or "then" not in raw:
            raise self._error(
                path, "`when` needs `then`", "it says what is asked under the condition", "add `then: {...}`"
            )
        then = self._node(subject, raw["then"], (*path, "then")) or Node("all")
        other = self._node(subject, raw["else"], (*path, "else")) if "else" in raw else None
        return Node("when", [then, other or Node("all")], test=str(raw["when"]), path=(*path, "when"))


def _prerequisites(raw: object, levels: dict[str, Any], seen: frozenset[str] = frozenset()) -> set[str]:
    """The levels that a requirement as written asks for, through those levels too."""
    found: set[str] = set()
    for key, inner in raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ():
        if key == "level" and isinstance(inner, str) and inner not in seen:
            found |= {inner} | _prerequisites(levels.get(inner), levels, seen | {inner})
        else:
            found |= _prerequisites(inner, levels, seen)
    return found


def metrics_in(trees: Trees) -> set[str]:
    """The metrics that the trees compare or that their conditions mention."""
    from hanse.language import expressions

    found = {leaf.metric for leaf in trees.leaves}

    def visit(node: Node) -> None:
        if node.test:
            try:
                mentioned = expressions.names(node.test)
            except ExpressionError as error:
                raise when_error(trees, node.test, error) from error
            found.update(n for n in mentioned if n in trees.ctx.edition.metrics)
        for part in node.parts:
            visit(part)

    for tree in trees.trees.values():
        visit(tree)
    return found


def when_error(trees: Trees, test: str, error: Exception) -> Exception:
    """What is wrong with a `when`, at its line."""

    def find(node: Node) -> Path_:
        return node.path if node.test == test else next((p for p in map(find, node.parts) if p), ())

    path = next((p for p in map(find, trees.trees.values()) if p), ())
    source = trees.ctx.edition.source_of(trees.file)
    return source.error(path, str(error), "it stands after `when`", 'write a condition such as "certified_people > 2"')


def sql_of(node: Node, trees: Trees, condition: Any) -> str:
    """The tree as a boolean over `met_i`. `condition` compiles the text of a `when`."""
    if node.kind == "leaf":
        assert node.leaf is not None
        return node.leaf.column
    if node.kind == "level":
        return sql_of(trees.trees.get(node.level, Node("all")), trees, condition)
    parts = [sql_of(part, trees, condition) for part in node.parts]
    if node.kind == "when":
        return f"(CASE WHEN {condition(node.test)} THEN {parts[0]} ELSE {parts[1]} END)"
    if node.kind == "none":
        return f"(NOT ({' OR '.join(parts)}))" if parts else "TRUE"
    if node.kind == "n":
        counted = " + ".join(f"CASE WHEN {p} THEN 1 ELSE 0 END" for p in parts) or "0"
        return f"(({counted}) >= {node.n})"
    if not parts:
        return "TRUE" if node.kind == "all" else "FALSE"
    return f"({(' AND ' if node.kind == 'all' else ' OR ').join(parts)})"


def leaves_of(node: Node, trees: Trees) -> list[Leaf]:
    """The comparisons of a tree, prerequisites of a level included."""
    if node.kind == "leaf" and node.leaf is not None:
        return [node.leaf]
    if node.kind == "level":
        return leaves_of(trees.trees.get(node.level, Node("all")), trees)
    return [leaf for part in node.parts for leaf in leaves_of(part, trees)]


def all_of(node: Node) -> list[Leaf] | None:
    """The comparisons of a tree in which all must hold; None for any other tree."""
    if node.leaf is not None:
        return [node.leaf]
    parts = [all_of(part) for part in node.parts]
    if node.kind != "all" or None in parts:
        return None
    return [leaf for part in parts if part is not None for leaf in part]


def could_hold(node: Node, truth: Any) -> bool:
    """Could the tree hold if each leaf were as `truth(leaf)` says? Used to find what holds without any facts."""
    if node.kind == "leaf":
        return bool(truth(node.leaf))
    if node.kind in ("none", "level", "when"):
        return True
    held = [could_hold(part, truth) for part in node.parts]
    if node.kind == "n":
        return sum(held) >= node.n
    return all(held) if node.kind == "all" else any(held)


def needed_value(ctx: Context, leaf: Leaf, file: str, raw: object, path: Path_) -> values.Resolved:
    """The number that a leaf needs, in the metric's unit."""
    metric = ctx.edition.metrics[leaf.metric]
    if (
        "%" in str(raw)
        and isinstance(metric, model.Simple)
        and metric.agg != "count"
        and metric.measure in ("amount", "monthly")
    ):
        raise ctx.edition.source_of(file).error(
            path, f"a share is asked of {leaf.metric!r}, which is an amount of money", "only alike things can be compared",
            "write an amount, or compare a ratio",
        )  # fmt: skip
    unit = metric.unit or getattr(metric, "currency", None) or ctx.edition.programme.currency
    return ctx.value(raw, file, path, None if unit == "original" else unit)


def needed_rows(found: values.Resolved) -> dict[str | None, Number | None]:
    """The number by class; the key None is for all other classes, or for everybody."""
    if isinstance(found, ByClass):
        return {**dict(found.numbers), None: found.otherwise}
    return {None: found}


def grain_check(ctx: Context, trees: Trees, grain: str) -> None:
    """A requirement of a level compares metrics per partner; one of a competency may also compare metrics per competency."""
    from hanse.language.kinds import grain_of

    for leaf in trees.leaves:
        own = grain_of(ctx, leaf.metric)
        if own not in (PARTNER, grain):
            raise ctx.edition.source_of(trees.file).error(
                leaf.path, f"{leaf.metric!r} is a number per {own}",
                f"a requirement {'per ' + grain if grain else 'of a level'} needs one number per {grain or 'partner'}",
                f"declare a metric with `table: {leaf.metric}` and an `agg`",
            )  # fmt: skip


__all__ = ["ExpressionError", "Instance", "Leaf", "Node", "Trees"]
