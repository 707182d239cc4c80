"""An edition of a programme, read from its folder: every file checked for form, every value with its place.

Reading collects all problems of form and raises them together. Whether names refer to something is checked when
the edition is compiled (`hanse check` does both and runs the cases).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from hanse.language import model, soundness, source
from hanse.language.facts import CONTRACT, Column, FactTable
from hanse.language.problems import CallError, EditionError, Problem, nearest
from hanse.language.source import Path_, Source

SHIPPED = Path(__file__).resolve().parent.parent / "editions"
STANDARD = Path(__file__).resolve().parent / "standard.yaml"
FILES = ("programme", "countries", "facts", "metrics", "competencies", "levels", "benefits", "transition", "results")
ELSE = "else"


@dataclass
class Remembered:
    """What compiling an edition finds out that depends on nothing but the edition: a replay compiles it for every day."""

    checked_sql: dict[str, Any] = field(default_factory=dict)  # metrics/NAME -> its SELECT, once allowed
    tables_read: dict[str, set[str]] = field(default_factory=dict)
    grains: dict[str, str] = field(default_factory=dict)
    needs: dict[Any, Any] = field(default_factory=dict)
    replayed_over: object = None  # the schema of the facts that the plans in `replayed` are for
    replayed: dict[Any, Any] = field(default_factory=dict)


@dataclass
class Edition:
    """One edition, checked for form. `sources` keeps each file with its lines."""

    folder: Path
    name: str
    programme: model.Programme
    classes: dict[str, dict[str, str]]  # classification -> country (or "else") -> class
    metrics: dict[str, Any]
    competencies: model.Competencies | None
    levels: dict[str, Any]  # level -> requirement node as written
    rollup: model.Rollup | None
    benefits: dict[str, model.Benefit]
    transition: model.Transition
    results: dict[str, model.Result]
    tables: dict[str, FactTable]
    sql: dict[str, str]  # "metrics/name" or "tables/name" -> text
    sources: dict[str, Source]
    content_hash: str
    problems: list[Problem] = field(default_factory=list)
    remembered: Remembered = field(default_factory=Remembered, repr=False)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the edition's files, and of the library's metrics that it uses."""
        texts = [
            *(str(read.data) for read in self.sources.values()),
            *map(repr, self.metrics.values()),
            *self.sql.values(),
        ]
        return frozenset(re.findall(r"\w+", " ".join(texts)))

    @cached_property
    def level_names(self) -> list[str]:
        return list(self.programme.levels)

    @cached_property
    def depths(self) -> list[str]:
        return self.competencies.depths if self.competencies else []

    @cached_property
    def classifications(self) -> dict[str, frozenset[str]]:
        """Classification -> its class names; the levels are one too (for benefits)."""
        found = {name: frozenset(table.values()) for name, table in self.classes.items()}
        found["level"] = frozenset(self.level_names)
        if self.competencies:
            found["competency"] = frozenset(self.competencies.competencies)
        return found

    def source_of(self, file: str) -> Source:
        return self.sources.get(file) or Source(f"{file}.yaml", None)

    def label(self, labels: Mapping[str, str] | None, fallback: str, language: str = "en") -> str:
        if not labels:
            return fallback.replace("_", " ")
        return labels.get(language) or labels.get("en") or next(iter(labels.values()))


def shipped() -> list[str]:
    """The names of the editions that come with Hanse, in order."""
    return sorted(str(p.parent.relative_to(SHIPPED)) for p in SHIPPED.glob("*/*/programme.yaml"))


def find(name: str) -> Path:
    """The folder of an edition given by name (`partnerworld/2017`) or by folder. Raises CallError."""
    for folder in (Path(name), SHIPPED / name):
        if (folder / "programme.yaml").is_file():
            return folder
    why = "neither a folder with a programme.yaml nor the name of a shipped edition"
    raise CallError(Problem("EDITION", f"there is no edition {name!r}", why, nearest(name, shipped())))


def load(name: str) -> Edition:
    """Reads an edition by name or folder. Raises CallError if there is none, EditionError if it is malformed."""
    folder = find(name)
    return _Loader(folder).edition()


def content_hash(folder: Path) -> str:
    """SHA-256 over the rules of an edition: its YAML and SQL files without the cases, by name."""
    digest = hashlib.sha256()
    for path in rule_files(folder):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def rule_files(folder: Path) -> Iterator[Path]:
    paths = [*folder.glob("*.yaml"), *folder.glob("metrics/*.sql"), *folder.glob("tables/*.sql")]
    yield from sorted(paths)


