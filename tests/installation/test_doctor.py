"""Does the doctor find each thing that was broken on purpose, say how to mend it, and mend what is safe?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hanse.installation.address import APPLICATION_ROLE
from installation.places import Place, database_beside

pytestmark = pytest.mark.postgres
OF_THE_OWNER = "SET session_replication_role = replica"  # only a superuser may: it keeps triggers still


@pytest.fixture(scope="module")
def place(shared: Place) -> Iterator[Place]:
    """One installation with a partner or two, which each test breaks and mends."""
    for found in database_beside(shared, "hanse"):
        file = found.home / "partners.csv"
        file.write_text("partner,name,country\nP-1,Adler,DE\nP-2,Bock,FR\n")
        found.run("import", file)
        yield found


def wrong(place: Place, *options: str) -> list[dict[str, Any]]:
    """What the doctor finds wrong; asserts that its exit code says the same."""
    said = json.loads(place.run("doctor", "--json", *options, fails=1))
    assert not said["sound"]
    found = [check for check in said["checks"] if not check["ok"]]
    for check in found:
        assert all(check["problem"][key] for key in ("place", "what", "why", "remedy"))
    return found


def sound(place: Place, *options: str) -> dict[str, Any]:
    """What the doctor says where all is well in the end."""
    said: dict[str, Any] = json.loads(place.run("doctor", "--json", *options))
    assert said["sound"]
    return said


def run(place: Place, *statements: str) -> None:
    with place.connect() as connection:
        for statement in statements:
            connection.execute(statement.encode())


def as_superuser(place: Place, *statements: str) -> None:
    run(Place(place.home, place.url.replace("//hanse@", "//postgres@")), OF_THE_OWNER, *statements)


def test_a_new_installation_is_sound(place: Place) -> None:
    said = sound(place)
    assert {check["check"] for check in said["checks"]} >= {
        "python", "home", "disk", "server", "clock", "role", "migrations", "rules", "files", "work", "audit",
        "registry",
    }  # fmt: skip
    assert "ok" in place.run("doctor")


def test_rules_of_the_database(place: Place) -> None:
    """Everything that the migrations laid down is looked at, and comes back where that is safe."""
    run(
        place, "ALTER TABLE evidence_sales DISABLE TRIGGER refuse_delete",
        "DROP TRIGGER refuse_update ON audit_entry",
        f"GRANT DELETE ON evidence_people TO {APPLICATION_ROLE}",
        f"GRANT UPDATE (name) ON evidence_partners TO {APPLICATION_ROLE}",
        f"REVOKE INSERT ON evidence_batch FROM {APPLICATION_ROLE}",
    )  # fmt: skip
    found = wrong(place)
    assert {check["problem"]["place"] for check in found} == {
        "the trigger refuse_delete of evidence_sales", "the trigger refuse_update of audit_entry",
        "the table evidence_people", "the table evidence_partners", "the table evidence_batch",
    }  # fmt: skip
    assert "CREATE TRIGGER refuse_update" in next(c["problem"]["remedy"] for c in found if "audit" in c["says"])
    assert len(sound(place, "--mend")["mended"]) == 5


def test_a_rule_that_was_given_another_meaning(place: Place) -> None:
    body = "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} END $$"
    with place.connect() as connection:
        row = connection.execute("SELECT pg_get_functiondef('refuse_change'::regproc)").fetchone()
    assert row is not None
    run(place, body.format("RETURN NULL;"))
    (found,) = wrong(place, "--mend")  # nobody knows what was done meanwhile: not mended
    assert found["problem"]["place"] == "the function refuse_change"
    run(place, str(row[0]))
    sound(place)


def test_a_trail_that_was_tampered_with(place: Place) -> None:
    as_superuser(place, "UPDATE audit_entry SET actor = 'nobody' WHERE number = 1")
    (found,) = wrong(place)
    assert found["check"] == "audit"
    with place.connect() as connection:
        row = connection.execute("SELECT author FROM imports_import").fetchone()
    assert row is not None
    as_superuser(place, f"UPDATE audit_entry SET actor = '{row[0]}' WHERE number = 1")
    sound(place)


def test_a_registry_that_differs(place: Place) -> None:
    run(place, "UPDATE registry_partner SET name = 'Geier' WHERE key = 'P-1'")
    (found,) = wrong(place)
    assert "P-1" in found["problem"]["why"]
    assert sound(place, "--mend")["mended"]


def test_rights_of_the_role(place: Place) -> None:
    as_superuser(place, f"ALTER ROLE {APPLICATION_ROLE} LOGIN CREATEDB")
    assert len(wrong(place)) == 2
    as_superuser(place, f"ALTER ROLE {APPLICATION_ROLE} NOLOGIN NOCREATEDB")
    run(place, f"GRANT CREATE ON SCHEMA public TO {APPLICATION_ROLE}")
    (found,) = wrong(place)
    assert "may make tables" in found["says"]
    assert sound(place, "--mend")["mended"]


def test_kept_files_and_folders(place: Place) -> None:
    (kept,) = (place.home / "files").iterdir()
    content = kept.read_bytes()
    kept.write_bytes(content.replace(b"Adler", b"Geier"))
    assert "changed" in wrong(place)[0]["problem"]["what"]
    kept.unlink()
    assert "missing" in wrong(place)[0]["problem"]["what"]
    kept.write_bytes(content)
    (place.home / "files").chmod(0o755)
    (found,) = wrong(place)
    assert found["problem"]["remedy"] == f"chmod go= {place.home / 'files'}"
    assert sound(place, "--mend")["mended"]


def test_work_that_stands_still(place: Place) -> None:
    job = "INSERT INTO procrastinate_jobs (queue_name, task_name, status, args) VALUES ('q', 'judge', '{}', '{{}}')"
    forget = "DELETE FROM procrastinate_jobs WHERE task_name = 'judge'"
    run(place, job.format("failed"), job.format("doing"), job.format("todo"))
    of_them = "job_id IN (SELECT id FROM procrastinate_jobs WHERE task_name = 'judge')"
    run(place, f"UPDATE procrastinate_events SET at = now() - interval '2 hours' WHERE {of_them}")
    found = [check["problem"]["what"] for check in wrong(place)]
    assert any("have failed" in what for what in found)
    assert any("stood still" in what for what in found)
    assert any("waited for more than an hour" in what for what in found)
    assert [check["says"].split(" ", 1)[1] for check in wrong(place, "--mend")] == ["jobs wait"]
    run(place, forget)


def test_an_import_that_was_interrupted_is_completed(place: Place) -> None:
    file = place.home / "more.csv"
    file.write_text("partner,name,country\nP-3,Fuchs,DE\n")
    place.run("import", file)
    with place.connect() as connection:
        row = connection.execute("SELECT max(id) FROM imports_import").fetchone()
    assert row is not None
    as_superuser(
        place, f"UPDATE imports_import SET state = 'waiting', batch_id = NULL, finished = NULL WHERE id = {row[0]}"
    )
    (found,) = wrong(place)
    assert found["says"] == f"import {row[0]} waits"
    assert sound(place, "--mend")["mended"]


def test_migrations_that_are_missing(place: Place) -> None:
    run(place, "DELETE FROM django_migrations WHERE app = 'contenttypes'")
    (found,) = wrong(place)
    assert found["problem"]["remedy"] == "run hanse init"
    run(place, "INSERT INTO django_migrations (app, name, applied) VALUES ('contenttypes', '0001_initial', now())",
        "INSERT INTO django_migrations (app, name, applied) VALUES"
        " ('contenttypes', '0002_remove_content_type_name', now())")  # fmt: skip
    sound(place)


def test_a_server_that_is_not_there(place: Place, tmp_path: Path) -> None:
    found = wrong(Place(tmp_path, "postgresql://hanse@127.0.0.1:1/hanse"))
    assert [check["check"] for check in found] == ["database"]
    assert "hanse init" in wrong(Place(tmp_path / "none", place.url))[0]["problem"]["remedy"]
