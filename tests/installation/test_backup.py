"""Does a restored installation answer the same, and is anything but a whole backup refused?"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from hanse.installation.state import state_of
from installation.places import Place, database_beside

pytestmark = pytest.mark.postgres
CONTENT = "partner,name,country\n" + "".join(f"P-{n},Adler {n},DE\n" for n in range(3000))
FILE = hashlib.sha256(CONTENT.encode()).hexdigest()
RUN = "0b5f7e0c-1c35-4f0e-9a51-0b0f3a1de0aa"


def fill(place: Place, tmp_path: Path) -> None:
    """What a used installation has: a trail, facts, a kept file, a run's folder; and what is only being written."""
    for name in ("ann@firm.example", "bo@firm.example"):
        place.run("users", "add", name)
    (tmp_path / "partners.csv").write_text(CONTENT)
    place.run("import", tmp_path / "partners.csv")
    place.run("doctor", "--mend")  # makes the directory, as a worker would have
    for name in (f"runs/{RUN}/run.json", "files/partial-half", "runs/.begun/half"):
        path = place.home / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text("{}")


@pytest.fixture(scope="module")
def model(shared: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A used installation that the tests copy."""
    for place in database_beside(shared, "hanse"):
        fill(place, tmp_path_factory.mktemp("filled"))
        yield place


@pytest.fixture
def used(shared: Place, model: Place) -> Iterator[Place]:
    """A used installation of the test's own."""
    name = str(conninfo_to_dict(model.url)["dbname"])
    for place in database_beside(shared, name):
        shutil.copytree(model.home, place.home, dirs_exist_ok=True)
        yield place


def whole(found: dict[str, Any]) -> dict[str, Any]:
    """The same without what was only being written: no backup takes that."""
    return found | {"files": {name: content for name, content in found["files"].items() if "half" not in name}}


def everything(place: Place) -> dict[str, Any]:
    """All rows of all tables (as a sum each), the end of the trail, the files, and how numbers go on."""
    with place.connect() as connection:
        state = state_of(connection)
        sums = {
            table: connection.execute(
                f"SELECT md5(coalesce(string_agg(t::text, '\n' ORDER BY t::text), '')) FROM {table} AS t".encode()
            ).fetchone()
            for table in state.rows
        }
        last = connection.execute(
            "SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2"
        ).fetchall()
        rights = connection.execute(
            "SELECT relname, relacl::text[] FROM pg_class WHERE relacl IS NOT NULL"
            " AND relnamespace = 'public'::regnamespace ORDER BY 1"
        ).fetchall()
    files = {
        str(path.relative_to(place.home)): path.read_bytes()
        for room in ("files", "runs") for path in sorted((place.home / room).rglob("*")) if path.is_file()
    }  # fmt: skip
    return {"state": state, "sums": sums, "sequences": last, "rights": rights, "files": files}


def test_a_restored_system_answers_the_same(used: Place, bare: Place, tmp_path: Path) -> None:
    users, trail = used.run("users", "list", "--json"), used.run("audit", "list", "--json")
    before = everything(used)
    file = tmp_path / "b.tar"
    said = json.loads(used.run("backup", file, "--json"))
    assert everything(used) == before
    assert said["files"] == 2
    assert json.loads(bare.run("restore", file, "--json"))["rows"] == said["rows"]
    after = everything(bare)
    assert sorted(after["files"]) == [f"files/{FILE}", f"runs/{RUN}/run.json"]
    assert after == whole(before)
    assert bare.run("users", "list", "--json") == users
    assert bare.run("audit", "list", "--json") == trail
    assert said["audit_head"] in bare.run("audit", "verify", "--expect", said["audit_head"])
    doctor = json.loads(bare.run("doctor", "--json"))
    assert doctor["sound"], doctor


def test_nothing_is_overwritten_unasked(used: Place, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    used.run("backup", file)
    written = file.read_bytes()
    assert "exists already" in used.run("backup", file, fails=2)
    assert file.read_bytes() == written
    before = everything(used)
    assert "not empty" in used.run("restore", file, fails=2)
    assert everything(used) == before
    used.run("users", "add", "cy@firm.example")
    used.run("restore", file, "--replace")
    assert everything(used) == whole(before)
    assert "cy@firm.example" not in used.run("users", "list")


def test_a_damaged_backup_is_refused(used: Place, bare: Place, tmp_path: Path) -> None:
    used.run("backup", tmp_path / "b.tar")
    content = (tmp_path / "b.tar").read_bytes()
    dump = content.index(b"PGDMP")
    broken = {
        "short.tar": content[: len(content) // 2],
        "cut at the end.tar": content[:-20_000],
        "changed dump.tar": content[: dump + 900] + bytes([content[dump + 900] ^ 1]) + content[dump + 901 :],
        "changed file.tar": content.replace(b"P-1,Adler", b"P-1,Geier", 1),
        "empty.tar": b"",
        "no tar.tar": b"hello" * 1000,
    }
    for name, found in broken.items():
        path = tmp_path / name
        path.write_bytes(found)
        assert found != content
        assert "no whole backup" in bare.run("restore", path, fails=2)
    with bare.connect() as connection:
        assert not state_of(connection).rows
    assert not any((bare.home / room).exists() for room in ("files", "runs"))


def test_a_backup_that_says_something_else_than_it_holds_changes_nothing(
    used: Place, bare: Place, tmp_path: Path
) -> None:
    """The counts are compared in the transaction that fills the database."""
    file = tmp_path / "b.tar"
    used.run("backup", file)
    for key, value, says in (
        ("rows", {"public.evidence_partners": 2999}, "public.evidence_partners is not what was backed up"),
        ("audit_head", "1:00", "the end of the audit trail is not what was backed up"),
        ("server", 99, "the backup is of PostgreSQL 99"),
        ("migrations", ["audit.9999_later"], "made by a newer hanse"),
        ("format", 2, "is of format 2"),
    ):
        other = tmp_path / f"{key}.tar"
        rewritten(file, other, key, value)
        assert says in bare.run("restore", other, fails=2)
        with bare.connect() as connection:
            assert not state_of(connection).rows


def rewritten(source: Path, target: Path, key: str, value: object) -> None:
    """The same backup with something else in its manifest."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for entry in old:
            file = old.extractfile(entry)
            assert file is not None
            if entry.name == "manifest.json":
                content = json.dumps(json.load(file) | {key: value}).encode()
                entry.size = len(content)
                target.with_suffix(".json").write_bytes(content)
                with target.with_suffix(".json").open("rb") as changed:
                    new.addfile(entry, changed)
            else:
                new.addfile(entry, file)


def test_killed_while_restoring(used: Place, bare: Place, tmp_path: Path) -> None:
    """Whatever is there then, it is no half of a database; and a second start completes it."""
    file = tmp_path / "b.tar"
    used.run("backup", file)
    for patience in (0.7, 1.0, 1.3, 1.6):
        command = [sys.executable, "-m", "hanse.fronts.cli.main", "restore", str(file), "--replace"]
        with subprocess.Popen(
            command, env=bare.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as going:
            time.sleep(patience)
            os.kill(going.pid, signal.SIGKILL)
        with bare.connect() as connection:
            rows = state_of(connection).rows
        assert rows.get("public.evidence_partners", 3000) == 3000
    bare.run("restore", file, "--replace")
    with bare.connect() as connection, used.connect() as other:
        assert state_of(connection) == state_of(other)


def test_an_interrupted_backup_leaves_no_backup(used: Place, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    with used.connect() as connection, connection.transaction():
        connection.execute("LOCK TABLE audit_entry")  # so that counting waits
        command = [sys.executable, "-m", "hanse.fronts.cli.main", "backup", str(file)]
        with subprocess.Popen(command, env=used.environment(), stderr=subprocess.DEVNULL) as going:
            while not list(tmp_path.iterdir()):
                time.sleep(0.05)
            os.kill(going.pid, signal.SIGKILL)
    assert not file.exists()
    used.run("backup", file)
    assert [path.name for path in tmp_path.iterdir()] == ["b.tar"]


def test_a_backup_names_its_folder_when_there_is_none(used: Place, tmp_path: Path) -> None:
    assert "the folder does not exist" in used.run("backup", tmp_path / "none" / "b.tar", fails=2)
    assert "No such file" in used.run("restore", tmp_path / "none.tar", fails=2)
