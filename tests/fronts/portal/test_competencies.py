"""The list of competencies: held, near with who could close the gap, further away; narrowed; never a stranger's."""

from __future__ import annotations

import pytest

from fronts.portal.guild import queries, said_to, seen_by

QUERIES = 15  # committed: a page that reads more often says so here
pytestmark = pytest.mark.usefixtures("guild")


def test_it_says_what_is_held_near_and_further_away() -> None:
    said = said_to("ann", "/competencies/")
    assert "Held 1 Competency What comes next What is missing ✓ Cloud Specialist, since 30 Jun 2026" in said
    assert "Expert 1 of 2 Engineers: 1 more" in said
    assert "Data Specialist 1 of 2 Revenue in the competency: €1,000 more" in said
    assert "Further away 1 Robotics 0 of 2" in said


def test_it_says_who_could_close_a_gap_and_what_only_needs_renewing() -> None:
    said = said_to("ann", "/competencies/")
    who = "could close it: T-3 (renew E-30, expired on 31 Mar 2026), T-1, T-2"
    assert f"Security Specialist 1 of 2 Engineers: 1 more {who}" in said


def test_it_is_narrowed_by_kind_and_by_text_whatever_the_accents() -> None:
    client = seen_by("ann", "fr")
    near = said_to("ann", "/competencies/?show=near")
    assert "Security" in near
    assert "Robotics" not in near
    page = client.get("/competencies/?text=securite").text
    assert "Sécurité" in page
    assert "Données" not in page
    assert "No competency is called like that." in said_to("ann", "/competencies/?text=xyz")
    assert "There is none of this kind." in said_to("bob", "/competencies/?show=held")


def test_it_says_the_same_in_french() -> None:
    said = said_to("ann", "/competencies/", "fr")
    assert "Acquises 1" in said
    assert "Proches 2" in said
    assert "ingénieurs" in said.casefold()


def test_only_the_list_is_answered_to_htmx() -> None:
    part = seen_by("ann").get("/competencies/?text=cloud", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "Cloud" in part
    assert "Robotics" not in part


def test_a_strangers_firm_is_not_there_and_the_vendor_has_no_such_page() -> None:
    assert seen_by("ann").get("/competencies/?partner=P-2").status_code == 404
    assert seen_by("vendor").get("/competencies/").status_code == 404


def test_it_reads_the_same_number_of_times_whoever_asks() -> None:
    assert {queries(seen_by(name), "/competencies/") for name in ("ann", "bob", "zoe")} == {QUERIES}
