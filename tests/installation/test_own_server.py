"""Does an installation work on a server of one's own: an older version, a password, few rights?"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from installation.places import Place, new_folder

pytestmark = pytest.mark.postgres
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
PASSWORD = "of the tests only"


def as_its_user() -> dict[str, Any]:
    """PostgreSQL refuses root: the package's own user runs it then."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("postgres")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """host:port of a server of the machine's package, with a user that may make roles, and one that may not."""
    found = [folder for folder in PROGRAMS if (folder / "initdb").exists()]
    if not found:
        pytest.skip(
            "NOT TESTED on a server of one's own: install the package postgresql (/usr/lib/postgresql/*/bin/initdb)"
        )
    programs, folder = found[0], new_folder()
    data = folder / "data"
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*command: object) -> None:
        subprocess.run(
            [str(part) for part in command], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            cwd="/", **as_its_user(),
        )  # fmt: skip

    run(
        programs / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "--auth-local=trust",
        "--auth-host=scram-sha-256",
        "-E",
        "UTF8",
    )
    switches = f"-h 127.0.0.1 -p {port} -k {folder}"
    run(programs / "pg_ctl", "-w", "-D", data, "-l", folder / "log", "-o", switches, "start")
    try:
        with psycopg.connect(
            f"postgresql://postgres@/postgres?host={folder}&port={port}", autocommit=True
        ) as connection:
            connection.execute(f"CREATE ROLE vendor LOGIN CREATEROLE PASSWORD '{PASSWORD}'".encode())
            for name in ("hanse", "again"):
                connection.execute(f"CREATE DATABASE {name} OWNER vendor".encode())
        yield f"127.0.0.1:{port}"
    finally:
        run(programs / "pg_ctl", "-w", "-m", "fast", "-D", data, "stop")
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def place(address: str, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An installation there, with some partners."""
    folder = tmp_path_factory.mktemp("own")
    made = Place(folder / "home", f"postgresql://vendor@{address}/hanse", {"PGPASSWORD": PASSWORD})
    assert json.loads(made.run("init", "--json"))["embedded"] is False
    file = folder / "partners.csv"
    file.write_text("partner,name,country\n" + "".join(f"P-{n},Adler {n},DE\n" for n in range(500)))
    made.run("import", file)
    return made


def test_from_init_to_restore(place: Place, address: str, tmp_path: Path) -> None:
    doctor = json.loads(place.run("doctor", "--json"))
    assert doctor["sound"], doctor
    with psycopg.connect(place.url, password=PASSWORD, autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM facts.partners").fetchone() == (500,)
        for statement in (
            "DELETE FROM evidence_partners",
            "UPDATE audit_entry SET why = 'x'",
            "TRUNCATE evidence_batch",
        ):
            with pytest.raises(psycopg.Error, match=r"append-only|foreign key"):
                connection.execute(statement.encode())
    said = json.loads(place.run("backup", tmp_path / "b.tar", "--json"))
    again = Place(tmp_path / "again", f"postgresql://vendor:{PASSWORD.replace(' ', '%20')}@{address}/again")
    assert json.loads(again.run("restore", tmp_path / "b.tar", "--json"))["audit_head"] == said["audit_head"]
    assert json.loads(again.run("doctor", "--json"))["sound"]
    assert PASSWORD not in again.run("init")


def test_a_dump_of_an_older_server_fits_the_embedded_one(place: Place, tmp_path: Path) -> None:
    """One may begin on a server and move to the embedded database, though not back to an older version."""
    place.run("backup", tmp_path / "b.tar")
    folder = new_folder()
    embedded = Place(folder)
    try:
        embedded.run("restore", tmp_path / "b.tar")
        assert json.loads(embedded.run("doctor", "--json"))["sound"]
        embedded.run("backup", tmp_path / "back.tar")
    finally:
        shutil.rmtree(folder)
    assert "newer server" in place.run("restore", tmp_path / "back.tar", "--replace", fails=2)
