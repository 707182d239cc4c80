"""Runs: what they conclude, what they replace, how levels moved, and whether they come out again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from apps.conftest import Installation
from apps.quay import BLEU, DAY, NORDLICHT, SALT, SECOND, edition, facts, installed, sale
from hanse.apps.accounts.actors import Actor, operator
from hanse.apps.accounts.policy import NotThere, Refused
from hanse.apps.audit.models import Entry
from hanse.apps.audit.selectors import verify
from hanse.apps.evaluation import repeats, services, warm
from hanse.apps.evidence.services import record_facts, withdraw
from hanse.apps.programmes import services as programmes
from hanse.apps.standings import explained, selectors
from hanse.apps.standings.models import LevelChange, Run, Standing
from hanse.decisions.explanation import explain
from hanse.language.problems import CallError
from hanse.language.words import Words

EDITION = "quay/2026"


@pytest.fixture(autouse=True)
def quay(installation: Installation, tmp_path: Path) -> Iterator[None]:
    """The programme in force, and its partners."""
    installed(tmp_path / "quay")
    facts()
    yield
    warm.close()


def evaluate(as_of: date = DAY, **more: Any) -> int:
    return services.evaluate(actor=operator(), edition=EDITION, as_of=as_of, **more)


def levels() -> dict[str, str | None]:
    return dict(Standing.objects.filter(edition=EDITION).values_list("partner", "level"))


def sold(partner: str, amount: str, on: str = "2026-05-02") -> int:
    return record_facts(actor=operator(), source="test", rows={"sales": [sale(partner, amount, on)]}).batch


def test_a_run_says_where_everybody_stands() -> None:
    run = Run.objects.get(pk=evaluate())
    assert levels() == {NORDLICHT: "silver", BLEU: "member", SALT: "silver"}
    assert (run.state, run.kind, run.rows["standings"]) == ("done", "all", 3)
    folder = run.place
    assert parquet.read_table(folder / "standings.parquet").num_rows == 3
    described = json.loads((folder / "run.json").read_text())
    assert (described["run"], described["digests"]) == (str(run.uuid), run.digests)
    assert all(path.stat().st_mode & 0o222 == 0 for path in folder.iterdir())


def test_every_level_has_its_history_and_the_requirement_that_decided() -> None:
    evaluate()
    batch = sold(BLEU, "40000")
    evaluate()
    withdraw(actor=operator(), batch=batch, reason="never happened")
    evaluate()
    rows = selectors.history(operator(), BLEU)
    assert [(r["direction"], r["level_before"], r["level_after"], r["reason"]) for r in rows] == [
        ("appears", None, "member", "first standing"),
        ("up", "member", "silver", "silver: revenue (40500 of 20000)"),
        ("down", "silver", "member", "silver: revenue (500 of 20000)"),
    ]
    assert len({r["run"] for r in rows}) == 3
    assert all(r["known_at"] and r["edition_hash"] for r in rows)


def test_who_has_not_moved_has_no_new_line() -> None:
    evaluate()
    evaluate()
    assert LevelChange.objects.count() == 3


def test_who_is_gone_has_no_standing_and_a_last_line() -> None:
    evaluate()
    row = {"partner": BLEU, "name": BLEU, "country": "DE", "joined": "2015-01-01", "left": "2026-06-01"}
    record_facts(actor=operator(), source="test", rows={"partners": [row]})
    evaluate()
    assert BLEU not in levels()
    assert selectors.history(operator(), BLEU)[-1]["direction"] == "disappears"


def test_a_run_of_an_earlier_day_is_on_record_and_decides_nothing() -> None:
    evaluate()
    earlier = Run.objects.get(pk=evaluate(date(2026, 3, 31)))
    assert (earlier.state, earlier.place.is_dir()) == ("done", True)
    assert levels()[NORDLICHT] == "silver"
    assert parquet.read_table(earlier.place / "standings.parquet")["level"].to_pylist() == ["member"] * 3


def test_what_was_known_earlier_can_be_asked() -> None:
    first = Run.objects.get(pk=evaluate())
    sold(BLEU, "40000")
    again = Run.objects.get(pk=evaluate(known_at=first.known_at))
    assert again.digests == first.digests
    assert levels()[BLEU] == "member"
    with pytest.raises(CallError, match="has not come yet"):
        evaluate(known_at=first.known_at + timedelta(days=400))


def test_a_run_comes_out_again_whatever_was_recorded_since() -> None:
    number = evaluate()
    sold(BLEU, "40000")
    evaluate()
    found = repeats.repeat(actor=operator(), run=number)
    assert found.differs == []
    assert set(found.digests) >= {"standings", "checks", "problems"}


def test_a_run_of_one_partner_comes_out_again() -> None:
    evaluate()
    number = evaluate(partners=[NORDLICHT])
    sold(NORDLICHT, "99000")
    assert repeats.repeat(actor=operator(), run=number).differs == []


def test_a_folder_that_was_touched_is_told() -> None:
    run = Run.objects.get(pk=evaluate())
    path = run.place / "standings.parquet"
    table = parquet.read_table(path)
    path.chmod(0o644)
    parquet.write_table(table.slice(0, 2), path)
    assert repeats.repeat(actor=operator(), run=run.pk).differs == []  # what was concluded is in the index
    with pytest.raises(NotThere):
        repeats.repeat(actor=operator(), run=run.pk + 100)


def test_a_run_is_explained_from_the_database_and_later_from_its_folder() -> None:
    evaluate(date(2026, 5, 31))
    sold(BLEU, "40000", on="2026-06-02")
    evaluate()
    now = explain(explained.outcome(actor=operator(), partner=BLEU), Words("en").label)
    before = explain(explained.outcome(actor=operator(), partner=BLEU, as_of=date(2026, 5, 31)), Words("en").label)
    assert (now.level, before.level) == ("silver", "member")
    (needed,) = [a.requirement for a in before.next[0].requirements]
    assert (needed.actual, needed.needed, needed.met, needed.clause) == (500.0, 20000.0, False, "3.1")
    with pytest.raises(CallError, match="2026-06-30, 2026-05-31"):
        explained.outcome(actor=operator(), partner=BLEU, as_of=date(2020, 1, 1))
    with pytest.raises(NotThere):
        explained.outcome(actor=operator(), partner="P-99")


def test_only_the_latest_rows_stay_in_the_database() -> None:
    first, second = evaluate(), evaluate()
    assert selectors.rows_of(operator(), Run.objects.get(pk=second), NORDLICHT)["checks"]
    assert not selectors.rows_of(operator(), Run.objects.get(pk=first), NORDLICHT)["checks"]
    assert Run.objects.get(pk=first).place.is_dir()


def test_two_editions_stand_side_by_side(tmp_path: Path) -> None:
    new = installed(tmp_path / "quay", "2027", in_force=False, silver="50_000")
    programmes.announce(actor=SECOND, name=new.key, on=date(2026, 6, 1), reason="next year's")
    services.evaluate_nightly(as_of=DAY)
    found = {s.partner: (s.granted, s.next_level) for s in selectors.side_by_side(operator(), EDITION, "quay/2027")}
    assert found == {NORDLICHT: ("silver", "member"), BLEU: ("member", "member"), SALT: ("silver", "silver")}


def test_a_level_waits_for_a_person() -> None:
    evaluate()
    assert [(s["partner"], s["awaiting"]) for s in selectors.waiting_list(operator())] == [
        (SALT, "gold: executive_review")
    ]
    with pytest.raises(CallError, match="what waits is"):
        services.approve(actor=operator(), partner=SALT, subject="gold: nonsense", reason="seen")
    services.approve(actor=operator(), partner=SALT, subject="executive_review", reason="seen and found good")
    assert levels()[SALT] == "gold"
    assert selectors.history(operator(), SALT)[-1]["reason"] == "gold: executive_review (1 of 1)"
    assert selectors.waiting_list(operator()) == []
    assert Entry.objects.filter(action="evaluation.approve", why="seen and found good").exists()


def test_levels_confirmed_are_held_and_protected_until_the_review(tmp_path: Path) -> None:
    life = "\nlife: {up: at_once, down: {at: [01-15]}}\n"
    folder = edition(tmp_path / "reviewed")
    described = folder / "programme.yaml"
    described.write_text(described.read_text() + life)
    programmes.install(actor=operator(), name=str(folder))
    programmes.put_in_force(actor=SECOND, name="quay/2026@2", on=date(2026, 6, 1), reason="with reviews")
    batch = sold(BLEU, "40000")
    number = evaluate()
    assert services.confirm(actor=operator(), run=number, reason="review of June") == 3
    assert services.confirm(actor=operator(), run=number, reason="once more") == 0
    withdraw(actor=operator(), batch=batch, reason="never happened")
    evaluate(date(2026, 7, 1))
    standing = Standing.objects.get(edition=EDITION, partner=BLEU)
    assert (standing.level, standing.held, standing.granted, standing.granted_from) == (
        "member",
        "silver",
        "silver",
        DAY,
    )
    with pytest.raises(CallError, match="not the run that standings are of"):
        services.confirm(actor=operator(), run=number, reason="too late")


def test_only_some_roles_may() -> None:
    evaluate()
    member = Actor("p@bleu.example", frozenset({"partner_member"}), partners=frozenset({BLEU}))
    with pytest.raises(Refused):
        services.evaluate(actor=member, edition=EDITION, as_of=DAY)
    with pytest.raises(Refused):
        services.approve(actor=member, partner=SALT, subject="executive_review", reason="please")
    with pytest.raises(Refused):
        selectors.run_list(member)


def test_a_run_that_fails_shows_nothing() -> None:
    number = evaluate()
    standings = levels()
    shutil.rmtree(Run.objects.get(pk=number).place.parent)
    Run.objects.get(pk=number).place.parent.write_text("a file where the folder was")
    sold(BLEU, "40000")
    with pytest.raises(OSError, match="runs"):
        evaluate()
    assert Run.objects.order_by("-pk")[0].state == "failed"
    assert levels() == standings


def test_every_act_is_in_the_trail() -> None:
    before = Entry.objects.count()
    evaluate()
    assert Entry.objects.count() == before + 1
    assert verify().first_wrong is None


def test_a_changed_edition_is_another_version_and_older_runs_keep_theirs(tmp_path: Path) -> None:
    number = evaluate()
    folder = edition(tmp_path / "changed", silver="40_000")
    programmes.install(actor=operator(), name=str(folder))
    programmes.put_in_force(actor=SECOND, name="quay/2026@2", on=date(2026, 6, 1), reason="a mistake is mended")
    evaluate()
    assert levels()[NORDLICHT] == "member"
    assert repeats.repeat(actor=operator(), run=number).differs == []
