"""The standing letter: what it says and by which numbers it is confirmed; the earlier day; strangers."""

from __future__ import annotations

import pytest

from fronts.portal.guild import queries, said_to, seen_by
from hanse.apps.accounts.actors import operator
from hanse.apps.standings.selectors import run_list

QUERIES = 12
pytestmark = pytest.mark.usefixtures("guild")


def test_it_says_level_since_competencies_and_by_what_it_is_confirmed() -> None:
    said = said_to("ann", "/standing/letter/")
    run = run_list(operator())[0]
    assert "On 30 Jun 2026, Port Bleu stands in the programme Quay at the level Silver" in said
    assert "Port Bleu Brest, France P-1" in said
    assert "It holds 1 competency: Competency Depth Held since Cloud Specialist 30 Jun 2026" in said
    assert f"Edition quay/2025 ({run['edition_hash'][:12]}) · run {run['run']}" in said


def test_it_speaks_french() -> None:
    assert "Au 30 juin 2026, Port Bleu se situe dans le programme Le quai au niveau Argent" in said_to(
        "ann", "/standing/letter/", "fr"
    )


def test_an_earlier_day_has_its_own_letter() -> None:
    said = said_to("ann", "/standing/letter/?as-of=2025-06-30")
    assert "On 30 Jun 2025" in said
    assert "Cloud" not in said


def test_a_strangers_firm_is_not_there_and_no_day_is_refused() -> None:
    assert seen_by("ann").get("/standing/letter/?partner=P-2").status_code == 404
    assert seen_by("ann").get("/standing/letter/?as-of=soon").status_code == 400


def test_it_reads_the_same_number_of_times_whoever_asks() -> None:
    assert {queries(seen_by(name), "/standing/letter/") for name in ("ann", "zoe")} == {QUERIES}
