"""The first page of the desk: findings, who is about to rise and to fall, countries, what needs somebody."""

from __future__ import annotations

import re

import pytest

from fronts.desk.channel import answers, queries, seen_by

pytestmark = pytest.mark.usefixtures("desk")


def test_titles_are_findings() -> None:
    page = seen_by("chief").get("/").text
    titles = re.findall(r"<h2[^>]*>(.*?)</h2>", page)
    assert "Every level has as many partners as on 31 Dec 2025" in titles
    assert "1 partner is one requirement short of the next level" in titles
    assert "1 partner is about to lose its level" in titles
    assert "100% of all partners are in: France, Germany" in titles
    assert "The last run moved nobody from one level to another" not in page  # nothing moved: no table, no title


def test_who_is_about_to_rise_and_to_fall_with_what_decides() -> None:
    page = seen_by("chief").get("/").text
    rising, falling = (
        re.search(r'id="rising".*?</ul>', page, re.DOTALL),
        re.search(r'id="falling".*?</ul>', page, re.DOTALL),
    )
    assert rising is not None
    assert falling is not None
    assert "Port Bleu" in rising[0]
    assert 'revenue: €19,010 <span class="soft">(≥ €20,000)</span>' in rising[0]
    assert "Élan Conseil" in falling[0]
    assert "until 15 Jan 2027" in falling[0]
    assert "Nordlicht" not in rising[0] + falling[0]


def test_what_needs_somebody_is_shown_to_those_who_may_mend_it() -> None:
    assert "sales.csv" in seen_by("chief").get("/").text
    assert "sales.csv" in seen_by("auditor").get("/").text
    assert "sales.csv" not in seen_by("finance").get("/").text


def test_a_partner_manager_sees_its_countries_alone() -> None:
    page = seen_by("manager").get("/").text
    assert "Port Bleu" in page
    assert "Germany" not in page
    assert ">2 partners" in page
    assert "/runs/" not in page


def test_it_speaks_french() -> None:
    page = seen_by("chief", "fr").get("/").text
    assert "1 partenaire est à une exigence du niveau suivant" in page
    assert "Le quai" in page


def test_a_partner_finds_its_own_first_page_there_and_a_stranger_none() -> None:
    assert answers("/") == {"chief": 200, "finance": 200, "auditor": 200, "manager": 200, "member": 200, "nobody": 404}
    assert "about to lose" not in seen_by("member").get("/").text


def test_so_many_queries() -> None:
    assert queries(seen_by("chief"), "/") == 17
    assert queries(seen_by("manager"), "/") == 11
