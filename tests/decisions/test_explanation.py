"""Does an explanation say what is missing, by the shortest way, out of the checks alone?"""

from datetime import date
from typing import Any

import pytest

from hanse.decisions.explanation import as_data, explain, missing
from hanse.decisions.explanation_views import Explanation, Outcome, Partner

DAY = date(2017, 6, 30)


def label(labels: Any, fallback: str) -> str:
    return labels["en"] if labels else fallback


def leaf(name: str) -> dict[str, Any]:
    return {"kind": "leaf", "requirement": name, "of": "metric", "label": {"en": name.upper()}}


def tree(kind: str, *parts: Any, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "parts": [leaf(p) if isinstance(p, str) else p for p in parts], **more}


def check(subject: str, requirement: str, met: bool, **more: Any) -> dict[str, Any]:
    row = {
        "partner": "P",
        "subject": subject,
        "requirement": requirement,
        "metric": requirement,
        "actual": 1.0,
        "needed": 2.0,
        "met": met,
        "clause": "c 1",
        "comparison": "at_least",
        "note": None,
    }
    return row | more


def outline(**trees: Any) -> dict[str, Any]:
    return {
        "edition": "test/1",
        "title": {"en": "Test"},
        "depths": {"specialist": None, "expert": {"en": "Expert"}},
        "competency": None,
        "levels": [
            {"level": n, "label": {"en": n.title()}, "asks": bool(t["parts"]), "retired": False, "tree": t}
            for n, t in trees.items()
        ],
        "competencies": {"security": {"en": "Security"}, "cloud": {"en": "Cloud"}},
        "competency_asks": ["a", "b"],
        "metrics": {"a": {"label": {"en": "metric a"}, "unit": "people", "kind": "number", "table": "certifications"}},
        "benefits": {"vouchers": {"en": "vouchers"}},
        "results": {"mark": {"label": None, "metric": "a"}},
        "assignments": ["staffed"],
    }


def told(checks: list[dict[str, Any]], trees: dict[str, Any], level: str, **more: Any) -> Explanation:
    standing = {
        "level": level,
        "granted": level,
        "expected": level,
        "awaiting": None,
        "path": None,
        "status": "active",
        "granted_from": DAY,
        "granted_until": None,
    }
    standing |= more.pop("standing", {})
    outcome = Outcome(Partner("P"), DAY, DAY, None, outline(**trees), standings=[standing], checks=checks, **more)
    return explain(outcome, label)


LADDER = {
    "registered": tree("all"),
    "silver": tree("all", "a"),
    "gold": tree("all", "a", "b", "c"),
    "platinum": tree("all", "d"),
}


def test_levels_above_the_achieved_one_come_with_what_they_lack() -> None:
    checks = [
        check("silver", "a", True),
        check("gold", "a", True),
        check("gold", "b", False),
        check("gold", "c", True),
        check("platinum", "d", False),
    ]
    answer = told(checks, LADDER, "silver")
    assert [(v.level, v.missing, v.of) for v in answer.next] == [("gold", ("b",), 3), ("platinum", ("d",), 1)]
    assert answer.own is not None
    assert (answer.own.level, answer.level_label) == ("silver", "Silver")
    assert [a.requirement.label for a in answer.next[0].requirements] == ["A", "B", "C"]


def test_the_top_level_has_nothing_above_it() -> None:
    assert told([check("platinum", "d", True)], LADDER, "platinum").next == ()


def test_a_level_below_the_lowest_is_no_level() -> None:
    answer = told([], LADDER, "nothing", standing={"level": None, "granted": None, "expected": None})
    assert answer.level_label is None
    assert [v.level for v in answer.next] == ["silver", "gold", "platinum"]


@pytest.mark.parametrize(
    ("node", "met", "lacks", "of"),
    [
        (tree("all", "a", "b"), {"a"}, ["b"], 2),
        (tree("any", "a", "b"), set(), ["a"], 1),
        (tree("any", tree("all", "a", "b"), "c"), {"a"}, ["b"], 2),
        (tree("any", tree("all", "a", "b"), "c"), set(), ["c"], 1),
        (tree("n", "a", "b", "c", n=2), {"c"}, ["a"], 2),
        (tree("none", "a", "b"), {"a"}, ["a"], 2),
        (tree("none", "a", "b"), set(), [], 2),
        (tree("when", "a", tree("all", "b", "c"), test="x > 1"), {"b"}, ["a"], 1),
    ],
)
def test_the_shortest_way(node: dict[str, Any], met: set[str], lacks: list[str], of: int) -> None:
    names = {"a", "b", "c"}
    found, whole = missing(node, {n: n in met for n in names}, {})
    assert (found, len(whole)) == (lacks, of)