class _Loader:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.sources: dict[str, Source] = {}
        shown = folder.relative_to(SHIPPED) if folder.is_relative_to(SHIPPED) else folder
        self.shown = shown.as_posix()

    def edition(self) -> Edition:
        for name in FILES:
            self._read(name)
        self._unknown_files()
        programme = self._one("programme", model.Programme, self._data("programme"), ())
        metrics = self._metrics()
        competencies = None
        if self._data("competencies"):
            competencies = self._one("competencies", model.Competencies, self._data("competencies"), ())
        transition = self._one("transition", model.Transition, self._data("transition"), ())
        benefits = self._each("benefits", model.Benefit)
        results = self._each("results", model.Result)
        levels = dict(self._data("levels"))
        raw_rollup = levels.pop("rollup", None)
        rollup = self._one("levels", model.Rollup, raw_rollup, ("rollup",)) if raw_rollup is not None else None
        classes, tables, sql = self._classes(), self._tables(), self._sql()
        if self.problems or programme is None or transition is None:
            raise EditionError(self.problems)
        edition = Edition(
            folder=self.folder,
            name=f"{programme.programme}/{programme.edition}",
            programme=programme,
            classes=classes,
            metrics=metrics,
            competencies=competencies,
            levels=levels,
            rollup=rollup or programme.rollup,
            benefits=benefits,
            transition=transition,
            results=results,
            tables=tables,
            sql=sql,
            sources=self.sources,
            content_hash=content_hash(self.folder),
        )
        self._names(edition)
        return edition

    def _read(self, name: str) -> None:
        path = self.folder / f"{name}.yaml"
        if not path.exists():
            return
        try:
            read = source.read(path, shown_as=f"{self.shown}/{name}.yaml")
        except EditionError as error:
            self.problems += error.problems
            return
        if read.data is not None and not isinstance(read.data, dict):
            self.problems += read.error(
                (), "the file is not a mapping", "every file of an edition is `key: value` lines", "write it so"
            ).problems
            read.data = {}
        self.sources[name] = read

    def _unknown_files(self) -> None:
        for path in sorted(self.folder.glob("*.y*ml")):
            if path.name not in {f"{n}.yaml" for n in FILES}:
                self.problems.append(
                    Problem(
                        f"{self.shown}/{path.name}",
                        "this file is not part of an edition",
                        "it would be silently ignored",
                        nearest(path.name, [f"{n}.yaml" for n in FILES]),
                    )
                )

    def _data(self, name: str) -> dict[str, Any]:
        return (self.sources[name].data if name in self.sources else None) or {}

    def _one(self, file: str, kind: Any, raw: object, path: Path_) -> Any:
        """Validates one entry; problems are collected and None is returned where there are any."""
        try:
            return TypeAdapter(kind).validate_python(raw)
        except ValidationError as error:
            where = self.sources.get(file) or Source(f"{self.shown}/{file}.yaml", None)
            self.problems += [_problem(where, path, dict(e), kind) for e in error.errors()]
            return None

    def _each(self, file: str, kind: type[BaseModel]) -> dict[str, Any]:
        found = {}
        for name, raw in self._data(file).items():
            entry = self._one(file, kind, raw, (name,))
            if entry is not None:
                found[name] = entry
        return found

    def _metrics(self) -> dict[str, Any]:
        library = source.read(STANDARD).data
        found: dict[str, Any] = {}
        for name, raw in self._data("metrics").items():
            if isinstance(raw, dict):
                raw = dict(raw)
                base = raw.get("use")
                if base is not None and base not in library:
                    self.problems += (
                        self.sources["metrics"]
                        .error(
                            (name, "use"),
                            f"{base!r} is not in the standard library",
                            "`use` starts from a metric of the standard library",
                            nearest(str(base), library),
                        )
                        .problems
                    )
                    continue
                raw = {**library.get(base, {}), **raw}
                raw.setdefault("type", "simple")
            metric = self._one("metrics", model.Metric, raw, (name,))
            if metric is not None:
                found[name] = metric
        return found

    def _classes(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for classification, raw in self._data("countries").items():
            table: dict[str, str] = {}
            if not isinstance(raw, dict):
                self.problems += self.sources["countries"].error(
                    (classification,), f"{raw!r} is not a classification", "it gives each class its countries",
                    f"{classification}: {{class_a: [US, DE], class_b: else}}",
                ).problems  # fmt: skip
                continue
            for name, countries in raw.items():
                if countries == ELSE:
                    table[ELSE] = name
                    continue
                if not isinstance(countries, list):
                    self.problems += self.sources["countries"].error(
                        (classification, name), f"{countries!r} is not a list of countries", "a class has a list, or is `else`",
                        f"{name}: [{countries}]",
                    ).problems  # fmt: skip
                    continue
                for index, country in enumerate(countries):
                    if str(country) in table:
                        self.problems += (
                            self.sources["countries"]
                            .error(
                                (classification, name, index),
                                f"{country} is in two classes",
                                f"it already stands in {table[str(country)]!r}",
                                "keep it in one of the two",
                            )
                            .problems
                        )
                    table[str(country)] = name
            found[classification] = table
        return found

    def _tables(self) -> dict[str, FactTable]:
        tables = dict(CONTRACT)
        for name, raw in self._data("facts").items():
            own = self._one("facts", model.OwnTable, raw, (name,))
            if own is None:
                continue
            columns = tuple(Column(c, spec.type, spec.required, spec.means) for c, spec in own.columns.items())
            if name in CONTRACT:
                base = CONTRACT[name]
                tables[name] = replace(base, columns=base.columns + columns, by_name={})
            else:
                lasts = (own.lasts[0], own.lasts[1]) if own.lasts and len(own.lasts) == 2 else None
                key = {"partner": (Column("partner", "text", True),), "person": (Column("person", "text", True),)}
                given = {c.name for c in columns}
                extra = tuple(c for c in key.get(own.owner, ()) if c.name not in given)
                extra += () if "known" in given else (Column("known", "moment"),)
                tables[name] = FactTable(name, extra + columns, own.owner, own.day, lasts, means=own.means or "")
        return tables

    def _sql(self) -> dict[str, str]:
        found = {}
        for kind in ("metrics", "tables"):
            for path in sorted((self.folder / kind).glob("*.sql")):
                try:
                    found[f"{kind}/{path.stem}"] = path.read_text(encoding="utf-8")
                except UnicodeDecodeError as error:
                    line = path.read_bytes()[: error.start].count(b"\n") + 1
                    place = f"{self.shown}/{kind}/{path.name}:{line}"
                    self.problems.append(Problem(place, "not UTF-8 text", str(error.reason), "save the file as UTF-8"))
        return found

    def _names(self, edition: Edition) -> None:
        """Levels and their requirements must match; SQL files must be declared."""
        for level in edition.levels:
            if level not in edition.programme.levels:
                error = edition.source_of("levels").error(
                    (level,),
                    f"{level!r} is not a level of the programme",
                    "programme.yaml lists the levels in their order",
                    nearest(level, edition.level_names),
                )
                self.problems += error.problems
        for key in edition.sql:
            kind, name = key.split("/")
            if kind == "metrics" and getattr(edition.metrics.get(name), "type", None) != "sql":
                self.problems.append(
                    Problem(
                        f"{self.shown}/{key}.sql",
                        f"metrics.yaml does not declare {name!r}",
                        "a metric in SQL is declared like any other, with `type: sql`",
                        f"add `{name}: {{type: sql}}` to metrics.yaml",
                    )
                )
        self.problems += soundness.problems_of(edition)
        if self.problems:
            raise EditionError(self.problems)


_HINTS = {
    "missing": ("the key {key!r} is missing", "it has no default", "add `{key}: ...`"),
    "model_type": (
        "{input!r} is not an entry",
        "an entry is `key: value` lines",
        "write its keys, see docs/language.md",
    ),
    "model_attributes_type": (
        "{input!r} is not an entry",
        "an entry is `key: value` lines",
        "write its keys, see docs/language.md",
    ),
    "string_pattern_mismatch": (
        "{input!r} is not written as it must be",
        "{msg}",
        "names are lower-case letters, digits and _, beginning with a letter; currencies three capitals",
    ),
}


def _problem(where: Source, path: Path_, error: dict[str, Any], kind: Any) -> Problem:
    """A validation error in our words, at its line."""
    loc = tuple(part for part in error["loc"] if part not in _tags())
    full = (*path, *loc)
    key = str(loc[-1]) if loc else ""
    if error["type"] == "extra_forbidden":
        known = _keys(kind, error["loc"])
        return Problem(where.place(full), f"unknown key {key!r}", "it would be silently ignored", nearest(key, known))
    if error["type"] in ("union_tag_invalid", "literal_error"):
        expected = str(error.get("ctx", {}).get("expected") or error.get("ctx", {}).get("expected_tags") or "")
        names = [e.strip(" '\"") for e in expected.replace(" or ", ",").split(",")]
        given = error.get("ctx", {}).get("tag") or error["input"]
        return Problem(
            where.place(full), f"{given!r} is not known here", "only certain words may stand here",
            nearest(str(given), [n for n in names if n]),
        )  # fmt: skip
    what, why, remedy = _HINTS.get(error["type"], ("{input!r} does not fit", "{msg}", "see docs/language.md"))
    words = {"key": key, "input": _short(error.get("input")), "msg": error["msg"]}
    return Problem(where.place(full), what.format(**words), why.format(**words), remedy.format(**words))


def _short(value: object) -> object:
    text = str(value)
    return value if len(text) < 60 else text[:57] + "..."


def _tags() -> frozenset[str]:
    return frozenset(
        ["simple", "cumulative", "ratio", "derived", "growth", "rank", "points", "weighted_mean", "conversion",
         "replay", "window_day", "held_for", "assignment", "sql"]
    )  # fmt: skip


def _keys(kind: Any, loc: tuple[Any, ...]) -> list[str]:
    """The keys that the model at `loc` allows, by name as authors write them."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        models = [kind]
    else:
        tag = next((part for part in loc if part in _tags()), None)
        union = [m for m in vars(model).values() if isinstance(m, type) and issubclass(m, model.MetricBase)]
        models = [
            m for m in union if tag and "type" in m.model_fields and tag in str(m.model_fields["type"].annotation)
        ]
    for part in loc[:-1]:
        for candidate in models:
            info = candidate.model_fields.get(str(part))
            inner = _model_in(info.annotation) if info else None
            if inner:
                models = [inner]
                break
    return [info.alias or name for m in models for name, info in m.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found:
            return found
    return None
