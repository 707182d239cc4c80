"""A real PostgreSQL for the tests of apps and pages: one server per worker, a template, clones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import django
import psycopg
import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hanse.config.web")  # every app, those of the pages too
os.environ.setdefault("HANSE_SECRET_KEY", "of the tests only")  # so that reading the settings writes no file
django.setup()  # models are imported when tests are collected

TEMPLATE, ROLLED_BACK = "hanse_template", "hanse_rolled_back"
_numbers = count(1)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The address of a server of this worker's own, without a database's name to it."""
    from hanse.installation import server

    folder = Path(tempfile.mkdtemp(prefix="hanse-apps-"))
    before = {name: os.environ.get(name) for name in ("HANSE_HOME", "HANSE_DATABASE_URL")}
    os.environ["HANSE_HOME"] = str(folder)
    os.environ.pop("HANSE_DATABASE_URL", None)
    url = server.start()
    yield url
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def database_url(server_url: str, name: str) -> str:
    """The same server, another database."""
    parts = psycopg.conninfo.conninfo_to_dict(server_url) | {"dbname": name}
    host = parts.pop("host")
    return f"postgresql://{parts['user']}@/{name}?host={host}"


def administered(server_url: str, statement: str) -> None:
    """Runs a statement about databases; as the superuser where it cuts others off: an autovacuum may be in there."""
    url = database_url(server_url, "postgres")
    if statement.startswith(("DROP", "SELECT pg_terminate_backend")):
        url = url.replace("//hanse@", "//postgres@", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    """The address of the migrated database that tests clone, and that `database` uses inside a transaction."""
    administered(server_url, f"CREATE DATABASE {TEMPLATE}")
    url = database_url(server_url, TEMPLATE)
    connect(url)
    from hanse.installation import start

    start.migrate()
    connect(None)
    return url


@pytest.fixture(scope="session")
def rolled_back(server_url: str, template: str) -> str:
    """The address of the database of what is taken back. Not the template: sequences go on, whatever is taken back."""
    assert template
    administered(server_url, f"CREATE DATABASE {ROLLED_BACK} TEMPLATE {TEMPLATE}")
    return database_url(server_url, ROLLED_BACK)


@pytest.fixture
def database(rolled_back: str) -> Iterator[None]:
    """The migrated database, as the application's role sees it; what a test does is rolled back."""
    from django.db import transaction

    connect(rolled_back)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    connect(None)


@pytest.fixture
def committed(server_url: str, template: str) -> Iterator[str]:
    """A fresh database of the test's own, for what must commit, have several connections, or be killed; its address."""
    name = f"hanse_{os.getpid()}_{next(_numbers)}"
    connect(None)
    administered(server_url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    url = database_url(server_url, name)
    connect(url)
    yield url
    connect(None)
    administered(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def connect(url: str | None) -> None:
    """Points Django at a database; None closes what is open."""
    from django.db import connections

    from hanse.installation.address import APPLICATION_ROLE, django_database

    connections.close_all()
    if url is None:
        os.environ.pop("HANSE_DATABASE_URL", None)
        return
    os.environ["HANSE_DATABASE_URL"] = url
    for alias, role in (("default", APPLICATION_ROLE), ("owner", None)):
        connections[alias].settings_dict.update(django_database(role=role))


@dataclass
class Installation:
    """An installation as its user has it: a database and a home of its own, and the command line."""

    url: str
    home: Path

    def run(self, *arguments: object, fails: int = 0, stdin: str | None = None) -> str:
        """Runs `hanse ...`, asserts its exit code, and returns what it wrote (both streams where it failed)."""
        kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        done = subprocess.run(
            [sys.executable, "-m", "hanse.fronts.cli.main", *map(str, arguments)],
            env=kept | self.environment, capture_output=True, text=True, input=stdin, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == fails, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout if not fails else done.stdout + done.stderr

    @property
    def environment(self) -> dict[str, str]:
        return {"HANSE_DATABASE_URL": self.url, "HANSE_HOME": str(self.home)}

    def connect(self) -> psycopg.Connection[Any]:
        """A connection as the owner."""
        return psycopg.connect(self.url)


@pytest.fixture
def installation(committed: str, tmp_path: Path) -> Iterator[Installation]:
    """A fresh installation; this process has the same home and database."""
    before = os.environ.get("HANSE_HOME")
    home = tmp_path / "home"
    home.mkdir()
    os.environ["HANSE_HOME"] = str(home)
    yield Installation(committed, home)
    if before is not None:
        os.environ["HANSE_HOME"] = before
