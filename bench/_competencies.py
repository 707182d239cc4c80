"""Which 44 competencies has the programme of the benchmarks? Writes `edition/competencies.yaml` anew.

Every competency has four certificates of its own and counts one of each of its two neighbours too, as real
programmes do; its people, references and revenue are asked by class of country, with numbers of its own.
"""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).parent / "edition" / "competencies.yaml"
AREAS = {
    "cloud": ["platform", "migration", "managed_services", "storage", "networking", "cost_control"],
    "security": ["identity", "endpoints", "response", "governance", "encryption"],
    "data": ["warehousing", "integration", "analytics", "planning", "quality", "streaming"],
    "cognitive": ["assistants", "discovery", "decisions", "vision"],
    "applications": ["modernisation", "mobile", "commerce", "content", "testing", "integration_services"],
    "systems": ["servers", "mainframe", "arrays", "backup", "high_availability"],
    "operations": ["monitoring", "automation", "service_desk", "assets"],
    "industry": [
        "banking",
        "insurance",
        "retail",
        "health",
        "public_sector",
        "energy",
        "telecoms",
        "transport",
    ],
}
CLASSES = ("class_a", "class_b", "class_c", "class_d")
PEOPLE = (2, 2, 1, 1)
REFERENCES = (1, 1, 1, 1)
REVENUE = (20_000, 16_000, 12_000, 8_000)  # USD in twelve months
_HEAD = """\
# The 44 competencies. Written by `python bench/_competencies.py`; all names and numbers are invented.
label: {en: competency, fr: compétence}

requirements:
  all_of:
"""


def by_class(numbers: tuple[int, ...], unit: str = "") -> str:
    """A table by class of country, as YAML."""
    return "{" + ", ".join(f"{c}: {n:_}{unit}" for c, n in zip(CLASSES, numbers, strict=True)) + "}"


def names() -> list[tuple[str, str]]:
    """Area and name of every competency."""
    return [(area, f"{area}_{name}") for area, listed in AREAS.items() for name in listed]


def certificates(name: str) -> list[str]:
    """A competency's own certificates: three for technical people, one for sales people."""
    return [f"{name}-1", f"{name}-2", f"{name}-3", f"{name}-sales"]


def entry(number: int, area: str, name: str, neighbours: tuple[str, str]) -> str:
    """One competency, whose numbers differ a little from its neighbours'."""
    counted = [*certificates(name), *(f"{other}-1" for other in neighbours)]
    people = tuple(p + (number % 11 == 0) for p in PEOPLE)
    references = tuple(r + (number % 7 == 0) for r in REFERENCES)
    revenue = tuple(r * (4 + number % 5) // 5 for r in REVENUE)
    title = name.replace("_", " ")
    return f"""\
  {name}:
    name: {{en: {title}, fr: {title}}}
    area: {area}
    counts: {{certificate: [{", ".join(counted)}], solution: [{name}-core, {name}-plus]}}
    thresholds:
      competency_people: {by_class(people)}
      competency_references: {by_class(references)}
      competency_revenue: {by_class(revenue, " USD")}
"""


def text() -> str:
    """The whole file."""
    listed = names()
    head = _HEAD
    for clause, (metric, numbers, unit) in enumerate(
        (("people", PEOPLE, ""), ("references", REFERENCES, ""), ("revenue", REVENUE, " USD")), start=1
    ):
        head += f'    - competency_{metric}: {{at_least: {by_class(numbers, unit)}, clause: "1.{clause}"}}\n'
    entries = [
        entry(i, area, name, (listed[i - 1][1], listed[(i + 1) % len(listed)][1]))
        for i, (area, name) in enumerate(listed)
    ]
    return head + "\ncompetencies:\n" + "".join(entries)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
