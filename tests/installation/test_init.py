"""Does `hanse init` make an installation, once and again, and does every command say so where there is none?"""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from hanse.installation import start
from hanse.installation.address import APPLICATION_ROLE
from installation.places import Place, on

pytestmark = pytest.mark.postgres


def test_made_once_and_found_again(bare: Place) -> None:
    assert "run hanse init" in bare.run("users", "list", fails=2)
    first = json.loads(bare.run("init", "--json"))
    assert first["home"] == str(bare.home)
    assert "audit.0001_initial" in first["migrations"]
    assert json.loads(bare.run("init", "--json"))["migrations"] == []
    bare.run("users", "list")


def test_two_at_once_wait_for_each_other(bare: Place) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as pool:
        said = [json.loads(text)["migrations"] for text in pool.map(lambda _: bare.run("init", "--json"), range(2))]
    assert sorted(map(bool, said)) == [False, True]


def test_a_migration_that_is_missing_is_named(initialised: Place) -> None:
    with initialised.connect() as connection:
        connection.execute("DELETE FROM django_migrations WHERE app = 'contenttypes'")
    said = initialised.run("users", "list", fails=2)
    assert "contenttypes.0001_initial" in said
    assert "run hanse init" in said


def test_a_newer_database_is_refused(initialised: Place) -> None:
    with initialised.connect() as connection:
        connection.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('audit', '9999_later', now())")
    assert "audit.9999_later" in initialised.run("users", "list", fails=2)
    assert "newer hanse" in initialised.run("init", fails=2)


def test_the_application_has_few_rights(initialised: Place) -> None:
    with initialised.connect() as connection:
        connection.execute(f"SET ROLE {APPLICATION_ROLE}".encode())
        for statement in (
            "CREATE TABLE public.mine (a int)", "DROP TABLE evidence_batch", "DELETE FROM django_migrations",
            "UPDATE audit_entry SET actor = 'x'", "TRUNCATE evidence_sales", "CREATE ROLE another",
            "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        ):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


def test_who_may_make_no_role_is_told_what_to_ask_for(shared: Place) -> None:
    with psycopg.connect(on(shared.url, "postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE poor LOGIN")
        connection.execute("CREATE DATABASE poor OWNER hanse")
        connection.execute("GRANT ALL ON DATABASE poor TO poor")
    said = Place(shared.home, on(shared.url, "poor").replace("//hanse@", "//poor@")).run("init", fails=2)
    assert f'GRANT {APPLICATION_ROLE} TO "poor"' in said


def test_an_address_that_leads_nowhere(shared: Place) -> None:
    nowhere = Place(shared.home, "postgresql://hanse@127.0.0.1:1/hanse")
    assert "the database cannot be reached" in nowhere.run("init", fails=2)
    assert "the database cannot be reached" in nowhere.run("users", "list", fails=2)
    assert "cannot be read" in Place(shared.home, "postgresql://[").run("init", fails=2)


def test_migrations_are_told_by_their_files(shared: Place) -> None:
    """Names are compared without loading a migration; so they must be those that Django itself finds."""
    program = (
        "from hanse.installation import start; start.ready(); from django.db.migrations.loader import MigrationLoader;"
        " import sys; loaded = {'.'.join(k) for k in MigrationLoader(None, ignore_no_migrations=True).disk_migrations};"
        " sys.exit(loaded != start.brought())"
    )
    import subprocess
    import sys

    assert start.SETTINGS == "hanse.config.settings"
    subprocess.run([sys.executable, "-c", program], env=shared.environment(), check=True)


FILLED = (
    "directory_entry",
    "directory_held",
    "directory_posting",
    "likeness_record",
    "places_place",
    "standings_map_cell",
    "standings_listed",
)


def test_an_upgrade_fills_what_it_brings(initialised: Place) -> None:
    """As from a release without places, map and directory: their tables are empty, and nobody has to know it."""
    place = initialised
    folder, file = place.home / "harbour", place.home / "partners.csv"
    file.write_text("partner,name,country,city,joined\nP-1,Adler,DE,Hamburg,2020-01-01\nP-2,Bock,FR,Brest,2020-01-01\n")
    place.run("import", file)
    place.run("new-programme", folder)
    place.run("editions", "install", folder)
    place.run("editions", "in-force", "harbour", "--on", "2026-01-01", "--alone", "--reason", "a test")
    place.run("evaluate", "harbour", "--as-of", "2026-06-30")
    before = _kept(place)
    assert all(before.values())
    assert json.loads(place.run("init", "--json"))["made"] == []
    with place.connect() as connection:
        for table in FILLED[:-1]:
            connection.execute(f"DELETE FROM {table}".encode())
        connection.execute("DELETE FROM directory_book")
        connection.execute("UPDATE standings_listed SET x = NULL, y = NULL, cell = NULL")
    assert json.loads(place.run("init", "--json"))["made"] == ["places", "directory", "likeness"]
    assert _kept(place) == before
    assert json.loads(place.run("init", "--json"))["made"] == []
    place.run("doctor")


def _kept(place: Place) -> dict[str, list[Any]]:
    """What is kept beside the facts; the index by its terms, for its version moves on."""
    with place.connect() as connection:
        return {
            table: sorted(map(str, connection.execute(
                f"SELECT {'term, size' if table == 'directory_posting' else '*'} FROM {table}".encode()
            ).fetchall()))
            for table in FILLED
        }  # fmt: skip
