"""Is the embedded server found again, whatever happened to it, with all that was committed?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from itertools import cycle, islice
from pathlib import Path

import psutil
import psycopg
import pytest

from hanse.installation import data_folder, home, programs, server
from hanse.language.problems import CallError

KILLS = int(os.environ.get("HANSE_SERVER_KILLS", "6"))
pytestmark = pytest.mark.postgres
USER = """
import sys
from hanse.installation import server
import psycopg
with psycopg.connect(server.start()) as connection:
    connection.execute("INSERT INTO kept VALUES (%s)", [int(sys.argv[1])])
sys.stdout.write("in\\n")
sys.stdout.flush()
sys.stdin.read()
"""


def postmaster() -> psutil.Process:
    return psutil.Process(int((home.room("database") / "data/postmaster.pid").read_text().split()[0]))


def kill(*processes: psutil.Process) -> None:
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:  # killed with the one before
            continue


def kill_postmaster() -> None:
    kill(postmaster())


def kill_all() -> None:
    found = postmaster()
    kill(found, *found.children())


def kill_a_child() -> None:
    kill(next(child for child in postmaster().children() if "writer" in " ".join(child.cmdline())))


def kept(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row is not None
    return int(row[0])


def test_found_again_after_every_kill(home_folder: Path) -> None:
    url = server.start()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (number int)")
    for number, strike in enumerate(islice(cycle((kill_postmaster, kill_all, kill_a_child)), KILLS), start=1):
        with psycopg.connect(server.start()) as connection:
            connection.execute("INSERT INTO kept VALUES (%s)", [number])
        strike()
        again = server.start()
        assert again == url
        if strike is kill_a_child:  # its parent notices by and by, and ends every session then
            try:
                assert kept(again) == number
            except psycopg.OperationalError:
                again = server.start()
        assert kept(again) == number


def test_killed_while_it_works(home_folder: Path) -> None:
    """What a busy server was asked last is lost or there as a whole."""
    url = server.start()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (number int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO kept SELECT generate_series(1, 100000)")
        kill_all()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    assert kept(server.start()) == 1000


def test_two_processes_share_one_server_and_the_last_stops_it(home_folder: Path) -> None:
    url = server.start()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (number int)")
    assert server.stop()
    users = [
        subprocess.Popen([sys.executable, "-c", USER, str(n)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for n in range(3)
    ]
    for user in users:
        assert user.stdout is not None
        assert user.stdout.readline() == "in\n"
    running = home.room("database") / "data/postmaster.pid"  # goes away when the server ends in order
    users[0].send_signal(signal.SIGKILL)  # says good-bye to nobody
    users[0].wait()
    users[1].communicate("")
    assert running.exists()
    users[2].communicate("")
    assert not running.exists()
    for user in users:
        assert user.stdin is not None
        assert user.stdout is not None
        user.stdin.close()
        user.stdout.close()
    assert kept(server.start()) == 3


def test_kept_running_when_asked(home_folder: Path) -> None:
    program = "from hanse.installation import server; server.start(keep=True)"
    subprocess.run([sys.executable, "-c", program], check=True)
    assert postmaster().name().startswith("postgres")
    server.start()
    assert server.stop()


@pytest.mark.parametrize("number", ["mine", "1", "999999999", "", "?"])
def test_a_pid_of_somebody_else_is_no_server(home_folder: Path, number: str) -> None:
    """After a container's restart the old number may be any program's."""
    server.start()
    path = home.room("database") / "data/postmaster.pid"
    lines = path.read_text().split("\n")
    server.stop()
    first = str(os.getpid()) if number == "mine" else number
    path.write_text("\n".join([first, *lines[1:]]) if number else "")
    owner = path.parent.stat()
    os.chown(path, owner.st_uid, owner.st_gid)
    assert server.start()
    assert postmaster().pid != os.getpid()


def test_nobody_else_may_reach_the_socket(home_folder: Path) -> None:
    server.start()
    socket = server.socket_folder(home.room("database").resolve())
    assert socket.stat().st_mode & 0o077 == 0
    assert (home.room("database") / "data").stat().st_mode & 0o077 == 0


def test_a_long_path_gets_a_socket_elsewhere(home_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = home_folder / ("a" * 60) / ("b" * 60)
    monkeypatch.setenv("HANSE_HOME", str(deep))
    with psycopg.connect(server.start()) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("hanse",)
    socket = server.socket_folder(home.room("database").resolve())
    assert not socket.is_relative_to(deep)
    assert socket.stat().st_mode & 0o077 == 0
    assert server.stop()
    socket.rmdir()


@pytest.mark.parametrize(
    ("version", "says"), [("15", "hanse backup"), ("12", "hanse backup"), ("19", "of a newer one")]
)
def test_a_folder_of_a_version_we_cannot_read_is_refused_untouched(home_folder: Path, version: str, says: str) -> None:
    server.start()
    server.stop()
    data = home.room("database") / "data"
    (data / "PG_VERSION").write_text(f"{version}\n")
    before = everything_in(data)
    with pytest.raises(CallError) as refused:
        server.start()
    (problem,) = refused.value.problems
    assert version in problem.what
    assert says in problem.why + problem.remedy
    assert everything_in(data) == before
    (data / "PG_VERSION").write_text(f"{programs.VERSION}\n")
    assert server.start()


def test_a_folder_of_something_else_is_refused_untouched(home_folder: Path) -> None:
    data = home.room("database") / "data"
    data.mkdir()
    (data / "letters.txt").write_text("mine")
    with pytest.raises(CallError, match="not a data folder"):
        server.start()
    assert everything_in(data) == {"letters.txt": (4, b"mine")}


def test_an_older_folder_is_upgraded_and_the_old_one_kept(home_folder: Path) -> None:
    database = home.room("database").resolve()
    runner = programs.runner(database / "data")
    data_folder._open_to(runner, database)
    data = database / "data"
    programs.run("initdb", "--auth=trust", "-U", "postgres", "-D", str(data), runner=runner, version=16)
    run_16 = ("-w", "-o", f"-h '' -k {data}", "-l", str(database / "log"), "-D", str(data))
    programs.run("pg_ctl", *run_16, "start", runner=runner, version=16)
    with psycopg.connect(server.address(data, user="postgres", database="postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE hanse LOGIN")
        connection.execute("CREATE DATABASE hanse OWNER hanse")
    with psycopg.connect(server.address(data, user="hanse", database="hanse"), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (number int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 500)")
    os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)  # not shut down in order
    with psycopg.connect(server.start()) as connection:
        assert connection.info.server_version // 10_000 == programs.VERSION
        assert connection.execute("SELECT count(*), sum(number) FROM kept").fetchone() == (500, 125_250)
    assert data_folder.version_of(database / "data.16") == 16


def test_an_upgrade_that_fails_leaves_the_old_folder(home_folder: Path) -> None:
    server.start()
    server.stop()
    data = home.room("database") / "data"
    (data / "PG_VERSION").write_text("16\n")  # it is none, so pg_upgrade refuses it
    before = everything_in(data)
    with pytest.raises(CallError, match="cannot be upgraded"):
        server.start()
    assert everything_in(data) == before
    assert not (data.parent / "data.new").exists()


def test_a_server_that_cannot_start_says_why(home_folder: Path) -> None:
    server.start()
    server.stop()
    data = home.room("database") / "data"
    (data / "postgresql.conf").write_text("max_connections = many\n")
    with pytest.raises(CallError) as refused:
        server.start()
    (problem,) = refused.value.problems
    assert problem.place.endswith("/log")
    assert "max_connections" in problem.why


def everything_in(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file below, with its size and content."""
    return {
        str(path.relative_to(folder)): (path.stat().st_size, path.read_bytes())
        for path in sorted(folder.rglob("*")) if path.is_file()
    }  # fmt: skip