def test_a_prerequisite_level_brings_its_own_requirements() -> None:
    trees = {
        "silver": tree("all", "a", "b"),
        "gold": {"kind": "all", "parts": [{"kind": "level", "level": "silver", "parts": []}, leaf("c")]},
    }
    checks = [check("silver", "a", True), check("silver", "b", False), check("gold", "c", True)]
    answer = told(checks, trees, "none", standing={"level": None})
    gold = answer.next[-1]
    assert gold.missing == ("b",)
    assert [(a.requirement.requirement, a.under) for a in gold.requirements] == [
        ("a", ("level:silver",)),
        ("b", ("level:silver",)),
        ("c", ()),
    ]


def test_ways_stand_under_their_names() -> None:
    gold = tree("any", tree("all", "a", name="revenue"), tree("all", "b", name="training"))
    answer = told([check("gold", "a", False), check("gold", "b", False)], {"gold": gold}, "x", standing={"level": None})
    assert [a.under for a in answer.next[0].requirements] == [
        ("any", "path:revenue"),
        ("any", "path:training"),
    ]


@pytest.mark.parametrize(
    ("actual", "needed", "comparison", "short"),
    [
        (5.0, 6.0, "at_least", 1.0),
        (6.0, 6.0, "at_least", None),
        (9.0, 4.0, "at_most", 5.0),
        (None, 3.0, "at_least", None),
        (2.0, 3.0, "above", 1.0),
        (1.0, None, "is", None),
    ],
)
def test_how_much_is_missing(actual: float, needed: float, comparison: str, short: float | None) -> None:
    checks = [check("silver", "a", False, actual=actual, needed=needed, comparison=comparison)]
    answer = told(checks, LADDER, "registered")
    assert answer.next[0].requirements[0].requirement.short_by == short


def test_competencies_held_come_before_those_nearly_held() -> None:
    checks = [
        check("cloud/specialist", "a", True),
        check("security/specialist", "a", False),
        check("security/specialist", "b", True),
        check("cloud/expert", "a", False),
    ]
    held = [{"competency": "cloud", "held": True, "since": DAY, "depth": "specialist"}]
    answer = told(checks, LADDER, "registered", competencies=held)
    assert [(c.label, c.depth, c.held) for c in answer.competencies] == [
        ("Cloud", "specialist", True),
        ("Security", "specialist", False),
        ("Cloud", "expert", False),
    ]
    assert [r.requirement for r in answer.competencies[1].requirements if not r.met] == ["a"]


def test_the_depth_held_hides_what_a_lower_depth_lacks() -> None:
    held = [{"competency": "cloud", "held": True, "since": DAY, "depth": "expert"}]
    answer = told([check("cloud/specialist", "a", False)], LADDER, "registered", competencies=held)
    assert [(c.depth, c.held) for c in answer.competencies] == [("expert", True)]


def test_people_put_forward_are_told_by_competency_and_other_results_by_name() -> None:
    row = {"partner": "P", "number": None, "text": None, "on": None}
    results = [
        row | {"result": "staffed", "subject": "ann", "text": "security (am)"},
        row | {"result": "mark", "subject": "cloud", "number": 3.0},
    ]
    answer = told([], LADDER, "registered", results=results)
    assert answer.assignments == {"Security (am)": ("ann",)}
    assert [(r.label, r.subject, r.value) for r in answer.results] == [("metric a", "Cloud", 3.0)]


def test_without_a_standing_the_partner_is_still_told() -> None:
    outcome = Outcome(Partner("P", left=DAY, standing="left"), DAY, DAY, None, outline(**LADDER))
    answer = explain(outcome, label)
    assert (answer.level, answer.partner.standing, answer.next) == (None, "left", ())


def test_an_explanation_is_plain_data() -> None:
    data = as_data(told([check("silver", "a", False, note="waived")], LADDER, "registered"))
    assert data["as_of"] == "2017-06-30"
    assert data["next"][0]["requirements"][0]["requirement"]["note"] == "waived"
    assert data["facts"] is None
