"""Benefits: what the level gives in the country, used and left; what the next would add; where there are none."""

from __future__ import annotations

import pytest

from fronts.portal.guild import queries, said_to, seen_by

QUERIES = 13
pytestmark = pytest.mark.usefixtures("guild")


def test_it_says_what_there_is_used_and_left() -> None:
    said = said_to("ann", "/benefits/")
    assert "Silver · France · as of 30 Jun 2026" in said
    assert "Vouchers with the level Silver · 7.1 10 3 7 1 Jan 2026 to 31 Dec 2026 184 days are left" in said


def test_it_says_what_the_next_level_would_add_in_this_country() -> None:
    said = said_to("ann", "/benefits/")
    assert "What Gold would add Benefit Then Now Clause Vouchers 20 10 7.1 Lounge 1 – 7.2" in said
    assert "Sledge" not in said


def test_who_has_none_is_told_so() -> None:
    said = said_to("zoe", "/benefits/")
    assert "Your level gives no benefits in your country yet." in said
    assert "What Silver would add" in said


def test_french_and_strangers() -> None:
    assert "Ce que Or ajouterait" in said_to("ann", "/benefits/", "fr")
    assert seen_by("ann").get("/benefits/?partner=P-2").status_code == 404


def test_it_reads_the_same_number_of_times_whoever_asks() -> None:
    assert {queries(seen_by(name), "/benefits/") for name in ("ann", "bob", "zoe")} == {QUERIES}
