"""Search everywhere: each kind is found, nobody's else, in so many statements."""

from __future__ import annotations

import re

import pytest

from fronts.desk.channel import BLEU, answers, queries, seen_by

pytestmark = pytest.mark.usefixtures("desk")


def found(text: str, name: str = "chief", language: str = "en") -> dict[str, list[str]]:
    """What is found, by group."""
    page = seen_by(name, language).get("/search/", {"q": text})
    assert page.status_code == 200
    groups = re.findall(r'<section aria-labelledby="found-(\w+)">(.*?)</section>', page.text, re.DOTALL)
    return {group: re.findall(r'<a class="hit" href="[^"]*">([^<]*)</a>', body) for group, body in groups}


@pytest.mark.parametrize(
    ("text", "group", "hits"),
    [
        ("P-1", "partners", ["Nordlicht Systeme"]),
        ("p-2", "partners", ["Port Bleu"]),
        ("nord", "partners", ["Nordlicht Systeme"]),
        ("elan", "partners", ["Élan Conseil"]),
        ("ÉLAN", "partners", ["Élan Conseil"]),
        ("brest", "partners", ["Port Bleu"]),
        ("t-", "people", ["T-1"]),
        ("finance", "users", ["finance@vendor.example"]),
        ("sales.csv", "files", ["sales.csv"]),
        ("satisf", "rules", ["client satisfaction"]),
        ("4.", "rules", ["revenue", "client satisfaction"]),
        ("audit", "pages", ["Audit"]),
    ],
)
def test_each_kind_is_found(text: str, group: str, hits: list[str]) -> None:
    assert found(text)[group] == hits


def test_a_fact_is_found_by_its_number() -> None:
    hits = found("1")["facts"]
    assert "sales, fact 1" in hits
    assert "employments, fact 1" in hits
    assert "employments, fact 1" in found("#1", "manager")["facts"]
    assert "sales, fact 1" not in found("1", "manager")["facts"]  # Nordlicht's


def test_a_manager_finds_its_countries_alone() -> None:
    assert "partners" not in found("nord", "manager")
    assert "partners" not in found("P-1", "manager")
    assert found("port", "manager")["partners"] == ["Port Bleu"]
    assert found("T-1", "manager")["people"] == ["T-1"]
    assert "files" not in found("sales.csv", "manager")


def test_a_partner_finds_its_own() -> None:
    assert found("T-1", "member") == {"people": ["T-1"]}
    assert found("revenue", "member")["rules"] == ["revenue", "revenue"]
    assert found("stand", "member") == {"pages": ["Standing"]}
    for text in ("nord", "P-1", "P-2", "finance@vendor.example", "sales.csv", "1"):
        assert set(found(text, "member")) <= {"pages", "rules", "competencies"}, text


def test_nothing_is_said_to_be_nothing() -> None:
    page = seen_by("chief").get("/search/", {"q": "zzz"}).text
    assert "Nothing is called that" in page
    assert "Tapez" in seen_by("chief", "fr").get("/search/").text
    for odd in ("%00", "%F0%9F%98%80", "'%22)|&:*", "9" * 30, "x" * 500):
        assert seen_by("chief").get(f"/search/?q={odd}").status_code == 200


def test_the_field_is_on_every_page_of_who_has_signed_in() -> None:
    for name, path in (("chief", f"/partners/{BLEU}/"), ("member", "/standing/")):
        assert 'action="/search/"' in seen_by(name).get(path).text


def test_it_is_for_who_has_a_role() -> None:
    assert {name for name, status in answers("/search/").items() if status == 404} == {"nobody"}


def test_so_many_queries() -> None:
    assert queries(seen_by("chief"), "/search/?q=nord") <= 17
    assert queries(seen_by("member"), "/search/?q=nord") <= 12
