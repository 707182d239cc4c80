"""A person who is erased stands nowhere any more: not in a table, not in a file; and every old run comes out again."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import Error
from psycopg import sql
from pyarrow import parquet

from apps.conftest import Installation
from apps.quay import SECOND
from hanse.apps.accounts.actors import operator
from hanse.apps.evaluation import repeats, services, warm
from hanse.apps.evidence.services import record_facts
from hanse.apps.imports.services import erase_person, import_file
from hanse.apps.programmes import services as programmes
from hanse.apps.standings import redaction, turns
from hanse.apps.standings import services as kept
from hanse.apps.standings.models import Redacted, Run, Standing
from hanse.apps.standings.selectors import digests_of
from hanse.language.problems import CallError

DAY = date(2026, 6, 30)
# sorted by key she stands before two colleagues who would do as well, and in the middle of a quotation
ANNA = "anna.o'brien@quay.example"
COLLEAGUES = [f"{name}@quay.example" for name in ("ben", "cid", "dan", "eli", "fin", "gus", "hal")]
PEOPLE = {ANNA: "P-1", **dict.fromkeys(COLLEAGUES, "P-1"), "eve@quay.example": "P-2", "5": "P-2"}
STRANGER = "zoe@quay.example"
EDITION = {
    "programme.yaml": "programme: staffed\nedition: '2026'\ntitle: {en: Staffed}\ncurrency: EUR\n"
    "levels: {member: {en: Member}, silver: {en: Silver}}\n",
    "competencies.yaml": "competencies:\n  security: {name: {en: Security}, counts: {certificate: [SEC]}}\n"
    "  network: {name: {en: Network}, counts: {certificate: [NET]}}\n"
    "requirements: {all_of: [{staff: {at_least: 1}}]}\n",
    "metrics.yaml": "staff: {type: assignment, per: competency, table: certifications, need: 1, up_to: 1}\n"
    "exams: {table: certifications, agg: count, per: person}\n"
    "sold: {table: sales, agg: count, per: customer}\n"
    "held: {table: competencies_held, agg: count}\n",
    "levels.yaml": "silver: {all_of: [{held: {at_least: 2}}]}\n",
    "results.yaml": "exams_each: {metric: exams}\nsold_each: {metric: sold}\n",
    "cases/plain.yaml": "- id: none\n  says: Who has nobody is a member.\n  as_of: 2026-06-30\n"
    "  facts: {partners: [{partner: P}]}\n  expect: {P: {level: member}}\n",
}


@pytest.fixture(autouse=True)
def staffed(installation: Installation, tmp_path: Path) -> Iterator[Installation]:
    """The programme in force, its people and what they passed; one exam is of somebody whom nobody employs."""
    folder = tmp_path / "staffed"
    for name, text in EDITION.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    found = programmes.install(actor=operator(), name=str(folder)).version
    programmes.put_in_force(actor=SECOND, name=found.key, on=date(2026, 1, 1), reason="it is time")
    partners = sorted(set(PEOPLE.values()))
    record_facts(actor=operator(), source="test", rows={
        "partners": [{"partner": p, "name": p, "country": "DE", "joined": "2015-01-01"} for p in partners],
        "people": [{"person": who, "partner": p, "since": "2020-01-01"} for who, p in PEOPLE.items()],
        "certifications": [
            {"person": who, "certificate": exam, "earned": "2025-01-05"}
            for who in (*PEOPLE, STRANGER) for exam in ("SEC", "NET")
        ],
        "sales": [{"partner": p, "customer": c, "on": "2026-02-01", "amount": "1", "currency": "EUR"}
                  for p in partners for c in ("5", "6")],
    })  # fmt: skip
    yield installation
    warm.close()


def evaluate(as_of: date = DAY, **more: Any) -> Run:
    return Run.objects.get(
        pk=services.evaluate(actor=operator(), edition="staffed/2026", as_of=as_of, reason="test", **more)
    )


def erase(person: str) -> dict[str, int]:
    return erase_person(actor=operator(), person=person, reason="a letter of 3 March")


def standing_in(installation: Installation, key: str) -> list[str]:
    """Every column of every table, and every file below the home, in which a key stands as it is or as JSON or Python write it."""
    texts = {key, json.dumps(key)[1:-1], repr(key)[1:-1]}
    found = []
    with installation.connect() as database:
        columns = database.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns WHERE data_type IN "
            "('text', 'json', 'jsonb', 'character varying', 'ARRAY', 'bytea') "
            "AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        assert {"standings_results", "standings_results_alone", "evidence_people"} <= {table for _, table, _ in columns}
        for schema, table, column in columns:
            asked = sql.SQL(
                "SELECT count(*) FROM {} WHERE EXISTS (SELECT FROM unnest(%s::text[]) AS t WHERE strpos({}::text, t) > 0)"
            )
            (count,) = database.execute(
                asked.format(sql.Identifier(schema, table), sql.Identifier(column)), [list(texts)]
            ).fetchone() or (0,)
            found += [f"{table}.{column}"] * count
    for path in sorted(installation.home.rglob("*")):
        if path.is_file() and any(text in content(path) for text in texts):
            found.append(str(path.relative_to(installation.home)))
    return found


def content(path: Path) -> str:
    if path.suffix in (".parquet", ".erased") and path.read_bytes()[:4] == b"PAR1":
        return str(parquet.read_table(path).to_pylist())
    return path.read_bytes().decode("utf-8", "replace")


def figures(run: Run) -> dict[str, list[Any]]:
    """What a run wrote, without who it was."""
    found = {path.stem: parquet.read_table(path).to_pylist() for path in sorted(run.place.glob("*.parquet"))}
    found["results"] = sorted(
        [r["partner"], r["result"], r["number"], None if r["result"] == "exams_each" else r["text"]]
        for r in found["results"]
    )  # fmt: skip
    found["problems"] = [(r["table"], r["file"], r["line"], r["effect"], r["partner"]) for r in found["problems"]]
    return found


def served(run: Run) -> set[tuple[str, str]]:
    rows = parquet.read_table(run.place / "results.parquet").to_pylist()
    return {(r["subject"], r["text"]) for r in rows if (r["partner"], r["result"]) == ("P-1", "staff")}


def test_an_erased_person_is_nowhere_and_old_runs_come_out_again(staffed: Installation) -> None:
    runs = [evaluate(date(2026, 5, 31)), evaluate()]
    alone = evaluate(partners=["P-1"])
    before = [figures(run) for run in runs]
    levels = list(Standing.objects.order_by("partner").values_list("partner", "level"))
    assert {"standings_results_alone.subject"} < set(standing_in(staffed, ANNA))
    chosen = [served(run) for run in runs]

    for person in (ANNA, *COLLEAGUES):
        found = erase(person)
        assert (found["people"], found["certifications"], found["runs"]) == (1, 2, 2)
        assert found["results"] >= 1
        assert standing_in(staffed, person) == []

    assert [figures(run) for run in runs] == before
    assert list(Standing.objects.order_by("partner").values_list("partner", "level")) == levels
    assert all(len(served(run)) == len(was) == 2 for run, was in zip(runs, chosen, strict=True))
    for run in (*runs, alone):
        assert repeats.repeat(actor=operator(), run=run.pk).differs == []
    assert digests_of(runs[0])["results"] != Run.objects.get(pk=runs[0].pk).digests["results"]
    assert digests_of(runs[0])["standings"] == runs[0].digests["standings"]
    for run in runs:
        described = json.loads((run.place / "run.json").read_text())
        assert described["redacted"] == {"results": digests_of(run)["results"]}
        assert all(path.stat().st_mode & 0o222 == 0 for path in run.place.iterdir())
    assert json.loads(staffed.run("doctor", "--json"))["sound"]
    assert json.loads(staffed.run("runs", "repeat", runs[0].pk, "--json"))["same"]


def test_somebody_unknown_is_erased_from_the_problems(staffed: Installation) -> None:
    run = evaluate()
    assert standing_in(staffed, STRANGER)
    assert erase(STRANGER) == {"certifications": 2, "results": 2, "runs": 1}
    assert standing_in(staffed, STRANGER) == []
    said = parquet.read_table(run.place / "problems.parquet")["what"].to_pylist()
    assert [text.startswith("person 'erased-") for text in said] == [True, True]
    assert repeats.repeat(actor=operator(), run=run.pk).differs == []
    assert json.loads(staffed.run("doctor", "--json"))["sound"]


def test_what_else_has_the_same_key_keeps_it(staffed: Installation) -> None:
    run = evaluate()
    erase("5")
    rows = parquet.read_table(run.place / "results.parquet").to_pylist()
    assert [r["partner"] for r in rows if r["subject"] == "5"] == ["P-1", "P-2"]
    assert {r["result"] for r in rows if r["subject"] == "5"} == {"sold_each"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT result FROM standings_results WHERE subject = '5'")
        assert cursor.fetchall() == [("sold_each",)]
    assert repeats.repeat(actor=operator(), run=run.pk).differs == []


def test_who_was_only_ever_refused_is_erased_too(staffed: Installation, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        "person,partner,since,country\ndora@quay.example ,P-1,soon,DE\nfay@quay.example,P-1,2020-01-01,DE\n"
    )
    import_file(actor=operator(), path=file)
    with pytest.raises(CallError, match="no fact names this person"):
        erase("DE")  # a country, however often a file names it
    assert standing_in(staffed, "dora@quay.example")
    assert erase("dora@quay.example") == {"refused": 1, "files": 1}
    assert standing_in(staffed, "dora@quay.example") == []
    assert json.loads(staffed.run("doctor", "--json"))["sound"]


@pytest.mark.parametrize("since", ["2020-01-01", "soon"])
def test_a_file_that_brings_an_erased_person_back_leaves_nothing(
    staffed: Installation, tmp_path: Path, since: str
) -> None:
    erase(ANNA)
    file = tmp_path / "again.csv"
    file.write_text(f"person,partner,since\n{ANNA},P-1,{since}\n")
    for _ in range(2):
        staffed.run("import", file)
        assert standing_in(staffed, ANNA) == []
    assert json.loads(staffed.run("doctor", "--json"))["sound"]


# -- interrupted ------------------------------------------------------------------------------------------------------


def interrupted(person: str, *, committed: bool) -> None:
    """An erasure whose process dies once everything is written: just before, or just after it is on record."""
    with pytest.MonkeyPatch.context() as patch:
        # what ends a process has no hook of its own: what it would have done next is left out
        patch.setattr(transaction, "on_commit", lambda *_: None)
        with transaction.atomic():
            erase(person)
            transaction.set_rollback(not committed)


def test_an_erasure_interrupted_before_it_is_on_record_has_done_nothing(staffed: Installation) -> None:
    run = evaluate()
    interrupted(ANNA, committed=False)
    assert redaction.waiting(run.place, "results").exists()
    assert not Redacted.objects.exists()
    assert json.loads(staffed.run("doctor", "--json"))["sound"]
    assert repeats.repeat(actor=operator(), run=run.pk).differs == []
    erase(ANNA)
    assert standing_in(staffed, ANNA) == []
    assert repeats.repeat(actor=operator(), run=run.pk).differs == []


@pytest.mark.parametrize("remedy", ["doctor", "another"])
def test_an_erasure_interrupted_on_record_is_completed(staffed: Installation, remedy: str) -> None:
    run = evaluate()
    interrupted(ANNA, committed=True)
    assert standing_in(staffed, ANNA) == [str((run.place / "results.parquet").relative_to(staffed.home))]
    said = json.loads(staffed.run("doctor", "--json", fails=1))
    assert [c["check"] for c in said["checks"] if not c["ok"]] == ["erasures"]
    if remedy == "doctor":
        assert json.loads(staffed.run("doctor", "--mend", "--json"))["sound"]
    else:
        erase("ben@quay.example")
    assert standing_in(staffed, ANNA) == []
    assert repeats.repeat(actor=operator(), run=run.pk).differs == []
    assert kept.complete_erasures() == 0


def test_a_folder_of_before_the_erasure_is_told(staffed: Installation) -> None:
    run = evaluate(date(2026, 5, 31))
    evaluate()
    path = run.place / "results.parquet"
    before = path.read_bytes()
    erase(ANNA)
    path.chmod(0o644)
    path.write_bytes(before)
    said = json.loads(staffed.run("doctor", "--json", fails=1))
    assert [c["says"] for c in said["checks"] if not c["ok"]] == [f"run {run.pk} differs"]


def test_an_erasure_waits_for_whoever_judges_and_they_for_it(staffed: Installation) -> None:
    done: list[str] = []

    def in_a_thread(name: str, call: Callable[[], object]) -> threading.Thread:
        def work() -> None:
            try:
                call()
                done.append(name)
            finally:
                connection.close()

        thread = threading.Thread(target=work)
        thread.start()
        return thread

    def waiting(database: psycopg.Connection[Any], many: int) -> None:
        asked = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
        for _ in range(1000):
            if database.execute(asked, [turns.JUDGING]).fetchone() == (many,):
                return
            database.execute("SELECT pg_sleep(0.02)")
        raise AssertionError(f"there are never {many} that wait")

    with psycopg.connect(staffed.url, autocommit=True) as database:
        with turns.judging():
            erasing = in_a_thread("erased", lambda: erase(ANNA))
            waiting(database, 1)
            judging = in_a_thread("judged", evaluate)
            waiting(database, 2)
            assert done == []
        erasing.join()
        judging.join()
    assert sorted(done) == ["erased", "judged"]
    assert standing_in(staffed, ANNA) == []


def test_a_run_that_was_killed_keeps_nobody_from_being_erased(staffed: Installation) -> None:
    run = evaluate()
    Run.objects.create(
        version_id=run.version_id, edition=run.edition, edition_hash=run.edition_hash, as_of=DAY, rules_as_of=DAY,
        kind="all", state="running", reason="test", actor="test", started=run.started,
    )  # fmt: skip
    killed = Run.objects.get(state="running")
    left = staffed.home / "runs" / f".{killed.uuid}-x"
    left.mkdir()
    (left / "results.parquet").write_bytes((run.place / "results.parquet").read_bytes())
    erase(ANNA)
    assert standing_in(staffed, ANNA) == []


# -- what the database refuses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT standings_erase('eve@quay.example', 'erased-0', '{}', 'x', 'y')",
        "UPDATE standings_results SET subject = 'x'",
        "INSERT INTO standings_redacted (run_id, output, digest, at, erasure_id) SELECT min(r.id), 'results', 'x', now(), min(e.id) "
        "FROM standings_run AS r, evidence_erasure AS e",
        "UPDATE standings_redacted SET digest = 'x'",
        "DELETE FROM standings_redacted",
    ],
)
def test_nothing_but_an_erasure_changes_what_a_run_concluded(staffed: Installation, statement: str) -> None:
    evaluate()
    erase(ANNA)
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
