"""A change rehearsed in the background: once for the same facts, mover by mover, and nothing that counts is touched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.conftest import Installation
from apps.quay import BLEU, DAY, NORDLICHT, SALT, SECOND, edition, facts, installed, sale
from hanse.apps.accounts.actors import Actor, operator
from hanse.apps.accounts.policy import NotThere, Refused
from hanse.apps.evaluation import jobs, rehearsals, rehearsing, warm
from hanse.apps.evaluation.models import Rehearsal
from hanse.apps.evaluation.rehearsals import Wanted
from hanse.apps.evidence.services import record_facts
from hanse.apps.programmes import content, selectors, services
from hanse.apps.standings.models import Run
from hanse.language.problems import CallError

MANAGER = Actor("max@vendor.example", frozenset({"partner_manager"}), countries=frozenset({"FR"}))
PARTNER = Actor("p@bleu.example", frozenset({"partner_member"}), partners=frozenset({BLEU}))


@pytest.fixture(autouse=True)
def quay(installation: Installation, tmp_path: Path) -> Iterator[str]:
    installed(tmp_path / "quay")
    facts()
    files = content.files_of(edition(tmp_path / "draft", "2027", silver="40_000"))
    files["benefits.yaml"] = b"vouchers: {quantity: {member: 1, silver: 3}, cost: 150 EUR}\n"
    draft = services.draft(actor=SECOND, files=files, base="quay/2026", reason="stricter").version
    yield draft.key
    warm.close()


def asked(key: str, **more: object) -> int:
    return rehearsals.rehearse(actor=SECOND, before="quay/2026", after=key, as_of=DAY, **more)  # type: ignore[arg-type]


def test_who_moves_because_of_what_and_what_it_costs(quay: str) -> None:
    number = asked(quay)
    assert rehearsals.rehearsed(actor=SECOND, number=number).state == "waiting"
    jobs.work(once=True)
    one = rehearsals.rehearsed(actor=SECOND, number=number)
    assert (one.state, one.problems, one.before.name, one.after.key) == ("done", (), "quay/2026", quay)
    assert one.summary is not None
    assert one.summary["moves"] == {"all": 1, "up": 0, "down": 1, "across": 0, "appears": 0, "disappears": 0}
    assert one.summary["costs"] == [{"currency": "EUR", "before": 0.0, "after": 750.0, "difference": 750.0}]
    page = rehearsals.movers(actor=SECOND, number=number, wanted=Wanted())
    ((row,), following, total) = (page.rows, page.following, page.total)
    assert (row["partner"], row["level_before"], row["level_after"], row["because"]) == (
        NORDLICHT,
        "silver",
        "member",
        "revenue",
    )
    assert (row["actual_after"], row["needed_after"], following, total) == (30000.0, 40000.0, 0, 1)
    assert not Run.objects.exists()
    assert selectors.checked_cases(selectors.version_named(quay, DAY).id) is not None


def test_the_same_is_rehearsed_once_until_something_is_learned(quay: str) -> None:
    number = asked(quay)
    assert asked(quay) == number
    jobs.work(once=True)
    assert (asked(quay), jobs.waiting()) == (number, 0)
    record_facts(actor=operator(), source="test", rows={"sales": [sale(SALT, "10")]})
    assert asked(quay) == number + 1


def test_movers_are_those_that_the_actor_sees(quay: str) -> None:
    number = asked(quay)
    jobs.work(once=True)
    assert rehearsals.counts(actor=SECOND, number=number).reasons == {("silver", "revenue"): 1}
    assert rehearsals.counts(actor=MANAGER, number=number) == rehearsals.Counts()
    assert rehearsals.movers(actor=MANAGER, number=number, wanted=Wanted()).total == 0
    assert [r["partner"] for r in rehearsals.every_mover(actor=SECOND, number=number, wanted=Wanted(country="DE"))] == [
        NORDLICHT
    ]
    for wanted in (Wanted(country="FR"), Wanted(before="gold"), Wanted(after="-"), Wanted(direction="up"),
                   Wanted(because="revenue", because_level="gold"), Wanted(text="bleu")):  # fmt: skip
        assert rehearsals.movers(actor=SECOND, number=number, wanted=wanted).rows == ()
    with pytest.raises(Refused):
        rehearsals.rehearsed(actor=PARTNER, number=number)
    with pytest.raises(Refused):
        rehearsals.rehearse(actor=MANAGER, before="quay/2026", after=quay, as_of=DAY)
    with pytest.raises(NotThere):
        rehearsals.rehearsed(actor=SECOND, number=10**20)
    with pytest.raises(CallError, match="with itself"):
        rehearsals.rehearse(actor=SECOND, before=quay, after=quay, as_of=DAY)


def test_one_that_was_killed_is_cleared_away(quay: str) -> None:
    killed = asked(quay)
    Rehearsal.objects.filter(pk=killed).update(state="running")
    assert rehearsing.recover() == [killed]
    (problem,) = rehearsals.rehearsed(actor=SECOND, number=killed).problems
    assert problem.what == "its process ended before it did"
    assert asked(quay) > killed
