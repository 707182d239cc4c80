"""The JSON Schema of an edition's files, made from their models, so that editors complete and check them.

One document: each file has its schema under `$defs` (`programme`, `metrics`, `cases` ...), one requirement
schema holds every kind of node. It says what form a file has; whether names refer to something, `hanse check`
says. Run as a module it writes `edition.schema.json` beside this file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from hanse.language import model
from hanse.language.conditions import TREES
from hanse.language.edition import STANDARD
from hanse.language.problems import CallError, Problem, nearest
from hanse.language.schema_parts import NAMES, Schema, cases, countries, ref, requirements, values
from hanse.language.source import read

WRITTEN = Path(__file__).resolve().parent / "edition.schema.json"
FILES = (
    "programme", "countries", "facts", "metrics", "competencies", "levels", "benefits", "transition",
    "results", "cases",
)  # fmt: skip
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MODELS = (
    model.Programme,
    model.Rollup,
    model.Competencies,
    model.Benefit,
    model.Transition,
    model.Result,
    model.OwnTable,
)
_BY_NAME = {"benefits": "Benefit", "results": "Result", "facts": "OwnTable", "metrics": "Metric"}
_PARTS = {"a number, 40/6": "Value"}  # how a description begins, and the definition that says it better
_SAME_FORM = {"window": "Window", "period": "Window", "up": "Cadence", "down": "Cadence"}


def schema() -> Schema:
    """The whole document: any one file is valid against it; each file's own schema is `#/$defs/<file>`."""
    defs = _models() | values() | requirements() | countries() | cases()
    defs |= {file: _keyed(ref(entry)) for file, entry in _BY_NAME.items()}
    return {
        "$schema": _DIALECT,
        "title": "A file of an edition of a partner programme",
        "description": f"Point an editor at #/$defs/<file>, one of {', '.join(FILES)}.",
        "anyOf": [ref(file) for file in FILES],
        "$defs": {name: defs[name] for name in (*FILES, *sorted(set(defs) - set(FILES)))},
    }


def schema_of(file: str) -> Schema:
    """The schema of one file, complete in itself. Raises CallError where there is no such file."""
    if file not in FILES:
        why = "an edition has other files, and only these have a schema"
        raise CallError(Problem("--file", f"{file!r} is not a file of an edition", why, nearest(file, FILES)))
    shared = {name: part for name, part in schema()["$defs"].items() if name == file or name not in FILES}
    return {"$schema": _DIALECT, "title": f"{file}.yaml of an edition", **ref(file), "$defs": shared}


def text() -> str:
    """The document as it is committed: the same models give the same text."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _keyed(entry: Schema) -> Schema:
    """A file whose keys are names; it may be empty."""
    return {"type": ["object", "null"], "propertyNames": NAMES, "additionalProperties": entry}


def _models() -> Schema:
    """The definitions of all models, shaped for YAML as authors write it."""
    _, made = models_json_schema([(kind, "validation") for kind in _MODELS], by_alias=True)
    metrics = TypeAdapter(model.Metric).json_schema(by_alias=True)
    defs: Schema = {name: _tidy(part) for name, part in (made["$defs"] | metrics["$defs"]).items()}
    for name in ("Programme", "Competencies", "Transition"):
        defs[name.lower()] = defs.pop(name)
    for kind in ("competencies", "Competency"):
        defs[kind]["properties"]["requirements"] = _by_depth()
    defs["Benefit"]["properties"]["quantity"] = {"anyOf": [ref("Value"), _quantity_of_metric()]}
    defs["Simple"]["required"] = []
    defs["Simple"]["anyOf"] = [{"required": ["table"]}, {"required": ["use"]}]
    for kind in metrics["discriminator"]["mapping"].values():
        defs[kind.rpartition("/")[2]]["properties"]["use"] = {"enum": list(read(STANDARD).data)}
    defs["Metric"] = _metric(metrics["discriminator"]["mapping"])
    return defs


def _by_depth() -> Schema:
    """Requirements of a competency: directly, or by depth."""
    no_word = {**NAMES, "not": {"enum": sorted(TREES)}}
    depths = {"type": "object", "propertyNames": no_word, "additionalProperties": ref("Requirement")}
    return {"anyOf": [ref("Requirement"), depths, {"type": "null"}]}


def _quantity_of_metric() -> Schema:
    return {
        "type": "object",
        "properties": {"metric": {"type": "string"}},
        "required": ["metric"],
        "additionalProperties": False,
    }


def _metric(kinds: dict[str, str]) -> Schema:
    """A metric is of the kind that its `type` says; without one it is simple."""
    told = {kind: {"properties": {"type": {"const": kind}}, "required": ["type"]} for kind in kinds}
    rules = [{"if": told[kind], "then": {"$ref": place}} for kind, place in kinds.items()]
    rules.append({"if": {"not": {"required": ["type"]}}, "then": ref("Simple")})
    return {"type": "object", "properties": {"type": {"enum": list(kinds)}}, "allOf": rules}


def _tidy(part: Any, key: str = "") -> Any:
    """A model's schema for YAML: without titles, which repeat the keys; texts may look like numbers."""
    if isinstance(part, list):
        return [_tidy(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    for begins, better in _PARTS.items():
        if str(part.get("description", "")).startswith(begins):
            return ref(better)
    if key in _SAME_FORM and "anyOf" in part:
        return ref(_SAME_FORM[key])
    properties = {name: _tidy(inner, name) for name, inner in part.get("properties", {}).items()}
    kept = {k: _tidy(v) for k, v in part.items() if k not in ("title", "default", "properties")}
    if str(kept.get("description", "")).startswith("Anything an author writes"):
        del kept["description"]
    if kept.get("type") == "string" and not {"pattern", "format", "enum", "const"} & set(kept):
        kept["type"] = ["string", "number", "boolean"]
    if kept.get("format") == "date":
        kept = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    if len(kept.get("patternProperties", {})) == 1:
        kept["additionalProperties"] = False
    return ({"properties": properties} if "properties" in part else {}) | kept


if __name__ == "__main__":
    WRITTEN.write_text(text(), encoding="utf-8")
