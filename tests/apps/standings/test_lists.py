"""Lists and totals say what the standings and their checks say, whoever was judged last: everybody, or one alone."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from apps.conftest import Installation
from apps.quay import BLEU, DAY, NORDLICHT, SALT, facts, installed, sale
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation.services import evaluate
from hanse.apps.evidence.services import record_facts
from hanse.apps.standings import lists, outlook
from hanse.apps.standings.lists import FALLING, RISING, WAITING, Wanted
from hanse.apps.standings.models import Listed, RunBenefit, RunFlow, RunLevel, Standing, Tally

EDITION = "quay/2026"


@pytest.fixture(autouse=True)
def judged(installation: Installation, tmp_path: Path) -> int:
    """Nordlicht is silver, Port Bleu a member, Salt waits for a review."""
    installed(tmp_path / "quay")
    facts()
    return evaluate(actor=operator(), edition=EDITION, as_of=DAY)


def rows() -> dict[str, dict[str, Any]]:
    return {row["partner"]: row for row in Listed.objects.values()}


def tallied() -> Counter[tuple[str, str]]:
    return Counter({(t.country, t.stands): t.partners for t in Tally.objects.all()})


def test_a_list_says_what_is_missing_and_what_decides() -> None:
    line = {one.partner: one for one in lists.partner_page(actor=operator(), wanted=Wanted(EDITION)).lines}
    salt, bleu, nordlicht = line[SALT], line[BLEU], line[NORDLICHT]
    assert (bleu.stands, bleu.next, bleu.lacking, bleu.falling) == ("member", "silver", 1, False)
    assert bleu.closest is not None
    assert (bleu.closest.requirement, bleu.closest.actual, bleu.closest.needed) == ("revenue", 500, 20_000)
    assert bleu.closest.clause == "3.1"
    assert (nordlicht.stands, nordlicht.next, nordlicht.lacking, nordlicht.closest) == ("silver", "gold", 2, None)
    assert (salt.stands, salt.lacking, salt.awaiting) == ("silver", 1, "gold: executive_review")
    assert Listed.objects.get(partner=BLEU).nearness == 500 / 20_000


def test_who_is_judged_alone_is_listed_as_in_a_run_of_all() -> None:
    record_facts(
        actor=operator(), source="test", rows={"sales": [sale(BLEU, "25000")], "partners": [
            {"partner": BLEU, "name": "Port Élu", "country": "FR", "joined": "2015-01-01", "type": "reseller"},
        ]},
    )  # fmt: skip
    evaluate(actor=operator(), edition=EDITION, as_of=DAY, partners=[BLEU])
    alone, counted = rows(), tallied()
    assert (alone[BLEU]["stands"], alone[BLEU]["country"], alone[BLEU]["folded"]) == ("silver", "FR", "port elu")
    assert counted == {("FR", "silver"): 1, ("DE", "silver"): 2}
    evaluate(actor=operator(), edition=EDITION, as_of=DAY)
    assert rows() == alone
    assert tallied() == counted


def test_who_has_no_standing_any_more_is_not_listed() -> None:
    gone = {"partner": BLEU, "name": BLEU, "country": "DE", "joined": "2015-01-01", "left": "2026-06-01"}
    record_facts(actor=operator(), source="test", rows={"partners": [gone]})
    evaluate(actor=operator(), edition=EDITION, as_of=DAY, partners=[BLEU])
    assert not Standing.objects.filter(partner=BLEU).exists()
    assert set(rows()) == {NORDLICHT, SALT}
    assert tallied() == {("DE", "silver"): 2}


def test_an_earlier_day_leaves_the_lists_and_has_its_totals() -> None:
    before = rows()
    number = evaluate(actor=operator(), edition=EDITION, as_of=date(2026, 3, 31))
    assert rows() == before
    assert outlook.levels_of(actor=operator(), run=number) == {"member": 3}
    assert [day.as_of for day in outlook.days_judged(actor=operator(), edition=EDITION)] == [date(2026, 3, 31), DAY]
    assert outlook.flows_of(actor=operator(), run=number) == []


def test_totals_of_a_run(judged: int) -> None:
    assert outlook.levels_of(actor=operator(), run=judged) == {"member": 1, "silver": 2}
    flows = outlook.flows_of(actor=operator(), run=judged)
    assert [(f.before, f.after, f.partners) for f in flows] == [("", "silver", 2), ("", "member", 1)]
    assert RunBenefit.objects.count() == 0
    assert (RunLevel.objects.count(), RunFlow.objects.count()) == (2, 2)


def test_who_is_on_the_move() -> None:
    moving = {
        m: [one.partner for one in lists.moving_list(actor=operator(), edition=EDITION, moving=m)] for m in lists.MOVING
    }
    assert moving == {RISING: [BLEU, SALT], FALLING: [], WAITING: [SALT]}
    assert outlook.waiting_count(actor=operator(), edition=EDITION) == 1
    assert lists.by_country(actor=operator(), edition=EDITION) == {
        "DE": {"member": 1, "silver": 2, RISING: 2, FALLING: 0}
    }


def test_the_edition_in_force_comes_first(tmp_path: Path) -> None:
    installed(tmp_path / "later", "2027", in_force=False)
    evaluate(actor=operator(), edition="quay/2027", as_of=DAY)
    assert [one.edition for one in outlook.books(actor=operator())] == [EDITION, "quay/2027"]
    found = outlook.book(actor=operator(), edition="quay/2027")
    assert found is not None
    assert found.read["edition"] == "quay/2027"
