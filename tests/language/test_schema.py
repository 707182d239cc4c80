"""Does the committed JSON Schema say what the models say, take every shipped file, and refuse broken ones?"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hanse.engines import cases
from hanse.language import schema, schema_parts
from hanse.language.edition import SHIPPED
from hanse.language.problems import CallError
from hanse.language.source import parse, read

WHOLE = schema.schema()
SHIPPED_FILES = sorted([*SHIPPED.glob("*/*/*.yaml"), *SHIPPED.glob("*/*/cases/*.yaml")])


def kind_of(path: Path) -> str:
    return "cases" if path.parent.name == "cases" else path.stem


def plain(value: Any) -> Any:
    """YAML as an editor hands it to a schema: days are texts."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def remarks(file: str, data: Any) -> list[str]:
    """What the schema says against a file."""
    validator = Draft202012Validator({"$ref": f"#/$defs/{file}", "$defs": WHOLE["$defs"]})
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(plain(data))]


def test_the_committed_schema_is_current() -> None:
    assert schema.WRITTEN.read_text(encoding="utf-8") == schema.text(), "run make schema"


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(WHOLE)
    for file in schema.FILES:
        Draft202012Validator.check_schema(schema.schema_of(file))


def test_nothing_refers_to_what_is_not_there() -> None:
    referred = {line.split('"')[3] for line in schema.text().splitlines() if '"$ref"' in line}
    assert {name.removeprefix("#/$defs/") for name in referred} <= set(WHOLE["$defs"])


@pytest.mark.parametrize("path", SHIPPED_FILES, ids=lambda path: path.relative_to(SHIPPED).as_posix())
def test_every_shipped_file_is_valid(path: Path) -> None:
    assert remarks(kind_of(path), read(path).data) == []


@pytest.mark.parametrize(
    ("file", "broken"),
    [
        ("programme", "programme: p\nedition: 1\n"),
        ("programme", "programme: Two Words\nedition: 1\ntitle: P\n"),
        ("programme", "programme: p\nedition: 1\ntitle: P\nin_force: tomorrow\n"),
        ("programme", "programme: p\nedition: 1\ntitle: P\nlife: {up: sometimes}\n"),
        ("countries", "country_class: {class_a: [Germany]}"),
        ("facts", "visits: {columns: {partner: {type: word, means: whose}}}"),
        ("metrics", "revenue: {tabel: sales}"),
        ("metrics", "revenue: {use: revenu}"),
        ("metrics", "revenue: {type: guess}"),
        ("metrics", "share: {type: ratio, numerator: a}"),
        ("metrics", "revenue: {table: sales, window: {month: 12}}"),
        ("competencies", "competencies: {security: {area: infrastructure}}"),
        ("competencies", "{requirements: {all_of: {revenue: 7}}, competencies: {}}"),
        (
            "competencies",
            "{requirements: {expert: {all_of: [{revenue: {at_least: lots}}]}}, competencies: {}}",
        ),
        ("levels", "gold: {all_of: {revenue: 7}}"),
        ("levels", "gold: {revenue: {atleast: 7}}"),
        ("levels", "gold: {revenue: {at_least: lots}}"),
        ("levels", "gold: {revenue: {clause: guide}}"),
        ("levels", "gold: {n_of: {of: [{revenue: 7}]}}"),
        ("levels", "gold: {when: a > 1}"),
        ("levels", "gold: {any_of: [{all_of: [{none_of: [{revenue: {between: [1]}}]}]}]}"),
        ("benefits", "vouchers: {unit: voucher}"),
        ("transition", "credits: [{certificate: OLD}]"),
        ("results", "score: {measure: total}"),
        ("cases", "- {id: a, says: b, expect: {P: {level: gold}}}"),
        ("cases", "- {id: a, says: b, facts: {}, expect: {P: {levle: gold}}}"),
        ("cases", "- {id: a, says: b, facts: {sales: [{partner: P, on: soon}]}, expect: {}}"),
    ],
)
def test_a_broken_file_is_not(file: str, broken: str) -> None:
    assert remarks(file, parse(broken, f"{file}.yaml").data)


def test_every_kind_of_requirement_is_known() -> None:
    written = """
    gold:
      all_of:
        - revenue: {at_least: {class_a: 200_000 USD, else: 1/3}, clause: a, from: 2017-01-01}
        - revenue: [{until: 2017-01-01, is: 5}, {from: 2017-01-02, is: 70 %}]
        - growth: 7.5
        - any_of: [{good: true}, {none_of: [{bad: {is: true}}]}]
        - n_of: {n: 2, of: [{a: 1}, {b: {between: [1, 2]}}, {c: {equals: word}}]}
        - every: {of: [a, b], above: 0}
        - {human: review, kind: audit, level: 2, name: the_review}
        - {competency: security, depth: expert}
        - {level: silver}
        - {when: "a > 1", then: {b: 1}, else: {paths: {one: {a: 1}, two: {all_of: []}}}}
      suspended: [{from: 2020-01-01, until: 2020-12-31, reason: flood, countries: [DE]}]
    """
    data = parse(written, "levels.yaml").data
    data["gold"]["all_of"][1] = {"revenue": {"at_least": data["gold"]["all_of"][1]["revenue"]}}
    assert remarks("levels", data) == []


def test_what_a_case_may_expect_is_what_cases_compare() -> None:
    known = WHOLE["$defs"]["Case"]["properties"]["expect"]["additionalProperties"]["anyOf"][0]["properties"]
    assert set(known) == cases._EXPECT
    assert schema_parts.STANDING == cases._STANDING


def test_the_schema_of_one_file_stands_alone() -> None:
    alone = schema.schema_of("levels")
    assert list(Draft202012Validator(alone).iter_errors({"gold": {"all_of": 3}}))
    assert not list(Draft202012Validator(alone).iter_errors(json.loads('{"gold": {"a": 3}}')))
    with pytest.raises(CallError, match="levels"):
        schema.schema_of("level")
