"""People and certifications: what expires, who could close a gap; never what a former colleague did later."""

from __future__ import annotations

import pytest

from fronts.portal.guild import queries, said_to, seen_by

QUERIES = 16
pytestmark = pytest.mark.usefixtures("guild")


def test_it_says_what_expires_soonest_first_and_by_month() -> None:
    said = said_to("ann", "/people/")
    assert "People 3 Valid certificates 3" in said
    assert "1 certificate expires until 8 Oct 2026 20 Jul 2026 in 20 days E-10 · T-1 counts for Cloud, Data" in said
    assert "July 2026 1" in said
    assert "change=lapses,person:T-1,certificate:E-10" in seen_by("ann").get("/people/").text


def test_it_says_who_could_close_a_gap() -> None:
    said = said_to("ann", "/people/")
    assert "Gold · certified people T-3 renew E-30, expired on 31 Mar 2026" in said
    assert "Security (Specialist) · engineers T-3 renew E-30, expired on 31 Mar 2026" in said
    assert "exam: E-30" in said


def test_the_certificates_of_one_person_open_in_place() -> None:
    assert "10 Jul 2025" not in said_to("ann", "/people/")
    page = said_to("ann", "/people/?person=T-1")
    assert "E-10 10 Jul 2024 20 Jul 2026 Cloud, Data" in page
    assert "S-30 10 Jul 2025 31 Jan 2028 certified people" in page


def test_of_who_has_left_nothing_later_is_shown() -> None:
    assert "T-4" not in said_to("ann", "/people/")
    said = said_to("ann", "/people/?show=left&person=T-4")
    assert "left on 31 Jan 2026" in said
    assert "E-10" in said
    assert "E-40" not in seen_by("ann").get("/people/?show=left&person=T-4").text
    assert "E-40" not in seen_by("ann").get("/people.csv").getvalue().decode()
    assert "E-40 1 May 2026 1 May 2028 Robotics" in said_to("bob", "/people/?person=T-4")


def test_the_list_is_narrowed() -> None:
    def listed(query: str) -> str:
        return said_to("ann", f"/people/?{query}").rpartition("Export as CSV")[2]

    assert "T-1" in listed("show=expiring")
    assert "T-2" not in listed("show=expiring")
    assert "T-3" in listed("show=none")
    assert "T-2" in listed("text=x-1")
    assert "T-1" in listed("text=cloud")
    assert "Nobody here is called like that" in listed("text=nobody")


def test_the_csv_has_a_line_for_each_certificate() -> None:
    answer = seen_by("ann").get("/people.csv")
    lines = answer.getvalue().decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines[0] == "person,role,since,until,certificate,earned,expires,state,counts_for,source"
    assert "T-1,technical,2016-01-01,,E-10,2024-07-10,2026-07-20,valid,Cloud; Data,crm" in lines
    assert "T-3,,2018-01-01,,E-30,2022-01-01,2026-03-31,expired,,crm" in lines
    assert answer.headers["Content-Disposition"].endswith("people-P-1-2026-06-30.csv")


def test_nobody_and_french_and_strangers() -> None:
    assert "Nobody is on record as working here." in said_to("zoe", "/people/")
    assert "1 certificat expire d’ici au 8 oct. 2026" in said_to("ann", "/people/", "fr")
    assert "Juillet 2026" in said_to("ann", "/people/", "fr")
    for path in ("/people/?partner=P-2", "/people.csv?partner=P-2"):
        assert seen_by("ann").get(path).status_code == 404


def test_it_reads_the_same_number_of_times_whoever_asks() -> None:
    assert {queries(seen_by(name), "/people/") for name in ("ann", "bob", "zoe")} == {QUERIES}
