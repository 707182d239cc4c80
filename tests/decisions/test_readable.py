"""Does every shipped edition read, in both languages, without a raw name, and with every link leading somewhere?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hanse.decisions.difference import ADDED, CHANGED, REMOVED, difference
from hanse.decisions.naming import names_of
from hanse.decisions.phrasing import phrase
from hanse.decisions.readable import Readable, changing_days, read
from hanse.language.edition import Edition, load, shipped
from hanse.language.words import LANGUAGES, Words

RAW = re.compile(r"[A-Za-z0-9]_[A-Za-z0-9]|\{\w*\}|\bNone\b")
EDITIONS = {name: load(name) for name in shipped()}
KEYS = {"name", "anchor", "counts_at", "key", "level", "kind"}  # what leads somewhere, and is not read


def day_of(edition: Edition) -> date:
    return edition.programme.in_force or date(2020, 1, 1)


def texts(value: Any, key: str = "") -> Iterator[str]:
    """Everything that is read."""
    if isinstance(value, str):
        if key not in KEYS:
            yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            if not (name == "counts" and isinstance(part, str)):
                yield from texts(part, name)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts(part, key)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("name", shipped())
def test_every_shipped_edition_reads(name: str, language: str) -> None:
    edition = EDITIONS[name]
    told = read(edition, day_of(edition), Words(language), country="FR")
    said = list(texts(asdict(told)))
    assert told.title
    assert [text for text in said if RAW.search(text)] == []
    assert [line.label for line in (told.asks.lines if told.asks else ()) if not line.label.strip()] == []
    if edition.levels:
        assert told.asks is not None
    assert len(told.competencies) == len(edition.competencies.competencies if edition.competencies else ())
    assert len(told.benefits) == len(edition.benefits)


@pytest.mark.parametrize("name", shipped())
def test_every_link_leads_to_one_place(name: str) -> None:
    edition = EDITIONS[name]
    told = read(edition, day_of(edition), Words("en"))
    places = list(anchors(told))
    assert len(places) == len(set(places))
    for link in links(told):
        assert link in places, link


def anchors(told: Readable) -> Iterator[str]:
    for table in (told.asks, told.competency_asks):
        yield from (line.anchor for line in (table.lines if table else ()) if line.anchor)
    yield from (one.anchor for one in told.competencies)
    yield from (one.anchor for one in told.benefits)
    yield from (one.anchor for one in (*told.asked_metrics, *told.other_metrics))
    yield from (one.anchor for one in told.clauses)


def links(told: Readable) -> Iterator[str]:
    for table in (told.asks, told.competency_asks, *(one.table for one in told.competencies)):
        yield from (line.counts for line in (table.lines if table else ()) if line.counts)
    for one in (*told.asked_metrics, *told.other_metrics):
        yield from (where for where, _ in one.parts)
    for clause in told.clauses:
        yield from (where for where, _ in clause.under)


def test_the_matrix_of_levels() -> None:
    told = read(EDITIONS["partnerworld/2017"], date(2017, 6, 1), Words("en"), country="FR")
    assert told.asks is not None
    assert [column.label for column in told.asks.columns] == ["Silver", "Gold", "Platinum"]
    rows = {line.label: [cell.text for cell in line.cells] for line in told.asks.lines}
    assert rows["client satisfaction"] == ["≥\u202f7", "≥\u202f7.5", "≥\u202f8"]
    assert rows["class a"] == ["≥\u202fUS$200,000", "≥\u202fUS$1,000,000", "≥\u202fUS$5,000,000"]
    assert [line.label for line in told.asks.lines if line.own] == ["class a"]
    assert rows["client references"] == ["", "≥\u202f1", "≥\u202f2"]


def test_ways_stand_under_their_heads() -> None:
    told = read(EDITIONS["dell_emc/2017"], date(2017, 6, 1), Words("en"))
    assert told.asks is not None
    heads = [line.label for line in told.asks.lines if line.kind == "head"]
    assert heads == ["by the way of revenue", "by the way of training"]


def test_what_counts_is_said_in_words() -> None:
    told = read(EDITIONS["partnerworld/2017"], date(2017, 6, 1), Words("en"))
    said = {one.label: " ".join(one.sentences) for one in told.asked_metrics}
    assert said["client satisfaction"] == (
        "The mean of score of survey answers. Window: the 12 months up to the day judged. "
        "At least 5 of them are needed for there to be a number."
    )
    assert "role is not given or role is “sold”" in said["revenue"]
    assert "converted at the rate of its own day" in said["revenue"]


def test_a_number_that_changes_later_is_announced() -> None:
    told = read(EDITIONS["dell_partnerdirect/2013"], date(2013, 1, 1), Words("en"))
    ((on, changed),) = told.later
    assert on == date(2013, 3, 4)
    (part,) = changed.parts
    assert part.changes[0].says.startswith("Premier · enterprise sales of the last four quarters · united states: ")
    assert part.changes[0].says.endswith("≥\u202fUS$750,000 → ≥\u202fUS$1,000,000 (+33%)")


@pytest.mark.parametrize("name", shipped())
def test_an_edition_does_not_differ_from_itself(name: str) -> None:
    edition, words = EDITIONS[name], Words("fr")
    assert difference(names_of(edition, day_of(edition), words), names_of(edition, day_of(edition), words)).parts == ()


def changed_copy(tmp_path: Path, file: str, old: str, new: str) -> Edition:
    """PartnerWorld 2017 with one text replaced."""
    import shutil

    folder = tmp_path / "changed"
    shutil.copytree(EDITIONS["partnerworld/2017"].folder, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return load(str(folder))


DIFFERENT = [
    ("levels.yaml", "class_a: 1_000_000 USD", "class_a: 1_250_000 USD", "asks", CHANGED,
     "Gold · revenue · class a: ≥\u202fUS$1,000,000 → ≥\u202fUS$1,250,000 (+25%)"),
    ("levels.yaml", "client_satisfaction: {at_least: 7.5,", "client_satisfaction: {at_least: 7.8,", "asks", CHANGED,
     "Gold · client satisfaction: ≥\u202f7.5 → ≥\u202f7.8 (+4%)"),
    ("metrics.yaml", "window: 12 months\n  min_count: 5", "window: 24 months\n  min_count: 5", "counting", CHANGED,
     "24 months"),
    ("benefits.yaml", "gold: 20, platinum: 40", "gold: 25, platinum: 40", "benefits", CHANGED,
     "sales mastery test vouchers · Gold: 20 → 25 (+25%)"),
    ("competencies.yaml", "    area: cognitive\n", "    area: cognitive\n    until: 2016-12-31\n",
     "competencies", REMOVED, "no longer"),
    ("programme.yaml", "down: anniversary", "down: at_once", "life", CHANGED, "on the day"),
    ("programme.yaml", "currency: USD", "currency: USD\nuntil: 2018-12-31", "dates", ADDED, "ends: new, 31 Dec 2018"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "part", "kind", "says"), DIFFERENT)
def test_a_difference_is_found_and_said(
    tmp_path: Path, file: str, old: str, new: str, part: str, kind: str, says: str
) -> None:
    before, after = EDITIONS["partnerworld/2017"], changed_copy(tmp_path, file, old, new)
    day = date(2017, 6, 1)
    for language in sorted(LANGUAGES):
        words = Words(language)
        found = difference(names_of(before, day, words), names_of(after, day, words))
        assert [one.name for one in found.parts] == [part]
        (change,) = found.parts[0].changes
        assert change.kind == kind
        assert not RAW.search(change.says)
        if language == "en":
            assert says in change.says
    back = difference(names_of(after, day, Words("en")), names_of(before, day, Words("en")))
    assert back.count == 1


def test_every_pair_of_editions_of_a_programme_compares_without_a_raw_name() -> None:
    for name, edition in EDITIONS.items():
        for other, older in EDITIONS.items():
            if name > other and name.partition("/")[0] == other.partition("/")[0]:
                for language in LANGUAGES:
                    words = Words(language)
                    found = difference(names_of(older, day_of(older), words), names_of(edition, day_of(edition), words))
                    assert found.count
                    assert [c.says for part in found.parts for c in part.changes if RAW.search(c.says)] == []


def test_conditions_in_words() -> None:
    names = names_of(EDITIONS["partnerworld/2017"], date(2017, 6, 1), Words("en"))
    for text, says in (
        ("revenue > 2 and not (kind = 'new' or kind is null)",
         "revenue is above 2 and not (kind is “new” or kind is not given)"),
        ("amount between 1 and 2", "amount is from 1 to 2"),
        ("least(revenue, 3) * -2", "the smallest of (revenue, 3) × −2"),
        ('"on" >= as_of - interval 30 day', "day is not before (the day judged − 30 days)"),
        ("kind not in ('a', 'b')", "kind is none of “a”, “b”"),
        ("case when revenue > 1 then 1 else 0 end", "1 if revenue is above 1, else 0"),
    ):  # fmt: skip
        assert phrase(text, names) == says


def test_changing_days_are_those_of_the_rules() -> None:
    assert changing_days(EDITIONS["dell_partnerdirect/2013"]) == {date(2013, 3, 4)}
    assert replace(EDITIONS["odoo/11"]) is not None
