"""The parts of the schema that no model says: values, windows, requirements of every kind, and cases.

The compiler reads these from the YAML itself, so that it can name the line of what is wrong.
"""

from __future__ import annotations

from typing import Any

from hanse.language import model
from hanse.language.conditions import OPERATORS
from hanse.language.facts import CONTRACT, FactTable

Schema = dict[str, Any]
NAMES: Schema = {"pattern": model.NAME}
NAME: Schema = {"type": "string", "pattern": model.NAME}
DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
TEXT: Schema = {"type": ["string", "number", "boolean"]}
STANDING = (
    "level",
    "granted",
    "expected",
    "path",
    "awaiting",
    "held",
    "granted_from",
    "granted_until",
    "status",
)
_NUMBER = r"^[-+]?\d[\d_ ]*(\.\d+)?(\s*/\s*\d[\d_]*(\.\d+)?)?\s*(%|[A-Z]{3})?$"
_AMOUNTS = "a number, 40/6, 200_000 USD, 70 %, a table by class, or a list of versions by date"


def ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def an_object(properties: Schema, required: list[str] | None = None, **more: Any) -> Schema:
    """An object with these keys and no others, unless `more` says which."""
    made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return made | ({"required": required} if required else {}) | more


def a_list(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def named(items: Schema) -> Schema:
    """An object whose keys are names."""
    return {"type": "object", "propertyNames": NAMES, "additionalProperties": items}


# -- values, windows, cadences -----------------------------------------------------------------------------


def values() -> Schema:
    """The forms in which a number, a window or a rhythm may be written."""
    remarks = {"clause": TEXT, "source": TEXT, "note": TEXT, "invented": TEXT}
    version = an_object({"from": DAY, "until": DAY, "is": ref("Value"), **remarks}, ["is"])
    count: Schema = {"type": "integer", "minimum": 0}
    earlier: Schema = {"type": "integer"}
    shift = an_object({"months": earlier, "days": earlier})
    trailing = an_object(
        {"months": count, "days": count, "whole": {"type": "boolean"}, "inclusive": {"type": "boolean"}}
    )
    fixed = an_object({"from": DAY, "until": DAY})
    ending = an_object({"trailing": ref("Window"), "ending": shift}, ["trailing"])
    reviews = an_object({"at": a_list({"type": "string", "pattern": r"^\d{2}-\d{2}$"})}, ["at"])
    rhythms = ["at_once", "never", "monthly", "quarterly", "half_yearly", "yearly", "anniversary"]
    return {
        "Value": {
            "description": _AMOUNTS,
            "anyOf": [
                {"type": "number"},
                {"type": "string", "pattern": _NUMBER},
                a_list(version, minItems=1, description="versions by date"),
                {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": ref("Value"),
                    "description": "a table by class",
                },
            ],
        },
        "Window": {
            "description": "12 months, 4 closed quarters, calendar year, anniversary year ..., or a mapping",
            "anyOf": [{"type": "string"}, trailing, fixed, ending],
        },
        "Cadence": {"anyOf": [{"enum": rhythms}, reviews]},
    }


# -- requirements ------------------------------------------------------------------------------------------


_LABEL: Schema = {"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]}
_SUSPENDED = an_object({"from": DAY, "until": DAY, "reason": TEXT, "countries": a_list(TEXT), "clause": TEXT})
_REMARKS: Schema = {
    **dict.fromkeys(("clause", "name", "source", "note", "invented"), TEXT),
    "label": _LABEL,
    "from": DAY,
    "until": DAY,
    "suspended": a_list(_SUSPENDED),
}
_COMPARED: Schema = {
    **{word: ref("Value") for word in OPERATORS},
    "equals": {"anyOf": [ref("Value"), TEXT]},
    "between": a_list(ref("Value"), minItems=2, maxItems=2),
    "is": {"type": "boolean"},
}
_NEEDS = {"when": ["then"], "then": ["when"], "else": ["when"], "depth": ["competency"], "kind": ["human"]}


def requirements() -> Schema:
    """A requirement of any kind, a comparison, and the file of levels."""
    comparison: Schema = {
        "description": "a metric held against a number; a bare number means at_least",
        "anyOf": [
            {"type": "boolean"},
            {"type": "number"},
            {"type": "string", "pattern": _NUMBER},
            an_object({**_COMPARED, **_REMARKS}, anyOf=[{"required": [word]} for word in _COMPARED]),
        ],
    }
    said = "all_of, any_of, none_of, n_of, paths, every, human, competency, level, when, or a metric compared"
    requirement: Schema = {
        "type": "object",
        "description": said,
        "properties": _kinds() | _REMARKS,
        "propertyNames": NAMES,
        "additionalProperties": ref("Comparison"),
        "dependentRequired": _NEEDS,
    }
    levels: Schema = {
        "type": ["object", "null"],
        "properties": {"rollup": ref("Rollup")},
        "propertyNames": NAMES,
        "additionalProperties": {"anyOf": [ref("Requirement"), {"type": "null"}]},
    }
    return {"Comparison": comparison, "Requirement": requirement, "levels": levels}


def _kinds() -> Schema:
    """The words that make a requirement something else than a comparison."""
    some = a_list(ref("Requirement"))
    return {
        "all_of": some,
        "any_of": some,
        "none_of": some,
        "n_of": an_object({"n": {"type": "integer", "minimum": 0}, "of": some}, ["n", "of"]),
        "paths": {"type": "object", "additionalProperties": ref("Requirement"), "minProperties": 1},
        "every": an_object({"of": a_list(NAME), **_COMPARED, **_REMARKS}, ["of"]),
        "human": {**TEXT, "description": "what a person grants: an attestation of this name"},
        "kind": {**TEXT, "description": "narrows `human`"},
        "level": {**TEXT, "description": "a lower level, or what narrows `human`"},
        "competency": NAME,
        "depth": NAME,
        "when": {"type": ["string", "boolean"], "description": "an expression; then `then` is asked"},
        "then": ref("Requirement"),
        "else": ref("Requirement"),
    }


# -- countries and cases -----------------------------------------------------------------------------------


def countries() -> Schema:
    """Classifications of countries: class by class, or `else` for all others."""
    members = {"anyOf": [a_list({"type": "string", "pattern": "^[A-Z]{2}$"}), {"const": "else"}]}
    return {
        "countries": {
            "type": ["object", "null"],
            "propertyNames": NAMES,
            "additionalProperties": named(members),
        }
    }


def cases() -> Schema:
    """The edition's own tests. Tables and columns of the contract are completed, others let pass."""
    tables = {name: {"anyOf": [a_list(_row(table)), {"type": "null"}]} for name, table in CONTRACT.items()}
    days: Schema = {"as_of": DAY, "rules_as_of": DAY, "known_at": {"type": "string"}}
    expect = {"type": "object", "additionalProperties": {"anyOf": [_expected(), {"type": "null"}]}}
    check = an_object({**days, "expect": expect})
    remarks: Schema = {"source": TEXT, "note": TEXT, "basis": TEXT, "invented": TEXT}
    case = an_object(
        {
            "id": TEXT,
            "says": TEXT,
            **days,
            "tolerance": ref("Value"),
            "facts": {
                "type": "object",
                "properties": tables,
                "additionalProperties": a_list({"type": "object"}),
            },
            "expect": expect,
            "checks": a_list(check, minItems=1),
            **remarks,
        },
        ["id", "says", "facts"],
        anyOf=[{"required": ["expect"]}, {"required": ["checks"]}],
    )
    return {"Case": case, "cases": {"anyOf": [a_list(ref("Case")), {"type": "null"}]}}


def _row(table: FactTable) -> Schema:
    """A row of facts: days are days (or hold {n} of `repeat`), everything else is one value."""
    day = {"anyOf": [{"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$|\{n\}"}, {"type": "null"}]}
    single = {"type": ["string", "number", "boolean", "null"]}
    columns: Schema = {column.name: day if column.type == "day" else single for column in table.columns}
    repeat: Schema = {
        "type": "integer",
        "minimum": 0,
        "description": "so many rows; {n} in a text counts from 1",
    }
    return {"type": "object", "properties": {**columns, "repeat": repeat}}


def _expected() -> Schema:
    single: Schema = {"type": ["string", "number", "boolean", "null"]}
    by_key = {"anyOf": [single, {"type": "object", "additionalProperties": single}]}
    table = {"type": "object", "additionalProperties": by_key}
    return an_object(
        {
            **dict.fromkeys(STANDING, single),
            "tolerance": ref("Value"),
            "metrics": table,
            "results": table,
            "benefits": {"type": "object", "additionalProperties": single},
            "competencies": {"type": "object", "additionalProperties": single},
            "requirements": {
                "type": "object",
                "additionalProperties": {"type": "object", "additionalProperties": {"type": "boolean"}},
            },
            "missing": {"type": "object", "additionalProperties": a_list(TEXT)},
        }
    )
