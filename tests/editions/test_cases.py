"""Every shipped edition does what its own cases say, and the 94 published cases are all among them, once each."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hanse.engines import cases
from hanse.language import edition as editions

SHIPPED = editions.shipped()
PUBLISHED = (Path(__file__).parent / "published_ids.txt").read_text(encoding="utf-8").split()
COMMON = {"true", "false", "metrics", "levels", "competencies", "requirements", "all_of", "any_of", "paths", "number"}


@cache
def cases_of(name: str) -> tuple[editions.Edition, dict[tuple[str, str], list[cases.Case]]]:
    """An edition, and its cases by file and id (a case that judges several days is several)."""
    loaded = editions.load(name)
    found: dict[tuple[str, str], list[cases.Case]] = {}
    for case in cases.cases_of(loaded):
        found.setdefault((Path(case.source.file).stem, case.id), []).append(case)
    return loaded, found


@pytest.mark.parametrize(("name", "case"), [(n, key) for n in SHIPPED for key in cases_of(n)[1]], ids=str)
def test_a_case_of_an_edition_holds(name: str, case: tuple[str, str]) -> None:
    loaded, found = cases_of(name)
    differences = [d for check in found[case] for d in cases.run(loaded, check).differences]
    assert not differences


@pytest.mark.parametrize("name", SHIPPED)
def test_an_edition_has_cases(name: str) -> None:
    assert cases_of(name)[1]


def test_every_published_case_stands_exactly_once() -> None:
    assert len(PUBLISHED) == len(set(PUBLISHED)) == 94
    places = {(c.id, c.source.file, c.path) for n in SHIPPED for listed in cases_of(n)[1].values() for c in listed}
    found = Counter(case_id for case_id, _, _ in places)
    missing = [i for i in PUBLISHED if found[i] == 0]
    twice = [i for i in PUBLISHED if found[i] > 1]
    assert (missing, twice) == ([], [])


@pytest.mark.parametrize("name", SHIPPED)
def test_an_edition_says_what_it_is_and_what_is_invented(name: str) -> None:
    """README.md is there, and names the subject of every entry that is marked as invented."""
    loaded = editions.load(name)
    readme = loaded.folder / "README.md"
    assert readme.is_file(), f"{name} has no README.md"
    text = readme.read_text(encoding="utf-8").lower()
    unnamed = []
    for file, read in loaded.sources.items():
        for path in marked(read.data):
            if not (words_of(file, path, read.data) & set(re.findall(r"[a-z0-9]+", text))):
                unnamed.append(f"{read.place(path)}: {'/'.join(map(str, path))}")
    assert not unnamed, f"README.md of {name} does not name what is invented there"
    said = {"invented", "marked"} & set(re.findall(r"[a-z]+", text))
    assert said or not any(marked(r.data) for r in loaded.sources.values())


def marked(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of the entries that carry `invented`."""
    found = [path] if isinstance(data, dict) and data.get("invented") else []
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return found + [p for key, inner in parts for p in marked(inner, (*path, key))]


def words_of(file: str, path: tuple[str | int, ...], data: Any) -> set[str]:
    """The words by which a reader would look for an entry: its names, its label, what the mark itself says."""
    entry = data
    for key in path:
        entry = entry[key]
    names = [str(k) for k in path if isinstance(k, str)]
    names += [str(k) for k in entry if k not in ("clause", "source", "note")]
    names += [str(entry["invented"])] if isinstance(entry["invented"], str) else []
    label = entry.get("label") or entry.get("name")
    names += [str(label.get("en")) if isinstance(label, dict) else str(label)] if label else []
    names += [file] if not path else []
    return {w for n in names if n not in COMMON for w in re.findall(r"[a-z0-9]+", n.lower()) if len(w) > 3} - COMMON


def shown_metrics(edition: editions.Edition) -> set[str]:
    """The metrics that people meet: those that requirements compare and results show, and any that has a label."""
    words = {name for name, m in edition.metrics.items() if m.label}
    waiting: list[object] = [edition.levels, *(r.metric for r in edition.results.values())]
    if edition.competencies:
        waiting += [
            edition.competencies.requirements,
            *(c.requirements for c in edition.competencies.competencies.values()),
        ]
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, dict):
            words |= set(entry)
            waiting += entry.values()
        elif isinstance(entry, list):
            waiting += entry
        elif isinstance(entry, str):
            words.add(entry)
    return words & set(edition.metrics)


@pytest.mark.parametrize("name", SHIPPED)
def test_everything_with_a_name_for_people_has_a_french_one(name: str) -> None:
    loaded = editions.load(name)
    named = {"title": loaded.programme.title}
    named |= {f"level {k}": v for k, v in loaded.programme.levels.items()}
    named |= {f"metric {k}": loaded.metrics[k].label for k in shown_metrics(loaded)}
    named |= {f"benefit {k}": b.label for k, b in loaded.benefits.items()}
    named |= {f"result {k}": r.label for k, r in loaded.results.items() if r.label}
    listed = loaded.competencies.competencies if loaded.competencies else {}
    named |= {f"competency {k}": c.name for k, c in listed.items()}
    without = [k for k, label in named.items() if not (label or {}).get("fr")]
    assert not without
