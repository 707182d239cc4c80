"""One competency: each depth with clause, who could close the gap by which exam, whose certificates count, facts."""

from __future__ import annotations

import pytest

from fronts.portal.guild import queries, said_to, seen_by

QUERIES = 15
pytestmark = pytest.mark.usefixtures("guild")


def test_it_says_each_requirement_with_its_clause() -> None:
    said = said_to("ann", "/competencies/security/")
    assert "not held For Specialist: 1 of 2 requirements is missing." in said
    assert "missing engineers 0 ≥ 1 1 more 5.1" in said
    assert "revenue in the competency €7,000 ≥ €1,000 5.2" in said
    assert "What Expert asks" in said
    assert "6.1" in said


def test_it_says_who_could_close_the_gap_and_by_which_exam() -> None:
    page = seen_by("ann").get("/competencies/security/").text
    said = said_to("ann", "/competencies/security/")
    assert "One exam is enough: E-30. What if T-3 passes?" in said
    assert "Renew E-30, expired on 31 Mar 2026 T-3" in said
    assert "Is certified in something else T-1 , T-2" in said
    assert "T-4" not in said
    assert "/what-if/?change=passes,person:T-3,certificate:E-30" in page


def test_it_names_the_certificates_that_count() -> None:
    said = said_to("ann", "/competencies/cloud/")
    assert "Specialist held since 30 Jun 2026 For Expert: 1 of 2 requirements is missing." in said
    assert "T-1 E-10 engineers 20 Jul 2026" in said


def test_one_that_has_hardly_begun_says_how_far_it_is() -> None:
    said = said_to("zoe", "/competencies/robotics/")
    assert "For Specialist: 2 of 2 requirements are missing." in said
    assert "No certificate of the firm's people counts for this competency yet." in said


def test_the_facts_behind_a_number_stand_under_it() -> None:
    said = said_to("ann", "/competencies/security/?behind=trade")
    assert "revenue in the competency · Security: 1 sale" in said
    assert "€7,000" in said
    said = said_to("ann", "/competencies/security/?behind=engineers")
    assert "Not counted: 1 certificate, expired" in said
    assert "E-40" not in said


def test_it_says_the_same_in_french() -> None:
    said = said_to("ann", "/competencies/security/", "fr")
    assert "Qui pourrait combler le manque" in said
    assert "Sécurité" in said


def test_what_the_programme_does_not_know_and_a_strangers_firm_are_not_there() -> None:
    client = seen_by("ann")
    assert client.get("/competencies/alchemy/").status_code == 404
    assert client.get("/competencies/cloud/?partner=P-2").status_code == 404


def test_it_reads_the_same_number_of_times_whoever_asks() -> None:
    assert {queries(seen_by(name), "/competencies/cloud/") for name in ("ann", "zoe")} == {QUERIES}
