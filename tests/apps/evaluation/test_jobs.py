"""After new facts whom they concern is judged anew: alone where few, all where many, once and not twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.utils import connector_params

from apps.conftest import Installation
from apps.quay import BLEU, DAY, NORDLICHT, SALT, facts, installed, sale
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation import jobs, services, warm
from hanse.apps.evidence.services import record_facts
from hanse.apps.standings.models import LevelChange, Run, Standing


@pytest.fixture(autouse=True)
def quay(installation: Installation, tmp_path: Path) -> Iterator[None]:
    installed(tmp_path / "quay")
    facts()
    services.evaluate(actor=operator(), edition="quay/2026", as_of=DAY)
    yield
    warm.close()


def level(partner: str) -> str | None:
    return Standing.objects.get(edition="quay/2026", partner=partner).level


def new_sale(partner: str, amount: str) -> int:
    said = services.new_fact(actor=operator(), table="sales", row=sale(partner, amount), source="test")
    return said.batch


def test_a_new_fact_leaves_a_job_that_judges_its_partner() -> None:
    new_sale(BLEU, "40000")
    assert (level(BLEU), jobs.waiting()) == ("member", 1)
    jobs.work(once=True)
    assert (level(BLEU), jobs.waiting(), jobs.failed()) == ("silver", 0, [])
    run = Run.objects.order_by("-pk")[0]
    assert (run.kind, run.partners, run.as_of, run.actor) == ("some", [BLEU], DAY, "system")
    assert LevelChange.objects.get(run=run).reason == "silver: revenue (40500 of 20000)"


def test_a_fact_that_was_not_recorded_leaves_no_job() -> None:
    with transaction.atomic():
        new_sale(BLEU, "40000")
        assert jobs.waiting() == 1
        transaction.set_rollback(True)
    assert jobs.waiting() == 0


def test_what_a_run_has_seen_is_not_judged_again() -> None:
    new_sale(BLEU, "40000")
    services.evaluate(actor=operator(), edition="quay/2026", as_of=DAY)
    jobs.work(once=True)
    assert Run.objects.filter(kind="some").count() == 0
    assert level(BLEU) == "silver"


def test_many_partners_are_judged_together() -> None:
    keys = [f"N-{n}" for n in range(services.FEW + 1)]
    said = record_facts(actor=operator(), source="test", rows={
        "partners": [{"partner": k, "name": k, "country": "FR"} for k in keys],
    })  # fmt: skip
    services.evaluate_touched(batch=said.batch)
    assert Run.objects.order_by("-pk")[0].kind == "all"
    assert Standing.objects.count() == 3 + len(keys)


def test_a_partner_that_leaves_is_judged_alone_too() -> None:
    row = {"partner": BLEU, "name": BLEU, "country": "DE", "left": "2026-01-01"}
    said = record_facts(actor=operator(), source="test", rows={"partners": [row]})
    services.evaluate_touched(batch=said.batch)
    assert not Standing.objects.filter(partner=BLEU).exists()
    assert LevelChange.objects.filter(partner=BLEU).order_by("-pk")[0].direction == "disappears"


def test_a_partner_that_comes_is_judged_alone() -> None:
    rows = {"partners": [{"partner": "P-9", "name": "P-9", "country": "FR"}], "sales": [sale("P-9", "25000")]}
    services.evaluate_touched(batch=record_facts(actor=operator(), source="test", rows=rows).batch)
    assert level("P-9") == "silver"


def test_what_was_learned_during_a_run_is_not_lost() -> None:
    """A run that began earlier and ends later must not put back what a partner's own judging has decided."""
    services.evaluate_touched(batch=new_sale(BLEU, "40000"))
    known = Run.objects.filter(kind="all").get().known_at
    services.evaluate(actor=operator(), edition="quay/2026", as_of=DAY, known_at=known)
    assert level(BLEU) == "silver"


def test_without_books_nothing_is_judged_by_an_edition(tmp_path: Path) -> None:
    installed(tmp_path / "quay", "2027", in_force=False)
    services.evaluate_touched(batch=new_sale(SALT, "1"))
    assert not Standing.objects.filter(edition="quay/2027").exists()


def test_a_lost_connection_is_made_anew() -> None:
    services.evaluate_touched(batch=new_sale(NORDLICHT, "1"))
    for kept in warm._warm.values():
        kept.database.close()
    services.evaluate_touched(batch=new_sale(NORDLICHT, "100000"))
    assert Standing.objects.get(partner=NORDLICHT).awaiting == "gold: executive_review"


def left_by_a_killed_worker() -> None:
    """What a worker leaves that is killed amid its jobs."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE status = 'todo'")


def test_what_a_killed_worker_was_doing_begins_again() -> None:
    new_sale(BLEU, "40000")
    left_by_a_killed_worker()
    jobs.work(once=True)
    assert (level(BLEU), jobs.waiting(), jobs.failed()) == ("silver", 0, [])


def test_what_another_worker_is_doing_is_left_to_it() -> None:
    new_sale(BLEU, "40000")
    left_by_a_killed_worker()
    with psycopg.connect(**connector_params("default"), autocommit=True) as another:
        another.execute("SELECT pg_advisory_lock_shared(%s)", [jobs._WORKING])
        jobs.work(once=True)
    assert (level(BLEU), jobs.waiting()) == ("member", 1)


def test_a_night_that_was_interrupted_is_not_judged_twice() -> None:
    nights = [int(datetime(2026, 7, day, tzinfo=UTC).timestamp()) for day in (1, 2)]
    jobs.judge_all.defer(timestamp=nights[0])
    left_by_a_killed_worker()
    jobs.judge_all.defer(timestamp=nights[1])
    jobs.work(once=True)
    assert jobs.waiting() == 0
    assert [run.as_of.isoformat() for run in Run.objects.filter(reason="nightly")] == ["2026-07-02"]
